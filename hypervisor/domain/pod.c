/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Populate on demand.
 *
 * What is always true here:
 *  - A promised frame is an entry P2M_POD, which holds nothing; the frame table counts them. Frames
 *    that are set aside belong to the domain and count as its, are in no table, and are zero but
 *    for the word that links them. Both change under the table's lock only.
 *  - When nothing is set aside, a frame of the guest's that is zero is as good: it becomes a
 *    promise again. Such frames are found in three steps: it can no longer be written (as a frame
 *    that is watched, p2m/written.h), a flush; it is still zero and unwritten and nobody else holds
 *    it, so it leaves the table, a flush; it is set aside. Each call looks at a bounded number of
 *    frames.
 */
#include "domain/pod.h"

#include "abi/errno.h"
#include "cpu/insn.h"
#include "domain/domain.h"
#include "domain/memory.h"
#include "domain/translated.h"
#include "hypercall/hypercall.h"
#include "lib/bits.h"
#include "lib/string.h"
#include "mm/hvmap.h"
#include "mm/page.h"
#include "p2m/m2p.h"
#include "p2m/p2m.h"
#include "p2m/written.h"

#define LARGE BIT(P2M_ORDER_2M)

#define SWEEP_LOOK  256 /* entries a step of the search looks at */
#define SWEEP_FIND  32  /* frames it may find */
#define SWEEPS_MOST 64  /* steps in one call that cannot be stopped */

/* ---- what is set aside; lock held ---- */

static void push(mfn_t *head, mfn_t m)
{
    uint64_t *link = frame_map(m);

    *link = head->n;
    frame_unmap(link);
    *head = m;
}

static mfn_t pop(mfn_t *head)
{
    mfn_t m = *head;
    uint64_t *link;

    if (mfn_eq(m, MFN_NONE))
        return m;
    link = frame_map(m);
    head->n = *link;
    *link = 0;
    frame_unmap(link);
    return m;
}

static bool is_closed(const struct p2m *p)
{
    return mfn_eq(p->root, MFN_NONE);
}

/* Set 2^@order frames from @m on aside; of a domain that ends, its teardown finds them. */
static void put(struct p2m *p, mfn_t m, unsigned int order)
{
    if (is_closed(p))
        return;
    push(order ? &p->pod.large : &p->pod.single, m);
    p->pod.count += BIT(order);
}

static mfn_t take_large(struct p2m *p)
{
    mfn_t m = pop(&p->pod.large);

    if (!mfn_eq(m, MFN_NONE))
        p->pod.count -= LARGE;
    return m;
}

/* A single frame; of a large one only if need be. */
static mfn_t take_single(struct p2m *p)
{
    struct pod_frames *f = &p->pod;
    mfn_t m = pop(&f->single);

    if (mfn_eq(m, MFN_NONE)) {
        if (!f->part_left) {
            f->part = pop(&f->large);
            f->part_left = mfn_eq(f->part, MFN_NONE) ? 0 : (uint32_t)LARGE;
        }
        if (f->part_left)
            m = mfn_add(f->part, LARGE - f->part_left--);
    }
    if (!mfn_eq(m, MFN_NONE))
        f->count--;
    return m;
}

/* ---- keeping a promise ---- */

/* Make 2^@order frames at @gfn @m and on. */
static bool enter(struct p2m *p, uint64_t gfn, mfn_t m, uint8_t order)
{
    const struct p2m_entry e = {.mfn = m, .type = P2M_RAM, .order = order, .cache = P2M_CACHE_WB};
    struct p2m_entry old;

    for (uint64_t i = 0; i < BIT(order); i++)
        m2p_set(mfn_add(m, i), gfn + i);
    if (p2m_set(p, gfn, &e, &old) == 0)
        return true;
    for (uint64_t i = 0; i < BIT(order); i++)
        m2p_set(mfn_add(m, i), M2P_INVALID);
    put(p, m, order);
    return false;
}

/* @gfn is promised, by an entry of @order: populate it, and what lies around it if that is as
 * large. False: nothing is set aside, or the paging pool is used up. Lock held. */
static bool keep_promise(struct p2m *p, uint64_t gfn, uint8_t order)
{
    mfn_t m;

    if (order >= P2M_ORDER_2M) {
        m = take_large(p);
        if (!mfn_eq(m, MFN_NONE) && enter(p, ROUND_DOWN(gfn, LARGE), m, P2M_ORDER_2M))
            return true;
    }
    m = take_single(p);
    return !mfn_eq(m, MFN_NONE) && enter(p, gfn, m, P2M_ORDER_4K);
}

/* ---- the search for frames that are zero ---- */

static bool is_zero(mfn_t m)
{
    const uint64_t *words = frame_map(m);
    unsigned int i;

    for (i = 0; i < PAGE_BYTES / 8 && !words[i]; i++)
        ;
    frame_unmap(words);
    return i == PAGE_BYTES / 8;
}

static bool is_candidate(const struct domain *d, const struct p2m_entry *e)
{
    return p2m_type_is_plain(e->type) && page_is_sole(mfn_page(e->mfn), d) && is_zero(e->mfn);
}

/* First step: up to SWEEP_FIND frames that look zero are protected, @found. */
static unsigned int protect_some(struct domain *d, uint64_t *found)
{
    struct p2m *p = d->p2m;
    unsigned int n = 0;

    for (unsigned int i = 0; i < SWEEP_LOOK && n < SWEEP_FIND; i++) {
        uint64_t gfn = p->pod.sweep, bits, step = 1;
        struct p2m_entry e = p2m_lookup(p, gfn);

        if (!p2m_type_is_ram(e.type)) {
            step = BIT(e.order) - (gfn & (BIT(e.order) - 1));
        } else if (is_candidate(d, &e)) {
            p2m_written(p, gfn, 1, P2M_WATCH_SWEEP, P2M_WRITTEN_TAKE, &bits);
            found[n++] = gfn;
        }
        p->pod.sweep = gfn + step > p->top_gfn ? 0 : gfn + step;
        p->pod.swept += step;
    }
    return n;
}

/* Second step: those that are as they were become promises again; @frames that they held. */
static unsigned int take_back(struct domain *d, const uint64_t *found, unsigned int n,
                              mfn_t *frames)
{
    struct p2m *p = d->p2m;
    unsigned int taken = 0;

    for (unsigned int i = 0; i < n; i++) {
        const struct p2m_entry promise = {.type = P2M_POD};
        struct p2m_entry e = p2m_lookup(p, found[i]), old;
        uint64_t bits;

        if ((e.unwritten & P2M_WATCH_SWEEP) && is_candidate(d, &e) &&
            p2m_set(p, found[i], &promise, &old) == 0) {
            m2p_set(e.mfn, M2P_INVALID);
            frames[taken++] = e.mfn;
        } else {
            p2m_written(p, found[i], 1, P2M_WATCH_SWEEP, P2M_WRITTEN_FORGET, &bits);
        }
    }
    return taken;
}

/* Look at some more frames. True: some were found, or there are frames that were not looked at
 * since the last time any were. */
static bool sweep(struct domain *d)
{
    struct p2m *p = d->p2m;
    uint64_t found[SWEEP_FIND];
    mfn_t frames[SWEEP_FIND];
    unsigned int n, taken = 0;
    bool more;

    spin_lock(&p->lock);
    n = protect_some(d, found);
    spin_unlock(&p->lock);
    if (n) {
        translated_flush(d);
        spin_lock(&p->lock);
        taken = take_back(d, found, n, frames);
        spin_unlock(&p->lock);
    }
    if (taken)
        translated_flush(d);
    spin_lock(&p->lock);
    for (unsigned int i = 0; i < taken; i++)
        put(p, frames[i], 0);
    /* twice around: what is found in the first step may be held by somebody in the second */
    more = p->pod.count || p->pod.swept <= 2 * p->top_gfn;
    if (taken || !more)
        p->pod.swept = 0;
    spin_unlock(&p->lock);
    return more;
}

/* ---- from outside ---- */

/* Populate @gfn if it is promised. @e: what it is then. False: it is promised still; @no_tables:
 * not for want of frames. */
static bool populate(struct domain *d, uint64_t gfn, struct p2m_entry *e, bool *no_tables)
{
    struct p2m *p = d->p2m;
    bool done = true;

    spin_lock(&p->lock);
    *e = p2m_lookup(p, gfn);
    if (e->type == P2M_POD)
        done = keep_promise(p, gfn, e->order);
    *no_tables = !done && p->pod.count;
    if (done && e->type == P2M_POD)
        p->pod.swept = 0;
    spin_unlock(&p->lock);
    return done;
}

enum pod_answer pod_fault(struct domain *d, uint64_t gfn)
{
    struct p2m_entry e = p2m_lookup(d->p2m, gfn);
    bool no_tables;

    if (likely(e.type != P2M_POD))
        return POD_OTHER;
    if (populate(d, gfn, &e, &no_tables))
        return POD_AGAIN;
    return !no_tables && sweep(d) ? POD_AGAIN : POD_OUT;
}

bool pod_populate(struct domain *d, uint64_t gfn)
{
    struct p2m_entry e;
    bool no_tables;

    for (unsigned int i = 0; i < SWEEPS_MOST; i++) {
        if (populate(d, gfn, &e, &no_tables))
            return e.type == P2M_POD || p2m_type_is_ram(e.type);
        if (no_tables || !irq_enabled() || !sweep(d)) /* (a flush waits for other CPUs) */
            break;
    }
    return false;
}

void pod_crash(struct domain *d, uint64_t gfn)
{
    const struct p2m *p = d->p2m;

    domain_crash(d,
                 "no memory to populate frame %#lx on demand: %lu frames, %lu more set aside, %lu "
                 "promised (it needs a balloon driver); %lu tables of %lu in use",
                 gfn, d->tot_pages - p->pod.count, p->pod.count, p->promised, p->tables,
                 p->tables_max);
}

bool pod_promise(struct domain *d, uint64_t gfn, unsigned int order)
{
    uint8_t each = order >= P2M_ORDER_1G ? P2M_ORDER_1G : order >= P2M_ORDER_2M ? P2M_ORDER_2M : 0;
    struct p2m *p = d->p2m;
    int rc = 0;

    if (!IS_ALIGNED(gfn, BIT(order)))
        return false;
    for (uint64_t done = 0; done < BIT(order) && !rc; done += BIT(each)) {
        const struct p2m_entry e = {.type = P2M_POD, .order = each};
        struct p2m_entry there, old;

        spin_lock(&p->lock);
        there = p2m_lookup(p, gfn + done);
        if (there.type != P2M_POD || there.order < each)
            rc = there.type == P2M_HOLE ? p2m_set(p, gfn + done, &e, &old) : -EBUSY;
        spin_unlock(&p->lock);
    }
    return !rc;
}

/* Frames to be set aside for @target. Lock held. */
static uint64_t wanted(const struct domain *d, uint64_t target)
{
    const struct p2m *p = d->p2m;
    uint64_t have = READ_ONCE(d->tot_pages), populated = have - p->pod.count;

    if (d->life != DOMAIN_ALIVE || target < have || (populated && !p->promised))
        return p->pod.count;
    /* while it is built there are no promises yet; later there is no use for more than those */
    return populated ? min(target - populated, p->promised) : target - populated;
}

/* Set up to @count more frames aside, as a large one if that many. */
static long grow(struct domain *d, uint64_t count)
{
    unsigned int order = count >= LARGE ? P2M_ORDER_2M : 0;
    struct page *pg = domain_alloc_pages(d, order, READ_ONCE(d->dma_bits), M2P_INVALID);

    if (!pg && order)
        pg = domain_alloc_pages(d, order = 0, READ_ONCE(d->dma_bits), M2P_INVALID);
    if (!pg)
        return -ENOMEM;
    if (!order) { /* it may hold what the domain itself left in it */
        void *at = frame_map(page_mfn(pg));

        memset(at, 0, PAGE_BYTES);
        frame_unmap(at);
    }
    spin_lock(&d->p2m->lock);
    put(d->p2m, page_mfn(pg), order);
    spin_unlock(&d->p2m->lock);
    return 0;
}

/* Give a frame up if more than @limit are set aside. */
static bool shrink(struct domain *d, uint64_t limit)
{
    mfn_t m = MFN_NONE;

    spin_lock(&d->p2m->lock);
    if (d->p2m->pod.count > limit)
        m = take_single(d->p2m);
    spin_unlock(&d->p2m->lock);
    return !mfn_eq(m, MFN_NONE) && reservation_drop_frame(d, m);
}

long pod_set_target(struct domain *d, uint64_t pages)
{
    struct p2m *p = d->p2m;
    long rc = 0;

    for (unsigned int n = 1; !rc; n++) {
        uint64_t want, have;

        spin_lock(&p->lock);
        want = wanted(d, pages);
        have = p->pod.count;
        spin_unlock(&p->lock);
        if (want == have)
            break;
        if (want < have && !shrink(d, want))
            break;
        if (want > have)
            rc = grow(d, want - have);
        if (!rc && n % 16 == 0 && hypercall_preempt())
            rc = -ERESTART;
    }
    return rc;
}

bool pod_keep(struct domain *d, uint64_t mfn)
{
    struct p2m *p = d->p2m;
    bool kept;
    void *at;

    if (likely(READ_ONCE(p->promised) <= READ_ONCE(p->pod.count)))
        return false;
    spin_lock(&p->lock);
    kept = !is_closed(p) && p->promised > p->pod.count && page_is_sole(mfn_page(MFN(mfn)), d);
    if (kept) {
        at = frame_map(MFN(mfn));
        memset(at, 0, PAGE_BYTES);
        frame_unmap(at);
        m2p_set(MFN(mfn), M2P_INVALID);
        put(p, MFN(mfn), 0);
    }
    spin_unlock(&p->lock);
    return kept;
}

void pod_trim(struct domain *d)
{
    while (shrink(d, READ_ONCE(d->p2m->promised)))
        ;
}
