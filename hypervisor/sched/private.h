/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of sched/ share. */
#pragma once

#include "domain/vcpu.h"
#include "lib/list.h"
#include "sched/credit.h"
#include "sched/softirq.h"
#include "sync/spinlock.h"
#include "time/timer.h"

/* One CPU's share of the scheduler. */
struct sched_cpu {
    struct spinlock lock;      /* LOCK_RUNQUEUE: the queue and every vCPU that names it */
    struct credit_queue queue; /* (r) [lock] */
    const struct credit_params *params; /* (a) of its pool */
    struct timer slice;        /* asks for sched_run() when others wait */
    uint64_t slice_at_ns;      /* (r) [lock] when `slice` fires; 0: not armed */
    uint64_t halts;            /* (o) how often it halted; read by others */
    uint64_t balance_ns;       /* (r) [lock] not before this is work given away again */
    struct softirq_work *work_first, **work_end; /* (o) softirq_queue(), interrupts off */
};

/* CPUs that share domains (pool.c). */
struct sched_pool {
    struct list_node link;        /* (r) [LOCK_CPU_POOL] by rising id */
    uint32_t id;                  /* (c) */
    uint32_t domains;             /* (a) */
    struct cpumask cpus;          /* (a) changed with LOCK_CPU_POOL held */
    struct credit_params *params; /* (c) */
    struct credit_params own;     /* (a) what it points at, but for pool 0 */
};

/* A domain's cap and what goes with it. */
struct sched_cap {
    struct spinlock lock;     /* LOCK_RUNQUEUE + 1: taken inside a queue's lock */
    struct credit_cap credit; /* (r) [lock] */
    struct timer refill;      /* (c) lets parked vCPUs go on */
    struct domain *domain;    /* (c) */
};

#define SCHED_WATCHDOGS 2 /* per domain */
struct sched_watchdogs {
    struct spinlock lock; /* LOCK_WATCHDOG */
    uint32_t in_use;      /* (r) [lock] bit per timer */
    struct timer timer[SCHED_WATCHDOGS];
};

extern struct credit_params sched_params; /* of pool 0 and CPUs in no pool */
extern struct cpumask sched_idle; /* (a) CPUs that run nothing and were not yet given anything */

/* Lock the queue that @v belongs to, interrupts off. */
struct sched_cpu *sched_lock(struct vcpu *v, uint64_t *flags);
void sched_unlock(struct sched_cpu *sc, uint64_t flags);

/* sched_runnable() and not held back by its domain's cap. */
bool sched_eligible(const struct vcpu *v);

/* Enter @state from @now on. Queue lock held. */
void sched_runstate_set(struct vcpu *v, uint32_t state, uint64_t now);

/* Where @v may run: where it was allowed to within its domain's pool, or (if that is nowhere) in
 * all of the pool. Control lock held. */
void sched_limit(struct vcpu *v);

/* After @hard, @soft or @pinned changed: make @v leave a CPU it may not use, or move to another
 * queue. Takes and leaves locks by itself. */
void sched_replace(struct vcpu *v);

/* cap.c. Charge @used_ns to @v's domain; false: it must not run on. Queue lock held. */
bool sched_cap_charge(struct vcpu *v, uint64_t used_ns, uint64_t now);
/* When @v's domain will have used up its cap, if @v runs alone; CREDIT_NEVER. Queue lock held. */
uint64_t sched_cap_deadline(struct vcpu *v, uint64_t now);
/* Hold @v back until the cap's next refill. Queue lock held. */
void sched_cap_park(struct vcpu *v);
/* Set or change @d's cap. -ENOMEM. Control lock held. */
int must_check sched_cap_set(struct domain *d, uint32_t percent);
void sched_cap_free(struct domain *d);

/* watchdog.c: SCHEDOP_watchdog for the current domain: 0, an id, or -errno. */
long sched_watchdog(struct domain *d, uint32_t id, uint32_t seconds);
void sched_watchdogs_free(struct domain *d);

/* End a sleep of @v, whatever it waits for; true when it slept. */
bool sched_end_sleep(struct vcpu *v);
/* SCHEDOP_poll for the current vCPU: sleep until one of the valid @ports is pending, an upcall is
 * deliverable, or system time @timeout_ns (0: never) has come. */
void sched_poll(struct vcpu *v, const uint32_t *ports, uint32_t count, uint64_t timeout_ns);
/* Timer function of v->poll; @data is the vCPU. */
void sched_poll_timeout(void *data);
