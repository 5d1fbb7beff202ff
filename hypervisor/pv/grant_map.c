/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Granted frames in PV page tables: the L1 entry is named by the virtual address it maps, or by its
 * own machine address (GNTMAP_contains_pte). An entry made here is like any other afterwards: it
 * holds its references until it is overwritten or its table goes.
 */
#include "pv/grant_map.h"

#include "abi/errno.h"
#include "cpu/percpu.h"
#include "domain/domain.h"
#include "mm/hvmap.h"
#include "pv/pte_update.h"
#include "pv/pv.h"
#include "pv/type.h"

/* The entry meant by @host_addr; NULL: none of @d's. @d's lock held. frame_unmap() it. */
static uint64_t *entry_find(struct domain *d, uint64_t host_addr, uint32_t flags)
{
    mfn_t table = MFN(host_addr >> PAGE_SHIFT);

    if (!(flags & GNTMAP_contains_pte))
        return pte_find_leaf(vcpu_current()->pv->l4_kernel, host_addr);
    if (host_addr % sizeof(uint64_t) || pte_table_type(d, table) != PAGE_L1)
        return NULL;
    return (uint64_t *)frame_map(table) + (host_addr & ~PAGE_MASK) / sizeof(uint64_t);
}

static uint64_t entry_make(mfn_t frame, uint32_t flags, uint64_t cache)
{
    uint64_t entry = pte_make(frame, PTE_P | PTE_A | PTE_D | PTE_US | PTE_NX | cache);

    if (!(flags & GNTMAP_readonly))
        entry |= PTE_RW;
    /* Bits 16-18 of the flags are the guest's for bits 9-11 of the entry (xen/grant_table.h). */
    return entry | (((uint64_t)flags >> _GNTMAP_guest_avail0) & 7) << 9;
}

static int map(struct domain *d, uint64_t host_addr, mfn_t frame, uint32_t flags, uint64_t cache)
{
    uint64_t *entry;
    int error = -EINVAL;

    pv_update_lock(d);
    entry = entry_find(d, host_addr, flags);
    if (entry) {
        error = pte_set_leaf(d, entry, entry_make(frame, flags, cache), NULL, PTE_SET, 0);
        frame_unmap(entry);
    }
    pv_update_unlock(d);
    return error ? GNTST_general_error : GNTST_okay;
}

/* Does @entry map @frame? (If its owner made it read-only since, that is its own affair: what the
 * entry holds goes by what it is now.) */
static bool entry_maps(const uint64_t *entry, mfn_t frame)
{
    uint64_t value = READ_ONCE(*entry);

    return (value & PTE_P) && mfn_eq(pte_mfn(value), frame);
}

static int unmap(struct domain *d, uint64_t host_addr, mfn_t frame, uint32_t flags)
{
    uint64_t *entry;
    int error = -EINVAL;

    pv_update_lock(d);
    entry = entry_find(d, host_addr, flags);
    if (entry && entry_maps(entry, frame))
        error = pte_set_leaf(d, entry, 0, d, PTE_SET, 0);
    if (entry)
        frame_unmap(entry);
    pv_update_unlock(d);
    return error ? GNTST_general_error : GNTST_okay;
}

static int replace(struct domain *d, uint64_t host_addr, uint64_t new_addr, mfn_t frame,
                   uint32_t flags)
{
    uint64_t *entry, *from = NULL;
    int error = -EINVAL;

    if (!new_addr)
        return unmap(d, host_addr, frame, flags);
    pv_update_lock(d);
    entry = entry_find(d, host_addr, flags);
    from = pte_find_leaf(vcpu_current()->pv->l4_kernel, new_addr);
    if (entry && from && entry != from && entry_maps(entry, frame)) {
        pte_move_leaf(d, entry, from);
        error = 0;
    }
    if (entry)
        frame_unmap(entry);
    if (from)
        frame_unmap(from);
    pv_update_unlock(d);
    return error ? GNTST_general_error : GNTST_okay;
}

const struct grant_mapper pv_grant_mapper = {.map = map, .unmap = unmap, .replace = replace};
