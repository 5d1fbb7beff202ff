/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * domctl: the log of a PV guest's dirty frames (pv/log.h) as the toolstack asks for it.
 *
 * What is always true here: a call that takes bits gathers first what processors have noted, takes,
 * and flushes before it returns, so that from then on the next write to what it told is noted. One
 * that stops half-way is made again with the same arguments, and no other may begin meanwhile.
 */
#include "control/domctl_log.h"

#include "abi/errno.h"
#include "domain/domain.h"
#include "grant/grant.h"
#include "hypercall/hypercall.h"
#include "lib/string.h"
#include "mm/tlb.h"
#include "p2m/copy.h"
#include "pv/pv.h"

#include <xen/domctl.h>

static long gather(struct domain *d)
{
    struct pv_log *log = &d->pv->log;
    long rc = log->gathered ? 0 : pv_log_gather(d);

    log->gathered = !rc;
    return rc;
}

static void forget_translations(struct domain *d)
{
    tlb_flush_mask(d->dirty_cpus, TLB_FLUSH_GUEST, 0);
}

static long log_on(struct domain *d)
{
    struct pv_log *log = &d->pv->log;
    uint64_t bits[PV_LOG_MOST / 64];
    long rc = 0;

    if (log->call == 0 || !pv_log_is_on(d))
        rc = pv_log_begin(d);
    if (!rc)
        rc = gather(d);
    /* What was written before is of no interest: the caller sends all of it. */
    while (!rc && log->next < log->frames) {
        pv_log_take(d, log->next, PV_LOG_MOST, true, bits);
        log->next += PV_LOG_MOST;
        if (log->next < log->frames && hypercall_preempt())
            rc = -ERESTART;
    }
    if (!rc) {
        (void)pv_log_count(d, true);
        forget_translations(d);
    }
    return rc;
}

static long log_off(struct domain *d)
{
    if (!pv_log_is_on(d))
        return -EINVAL;
    pv_log_end(d);
    return 0;
}

/* The next part of the bitmap. */
static int put_part(struct domain *d, const struct xen_domctl_shadow_op *s, bool forget)
{
    struct pv_log *log = &d->pv->log;
    uint64_t bits[PV_LOG_MOST / 64], gva = GUEST_VA(s->dirty_bitmap), at = log->next;
    unsigned int count = (unsigned int)min(s->pages - at, (uint64_t)PV_LOG_MOST);
    size_t bytes = DIV_ROUND_UP(count, 8);
    int rc;

    log->next += count;
    if (!pv_log_is_on(d))
        return gva ? clear_guest(gva + at / 8, bytes) : 0;
    pv_log_take(d, at, count, forget, bits);
    rc = gva ? copy_to_guest(gva + at / 8, bits, bytes) : 0;
    if (rc && forget)
        pv_log_untake(d, at, count, bits);
    return rc;
}

/* What is written without the log hearing of it counts as written at last: what we write, and what
 * others have mapped, such as rings and the buffers of back ends that keep them. */
static long mark_last(struct domain *d)
{
    log_mark_areas(d);
    return grant_written(d, &d->pv->log.grant);
}

static long log_get(struct domain *d, struct xen_domctl_shadow_op *s)
{
    bool forget = s->op == XEN_DOMCTL_SHADOW_OP_CLEAN;
    struct pv_log *log = &d->pv->log;
    long rc = 0;

    if (s->mode & ~XEN_DOMCTL_SHADOW_LOGDIRTY_FINAL)
        return -EINVAL;
    if (pv_log_is_on(d) && !log->next) {
        rc = gather(d);
        if (!rc && (s->mode & XEN_DOMCTL_SHADOW_LOGDIRTY_FINAL))
            rc = mark_last(d);
    }
    while (!rc && log->next < s->pages) {
        rc = put_part(d, s, forget);
        if (!rc && log->next < s->pages && hypercall_preempt())
            rc = -ERESTART;
    }
    if (rc != -ERESTART)
        forget_translations(d);
    if (rc)
        return rc;
    s->stats.fault_count = 0; /* of shadow tables */
    s->stats.dirty_count = (uint32_t)min(pv_log_count(d, forget), (uint64_t)UINT32_MAX);
    return 0;
}

static long run(struct domain *d, struct xen_domctl_shadow_op *s)
{
    switch (s->op) {
    case XEN_DOMCTL_SHADOW_OP_OFF:
        return log_off(d);
    case XEN_DOMCTL_SHADOW_OP_ENABLE:
        return s->mode & XEN_DOMCTL_SHADOW_ENABLE_LOG_DIRTY ? log_on(d) : -EOPNOTSUPP;
    case XEN_DOMCTL_SHADOW_OP_ENABLE_LOGDIRTY:
        return log_on(d);
    case XEN_DOMCTL_SHADOW_OP_CLEAN:
    case XEN_DOMCTL_SHADOW_OP_PEEK:
        return log_get(d, s);
    case XEN_DOMCTL_SHADOW_OP_GET_ALLOCATION:
    case XEN_DOMCTL_SHADOW_OP_SET_ALLOCATION:
        return -EOPNOTSUPP;
    default:
        return -EINVAL;
    }
}

long log_op_pv(struct domain *d, struct xen_domctl_shadow_op *s)
{
    struct pv_log *log = &d->pv->log;
    long rc;

    if (log->call && log->call != s->op + 1)
        return -EBUSY;
    if (READ_ONCE(d->life) != DOMAIN_ALIVE)
        return -EINVAL; /* nothing is begun that teardown has ended */
    rc = run(d, s);
    log->call = rc == -ERESTART ? s->op + 1 : 0;
    if (!log->call) {
        log->gathered = false;
        log->next = 0;
    }
    return rc;
}
