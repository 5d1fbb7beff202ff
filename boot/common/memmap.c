/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The memory map.
 *
 * What is always true here: entries are sorted by base, none is empty, none overlaps another, and
 * none reaches beyond the last page of the address space. Every operation first cuts entries at the
 * borders it needs and then changes whole entries only, so no step can lose or invent memory.
 */
#include "boot/common/memmap.h"

#define MEMMAP_TOP (~0ULL & ~(MEMMAP_PAGE - 1))

/* The order of trust when two firmware statements disagree: the higher one wins. */
static unsigned range_rank(uint32_t type, uint32_t use)
{
    unsigned rank;

    switch (type) {
    case BOOT_RANGE_RAM:
        rank = 0;
        break;
    case BOOT_RANGE_ACPI:
        rank = 1;
        break;
    case BOOT_RANGE_NVS:
        rank = 3;
        break;
    case BOOT_RANGE_UNUSABLE:
        rank = 4;
        break;
    default:
        rank = 2;
        break;
    }
    return rank * 2 + (use != BOOT_USE_FREE);
}

static uint64_t range_end(const struct boot_range *range)
{
    return range->base + range->bytes;
}

static uint64_t end_of(uint64_t base, uint64_t bytes)
{
    return base >= MEMMAP_TOP || bytes > MEMMAP_TOP - base ? MEMMAP_TOP : base + bytes;
}

static int entry_insert(struct memmap *map, size_t at, uint64_t base, uint64_t end, uint32_t type,
                        uint32_t use)
{
    size_t i;

    if (map->count == map->room)
        return -1;
    for (i = map->count; i > at; i--)
        map->range[i] = map->range[i - 1];
    map->range[at].base = base;
    map->range[at].bytes = end - base;
    map->range[at].type = type;
    map->range[at].use = use;
    map->count++;
    return 0;
}

/* Index of the first entry that ends after `address`. */
static size_t entry_find(const struct memmap *map, uint64_t address)
{
    size_t low = 0, high = map->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (range_end(&map->range[middle]) <= address)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Makes `address` a border between entries. */
static int entry_cut(struct memmap *map, uint64_t address)
{
    size_t i = entry_find(map, address);
    struct boot_range *range = &map->range[i];
    uint64_t end;

    if (i == map->count || range->base >= address)
        return 0;
    end = range_end(range);
    if (entry_insert(map, i + 1, address, end, range->type, range->use))
        return -1;
    range->bytes = address - range->base;
    return 0;
}

void memmap_init(struct memmap *map, struct boot_range *range, size_t room)
{
    map->range = range;
    map->count = 0;
    map->room = room;
}

int memmap_add(struct memmap *map, uint64_t base, uint64_t bytes, uint32_t type, uint32_t use)
{
    uint64_t end = end_of(base, bytes);
    size_t i;

    if (base >= end)
        return 0;
    if (type < BOOT_RANGE_RAM || type > BOOT_RANGE_UNUSABLE)
        type = BOOT_RANGE_RESERVED;
    if (entry_cut(map, base) || entry_cut(map, end))
        return -1;
    for (i = entry_find(map, base); base < end; i++) {
        struct boot_range *range = &map->range[i];

        if (i == map->count || range->base > base) {
            uint64_t gap_end = i < map->count && range->base < end ? range->base : end;

            if (entry_insert(map, i, base, gap_end, type, use))
                return -1;
            base = gap_end;
            continue;
        }
        if (range_rank(type, use) > range_rank(range->type, range->use)) {
            range->type = type;
            range->use = use;
        }
        base = range_end(range);
    }
    return 0;
}

/* RAM of use `from` within the pages of the range gets use `to`. */
static int use_change(struct memmap *map, uint64_t base, uint64_t bytes, uint32_t from, uint32_t to)
{
    uint64_t end = end_of(base, bytes);
    size_t i;

    if (base >= end)
        return 0;
    end = end_of(end, MEMMAP_PAGE - 1) & ~(MEMMAP_PAGE - 1);
    base &= ~(MEMMAP_PAGE - 1);
    if (entry_cut(map, base) || entry_cut(map, end))
        return -1;
    for (i = entry_find(map, base); i < map->count && map->range[i].base < end; i++)
        if (map->range[i].type == BOOT_RANGE_RAM && map->range[i].use == from)
            map->range[i].use = to;
    return 0;
}

int memmap_mark(struct memmap *map, uint64_t base, uint64_t bytes, uint32_t use)
{
    return use_change(map, base, bytes, BOOT_USE_FREE, use);
}

int memmap_release(struct memmap *map, uint64_t base, uint64_t bytes, uint32_t use)
{
    int failed = use_change(map, base, bytes, use, BOOT_USE_FREE);

    memmap_merge(map);
    return failed;
}

uint64_t memmap_take(struct memmap *map, uint64_t bytes, uint64_t align, uint64_t limit,
                     uint32_t use)
{
    size_t i;

    if (bytes == 0 || bytes > MEMMAP_TOP - MEMMAP_PAGE)
        return 0;
    bytes = (bytes + MEMMAP_PAGE - 1) & ~(MEMMAP_PAGE - 1);
    memmap_merge(map);
    for (i = map->count; i > 0; i--) {
        const struct boot_range *range = &map->range[i - 1];
        uint64_t low = range->base < MEMMAP_LOW_END ? MEMMAP_LOW_END : range->base;
        uint64_t high = range_end(range) < limit ? range_end(range) : limit;
        uint64_t base;

        if (range->type != BOOT_RANGE_RAM || range->use != BOOT_USE_FREE || high < low ||
            high - low < bytes)
            continue;
        base = (high - bytes) & ~(align - 1);
        if (base >= low)
            return memmap_mark(map, base, bytes, use) ? 0 : base;
    }
    return 0;
}

void memmap_merge(struct memmap *map)
{
    size_t from, to = 0;

    for (from = 0; from < map->count; from++) {
        const struct boot_range *next = &map->range[from];
        struct boot_range *last = &map->range[to - (to > 0)];

        if (to > 0 && range_end(last) == next->base && last->type == next->type &&
            last->use == next->use)
            last->bytes += next->bytes;
        else
            map->range[to++] = *next;
    }
    map->count = to;
}
