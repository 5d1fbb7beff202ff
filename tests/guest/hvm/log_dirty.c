/* SPDX-License-Identifier: BSD-2-Clause */
/* The log of a translated guest's dirty frames says what was written, by whomever. */
#include "tests/guest/lib/hvm.h"

#define LOGGED_PAGES 64u
#define BITMAP_BYTES 512u

static uint8_t bitmap[BITMAP_BYTES * 4] aligned(PAGE_BYTES);
static struct child *c;
static struct xen_domctl op;

#define ASK(...) child_shadow(c, &op, __VA_ARGS__)

static long shadow(uint32_t what)
{
    memset(bitmap, 0, sizeof(bitmap));
    return ASK(what, 0, bitmap, BITMAP_BYTES * 8);
}

static bool is_dirty(uint64_t gfn)
{
    return bitmap[gfn / 8] >> (gfn % 8) & 1;
}

/* Which pages are written in round @round. */
static bool written(uint64_t round, unsigned int page)
{
    return page % 7 == round % 7 || (round == 3 && page > 40);
}

/* Calls that write to the caller's memory: by its address, and by frame number. */
static void calls_write(volatile uint64_t *pages)
{
    struct gnttab_copy copy = {.source = {.u.gmfn = va_pfn(pages), .domid = DOMID_SELF},
                               .dest = {.u.gmfn = va_pfn(pages + 11 * 512), .domid = DOMID_SELF},
                               .len = 64};

    CHECK_EQ(hc_xen_version(XENVER_extraversion, pages + 10 * 512), 0);
    CHECK_EQ(hc_grant_table_op(GNTTABOP_copy, &copy, 1), 0);
    CHECK_EQ(copy.status, GNTST_okay);
    CHECK_EQ(hc_xen_version(XENVER_extraversion, (volatile char *)(pages + 13 * 512) - 8), 0);
    box.value[3] = 2;
}

static void writer(void *arg unused)
{
    volatile uint64_t *pages = pages_alloc(LOGGED_PAGES);
    uint64_t done = 0;

    for (unsigned int i = 0; i < LOGGED_PAGES; i++)
        pages[i * 512] = 1;
    box.value[2] = va_pfn(pages);
    for (;;) {
        uint64_t round = box.value[0];

        if (round == ~0UL)
            return;
        for (unsigned int i = 0; i < LOGGED_PAGES && round != done; i++)
            if (written(round, i))
                pages[i * 512 + round % 512] = round;
        if (round != done)
            box.value[1] = done = round;
        if (box.value[3] == 1)
            calls_write(pages);
        (void)hc_sched_op(SCHEDOP_yield, NULL);
    }
}

static bool do_round(uint64_t round)
{
    uint64_t end = now_ns() + 20000000000ULL;

    c->box->value[0] = round;
    while (c->box->value[1] != round && now_ns() < end)
        sleep_us(100);
    return c->box->value[1] == round;
}

/* Every page of the child's says what it should: @round was written since, 0 none. */
static void compare(const char *what, uint64_t first, uint64_t round)
{
    for (unsigned int i = 0; i < LOGGED_PAGES; i++)
        CHECK_CASE(what, is_dirty(first + i), round && written(round, i));
}

/* Writes of dom0 and of the hypervisor in the guest's place, each to another page. (Xen does not
 * notice the first: it leaves that to the device model.) */
static void others_write(uint64_t first)
{
    volatile uint64_t *mine;
    long rc;

    CHECK_EQ(shadow(XEN_DOMCTL_SHADOW_OP_CLEAN), 0);
    mine = window_map(40, first + 5, c->domid, PTE_RW_FLAGS, &rc); /* a frame of dom0's tables */
    NEED(mine);
    *mine = 5;
    window_unmap(40);
    c->box->value[3] = 1; /* let it make calls that write to pages 10 to 13 */
    for (unsigned int i = 0; i < 20000 && c->box->value[3] == 1; i++)
        sleep_us(100);
    CHECK_EQ(c->box->value[3], 2);
    CHECK_EQ(shadow(XEN_DOMCTL_SHADOW_OP_CLEAN), 0);
    for (unsigned int i = 0; i < LOGGED_PAGES; i++)
        CHECK_CASE("others", is_dirty(first + i), i == 5 || (i >= 10 && i <= 13));
}

TEST(hvm, log_dirty)
{
    const struct child_options options = {.hvm = true, .pool_pages = LOGGED_PAGES + 40};
    uint64_t first;

    c = child_make(writer, &options);
    NEED(c);
    NEED(do_round(1));
    first = c->box->value[2];
    CHECK(first + LOGGED_PAGES <= BITMAP_BYTES * 8);
    CHECK_EQ(shadow(XEN_DOMCTL_SHADOW_OP_ENABLE_LOGDIRTY), 0);
    CHECK_EQ(shadow(XEN_DOMCTL_SHADOW_OP_PEEK), 0);
    compare("nothing yet", first, 0);
    for (uint64_t round = 2; round < 7; round++) {
        NEED(do_round(round));
        CHECK_EQ(shadow(XEN_DOMCTL_SHADOW_OP_PEEK), 0);
        compare("peek", first, round);
        CHECK_EQ(shadow(XEN_DOMCTL_SHADOW_OP_PEEK), 0);
        compare("peek again", first, round);
        CHECK_EQ(shadow(XEN_DOMCTL_SHADOW_OP_CLEAN), 0);
        compare("clean", first, round);
        CHECK(op.u.shadow_op.stats.dirty_count >= 9);
        CHECK_EQ(op.u.shadow_op.stats.fault_count, 0);
    }
    CHECK_EQ(shadow(XEN_DOMCTL_SHADOW_OP_CLEAN), 0);
    compare("cleaned", first, 0);
    others_write(first);
    CHECK_EQ(shadow(XEN_DOMCTL_SHADOW_OP_OFF), 0);
    NEED(do_round(8));
    CHECK_EQ(shadow(XEN_DOMCTL_SHADOW_OP_ENABLE_LOGDIRTY), 0);
    NEED(do_round(9));
    CHECK_EQ(shadow(XEN_DOMCTL_SHADOW_OP_CLEAN), 0);
    compare("on again", first, 9);
    c->box->value[0] = ~0UL;
    CHECK_EQ(child_wait(c, 20), SHUTDOWN_poweroff);
    child_end(c);
}

/* ---- interrupts whose delivery writes to a page that the log protects ---- */

#define INTERRUPTS 100u

/* Wait for one interrupt after the other, without a write to memory in between. */
static void spinner(void *arg unused)
{
    long port = port_alloc(0);

    box.value[0] = (uint64_t)port;
    events_enable(true);
    for (uint64_t n = 1; n <= INTERRUPTS; n++) {
        uint32_t seen = event_ports_seen[port];

        box.value[1] = n;
        __asm__ volatile("1: pause\n cmpl %0, %1\n je 1b" ::"r"(seen), "m"(event_ports_seen[port])
                         : "memory");
    }
}

TEST(hvm, log_dirty_interrupts)
{
    long port = 0;

    c = child_make(spinner, &(const struct child_options){.hvm = true});
    NEED(c);
    for (uint64_t n = 1; n <= INTERRUPTS; n++) {
        for (unsigned int i = 0; i < 20000 && c->box->value[1] != n; i++)
            sleep_us(100);
        NEED(c->box->value[1] == n);
        if (n == 1) {
            port = port_bind(c->domid, (evtchn_port_t)c->box->value[0]);
            NEED(port > 0);
            CHECK_EQ(shadow(XEN_DOMCTL_SHADOW_OP_ENABLE_LOGDIRTY), 0);
        }
        CHECK_EQ(shadow(XEN_DOMCTL_SHADOW_OP_CLEAN), 0);
        CHECK_EQ(port_send((evtchn_port_t)port), 0);
    }
    CHECK_EQ(child_wait(c, 20), SHUTDOWN_poweroff);
    CHECK_EQ(port_close((evtchn_port_t)port), 0);
    child_end(c);
}

/* ---- a guest that goes on while its memory is sent: what counts is that the copy is right ---- */

#define SENT_GFN   0x800u /* 2 MiB and again, one for each vCPU */
#define SENT_PAGES 512u
#define SENT_ALL   (SENT_GFN + 2 * SENT_PAGES)

static uint64_t copies[2 * SENT_PAGES];
static bool interruptible;

/* Write here and there, without an exit, until told to stop. */
static void scribble(unsigned int which)
{
    volatile uint64_t *pages = (void *)((SENT_GFN + which * (uint64_t)SENT_PAGES) * PAGE_BYTES);
    uint64_t state = which + 1;

    if (interruptible)
        __asm__ volatile("sti");
    for (uint64_t n = 1; box.value[0] != ~0UL; n++)
        pages[draw(&state) % SENT_PAGES * 512] = n;
    box.value[2 + which] = 1;
}

static void second(void)
{
    scribble(1);
    for (;;)
        (void)hc_sched_op(SCHEDOP_yield, NULL);
}

/* By two large entries, where they are. */
static void map_sent(void)
{
    const uint64_t flags = PTE_P | PTE_RW | PTE_A | PTE_D;
    uint64_t *l4 = (uint64_t *)env.l4_va, *l3 = page_alloc(), *l2 = page_alloc();

    for (uint64_t gfn = SENT_GFN; gfn < SENT_ALL; gfn += SENT_PAGES)
        l2[gfn / SENT_PAGES] = gfn * PAGE_BYTES | flags | PTE_PSE;
    l3[0] = va_pfn(l2) * PAGE_BYTES | flags;
    *hvm_entry(l4) |= PTE_RW;
    hvm_flush(l4);
    l4[0] = va_pfn(l3) * PAGE_BYTES | flags;
}

/* (@sti: on a machine whose own interrupts do not come through while a guest's IF is clear.) */
static void scribbler(void *sti)
{
    xen_pfn_t pfns[2] = {SENT_GFN, SENT_GFN + SENT_PAGES};
    struct xen_memory_reservation r = {.nr_extents = 2, .extent_order = 9, .domid = DOMID_SELF};

    set_xen_guest_handle(r.extent_start, pfns);
    CHECK_EQ(hc_memory_op(XENMEM_populate_physmap, &r), 2);
    map_sent();
    interruptible = sti;
    hvm_second(second);
    box.value[1] = 1;
    scribble(0);
    while (!box.value[3])
        (void)hc_sched_op(SCHEDOP_yield, NULL);
}

static uint64_t word_of(uint64_t gfn)
{
    const volatile uint64_t *page;
    uint64_t value;
    long rc;

    page = window_map(40, gfn, c->domid, PTE_RO_FLAGS, &rc);
    if (!page)
        return ~0UL;
    value = *page;
    window_unmap(40);
    return value;
}

/* What was written since the last time, once more. How many pages. */
static unsigned int send(void)
{
    unsigned int sent = 0;

    memset(bitmap, 0, sizeof(bitmap));
    CHECK_EQ(ASK(XEN_DOMCTL_SHADOW_OP_CLEAN, 0, bitmap, SENT_ALL), 0);
    for (unsigned int i = 0; i < 2 * SENT_PAGES; i++)
        if (is_dirty(SENT_GFN + i)) {
            copies[i] = word_of(SENT_GFN + i);
            sent++;
        }
    return sent;
}

TEST(hvm, log_dirty_while_it_runs)
{
    const struct child_options options = {.hvm = true, .vcpus = 2, .more_pages = 2 * SENT_PAGES,
                                          .arg = (void *)option("bochs_svm", 0)};

    c = child_make(scribbler, &options);
    NEED(c);
    for (unsigned int i = 0; i < 20000 && !c->box->value[1]; i++)
        sleep_us(1000);
    NEED(c->box->value[1]);
    CHECK_EQ(shadow(XEN_DOMCTL_SHADOW_OP_ENABLE_LOGDIRTY), 0);
    for (unsigned int i = 0; i < 2 * SENT_PAGES; i++)
        copies[i] = word_of(SENT_GFN + i);
    for (unsigned int round = 0; round < 12; round++) {
        sleep_us(round % 2 ? 5000 : 100);
        CHECK(send() > 0);
    }
    c->box->value[0] = ~0UL;
    CHECK_EQ(child_wait(c, 20), SHUTDOWN_poweroff);
    (void)send();
    for (unsigned int i = 0; i < 2 * SENT_PAGES; i++)
        CHECK_CASE("copied", copies[i], word_of(SENT_GFN + i));
    CHECK_EQ(send(), 0);
    CHECK_EQ(shadow(XEN_DOMCTL_SHADOW_OP_OFF), 0);
    child_end(c);
}
