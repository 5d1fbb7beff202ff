/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A performance counter of busy cycles that interrupts its CPU by NMI.
 *
 * What is always true here: the counter starts at minus `period`, so that it has overflowed when
 * its top bit is clear; nobody else uses it. What CPUID promises is tried before it is believed:
 * emulators and other hypervisors often count nothing.
 */
#include "irq/pmu.h"

#include "cpu/extable.h"
#include "cpu/features.h"
#include "cpu/insn.h"
#include "cpu/nmi.h"
#include "irq/lapic.h"
#include "lib/bits.h"

/* SDM vol. 3, 19.2 (architectural monitoring); APM vol. 2, 13.2. */
enum {
    MSR_INTEL_COUNTER = 0x0c1,
    MSR_INTEL_SELECT = 0x186,
    MSR_INTEL_GLOBAL_CTRL = 0x38f,
    MSR_INTEL_GLOBAL_OVF = 0x390,
    INTEL_CYCLES = 0x3c, /* unhalted core cycles */
    MSR_AMD_COUNTER = 0xc0010004,
    MSR_AMD_SELECT = 0xc0010000,
    AMD_CYCLES = 0x76, /* CPU clocks not halted */
    AMD_WIDTH = 48,
    SELECT_USER = 1u << 16,
    SELECT_OS = 1u << 17,
    SELECT_INTERRUPT = 1u << 20,
    SELECT_ENABLE = 1u << 22,
};
/* A write to Intel's counter is sign-extended from bit 31. */
#define PERIOD_MAX 0x7fffffffULL
#define TRY_CYCLES 1000000ULL
#define TRY_TICKS 1000000000ULL /* of the TSC: a third of a second or so */

static uint32_t counter, selector, event; /* (c) MSRs; 0: none */
static unsigned int width;                /* (c) bits of the counter */
static bool global;                       /* (c) there are the global control registers */
static uint64_t period;
static void (*each_tick)(const struct cpu_user_regs *regs);
static uint32_t seen; /* (a) NMIs of the trial */

static bool choose_intel(void)
{
    struct cpuid_regs r;

    if (cpuid(0, 0).eax < 0xa)
        return false;
    r = cpuid(0xa, 0);
    /* EBX bit 0 set: the event is absent; the length of EBX stands in EAX 31:24 */
    if (!(r.eax & 0xff) || !(r.eax >> 8 & 0xff) || !(r.eax >> 24) || (r.ebx & 1))
        return false;
    counter = MSR_INTEL_COUNTER;
    selector = MSR_INTEL_SELECT;
    event = INTEL_CYCLES;
    width = r.eax >> 16 & 0xff;
    global = (r.eax & 0xff) >= 2;
    return width >= 32 && width <= 64;
}

static bool choose(void)
{
    if (cpu_features.is_intel)
        return choose_intel();
    if (!cpu_features.is_amd || cpu_features.family < 0xf)
        return false;
    counter = MSR_AMD_COUNTER;
    selector = MSR_AMD_SELECT;
    event = AMD_CYCLES;
    width = AMD_WIDTH;
    return true;
}

/* Let it count @cycles more; false: the MSRs are not there. */
static bool count_again(uint64_t cycles)
{
    if (global && !wrmsr_safe(MSR_INTEL_GLOBAL_OVF, 1))
        return false;
    return wrmsr_safe(counter, -cycles & bits_low(width < 48 ? width : 48));
}

static bool start(uint64_t cycles)
{
    if (!wrmsr_safe(selector, 0) || !count_again(cycles))
        return false;
    lapic_counter_nmi(true);
    if (!wrmsr_safe(selector,
                    event | SELECT_USER | SELECT_OS | SELECT_INTERRUPT | SELECT_ENABLE))
        return false;
    return !global || wrmsr_safe(MSR_INTEL_GLOBAL_CTRL, 1);
}

static void stop(void)
{
    (void)wrmsr_safe(selector, 0); /* fails where there is none: nothing to stop */
    lapic_counter_nmi(false);
}

/* Was this NMI the counter's? */
static bool served(const struct cpu_user_regs *regs)
{
    uint64_t value;

    if (!rdmsr_safe(counter, &value) || (value >> (width - 1) & 1))
        return false;
    (void)count_again(period);
    lapic_counter_nmi(true); /* the APIC masked it (SDM 11.5.1) */
    __atomic_fetch_add(&seen, 1, __ATOMIC_RELAXED);
    if (each_tick)
        each_tick(regs);
    return true;
}

uint64_t pmu_init(uint64_t cycles, void (*tick)(const struct cpu_user_regs *regs))
{
    uint64_t begin = rdtsc();

    period = TRY_CYCLES;
    if (!choose())
        return 0;
    nmi_counter = served;
    if (start(period))
        while (!__atomic_load_n(&seen, __ATOMIC_RELAXED) && rdtsc() - begin < TRY_TICKS)
            cpu_relax();
    stop();
    if (!__atomic_load_n(&seen, __ATOMIC_RELAXED)) {
        nmi_counter = NULL;
        return 0;
    }
    each_tick = tick;
    period = cycles < PERIOD_MAX ? cycles : PERIOD_MAX;
    return period;
}

void pmu_start(void)
{
    if (!start(period))
        stop();
}
