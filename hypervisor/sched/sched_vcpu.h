/* SPDX-License-Identifier: BSD-2-Clause */
/* What the scheduler keeps in each vCPU. Only sched/ changes these. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "abi/xen.h"
#include "lib/list.h"
#include "lib/rbtree.h"

#include <xen/vcpu.h>

struct cpumask;

enum vcpu_block {
    BLOCK_NONE = 0,
    BLOCK_EVENT = 1, /* SCHEDOP_block: until an upcall is deliverable */
    BLOCK_POLL = 2,  /* SCHEDOP_poll: until a port of the set is pending, or timeout */
    BLOCK_SELF = 4,  /* reserved */
};

struct sched_vcpu {
    struct rb_node node;         /* (r) [LOCK_RUNQUEUE] place in a run queue */
    uint64_t vruntime;           /* (r) weighted time used, ns */
    uint64_t deadline;           /* (r) */
    uint64_t started_ns;         /* (r) when it last got its CPU */
    uint32_t cpu;                /* (r) queue it belongs to */
    uint32_t blocked;            /* (a) enum vcpu_block bits: why it sleeps */
    bool queued;                 /* (r) in the tree */
    bool running;                /* (r) on a CPU now */
    bool yielded;                /* (r) */
    bool boosted;                /* (r) */
    uint64_t cap_used_ns;        /* (r) */
    uint64_t cap_period_start;   /* (r) */
    struct cpumask *hard;        /* (r) where it may run */
    struct cpumask *soft;        /* (r) where it prefers to run */
    int32_t pinned;              /* (r) SCHEDOP_pin_override CPU, -1 none */
    uint32_t poll_port;          /* (r) port, or 0 with a set */
    uint32_t runstate;           /* (r) RUNSTATE_* */
    uint64_t runstate_since_ns;  /* (r) */
    uint64_t runstate_ns[4];     /* (r) time spent in each */
};
