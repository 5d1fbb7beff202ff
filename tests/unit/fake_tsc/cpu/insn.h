/* SPDX-License-Identifier: BSD-2-Clause */
/* Host stand-in for cpu/insn.h where the test is the clock and the CPU. */
#pragma once

#include <stdint.h>

struct cpuid_regs {
    uint32_t eax, ebx, ecx, edx;
};

uint64_t rdtsc(void);
struct cpuid_regs cpuid(uint32_t leaf, uint32_t subleaf);
static inline void cpu_relax(void) {}
