/* SPDX-License-Identifier: BSD-2-Clause */
/* The heap: blocks come whole, aligned, clean and once; what is freed is joined again. */
/* sources: hypervisor/mm/heap.c */
/* cflags: -Itests/unit/fake */
#include "check.h"

#include "debug/panic.h"
#include "lib/types.h"
#include "mm/heap.h"
#include "mm/hvmap.h"
#include "mm/page.h"

#define FRAMES 1024
#define FIRST 3 /* frames before are not the heap's */
#define HELD 200

uint8_t fake_ram[FRAMES][PAGE_BYTES] aligned(4096);
unsigned char fake_frame_table[FRAMES * sizeof(struct page)] aligned(16);
uint64_t frame_limit = FRAMES;

static struct {
    struct page *pg;
    unsigned int order;
} held[HELD];
static unsigned int held_count;
static uint8_t taken[FRAMES];

void panic(const char *format, ...)
{
    fprintf(stderr, "panic: %s\n", format);
    abort();
}

static void begin(void)
{
    static int added;

    if (added++)
        return;
    memset(fake_ram, 0x77, sizeof(fake_ram)); /* what the firmware left */
    heap_add(MFN(FIRST), FRAMES - FIRST);
}

static bool is_clear(const struct page *pg, unsigned int order)
{
    const uint8_t *at = fake_ram[page_mfn(pg).n];

    for (uint64_t i = 0; i < PAGE_BYTES << order; i++)
        if (at[i])
            return false;
    return true;
}

static void hold(struct page *pg, unsigned int order)
{
    uint64_t first = page_mfn(pg).n;

    CHECK_EQ(first % (1ULL << order), 0);
    CHECK(first >= FIRST && first + (1ULL << order) <= FRAMES);
    for (uint64_t i = 0; i < 1ULL << order; i++) {
        CHECK_EQ(taken[first + i], 0);
        CHECK_EQ(page_owner_id(pg + i), PAGE_OWNER_HYPERVISOR);
        CHECK_EQ(pg[i].count & PAGE_REFS_MASK, 0);
        taken[first + i] = 1;
    }
    memset(fake_ram[first], 0x55, PAGE_BYTES << order);
    held[held_count].pg = pg;
    held[held_count++].order = order;
}

static void drop(unsigned int i)
{
    memset(taken + page_mfn(held[i].pg).n, 0, 1ULL << held[i].order);
    heap_free(held[i].pg, held[i].order);
    held[i] = held[--held_count];
}

/* All of it in the largest blocks there can be: nothing was lost, nothing stays apart. */
static void check_joined(void)
{
    CHECK_EQ(heap_free_pages(), FRAMES - FIRST);
    for (unsigned int order = 9; order > 1; order--) {
        struct page *pg = heap_alloc_dirty(order, 0);

        CHECK(pg != NULL);
        if (pg)
            hold(pg, order);
    }
    CHECK_EQ(heap_free_pages(), 1); /* frame 3 */
    while (held_count)
        drop(0);
}

TEST(blocks_come_whole_clean_and_once)
{
    begin();
    for (unsigned int step = 0; step < 20000; step++) {
        uint64_t free = heap_free_pages();
        unsigned int order = (unsigned int)(check_random() % 8);
        unsigned int bits = check_random() % 4 ? 0 : 19 + (unsigned int)(check_random() % 4);
        struct page *pg;

        order = order > 3 ? 0 : order;
        if (held_count == HELD || (held_count && check_random() % 2)) {
            drop((unsigned int)(check_random() % held_count));
            continue;
        }
        pg = heap_alloc(order, bits);
        if (!pg) {
            CHECK(bits != 0);
            continue;
        }
        CHECK_EQ(heap_free_pages(), free - (1ULL << order));
        CHECK(is_clear(pg, order));
        if (bits)
            CHECK((page_mfn(pg).n + (1ULL << order)) << PAGE_SHIFT <= 1ULL << bits);
        hold(pg, order);
    }
    while (held_count)
        drop(0);
    check_joined();
}

/* Single frames freed a moment ago are joined when a block is wanted, or a frame further down. */
/* One by one from anywhere, whatever is free besides; then the rest in the usual way. */
TEST(a_frame_by_its_number)
{
    static bool had[FRAMES];
    unsigned int count = 0;

    begin();
    while (heap_free_pages() > 100) {
        uint64_t n = check_random_below(FRAMES + 8), before = heap_free_pages();
        struct page *pg = heap_alloc_at(MFN(n));

        CHECK_EQ(pg != NULL, n >= FIRST && n < FRAMES && !had[n]);
        CHECK_EQ(before - heap_free_pages(), pg != NULL);
        if (!pg)
            continue;
        CHECK_EQ(page_mfn(pg).n, n);
        CHECK(is_clear(pg, 0));
        memset(fake_ram[n], 0x55, PAGE_BYTES);
        had[n] = true;
        if (check_random_below(4) == 0) { /* some come back, to what is kept warm */
            heap_free_from(1, pg, 1);
            had[n] = false;
        }
    }
    while (heap_free_pages()) {
        struct page *pg = heap_alloc(0, 0);

        CHECK(pg && !had[page_mfn(pg).n]);
        had[page_mfn(pg).n] = true;
    }
    for (uint64_t n = FIRST; n < FRAMES; n++) {
        CHECK(had[n]);
        heap_free(mfn_page(MFN(n)), 0);
        count++;
    }
    CHECK_EQ(heap_free_pages(), count);
}

TEST(nothing_is_withheld)
{
    struct page *pg;

    begin();
    while (held_count < HELD && (pg = heap_alloc(3, 0)))
        hold(pg, 3);
    while (held_count < HELD && (pg = heap_alloc(0, 0)))
        hold(pg, 0);
    CHECK_EQ(heap_free_pages(), 0);
    CHECK_EQ(heap_alloc(0, 0), NULL);
    for (unsigned int i = 0; i < held_count;)
        if (held[i].order == 0)
            drop(i);
        else
            i++;
    CHECK((pg = heap_alloc(2, 0)) != NULL); /* frames 4-7 */
    hold(pg, 2);
    CHECK((pg = heap_alloc(0, 14)) != NULL); /* frame 3 */
    hold(pg, 0);
    while (held_count)
        drop(0);
    check_joined();
}

/* What was one block comes back in parts of any length and in any order. */
TEST(frames_of_a_range_are_freed_together)
{
    begin();
    for (unsigned int round = 0; round < 50; round++) {
        uint64_t before = heap_free_pages(), at[17];
        struct page *pg = heap_alloc(8, 0);
        unsigned int parts = 0, n;

        CHECK(pg != NULL);
        for (at[0] = 0; at[parts] < 256; parts++)
            at[parts + 1] = parts == 15 ? 256 : min(256ul, at[parts] + 1 + check_random_below(40));
        for (unsigned int done = 0, mask = 0; done < parts; done++) {
            do
                n = check_random_below(parts);
            while (mask >> n & 1);
            mask |= 1u << n;
            heap_free_from(1, pg + at[n], at[n + 1] - at[n]);
        }
        CHECK_EQ(heap_free_pages(), before);
    }
    heap_forget(1);
    check_joined();
}

TEST(only_its_own_data_comes_back_to_a_domain)
{
    struct page *pg;

    begin();
    for (unsigned int round = 0; round < 6; round++) {
        CHECK((pg = heap_alloc_for(7, 0, 0)) != NULL);
        memset(fake_ram[page_mfn(pg).n], 0x11, PAGE_BYTES);
        heap_free_from(7, pg, 1);
        if (round == 3)
            heap_forget(7);
        switch (round) {
        case 0: /* the same domain: as it left it */
            pg = heap_alloc_for(7, 0, 0);
            CHECK_EQ(fake_ram[page_mfn(pg).n][0], 0x11);
            break;
        case 1: /* another */
            pg = heap_alloc_for(8, 0, 0);
            CHECK(is_clear(pg, 0));
            break;
        case 2: /* the hypervisor */
            pg = heap_alloc(0, 0);
            CHECK(is_clear(pg, 0));
            break;
        case 3: /* another of that number */
            pg = heap_alloc_for(7, 0, 0);
            CHECK(is_clear(pg, 0));
            break;
        case 4: /* as part of a block */
            while (held_count < 100 && (pg = heap_alloc_for(7, 3, 0))) {
                CHECK(is_clear(pg, 3));
                hold(pg, 3);
            }
            while (held_count)
                drop(0);
            pg = heap_alloc(0, 0);
            break;
        default: /* a frame that was not the domain's alone */
            pg = heap_alloc(0, 0);
            memset(fake_ram[page_mfn(pg).n], 0x11, PAGE_BYTES);
            heap_free(pg, 0);
            pg = heap_alloc_for(7, 0, 0);
            CHECK(is_clear(pg, 0));
            break;
        }
        heap_free(pg, 0);
    }
    check_joined();
}

TEST(free_blocks_are_known_by_their_first_frame)
{
    struct page *pg;

    begin();
    check_joined();
    CHECK((pg = heap_alloc(9, 0)) != NULL); /* joins the last single frames */
    CHECK_EQ(heap_free_block(page_mfn(pg)), 0);
    heap_free(pg, 9);
    CHECK_EQ(heap_free_block(MFN(512)), 512);
    CHECK_EQ(heap_free_block(MFN(513)), 0);
    CHECK_EQ(heap_free_block(MFN(256)), 256);
    CHECK((pg = heap_alloc(0, 0)) != NULL);
    heap_free(pg, 0);
    CHECK_EQ(heap_free_block(page_mfn(pg)), 0); /* alone for now: looked at one by one */
}
