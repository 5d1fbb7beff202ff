/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Frames of translated domains.
 *
 * What is always true here: an entry for the domain's own memory (its frames, and those that we
 * share with it) holds no reference; the frame's owner does. An entry for another domain's frame
 * holds one, and a use as PAGE_WRITABLE if it can be written. So an entry goes first, then the
 * translations that processors may have of it, and only then the frame or the reference.
 */
#include "domain/translated.h"

#include "abi/errno.h"
#include "cpu/smp.h"
#include "domain/domain.h"
#include "domain/kind.h"
#include "domain/memory.h"
#include "domain/pod.h"
#include "hypercall/hypercall.h"
#include "lib/bits.h"
#include "mm/page.h"
#include "mm/page_hooks.h"
#include "mm/tlb.h"
#include "p2m/gfn.h"
#include "p2m/m2p.h"
#include "p2m/p2m.h"
#include "p2m/written.h"

void translated_flush(struct domain *d)
{
    struct page *tables;

    spin_lock(&d->p2m->lock);
    tables = p2m_unlinked(d->p2m);
    spin_unlock(&d->p2m->lock);
    /* only the guest's processors have translations, but any may be looking at a table */
    tlb_flush_mask(tables ? &cpus_online : d->dirty_cpus, TLB_FLUSH_GUEST, 0);
    if (!tables)
        return;
    spin_lock(&d->p2m->lock);
    p2m_free_unlinked(d->p2m, tables);
    spin_unlock(&d->p2m->lock);
}

/* The largest entries that 2^@order frames can have. */
static unsigned int entry_order(const struct p2m *p, unsigned int order)
{
    return order >= p->order_max ? p->order_max : order >= P2M_ORDER_2M ? P2M_ORDER_2M : 0;
}

/* The lock is held, since they were filled: nobody has moved them elsewhere. */
static void clear_range(struct domain *d, uint64_t gfn, uint64_t frames, unsigned int order)
{
    const struct p2m_entry hole = {.order = (uint8_t)order};
    struct p2m_entry old;

    for (uint64_t i = 0; i < frames; i += BIT(order))
        if (p2m_set(d->p2m, gfn + i, &hole, &old))
            break; /* cannot fail: the tables exist */
}

/* All or nothing, in one step for others: what is half filled is given up again, and must be in no
 * other place by then. (512 entries at most: orders between those of entries are below 2^9 of the
 * next smaller one.) */
static bool fill_range(struct domain *d, uint64_t gfn, mfn_t mfn, unsigned int order)
{
    unsigned int each = entry_order(d->p2m, order);
    uint64_t done;

    spin_lock(&d->p2m->lock);
    for (done = 0; done < BIT(order); done += BIT(each)) {
        const struct p2m_entry e = {.mfn = mfn_add(mfn, done),
                                    .type = P2M_RAM,
                                    .order = (uint8_t)each,
                                    .cache = P2M_CACHE_WB};
        struct p2m_entry old;

        if (p2m_type_is_present(p2m_lookup(d->p2m, gfn + done).type) ||
            p2m_set(d->p2m, gfn + done, &e, &old)) /* a promise ends */
            break;
    }
    if (done < BIT(order))
        clear_range(d, gfn, done, each);
    spin_unlock(&d->p2m->lock);
    if (done == BIT(order))
        return true;
    translated_flush(d);
    return false;
}

bool translated_populate(struct domain *d, uint64_t gfn, unsigned int order, unsigned int bits)
{
    struct page *pg;

    if (!IS_ALIGNED(gfn, BIT(order)))
        return false;
    pg = domain_alloc_pages(d, order, bits, gfn);
    if (!pg)
        return false;
    if (fill_range(d, gfn, page_mfn(pg), order))
        return true;
    for (uint64_t i = 0; i < BIT(order); i++) {
        bool dropped = reservation_drop_frame(d, page_mfn(pg + i));

        (void)dropped; /* else somebody named its number, and his putting it back frees it */
    }
    return false;
}

/* Frames given up between two flushes. */
#define REMOVE_STEP 32

/* Up to REMOVE_STEP frames from @gfn on out of the table, or promises of some (MFN_NONE): how many,
 * stopping at the first that is none of its own. */
static unsigned int remove_some(struct domain *d, uint64_t gfn, uint64_t frames, mfn_t *gone)
{
    const struct p2m_entry hole = {0};
    unsigned int n;

    spin_lock(&d->p2m->lock);
    for (n = 0; n < REMOVE_STEP && n < frames; n++) {
        struct p2m_entry old = p2m_lookup(d->p2m, gfn + n);

        if ((!p2m_type_is_ram(old.type) && old.type != P2M_POD) ||
            p2m_set(d->p2m, gfn + n, &hole, &old))
            break;
        gone[n] = old.mfn;
    }
    spin_unlock(&d->p2m->lock);
    if (n)
        translated_flush(d);
    return n;
}

/* The 2 MiB at @gfn out of the table, if they are one entry of its own: their first frame. */
static bool remove_large(struct domain *d, uint64_t gfn, mfn_t *gone)
{
    const struct p2m_entry hole = {.order = P2M_ORDER_2M};
    struct p2m_entry old;
    bool done;

    spin_lock(&d->p2m->lock);
    old = p2m_lookup(d->p2m, gfn);
    done = old.order >= P2M_ORDER_2M && (p2m_type_is_ram(old.type) || old.type == P2M_POD) &&
           p2m_set(d->p2m, gfn, &hole, &old) == 0;
    spin_unlock(&d->p2m->lock);
    if (done)
        translated_flush(d);
    *gone = old.mfn;
    return done;
}

/* Give up @n frames, which are out of the table; those that were only promised are MFN_NONE. */
static bool give_up(struct domain *d, const mfn_t *gone, unsigned int n)
{
    bool promises = false;
    unsigned int i;

    for (i = 0; i < n; i++) {
        if (mfn_eq(gone[i], MFN_NONE))
            promises = true;
        else if (!pod_keep(d, gone[i].n) && !reservation_drop_frame(d, gone[i]))
            break;
    }
    if (promises)
        pod_trim(d);
    return i == n;
}

static bool give_up_large(struct domain *d, mfn_t first)
{
    mfn_t gone[REMOVE_STEP];

    for (uint64_t done = 0; done < BIT(P2M_ORDER_2M); done += REMOVE_STEP) {
        for (unsigned int i = 0; i < REMOVE_STEP; i++)
            gone[i] = mfn_eq(first, MFN_NONE) ? first : mfn_add(first, done + i);
        if (!give_up(d, gone, REMOVE_STEP))
            return false;
    }
    return true;
}

bool translated_remove(struct domain *d, uint64_t gfn, unsigned int order)
{
    mfn_t gone[REMOVE_STEP];

    if (order == P2M_ORDER_2M && IS_ALIGNED(gfn, BIT(order)) && remove_large(d, gfn, gone))
        return give_up_large(d, gone[0]);
    for (uint64_t done = 0; done < BIT(order);) {
        unsigned int n = remove_some(d, gfn + done, BIT(order) - done, gone);

        if (!give_up(d, gone, n))
            return false;
        done += n;
        if (n < REMOVE_STEP && done < BIT(order))
            return false;
    }
    return true;
}

/* What is left to do for an entry that is gone, after the flush. */
static void release(struct domain *d, const struct p2m_entry *old)
{
    struct page *pg = mfn_page(old->mfn);

    if (p2m_type_is_ram(old->type)) {
        if (!reservation_drop_frame(d, old->mfn)) /* a page that we share with it just goes */
            return;
    } else if (p2m_type_is_borrowed(old->type)) {
        if (p2m_type_is_writable(old->type))
            page_put_writable(pg);
        else
            page_put(pg);
    }
}

/* Make @gfn what @e says, whatever it was. -EINVAL, -ENOMEM: nothing has changed. */
static int replace(struct domain *d, uint64_t gfn, const struct p2m_entry *e)
{
    struct p2m_entry old;
    int rc;

    spin_lock(&d->p2m->lock);
    rc = p2m_set(d->p2m, gfn, e, &old);
    spin_unlock(&d->p2m->lock);
    if (rc)
        return rc;
    if (p2m_type_is_present(old.type)) {
        translated_flush(d);
        release(d, &old);
    }
    return 0;
}

/* Take @mfn from where it is in @d's table, if anywhere but at @gfn. Lock held; -ENOMEM for a
 * split. */
static int take_from(struct domain *d, mfn_t mfn, uint64_t gfn, uint64_t *was)
{
    const struct p2m_entry hole = {0};
    struct p2m_entry e;

    *was = m2p_get(mfn);
    if (*was == gfn || *was >> P2M_GFN_BITS)
        return 0;
    e = p2m_lookup(d->p2m, *was);
    if (!p2m_type_is_ram(e.type) || !mfn_eq(e.mfn, mfn)) {
        *was = M2P_INVALID;
        return 0;
    }
    return p2m_set(d->p2m, *was, &hole, &e);
}

/* @mfn to @gfn; *@old is what was there, for release(). Lock held. */
static int place(struct domain *d, uint64_t gfn, mfn_t mfn, struct p2m_entry *old)
{
    const struct p2m_entry fresh = {.mfn = mfn, .type = P2M_RAM, .cache = P2M_CACHE_WB};
    uint64_t was = M2P_INVALID;
    struct p2m_entry there;
    int rc;

    *old = p2m_lookup(d->p2m, gfn);
    if (p2m_type_is_ram(old->type) && mfn_eq(old->mfn, mfn)) { /* it is there already */
        old->type = P2M_HOLE;
        return 0;
    }
    rc = take_from(d, mfn, gfn, &was);
    if (rc)
        return rc;
    rc = p2m_set(d->p2m, gfn, &fresh, old);
    if (!rc)
        m2p_set(mfn, gfn);
    else if (!(was >> P2M_GFN_BITS) && p2m_set(d->p2m, was, &fresh, &there))
        m2p_set(mfn, M2P_INVALID); /* cannot happen: its table is there */
    return rc;
}

int translated_place(struct domain *d, uint64_t gfn, mfn_t mfn)
{
    struct p2m_entry old;
    int rc;

    spin_lock(&d->p2m->lock);
    rc = place(d, gfn, mfn, &old);
    spin_unlock(&d->p2m->lock);
    if (!rc) {
        translated_flush(d);
        release(d, &old);
    }
    return rc;
}

int translated_move(struct domain *d, uint64_t from, uint64_t gfn)
{
    struct p2m_entry e, old;
    int rc;

    /* what is in the table now is the domain's: what it gives up it takes out under this lock */
    spin_lock(&d->p2m->lock);
    e = p2m_lookup(d->p2m, from);
    rc = p2m_type_is_ram(e.type) ? place(d, gfn, e.mfn, &old) : -EINVAL;
    spin_unlock(&d->p2m->lock);
    if (!rc) {
        translated_flush(d);
        release(d, &old);
    }
    return rc;
}

int translated_map_foreign(struct domain *d, uint64_t gfn, struct domain *owner, uint64_t theirs)
{
    struct p2m_entry e = {.type = P2M_FOREIGN_RW, .cache = P2M_CACHE_WB};
    int rc;

    if (d == owner)
        return -EINVAL;
    if (!gfn_page_get(owner, theirs, true, &e.mfn)) {
        e.type = P2M_FOREIGN_RO; /* a page table of a PV guest */
        if (!gfn_page_get(owner, theirs, false, &e.mfn))
            return -EINVAL;
    }
    rc = replace(d, gfn, &e);
    if (rc)
        release(d, &e);
    return rc;
}

/* Map @frame, which exists, at @gfn as @type, with references as that needs them. */
static int borrow(struct domain *d, uint64_t gfn, mfn_t frame, enum p2m_type type)
{
    const struct p2m_entry e = {.mfn = frame, .type = (uint8_t)type, .cache = P2M_CACHE_WB};
    struct page *pg = mfn_page(frame);
    domid_t owner;
    int rc;

    if (!page_get_any(pg, &owner))
        return -EBUSY;
    rc = p2m_type_is_writable(type) ? page_type_get(pg, PAGE_WRITABLE) : 0;
    if (rc) {
        page_put(pg);
        return rc;
    }
    rc = replace(d, gfn, &e);
    if (rc)
        release(d, &e);
    return rc;
}

int translated_map_grant(struct domain *d, uint64_t gfn, mfn_t frame, bool readonly)
{
    return borrow(d, gfn, frame, readonly ? P2M_GRANT_RO : P2M_GRANT_RW);
}

int translated_map_frame(struct domain *d, uint64_t gfn, mfn_t frame)
{
    return borrow(d, gfn, frame, P2M_FOREIGN_RW);
}

int translated_map_shown(struct domain *d, uint64_t gfn, mfn_t frame)
{
    int rc = borrow(d, gfn, frame, P2M_FOREIGN_RW);

    return rc == -EBUSY ? borrow(d, gfn, frame, P2M_FOREIGN_RO) : rc;
}

int translated_unmap_grant(struct domain *d, uint64_t gfn, mfn_t frame)
{
    const struct p2m_entry hole = {0};
    struct p2m_entry old;
    int rc = -EINVAL;

    spin_lock(&d->p2m->lock);
    old = p2m_lookup(d->p2m, gfn);
    if ((old.type == P2M_GRANT_RW || old.type == P2M_GRANT_RO) && mfn_eq(old.mfn, frame))
        rc = p2m_set(d->p2m, gfn, &hole, &old);
    spin_unlock(&d->p2m->lock);
    if (!rc)
        release(d, &old);
    return rc;
}

int translated_unmap(struct domain *d, uint64_t gfn)
{
    const struct p2m_entry hole = {0};
    struct p2m_entry old;
    int rc;

    spin_lock(&d->p2m->lock);
    old = p2m_lookup(d->p2m, gfn);
    rc = p2m_type_is_ram(old.type) || p2m_type_is_borrowed(old.type) || old.type == P2M_POD
             ? p2m_set(d->p2m, gfn, &hole, &old)
             : -ENOENT;
    if (!rc && p2m_type_is_ram(old.type))
        m2p_set(old.mfn, M2P_INVALID);
    spin_unlock(&d->p2m->lock);
    if (rc)
        return rc;
    translated_flush(d);
    if (p2m_type_is_borrowed(old.type)) /* its own memory stays its own, though out of reach */
        release(d, &old);
    return 0;
}

int translated_hide(struct domain *d, uint64_t gfn, mfn_t mfn)
{
    const struct p2m_entry hole = {0};
    struct p2m_entry old;
    int rc = -ENOENT;

    spin_lock(&d->p2m->lock);
    old = p2m_lookup(d->p2m, gfn);
    if (p2m_type_is_ram(old.type) && mfn_eq(old.mfn, mfn))
        rc = p2m_set(d->p2m, gfn, &hole, &old);
    if (!rc)
        m2p_set(mfn, M2P_INVALID);
    spin_unlock(&d->p2m->lock);
    if (!rc)
        translated_flush(d);
    return rc;
}

int translated_retype(struct domain *d, uint64_t gfn, enum p2m_type from, enum p2m_type to)
{
    struct p2m_entry e, old;
    int rc = -EINVAL;

    spin_lock(&d->p2m->lock);
    e = p2m_lookup(d->p2m, gfn);
    if (e.type == from) {
        mfn_t mfn = e.mfn;

        e.type = (uint8_t)to;
        e.order = P2M_ORDER_4K;
        e.unwritten = 0; /* what it is differs at least */
        rc = p2m_set(d->p2m, gfn, &e, &old);
        if (!rc && !p2m_type_is_ram(to)) /* its own memory stays its own, though out of reach */
            m2p_set(mfn, M2P_INVALID);
    }
    spin_unlock(&d->p2m->lock);
    return rc;
}

void translated_written(struct domain *d, uint64_t gfn)
{
    if (likely(!READ_ONCE(d->p2m->watchers)) || gfn >> P2M_GFN_BITS)
        return;
    spin_lock(&d->p2m->lock);
    p2m_mark_written(d->p2m, gfn);
    spin_unlock(&d->p2m->lock);
}

void page_hook_written(const struct page *pg)
{
    struct domain *d = domain_get(page_owner_id(pg));

    if (d && d->is_translated)
        translated_written(d, m2p_get(page_mfn(pg)));
    else if (d && d->kind->frame_written)
        d->kind->frame_written(d, pg);
    if (d)
        domain_put(d);
}

int translated_set_cache(struct domain *d, uint64_t gfn, enum p2m_cache cache)
{
    struct p2m_entry e, old;
    int rc = 0;

    spin_lock(&d->p2m->lock);
    e = p2m_lookup(d->p2m, gfn);
    if (p2m_type_is_ram(e.type) && e.cache != cache) {
        e.cache = (uint8_t)cache;
        e.order = P2M_ORDER_4K;
        rc = p2m_set(d->p2m, gfn, &e, &old);
    }
    spin_unlock(&d->p2m->lock);
    return rc;
}

/* Entries looked at between two looks at other work. */
#define RELINQUISH_STEP 64

int translated_relinquish(struct domain *d)
{
    const struct p2m_entry hole = {0};
    struct p2m *p = d->p2m;
    struct p2m_entry e, old;
    uint64_t at;

    spin_lock(&p->lock);
    p2m_end(p);
    spin_unlock(&p->lock);
    while (p->borrowed && p2m_next(p, p->cursor, RELINQUISH_STEP, &at, &e)) {
        if (p2m_type_is_borrowed(e.type)) {
            spin_lock(&p->lock);
            if (!p2m_set(p, at, &hole, &old)) /* cannot fail: it is of 4 KiB */
                release(d, &old);             /* no vCPU of a dying domain runs: no flush */
            spin_unlock(&p->lock);
        }
        p->cursor = ROUND_DOWN(at, 1ULL << e.order) + (1ULL << e.order);
        if (hypercall_preempt())
            return -ERESTART;
    }
    if (mfn_eq(p->root, MFN_NONE))
        return 0;
    spin_lock(&p->lock);
    p2m_close(p);
    spin_unlock(&p->lock);
    tlb_flush_mask(&cpus_online, TLB_FLUSH_GUEST, 0); /* whoever looks at it does so no more */
    return 0;
}
