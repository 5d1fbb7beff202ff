/* SPDX-License-Identifier: BSD-2-Clause */
/* sources: hypervisor/cpu/policy_features.c hypervisor/cpu/policy_derive.c hypervisor/cpu/policy_leaves.c */
/* cflags: -Itests/unit/fake */
/* Model-specific registers as a guest reads them, on a machine that exists only here. */
#include "tests/unit/check.h"

#include <stdint.h>

static void wrmsr(uint32_t msr, uint64_t value);

#include "cpu/policy_guest.c" /* with a wrmsr() of ours */

struct percpu fake_percpu[1];
unsigned int fake_cpu;

static struct cpu_policy policy;
static struct domain domain = {.policy = &policy};
static struct vcpu vcpu = {.domain = &domain};
static uint64_t hardware; /* every register's value */
static bool there;

bool rdmsr_safe(uint32_t msr, uint64_t *value)
{
    (void)msr;
    *value = there ? hardware : 0;
    return there;
}

static void wrmsr(uint32_t msr, uint64_t value)
{
    (void)msr;
    (void)value;
    CHECK(false); /* nothing here may change the machine */
}

const struct cpu_policy *cpu_policy_system(enum cpu_policy_kind kind)
{
    (void)kind;
    return &policy;
}

uint64_t hvmap_max_mfn(void)
{
    return 0x100000;
}

static uint64_t misc_enable(bool exists, uint64_t value)
{
    uint64_t seen = 0;

    there = exists;
    hardware = value;
    CHECK_EQ(cpu_policy_rdmsr(&vcpu, MSR_MISC_ENABLE, &seen), 0);
    return seen;
}

/* A kernel drops ERMS and avoids REP when bit 0 is clear: it must be what the firmware chose. */
TEST(fast_strings_are_the_firmwares)
{
    memcpy(&policy.basic[0].ebx, "Genu", 4);
    memcpy(&policy.basic[0].edx, "ineI", 4);
    memcpy(&policy.basic[0].ecx, "ntel", 4);
    CHECK_EQ(misc_enable(true, 1), 0x1801);
    CHECK_EQ(misc_enable(true, 0), 0x1800);
    CHECK_EQ(misc_enable(false, 0), 0x1800);
    /* no performance monitoring, SpeedStep or MONITOR of the host: SDM vol. 4, bits 7, 16, 18 */
    CHECK_EQ(misc_enable(true, ~0ULL), 0x1801);
}
