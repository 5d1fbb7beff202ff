/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory maps a guest can ask for: the machine's, the one its builder set, and the m2p table's. */
#include "domain/memory.h"

#include "abi/errno.h"
#include "cpu/percpu.h"
#include "domain/domain.h"
#include "hypercall/hypercall.h"
#include "mm/hvmap.h"
#include "mm/layout.h"
#include "mm/pool.h"
#include "mm/ram.h"
#include "p2m/copy.h"

/* What the toolstack may set: as many entries as a BIOS map has had room for (boot protocol). */
#define MAP_ENTRIES_MAX 128

/* A domain's map, never changed once it can be read: a new one replaces it. */
struct xen_memory_map_store {
    uint32_t count;
    struct e820_entry entries[];
};

/* Write as many entries as the caller has room for, and their number. */
static long put_map(uint64_t gva, const struct e820_entry *entries, uint32_t count)
{
    struct xen_memory_map map;

    if (copy_from_guest(&map, gva, sizeof(map)))
        return -EFAULT;
    if (!count)
        return -ENOSYS;
    map.nr_entries = min(map.nr_entries, count);
    if (copy_to_guest(GUEST_VA(map.buffer), entries, map.nr_entries * sizeof(*entries)) ||
        copy_to_guest(gva, &map, sizeof(map)))
        return -EFAULT;
    return 0;
}

long memory_map_get(uint64_t gva)
{
    struct domain *d = vcpu_current()->domain;
    struct xen_memory_map_store *copy;
    uint32_t count;
    long rc;

    /* Copied, for the control domain may set another one meanwhile. */
    copy = pool_alloc(sizeof(*copy) + MAP_ENTRIES_MAX * sizeof(copy->entries[0]));
    if (!copy)
        return -ENOMEM;
    spin_lock(&d->page_lock);
    count = d->memory_map ? d->memory_map->count : 0;
    for (uint32_t i = 0; i < count; i++)
        copy->entries[i] = d->memory_map->entries[i];
    spin_unlock(&d->page_lock);
    rc = put_map(gva, copy->entries, count);
    pool_free(copy);
    return rc;
}

long memory_map_get_machine(uint64_t gva)
{
    struct xen_memory_map map;
    struct e820_entry entry;
    uint64_t base, bytes;
    uint32_t i, type;

    if (copy_from_guest(&map, gva, sizeof(map)))
        return -EFAULT;
    if (!caller_is_control())
        return -EPERM;
    /* all of it or nothing */
    if (ram_machine_map_entry(map.nr_entries, &base, &bytes, &type))
        return -EINVAL;
    for (i = 0; ram_machine_map_entry(i, &base, &bytes, &type); i++) {
        entry = (struct e820_entry){.base = base, .bytes = bytes, .type = type};
        if (copy_to_guest(GUEST_VA(map.buffer) + i * sizeof(entry), &entry, sizeof(entry)))
            return -EFAULT;
    }
    map.nr_entries = i;
    return copy_to_guest(gva, &map, sizeof(map));
}

int memory_map_init(struct domain *d, const struct e820_entry *entries, uint32_t count)
{
    struct xen_memory_map_store *map;

    map = pool_alloc(sizeof(*map) + count * sizeof(map->entries[0]));
    if (!map)
        return -ENOMEM;
    map->count = count;
    for (uint32_t i = 0; i < count; i++)
        map->entries[i] = entries[i];
    d->memory_map = map;
    return 0;
}

long memory_map_set(uint64_t gva)
{
    struct xen_foreign_memory_map arg;
    struct xen_memory_map_store *map, *old;
    struct domain *d;
    size_t bytes;
    int rc;

    if (copy_from_guest(&arg, gva, sizeof(arg)))
        return -EFAULT;
    if (!caller_is_control())
        return -EPERM;
    if (arg.map.nr_entries > MAP_ENTRIES_MAX)
        return -EINVAL;
    rc = memory_target(arg.domid, &d);
    if (rc)
        return rc;
    bytes = arg.map.nr_entries * sizeof(map->entries[0]);
    map = pool_alloc(sizeof(*map) + bytes);
    rc = map ? copy_from_guest(map->entries, GUEST_VA(arg.map.buffer), bytes) : -ENOMEM;
    if (!rc) {
        map->count = arg.map.nr_entries;
        spin_lock(&d->page_lock);
        old = d->memory_map;
        d->memory_map = map;
        spin_unlock(&d->page_lock);
        map = old;
    }
    pool_free(map);
    domain_put(d);
    return rc;
}

long memory_machphys_mapping(uint64_t gva)
{
    struct xen_machphys_mapping map = {
        .v_start = VA_M2P_RO,
        .v_end = VA_M2P_END,
        /* a guest that may be moved must make do with any machine's numbers */
        .max_mfn = caller_is_control() ? hvmap_max_mfn() - 1 : MACH2PHYS_NR_ENTRIES - 1,
    };

    return copy_to_guest(gva, &map, sizeof(map));
}

long memory_machphys_mfn_list(uint64_t gva)
{
    struct xen_machphys_mfn_list list;
    uint64_t pieces = DIV_ROUND_UP(hvmap_max_mfn() * sizeof(uint64_t), 2 * MiB);
    uint64_t mfn = 0, i;

    if (copy_from_guest(&list, gva, sizeof(list)))
        return -EFAULT;
    /* One piece describes 1 GiB of RAM: the list is short. Where there is none, the one before it
     * stands for it: callers map all. */
    for (i = 0; i < pieces && i < list.max_extents; i++) {
        mfn_t piece = hvmap_m2p_piece(i);

        mfn = mfn_eq(piece, MFN_NONE) ? mfn : piece.n;
        if (copy_to_guest(GUEST_ELEM(GUEST_VA(list.extent_start), uint64_t, i), &mfn, sizeof(mfn)))
            return -EFAULT;
    }
    list.nr_extents = (unsigned int)i;
    return copy_to_guest(gva, &list, sizeof(list));
}
