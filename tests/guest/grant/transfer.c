/* SPDX-License-Identifier: BSD-2-Clause */
/* grant_table_op: frames that change their owner. */
#include "tests/guest/lib/child.h"

#define ACCEPTED (GTF_accept_transfer | GTF_transfer_committed | GTF_transfer_completed)

static grant_entry_v1_t *table;

/* The first shared frame, mapped; version 1. */
static bool table_open(void)
{
    struct gnttab_set_version version = {.version = 1};
    uint64_t frame;

    (void)hc_grant_table_op(GNTTABOP_set_version, &version, 1);
    frame = grant_frame();
    if (!frame)
        return false;
    table = window_map(62, frame, DOMID_SELF, PTE_RW_FLAGS, NULL);
    return table != NULL;
}

/* Entry @ref asks for a frame from @from, to be called @pfn. */
static void ask(grant_ref_t ref, domid_t from, uint64_t pfn)
{
    table[ref].frame = (uint32_t)pfn;
    table[ref].domid = from;
    __atomic_store_n(&table[ref].flags, GTF_accept_transfer, __ATOMIC_SEQ_CST);
}

static int transfer(uint64_t mfn, domid_t to, grant_ref_t ref)
{
    struct gnttab_transfer op = {.mfn = mfn, .domid = to, .ref = ref};

    CHECK_EQ(hc_grant_table_op(GNTTABOP_transfer, &op, 1), 0);
    return op.status;
}

static long reserved(void)
{
    domid_t self = DOMID_SELF;

    return hc_memory_op(XENMEM_current_reservation, &self);
}

/* Frame of @page, which is unmapped. */
static uint64_t let_go(const volatile void *page)
{
    CHECK_EQ(hc_update_va_mapping(page, 0, UVMF_INVLPG), 0);
    return va_mfn(page);
}

/* Another frame for a page whose frame is lost. */
static void refill(const volatile void *page)
{
    xen_pfn_t list[1] = {va_pfn(page)};
    struct xen_memory_reservation r = {.nr_extents = 1, .domid = DOMID_SELF};

    set_xen_guest_handle(r.extent_start, list);
    CHECK_EQ(hc_memory_op(XENMEM_populate_physmap, &r), 1);
    env.p2m[va_pfn(page)] = list[0];
    CHECK_EQ(page_protect(page, PTE_RW_FLAGS), 0);
}

TEST(grant, transfer_to_self)
{
    volatile char *page = page_alloc(), *other = page_alloc();
    long before = reserved();
    uint64_t mfn, other_mfn;

    NEED(table_open());
    page[9] = 42;
    mfn = let_go(page);
    other_mfn = let_go(other);
    ask(20, env.domid, va_pfn(other)); /* they change places */
    ask(21, env.domid, va_pfn(page));
    CHECK_EQ(transfer(mfn, env.domid, 20), GNTST_okay);
    CHECK_EQ(table[20].flags, ACCEPTED);
    CHECK_EQ(table[20].frame, mfn);
    CHECK_EQ(((uint64_t *)M2P_BASE)[mfn], va_pfn(other));
    CHECK_EQ(transfer(other_mfn, env.domid, 21), GNTST_okay);
    CHECK_EQ(reserved(), before);
    env.p2m[va_pfn(other)] = mfn;
    env.p2m[va_pfn(page)] = other_mfn;
    CHECK_EQ(page_protect(page, PTE_RW_FLAGS), 0);
    CHECK_EQ(page_protect(other, PTE_RW_FLAGS), 0);
    CHECK_EQ(other[9], 42);
    CHECK_EQ(page[9], 0);
    table[20].flags = table[21].flags = 0;
    window_unmap(62);
}

/* What does not leave us: frames in use, or not ours to give. */
TEST(grant, transfer_kept)
{
    volatile char *page = page_alloc();
    long before = reserved();
    uint64_t table_mfn;

    NEED(table_open());
    table_mfn = (pte_read((uint64_t)table) & PTE_ADDRESS) >> PAGE_SHIFT;
    ask(20, env.domid, va_pfn(page));
    CHECK_EQ(transfer(va_mfn(page), env.domid, 20), GNTST_bad_page); /* mapped */
    CHECK_EQ(page_protect(page, PTE_RO_FLAGS), 0);
    CHECK_EQ(transfer(va_mfn(page), env.domid, 20), GNTST_bad_page);
    CHECK_EQ(page_protect(page, PTE_RW_FLAGS), 0);
    CHECK_EQ(transfer(va_mfn((void *)env.l4_va), env.domid, 20), GNTST_bad_page);
    CHECK_EQ(transfer(table_mfn, env.domid, 20), GNTST_bad_page);
    CHECK_EQ(transfer(env.shared_info_mfn, env.domid, 20), GNTST_bad_page);
    CHECK_EQ(transfer(0, env.domid, 20), GNTST_bad_page);
    CHECK_EQ(transfer(0xfffffffff, env.domid, 20), GNTST_bad_page);
    CHECK_EQ(transfer(~0UL, 1234, 20), GNTST_bad_page); /* looked at first */
    CHECK_EQ(reserved(), before);
    CHECK_EQ(table[20].flags, GTF_accept_transfer);
    table[20].flags = 0;
    CHECK_EQ(hc_grant_table_op(GNTTABOP_transfer, BAD_POINTER, 1), -EFAULT);
    CHECK_EQ(hc_grant_table_op(GNTTABOP_transfer, HV_POINTER, 1), -EFAULT);
    window_unmap(62);
}

/* What is lost to us although nobody got it. */
static void lose(const char *what, volatile char *page, domid_t to, grant_ref_t ref, int status)
{
    long before = reserved();

    CHECK_CASE(what, transfer(let_go(page), to, ref), status);
    CHECK_CASE(what, reserved(), before - 1);
    CHECK_CASE(what, transfer(va_mfn(page), env.domid, ref), GNTST_bad_page);
    refill(page);
}

TEST(grant, transfer_lost)
{
    volatile char *page = page_alloc();

    NEED(table_open());
    ask(20, env.domid, 0);
    lose("no domain", page, 1234, 20, GNTST_bad_domain);
    lose("DOMID_SELF", page, DOMID_SELF, 20, GNTST_bad_domain);
    lose("DOMID_IO", page, DOMID_IO, 20, GNTST_bad_domain);
    lose("DOMID_XEN", page, DOMID_XEN, 20, GNTST_bad_domain);
    lose("no entry", page, env.domid, 0x7fffffff, GNTST_general_error);
    lose("no entry", page, env.domid, ~0u, GNTST_general_error);
    CHECK_EQ(table[20].flags, GTF_accept_transfer);
    table[20].flags = 0;
    lose("no offer", page, env.domid, 20, GNTST_general_error);
    table[20].flags = GTF_permit_access;
    lose("a grant", page, env.domid, 20, GNTST_general_error);
    table[20].flags = GTF_accept_transfer | GTF_transfer_committed;
    lose("committed", page, env.domid, 20, GNTST_general_error);
    table[20].flags = GTF_accept_transfer | GTF_PWT;
    lose("more flags", page, env.domid, 20, GNTST_general_error);
    ask(20, 7, 0);
    lose("from another", page, env.domid, 20, GNTST_general_error);
    CHECK_EQ(table[20].flags, GTF_accept_transfer);
    table[20].flags = 0;
    window_unmap(62);
}

/* Many at once: each has its own status. */
TEST(grant, transfer_batch)
{
    static struct gnttab_transfer ops[24];
    volatile char *pages = pages_alloc(24);

    NEED(table_open());
    for (unsigned int i = 0; i < 24; i++) {
        volatile char *page = pages + i * PAGE_BYTES;

        page[0] = (char)i;
        ask(20 + i, env.domid, va_pfn(page));
        ops[i] = (struct gnttab_transfer){.domid = env.domid, .ref = 20 + i};
        ops[i].mfn = i == 11 ? va_mfn(page) : let_go(page); /* that one is mapped */
    }
    CHECK_EQ(hc_grant_table_op(GNTTABOP_transfer, ops, 24), 0);
    for (unsigned int i = 0; i < 24; i++) {
        CHECK_CASE("status", ops[i].status, i == 11 ? GNTST_bad_page : GNTST_okay);
        CHECK_CASE("flags", table[20 + i].flags, i == 11 ? GTF_accept_transfer : ACCEPTED);
        CHECK_EQ(page_protect(pages + i * PAGE_BYTES, PTE_RW_FLAGS), 0);
        CHECK_CASE("contents", pages[i * PAGE_BYTES], i);
        table[20 + i].flags = 0;
    }
    window_unmap(62);
}

/* ---- to another domain ---- */

static void child_accepts(void *arg unused)
{
    volatile uint64_t *got;

    NEED(table_open());
    ask(25, 0, 4711);
    ask(26, 0, 4712);
    box.step = 1;
    while (!(__atomic_load_n(&table[25].flags, __ATOMIC_SEQ_CST) & GTF_transfer_completed))
        (void)hc_sched_op(SCHEDOP_yield, NULL);
    CHECK_EQ(table[25].flags, ACCEPTED);
    CHECK_EQ(((uint64_t *)M2P_BASE)[table[25].frame], 4711);
    got = window_map(3, table[25].frame, DOMID_SELF, PTE_RW_FLAGS, NULL);
    NEED(got);
    CHECK_EQ(got[0], 0x1234567890);
    got[0] = 1;
    window_unmap(3);
    while (box.value[0] == 0)
        (void)hc_sched_op(SCHEDOP_yield, NULL);
}

static void give_to_child(void)
{
    struct child_options options = {.more_pages = 1}; /* room for one */
    struct child *c = child_make(child_accepts, &options);
    struct xen_domctl_getdomaininfo info;
    volatile uint64_t *page = page_alloc();
    uint64_t mfn, pages;
    long rc;

    NEED(c);
    for (unsigned int i = 0; i < 2000 && c->box->step == 0; i++)
        sleep_us(1000);
    NEED(c->box->step == 1);
    CHECK_EQ(child_info(c, &info), 0);
    pages = info.tot_pages;
    page[0] = 0x1234567890;
    mfn = let_go(page);
    CHECK_EQ(transfer(mfn, c->domid, 25), GNTST_okay);
    CHECK_EQ(child_info(c, &info), 0);
    CHECK_EQ(info.tot_pages, pages + 1);
    /* not ours any more, but the child's */
    CHECK(!window_map(0, mfn, DOMID_SELF, PTE_RW_FLAGS, &rc));
    CHECK_EQ(transfer(mfn, c->domid, 25), GNTST_bad_page);
    refill(page);
    lose("no room", (char *)page, c->domid, 26, GNTST_general_error);
    CHECK_EQ(child_info(c, &info), 0);
    CHECK_EQ(info.tot_pages, pages + 1);
    c->box->value[0] = 1;
    CHECK_EQ(child_wait(c, 20), SHUTDOWN_poweroff);
    child_end(c);
}

TEST(grant, transfer_to_child)
{
    struct host_state before;

    give_to_child(); /* what a hypervisor keeps after its first guest is no leak */
    sleep_us(50000);
    before = host_state();
    give_to_child();
    host_check(&before);
}

/* A domain that is being destroyed, or is gone but for what we hold of it, takes nothing. */
TEST(grant, transfer_to_dying)
{
    struct child_options options = {.more_pages = 4};
    struct child *c = child_make(child_accepts, &options);
    struct xen_domctl op = {.cmd = 0};
    struct xen_domctl_getdomaininfo info;
    volatile char *page = page_alloc();

    NEED(c);
    for (unsigned int i = 0; i < 2000 && c->box->step == 0; i++)
        sleep_us(1000);
    for (unsigned int i = 0; child_domctl(c, XEN_DOMCTL_destroydomain, &op) && i < 100; i++)
        sleep_us(1000);
    CHECK_EQ(child_info(c, &info), 0); /* its box is mapped here */
    CHECK(info.flags & XEN_DOMINF_dying);
    lose("dying", page, c->domid, 25, GNTST_general_error);
    child_end(c);
}

/* A frame goes from a child to us. */
static void child_gives(void *arg unused)
{
    volatile uint64_t *page = page_alloc();
    uint64_t mfn;

    page[1] = 99;
    mfn = let_go(page);
    CHECK_EQ(transfer(mfn, 0, 20), GNTST_okay);
    CHECK_EQ(transfer(mfn, 0, 21), GNTST_bad_page);
    lose("not accepted", (char *)page_alloc(), 0, 21, GNTST_general_error);
    refill(page);
}

TEST(grant, transfer_from_child)
{
    struct child_options options = {.paused = true};
    struct child *c;
    volatile uint64_t *page = page_alloc();
    struct xen_memory_reservation r = {.nr_extents = 1, .domid = DOMID_SELF};
    xen_pfn_t list[1];

    NEED(table_open());
    list[0] = let_go(page);
    set_xen_guest_handle(r.extent_start, list);
    CHECK_EQ(hc_memory_op(XENMEM_decrease_reservation, &r), 1);
    c = child_make(child_gives, &options);
    NEED(c);
    ask(20, c->domid, va_pfn(page));
    child_start(c);
    CHECK_EQ(child_wait(c, 20), SHUTDOWN_poweroff);
    child_end(c);
    CHECK_EQ(table[20].flags, ACCEPTED);
    env.p2m[va_pfn(page)] = table[20].frame;
    CHECK_EQ(page_protect(page, PTE_RW_FLAGS), 0);
    CHECK_EQ(page[1], 99);
    table[20].flags = 0;
    window_unmap(62);
}
