/* SPDX-License-Identifier: BSD-2-Clause */
/* Threads fight over a few frames: none is written by one while it is a table of another. */
/* sources: hypervisor/mm/page.c hypervisor/domain/page_hooks.c hypervisor/pv/type.c */
/* sources: hypervisor/pv/entry_ref.c hypervisor/pv/pte_update.c hypervisor/pv/targets.c */
/* sources: hypervisor/pv/mmu_update.c hypervisor/pv/mmuext.c hypervisor/pv/va_mapping.c */
/* sources: hypervisor/pv/address_space.c hypervisor/pv/grant_map.c hypervisor/lib/cpumask.c */
/* sources: hypervisor/lib/bitmap.c hypervisor/lib/range_set.c hypervisor/lib/rbtree.c */
/* sources: tests/unit/fake/pv_only.c hypervisor/p2m/gfn.c */
/* cflags: -Itests/unit/fake */
/* libs: -lpthread */
#include "tests/unit/check.h"

#include <pthread.h>

#include "tests/unit/pv_world.h"

#define THREADS 3
#define ROUNDS 4000
#define FIRST 1 /* frames FIRST.. of domain 0 are fought over */
#define FOUGHT 3

static uint64_t seed_of(void *arg)
{
    return 0x9e3779b97f4a7c15ULL * ((uintptr_t)arg + 1);
}

static uint64_t next(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    return *seed ^= *seed << 17;
}

/* Write what no table may hold, as a guest would through its mapping, and take it away again. */
static unsigned int scribble(uint64_t mfn)
{
    struct page *pg = mfn_page(MFN(mfn));
    uint64_t *entry = &world_table(mfn)[7];

    if (!page_get_writable(pg, &world_domain[0]))
        return 0;
    WRITE_ONCE(*entry, pte_make(MFN(PRIVATE_FRAME), PTE_P | PTE_RW));
    WORLD(page_type_now(pg) == PAGE_WRITABLE);
    WRITE_ONCE(*entry, 0);
    page_put_writable(pg);
    return 1;
}

static unsigned int link_frame(uint64_t mfn, uint64_t other, uint64_t flags)
{
    struct domain *d = &world_domain[0];
    unsigned int done = 0;

    pv_update_lock(d);
    if (pte_table_type(d, MFN(mfn)) == PAGE_L1)
        done = !pte_set_leaf(d, &world_table(mfn)[3],
                             flags & PTE_P ? pte_make(MFN(other), flags) : 0, d, PTE_SET, 0);
    pv_update_unlock(d);
    return done;
}

/* As for a transfer: taken when nobody uses it, forgotten by all TLBs, and given back. */
static unsigned int change_hands(uint64_t mfn)
{
    struct page *pg = mfn_page(MFN(mfn));

    if (!page_steal(pg, &world_domain[0]))
        return 0;
    WORLD(page_type_now(pg) == PAGE_NONE);
    WORLD(!page_get(pg, &world_domain[0]));
    tlb_flush_stale(&cpus_online, tlb_clock());
    page_assign(pg, world_domain[0].id, 0);
    return 1;
}

#define KINDS 5
static unsigned int successes[KINDS];

static void *fight(void *arg)
{
    uint64_t seed = seed_of(arg);

    for (unsigned int i = 0; i < ROUNDS; i++) {
        uint64_t r = next(&seed), mfn = FIRST + r % FOUGHT, other = FIRST + (r >> 8) % FOUGHT;
        unsigned int what = (unsigned int)(r >> 16) % KINDS, ok;

        if (what == 0)
            ok = scribble(mfn);
        else if (what == 1)
            ok = !type_pin(&world_domain[0], MFN(mfn), PAGE_L1);
        else if (what == 2)
            ok = !type_unpin(&world_domain[0], MFN(mfn));
        else if (what == 3)
            ok = change_hands(mfn);
        else
            ok = link_frame(mfn, other, (r >> 20) & (PTE_P | PTE_RW));
        __atomic_fetch_add(&successes[what], ok, __ATOMIC_RELAXED);
    }
    return NULL;
}

TEST(uses_exclude_each_other_and_counts_add_up)
{
    pthread_t threads[THREADS];

    world_reset();
    for (uintptr_t i = 0; i < THREADS; i++)
        CHECK_EQ(pthread_create(&threads[i], NULL, fight, (void *)i), 0);
    for (unsigned int i = 0; i < THREADS; i++)
        CHECK_EQ(pthread_join(threads[i], NULL), 0);
    for (unsigned int what = 0; what < KINDS; what++)
        CHECK(successes[what] > 20);
    world_check();
    world_end();
}
