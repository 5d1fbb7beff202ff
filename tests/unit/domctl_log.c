/* SPDX-License-Identifier: BSD-2-Clause */
/* The calls about the log of dirty frames: what they answer, and that stopping them changes
 * nothing. */
/* sources: hypervisor/control/domctl_log.c hypervisor/p2m/p2m.c hypervisor/p2m/written.c */
/* cflags: -Itests/unit/fake */
#include "tests/unit/p2m_world.h"

#include "abi/errno.h"
#include "control/domctl.h"
#include "control/domctl_log.h"
#include "domain/domain.h"
#include "domain/translated.h"
#include "hvm/log.h"
#include "hypercall/hypercall.h"
#include "p2m/copy.h"
#include "p2m/p2m.h"
#include "p2m/written.h"

#define FAR   (3ULL << P2M_ORDER_1G) /* a few frames beyond holes of 1 GiB */
#define PAGES (FAR + 100)

static struct p2m p2m;
static struct vcpu vcpu;
static struct vcpu *vcpus[1] = {&vcpu};
static struct domain guest = {.id = 1, .is_translated = true, .p2m = &p2m, .vcpus = vcpus,
                              .max_vcpus = 1},
                     classic = {.id = 2};
static struct xen_domctl op;
static uint8_t bitmap[PAGES / 8 + 1];
static unsigned int preempt_in, flushes, stops, areas;

int copy_to_guest(uint64_t gva, const void *from, size_t bytes)
{
    if (gva < 4096)
        return -EFAULT;
    memcpy((void *)gva, from, bytes);
    return 0;
}

int clear_guest(uint64_t gva, size_t bytes)
{
    if (gva < 4096)
        return -EFAULT;
    memset((void *)gva, 0, bytes);
    return 0;
}

bool hypercall_preempt(void)
{
    return preempt_in && check_random() % preempt_in == 0;
}

#define CLASSIC_ANSWER 77 /* of a PV domain, which has another log */
long log_op_pv(struct domain *d, struct xen_domctl_shadow_op *s)
{
    CHECK(d == &classic && s == &op.u.shadow_op);
    return CLASSIC_ANSWER;
}

void translated_flush(struct domain *d)
{
    CHECK(d == &guest);
    flushes++;
}

void page_written(const struct page *pg)
{
    areas++;
    p2m_mark_written(&p2m, page_mfn(pg).n); /* frames are their own numbers here */
}

/* Two processors take notes, which are read in two steps. */
static unsigned int begun, noted, note[2];
static bool stopped;

/* Every other call is stopped, if any is. */
static bool stop(void)
{
    stopped = preempt_in && !stopped;
    return stopped;
}

long hvm_log_begin(struct domain *d)
{
    if (stop())
        return -ERESTART;
    CHECK(!(d->p2m->watchers & P2M_WATCH_LOG));
    begun++;
    return 0;
}

long hvm_log_take(struct domain *d)
{
    CHECK_EQ(d->p2m->log_next, 0);
    while (d->p2m->log_vcpu < 2) {
        unsigned int gfn = note[d->p2m->log_vcpu++];

        if (gfn) {
            p2m_mark_written(&p2m, gfn);
            noted++;
        }
        if (hypercall_preempt())
            return -ERESTART;
    }
    d->p2m->log_vcpu = 0;
    return 0;
}

long hvm_log_end(struct domain *d)
{
    for (uint64_t gfn = 0; gfn < PAGES; gfn += 40)
        CHECK_EQ(p2m_lookup(d->p2m, gfn).unwritten, 0);
    if (stop())
        return -ERESTART;
    begun = 0;
    return 0;
}

static long call(uint32_t what, uint32_t mode, uint64_t gva, uint64_t pages)
{
    long rc;

    do {
        op.u.shadow_op = (struct xen_domctl_shadow_op){.op = what, .mode = mode, .pages = pages};
        op.u.shadow_op.dirty_bitmap.p = (uint8_t *)gva;
        rc = domctl_shadow_op(&guest, &op);
        stops += rc == -ERESTART;
    } while (rc == -ERESTART);
    return rc;
}

static long get(uint32_t what)
{
    memset(bitmap, 0xff, sizeof(bitmap));
    return call(what, 0, (uint64_t)bitmap, PAGES);
}

static void ram(uint64_t gfn, uint64_t mfn, uint8_t order)
{
    struct p2m_entry e = {.mfn = MFN(mfn), .type = P2M_RAM, .order = order, .cache = P2M_CACHE_WB};
    struct p2m_entry old;

    CHECK_EQ(p2m_set(&p2m, gfn, &e, &old), 0);
}

static void start(void)
{
    preempt_in = flushes = stops = areas = begun = 0;
    vcpu.info_area.page = NULL;
    CHECK_EQ(p2m_init(&p2m, true, true, 64), 0);
    for (uint64_t gfn = 0; gfn < 512; gfn++)
        ram(gfn, gfn, 0);
    ram(512, 512, P2M_ORDER_2M);
    ram(FAR + 5, 1030, 0);
}

static void finish(void)
{
    p2m_close(&p2m);
    CHECK_EQ(page_writes_watched, 0);
    while (!p2m_free(&p2m, 7))
        ;
}

static unsigned int dirty(void)
{
    unsigned int n = 0;

    for (uint64_t i = 0; i < PAGES; i++)
        n += bitmap[i / 8] >> (i % 8) & 1;
    return n;
}

static bool is_dirty(uint64_t gfn)
{
    return bitmap[gfn / 8] >> (gfn % 8) & 1;
}

TEST(rounds)
{
    for (unsigned int preempt = 0; preempt < 3; preempt++) {
        start();
        preempt_in = preempt;
        CHECK_EQ(get(XEN_DOMCTL_SHADOW_OP_PEEK), 0); /* not on: nothing is dirty */
        CHECK_EQ(dirty(), 0);
        CHECK_EQ(call(XEN_DOMCTL_SHADOW_OP_ENABLE_LOGDIRTY, 0, 0, 0), 0);
        CHECK(flushes > 0);
        CHECK_EQ(call(XEN_DOMCTL_SHADOW_OP_ENABLE_LOGDIRTY, 0, 0, 0), -EINVAL);
        CHECK_EQ(p2m_lookup(&p2m, FAR + 5).type, P2M_RAM_LOGDIRTY);
        CHECK_EQ(get(XEN_DOMCTL_SHADOW_OP_PEEK), 0);
        CHECK_EQ(dirty(), 0);
        for (unsigned int round = 0; round < 5; round++) {
            p2m_mark_written(&p2m, 3 + round);
            p2m_mark_written(&p2m, 700 + round);
            p2m_mark_written(&p2m, FAR + 5);
            for (unsigned int i = 0; i < 2; i++) { /* PEEK leaves it, CLEAN takes it */
                CHECK_EQ(get(i ? XEN_DOMCTL_SHADOW_OP_CLEAN : XEN_DOMCTL_SHADOW_OP_PEEK), 0);
                CHECK_EQ(op.u.shadow_op.pages, PAGES);
                CHECK_EQ(op.u.shadow_op.stats.dirty_count, 3);
                CHECK_EQ(dirty(), 3);
                CHECK(is_dirty(3 + round) && is_dirty(700 + round) && is_dirty(FAR + 5));
            }
        }
        p2m_mark_written(&p2m, 9);
        CHECK_EQ(call(XEN_DOMCTL_SHADOW_OP_CLEAN, 0, 0, PAGES), 0); /* cleans without a bitmap */
        CHECK_EQ(get(XEN_DOMCTL_SHADOW_OP_CLEAN), 0);
        CHECK_EQ(dirty(), 0);
        ram(FAR + 6, 1031, 0); /* new memory counts as written */
        CHECK_EQ(get(XEN_DOMCTL_SHADOW_OP_CLEAN), 0);
        CHECK_EQ(dirty(), 1);
        CHECK_EQ(call(XEN_DOMCTL_SHADOW_OP_OFF, 0, 0, 0), 0);
        CHECK_EQ(p2m_lookup(&p2m, 100).type, P2M_RAM);
        CHECK_EQ(p2m_lookup(&p2m, 700).order, P2M_ORDER_2M); /* as before it was split */
        CHECK_EQ(p2m_lookup(&p2m, FAR + 5).type, P2M_RAM);
        CHECK_EQ(call(XEN_DOMCTL_SHADOW_OP_OFF, 0, 0, 0), 0);
        CHECK_EQ(stops > 0, preempt > 0);
        finish();
    }
}

TEST(ends_of_the_bitmap)
{
    start();
    CHECK_EQ(call(XEN_DOMCTL_SHADOW_OP_ENABLE, XEN_DOMCTL_SHADOW_ENABLE_LOG_DIRTY, 0, 0), 0);
    for (uint64_t gfn = 0; gfn < 1024; gfn++)
        p2m_mark_written(&p2m, gfn);
    for (uint64_t pages = 0; pages < 600; pages += 1 + pages / 3) {
        memset(bitmap, 0x55, sizeof(bitmap));
        CHECK_EQ(call(XEN_DOMCTL_SHADOW_OP_PEEK, 0, (uint64_t)bitmap, pages), 0);
        CHECK_EQ(bitmap[(pages + 7) / 8], 0x55);
        if (pages)
            CHECK_EQ(bitmap[(pages - 1) / 8], pages % 8 ? (1 << pages % 8) - 1 : 0xff);
    }
    CHECK_EQ(call(XEN_DOMCTL_SHADOW_OP_PEEK, 0, 0x10, 64), -EFAULT);
    CHECK_EQ(get(XEN_DOMCTL_SHADOW_OP_PEEK), 0); /* a failed call leaves no place to go on from */
    CHECK_EQ(dirty(), 1024);
    finish();
}

TEST(notes_are_read_before_anybody_is_told)
{
    for (unsigned int preempt = 0; preempt < 3; preempt++) {
        start();
        preempt_in = preempt;
        note[0] = 3, note[1] = 700;
        CHECK_EQ(call(XEN_DOMCTL_SHADOW_OP_ENABLE_LOGDIRTY, 0, 0, 0), 0);
        CHECK_EQ(begun, 1);
        CHECK_EQ(call(XEN_DOMCTL_SHADOW_OP_ENABLE_LOGDIRTY, 0, 0, 0), -EINVAL);
        for (unsigned int i = 0; i < 4; i++) {
            note[0]++, note[1]++;
            noted = 0;
            CHECK_EQ(get(i % 2 ? XEN_DOMCTL_SHADOW_OP_CLEAN : XEN_DOMCTL_SHADOW_OP_PEEK), 0);
            CHECK_EQ(noted, 2); /* once, however often the call was stopped */
            CHECK_EQ(dirty(), i % 2 ? 4 : 2);
            CHECK(is_dirty(note[0]) && is_dirty(note[1]));
        }
        CHECK_EQ(call(XEN_DOMCTL_SHADOW_OP_OFF, 0, 0, 0), 0);
        CHECK_EQ(begun, 0);
        note[0] = note[1] = 0;
        finish();
    }
}

TEST(one_call_at_a_time)
{
    start();
    CHECK_EQ(call(XEN_DOMCTL_SHADOW_OP_ENABLE_LOGDIRTY, 0, 0, 0), 0);
    preempt_in = 1;
    op.u.shadow_op = (struct xen_domctl_shadow_op){.op = XEN_DOMCTL_SHADOW_OP_CLEAN,
                                                   .pages = PAGES};
    CHECK_EQ(domctl_shadow_op(&guest, &op), -ERESTART);
    CHECK_EQ(call(XEN_DOMCTL_SHADOW_OP_PEEK, 0, 0, PAGES), -EBUSY);
    CHECK_EQ(call(XEN_DOMCTL_SHADOW_OP_OFF, 0, 0, 0), -EBUSY);
    CHECK_EQ(call(XEN_DOMCTL_SHADOW_OP_CLEAN, 0, 0, PAGES), 0);
    CHECK_EQ(call(XEN_DOMCTL_SHADOW_OP_OFF, 0, 0, 0), 0);
    finish();
}

TEST(areas_count_at_last)
{
    start();
    vcpu.info_area.page = mfn_page(MFN(77));
    CHECK_EQ(call(XEN_DOMCTL_SHADOW_OP_ENABLE_LOGDIRTY, 0, 0, 0), 0);
    CHECK_EQ(get(XEN_DOMCTL_SHADOW_OP_CLEAN), 0);
    CHECK_EQ(dirty(), 0);
    memset(bitmap, 0, sizeof(bitmap));
    CHECK_EQ(call(XEN_DOMCTL_SHADOW_OP_CLEAN, XEN_DOMCTL_SHADOW_LOGDIRTY_FINAL, (uint64_t)bitmap,
                  PAGES), 0);
    CHECK_EQ(areas, 1);
    CHECK_EQ(dirty(), 1);
    CHECK(is_dirty(77));
    finish();
}

TEST(what_is_refused)
{
    start();
    CHECK_EQ(call(XEN_DOMCTL_SHADOW_OP_ENABLE, 0, 0, 0), -EINVAL);
    CHECK_EQ(call(XEN_DOMCTL_SHADOW_OP_ENABLE_TEST, 0, 0, 0), -EINVAL);
    CHECK_EQ(call(XEN_DOMCTL_SHADOW_OP_PEEK, 2, 0, 0), -EINVAL);
    CHECK_EQ(call(77, 0, 0, 0), -EINVAL);
    CHECK_EQ(call(XEN_DOMCTL_SHADOW_OP_GET_ALLOCATION, 0, 0, 0), 0);
    CHECK_EQ(op.u.shadow_op.mb, 1);
    CHECK_EQ(call(XEN_DOMCTL_SHADOW_OP_SET_ALLOCATION, 0, 0, 0), -EBUSY); /* mb 0: tables in use */
    CHECK_EQ(page_writes_watched, 0);
    CHECK_EQ(domctl_shadow_op(&classic, &op), CLASSIC_ANSWER);
    finish();
}
