/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory maps of all kinds, and the frames taken from them before there is a heap. */
/* sources: hypervisor/mm/ram.c hypervisor/start/memmap.c */
#include "check.h"

#include "boot/handover.h"
#include "console/log.h"
#include "debug/panic.h"
#include "lib/types.h"
#include "mm/heap.h"
#include "mm/ram.h"
#include "start/memmap.h"

#include <setjmp.h>

static struct boot_range given[RAM_RANGES_MAX];
static uint64_t given_count, heap_frames;
static jmp_buf refused;

void panic(const char *format, ...)
{
    (void)format;
    longjmp(refused, 1);
}

void heap_add(mfn_t first, uint64_t count)
{
    for (uint64_t i = 0; i < count && count < 1000; i++)
        CHECK(ram_is_frame(mfn_add(first, i)));
    heap_frames += count;
}

static void give(uint64_t base, uint64_t bytes, uint32_t type)
{
    given[given_count++] = (struct boot_range){base, bytes, type, BOOT_USE_FREE};
}

static int begin(void)
{
    struct boot_handover handover = {
        .ranges = {(uintptr_t)given, given_count * sizeof(given[0])}};

    given_count = heap_frames = 0;
    ram_range_count = 0;
    if (setjmp(refused))
        return -1;
    memmap_init(&handover);
    return 0;
}

/* Sorted, apart, and none empty: what every user of ram_ranges[] counts on. */
static void check_sorted(void)
{
    uint64_t last = 0;

    for (unsigned int i = 0; i < ram_range_count; i++) {
        CHECK(ram_ranges[i].bytes > 0);
        CHECK(ram_ranges[i].base >= last);
        last = ram_ranges[i].base + ram_ranges[i].bytes;
    }
}

TEST(ram_is_cut_to_whole_frames)
{
    give(0, 0x9fc01, BOOT_RANGE_RAM);
    give(0x9fc01, 0x3ff, BOOT_RANGE_RESERVED);
    give(0x100001, 0xfff, BOOT_RANGE_RAM); /* no whole frame */
    give(0x101800, 0x10000, BOOT_RANGE_RAM);
    give(0x111800, 0x800, BOOT_RANGE_ACPI);
    CHECK_EQ(begin(), 0);
    check_sorted();
    CHECK(ram_is_frame(MFN(0x9e)));
    CHECK(!ram_is_frame(MFN(0x9f)));
    CHECK(!ram_is_frame(MFN(0x100)));
    CHECK(!ram_is_frame(MFN(0x101)));
    CHECK(ram_is_frame(MFN(0x102)));
    CHECK(!ram_is_frame(MFN(0x111)));
    CHECK_EQ(ram_max_mfn(), 0x111);
}

TEST(maps_that_are_not_sorted_are_refused)
{
    give(0x100000, 0x100000, BOOT_RANGE_RAM);
    give(0x1ff000, 0x100000, BOOT_RANGE_RESERVED);
    CHECK_EQ(begin(), -1);
    give(0xfffffffffffff000, 0x2000, BOOT_RANGE_RAM);
    CHECK_EQ(begin(), -1);
    CHECK_EQ(begin(), -1); /* empty */
}

TEST(hundreds_of_ranges)
{
    for (uint64_t i = 0; i < 900; i++)
        give(2 * MiB + i * 0x4000, 0x4000, i % 2 ? BOOT_RANGE_ACPI : BOOT_RANGE_RAM);
    CHECK_EQ(begin(), 0);
    CHECK_EQ(ram_range_count, 900);
    check_sorted();
    memmap_give_to_heap();
    CHECK_EQ(heap_frames, 450 * 4);
}

TEST(boot_frames_below_4_gib_and_anywhere)
{
    mfn_t m, last = MFN(~0ULL);

    give(0, 0xa0000, BOOT_RANGE_RAM);
    give(MiB, 64 * MiB - MiB, BOOT_RANGE_RAM);
    give(4 * GiB - 2 * MiB, 2 * MiB, BOOT_RANGE_RESERVED);
    give(4 * GiB, 1536 * GiB, BOOT_RANGE_RAM);
    CHECK_EQ(begin(), 0);
    /* as many as the tables of 1.5 TiB take would not fit below 4 GiB here */
    for (unsigned int i = 0; i < 20000; i++) {
        m = ram_alloc_boot_anywhere(1);
        CHECK(m.n >= 4 * GiB >> PAGE_SHIFT && m.n < last.n);
        last = m;
    }
    last = MFN(4 * GiB >> PAGE_SHIFT);
    for (unsigned int i = 0; i < 10000; i++) {
        m = ram_alloc_boot(1, 1);
        CHECK(m.n < last.n && m.n >= MiB >> PAGE_SHIFT);
        last = m;
    }
    m = ram_alloc_boot(16, 16);
    CHECK_EQ(m.n % 16, 0);
    check_sorted();
    CHECK(ram_range_count < 12);
    memmap_give_to_heap();
    CHECK_EQ(heap_frames, ((1536 * GiB + 63 * MiB) >> PAGE_SHIFT) - 30016);
    /* all low memory gone: the other call still finds some */
    while (!mfn_eq(ram_alloc_boot(1, 1), MFN_NONE))
        ;
    CHECK(!mfn_eq(ram_alloc_boot_anywhere(1), MFN_NONE));
}

TEST(ram_beyond_reach_is_cut_off)
{
    uint64_t base, bytes;
    uint32_t type;

    give(MiB, 63 * MiB, BOOT_RANGE_RAM);
    give(4 * GiB, 8 * GiB, BOOT_RANGE_RAM);
    give(16 * GiB, 4 * GiB, BOOT_RANGE_RESERVED);
    give(20 * GiB, 4 * GiB, BOOT_RANGE_RAM);
    CHECK_EQ(begin(), 0);
    CHECK_EQ(ram_cut_above(64 * GiB), 0);
    CHECK_EQ(ram_range_count, 4);
    CHECK_EQ(ram_cut_above(6 * GiB), 10 * GiB);
    check_sorted();
    CHECK_EQ(ram_max_mfn(), 6 * GiB >> PAGE_SHIFT);
    CHECK(!ram_is_frame(MFN(6 * GiB >> PAGE_SHIFT)));
    CHECK(ram_machine_map_entry(2, &base, &bytes, &type));
    CHECK_EQ(base, 6 * GiB);
    CHECK_EQ(bytes, 6 * GiB);
    CHECK_EQ(type, BOOT_RANGE_UNUSABLE);
    CHECK_EQ(memmap_ram_bytes(), 2 * GiB + 63 * MiB);
}
