/* SPDX-License-Identifier: BSD-2-Clause */
/* Host stand-in for cpu/insn.h where the test program is the CPU's model-specific registers. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct cpuid_regs {
    uint32_t eax, ebx, ecx, edx;
};

struct cpuid_regs cpuid(uint32_t leaf, uint32_t subleaf);
uint64_t rdmsr(uint32_t msr);
void wrmsr(uint32_t msr, uint64_t value);
void write_cr4(uint64_t value);
static inline uint64_t rdtsc(void)
{
    return 7;
}
