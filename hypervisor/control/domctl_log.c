/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * domctl: the log of a translated guest's dirty frames, by which the toolstack sends a guest that
 * goes on running (XEN_DOMCTL_shadow_op; there is no shadow in it any more). That of a PV guest is
 * another (domctl_log_pv.c).
 *
 * What is always true here: the log is in the frame table itself (p2m/written.h). A call that stops
 * half-way is made again with the same arguments; its place is kept with the table, and no other
 * may begin before it is done. What processors have noted by themselves is read before anybody is
 * told (hvm/log.h).
 */
#include "control/domctl_log.h"

#include "abi/errno.h"
#include "control/domctl.h"
#include "domain/domain.h"
#include "domain/translated.h"
#include "hvm/log.h"
#include "hypercall/hypercall.h"
#include "lib/string.h"
#include "mm/page.h"
#include "p2m/copy.h"
#include "p2m/p2m.h"
#include "p2m/written.h"

#define GIB_FRAMES (1ULL << P2M_ORDER_1G)

/* Frames from @gfn on that hold nothing, at least to the next border of 512. */
static uint64_t hole_at(struct domain *d, uint64_t gfn)
{
    struct p2m_entry e = p2m_lookup(d->p2m, gfn);

    return e.type == P2M_HOLE && e.order == P2M_ORDER_1G ? GIB_FRAMES - gfn % GIB_FRAMES : 0;
}

/* Do @what with the log of the whole table, from where the call was stopped. -ERESTART. */
static long walk_all(struct domain *d, enum p2m_written what)
{
    uint64_t bits[P2M_WRITTEN_MOST / 64];
    struct p2m *p = d->p2m;
    long rc = 0;

    while (p->log_next <= p->top_gfn && !rc) {
        uint64_t hole = hole_at(d, p->log_next);

        if (!hole) {
            spin_lock(&p->lock);
            p2m_written(p, p->log_next, P2M_WRITTEN_MOST, P2M_WATCH_LOG, what, bits);
            if (what == P2M_WRITTEN_FORGET) /* what the log had to split */
                p2m_join(p, p->log_next);
            spin_unlock(&p->lock);
        }
        p->log_next += hole ? hole : P2M_WRITTEN_MOST;
        if (p->log_next <= p->top_gfn && hypercall_preempt())
            rc = -ERESTART;
    }
    translated_flush(d); /* from now on writes are seen, or no table is used that is left over */
    return rc;
}

static void watch(struct domain *d, bool on)
{
    spin_lock(&d->p2m->lock);
    p2m_watch(d->p2m, P2M_WATCH_LOG, on);
    d->p2m->written = 0;
    spin_unlock(&d->p2m->lock);
}

static long log_on(struct domain *d, bool goes_on)
{
    long rc;

    if (!goes_on && (d->p2m->watchers & P2M_WATCH_LOG))
        return -EINVAL;
    if (!(d->p2m->watchers & P2M_WATCH_LOG)) {
        rc = hvm_log_begin(d);
        if (rc)
            return rc;
        watch(d, true);
    }
    return walk_all(d, P2M_WRITTEN_TAKE);
}

static long log_off(struct domain *d)
{
    long rc = 0;

    if (d->p2m->watchers & P2M_WATCH_LOG)
        rc = walk_all(d, P2M_WRITTEN_FORGET);
    if (!rc)
        rc = hvm_log_end(d);
    if (!rc)
        watch(d, false);
    return rc;
}

void log_mark_areas(struct domain *d)
{
    struct vcpu *v;

    for_each_vcpu(d, v)
        if (v->info_area.page)
            page_written(v->info_area.page);
}

/* The next part of the bitmap: up to 512 frames, or all of a hole. */
static int put_part(struct domain *d, const struct xen_domctl_shadow_op *s, enum p2m_written what)
{
    uint64_t gva = GUEST_VA(s->dirty_bitmap), bits[P2M_WRITTEN_MOST / 64];
    struct p2m *p = d->p2m;
    uint64_t at = p->log_next, left = s->pages - at, hole = GIB_FRAMES, frames;

    if (p->watchers & P2M_WATCH_LOG)
        hole = hole_at(d, at);
    frames = min(left, hole ? hole : (uint64_t)P2M_WRITTEN_MOST);
    p->log_next += frames;
    if (hole)
        return gva ? clear_guest(gva + at / 8, (frames + 7) / 8) : 0;
    spin_lock(&p->lock);
    p2m_written(p, at, (unsigned int)frames, P2M_WATCH_LOG, what, bits);
    spin_unlock(&p->lock);
    return gva ? copy_to_guest(gva + at / 8, bits, (frames + 7) / 8) : 0;
}

/* The bitmap of the first `pages` frames; without one, only what comes with it. */
static long log_get(struct domain *d, struct xen_domctl_shadow_op *s)
{
    enum p2m_written what =
        s->op == XEN_DOMCTL_SHADOW_OP_CLEAN ? P2M_WRITTEN_TAKE : P2M_WRITTEN_PEEK;
    struct p2m *p = d->p2m;
    long rc = 0;

    if (s->mode & ~XEN_DOMCTL_SHADOW_LOGDIRTY_FINAL)
        return -EINVAL;
    if (!p->log_next) {
        rc = hvm_log_take(d);
        if (!rc && (s->mode & XEN_DOMCTL_SHADOW_LOGDIRTY_FINAL))
            log_mark_areas(d);
    }
    while (p->log_next < s->pages && !rc) {
        rc = put_part(d, s, what);
        if (!rc && p->log_next < s->pages && hypercall_preempt())
            rc = -ERESTART;
    }
    if (what == P2M_WRITTEN_TAKE)
        translated_flush(d);
    if (rc)
        return rc;
    s->stats.fault_count = 0; /* of shadow tables */
    s->stats.dirty_count = (uint32_t)min(p->written, (uint64_t)UINT32_MAX);
    if (what == P2M_WRITTEN_TAKE)
        p->written = 0;
    return 0;
}

/* The pool for tables as it was set before it had a call of its own: in MiB, rounded up. */
static long pool_op(struct domain *d, struct xen_domctl_shadow_op *s)
{
    struct p2m *p = d->p2m;
    int rc = 0;

    spin_lock(&p->lock);
    if (s->op == XEN_DOMCTL_SHADOW_OP_GET_ALLOCATION)
        s->mb = (uint32_t)DIV_ROUND_UP(p->tables_max << PAGE_SHIFT, MiB);
    else
        rc = p2m_resize_pool(p, ((uint64_t)s->mb * MiB) >> PAGE_SHIFT);
    spin_unlock(&p->lock);
    return rc;
}

static long log_op(struct domain *d, struct xen_domctl_shadow_op *s, bool goes_on)
{
    switch (s->op) {
    case XEN_DOMCTL_SHADOW_OP_OFF:
        return log_off(d);
    case XEN_DOMCTL_SHADOW_OP_ENABLE:
        if (!(s->mode & XEN_DOMCTL_SHADOW_ENABLE_LOG_DIRTY))
            return -EINVAL;
        return log_on(d, goes_on);
    case XEN_DOMCTL_SHADOW_OP_ENABLE_LOGDIRTY:
        return log_on(d, goes_on);
    case XEN_DOMCTL_SHADOW_OP_CLEAN:
    case XEN_DOMCTL_SHADOW_OP_PEEK:
        return log_get(d, s);
    case XEN_DOMCTL_SHADOW_OP_GET_ALLOCATION:
    case XEN_DOMCTL_SHADOW_OP_SET_ALLOCATION:
        return pool_op(d, s);
    default:
        return -EINVAL;
    }
}

long domctl_shadow_op(struct domain *d, struct xen_domctl *op)
{
    struct xen_domctl_shadow_op *s = &op->u.shadow_op;
    struct p2m *p = d->p2m;
    bool goes_on;
    long rc;

    if (!d->is_translated)
        return log_op_pv(d, s);
    goes_on = p->log_call;
    if (goes_on && p->log_call != s->op + 1)
        return -EBUSY;
    rc = log_op(d, s, goes_on);
    p->log_call = rc == -ERESTART ? s->op + 1 : 0;
    if (!p->log_call)
        p->log_next = 0;
    return rc;
}
