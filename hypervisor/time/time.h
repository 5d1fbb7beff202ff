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

/* clocksource=hpet|acpi|pit: against what the TSC is measured. Before time_init(); false: no such
 * name. */
bool must_check time_choose_source(const char *name);

/* tsc=: what to think of the CPUs' TSCs instead of what CPUID and a comparison say. */
enum time_tsc {
    TIME_TSC_AUTO,
    TIME_TSC_UNSTABLE, /* they drift: no guest may count on them */
    TIME_TSC_SKEWED,   /* one rate, different readings */
    TIME_TSC_STABLE,   /* one clock for all sockets */
};
/* Before time_init(). */
void time_trust_tsc(enum time_tsc trust);

/* Measure the TSC, start the clock and this CPU's timers (boot CPU; ACPI tables are known). Then,
 * on each other CPU before it goes online: -ENOMEM. */
void time_init(void);
int must_check time_cpu_init(void);

/* Boot CPU, repeatedly while it waits for another CPU to come up: answers time_cpu_init() there,
 * so that the two can compare their TSCs. Without it the TSCs are taken to agree. */
void time_sync_serve(void);

/* Nanoseconds since start; monotonic and the same on all CPUs. Any context; 0 before
 * time_init(). */
uint64_t time_now_ns(void);
/* What this CPU's TSC will show at system time @ns, or shows now if that is past; to a few parts
 * per billion of the distance. What is further than an hour ahead may come out sooner. */
uint64_t time_to_tsc(uint64_t ns);
uint64_t time_tsc_khz(void);
/* Do all CPUs' TSCs run at one constant rate and show the same? */
bool time_tsc_reliable(void);

/* Busy-wait; boot and hardware waits only. Works (roughly) also before time_init(). */
void time_delay_us(uint64_t us);

/* VECTOR_TIMER arrived: this CPU's clock event fired. Interrupts off. */
void time_interrupt(void);
/*
 * This CPU left a guest, and every interrupt that waited has been taken: did the clock event not
 * come though it is due? QEMU 7.2 can lose an interrupt that arrives at that moment (its
 * do_vmexit() and its main loop change interrupt_request without a lock), until another arrives.
 */
void time_interrupt_missed(void);

/* Publish vcpu_time_info for @v on this CPU (version protocol of xen/xen.h), also to the secondary
 * area. Called when @v is switched in and when the record changes; @v is current. */
void time_publish(struct vcpu *v);
/* Force publication at the next switch-in (new vcpu_info registered), or now if @v is current. */
void time_publish_always(struct vcpu *v);

/* Write wc_* of @d's shared_info from the wall clock and its offset. */
void time_publish_wallclock(struct domain *d);
/* XENPF_settime64: @secs.@nsecs is the wall time at @system_ns. */
void time_set_wallclock(uint64_t secs, uint32_t nsecs, uint64_t system_ns);
/* Wall clock now, seconds since 1970. */
uint64_t time_wallclock_seconds(void);

/* The same in nanoseconds, without the lock. Any context. */
uint64_t time_wallclock_ns(void);

/* The timers of a vCPU (VIRQ_TIMER): set up and, when it will not run again, killed. */
void time_vcpu_init(struct vcpu *v);
void time_vcpu_free(struct vcpu *v);
/* @v begins to run on this CPU: its timers come along, or they would disturb the CPU it left, and
 * that this one. Interrupts off, no lock of a timer's CPU held. */
void time_vcpu_here(struct vcpu *v);
/* VCPUOP_set_singleshot_timer of the current vCPU: at system time @ns; 0 stops it. */
void time_set_singleshot(struct vcpu *v, uint64_t ns);
/* VCPUOP_set_periodic_timer: every @ns from now; 0 stops it. */
void time_set_periodic(struct vcpu *v, uint64_t ns);
