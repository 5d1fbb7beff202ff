/* SPDX-License-Identifier: BSD-2-Clause */
/* The scheduler's face to other rooms. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "abi/xen.h"
#include "lib/cpumask.h"
#include "lib/types.h"

#include <xen/vcpu.h>

struct vcpu;
struct domain;

/* Set up the boot CPU's queue; then, once per CPU before it goes online. -ENOMEM. */
void sched_init(void);
int must_check sched_cpu_init(unsigned int cpu);

/* Per-vCPU part: called by vcpu_create()/vcpu_destroy(); a new vCPU is not runnable (VPF_DOWN). */
int must_check sched_vcpu_init(struct vcpu *v);
void sched_vcpu_free(struct vcpu *v);

/* Is @v allowed to run: not blocked, not down, not paused, domain not paused? */
bool sched_runnable(const struct vcpu *v);

/* Something that decides runnability changed for the better: enqueue if runnable, preempt a CPU if
 * it deserves to run there. Any context, also interrupts. */
void sched_wake(struct vcpu *v);
/* It changed for the worse: make @v leave its CPU soon; does not wait. */
void sched_sleep(struct vcpu *v);
/* sched_sleep() and wait until @v runs nowhere and its state is saved. Not for the current vCPU. */
void sched_sleep_sync(struct vcpu *v);

/* An event became deliverable or work was raised: end SCHEDOP_block, and if @v runs on another CPU make it pass
 * the gate soon. Any context. */
void sched_kick(struct vcpu *v);
/* Port @port of @v's domain became pending: end a SCHEDOP_poll on it. */
void sched_poll_wake(struct vcpu *v, uint32_t port);

/* SCHEDOP_block for the current vCPU: unmask upcalls, sleep unless one is deliverable. */
void sched_block(struct vcpu *v);
/* Give up the CPU for now. */
void sched_yield(struct vcpu *v);

/* Choose and switch; run as SOFTIRQ_SCHED at the gate. On the way it calls context_switch(). */
void sched_run(void);

/* The idle vCPU's loop; never returns. Runs softirqs, halts when there is nothing to do. */
void sched_idle_loop(void) __attribute__((noreturn));

/* Runstate of @v up to now (VCPUOP_get_runstate_info, getvcpuinfo). */
void sched_runstate_get(const struct vcpu *v, struct vcpu_runstate_info *out);
/* CPU time used by @v, ns. */
uint64_t sched_cpu_time(const struct vcpu *v);

/* XEN_DOMCTL_setvcpuaffinity and get; -EINVAL when the hard set has no online CPU. */
int must_check sched_set_affinity(struct vcpu *v, const struct cpumask *hard,
                                  const struct cpumask *soft);
/* Move @v off CPUs going down, etc. */
extern struct cpumask cpus_online;

/* switch.c: leave the current vCPU for @next on this CPU. Interrupts off; returns on the stack of
 * the same CPU with the new vCPU current (hypervisor stacks belong to CPUs). */
void sched_switch(struct vcpu *prev, struct vcpu *next);
