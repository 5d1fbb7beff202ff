/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Caps: what a domain may use at most, however idle the machine is.
 *
 * A domain's vCPUs draw on one allowance that is refilled every period. Who finds it used up is
 * parked: not entered into a queue until the refill timer has run. Debt is carried over, so the
 * cap holds over time even if several vCPUs overdraw at once.
 */
#include "abi/errno.h"
#include "cpu/percpu.h"
#include "domain/domain.h"
#include "mm/pool.h"
#include "sched/private.h"
#include "sched/sched.h"
#include "time/time.h"

bool sched_cap_charge(struct vcpu *v, uint64_t used_ns, uint64_t now)
{
    struct sched_cap *cap = v->sched.cap;
    bool open;

    spin_lock(&cap->lock);
    credit_cap_charge(&cap->credit, used_ns, now);
    open = credit_cap_open(&cap->credit);
    spin_unlock(&cap->lock);
    return open;
}

uint64_t sched_cap_deadline(struct vcpu *v, uint64_t now)
{
    struct sched_cap *cap = v->sched.cap;
    uint64_t at;

    spin_lock(&cap->lock);
    at = credit_cap_used_up(&cap->credit, now);
    spin_unlock(&cap->lock);
    return at;
}

void sched_cap_park(struct vcpu *v)
{
    struct sched_cap *cap = v->sched.cap;
    uint64_t at;

    v->sched.parked = true;
    spin_lock(&cap->lock);
    at = credit_cap_opens(&cap->credit);
    spin_unlock(&cap->lock);
    timer_set(&cap->refill, at);
}

static void unpark_all(struct domain *d)
{
    struct vcpu *v;

    for_each_vcpu(d, v) {
        uint64_t flags;
        struct sched_cpu *sc = sched_lock(v, &flags);
        bool was = v->sched.parked;

        v->sched.parked = false;
        sched_unlock(sc, flags);
        if (was)
            sched_wake(v);
    }
}

/* The refill timer: pay in; whoever still finds nothing parks again and sets the timer anew. */
static void refill(void *data)
{
    struct sched_cap *cap = data;
    uint64_t flags = spin_lock_irqsave(&cap->lock);

    credit_cap_charge(&cap->credit, 0, time_now_ns());
    spin_unlock_irqrestore(&cap->lock, flags);
    unpark_all(cap->domain);
}

static struct sched_cap *cap_create(struct domain *d)
{
    struct sched_cap *cap = pool_new(struct sched_cap);

    if (!cap)
        return NULL;
    spin_init(&cap->lock, LOCK_RUNQUEUE + 1);
    cap->domain = d;
    timer_init(&cap->refill, refill, cap, cpu_id());
    return cap;
}

int sched_cap_set(struct domain *d, uint32_t percent)
{
    struct sched_cap *cap = d->sched.budget;
    struct vcpu *v;
    uint64_t flags;

    if (!cap && !percent)
        return 0;
    if (!cap) {
        cap = cap_create(d);
        if (!cap)
            return -ENOMEM;
        d->sched.budget = cap;
    }
    flags = spin_lock_irqsave(&cap->lock);
    credit_cap_set(&cap->credit, percent, time_now_ns());
    spin_unlock_irqrestore(&cap->lock, flags);
    d->sched.cap = percent;
    for_each_vcpu(d, v) {
        struct sched_cpu *sc = sched_lock(v, &flags);

        v->sched.cap = cap;
        if (v->sched.running) /* it may have no deadline yet */
            softirq_raise_on(sc->queue.cpu, SOFTIRQ_SCHED);
        sched_unlock(sc, flags);
    }
    unpark_all(d);
    return 0;
}

void sched_cap_free(struct domain *d)
{
    struct sched_cap *cap = d->sched.budget;

    if (!cap)
        return;
    timer_kill(&cap->refill);
    d->sched.budget = NULL;
    pool_free(cap);
}
