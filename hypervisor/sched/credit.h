/* SPDX-License-Identifier: BSD-2-Clause */
/* The scheduling policy: who runs next, for how long, and where. Pure: no locks, clock, or CPU. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/cpumask.h"
#include "lib/rbtree.h"
#include "sched/sched_vcpu.h"

#define CREDIT_WEIGHT_DEFAULT 256 /* xl-sched: --weight */
#define CREDIT_WEIGHT_MAX 65535
#define CREDIT_NEVER (~0UL)

/* One CPU's queue. Its lock, if any, belongs to the caller. */
struct credit_queue {
    struct rb_root waiting;  /* struct sched_vcpu by vruntime */
    struct sched_vcpu *curr; /* runs now; NULL: the idle vCPU does */
    uint64_t min_vruntime;   /* the queue's virtual clock; never goes back */
    uint64_t load;           /* weights of the waiting and the running */
    uint32_t count;          /* how many wait */
    uint32_t cpu;
};

/* A domain's allowance, refilled every CREDIT_CAP_PERIOD_NS. */
struct credit_cap {
    int64_t left_ns;      /* may be negative: debt is paid from the next periods */
    uint64_t quota_ns;    /* per period; 0: no cap */
    uint64_t refilled_ns; /* start of the period that was last paid in */
};
#define CREDIT_CAP_PERIOD_NS 10000000UL

/* Least time a vCPU keeps its CPU before another may preempt it; sysctl credit2 ratelimit. */
struct credit_params {
    uint64_t ratelimit_ns;
};
#define CREDIT_RATELIMIT_DEFAULT_NS 1000000UL

void credit_queue_init(struct credit_queue *q, uint32_t cpu);

/* Enter the time curr has used up to @now into its account; returns those ns. */
uint64_t credit_charge(struct credit_queue *q, uint64_t now);

/* @e begins to wait in @q; @woke: it slept before, so its claim on the past is limited. */
void credit_enqueue(struct credit_queue *q, struct sched_vcpu *e, bool woke);
void credit_dequeue(struct credit_queue *q, struct sched_vcpu *e);

/* Before @e enters @to: carry its account over from the clock of the queue it was in. @to's time is
 * charged up to now. */
void credit_rebase(struct sched_vcpu *e, const struct credit_queue *to,
                   struct credit_queue *const *queues);

/*
 * Who shall run now? @prev: q->curr if it can go on, else NULL. Returns @prev or a waiting one
 * (still in the queue), or NULL when there is none. q->curr's time must be charged up to @now.
 */
struct sched_vcpu *credit_pick(struct credit_queue *q, struct sched_vcpu *prev, uint64_t now,
                               const struct credit_params *p);
/* Make @next (a waiting one, the current one, or NULL) q->curr. @prev leaves the queue's load. */
void credit_set_current(struct credit_queue *q, struct sched_vcpu *next, uint64_t now);

/* Shall the waiting @e have the CPU at once? */
bool credit_preempts(const struct credit_queue *q, const struct sched_vcpu *e, uint64_t now,
                     const struct credit_params *p);

/* When must credit_pick() be asked again at the latest? CREDIT_NEVER when nobody waits. */
uint64_t credit_deadline(const struct credit_queue *q, uint64_t now,
                         const struct credit_params *p);

/* May @e run on @cpu, and does it like to? */
bool credit_may_run(const struct sched_vcpu *e, uint32_t cpu);
bool credit_likes(const struct sched_vcpu *e, uint32_t cpu);

/*
 * Where shall @e, which is about to wait, go? @queues[cpu] exists for each CPU of @online;
 * @idle: those running nothing. NR_CPUS when no online CPU is allowed.
 */
uint32_t credit_place(const struct sched_vcpu *e, const struct cpumask *online,
                      const struct cpumask *idle, struct credit_queue *const *queues);

/* The one waiting in @from that idle @cpu should take over, or NULL. Those that are still running
 * (being saved) are left alone. */
struct sched_vcpu *credit_steal(const struct credit_queue *from, uint32_t cpu);

/*
 * @e's slice on @q ended, others run or wait there, and @e is in no queue now: should it go to a
 * less loaded CPU so that all get fair shares over time? That CPU, or NR_CPUS.
 */
uint32_t credit_balance(const struct credit_queue *q, const struct sched_vcpu *e,
                        const struct cpumask *online, struct credit_queue *const *queues);

/* Caps. Set @percent of one CPU (0: none). */
void credit_cap_set(struct credit_cap *c, uint32_t percent, uint64_t now);
/* Pay in what the periods up to @now are worth, and take out @used_ns. */
void credit_cap_charge(struct credit_cap *c, uint64_t used_ns, uint64_t now);
/* May its vCPUs run? */
bool credit_cap_open(const struct credit_cap *c);
/* When will one running vCPU have used it up? CREDIT_NEVER without a cap. */
uint64_t credit_cap_used_up(const struct credit_cap *c, uint64_t now);
/* When will it be open again? In the past if it is. */
uint64_t credit_cap_opens(const struct credit_cap *c);
