/* SPDX-License-Identifier: BSD-2-Clause */
/* Watchdog timers of domains: one that is not poked in time shuts its domain down. */
#include "abi/errno.h"
#include "cpu/percpu.h"
#include "domain/domain.h"
#include "mm/pool.h"
#include "sched/private.h"
#include "time/time.h"

#include <xen/sched.h>

static void expired(void *data)
{
    domain_shutdown(data, SHUTDOWN_watchdog);
}

/* The domain's timers, made at first use; NULL when there is no memory. */
static struct sched_watchdogs *get_or_create(struct domain *d)
{
    struct sched_watchdogs *w = __atomic_load_n(&d->sched.watchdogs, __ATOMIC_ACQUIRE), *made;

    if (w)
        return w;
    made = pool_new(struct sched_watchdogs);
    if (!made)
        return NULL;
    spin_init(&made->lock, LOCK_WATCHDOG);
    for (unsigned int i = 0; i < SCHED_WATCHDOGS; i++)
        timer_init(&made->timer[i], expired, d, cpu_id());
    /* Two vCPUs may come here at once: the second uses what the first made. */
    if (__atomic_compare_exchange_n(&d->sched.watchdogs, &w, made, false, __ATOMIC_ACQ_REL,
                                    __ATOMIC_ACQUIRE))
        return made;
    pool_free(made);
    return w;
}

static void start(struct timer *t, uint32_t seconds)
{
    timer_set_here(t, time_now_ns() + seconds * NS_PER_S);
}

/* Lock held. The number given out is one more than the index. */
static long start_new(struct sched_watchdogs *w, uint32_t seconds)
{
    for (uint32_t i = 0; i < SCHED_WATCHDOGS; i++) {
        if (w->in_use & (1u << i))
            continue;
        w->in_use |= 1u << i;
        start(&w->timer[i], seconds);
        return (long)i + 1;
    }
    return -ENOSPC;
}

long sched_watchdog(struct domain *d, uint32_t id, uint32_t seconds)
{
    struct sched_watchdogs *w;
    long rc = 0;

    if (id > SCHED_WATCHDOGS)
        return -EINVAL;
    w = get_or_create(d);
    if (!w)
        return -ENOMEM;
    spin_lock(&w->lock);
    if (!id) {
        rc = start_new(w, seconds);
    } else if (!(w->in_use & (1u << (id - 1)))) {
        rc = -EINVAL;
    } else if (seconds) {
        start(&w->timer[id - 1], seconds);
    } else {
        timer_stop(&w->timer[id - 1]);
        w->in_use &= ~(1u << (id - 1));
    }
    spin_unlock(&w->lock);
    return rc;
}

void sched_watchdogs_free(struct domain *d)
{
    struct sched_watchdogs *w = d->sched.watchdogs;

    if (!w)
        return;
    for (unsigned int i = 0; i < SCHED_WATCHDOGS; i++)
        timer_kill(&w->timer[i]);
    d->sched.watchdogs = NULL;
    pool_free(w);
}
