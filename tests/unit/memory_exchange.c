/* SPDX-License-Identifier: BSD-2-Clause */
/* XENMEM_exchange is all or nothing, whatever fails in the middle of it. */
/* sources: hypervisor/domain/exchange.c hypervisor/domain/reservation.c */
/* sources: hypervisor/domain/page_owner.c hypervisor/mm/page.c hypervisor/lib/sort.c */
/* sources: hypervisor/lib/cpumask.c hypervisor/lib/bitmap.c */
/* sources: tests/unit/fake/pv_only.c */
/* cflags: -Itests/unit/fake */
#include "check.h"

#include "memory_world.h"

int memory_target(domid_t id, struct domain **out)
{
    *out = domain_get_arg(id);
    return *out ? 0 : -ESRCH;
}

long memory_continue(uint32_t cmd, uint64_t done)
{
    world_args[0] = cmd | done << MEMORY_CMD_BITS;
    return -ERESTART;
}

/* What an exchange may change. */
struct picture {
    uint64_t count[FRAMES], m2p[FRAMES], tot_pages;
    bool in_heap[FRAMES];
};

static void take_picture(struct picture *p)
{
    page_limbo_drain();
    for (unsigned int i = 0; i < FRAMES; i++)
        p->count[i] = world_in_heap[i] ? 0 : mfn_page(MFN(i))->count;
    memcpy(p->m2p, world_m2p, sizeof(p->m2p));
    memcpy(p->in_heap, world_in_heap, sizeof(p->in_heap));
    p->tot_pages = world_domain.tot_pages;
}

static uint64_t mfns[64], gpfns[64];

/* Give the domain @count single frames as pfns 1000 on. */
static void populate(unsigned int count)
{
    for (unsigned int i = 0; i < count; i++) {
        struct page *pg = domain_alloc_pages(&world_domain, 0, 0, M2P_INVALID);

        CHECK(pg);
        mfns[i] = page_mfn(pg).n;
        m2p_set(MFN(mfns[i]), 1000 + i);
    }
}

static struct xen_memory_exchange request(unsigned int in_count, unsigned int in_order,
                                          unsigned int out_count, unsigned int out_order,
                                          unsigned int bits)
{
    struct xen_memory_exchange e = {
        .in = {.nr_extents = in_count, .extent_order = in_order, .domid = DOMID_SELF},
        .out = {.nr_extents = out_count, .extent_order = out_order, .mem_flags = bits,
                .domid = DOMID_SELF},
    };

    e.in.extent_start.p = mfns;
    e.out.extent_start.p = gpfns;
    return e;
}

static long run(struct xen_memory_exchange *e)
{
    return reservation_exchange((uint64_t)(uintptr_t)e);
}

TEST(singles_become_one_extent)
{
    struct xen_memory_exchange e = request(8, 0, 1, 3, 0);

    world_reset(0, 8);
    populate(8);
    gpfns[0] = 2000;
    CHECK_EQ(run(&e), 0);
    CHECK_EQ(e.nr_exchanged, 8);
    CHECK_EQ(gpfns[0] % 8, 0);
    for (unsigned int i = 0; i < 8; i++) {
        CHECK_EQ(world_m2p[gpfns[0] + i], 2000 + i);
        CHECK(page_owner_id(mfn_page(MFN(gpfns[0] + i))) == DOM_ID);
    }
    CHECK_STR(world_wrong(0) ?: "nothing", "nothing");
    CHECK_EQ(world_domain.tot_pages, 8);
}

TEST(one_extent_becomes_singles)
{
    struct xen_memory_exchange e = request(1, 3, 8, 0, 0);
    struct page *pg;

    world_reset(0, 8);
    pg = domain_alloc_pages(&world_domain, 3, 0, M2P_INVALID);
    mfns[0] = page_mfn(pg).n;
    for (unsigned int i = 0; i < 8; i++)
        gpfns[i] = 3000 + i;
    CHECK_EQ(run(&e), 0);
    CHECK_EQ(e.nr_exchanged, 1);
    for (unsigned int i = 0; i < 8; i++)
        CHECK_EQ(world_m2p[gpfns[i]], 3000 + i);
    CHECK_STR(world_wrong(0) ?: "nothing", "nothing");
}

/* Each step that can fail fails once; before the last there must be no trace of the attempt. */
TEST(every_failure_leaves_nothing)
{
    static struct picture before, after;
    unsigned int steps = 0, failed = 0;

    for (int fail = 0; fail < 1000; fail++) {
        struct xen_memory_exchange e = request(8, 0, 1, 3, 0);
        long rc;

        world_reset(0, 8);
        populate(8);
        gpfns[0] = 2000;
        take_picture(&before);
        world_steps = 0;
        world_fail_in = fail;
        rc = run(&e);
        steps = world_steps;
        world_fail_in = -1;
        CHECK_STR(world_wrong(0) ?: "nothing", "nothing");
        take_picture(&after);
        if (rc == 0) {
            CHECK_EQ(fail, steps);
            break;
        }
        failed++;
        CHECK(rc == -ENOMEM || rc == -EFAULT);
        if (fail + 1u < steps) /* but for writing the count of what was done */
            CHECK(!memcmp(&before, &after, sizeof(before)));
        CHECK_EQ(e.nr_exchanged, 0);
    }
    CHECK(failed >= 6);
}

TEST(addresses_are_bounded)
{
    struct xen_memory_exchange e = request(8, 0, 1, 3, 18);
    static struct picture before, after;

    world_reset(64, 8); /* nothing free below 2^18 */
    populate(8);
    take_picture(&before);
    CHECK_EQ(run(&e), -ENOMEM);
    take_picture(&after);
    CHECK(!memcmp(&before, &after, sizeof(before)));
    CHECK_EQ(e.nr_exchanged, 0);
    e.out.mem_flags = 14; /* too narrow for the order */
    CHECK_EQ(run(&e), -ENOMEM);
    e.out.mem_flags = 19;
    CHECK_EQ(run(&e), 0);
    CHECK((gpfns[0] + 7) << PAGE_SHIFT < 1 << 19);
}

TEST(foreign_and_repeated_frames_are_refused)
{
    static struct picture before, after;

    for (unsigned int kind = 0; kind < 5; kind++) {
        struct xen_memory_exchange e = request(8, 0, 1, 3, 0);

        world_reset(0, 9);
        populate(8);
        switch (kind) {
        case 0:
            mfns[5] = mfns[2];
            break;
        case 1:
            mfns[7] = FRAMES;
            break;
        case 2:
            mfns[7] = ~0ULL;
            break;
        case 3: /* of another domain */
            page_assign(heap_alloc(0, 0), 9, 0);
            mfns[0] = 8;
            break;
        case 4: /* shared by the hypervisor */
            page_assign(heap_alloc(0, 0), DOM_ID, PAGE_XENHEAP);
            mfns[0] = 8;
            break;
        }
        take_picture(&before);
        CHECK_EQ(run(&e), -EINVAL);
        take_picture(&after);
        CHECK(!memcmp(&before, &after, sizeof(before)));
        CHECK_EQ(e.nr_exchanged, 0);
    }
}

TEST(bad_requests_are_refused)
{
    struct xen_memory_exchange e;

    world_reset(0, 8);
    populate(8);
    e = request(8, 0, 1, 2, 0); /* sizes differ */
    CHECK_EQ(run(&e), -EINVAL);
    e = request(1ULL << 31, 0, 1, 31, 0);
    CHECK_EQ(run(&e), -EPERM);
    e = request(1, 12, 1, 12, 0); /* long steps are for the control domain */
    CHECK_EQ(run(&e), -ENOMEM);
    world_control = false;
    CHECK_EQ(run(&e), -EPERM);
    e = request(1, 9, 1, 9, 0);
    CHECK_EQ(run(&e), -ENOMEM);
    world_control = true;
    e = request(8, 0, 1, 3, 0);
    e.out.domid = 0;
    CHECK_EQ(run(&e), -EINVAL);
    e = request(8, 0, 1, 3, 0);
    e.nr_exchanged = 3; /* not a chunk */
    CHECK_EQ(run(&e), -EINVAL);
    e.nr_exchanged = 16;
    CHECK_EQ(run(&e), -EINVAL);
    e = request(8, 0, 8, 0, 0);
    e.in.nr_extents = e.out.nr_extents = 1ULL << 60;
    CHECK_EQ(run(&e), -EINVAL);
    CHECK_STR(world_wrong(0) ?: "nothing", "nothing");
}

/* A frame that is still mapped or used is not traded, and neither is any other with it. */
TEST(mapped_frames_stay)
{
    struct xen_memory_exchange e = request(8, 0, 1, 3, 0);
    struct page *kept;

    world_reset(0, 8);
    populate(8);
    kept = mfn_page(MFN(mfns[3]));
    CHECK(page_get(kept, &world_domain));
    CHECK_EQ(run(&e), -EINVAL);
    page_put(kept);
    CHECK_EQ(world_domain.tot_pages, 8);
    CHECK_STR(world_wrong(0) ?: "nothing", "nothing");
    e = request(8, 0, 1, 3, 0);
    CHECK_EQ(run(&e), 0);
    page_limbo_drain();
    CHECK_EQ(world_domain.tot_pages, 8);
}

/* The guest maps its old frames between the moment they were found idle and the trade. */
static void map_old_frames(void)
{
    world_on_copy = NULL;
    for (unsigned int i = 0; i < 4; i++)
        CHECK(page_get(mfn_page(MFN(mfns[i])), &world_domain));
}

TEST(held_frames_count_before_the_next_chunk)
{
    struct xen_memory_exchange e = request(8, 0, 2, 2, 0);

    world_reset(0, 8);
    populate(8);
    world_on_copy = map_old_frames;
    CHECK_EQ(run(&e), -ENOMEM);
    CHECK_EQ(e.nr_exchanged, 4);
    CHECK_EQ(world_domain.tot_pages, 12); /* no further above its 8 than one chunk */
    for (unsigned int i = 0; i < 4; i++)
        page_put(mfn_page(MFN(mfns[i])));
    e.in.extent_start.p = mfns;
    CHECK_EQ(run(&e), 0);
    page_limbo_drain();
    CHECK_EQ(world_domain.tot_pages, 8);
}

TEST(chunks_continue_where_they_stopped)
{
    struct xen_memory_exchange e = request(16, 0, 4, 2, 0);
    unsigned int calls = 0;
    long rc;

    world_reset(0, 16);
    populate(16);
    for (unsigned int i = 0; i < 4; i++)
        gpfns[i] = 5000 + 4 * i;
    do {
        world_preempt_in = 0;
        rc = run(&e);
        calls++;
    } while (rc == -ERESTART);
    world_preempt_in = -1;
    CHECK_EQ(rc, 0);
    CHECK_EQ(calls, 4);
    CHECK_EQ(e.nr_exchanged, 16);
    for (unsigned int i = 0; i < 4; i++)
        CHECK_EQ(world_m2p[gpfns[i] + 3], 5003 + 4 * i);
    CHECK_STR(world_wrong(0) ?: "nothing", "nothing");
}

/* ---- reservations ---- */

static long reserve(uint32_t cmd, uint64_t start, struct xen_memory_reservation *r)
{
    return reservation_op(cmd, start, (uint64_t)(uintptr_t)r);
}

TEST(populate_and_decrease)
{
    struct xen_memory_reservation r = {.nr_extents = 4, .extent_order = 2, .domid = DOMID_SELF};
    static uint64_t list[8];

    world_reset(0, 20);
    r.extent_start.p = list;
    for (unsigned int i = 0; i < 4; i++)
        list[i] = 100 + 4 * i;
    CHECK_EQ(reserve(XENMEM_populate_physmap, 0, &r), 4);
    CHECK_EQ(world_domain.tot_pages, 16);
    CHECK_EQ(world_m2p[list[2] + 3], 111);
    r.nr_extents = 8;
    CHECK_EQ(reserve(XENMEM_populate_physmap, 4, &r), 5); /* the quota ends */
    CHECK_STR(world_wrong(0) ?: "nothing", "nothing");
    r.nr_extents = 5;
    CHECK_EQ(reserve(XENMEM_decrease_reservation, 0, &r), 5);
    CHECK_STR(world_wrong(0) ?: "nothing", "nothing");
    CHECK_EQ(world_domain.tot_pages, 0);
    CHECK_EQ(reserve(XENMEM_decrease_reservation, 0, &r), 0); /* gone already */
    r.extent_order = 30;
    CHECK_EQ(reserve(XENMEM_populate_physmap, 3, &r), 3);
    r.domid = 77;
    r.extent_order = 0;
    CHECK_EQ(reserve(XENMEM_populate_physmap, 0, &r), 0); /* nothing was done */
}

/* In one multicall: what was given up counts no longer when the next entry asks for as much. */
TEST(frames_given_up_make_room_at_once)
{
    struct xen_memory_reservation r = {.nr_extents = 3, .domid = DOMID_SELF};
    uint64_t list[3] = {10, 11, 12};

    world_reset(0, 3);
    r.extent_start.p = list;
    CHECK_EQ(reserve(XENMEM_populate_physmap, 0, &r), 3);
    CHECK_EQ(reserve(XENMEM_decrease_reservation, 0, &r), 3);
    list[0] = 20;
    list[1] = 21;
    list[2] = 22;
    CHECK_EQ(reserve(XENMEM_populate_physmap, 0, &r), 3);
    CHECK_EQ(world_domain.tot_pages, 3);
    CHECK_STR(world_wrong(0) ?: "nothing", "nothing");
}

TEST(populate_survives_every_failure)
{
    for (int fail = 0; fail < 100; fail++) {
        struct xen_memory_reservation r = {.nr_extents = 4, .domid = DOMID_SELF};
        uint64_t list[4] = {10, 11, 12, 13};
        long rc;

        world_reset(0, 20);
        r.extent_start.p = list;
        world_fail_in = fail;
        rc = reserve(XENMEM_populate_physmap, 0, &r);
        CHECK_STR(world_wrong(0) ?: "nothing", "nothing");
        CHECK(rc == -EFAULT || (uint64_t)rc == world_domain.tot_pages);
        if (rc == 4)
            return;
    }
    CHECK(false);
}

TEST(long_lists_are_continued)
{
    struct xen_memory_reservation r = {.nr_extents = 10, .domid = DOMID_SELF};
    uint64_t list[10], start = 0;
    unsigned int calls = 0;
    long rc;

    world_reset(0, 20);
    r.extent_start.p = list;
    for (unsigned int i = 0; i < 10; i++)
        list[i] = 50 + i;
    do {
        world_preempt_in = 2;
        rc = reserve(XENMEM_populate_physmap, start, &r);
        start = world_args[0] >> MEMORY_CMD_BITS;
        calls++;
    } while (rc == -ERESTART);
    CHECK_EQ(rc, 10);
    CHECK(calls > 2);
    CHECK_EQ(world_domain.tot_pages, 10);
    CHECK_STR(world_wrong(0) ?: "nothing", "nothing");
}

TEST(claims_hold_frames_back)
{
    struct xen_memory_reservation r = {.nr_extents = FRAMES - 10, .domid = DOM_ID};
    static struct domain other = {.id = 4, .life = DOMAIN_ALIVE, .max_pages = FRAMES};

    world_reset(0, FRAMES);
    CHECK_EQ(reservation_claim((uint64_t)(uintptr_t)&r), 0);
    CHECK_EQ(reservation_claim((uint64_t)(uintptr_t)&r), -EINVAL); /* one at a time */
    CHECK(!domain_alloc_pages(&other, 4, 0, M2P_INVALID));
    CHECK(domain_alloc_pages(&world_domain, 4, 0, M2P_INVALID));
    CHECK_EQ(world_domain.claimed_pages, FRAMES - 26);
    CHECK_EQ(world_claimed, FRAMES - 26);
    r.nr_extents = 0;
    CHECK_EQ(reservation_claim((uint64_t)(uintptr_t)&r), 0);
    CHECK_EQ(world_claimed, 0);
    r.nr_extents = FRAMES + 1;
    CHECK_EQ(reservation_claim((uint64_t)(uintptr_t)&r), -EINVAL);
    world_control = false;
    CHECK_EQ(reservation_claim((uint64_t)(uintptr_t)&r), -EPERM);
}

TEST(a_dying_domain_gets_nothing)
{
    struct xen_memory_reservation r = {.nr_extents = 1, .domid = DOM_ID};

    world_reset(0, 20);
    world_domain.life = DOMAIN_DYING;
    CHECK_EQ(reserve(XENMEM_increase_reservation, 0, &r), 0);
    CHECK_STR(world_wrong(0) ?: "nothing", "nothing");
}
