/* SPDX-License-Identifier: BSD-2-Clause */
/* The balloon: which frames go and come, when the host gives less than was asked for, and PV's list
 * of frames. */
/* sources: pv-drivers/lib/balloon.c */
#include "tests/unit/check.h"

#include "pv-drivers/lib/balloon.h"
#include "pv-drivers/lib/hypercall.h"
#include "pv-drivers/lib/start.h"
#include "pv-drivers/lib/xenstore.h"

#define PAGES 4096u
#define SPARE 1024u

struct pv_guest pv_guest;
static uint64_t frames[PAGES], target_kib;
static bool owned[PAGES]; /* by guest frame */
static unsigned int limit;
static uint32_t changes;

int pv_xenstore_number(uint32_t transaction, const char *path, uint64_t *value)
{
    (void)transaction;
    *value = target_kib;
    return strcmp(path, "memory/target") ? -XEN_ENOENT : 0;
}

int pv_xenstore_watch(const char *path, const char *token)
{
    (void)path, (void)token;
    return 0;
}

uint32_t pv_xenstore_changes(void)
{
    return changes;
}

long pv_hypercall(unsigned int number, uint64_t op, uint64_t arg, uint64_t c, uint64_t d,
                  uint64_t e)
{
    struct xen_memory_reservation *r = (void *)arg;
    bool give = op == XENMEM_decrease_reservation;
    unsigned int done = 0;

    (void)c, (void)d, (void)e;
    if (number != __HYPERVISOR_memory_op)
        abort();
    for (; done < r->nr_extents && limit; done++, limit--) {
        xen_pfn_t *frame = &r->extent_start.p[done];
        uint64_t pfn = pv_guest.is_pv && give ? *frame - 0x100000 : *frame;

        if (pfn < SPARE || pfn >= PAGES || owned[pfn] != give)
            abort();
        owned[pfn] = !give;
        if (pv_guest.is_pv && !give)
            *frame = pfn + 0x100000;
    }
    return done;
}

static unsigned int count(void)
{
    unsigned int n = 0;

    for (unsigned int i = 0; i < PAGES; i++) {
        n += owned[i];
        if (pv_guest.is_pv)
            CHECK_EQ(frames[i], owned[i] ? i + 0x100000 : ~0ul);
        CHECK(i + 1 == PAGES || owned[i] || !owned[i + 1]); /* what is gone is the end */
    }
    return n;
}

static void moves(bool is_pv)
{
    struct pv_balloon balloon;

    pv_guest = (struct pv_guest){.is_pv = is_pv, .frames = frames, .pages = PAGES, .spare = SPARE,
                                 .spare_end = PAGES};
    for (unsigned int i = 0; i < PAGES; i++) {
        frames[i] = i + 0x100000;
        owned[i] = true;
    }
    target_kib = PAGES * 4;
    CHECK_EQ(pv_balloon_open(&balloon), 0);
    CHECK_EQ(pv_balloon_adjust(&balloon), 0);
    for (int i = 0; i < 500; i++) {
        unsigned int want = SPARE + (unsigned int)check_random_below(PAGES - SPARE), had = count();

        limit = check_random() & 1 ? PAGES : (unsigned int)check_random_below(300);
        target_kib = want * 4;
        CHECK_EQ(pv_balloon_adjust(&balloon), 0); /* not told yet */
        changes++;
        CHECK(pv_balloon_adjust(&balloon) >= 0);
        if (limit)
            CHECK_EQ(count(), want);
        else
            CHECK(count() <= (want > had ? want : had) && count() >= (want < had ? want : had));
        CHECK_EQ(balloon.given, PAGES - count());
    }
    limit = 2 * PAGES;
    target_kib = 0; /* what the library needs stays */
    changes++;
    CHECK(pv_balloon_adjust(&balloon) >= 0);
    CHECK_EQ(count(), SPARE);
    target_kib = 100 * PAGES; /* and no more comes than there was */
    changes++;
    CHECK(pv_balloon_adjust(&balloon) >= 0);
    CHECK_EQ(count(), PAGES);
}

TEST(pv_guests)
{
    moves(true);
}

TEST(hvm_guests)
{
    moves(false);
}
