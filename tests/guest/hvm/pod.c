/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory that is populated on demand: a guest with fewer frames than it was promised. */
#include "tests/guest/lib/hvm.h"

#define PROMISED_AT  0x1000u /* guest frames; 1,024 of them in two large extents and single ones */
#define LARGE_FRAMES 512u
#define GIVEN        600u    /* frames for them */

static struct child *c;
static struct xen_pod_target target;

static long set_target(uint64_t pages)
{
    target = (struct xen_pod_target){.domid = c->domid, .target_pages = pages};
    return hc_memory_op(XENMEM_set_pod_target, &target);
}

static long get_target(void)
{
    target = (struct xen_pod_target){.domid = c->domid};
    return hc_memory_op(XENMEM_get_pod_target, &target);
}

static long promise(domid_t domid, xen_pfn_t gfn, unsigned int order)
{
    struct xen_memory_reservation r = {.nr_extents = 1, .extent_order = order, .domid = domid,
                                       .mem_flags = XENMEMF_populate_on_demand};

    set_xen_guest_handle(r.extent_start, &gfn);
    return hc_memory_op(XENMEM_populate_physmap, &r);
}

/* A child whose memory from PROMISED_AT on is promised: @frames of 1,024 are set aside. */
static bool pod_child(void (*fn)(void *), uint64_t frames)
{
    const struct child_options options = {.hvm = true, .paused = true};
    struct xen_domctl op = {0};

    c = child_make(fn, &options);
    if (!c)
        return false;
    op.u.max_mem.max_memkb = (c->pages + 2048) * 4;
    CHECK_EQ(child_domctl(c, XEN_DOMCTL_max_mem, &op), 0);
    memset(&op, 0, sizeof(op));
    op.u.paging_mempool.size = 1 << 20;
    CHECK_EQ(child_domctl(c, XEN_DOMCTL_set_paging_mempool_size, &op), 0);
    CHECK_EQ(promise(c->domid, PROMISED_AT, 9), 1);
    CHECK_EQ(promise(c->domid, PROMISED_AT + 512, 9), 1);
    CHECK_EQ(get_target(), 0);
    CHECK_EQ(target.pod_entries, 1024);
    CHECK_EQ(target.pod_cache_pages, 0);
    CHECK_EQ(set_target(target.tot_pages + frames), 0);
    CHECK_EQ(target.pod_cache_pages, frames);
    CHECK_EQ(promise(c->domid, c->first_pfn, 0), 0); /* where memory is */
    return true;
}

static volatile uint64_t *at_gfn(volatile uint64_t *window, uint64_t gfn)
{
    hvm_map(window, gfn, PTE_RW_FLAGS);
    return window;
}

static void toucher(void *arg unused)
{
    volatile uint64_t *window = page_alloc();
    xen_pfn_t gfn = PROMISED_AT + 3;
    struct xen_memory_reservation r = {.nr_extents = 1, .domid = DOMID_SELF,
                                       .mem_flags = XENMEMF_populate_on_demand};

    set_xen_guest_handle(r.extent_start, &gfn);
    CHECK_EQ(hc_memory_op(XENMEM_populate_physmap, &r), 0); /* none promises itself */
    /* by a call, by reading, by writing */
    CHECK_EQ(hc_xen_version(XENVER_extraversion, at_gfn(window, PROMISED_AT + 512)), 0);
    CHECK(*at_gfn(window, PROMISED_AT + 512));
    CHECK_EQ(*at_gfn(window, PROMISED_AT + 1), 0);
    for (uint64_t i = 0; i < 300; i++)
        *at_gfn(window, PROMISED_AT + i) = i + 1;
    for (uint64_t i = 0; i < 300; i++)
        CHECK_EQ(*at_gfn(window, PROMISED_AT + i), i + 1);
    /* more than there are: reading alone leaves them zero, so they do for others */
    for (unsigned int round = 0; round < 2; round++)
        for (uint64_t i = 300; i < 1024; i++)
            if (i != 512)
                CHECK_EQ(*at_gfn(window, PROMISED_AT + i), 0);
    for (uint64_t i = 0; i < 300; i++)
        CHECK_EQ(*at_gfn(window, PROMISED_AT + i), i + 1);
    /* what is given up keeps other promises */
    r.mem_flags = 0;
    for (uint64_t i = 0; i < 100; i++) {
        gfn = PROMISED_AT + i;
        CHECK_EQ(hc_memory_op(XENMEM_decrease_reservation, &r), 1);
        CHECK_EQ(*at_gfn(window, gfn), ~0UL);
    }
    for (uint64_t i = 100; i < 500; i++)
        *at_gfn(window, PROMISED_AT + i) = i + 1;
    for (uint64_t i = 100; i < 500; i++)
        CHECK_EQ(*at_gfn(window, PROMISED_AT + i), i + 1);
}

TEST(hvm, pod)
{
    uint64_t before;

    NEED(pod_child(toucher, GIVEN));
    before = target.tot_pages - 1; /* its shared_info takes the place of a frame */
    child_start(c);
    CHECK_EQ(child_wait(c, 60), SHUTDOWN_poweroff);
    CHECK_EQ(get_target(), 0);
    CHECK_EQ(target.tot_pages, before);
    CHECK_EQ(target.tot_pages - target.pod_cache_pages + target.pod_entries,
             before - GIVEN + 1024 - 100);
    child_end(c);
}

/* Memory that is only promised is memory to dom0 as well. */
TEST(hvm, pod_foreign)
{
    volatile uint64_t *page;
    long rc;

    NEED(pod_child(toucher, GIVEN));
    page = window_map(40, PROMISED_AT + 700, c->domid, PTE_RW_FLAGS, &rc);
    NEED(page);
    CHECK_EQ(*page, 0);
    *page = 5;
    window_unmap(40);
    page = window_map(40, PROMISED_AT + 700, c->domid, PTE_RW_FLAGS, &rc);
    NEED(page);
    CHECK_EQ(*page, 5);
    window_unmap(40);
    CHECK_EQ(get_target(), 0);
    CHECK(target.pod_cache_pages < GIVEN);
    CHECK_EQ(set_target(c->pages + 4096), -EINVAL); /* more than it may have */
    child_end(c);
}

static void spender(void *arg unused)
{
    volatile uint64_t *window = page_alloc();

    for (uint64_t i = 0; i < 1024; i++) {
        box.step = (uint32_t)i;
        *at_gfn(window, PROMISED_AT + i) = i + 1;
    }
}

/* A guest that uses all it was promised and not given. */
TEST(hvm, pod_out)
{
    struct host_state before;

    for (unsigned int i = 0; i < 2; i++) {
        before = host_state();
        NEED(pod_child(spender, GIVEN));
        child_start(c);
        CHECK_EQ(child_wait(c, 60), SHUTDOWN_crash);
        CHECK(c->box->step >= GIVEN);
        child_end(c);
    }
    host_check(&before);
}
