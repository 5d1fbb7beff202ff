/* SPDX-License-Identifier: BSD-2-Clause */
/* Deferred work by number: run at the gate, interrupts on, before any return to a guest. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/types.h"

enum softirq {
    SOFTIRQ_TIMER = 0, /* time/timer.c: run expired timers */
    SOFTIRQ_WORK,      /* queued functions (softirq_queue) */
    SOFTIRQ_PAGES,     /* mm/page.c: free frames whose last reference went here */
    SOFTIRQ_SCHED,     /* sched/core.c: choose again; after all others, for they wake vCPUs */
    SOFTIRQ_COUNT,
};

/* Mark @nr pending on this CPU, or on @cpu (with an IPI). Any context. */
void softirq_raise(enum softirq nr);
void softirq_raise_on(unsigned int cpu, enum softirq nr);

/* Run everything pending on this CPU. Interrupts on. The current vCPU may be another afterwards. */
void softirq_run(void);

/* A function to run later on this CPU, outside interrupt context. Queued at most once at a time. */
struct softirq_work {
    struct softirq_work *next; /* (o) */
    void (*run)(void *data);   /* (c) */
    void *data;                /* (c) */
    bool queued;               /* (a) */
};
/* Any context, once sched_cpu_init() has run for this CPU. */
void softirq_queue(struct softirq_work *w);
