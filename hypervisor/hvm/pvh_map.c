/* SPDX-License-Identifier: BSD-2-Clause */
/* The memory map of a domain whose memory lies at its machine addresses. */
#include "hvm/pvh_map.h"

#include "lib/bits.h"
#include "lib/sort.h"
#include "mm/frame.h"

static int by_address(const void *a, const void *b)
{
    const struct pvh_run *x = a, *y = b;

    return x->first < y->first ? -1 : x->first > y->first;
}

size_t pvh_runs_join(struct pvh_run *runs, size_t count)
{
    size_t to = 0;

    sort(runs, count, sizeof(*runs), by_address);
    for (size_t i = 0; i < count; i++) {
        if (to && runs[to - 1].first + runs[to - 1].count == runs[i].first)
            runs[to - 1].count += runs[i].count;
        else if (runs[i].count)
            runs[to++] = runs[i];
    }
    return to;
}

static void entry_add(struct pvh_map *m, uint64_t base, uint64_t end, uint32_t type)
{
    struct hvm_memmap_table_entry *last = m->count ? &m->entry[m->count - 1] : NULL;

    if (base == end || m->count > PVH_MAP_MAX)
        return;
    if (last && last->type == type && last->addr + last->size == base) {
        last->size += end - base;
        return;
    }
    if (m->count < PVH_MAP_MAX)
        m->entry[m->count] =
            (struct hvm_memmap_table_entry){.addr = base, .size = end - base, .type = type};
    m->count++;
}

/* RAM, of which the domain has what is in @runs. */
static void ram_add(struct pvh_map *m, uint64_t at, uint64_t end, const struct pvh_run *runs,
                    size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint64_t from = max(runs[i].first << PAGE_SHIFT, at);
        uint64_t to = min((runs[i].first + runs[i].count) << PAGE_SHIFT, end);

        if (from >= to)
            continue;
        entry_add(m, at, from, XEN_HVM_MEMMAP_TYPE_RESERVED);
        entry_add(m, from, to, XEN_HVM_MEMMAP_TYPE_RAM);
        at = to;
    }
    entry_add(m, at, end, XEN_HVM_MEMMAP_TYPE_RESERVED);
}

void pvh_map_add(struct pvh_map *m, uint64_t base, uint64_t bytes, uint32_t type,
                 const struct pvh_run *runs, size_t count, const struct pvh_run *acpi)
{
    uint64_t from = acpi->first << PAGE_SHIFT, to = (acpi->first + acpi->count) << PAGE_SHIFT;
    uint64_t end = base + bytes;

    if (type != XEN_HVM_MEMMAP_TYPE_RAM) {
        entry_add(m, base, end, type);
        return;
    }
    from = min(max(from, base), end);
    to = max(min(to, end), from);
    ram_add(m, base, from, runs, count);
    entry_add(m, from, to, XEN_HVM_MEMMAP_TYPE_ACPI);
    ram_add(m, to, end, runs, count);
}
