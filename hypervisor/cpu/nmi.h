/* SPDX-License-Identifier: BSD-2-Clause */
/* Non-maskable interrupts. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct cpu_user_regs;

/* nmi=: what to do with one that nobody asked for. */
enum nmi_policy { NMI_REPORT, NMI_FATAL, NMI_IGNORE };
extern enum nmi_policy nmi_policy;

/* Have CPU @cpu run @run with the registers it was interrupted with, in NMI context, and wait:
 * for debug keys. false when it did not answer. One caller at a time; not for the calling CPU. */
bool nmi_run_on(unsigned int cpu, void (*run)(const struct cpu_user_regs *regs));

/* Was this NMI a performance counter's? Then it is dealt with (irq/pmu.c sets it; NULL: none). */
extern bool (*nmi_counter)(const struct cpu_user_regs *regs);

/* How many NMIs CPUs took, and how many of them nobody had asked for. */
void nmi_counts(uint64_t *taken, uint32_t *unknown);
