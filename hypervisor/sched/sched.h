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
struct xen_domctl_scheduler_op;
struct xen_domctl_getvcpuinfo;
struct xen_sysctl_scheduler_op;

/* Set up the boot CPU's queue; then, once per CPU before it goes online. -ENOMEM. Needs
 * time_init(). */
void sched_init(void);
int must_check sched_cpu_init(unsigned int cpu);

/* Per-vCPU part: called by vcpu_create()/vcpu_destroy(); a new vCPU is not runnable (VPF_DOWN).
 * -ENOMEM. sched_vcpu_free() wants a vCPU that runs nowhere; it kills its timers. */
int must_check sched_vcpu_init(struct vcpu *v);
void sched_vcpu_free(struct vcpu *v);
/* Free what the scheduler keeps for @d (caps, watchdogs). All its vCPUs are freed or will not
 * run. */
void sched_domain_free(struct domain *d);

/* Is @v allowed to run: not blocked, not down, not paused, domain neither paused nor dying? */
bool sched_runnable(const struct vcpu *v);

/* Something that decides runnability changed for the better: enqueue if runnable, preempt a CPU if
 * it deserves to run there. Any context, also interrupts. */
void sched_wake(struct vcpu *v);
/* It changed for the worse: make @v leave its CPU soon; does not wait. Any context. */
void sched_sleep(struct vcpu *v);
/* sched_sleep() and wait until @v runs nowhere and its state is saved. Not for the current vCPU.
 * Interrupts on, no locks that an interrupt handler or the gate takes. */
void sched_sleep_sync(struct vcpu *v);

/* An event became deliverable or work was raised: end SCHEDOP_block and SCHEDOP_poll, and if @v
 * runs on another CPU make it pass the gate soon. The caller has made the reason visible with a
 * locked instruction before. Any context. */
void sched_kick(struct vcpu *v);
/* Port @port of @v's domain became pending: end every SCHEDOP_poll on it. Any context; the pending
 * bit was set with a locked instruction before. */
void sched_poll_wake(struct vcpu *v, uint32_t port);

/* SCHEDOP_block for the current vCPU: unmask upcalls, sleep unless one is deliverable. */
void sched_block(struct vcpu *v);
/* Put the current vCPU to sleep until a sched_kick() finds it so, unless @arrived(v) is true after
 * it has been marked as sleeping. Any kick ends it: who returns from the gate asks again. */
void sched_wait_for(struct vcpu *v, bool (*arrived)(const struct vcpu *v));
/* Give up the CPU for now. @v is current. */
void sched_give_way(struct vcpu *v);

/* Choose and switch; run as SOFTIRQ_SCHED at the gate, interrupts on. Returns on the same stack
 * with another vCPU current, perhaps. */
void sched_run(void);

/* The idle vCPU's loop; never returns. Runs softirqs, halts when there is nothing to do. */
void sched_idle_loop(void) __attribute__((noreturn));

/* Runstate of @v up to now (VCPUOP_get_runstate_info, getvcpuinfo). */
void sched_runstate_get(struct vcpu *v, struct vcpu_runstate_info *out);
/* CPU time used by @v, ns. */
uint64_t sched_cpu_time(struct vcpu *v);
/* How often @cpu has halted for want of work; does it have none now? */
uint64_t sched_cpu_halts(uint32_t cpu);
bool sched_cpu_idle(uint32_t cpu);
/* Does it run right now? Only what keeps it from starting (vcpu_pause_nowait) makes "no" last. */
bool sched_vcpu_running(const struct vcpu *v);
/* The CPU it runs on, or ran on last. */
uint32_t sched_vcpu_cpu(const struct vcpu *v);
/* All but `vcpu` of XEN_DOMCTL_getvcpuinfo. */
void sched_vcpu_info(struct vcpu *v, struct xen_domctl_getvcpuinfo *out);

/* XEN_DOMCTL_setvcpuaffinity: either may be NULL. -EINVAL when @hard has no CPU of its pool; -EBUSY
 * when @hard is given while a SCHEDOP_pin_override stands, unless @force ends it. */
int must_check sched_set_affinity(struct vcpu *v, const struct cpumask *hard,
                                  const struct cpumask *soft, bool force);
void sched_get_affinity(struct vcpu *v, struct cpumask *hard, struct cpumask *soft);
/* What of it has an effect: hard within the CPUs of its pool, soft within that. */
void sched_affinity_in_force(struct vcpu *v, struct cpumask *hard, struct cpumask *soft);
/* The one CPU @v may run on, or -1 when there is a choice. */
int32_t sched_pinned_cpu(struct vcpu *v);
/* SCHEDOP_pin_override: run on @cpu only, or (negative) as before. -EINVAL, -EBUSY. */
int must_check sched_pin(struct vcpu *v, int32_t cpu);

extern struct cpumask cpus_online;

/* XEN_DOMCTL_scheduler_op and XEN_SYSCTL_scheduler_op on copies of the arguments. -EINVAL for
 * another scheduler, bad values or per-vCPU sub-ops; -ENOMEM. Control lock of @d held. */
int must_check sched_domctl(struct domain *d, struct xen_domctl_scheduler_op *op);
int must_check sched_sysctl(struct xen_sysctl_scheduler_op *op);

/* switch.c: leave the current vCPU for @next on this CPU. Interrupts off; returns on the stack of
 * the same CPU with the new vCPU current (hypervisor stacks belong to CPUs). */
void sched_switch(struct vcpu *prev, struct vcpu *next);

/* Queues and who is where: debug key 'r'. */
void sched_dump(void);
