/* SPDX-License-Identifier: BSD-2-Clause */
/* Small objects: clear, aligned and apart from each other; in the end the heap has every page. */
/* sources: hypervisor/mm/pool.c hypervisor/mm/heap.c */
/* cflags: -Itests/unit/fake */
#include "check.h"

#include "debug/panic.h"
#include "lib/types.h"
#include "mm/heap.h"
#include "mm/hvmap.h"
#include "mm/page.h"
#include "mm/pool.h"

#define FRAMES 256
#define HELD 4000

uint8_t fake_ram[FRAMES][PAGE_BYTES] aligned(4096);
unsigned char fake_frame_table[FRAMES * sizeof(struct page)] aligned(16);
uint64_t frame_limit = FRAMES;

static struct {
    uint8_t *at;
    size_t bytes;
    uint8_t mark;
} held[HELD];
static unsigned int held_count;

void panic(const char *format, ...)
{
    fprintf(stderr, "panic: %s\n", format);
    abort();
}

static void begin(void)
{
    static bool added;

    if (added)
        return;
    added = true;
    memset(fake_ram, 0x77, sizeof(fake_ram)); /* what the firmware left */
    heap_add(MFN(0), FRAMES);
}

static bool is_all(const uint8_t *at, size_t bytes, uint8_t value)
{
    for (size_t i = 0; i < bytes; i++)
        if (at[i] != value)
            return false;
    return true;
}

static bool hold(size_t bytes)
{
    uint8_t *p = pool_alloc(bytes);
    size_t align = 64;

    if (!p)
        return false;
    while (align > 32 && align / 2 >= bytes)
        align /= 2;
    CHECK_EQ((size_t)(p - fake_ram[0]) % (bytes > 2048 ? PAGE_BYTES : align), 0);
    CHECK(is_all(p, bytes, 0));
    held[held_count].at = p;
    held[held_count].bytes = bytes;
    held[held_count].mark = (uint8_t)(check_random() | 1);
    memset(p, held[held_count].mark, bytes);
    held_count++;
    return true;
}

static void drop(unsigned int i)
{
    CHECK(is_all(held[i].at, held[i].bytes, held[i].mark)); /* nobody else wrote there */
    pool_free(held[i].at);
    held[i] = held[--held_count];
}

static void drop_all(void)
{
    while (held_count)
        drop((unsigned int)(check_random() % held_count));
    CHECK_EQ(heap_free_pages(), FRAMES);
}

TEST(objects_are_clear_and_apart)
{
    begin();
    for (unsigned int round = 0; round < 4; round++) {
        for (unsigned int step = 0; step < 20000; step++) {
            size_t bytes = 1 + check_random() % (check_random() % 8 ? 300 : 9000);

            if (held_count == HELD || (held_count && check_random() % 100 < 48) || !hold(bytes))
                drop((unsigned int)(check_random() % held_count));
        }
        drop_all();
    }
}

TEST(a_page_goes_with_its_last_object)
{
    void *of_page[PAGE_BYTES / 32], *more;

    begin();
    for (size_t bytes = 32; bytes <= 2048; bytes *= 2) {
        size_t n = PAGE_BYTES / bytes;

        for (size_t i = 0; i < n; i++)
            of_page[i] = pool_alloc(bytes);
        CHECK_EQ(heap_free_pages(), FRAMES - 1);
        more = pool_alloc(bytes);
        CHECK_EQ(heap_free_pages(), FRAMES - 2);
        pool_free(more);
        CHECK_EQ(heap_free_pages(), FRAMES - 1);
        for (size_t i = 0; i < n; i++) {
            CHECK_EQ(heap_free_pages(), FRAMES - 1);
            pool_free(of_page[i]);
        }
        CHECK_EQ(heap_free_pages(), FRAMES);
    }
}

TEST(without_memory_there_is_none)
{
    begin();
    while (held_count < HELD && hold(2048))
        ;
    CHECK_EQ(heap_free_pages(), 0);
    CHECK_EQ(held_count, 2 * FRAMES);
    CHECK(pool_alloc(32) == NULL && pool_alloc(4096) == NULL && pool_alloc(1UL << 40) == NULL);
    CHECK(pool_alloc_array(SIZE_MAX / 2, 4) == NULL);
    drop_all();
    pool_free(NULL);
}
