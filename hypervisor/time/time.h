/* SPDX-License-Identifier: BSD-2-Clause */
/* System time, wall clock, and the records through which guests read them. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/types.h"

struct vcpu;
struct domain;

#define NS_PER_MS 1000000ULL
#define NS_PER_S 1000000000ULL

/* Calibrate the TSC, start the clock (boot CPU); then per CPU as it comes up. */
void time_init(void);
void time_cpu_init(void);

/* Nanoseconds since start; monotonic and the same on all CPUs. Any context. */
uint64_t time_now_ns(void);
/* The same for a given TSC reading of this CPU. */
uint64_t time_from_tsc(uint64_t tsc);
uint64_t time_tsc_khz(void);

/* Busy-wait; boot and hardware waits only. */
void time_delay_us(uint64_t us);

/* Publish vcpu_time_info for @v on this CPU (version protocol of xen/xen.h), also to the secondary
 * area. Called when @v is switched in and when the record changes. */
void time_publish(struct vcpu *v);
/* Force publication at the next switch-in (new vcpu_info registered). */
void time_publish_always(struct vcpu *v);

/* Write wc_* of @d's shared_info from the wall clock and its offset. */
void time_publish_wallclock(struct domain *d);
/* XENPF_settime64: @secs.@nsecs is the wall time at @system_ns. */
void time_set_wallclock(uint64_t secs, uint32_t nsecs, uint64_t system_ns);
/* Wall clock now, seconds since 1970. */
uint64_t time_wallclock_seconds(void);
