/* SPDX-License-Identifier: BSD-2-Clause */
/* The toolstack's knobs: weights, caps, rate limit (xl sched-credit2). */
#include "abi/errno.h"
#include "domain/domain.h"
#include "sched/pool.h"
#include "sched/private.h"
#include "sched/sched.h"

#include <xen/sysctl.h>

static void set_weight(struct domain *d, uint32_t weight)
{
    struct vcpu *v;

    d->sched.weight = weight;
    for_each_vcpu(d, v) {
        uint64_t flags;
        struct sched_cpu *sc = sched_lock(v, &flags);

        /* The load of its queue counts the weight while it waits or runs there. */
        if (v->sched.queued || sc->queue.curr == &v->sched)
            sc->queue.load += (uint64_t)weight - v->sched.weight;
        v->sched.weight = weight;
        sched_unlock(sc, flags);
    }
}

static int put_info(struct domain *d, const struct xen_domctl_sched_credit2 *info)
{
    int rc = 0;

    /* 0 leaves the weight and 0xffff the cap as it is: the toolstack sets one at a time. */
    if (info->cap != 0xffff)
        rc = sched_cap_set(d, info->cap);
    if (!rc && info->weight)
        set_weight(d, info->weight);
    return rc;
}

int sched_domctl(struct domain *d, struct xen_domctl_scheduler_op *op)
{
    if (op->sched_id != XEN_SCHEDULER_CREDIT2)
        return -EINVAL;
    switch (op->cmd) {
    case XEN_DOMCTL_SCHEDOP_getinfo:
        op->u.credit2.weight =
            (uint16_t)(d->sched.weight ? d->sched.weight : CREDIT_WEIGHT_DEFAULT);
        op->u.credit2.cap = (uint16_t)d->sched.cap;
        return 0;
    case XEN_DOMCTL_SCHEDOP_putinfo:
        return put_info(d, &op->u.credit2);
    default: /* no parameters per vCPU */
        return -EINVAL;
    }
}

int sched_sysctl(struct xen_sysctl_scheduler_op *op)
{
    uint32_t us = op->u.sched_credit2.ratelimit_us;
    uint64_t ns;
    int rc = sched_pool_params(op->cpupool_id, &ns, false);

    if (rc || op->sched_id != XEN_SCHEDULER_CREDIT2)
        return rc ?: -EINVAL;
    switch (op->cmd) {
    case XEN_SYSCTL_SCHEDOP_putinfo:
        if (us && (us < XEN_SYSCTL_SCHED_RATELIMIT_MIN || us > XEN_SYSCTL_SCHED_RATELIMIT_MAX))
            return -EINVAL;
        ns = us * 1000ULL;
        return sched_pool_params(op->cpupool_id, &ns, true);
    case XEN_SYSCTL_SCHEDOP_getinfo:
        op->u.sched_credit2.ratelimit_us = (uint32_t)(ns / 1000);
        return 0;
    default:
        return -EINVAL;
    }
}
