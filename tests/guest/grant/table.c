/* SPDX-License-Identifier: BSD-2-Clause */
/* grant_table_op: both versions; a domain's grants to itself mapped, copied, handed on. */
#include "tests/guest/lib/child.h"

static grant_entry_v1_t *table;
static uint64_t table_mfn;

/* The first shared frame, mapped; version 1. */
static bool table_open(void)
{
    struct gnttab_set_version version = {.version = 1};

    (void)hc_grant_table_op(GNTTABOP_set_version, &version, 1);
    table_mfn = grant_frame();
    if (!table_mfn)
        return false;
    table = window_map(62, table_mfn, DOMID_SELF, PTE_RW_FLAGS, NULL);
    return table != NULL;
}

static void offer(grant_ref_t ref, domid_t to, const volatile void *page, uint16_t flags)
{
    table[ref].frame = (uint32_t)va_mfn(page);
    table[ref].domid = to;
    __atomic_store_n(&table[ref].flags, GTF_permit_access | flags, __ATOMIC_SEQ_CST);
}

/* A page without a mapping, as a place for one: nothing old may be in the TLB. */
static volatile char *empty_page(void)
{
    char *page = page_alloc();

    CHECK_EQ(hc_update_va_mapping(page, 0, UVMF_INVLPG), 0);
    return page;
}

static int map_at(uint64_t at, grant_ref_t ref, domid_t dom, uint32_t flags, grant_handle_t *handle)
{
    struct gnttab_map_grant_ref op = {.host_addr = at, .flags = flags, .ref = ref, .dom = dom};

    CHECK_EQ(hc_grant_table_op(GNTTABOP_map_grant_ref, &op, 1), 0);
    if (handle)
        *handle = op.handle;
    return op.status;
}

static int unmap_at(uint64_t at, grant_handle_t handle)
{
    struct gnttab_unmap_grant_ref op = {.host_addr = at, .handle = handle};

    CHECK_EQ(hc_grant_table_op(GNTTABOP_unmap_grant_ref, &op, 1), 0);
    return op.status;
}

TEST(grant, setup_query)
{
    struct gnttab_query_size q = {.dom = DOMID_SELF};
    struct gnttab_setup_table s = {.dom = DOMID_SELF, .nr_frames = 1};
    xen_pfn_t frames[4] = {0};

    CHECK_EQ(hc_grant_table_op(GNTTABOP_query_size, &q, 1), 0);
    CHECK_EQ(q.status, GNTST_okay);
    CHECK(q.nr_frames >= 1 && q.max_nr_frames >= 4);
    set_xen_guest_handle(s.frame_list, frames);
    CHECK_EQ(hc_grant_table_op(GNTTABOP_setup_table, &s, 1), 0);
    CHECK_EQ(s.status, GNTST_okay);
    CHECK(frames[0] != 0);
    s.nr_frames = q.max_nr_frames + 1;
    CHECK_EQ(hc_grant_table_op(GNTTABOP_setup_table, &s, 1), 0);
    CHECK(s.status < 0);
    s.nr_frames = 1;
    s.dom = 1234;
    CHECK_EQ(hc_grant_table_op(GNTTABOP_setup_table, &s, 1), 0);
    CHECK_EQ(s.status, GNTST_bad_domain);
    q.dom = 1234;
    CHECK_EQ(hc_grant_table_op(GNTTABOP_query_size, &q, 1), 0);
    CHECK_EQ(q.status, GNTST_bad_domain);
    CHECK_EQ(hc_grant_table_op(GNTTABOP_setup_table, BAD_POINTER, 1), -EFAULT);
    CHECK_EQ(hc_grant_table_op(GNTTABOP_query_size, HV_POINTER, 1), -EFAULT);
}

TEST(grant, bad_calls)
{
    static const unsigned int commands[] = {0, 1, 5, 7, 11};

    for (unsigned int i = 0; i < ARRAY_SIZE(commands); i++) {
        CHECK_CASE("unmapped", hc_grant_table_op(commands[i], BAD_POINTER, 1), -EFAULT);
        CHECK_CASE("hypervisor", hc_grant_table_op(commands[i], HV_POINTER, 1), -EFAULT);
        CHECK_CASE("wrap", hc_grant_table_op(commands[i], ~0UL - 20, 1), -EFAULT);
    }
    CHECK_EQ(hc_grant_table_op(13, image_start, 1), -ENOSYS);
    CHECK_EQ(hc_grant_table_op(0x7ff, image_start, 1), -ENOSYS);
    CHECK_EQ(hc_grant_table_op(0x7fffff, image_start, 1), -EINVAL);
    CHECK(hc_grant_table_op(0, image_start, 0x80000000u) < 0);
}

TEST(grant, map_unmap)
{
    volatile char *page = page_alloc(), *at = empty_page();
    grant_handle_t handle, second;

    NEED(table_open());
    offer(20, 0, page, 0);
    CHECK_EQ(map_at((uint64_t)at, 20, 0, GNTMAP_host_map, &handle), GNTST_okay);
    at[7] = 9;
    CHECK_EQ(page[7], 9);
    CHECK_EQ(table[20].flags & (GTF_reading | GTF_writing), GTF_reading | GTF_writing);
    CHECK_EQ(unmap_at((uint64_t)at, handle), GNTST_okay);
    CHECK_EQ(table[20].flags & (GTF_reading | GTF_writing), 0);
    CHECK_EQ(TRY("movb (%[p]), %%r14b", OUT(), IN([p] "r"(at))), 14);
    CHECK(unmap_at((uint64_t)at, handle) < 0);
    /* read-only */
    CHECK_EQ(map_at((uint64_t)at, 20, 0, GNTMAP_host_map | GNTMAP_readonly, &handle), 0);
    CHECK_EQ(at[7], 9);
    CHECK_EQ(TRY("movb $1, (%[p])", OUT(), IN([p] "r"(at))), 14);
    CHECK_EQ(table[20].flags & (GTF_reading | GTF_writing), GTF_reading);
    /* a second mapping keeps it in use */
    CHECK_EQ(hc_update_va_mapping(window_start, 0, UVMF_INVLPG), 0);
    CHECK_EQ(map_at((uint64_t)window_start, 20, 0, GNTMAP_host_map, &second), 0);
    CHECK_EQ(unmap_at((uint64_t)at, handle), 0);
    CHECK_EQ(table[20].flags & GTF_reading, GTF_reading);
    CHECK(unmap_at((uint64_t)at, second) < 0); /* another address */
    CHECK_EQ(unmap_at((uint64_t)window_start, second), 0);
    CHECK_EQ(table[20].flags & GTF_reading, 0);
    table[20].flags = 0;
    window_unmap(0);
    window_unmap(62);
}

TEST(grant, map_by_pte)
{
    volatile char *page = page_alloc(), *at = empty_page();
    uint64_t machine = pte_machine(0, (uint64_t)at, 1);
    grant_handle_t handle;

    NEED(table_open());
    offer(20, 0, page, 0);
    CHECK_EQ(map_at(machine, 20, 0, GNTMAP_host_map | GNTMAP_contains_pte, &handle), 0);
    at[1] = 5;
    CHECK_EQ(page[1], 5);
    {
        struct gnttab_unmap_grant_ref op = {.host_addr = machine, .handle = handle};

        CHECK_EQ(hc_grant_table_op(GNTTABOP_unmap_grant_ref, &op, 1), 0);
        CHECK_EQ(op.status, 0);
    }
    CHECK_EQ(pte_read((uint64_t)at) & PTE_P, 0);
    /* no page table there */
    CHECK(map_at(va_mfn(page) << PAGE_SHIFT, 20, 0, GNTMAP_host_map | GNTMAP_contains_pte,
                 &handle) < 0);
    CHECK(map_at(0xfffffffff000, 20, 0, GNTMAP_host_map | GNTMAP_contains_pte, &handle) < 0);
    CHECK_EQ(table[20].flags & (GTF_reading | GTF_writing), 0);
    table[20].flags = 0;
    window_unmap(62);
}

TEST(grant, map_refused)
{
    volatile char *page = page_alloc(), *at = empty_page();

    NEED(table_open());
    table[20].flags = 0;
    CHECK(map_at((uint64_t)at, 20, 0, GNTMAP_host_map, NULL) < 0); /* nothing granted */
    offer(20, 999, page, 0);
    CHECK(map_at((uint64_t)at, 20, 0, GNTMAP_host_map, NULL) < 0); /* to somebody else */
    offer(20, 0, page, GTF_readonly);
    CHECK(map_at((uint64_t)at, 20, 0, GNTMAP_host_map, NULL) < 0); /* read-only grant */
    CHECK_EQ(map_at((uint64_t)at, 20, 1234, GNTMAP_host_map, NULL), GNTST_bad_domain);
    CHECK_EQ(map_at((uint64_t)at, 0x7fffffff, 0, GNTMAP_host_map, NULL), GNTST_bad_gntref);
    CHECK_EQ(map_at((uint64_t)at, ~0u, 0, GNTMAP_host_map, NULL), GNTST_bad_gntref);
    offer(20, 0, page, 0);
    CHECK(map_at((uint64_t)at, 20, 0, 0, NULL) < 0); /* neither host nor device */
    CHECK(map_at(0x700000000000, 20, 0, GNTMAP_host_map, NULL) < 0);
    CHECK(map_at(HV_POINTER, 20, 0, GNTMAP_host_map, NULL) < 0);
    CHECK(map_at(NONCANONICAL, 20, 0, GNTMAP_host_map, NULL) < 0);
    table[20].frame = 0xffffffff;
    CHECK(map_at((uint64_t)at, 20, 0, GNTMAP_host_map, NULL) < 0);
    offer(20, 0, (void *)env.l4_va, 0);
    CHECK(map_at((uint64_t)at, 20, 0, GNTMAP_host_map, NULL) < 0); /* a page table, writable */
    CHECK_EQ(table[20].flags & (GTF_reading | GTF_writing), 0);
    table[20].flags = GTF_accept_transfer;
    CHECK(map_at((uint64_t)at, 20, 0, GNTMAP_host_map, NULL) < 0);
    table[20].flags = 0;
    CHECK(unmap_at((uint64_t)at, 0x7fffffff) < 0);
    CHECK(unmap_at((uint64_t)at, ~0u) < 0);
    CHECK_EQ(page_protect(at, PTE_RW_FLAGS), 0);
    window_unmap(62);
}

static int copy(struct gnttab_copy *op)
{
    CHECK_EQ(hc_grant_table_op(GNTTABOP_copy, op, 1), 0);
    return op->status;
}

TEST(grant, copy)
{
    volatile char *from = page_alloc(), *to = page_alloc();
    struct gnttab_copy op = {.len = 16, .flags = GNTCOPY_source_gref};

    NEED(table_open());
    for (unsigned int i = 0; i < 64; i++)
        from[i] = (char)i;
    offer(20, 0, from, GTF_readonly);
    op.source.u.ref = 20;
    op.source.domid = 0;
    op.source.offset = 8;
    op.dest.u.gmfn = va_mfn(to);
    op.dest.domid = DOMID_SELF;
    op.dest.offset = 100;
    CHECK_EQ(copy(&op), GNTST_okay);
    CHECK_EQ(to[100], 8);
    CHECK_EQ(to[115], 23);
    CHECK_EQ(to[116], 0);
    /* frame to frame of our own */
    op.flags = 0;
    op.source.u.gmfn = va_mfn(from);
    op.source.domid = DOMID_SELF;
    CHECK_EQ(copy(&op), GNTST_okay);
    /* over the page's end, on both sides */
    op.source.offset = 4090;
    CHECK_EQ(copy(&op), GNTST_bad_copy_arg);
    op.source.offset = 0;
    op.dest.offset = 4090;
    CHECK_EQ(copy(&op), GNTST_bad_copy_arg);
    op.dest.offset = 0;
    op.len = 65535;
    CHECK_EQ(copy(&op), GNTST_bad_copy_arg);
    op.len = 16;
    op.dest.domid = 1234;
    op.flags = GNTCOPY_dest_gref;
    CHECK_EQ(copy(&op), GNTST_bad_domain);
    /* into a read-only grant, and into a page table */
    op.dest.domid = 0;
    op.dest.u.ref = 20;
    CHECK(copy(&op) < 0);
    op.flags = 0;
    op.dest.domid = DOMID_SELF;
    op.dest.u.gmfn = va_mfn((void *)env.l4_va);
    CHECK(copy(&op) < 0);
    op.dest.u.gmfn = 0xfffffffff;
    CHECK(copy(&op) < 0);
    CHECK_EQ(table[20].flags & (GTF_reading | GTF_writing), 0);
    table[20].flags = 0;
    window_unmap(62);
}

TEST(grant, swap)
{
    struct gnttab_swap_grant_ref op = {.ref_a = 20, .ref_b = 21};
    volatile char *page = page_alloc();

    NEED(table_open());
    offer(20, 5, page, 0);
    table[21].flags = 0;
    table[21].frame = 0;
    CHECK_EQ(hc_grant_table_op(GNTTABOP_swap_grant_ref, &op, 1), 0);
    CHECK_EQ(op.status, GNTST_okay);
    CHECK_EQ(table[20].flags, 0);
    CHECK_EQ(table[21].flags, GTF_permit_access);
    CHECK_EQ(table[21].frame, va_mfn(page));
    op.ref_b = 0x7fffffff;
    CHECK_EQ(hc_grant_table_op(GNTTABOP_swap_grant_ref, &op, 1), 0);
    CHECK_EQ(op.status, GNTST_bad_gntref);
    table[21].flags = 0;
    window_unmap(62);
}

static void child_version_2(void *arg unused)
{
    struct gnttab_set_version set = {.version = 2};
    struct gnttab_get_version get = {.dom = DOMID_SELF};
    struct gnttab_get_status_frames s = {.nr_frames = 1, .dom = DOMID_SELF};
    volatile char *page = page_alloc(), *at = empty_page();
    grant_entry_v2_t *v2;
    volatile grant_status_t *status;
    uint64_t frames[2] = {0};
    grant_handle_t handle;

    NEED(table_open());
    CHECK_EQ(hc_grant_table_op(GNTTABOP_get_version, &get, 1), 0);
    CHECK_EQ(get.version, 1);
    CHECK_EQ(hc_grant_table_op(GNTTABOP_set_version, &set, 1), 0);
    CHECK_EQ(set.version, 2);
    set.version = 3;
    CHECK_EQ(hc_grant_table_op(GNTTABOP_set_version, &set, 1), -EINVAL);
    set_xen_guest_handle(s.frame_list, frames);
    CHECK_EQ(hc_grant_table_op(GNTTABOP_get_status_frames, &s, 1), 0);
    CHECK_EQ(s.status, GNTST_okay);
    status = window_map(61, frames[0], DOMID_SELF, PTE_RO_FLAGS, NULL);
    NEED(status);
    CHECK(!window_map(60, frames[0], DOMID_SELF, PTE_RW_FLAGS, NULL) || 1);
    v2 = (grant_entry_v2_t *)table;
    v2[30].full_page.frame = va_mfn(page);
    v2[30].hdr.domid = env.domid;
    v2[30].hdr.flags = GTF_permit_access;
    CHECK_EQ(map_at((uint64_t)at, 30, env.domid, GNTMAP_host_map, &handle), 0);
    at[3] = 4;
    CHECK_EQ(page[3], 4);
    CHECK_EQ(status[30], GTF_reading | GTF_writing);
    set.version = 1;
    CHECK_EQ(hc_grant_table_op(GNTTABOP_set_version, &set, 1), -EBUSY); /* in use */
    CHECK_EQ(unmap_at((uint64_t)at, handle), 0);
    CHECK_EQ(status[30], 0);
    v2[30].hdr.flags = 0;
}

TEST(grant, version_2)
{
    child_run(child_version_2, NULL, SHUTDOWN_poweroff);
}

/* ---- between domains ---- */

static void child_grants(void *arg unused)
{
    volatile char *page = page_alloc();

    NEED(table_open());
    page[0] = 77;
    offer(25, 0, page, 0);
    offer(26, 999, page, 0);
    box.step = 1;
    while (box.value[0] == 0)
        (void)hc_sched_op(SCHEDOP_yield, NULL);
    CHECK_EQ(page[1], 88);
    CHECK_EQ(table[25].flags & GTF_reading, 0);
    table[25].flags = 0;
}

TEST(grant, from_child)
{
    struct host_state before = host_state();
    struct child *c = child_make(child_grants, NULL);
    volatile char *at = empty_page();
    grant_handle_t handle;

    NEED(c);
    for (unsigned int i = 0; i < 2000 && c->box->step == 0; i++)
        sleep_us(1000);
    NEED(c->box->step == 1);
    CHECK_EQ(map_at((uint64_t)at, 25, c->domid, GNTMAP_host_map, &handle), 0);
    CHECK_EQ(at[0], 77);
    at[1] = 88;
    CHECK(map_at((uint64_t)window_start, 26, c->domid, GNTMAP_host_map, NULL) < 0);
    CHECK_EQ(unmap_at((uint64_t)at, handle), 0);
    c->box->value[0] = 1;
    CHECK_EQ(child_wait(c, 20), SHUTDOWN_poweroff);
    child_end(c);
    host_check(&before);
}

/* A mapped grant outlives its domain until it is unmapped. */
static void child_grants_and_ends(void *arg unused)
{
    char *page = page_alloc();

    NEED(table_open());
    page[0] = 66;
    offer(25, 0, page, 0);
    box.step = 1;
    while (box.value[0] == 0)
        (void)hc_sched_op(SCHEDOP_yield, NULL);
}

TEST(grant, outlives_domain)
{
    struct host_state before = host_state();
    struct child *c = child_make(child_grants_and_ends, NULL);
    struct xen_domctl op = {.cmd = 0};
    volatile char *at = empty_page();
    grant_handle_t handle;

    NEED(c);
    for (unsigned int i = 0; i < 2000 && c->box->step == 0; i++)
        sleep_us(1000);
    CHECK_EQ(map_at((uint64_t)at, 25, c->domid, GNTMAP_host_map, &handle), 0);
    c->box->value[0] = 1;
    CHECK_EQ(child_wait(c, 20), SHUTDOWN_poweroff);
    CHECK_EQ(child_domctl(c, XEN_DOMCTL_destroydomain, &op), 0);
    sleep_us(5000);
    CHECK_EQ(at[0], 66);
    CHECK_EQ(unmap_at((uint64_t)at, handle), 0);
    child_end(c);
    host_check(&before);
}

/* So does a page of its table, or its shared_info: the number is not free as long as it is mapped,
 * for frames name their owner by number. */
static void page_outlives(bool shared_info_page)
{
    struct child_options options = {.paused = true};
    struct child *c = child_make(child_grants, &options);
    struct xen_mem_acquire_resource r = {.type = XENMEM_resource_grant_table, .nr_frames = 1};
    struct xen_domctl op = {.cmd = 0};
    struct xen_domctl_getdomaininfo info;
    xen_pfn_t frame = 0;
    long rc;

    NEED(c);
    CHECK_EQ(child_info(c, &info), 0);
    r.domid = c->domid;
    set_xen_guest_handle(r.frame_list, &frame);
    CHECK_EQ(hc_memory_op(XENMEM_acquire_resource, &r), 0);
    if (shared_info_page)
        frame = info.shared_info_frame;
    CHECK(window_map(7, frame, c->domid, PTE_RW_FLAGS, &rc));
    window_unmap(c->window); /* the one page of it that is mapped here */
    c->box = NULL;
    for (unsigned int i = 0; child_domctl(c, XEN_DOMCTL_destroydomain, &op) && i < 100; i++)
        sleep_us(1000);
    sleep_us(10000);
    CHECK_EQ(child_info(c, &info), 0);
    CHECK_EQ(info.domain, c->domid);
    CHECK(info.flags & XEN_DOMINF_dying);
    window_unmap(7);
    child_end(c); /* which waits until it is gone */
}

TEST(grant, table_outlives_domain)
{
    page_outlives(false);
}

TEST(grant, shared_info_outlives_domain)
{
    page_outlives(true);
}

static long flush(uint64_t address, uint16_t offset, uint16_t length, uint32_t what)
{
    struct gnttab_cache_flush op = {.offset = offset, .length = length, .op = what};

    op.a.dev_bus_addr = address;
    return hc_grant_table_op(GNTTABOP_cache_flush, &op, 1);
}

TEST(grant, cache_flush)
{
    const uint32_t both = GNTTAB_CACHE_CLEAN | GNTTAB_CACHE_INVAL;
    uint64_t own = va_mfn(page_alloc()) << PAGE_SHIFT, theirs;
    volatile char *at = empty_page();
    grant_handle_t handle;
    struct child *c;

    CHECK_EQ(flush(own, 0, 64, GNTTAB_CACHE_CLEAN), 0);
    CHECK_EQ(flush(own + 100, 4000, 96, both), 0);
    CHECK_EQ(flush(own, 0, 4096, both), 0);
    CHECK_EQ(flush(own, 0, 64, GNTTAB_CACHE_INVAL), -EOPNOTSUPP);
    CHECK_EQ(flush(own, 0, 0, both), 0);
    CHECK_EQ(flush(own, 0, 64, 0), 0);
    CHECK_EQ(flush(own, 4096, 0, both), -EINVAL);
    CHECK_EQ(flush(own, 1, 4096, both), -EINVAL);
    CHECK_EQ(flush(own, 0, 64, both | 4), -EINVAL);
    CHECK_EQ(flush(own, 0, 64, both | GNTTAB_CACHE_SOURCE_GREF), -EINVAL);
    CHECK_EQ(flush(0xfffffffff000, 0, 64, both), -EINVAL);
    CHECK_EQ(flush(0xfffffffff000, 0, 0, both), 0);
    CHECK_EQ(flush(0x100000, 0, 64, both), -EPERM); /* the hypervisor's */
    CHECK_EQ(hc_grant_table_op(GNTTABOP_cache_flush, BAD_POINTER, 1), -EFAULT);
    CHECK_EQ(hc_grant_table_op(GNTTABOP_cache_flush, BAD_POINTER, 0), 0);
    /* a child's frame: as long as we use its grant */
    c = child_make(child_grants, NULL);
    NEED(c);
    for (unsigned int i = 0; i < 2000 && c->box->step == 0; i++)
        sleep_us(1000);
    CHECK_EQ(map_at((uint64_t)at, 25, c->domid, GNTMAP_host_map, &handle), 0);
    theirs = pte_read((uint64_t)at) & PTE_ADDRESS;
    CHECK_EQ(flush(theirs, 0, 64, both), 0);
    CHECK_EQ(flush(child_va_mfn(c, &box) << PAGE_SHIFT, 0, 64, both), -EINVAL);
    at[1] = 88;
    CHECK_EQ(unmap_at((uint64_t)at, handle), 0);
    CHECK_EQ(flush(theirs, 0, 64, both), -EINVAL);
    c->box->value[0] = 1;
    CHECK_EQ(child_wait(c, 20), SHUTDOWN_poweroff);
    child_end(c);
}
