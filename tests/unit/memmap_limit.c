/* SPDX-License-Identifier: BSD-2-Clause */
/* mem=, availmem= and badpage=: what is taken from the map of RAM, and what never is. */
/* sources: hypervisor/start/memmap_limit.c hypervisor/mm/ram.c */
#include "tests/unit/check.h"

#include "boot/handover.h"
#include "start/memmap.h"

static void machine(void)
{
    static const struct ram_range map[] = {
        {0, 640 * KiB, BOOT_RANGE_RAM, BOOT_USE_FREE},
        {640 * KiB, 384 * KiB, BOOT_RANGE_RESERVED, 0},
        {MiB, 63 * MiB, BOOT_RANGE_RAM, BOOT_USE_FREE},
        {64 * MiB, 16 * MiB, BOOT_RANGE_RAM, BOOT_USE_HYPERVISOR},
        {80 * MiB, 48 * MiB, BOOT_RANGE_RAM, BOOT_USE_FREE},
        {4 * GiB, GiB, BOOT_RANGE_RAM, BOOT_USE_FREE},
    };

    memset(ram_ranges, 0, sizeof(ram_ranges));
    memcpy(ram_ranges, map, sizeof(map));
    ram_range_count = ARRAY_SIZE(map);
}

static uint64_t free_bytes(void)
{
    uint64_t bytes = 0;

    for (unsigned int i = 0; i < ram_range_count; i++)
        if (ram_ranges[i].type == BOOT_RANGE_RAM && ram_ranges[i].use == BOOT_USE_FREE)
            bytes += ram_ranges[i].bytes;
    return bytes;
}

/* The map is still sorted, without overlaps or empty entries, and covers the same bytes. */
static void check_map(void)
{
    uint64_t bytes = 0;

    for (unsigned int i = 0; i < ram_range_count; i++) {
        CHECK(ram_ranges[i].bytes);
        CHECK(!i || ram_ranges[i].base >= ram_ranges[i - 1].base + ram_ranges[i - 1].bytes);
        bytes += ram_ranges[i].bytes;
    }
    CHECK_EQ(bytes, 128 * MiB + GiB);
}

TEST(mem_is_the_highest_address)
{
    machine();
    memmap_limit(100 * MiB + 5, 0);
    check_map();
    CHECK_EQ(free_bytes(), 640 * KiB + 63 * MiB + 20 * MiB);
    CHECK(ram_is_frame(MFN((100 * MiB >> PAGE_SHIFT) - 1)));
    CHECK(!ram_is_frame(MFN(100 * MiB >> PAGE_SHIFT)));
    CHECK_EQ(ram_max_mfn(), 100 * MiB >> PAGE_SHIFT);
}

TEST(what_is_in_use_stays)
{
    machine();
    memmap_limit(MiB, 0);
    check_map();
    CHECK_EQ(free_bytes(), 640 * KiB);
    CHECK(ram_is_frame(MFN(64 * MiB >> PAGE_SHIFT)));
}

TEST(availmem_counts_ram)
{
    machine();
    memmap_limit(0, 640 * KiB + 63 * MiB + 16 * MiB + 8 * MiB);
    check_map();
    CHECK_EQ(free_bytes(), 640 * KiB + 63 * MiB + 8 * MiB);
    machine();
    memmap_limit(0, 2 * GiB);
    CHECK_EQ(free_bytes(), 640 * KiB + 63 * MiB + 48 * MiB + GiB);
    memmap_limit(0, 0);
    CHECK_EQ(free_bytes(), 640 * KiB + 63 * MiB + 48 * MiB + GiB);
}

TEST(bad_frames_leave_holes)
{
    machine();
    CHECK(memmap_bad_frames(0x200, 0x200));
    CHECK(memmap_bad_frames(0x300, 0x30f));
    check_map();
    CHECK(!ram_is_frame(MFN(0x200)) && ram_is_frame(MFN(0x1ff)) && ram_is_frame(MFN(0x201)));
    CHECK_EQ(free_bytes(), 640 * KiB + 63 * MiB + 48 * MiB + GiB - 17 * PAGE_BYTES);
    CHECK(!memmap_bad_frames(0x200, 0x200));                    /* gone already */
    CHECK(!memmap_bad_frames(70 * MiB >> PAGE_SHIFT, 71 * MiB >> PAGE_SHIFT)); /* ours */
    CHECK(!memmap_bad_frames(0xb8, 0xb8));                      /* no RAM */
    CHECK(memmap_bad_frames(0x1, UINT64_MAX));                  /* all but frame 0 */
    check_map();
    CHECK_EQ(free_bytes(), PAGE_BYTES);
}

TEST(a_reserved_place_stays_ram_but_not_free)
{
    const uint32_t free = 1u << BOOT_USE_FREE, ours = 1u << BOOT_USE_HYPERVISOR;

    machine();
    CHECK(memmap_reserve(16 * MiB, 40 * MiB, free, BOOT_USE_DOM0));
    check_map();
    CHECK_EQ(free_bytes(), 640 * KiB + 63 * MiB + 48 * MiB + GiB - 40 * MiB);
    CHECK(ram_is_frame(MFN(16 * MiB >> PAGE_SHIFT)));
    CHECK_EQ(memmap_uses(16 * MiB, 40 * MiB), 1u << BOOT_USE_DOM0);
    CHECK_EQ(memmap_uses(15 * MiB, 2 * MiB), 1u << BOOT_USE_DOM0 | free);
    CHECK_EQ(memmap_uses(60 * MiB, 8 * MiB), ours | free);
    CHECK_EQ(memmap_uses(127 * MiB, 2 * MiB), free | MEMMAP_NO_RAM);
    CHECK_EQ(memmap_uses(640 * KiB, PAGE_BYTES), MEMMAP_NO_RAM);
    CHECK_EQ(memmap_uses(200 * MiB, PAGE_BYTES), MEMMAP_NO_RAM);
    CHECK(memmap_reserve(60 * MiB, 24 * MiB, free, BOOT_USE_DOM0)); /* around what is ours */
    check_map();
    CHECK_EQ(memmap_uses(60 * MiB, 24 * MiB), ours | 1u << BOOT_USE_DOM0);
    CHECK(memmap_reserve(60 * MiB, 24 * MiB, ours, BOOT_USE_DOM0));
    CHECK_EQ(memmap_uses(60 * MiB, 24 * MiB), 1u << BOOT_USE_DOM0);
    CHECK(memmap_reserve(80 * MiB, 48 * MiB, free, BOOT_USE_DOM0)); /* all of a range */
    check_map();
}

TEST(a_full_map_is_not_overrun)
{
    machine();
    for (uint64_t mfn = 0x100; mfn < 0x100 + 4 * RAM_RANGES_MAX; mfn += 2)
        (void)memmap_bad_frames(mfn, mfn);
    CHECK(ram_range_count <= RAM_RANGES_MAX);
    check_map();
}
