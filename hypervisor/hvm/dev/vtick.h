/* SPDX-License-Identifier: BSD-2-Clause */
/* Timer interrupts of a guest, and what becomes of those it was too late for. Pure. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define VTICK_NEVER UINT64_MAX
#define VTICK_NS_PER_S 1000000000ULL

/*
 * The host looks at a periodic source no more often than this, whatever period the guest asks for.
 * The fastest rate of a PC's fixed hardware is the RTC's 8192 Hz (122 us), and 10,000 timer
 * interrupts a second are some percent of one CPU, which is as much as a guest may cost others. A
 * one-shot source needs no floor: the guest pays an exit for each.
 */
#define VTICK_FLOOR_NS 100000

/* No more missed ticks than this are made up for: a second's worth at the usual rate. */
#define VTICK_OWED_MAX 1000

/* How guest time and ticks relate; one per domain for its platform devices, one per local APIC. */
struct vtick_policy {
    uint8_t mode;  /* HVMPTM_*, HVM_PARAM_TIMER_MODE */
    uint64_t lag;  /* ns guest time is behind; only with HVMPTM_delay_for_missed_ticks */
    uint64_t last; /* latest guest time anybody was told: it never goes back */
};

/*
 * One source. It counts a clock of @hz that was 0 when time was 0, so that ticks whose period is no
 * whole number of ns do not drift. Once started, the owner calls vtick_expire() at or after
 * @deadline, raises the interrupt when told so, says by vtick_raised() whether it is on its way,
 * and calls vtick_taken() when the guest has taken it.
 */
struct vtick {
    uint64_t hz;       /* at most 1 GHz */
    uint64_t period;   /* in clocks; 0: one shot */
    uint64_t due;      /* what the clock counts at the next tick; VTICK_NEVER */
    uint64_t deadline; /* ns at which to look next; VTICK_NEVER */
    uint32_t owed;     /* ticks missed and to be made up for, besides the one in flight */
    bool in_flight;    /* raised and not yet taken */
};

/* What a clock of @hz counts at @ns. */
uint64_t vtick_clock(uint64_t hz, uint64_t ns);
/* When a clock of @hz has counted to @clock; VTICK_NEVER when that is never. */
uint64_t vtick_ns(uint64_t hz, uint64_t clock);

void vtick_start(struct vtick *t, uint64_t hz, uint64_t due, uint64_t period);
void vtick_stop(struct vtick *t);

/* Is there something to raise at @now? In any case @deadline is later than @now after that. */
bool vtick_expire(struct vtick *t, const struct vtick_policy *policy, uint64_t now);
/* The interrupt was raised. Not @accepted: it is masked, and nobody is late for it. */
void vtick_raised(struct vtick *t, bool accepted);
/* The guest took the interrupt. True: raise the next one, which it was late for. */
bool vtick_taken(struct vtick *t, struct vtick_policy *policy, uint64_t now);

/* The guest's vCPU was ready and did not run for @ns, while some tick was wanted: guest time falls
 * behind in the mode that has it so, and catches up with the ticks that are taken. */
void vtick_preempted(struct vtick_policy *policy, uint64_t ns);
/* The guest's time at time @now, in ns. */
uint64_t vtick_guest_time(struct vtick_policy *policy, uint64_t now);
