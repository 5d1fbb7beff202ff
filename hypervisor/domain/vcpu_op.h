/* SPDX-License-Identifier: BSD-2-Clause */
/* A vCPU's own timers, set by vcpu_op and set_timer_op. */
#pragma once

struct vcpu;

/* Prepare them, after sched_vcpu_init(); kill them, before @v is freed: waits until they do not
 * run. */
void vcpu_timers_init(struct vcpu *v);
void vcpu_timers_kill(struct vcpu *v);
