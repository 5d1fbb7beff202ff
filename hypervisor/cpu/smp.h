/* SPDX-License-Identifier: BSD-2-Clause */
/* Other CPUs: bring up, cross-calls, stop. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/cpumask.h"
#include "lib/types.h"

/* CPUs present (dense numbers 0..count-1) and brought up. */
extern unsigned int cpu_count;
extern struct cpumask cpus_online;
#define for_each_online_cpu(cpu) for_each_cpu(cpu, &cpus_online)

/* Build CPU @cpu's block (struct percpu, stacks, TSS, GDT); -ENOMEM. */
int must_check percpu_create(unsigned int cpu, uint32_t apic_id, uint32_t acpi_id);

/* Start every CPU of the MADT up to maxcpus=. Boot CPU, interrupts on. */
void smp_boot(void);
/* C entry of a CPU fresh from the trampoline, on its own stack. */
void smp_ap_main(void) __attribute__((noreturn));

/* Run @run(@data) on every CPU of @mask (this one directly) and wait. Interrupts on. */
void smp_call(const struct cpumask *mask, void (*run)(void *data), void *data);
/* Entry of VECTOR_CALL. */
void smp_call_interrupt(void);

/* Stop all other CPUs for good (panic, reboot, power-off). Any context. */
void smp_stop_others(void);
