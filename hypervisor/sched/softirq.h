/* SPDX-License-Identifier: BSD-2-Clause */
/* Deferred work by number: run at the gate, interrupts on, before any return to a guest. */
#pragma once

#include <stdint.h>

#include "lib/types.h"

enum softirq {
    SOFTIRQ_TIMER = 0, /* time/timer.c: run expired timers */
    SOFTIRQ_SCHED,     /* sched/: choose again */
    SOFTIRQ_RCU,       /* quiescent-state work */
    SOFTIRQ_WORK,      /* queued functions (softirq_queue) */
    SOFTIRQ_COUNT,
};

/* Mark @nr pending on this CPU, or on @cpu (with an IPI). Any context. */
void softirq_raise(enum softirq nr);
void softirq_raise_on(unsigned int cpu, enum softirq nr);

/* Run everything pending on this CPU. Interrupts on. */
void softirq_run(void);

/* A function to run later on this CPU, outside interrupt context. Queued at most once at a time. */
struct softirq_work {
    struct softirq_work *next;
    void (*run)(void *data);
    void *data;
    bool queued;
};
void softirq_queue(struct softirq_work *w);
