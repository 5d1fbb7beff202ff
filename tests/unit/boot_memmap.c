/* SPDX-License-Identifier: BSD-2-Clause */
/* The loaders' memory map against a model with one cell per quarter page. */
/* sources: boot/common/memmap.c */
#include "tests/unit/check.h"

#include "boot/common/memmap.h"

#define CELL  1024ULL
#define CELLS 256
#define ROOM  600

struct cell {
    uint8_t type; /* 0: nothing known */
    uint8_t use;
};

static struct boot_range storage[ROOM];

static unsigned rank_of(unsigned type, unsigned use)
{
    static const unsigned order[] = {0, 1, 3, 2, 4, 5};

    return order[type] * 2 + (type && use);
}

static void map_is_sane(const struct memmap *map)
{
    for (size_t i = 0; i < map->count; i++) {
        CHECK(map->range[i].bytes > 0);
        if (i)
            CHECK(map->range[i - 1].base + map->range[i - 1].bytes <= map->range[i].base);
    }
}

static void map_equals(const struct memmap *map, const struct cell *model)
{
    struct cell seen[CELLS] = {0};

    map_is_sane(map);
    for (size_t i = 0; i < map->count; i++)
        for (uint64_t at = map->range[i].base; at < map->range[i].base + map->range[i].bytes;
             at += CELL) {
            CHECK(at / CELL < CELLS);
            seen[at / CELL].type = (uint8_t)map->range[i].type;
            seen[at / CELL].use = (uint8_t)map->range[i].use;
        }
    for (size_t i = 0; i < CELLS; i++) {
        CHECK_EQ(seen[i].type, model[i].type);
        CHECK_EQ(seen[i].use, model[i].use);
    }
}

static void model_add(struct cell *model, size_t first, size_t last, unsigned type, unsigned use)
{
    for (size_t i = first; i < last; i++)
        if (rank_of(type, use) > rank_of(model[i].type, model[i].use) || !model[i].type) {
            model[i].type = (uint8_t)type;
            model[i].use = (uint8_t)use;
        }
}

static void model_change(struct cell *model, size_t first, size_t last, unsigned from, unsigned to)
{
    if (first == last)
        return;
    first &= ~3ULL;
    last = (last + 3) & ~3ULL;
    for (size_t i = first; i < last; i++)
        if (model[i].type == BOOT_RANGE_RAM && model[i].use == from)
            model[i].use = (uint8_t)to;
}

TEST(memmap_follows_the_model)
{
    for (int round = 0; round < 400; round++) {
        struct cell model[CELLS] = {0};
        struct memmap map;

        memmap_init(&map, storage, ROOM);
        for (int step = 0; step < 40; step++) {
            size_t first = check_random_below(CELLS + 1), last = check_random_below(CELLS + 1);
            unsigned type = 1 + (unsigned)check_random_below(5);
            unsigned use = check_random_below(4) ? 0 : 1 + (unsigned)check_random_below(6);

            if (first > last) {
                size_t swap = first;

                first = last;
                last = swap;
            }
            switch (check_random_below(5)) {
            case 0:
                CHECK_EQ(memmap_mark(&map, first * CELL, (last - first) * CELL, 1 + use), 0);
                model_change(model, first, last, BOOT_USE_FREE, 1 + use);
                break;
            case 1:
                CHECK_EQ(memmap_release(&map, first * CELL, (last - first) * CELL, 1 + use), 0);
                model_change(model, first, last, 1 + use, BOOT_USE_FREE);
                break;
            default:
                CHECK_EQ(memmap_add(&map, first * CELL, (last - first) * CELL, type, use), 0);
                model_add(model, first, last, type, use);
                break;
            }
            if (check_random_below(8) == 0)
                memmap_merge(&map);
            map_equals(&map, model);
        }
        memmap_merge(&map);
        map_equals(&map, model);
        for (size_t i = 1; i < map.count; i++)
            CHECK(storage[i - 1].base + storage[i - 1].bytes != storage[i].base ||
                  storage[i - 1].type != storage[i].type || storage[i - 1].use != storage[i].use);
    }
}

TEST(memmap_takes_from_the_top)
{
    struct memmap map;
    uint64_t at;

    memmap_init(&map, storage, ROOM);
    memmap_add(&map, 0, 0x9fc00, BOOT_RANGE_RAM, 0);
    memmap_add(&map, 0x100000, 0x1f00000, BOOT_RANGE_RAM, 0);
    memmap_add(&map, 0x100000000, 0x100000000, BOOT_RANGE_RAM, 0);
    at = memmap_take(&map, 0x1001, 0x1000, 1ULL << 32, BOOT_USE_KERNEL);
    CHECK_EQ(at, 0x1ffe000);
    at = memmap_take(&map, 0x300000, 0x200000, 1ULL << 32, BOOT_USE_HYPERVISOR);
    CHECK_EQ(at, 0x1c00000);
    at = memmap_take(&map, 0x1000, 0x1000, UINT64_MAX, BOOT_USE_LOADER);
    CHECK_EQ(at, 0x1fffff000);
    /* Nothing overlaps, and what was released is found again. */
    at = memmap_take(&map, 0xfe000, 0x1000, 1ULL << 32, BOOT_USE_LOADER);
    CHECK_EQ(at, 0x1f00000);
    CHECK_EQ(memmap_release(&map, 0x1ffe000, 0x1001, BOOT_USE_KERNEL), 0);
    at = memmap_take(&map, 0x2000, 0x1000, 1ULL << 32, BOOT_USE_KERNEL);
    CHECK_EQ(at, 0x1ffe000);
    map_is_sane(&map);
}

TEST(memmap_never_takes_below_1_mib)
{
    struct memmap map;

    memmap_init(&map, storage, ROOM);
    memmap_add(&map, 0, 0x102000, BOOT_RANGE_RAM, 0);
    CHECK_EQ(memmap_take(&map, 0x3000, 0x1000, 1ULL << 32, 1), 0);
    CHECK_EQ(memmap_take(&map, 0x2000, 0x1000, 1ULL << 32, 1), 0x100000);
    CHECK_EQ(memmap_take(&map, 0x1000, 0x1000, 1ULL << 32, 1), 0);
    CHECK_EQ(memmap_take(&map, 0, 0x1000, 1ULL << 32, 1), 0);
    CHECK_EQ(memmap_take(&map, UINT64_MAX, 0x1000, 1ULL << 32, 1), 0);
}

TEST(memmap_cuts_what_wraps)
{
    struct memmap map;

    memmap_init(&map, storage, ROOM);
    CHECK_EQ(memmap_add(&map, 0xfffffffffff00000, 0x200000, BOOT_RANGE_RESERVED, 0), 0);
    CHECK_EQ(memmap_add(&map, UINT64_MAX, 1, BOOT_RANGE_RAM, 0), 0);
    CHECK_EQ(memmap_add(&map, 0x1000, UINT64_MAX, BOOT_RANGE_RAM, 0), 0);
    CHECK_EQ(map.count, 2);
    map_is_sane(&map);
    CHECK_EQ(map.range[1].type, BOOT_RANGE_RESERVED);
    CHECK_EQ(map.range[1].base + map.range[1].bytes, 0xfffffffffffff000);
}

TEST(memmap_says_when_it_is_full)
{
    struct memmap map;
    int failed = 0;

    memmap_init(&map, storage, 7);
    for (uint64_t i = 0; i < 20; i++)
        failed |= memmap_add(&map, i * 0x2000, 0x1000, BOOT_RANGE_RAM, 0);
    CHECK_EQ(failed, -1);
    map_is_sane(&map);
    CHECK_EQ(memmap_mark(&map, 0x400, 0x100, BOOT_USE_KERNEL), 0);
    CHECK_EQ(memmap_add(&map, 0x400, 0x100, BOOT_RANGE_NVS, 0), -1);
    map_is_sane(&map);
}

TEST(memmap_treats_unknown_types_as_reserved)
{
    struct memmap map;

    memmap_init(&map, storage, ROOM);
    memmap_add(&map, 0, 0x1000, 12, 0);
    memmap_add(&map, 0x1000, 0x1000, 0, 0);
    memmap_merge(&map);
    CHECK_EQ(map.count, 1);
    CHECK_EQ(map.range[0].type, BOOT_RANGE_RESERVED);
}
