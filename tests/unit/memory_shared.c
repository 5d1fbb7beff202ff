/* SPDX-License-Identifier: BSD-2-Clause */
/* Frames that change hands, and pages the hypervisor shares: whose they are, and for how long. */
/* sources: hypervisor/domain/shared.c hypervisor/domain/teardown.c hypervisor/domain/page_owner.c */
/* sources: hypervisor/mm/page.c hypervisor/lib/cpumask.c hypervisor/lib/bitmap.c */
/* sources: tests/unit/fake/pv_only.c hypervisor/p2m/gfn.c */
/* cflags: -Itests/unit/fake */
#include "check.h"

#define WORLD_REAL_TEARDOWN 1
#include "memory_world.h"

#include "console/log.h"
#include "domain/kind.h"
#include "domain/shared.h"
#include "event/event.h"
#include "grant/grant.h"
#include "irq/irq.h"
#include "sched/pool.h"

static void *table; /* a page of the domain's grant table */
static bool on_list;
static unsigned int announced;

void heap_forget(domid_t domain)
{
    (void)domain;
}

void *heap_alloc_hyp(unsigned int order)
{
    struct page *pg = heap_alloc(order, 0);

    return pg ? frame_map(page_mfn(pg)) : NULL;
}

void heap_free_hyp(void *p, unsigned int order)
{
    if (p)
        heap_free(mfn_page(direct_mfn(p)), order);
}

int event_domain_relinquish(struct domain *d)
{
    (void)d;
    return 0;
}

int grant_domain_relinquish(struct domain *d)
{
    (void)d;
    return 0;
}

int grant_domain_unshare(struct domain *d)
{
    (void)d;
    if (table)
        shared_page_end(table);
    return 0;
}

void irq_domain_relinquish(struct domain *d)
{
    (void)d;
}

void event_layout_changed(struct domain *d unused) {}

void time_publish_wallclock(struct domain *d unused) {}

void event_vcpu_info_moved(struct vcpu *v)
{
    (void)v;
}

void sched_pool_leave(struct domain *d)
{
    (void)d;
}

void domain_pause(struct domain *d)
{
    (void)d;
}

void domain_unpublish(struct domain *d)
{
    (void)d;
    CHECK(on_list);
    on_list = false;
}

void event_raise_global_virq(uint32_t virq)
{
    CHECK_EQ(virq, VIRQ_DOM_EXC);
    announced++;
}

void log_line(enum log_level level, const char *format, ...)
{
    (void)level;
    (void)format;
}

static int relinquish(struct domain *d)
{
    (void)d;
    return 0;
}

static const struct guest_kind kind = {.domain_relinquish = relinquish};

static void begin(uint64_t max_pages)
{
    world_reset(0, max_pages);
    world_domain.kind = &kind;
    on_list = true;
    announced = 0;
    table = NULL;
    CHECK_EQ(shared_info_create(&world_domain), 0);
}

static struct page *page_of(const void *p)
{
    return mfn_page(direct_mfn(p));
}

/* Everything is over: free what the last reference to the domain would free. */
static void end(void)
{
    CHECK(!on_list);
    shared_info_free(&world_domain);
    shared_page_free(table);
    CHECK_EQ(heap_free_pages(), FRAMES);
}

TEST(nobody_maps_anything)
{
    begin(4);
    CHECK(table = shared_page_create(&world_domain));
    CHECK_EQ(world_domain.hyp_pages, 2);
    CHECK_EQ(domain_kill(&world_domain), 0);
    CHECK_EQ(world_domain.hyp_pages, 0);
    CHECK_EQ(announced, 1);
    end();
}

/* dom0 has mapped a page: no other domain may get the number meanwhile. */
static void keeps_the_number(struct page *pg)
{
    CHECK(page_get_writable(pg, &world_domain));
    CHECK_EQ(domain_kill(&world_domain), 0);
    CHECK(on_list);
    CHECK_EQ(world_domain.hyp_pages, 1);
    CHECK_EQ(page_owner_id(pg), DOM_ID);
    page_put_writable(pg);
    page_limbo_drain();
    CHECK_EQ(world_domain.hyp_pages, 0);
    CHECK(!page_get(pg, &world_domain)); /* the hypervisor's own: nobody's any more */
    CHECK_EQ(page_owner_id(pg), PAGE_OWNER_HYPERVISOR);
    CHECK_EQ(announced, 2);
    end();
}

TEST(a_mapped_table_keeps_the_number)
{
    begin(4);
    CHECK(table = shared_page_create(&world_domain));
    keeps_the_number(page_of(table));
}

TEST(a_mapped_shared_info_keeps_the_number)
{
    begin(4);
    keeps_the_number(page_of(world_domain.shared_info));
}

/* Both kinds: it takes the last of either. */
TEST(frames_and_shared_pages_count_together)
{
    for (int first = 0; first < 2; first++) {
        struct page *pg[2];

        begin(4);
        pg[0] = domain_alloc_pages(&world_domain, 0, 0, M2P_INVALID);
        pg[1] = page_of(world_domain.shared_info);
        CHECK(page_get(pg[0], &world_domain));
        CHECK(page_get(pg[1], &world_domain));
        CHECK_EQ(domain_kill(&world_domain), 0);
        page_put(pg[first]);
        page_limbo_drain();
        CHECK(on_list);
        page_put(pg[1 - first]);
        page_limbo_drain();
        end();
    }
}

TEST(a_dying_domain_gets_no_page)
{
    struct page *pg;

    begin(4);
    pg = domain_alloc_pages(&world_domain, 0, 0, M2P_INVALID);
    CHECK(page_get(pg, &world_domain));
    CHECK_EQ(domain_kill(&world_domain), 0);
    CHECK(!shared_page_create(&world_domain));
    CHECK_EQ(world_domain.hyp_pages, 0);
    page_put(pg);
    page_limbo_drain();
    end();
}

/* Its creation failed: the pages were never anybody's. */
TEST(a_domain_that_never_was)
{
    begin(4);
    CHECK(table = shared_page_create(&world_domain));
    on_list = false;
    end();
}

/* ---- frames that change hands ---- */

TEST(a_frame_is_taken_from_its_only_user)
{
    struct page *pg, *other;

    begin(3);
    pg = domain_alloc_pages(&world_domain, 0, 0, M2P_INVALID);
    m2p_set(page_mfn(pg), 7);
    CHECK(page_get(pg, &world_domain));
    CHECK(!domain_take_frame(&world_domain, page_mfn(pg))); /* somebody looks at it */
    CHECK_EQ(page_type_get(pg, PAGE_WRITABLE), 0);
    CHECK(!domain_take_frame(&world_domain, page_mfn(pg)));
    page_put_writable(pg);
    page_flag(pg, PAGE_MAPPED_ELSEWHERE | PAGE_UNCACHED); /* once */
    CHECK(!domain_take_frame(&world_domain, MFN(FRAMES)));
    CHECK(!domain_take_frame(&world_domain, page_mfn(page_of(world_domain.shared_info))));
    world_flushes = 0;
    fake_clflushes = 0;
    CHECK(domain_take_frame(&world_domain, page_mfn(pg)) == pg);
    CHECK_EQ(world_flushes, 1);
    CHECK_EQ(fake_clflushes, PAGE_BYTES / 64);
    CHECK_EQ(world_m2p[page_mfn(pg).n], M2P_INVALID);
    CHECK_EQ(world_domain.tot_pages, 0);
    CHECK(!domain_take_frame(&world_domain, page_mfn(pg))); /* once */
    CHECK(!page_get(pg, &world_domain));
    /* given up, but still mapped */
    other = domain_alloc_pages(&world_domain, 0, 0, M2P_INVALID);
    CHECK(page_get(other, &world_domain));
    CHECK(page_release_allocated(other));
    CHECK(!domain_take_frame(&world_domain, page_mfn(other)));
    page_put(other);
    heap_free(pg, 0);
    CHECK_EQ(domain_kill(&world_domain), 0);
    end();
}

TEST(a_frame_is_given)
{
    struct page *pg;

    begin(2);
    world_domain.lowest_mfn = 50;
    world_domain.highest_mfn = 60;
    pg = domain_alloc_pages(&world_domain, 0, 0, M2P_INVALID);
    CHECK(domain_take_frame(&world_domain, page_mfn(pg)) == pg);
    world_domain.lowest_mfn = 50;
    CHECK_EQ(domain_adjust_pages(&world_domain, 1), 0);
    CHECK(domain_give_frame(&world_domain, pg));
    CHECK_EQ(world_domain.lowest_mfn, page_mfn(pg).n); /* teardown will find it */
    CHECK_EQ(pg->count, (uint64_t)DOM_ID << PAGE_OWNER_SHIFT | PAGE_ALLOCATED | 1);
    CHECK_EQ(domain_adjust_pages(&world_domain, 1), 0);
    CHECK_EQ(domain_adjust_pages(&world_domain, 1), -ENOMEM); /* its limit */
    CHECK_EQ(domain_adjust_pages(&world_domain, -1), 0);
    CHECK_EQ(domain_kill(&world_domain), 0);
    end();
    CHECK_EQ(domain_adjust_pages(&world_domain, 1), -ENOMEM);
    world_in_heap[page_mfn(pg).n] = false;
    CHECK(!domain_give_frame(&world_domain, pg)); /* dying */
    CHECK(!page_get(pg, &world_domain));
}

/* ---- vcpu_info ---- */

static struct vcpu other;

/* A second vCPU @id, and a frame for its area. */
static mfn_t begin_vcpu(uint32_t id, struct page **pg)
{
    begin(4);
    memset(&other, 0, sizeof(other));
    other.id = id;
    other.domain = &world_domain;
    other.down = VPF_DOWN;
    CHECK_EQ(vcpu_info_default(&other), 0);
    CHECK(*pg = domain_alloc_pages(&world_domain, 0, 0, M2P_INVALID));
    return page_mfn(*pg);
}

static void end_vcpu(struct page *pg)
{
    vcpu_info_release(&other);
    CHECK(other.info); /* a dump may look */
    other.info->evtchn_upcall_pending = 0;
    vcpu_info_free(&other);
    CHECK_EQ(pg->count & PAGE_REFS_MASK, 1);
    CHECK_EQ(page_type_now(pg), PAGE_NONE);
    CHECK_EQ(domain_kill(&world_domain), 0);
    CHECK_EQ(world_pool_blocks, 0);
    end();
}

/* Who read the pointer before goes on writing there; who reads it now finds the new place. */
TEST(a_sender_may_be_late)
{
    static const uint32_t ids[] = {0, 31, 32, 40};

    for (unsigned int i = 0; i < ARRAY_SIZE(ids); i++) {
        struct page *pg;
        mfn_t mfn = begin_vcpu(ids[i], &pg);
        vcpu_info_t *before = other.info;

        before->arch.cr2 = 123;
        CHECK_EQ(vcpu_info_register(&other, mfn, 64), 0);
        CHECK((uint8_t *)other.info == fake_ram[mfn.n] + 64);
        CHECK_EQ(other.info->arch.cr2, 123);
        CHECK_EQ(other.info->evtchn_upcall_mask, 1);
        __atomic_exchange_n(&before->evtchn_upcall_pending, 1, __ATOMIC_SEQ_CST);
        CHECK_EQ(vcpu_info_register(&other, mfn, 128), -EINVAL); /* once */
        CHECK_EQ(pg->count & PAGE_REFS_MASK, 2);
        end_vcpu(pg);
    }
}

TEST(vcpu_info_errors)
{
    struct page *pg;
    mfn_t mfn = begin_vcpu(33, &pg);

    CHECK_EQ(vcpu_info_register(&other, mfn, PAGE_BYTES - sizeof(vcpu_info_t) + 8), -ENXIO);
    CHECK_EQ(vcpu_info_register(&other, mfn, 4), -ENXIO);
    CHECK_EQ(vcpu_info_register(&other, MFN(FRAMES), 0), -EINVAL);
    CHECK_EQ(vcpu_info_register(&other, MFN(FRAMES - 1), 0), -EINVAL); /* not its own */
    other.down = 0; /* up, and not the caller: to wait for it may be for ever */
    CHECK_EQ(vcpu_info_register(&other, mfn, 0), -EINVAL);
    fake_percpu[0].current = &other;
    CHECK_EQ(vcpu_info_register(&other, mfn, 0), 0);
    fake_percpu[0].current = &world_vcpu;
    end_vcpu(pg);
}
