/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * CPU policies of this machine and of its domains.
 *
 * What is always true here:
 *  - A policy is plain data: the CPUID leaves and the two MSRs that enumerate features. RAW is what
 *    the CPU says, HOST what the hypervisor uses of it, MAX and DEFAULT (per kind of guest) what a
 *    guest can and does get. Each is derived from the one before and never has more features.
 *  - A domain's policy never exceeds cpu_policy_domain_max(): whatever the toolstack writes is
 *    confined before it is used, so no reader of d->policy checks again.
 *  - A domain's policy changes only while none of its vCPUs runs, by replacement.
 */
#include "cpu/policy.h"

#include "abi/errno.h"
#include "cpu/regs.h"
#include "domain/domain.h"
#include "lib/string.h"
#include "mm/pool.h"

#define EXT_BASE 0x80000000u

static struct cpu_policy system_policy[CPU_POLICY_COUNT];
/* dom0 manages the machine's interrupt controllers and never migrates. */
static struct cpu_policy control_max;

static void read_subleaves(struct cpuid_regs *to, unsigned int count, uint32_t leaf)
{
    for (unsigned int i = 0; i < count; i++)
        to[i] = cpuid(leaf, i);
}

static void read_raw(struct cpu_policy *p)
{
    uint32_t last = cpuid(0, 0).eax;
    uint32_t ext_last = cpuid(EXT_BASE, 0).eax;

    for (uint32_t i = 0; i < CPU_POLICY_BASIC && i <= last; i++)
        if (i != 4 && i != 7 && i != 0xb && i != 0xd)
            p->basic[i] = cpuid(i, 0);
    if (last >= 4)
        read_subleaves(p->cache, CPU_POLICY_CACHE, 4);
    if (last >= 7) {
        p->feat[0] = cpuid(7, 0);
        for (uint32_t i = 1; i < CPU_POLICY_FEAT && i <= p->feat[0].eax; i++)
            p->feat[i] = cpuid(7, i);
    }
    if (last >= 0xb)
        read_subleaves(p->topo, CPU_POLICY_TOPO, 0xb);
    if (last >= 0xd)
        read_subleaves(p->xstate, CPU_POLICY_XSTATE, 0xd);
    if (ext_last < EXT_BASE || ext_last > EXT_BASE + 0xffff) /* no such leaves (SDM, CPUID) */
        ext_last = EXT_BASE;
    for (uint32_t i = 0; i < CPU_POLICY_EXT && i <= ext_last - EXT_BASE; i++)
        p->ext[i] = cpuid(EXT_BASE + i, 0);
    if (cpu_policy_has(p, XEN_X86_FEATURE_ARCH_CAPS)) {
        uint64_t caps = rdmsr(MSR_ARCH_CAPS);

        p->arch_caps[0] = (uint32_t)caps;
        p->arch_caps[1] = (uint32_t)(caps >> 32);
    }
}

void cpu_policy_init(const struct cpu_policy_host *use)
{
    struct cpu_policy *host = &system_policy[CPU_POLICY_HOST];

    read_raw(&system_policy[CPU_POLICY_RAW]);
    cpu_policy_derive_host(host, &system_policy[CPU_POLICY_RAW], use);
    cpu_policy_derive_guest(&system_policy[CPU_POLICY_PV_MAX], host, false, false, use);
    cpu_policy_derive_guest(&system_policy[CPU_POLICY_PV_DEFAULT], host, false, true, use);
    cpu_policy_derive_guest(&system_policy[CPU_POLICY_HVM_MAX], host, true, false, use);
    cpu_policy_derive_guest(&system_policy[CPU_POLICY_HVM_DEFAULT], host, true, true, use);

    control_max = system_policy[CPU_POLICY_PV_MAX];
    cpu_policy_set_feature(&control_max, XEN_X86_FEATURE_APIC,
                           cpu_policy_has(host, XEN_X86_FEATURE_APIC));
    cpu_policy_confine(&control_max, &control_max, false);
}

const struct cpu_policy *cpu_policy_system(enum cpu_policy_kind kind)
{
    return &system_policy[kind];
}

const struct cpu_policy *cpu_policy_domain_max(const struct domain *d)
{
    if (d->is_translated)
        return &system_policy[CPU_POLICY_HVM_MAX];
    return d->is_control ? &control_max : &system_policy[CPU_POLICY_PV_MAX];
}

int cpu_policy_domain_init(struct domain *d)
{
    struct cpu_policy *p = pool_new(struct cpu_policy);

    if (!p)
        return -ENOMEM;
    if (d->is_translated)
        *p = system_policy[CPU_POLICY_HVM_DEFAULT];
    else
        *p = d->is_control ? control_max : system_policy[CPU_POLICY_PV_DEFAULT];
    d->policy = p;
    return 0;
}

void cpu_policy_free(struct cpu_policy *p)
{
    pool_free(p);
}

void cpu_policy_domain_set(struct domain *d, struct cpu_policy *p)
{
    cpu_policy_confine(p, cpu_policy_domain_max(d), d->is_translated);
    pool_free(d->policy);
    d->policy = p;
}
