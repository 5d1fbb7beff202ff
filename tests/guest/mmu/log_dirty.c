/* SPDX-License-Identifier: BSD-2-Clause */
/* The log of a PV guest's dirty frames says what was written, by whomever. */
#include "tests/guest/lib/child.h"

#define LOGGED_PAGES 48u
#define BITMAP_BYTES 8192u

static uint8_t bitmap[BITMAP_BYTES + 1] aligned(PAGE_BYTES);
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

/* What the maker and its child say to each other. */
enum { ROUND, DONE, FIRST, TABLE, ORDER };
enum { WRITE_BY_CALLS = 1, LIE, ORDER_DONE };

static bool written(uint64_t round, unsigned int page)
{
    return page % 7 == round % 7;
}

/* Pages 10 to 15 by calls, by a mapping that goes at once, by a number; page 16 is left alone. */
static void calls_write(volatile uint64_t *pages)
{
    struct gnttab_copy copy = {.source = {.u.gmfn = va_mfn(pages), .domid = DOMID_SELF},
                               .dest = {.u.gmfn = va_mfn(pages + 11 * 512), .domid = DOMID_SELF},
                               .len = 64};
    struct mmu_update u = {va_mfn(pages + 15 * 512) << PAGE_SHIFT | MMU_MACHPHYS_UPDATE,
                           va_pfn(pages + 15 * 512)};

    CHECK_EQ(hc_xen_version(XENVER_extraversion, pages + 10 * 512), 0);
    CHECK_EQ(hc_grant_table_op(GNTTABOP_copy, &copy, 1), 0);
    CHECK_EQ(copy.status, GNTST_okay);
    pages[12 * 512]++;
    CHECK_EQ(page_protect((void *)(pages + 12 * 512), PTE_RO_FLAGS), 0);
    pages[13 * 512]++;
    CHECK_EQ(hc_update_va_mapping(pages + 13 * 512, 0, UVMF_NONE), 0); /* TLB as it was */
    pages[14 * 512]++;
    CHECK_EQ(hc_update_va_mapping(pages + 14 * 512,
                                  pte(va_mfn(pages + 14 * 512), PTE_P | PTE_US | PTE_RW),
                                  UVMF_NONE), 0); /* as if it had never been used */
    CHECK_EQ(hc_mmu_update(&u, 1, NULL, DOMID_SELF), 0);
}

/* Guest frames that no table of ours should be reached by. */
static void lie(volatile uint64_t *pages)
{
    static const uint64_t numbers[] = {~0UL, ~0UL - 1, 1UL << 63, 1UL << 52, 1UL << 40, 1UL << 33,
                                       1UL << 20, 0};

    for (unsigned int i = 0; i < ARRAY_SIZE(numbers); i++) {
        struct mmu_update u = {va_mfn(pages + i * 512) << PAGE_SHIFT | MMU_MACHPHYS_UPDATE,
                               numbers[i]};

        CHECK_EQ(hc_mmu_update(&u, 1, NULL, DOMID_SELF), 0);
        pages[i * 512]++;
    }
}

static void writer(void *arg unused)
{
    volatile uint64_t *pages = pages_alloc(LOGGED_PAGES);
    uint64_t done = 0;

    for (unsigned int i = 0; i < LOGGED_PAGES; i++)
        pages[i * 512] = 1;
    box.value[FIRST] = va_pfn(pages);
    box.value[TABLE] = pte_machine(0, (uint64_t)pages, 1) >> PAGE_SHIFT;
    for (;;) {
        uint64_t round = box.value[ROUND];

        if (round == ~0UL)
            return;
        for (unsigned int i = 0; i < LOGGED_PAGES && round != done; i++)
            if (written(round, i))
                pages[i * 512 + round % 512] = round;
        if (round != done)
            box.value[DONE] = done = round;
        if (box.value[ORDER] == WRITE_BY_CALLS || box.value[ORDER] == LIE) {
            if (box.value[ORDER] == LIE)
                lie(pages);
            else
                calls_write(pages);
            box.value[ORDER] = ORDER_DONE;
        }
        (void)hc_sched_op(SCHEDOP_yield, NULL);
    }
}

static bool becomes(unsigned int which, uint64_t value)
{
    uint64_t end = now_ns() + 20000000000ULL;

    while (c->box->value[which] != value && now_ns() < end)
        sleep_us(100);
    return c->box->value[which] == value;
}

static bool do_round(uint64_t round)
{
    c->box->value[ROUND] = round;
    return becomes(DONE, round);
}

static bool do_order(uint64_t order)
{
    c->box->value[ORDER] = order;
    return becomes(ORDER, ORDER_DONE);
}

static void compare(const char *what, uint64_t first, uint64_t round)
{
    for (unsigned int i = 0; i < LOGGED_PAGES; i++)
        CHECK_CASE(what, is_dirty(first + i), round && written(round, i));
}

static void others_write(uint64_t first)
{
    volatile uint64_t *theirs;
    uint64_t table = 0;
    long rc;

    for (unsigned int i = 0; i < c->pages; i++)
        if (c->mfn[i] == c->box->value[TABLE])
            table = c->first_pfn + i;
    CHECK_EQ(shadow(XEN_DOMCTL_SHADOW_OP_CLEAN), 0);
    theirs = window_map(40, c->mfn[first + 5 - c->first_pfn], c->domid, PTE_RW_FLAGS, &rc);
    NEED(theirs);
    *theirs = 5;
    window_unmap(40);
    NEED(do_order(WRITE_BY_CALLS));
    CHECK_EQ(shadow(XEN_DOMCTL_SHADOW_OP_CLEAN), 0);
    CHECK(table && is_dirty(table));
    for (unsigned int i = 1; i < LOGGED_PAGES; i++) /* (page 0 is read by the copy) */
        CHECK_CASE("others", is_dirty(first + i), i == 5 || (i >= 10 && i <= 15));
}

static void begin(void)
{
    const struct child_options options = {.pool_pages = LOGGED_PAGES + 40};

    c = child_make(writer, &options);
    NEED(c);
    NEED(do_round(1));
}

static void end(void)
{
    c->box->value[ROUND] = ~0UL;
    CHECK_EQ(child_wait(c, 20), SHUTDOWN_poweroff);
    child_end(c);
}

TEST(mmu, log_dirty)
{
    uint64_t first;

    begin();
    first = c->box->value[FIRST];
    NEED(first + LOGGED_PAGES <= BITMAP_BYTES * 8);
    CHECK_EQ(shadow(XEN_DOMCTL_SHADOW_OP_OFF), -EINVAL);
    CHECK_EQ(shadow(XEN_DOMCTL_SHADOW_OP_ENABLE_LOGDIRTY), 0);
    CHECK_EQ(shadow(XEN_DOMCTL_SHADOW_OP_ENABLE_LOGDIRTY), -EINVAL);
    CHECK_EQ(shadow(XEN_DOMCTL_SHADOW_OP_PEEK), 0);
    compare("nothing yet", first, 0);
    for (uint64_t round = 2; round < 7; round++) {
        NEED(do_round(round));
        CHECK_EQ(shadow(XEN_DOMCTL_SHADOW_OP_PEEK), 0);
        compare("peek", first, round);
        CHECK_EQ(shadow(XEN_DOMCTL_SHADOW_OP_CLEAN), 0);
        compare("clean", first, round);
        CHECK(op.u.shadow_op.stats.dirty_count >= LOGGED_PAGES / 7);
        CHECK_EQ(op.u.shadow_op.stats.fault_count, 0);
    }
    CHECK_EQ(shadow(XEN_DOMCTL_SHADOW_OP_CLEAN), 0);
    compare("cleaned", first, 0);
    others_write(first);
    CHECK_EQ(shadow(XEN_DOMCTL_SHADOW_OP_OFF), 0);
    CHECK_EQ(shadow(XEN_DOMCTL_SHADOW_OP_OFF), -EINVAL);
    end();
}

TEST(mmu, log_dirty_misused)
{
    begin();
    CHECK_EQ(shadow(XEN_DOMCTL_SHADOW_OP_ENABLE_LOGDIRTY), 0);
    CHECK_EQ(ASK(XEN_DOMCTL_SHADOW_OP_CLEAN, 2, bitmap, 64), -EINVAL);
    CHECK_EQ(ASK(XEN_DOMCTL_SHADOW_OP_CLEAN, 0, (void *)BAD_POINTER, 64), -EFAULT);
    CHECK_EQ(ASK(XEN_DOMCTL_SHADOW_OP_CLEAN, 0, (void *)HV_POINTER, 64), -EFAULT);
    CHECK_EQ(ASK(XEN_DOMCTL_SHADOW_OP_CLEAN, 0, (void *)NONCANONICAL, ~0UL), -EFAULT);
    CHECK(ASK(77, 0, bitmap, 64) < 0);
    NEED(do_order(LIE));
    CHECK_EQ(shadow(XEN_DOMCTL_SHADOW_OP_CLEAN), 0);
    memset(bitmap, 0x55, sizeof(bitmap));
    CHECK_EQ(ASK(XEN_DOMCTL_SHADOW_OP_CLEAN, 0, bitmap, 13), 0);
    CHECK_EQ(bitmap[1] & 0xe0, 0);
    CHECK_EQ(bitmap[2], 0x55);
    end(); /* with its log on */
    begin();
    CHECK_EQ(shadow(XEN_DOMCTL_SHADOW_OP_ENABLE_LOGDIRTY), 0);
    end();
}
