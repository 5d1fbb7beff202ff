/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of time/ share. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/types.h"
#include "time/scale.h"

/* One CPU's view of system time. */
struct time_cpu {
    struct time_scale scale; /* (c) */
};

/* The reference counter (source.c). */
/* Find one; @name: clocksource=, or NULL for the best. Boot CPU. */
void source_init(const char *name);
const char *source_name(void);
uint64_t source_hz(void); /* 0: the machine has none */
uint64_t source_mask(void); /* the counter's bits */
uint64_t source_read(void);

/* TSC ticks per second, measured against the reference counter, or without one as CPUID tells; 0:
 * nobody knows (tsc.c). Boot CPU. */
uint64_t tsc_measure_hz(void);

/* How far this CPU's TSC is provably ahead (positive) or behind the boot CPU's; 0: it may agree. */
int64_t tsc_skew_measure(void);

/* Is this CPU's TSC sure to keep pace with the boot CPU's: invariant, or in the same package?
 * The first caller is the boot CPU. */
bool tsc_shares_clock(void);

/* Make this CPU's timers work; -ENOMEM. */
int must_check timer_cpu_init(void);

/* Read the RTC, start the wall clock. */
void wallclock_init(void);

/* From now on log lines may carry the time (stamp.c). */
void stamp_init(void);
