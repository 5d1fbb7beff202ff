/* SPDX-License-Identifier: BSD-2-Clause */
/* Host stand-in for cpu/insn.h where threads are CPUs that may halt for good. */
#pragma once

#include <sched.h>
#include <stdbool.h>
#include <stdint.h>

struct cpuid_regs {
    uint32_t eax, ebx, ecx, edx;
};

static inline struct cpuid_regs cpuid(uint32_t leaf, uint32_t subleaf)
{
    (void)leaf, (void)subleaf;
    return (struct cpuid_regs){0};
}
static inline void cpu_relax(void)
{
    sched_yield();
}
static inline void irq_disable(void) {}
void halt(void);
