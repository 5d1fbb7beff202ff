/* SPDX-License-Identifier: BSD-2-Clause */
/* A performance counter of busy cycles that interrupts its CPU by NMI: the watchdog's clock. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct cpu_user_regs;

/*
 * Boot CPU: has it a counter whose NMI arrives? It is tried. From then on @tick is called on each
 * CPU that started its counter, in NMI context, after every @cycles cycles that were not halted
 * (or fewer: the return value says how many; 0 means that there is no such counter). Interrupts on.
 */
uint64_t pmu_init(uint64_t cycles, void (*tick)(const struct cpu_user_regs *regs));

/* Start this CPU's counter; pmu_init() has found one. */
void pmu_start(void);
