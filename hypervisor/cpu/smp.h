/* SPDX-License-Identifier: BSD-2-Clause */
/* Other CPUs: bring up, cross-calls, stop. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/cpumask.h"
#include "lib/types.h"

/* CPUs with a number (dense, 0..count-1), and those of them that run. Both only grow, at boot. */
extern unsigned int cpu_count;
extern struct cpumask cpus_online;
#define for_each_online_cpu(cpu) for_each_cpu (cpu, &cpus_online)

/* Build CPU @cpu's block (struct percpu, stacks, TSS, GDT); -ENOMEM. */
int must_check percpu_create(unsigned int cpu, uint32_t apic_id, uint32_t acpi_id);

/* What the command line says: maxcpus= (0: no limit; nosmp is 1) and smt=. Before smp_count(). */
extern unsigned int smp_max_cpus;
extern bool smp_use_threads;

/* How many CPUs smp_boot() will try to have; also tells lib/cpumask. Boot CPU, after acpi_init(),
 * before CPU masks are made. */
unsigned int smp_count(void);

/* Start every CPU of the MADT, within smp_count(). Boot CPU, interrupts on, clock running. */
void smp_boot(void);
/* C entry of a CPU fresh from the trampoline, on its own stack. */
void smp_ap_main(void) __attribute__((noreturn));

/* The rooms above give (start/): what CPU @cpu, whose block exists, needs before it starts: run
 * queue, idle vCPU. On the boot CPU. -ENOMEM: the CPU is left out. */
int must_check smp_cpu_prepare(unsigned int cpu);
/* And what it does first on itself: descriptor tables, SYSCALL entries, control registers. */
void cpu_init_secondary(void);

/*
 * Run @run(@data) on every online CPU of @mask (this one directly, the others in an interrupt) and
 * wait until all have returned. Interrupts on, for the CPUs waited for may be waiting for us; and
 * no lock held that any CPU takes with interrupts off.
 */
void smp_call(const struct cpumask *mask, void (*run)(void *data), void *data);
/* Entry of VECTOR_CALL. Interrupts off, acknowledged. */
void smp_call_interrupt(void);

/* Stop all other CPUs for good (panic, reboot, power-off): by NMI, within a bounded time. Any
 * context. When two CPUs try at once one of them stops here. */
void smp_stop_others(void);
/* What every CPU does at its end, here and in smp_stop_others()'s caller; hvm/ sets it. Any
 * context, an NMI's too. */
extern void (*cpu_ends_hook)(void);
/* In an NMI: stop here if that is what it is for. */
void smp_stop_if_asked(void);
