/* SPDX-License-Identifier: BSD-2-Clause */
/* What vCPUs of libzendo-pv take and give at the same time: pages and grants, each of one owner. */
/* sources: pv-drivers/lib/memory.c pv-drivers/lib/grant.c */
/* cflags: -pthread */
#include <pthread.h>

#include "tests/unit/check.h"

#include "pv-drivers/lib/grant.h"
#include "pv-drivers/lib/memory.h"
#include "pv-drivers/lib/start.h"

#define THREADS 4
#define ROUNDS  30000
#define HELD    8

#define POOL 1024

uint8_t pv_pool[POOL][PV_PAGE_BYTES] __attribute__((aligned(4096)));
__asm__(".globl pv_pool_end\n .set pv_pool_end, pv_pool + 1024 * 4096"); /* as image.lds has it */
struct pv_guest pv_guest;
static struct grant_entry_v1 table[PV_GRANT_FRAMES * 512];
static bool wrong[THREADS];

static void fill(uint8_t *pages, unsigned int count, uint8_t value)
{
    for (unsigned int i = 0; i < count; i++)
        memset(pages + i * PV_PAGE_BYTES, value, 64);
}

static bool holds(const uint8_t *pages, unsigned int count, uint8_t value)
{
    for (unsigned int i = 0; i < count; i++)
        for (unsigned int j = 0; j < 64; j++)
            if (pages[i * PV_PAGE_BYTES + j] != value)
                return false;
    return true;
}

static void *page_user(void *arg)
{
    unsigned int self = (unsigned int)(uintptr_t)arg, counts[HELD] = {0};
    uint8_t *held[HELD] = {NULL};

    for (unsigned int i = 0; i < ROUNDS; i++) {
        unsigned int at = i * 7 % HELD;

        if (held[at]) {
            wrong[self] |= !holds(held[at], counts[at], (uint8_t)(self + 1));
            fill(held[at], counts[at], 0);
            pv_pages_free(held[at], counts[at]);
        }
        counts[at] = 1 + (i * 13 + self) % 40;
        held[at] = pv_pages_alloc(counts[at]);
        if (!held[at])
            continue; /* others have it */
        wrong[self] |= !holds(held[at], counts[at], 0);
        fill(held[at], counts[at], (uint8_t)(self + 1));
    }
    for (unsigned int at = 0; at < HELD; at++)
        if (held[at])
            pv_pages_free(held[at], counts[at]);
    return NULL;
}

static void *grant_user(void *arg)
{
    unsigned int self = (unsigned int)(uintptr_t)arg;
    int held[600];

    for (unsigned int i = 0; i < ROUNDS / 600; i++) {
        for (unsigned int j = 0; j < 600; j++) { /* more than there are for all */
            held[j] = pv_grant_give((domid_t)(self + 1), (void *)0xffffffff80001000, false);
            wrong[self] |= held[j] >= 0 && table[held[j]].domid != self + 1;
        }
        for (unsigned int j = 0; j < 600; j++) {
            if (held[j] < 0)
                continue;
            wrong[self] |= table[held[j]].domid != self + 1 ||
                           held[j] < GNTTAB_NR_RESERVED_ENTRIES;
            wrong[self] |= pv_grant_end((grant_ref_t)held[j]) != 0;
        }
    }
    return NULL;
}

static void run(void *(*user)(void *arg))
{
    pthread_t threads[THREADS];

    for (uintptr_t i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, user, (void *)i);
    for (unsigned int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        CHECK(!wrong[i]);
    }
}

TEST(a_page_has_one_owner)
{
    void *all;

    run(page_user);
    all = pv_pages_alloc(POOL); /* nothing is left behind */
    CHECK(all != NULL);
    CHECK(pv_pages_alloc(1) == NULL);
    pv_pages_free(all, POOL);
}

TEST(a_row_of_pages_goes_round_what_is_used)
{
    uint8_t *a = pv_pages_alloc(3), *b = pv_pages_alloc(2), *c;

    CHECK(b == a + 3 * PV_PAGE_BYTES);
    pv_pages_free(a, 3);
    c = pv_pages_alloc(4);
    CHECK(c == b + 2 * PV_PAGE_BYTES);
    CHECK(pv_pages_alloc(3) == a);
    CHECK(pv_pages_alloc(POOL) == NULL); /* and gives back what it tried */
    CHECK(pv_pages_alloc(POOL - 9) == c + 4 * PV_PAGE_BYTES);
}

TEST(a_grant_has_one_owner)
{
    pv_grant_init(table);
    run(grant_user);
    CHECK_EQ(pv_grant_count(), 0);
}
