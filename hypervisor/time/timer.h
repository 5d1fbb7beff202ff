/* SPDX-License-Identifier: BSD-2-Clause */
/* One-shot timers on the per-CPU clock event device. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/rbtree.h"

struct timer {
    struct rb_node node;    /* (r) [LOCK_TIMER] */
    uint64_t expires_ns;    /* (r) system time */
    void (*run)(void *data); /* (c) called at SOFTIRQ_TIMER on the timer's CPU, interrupts on */
    void *data;             /* (c) */
    uint32_t cpu;           /* (r) changes only under the lock of the CPU it leaves */
    bool active;            /* (r) */
    bool dead;              /* (r) killed: never fires again */
};

/* Prepare @t to run on @cpu, whose time_cpu_init() must come before the first timer_set(). */
void timer_init(struct timer *t, void (*run)(void *data), void *data, unsigned int cpu);
/* (Re)arm for absolute system time @expires_ns; the past fires at once. Any context. */
void timer_set(struct timer *t, uint64_t expires_ns);
/* The same, moving it to the calling CPU: for what a guest sets, or it could keep another CPU busy
 * with interrupts. */
void timer_set_here(struct timer *t, uint64_t expires_ns);
/* Disarm; may still be running on its CPU. Any context. */
void timer_stop(struct timer *t);
/* Disarm for good and wait until it does not run (unless the caller is its own function).
 * Interrupts on; no lock held that the timer's function takes. */
void timer_kill(struct timer *t);
/* Move to another CPU, armed or not. */
void timer_migrate(struct timer *t, unsigned int cpu);

/* SOFTIRQ_TIMER: run what has expired on this CPU and arm the clock event for the next. */
void timer_run_expired(void);
/* How many timers are armed on @cpu: debug keys, tests. */
uint32_t timer_count(unsigned int cpu);
