/* SPDX-License-Identifier: BSD-2-Clause */
/* What the scheduler keeps in each vCPU and each domain. Only sched/ changes these. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "abi/xen.h"
#include "lib/rbtree.h"

#include <xen/vcpu.h>

struct cpumask;
struct sched_pool;
struct sched_cap;
struct sched_watchdogs;

/* Why a vCPU sleeps. */
enum vcpu_block {
    BLOCK_NONE = 0,
    BLOCK_EVENT = 1, /* SCHEDOP_block: until an upcall is deliverable */
    BLOCK_POLL = 2,  /* SCHEDOP_poll: until a port of the set is pending, or timeout */
    BLOCK_WAIT = 4,  /* sched_wait_for(): until a kick */
};

/* (q): guarded by the lock of the queue `cpu` names (sched/core.c). */
struct sched_vcpu {
    struct rb_node node;        /* (q) place among the waiting vCPUs of its queue */
    uint64_t vruntime;          /* (q) weighted time used, 1/256 ns at weight 256; wraps */
    uint64_t charged_ns;        /* (q) up to when its time is in vruntime, while running */
    uint64_t started_ns;        /* (q) when it last got its CPU */
    uint64_t arrived_ns;        /* (q) when it came to its queue from another */
    uint32_t weight;            /* (q) share against others: XEN_DOMCTL_SCHEDOP_putinfo */
    uint32_t clock;             /* (q) queue by whose clock vruntime was last reckoned */
    uint32_t cpu; /* (q) queue it belongs to; written only while neither waiting nor running */
    uint32_t blocked;           /* (a) enum vcpu_block bits: why it sleeps */
    bool queued;                /* (q) waits in the queue */
    bool woke;                  /* (q) it slept before it last began to wait for a CPU */
    bool running;               /* (a) on a CPU now, or its state not yet saved from there */
    bool yielded;               /* (o) wants others to go first */
    bool parked;                /* (q) its domain has used up its cap */
    struct sched_cap *cap;      /* (q) its domain's cap, NULL: none */
    struct cpumask *affinity;   /* (q) where it was allowed to run */
    struct cpumask *hard;       /* (q) where it may run: that, within its domain's pool */
    struct cpumask *soft;       /* (q) where it prefers to run */
    int32_t pinned;             /* (q) SCHEDOP_pin_override CPU, -1 none */
    uint32_t poll_port;         /* (o) port it polls, 0: a set; valid with BLOCK_POLL */
    uint32_t runstate_version;  /* (q) odd while the next three change */
    uint32_t runstate;          /* (q) RUNSTATE_* */
    uint64_t runstate_since_ns; /* (q) */
    uint64_t runstate_ns[4];    /* (q) time spent in each, up to runstate_since_ns */
};

struct sched_domain {
    uint32_t weight;                  /* (r) [control_lock] credit2 weight, 0 stands for 256 */
    uint32_t cap;                     /* (r) [control_lock] percent of one CPU, 0 none */
    uint32_t pollers;                 /* (a) how many of its vCPUs have BLOCK_POLL */
    struct sched_pool *pool;          /* (r) [control_lock] NULL: all CPUs (system domains) */
    struct sched_cap *budget;         /* (r) made when a cap is first set, NULL before */
    struct sched_watchdogs *watchdogs; /* (a) made at the first SCHEDOP_watchdog, NULL before */
};
