/* SPDX-License-Identifier: BSD-2-Clause */
/* Host stand-in for cpu/insn.h: found first on the include path of unit tests and fuzzers. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define RFLAGS_IF (1ULL << 9)

static inline void irq_disable(void) {}
static inline void irq_enable(void) {}
#ifdef FAKE_IRQ /* a variable of the test */
extern bool FAKE_IRQ;
static inline bool irq_enabled(void)
{
    return FAKE_IRQ;
}
#else
static inline bool irq_enabled(void)
{
    return true;
}
#endif
static inline uint64_t irq_save(void)
{
    return RFLAGS_IF;
}
static inline void irq_restore(uint64_t flags)
{
    (void)flags;
}
int sched_yield(void); /* threads of a test may be more than processors */
static inline void cpu_relax(void)
{
    sched_yield();
}
static inline void insn_swapgs(void) {}
static inline void wbinvd(void) {}
extern unsigned int fake_clflushes;
static inline void clflush(const void *line)
{
    (void)line;
    fake_clflushes++;
}
struct cpuid_regs {
    uint32_t eax, ebx, ecx, edx;
};
#ifdef FAKE_TSC /* a variable of the test */
extern uint64_t FAKE_TSC;
static inline uint64_t rdtsc(void)
{
    return FAKE_TSC;
}
#else
static inline uint64_t rdtsc(void)
{
    return __builtin_ia32_rdtsc();
}
#endif
