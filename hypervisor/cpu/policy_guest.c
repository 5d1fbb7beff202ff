/* SPDX-License-Identifier: BSD-2-Clause */
/* CPUID, RDMSR and WRMSR as one guest CPU sees them: its domain's policy plus its own state. */
#include "cpu/policy.h"

#include "abi/errno.h"
#include "cpu/extable.h"
#include "cpu/percpu.h"
#include "cpu/regs.h"
#include "domain/domain.h"
#include "lib/bits.h"
#include "mm/hvmap.h"

#include <xen/arch-x86/cpuid.h>

#define F(name) XEN_X86_FEATURE_##name

#define HV_BASE 0x40000000u
#define HV_LAST (HV_BASE + XEN_CPUID_MAX_NUM_LEAVES)
#define EXT_BASE 0x80000000u

uint32_t cpu_policy_tsc_khz; /* (c) */

/* ---- CPUID ---- */

static void hv_tsc_leaf(const struct vcpu *v, uint32_t subleaf, struct cpuid_regs *out)
{
    const struct domain *d = v->domain;
    const struct guest_tsc *t = &d->tsc;
    const struct cpu_policy *host = cpu_policy_system(CPU_POLICY_HOST);

    switch (subleaf) {
    case 0:
        out->eax = t->emulated | (cpu_policy_has(host, F(ITSC)) ? 2 : 0) |
                   (cpu_policy_has(d->policy, F(RDTSCP)) ? 4 : 0);
        out->ebx = t->mode;
        out->ecx = t->khz;
        out->edx = t->incarnation;
        break;
    case 1: /* what an emulated TSC tells has no offset to be added */
        out->eax = t->emulated ? 0 : (uint32_t)t->start_ns;
        out->ebx = t->emulated ? 0 : (uint32_t)(t->start_ns >> 32);
        out->ecx = v->time.tsc_to_system_mul;
        out->edx = (uint8_t)v->time.tsc_shift;
        break;
    case 2:
        out->eax = cpu_policy_tsc_khz;
        break;
    }
}

/* Not inlined, as the common leaves need no registers saved for it. */
__attribute__((noinline)) void cpu_policy_xen_leaf(const struct vcpu *v, uint32_t leaf,
                                                   uint32_t subleaf, uint32_t limit,
                                                   struct cpuid_regs *out)
{
    const struct domain *d = v->domain;

    if (leaf > HV_LAST || (limit >= 2 && leaf > HV_BASE + limit))
        return;
    switch (leaf - HV_BASE) {
    case 0:
        out->eax = limit >= 2 ? min(HV_BASE + limit, HV_LAST) : HV_LAST;
        out->ebx = XEN_CPUID_SIGNATURE_EBX;
        out->ecx = XEN_CPUID_SIGNATURE_ECX;
        out->edx = XEN_CPUID_SIGNATURE_EDX;
        break;
    case 1:
        out->eax = 0x00040011; /* the ABI spoken: Xen 4.17 */
        break;
    case 2:
        out->eax = 1;       /* hypercall pages */
        out->ebx = HV_BASE; /* the MSR that asks for one */
        out->ecx = d->is_translated ? 0 : XEN_CPUID_FEAT1_MMU_PT_UPDATE_PRESERVE_AD;
        break;
    case 3:
        hv_tsc_leaf(v, subleaf, out);
        break;
    case 4:
        if (!d->is_translated || subleaf)
            break;
        out->eax = XEN_HVM_CPUID_IOMMU_MAPPINGS | XEN_HVM_CPUID_VCPU_ID_PRESENT |
                   XEN_HVM_CPUID_DOMID_PRESENT | XEN_HVM_CPUID_UPCALL_VECTOR;
        out->ebx = v->id;
        out->ecx = d->id;
        break;
    case 5:
        if (!d->is_translated && !subleaf)
            out->ebx = 12 + fls(hvmap_max_mfn() - 1);
        break;
    }
}

static __attribute__((noinline)) void xstate_leaf(const struct vcpu *v, uint32_t subleaf,
                                                  struct cpuid_regs *out)
{
    const struct cpu_policy *p = v->domain->policy;

    if (subleaf == 0 && out->eax)
        out->ebx = cpu_policy_xsave_bytes(p, v->xcr0);
    else if (subleaf == 1 && cpu_policy_has(p, F(XSAVEC)))
        out->ebx = cpu_policy_xsavec_bytes(p, v->xcr0);
}

/* Leaves that differ by vCPU, have sub-leaves, or are not the processor's. */
static off_path void cpuid_other(const struct vcpu *v, uint32_t leaf, uint32_t subleaf,
                                 struct cpuid_regs *out)
{
    const struct domain *d = v->domain;
    const struct cpu_policy *p = d->policy;

    *out = (struct cpuid_regs){0};
    if (leaf >= HV_BASE && leaf < EXT_BASE) {
        cpu_policy_xen_leaf(v, leaf, subleaf, p->hv_limit, out);
        return;
    }
    if (leaf < HV_BASE ? leaf > p->basic[0].eax : leaf > p->ext[0].eax)
        return;
    *out = cpu_policy_leaf(p, leaf, subleaf);
    switch (leaf) {
    case 1:
        out->ebx |= (v->id * 2 & 0xff) << 24; /* initial APIC id */
        /* A PV kernel finds XSAVE switched on: it cannot do that itself before it looks. */
        if (!d->is_translated && cpu_policy_has(p, F(XSAVE)))
            out->ecx |= 1u << (F(OSXSAVE) % 32);
        break;
    case 0xb:
        if (d->is_translated && subleaf >= CPU_POLICY_TOPO)
            break;
        out->ecx = subleaf & 0xff;
        out->edx = v->id * 2;
        break;
    case 0xd:
        xstate_leaf(v, subleaf, out);
        break;
    }
}

/* Leaves below CPU_POLICY_BASIC that are in the policy as they are told. */
#define PLAIN_LEAVES                                                                               \
    (BIT(0) | BIT(2) | BIT(3) | BIT(5) | BIT(6) | BIT(8) | BIT(9) | BIT(0xa) | BIT(0xc))

void cpu_policy_cpuid(const struct vcpu *v, uint32_t leaf, uint32_t subleaf,
                      struct cpuid_regs *out)
{
    const struct cpu_policy *p = v->domain->policy;

    if (leaf < CPU_POLICY_BASIC && (PLAIN_LEAVES >> leaf & 1) && leaf <= p->basic[0].eax)
        *out = p->basic[leaf];
    else
        cpuid_other(v, leaf, subleaf, out);
}

/* ---- MSRs (SDM vol. 4; APM vol. 2, appendix A) ---- */

/* Registers of no use to the hypervisor itself; the others are in cpu/regs.h. */
#define MSR_PLATFORM_ID 0x17
#define MSR_UCODE_REV 0x8b
#define MSR_PLATFORM_INFO 0xce
#define MSR_MCG_CAP 0x179
#define MSR_MCG_STATUS 0x17a
#define MSR_MISC_ENABLE 0x1a0
#define MSR_DEBUGCTL 0x1d9
#define MSR_MC0_CTL 0x400
#define MSR_MC_LAST 0x47f
#define MSR_AMD_HWCR 0xc0010015
#define MSR_AMD_DE_CFG 0xc0011029

#define EFER_PV (EFER_SCE | EFER_LME | EFER_LMA | EFER_NXE)
#define APIC_BASE_ADDRESS 0xfee00000ULL
#define APIC_BASE_BSP BIT(8)
#define APIC_BASE_ENABLE BIT(11)
#define MISC_ENABLE_FAST_STRINGS BIT(0)
#define MISC_ENABLE_NO_BTS BIT(11)
#define MISC_ENABLE_NO_PEBS BIT(12)
#define HWCR_TSC_FREQ_SEL BIT(24)
#define DE_CFG_LFENCE_SERIALISE BIT(1)

static int rdmsr_amd(uint32_t msr, uint64_t *value)
{
    switch (msr) {
    case MSR_AMD_HWCR:
        *value = HWCR_TSC_FREQ_SEL; /* the TSC counts at P0 frequency */
        return 0;
    case MSR_AMD_DE_CFG:
        *value = DE_CFG_LFENCE_SERIALISE;
        return 0;
    default:
        return -EINVAL;
    }
}

static int rdmsr_intel(const struct cpu_policy *p, uint32_t msr, uint64_t *value)
{
    switch (msr) {
    case MSR_PLATFORM_ID:
        *value = 0;
        return 0;
    case MSR_PLATFORM_INFO:
        *value = p->platform_info;
        return 0;
    case MSR_MISC_ENABLE:
        /* Fast strings are the firmware's choice: where they are off, a kernel avoids REP. */
        if (!rdmsr_safe(msr, value))
            *value = 0;
        *value &= MISC_ENABLE_FAST_STRINGS;
        *value |= MISC_ENABLE_NO_BTS | MISC_ENABLE_NO_PEBS;
        return 0;
    default:
        return -EINVAL;
    }
}

int cpu_policy_rdmsr(const struct vcpu *v, uint32_t msr, uint64_t *value)
{
    const struct cpu_policy *p = v->domain->policy;

    *value = 0;
    switch (msr) {
    case MSR_EFER:
        *value = EFER_PV;
        return 0;
    case MSR_PAT:
        *value = PAT_VALUE;
        return 0;
    case MSR_TSC_AUX:
        *value = v->tsc_aux;
        return cpu_policy_has(p, F(RDTSCP)) || cpu_policy_has(p, F(RDPID)) ? 0 : -EINVAL;
    case MSR_APIC_BASE:
        *value = APIC_BASE_ADDRESS | APIC_BASE_ENABLE | (v->id ? 0 : APIC_BASE_BSP);
        return cpu_policy_has(p, F(APIC)) ? 0 : -EINVAL;
    case MSR_ARCH_CAPS:
        *value = p->arch_caps[0] | (uint64_t)p->arch_caps[1] << 32;
        return cpu_policy_has(p, F(ARCH_CAPS)) ? 0 : -EINVAL;
    case MSR_UCODE_REV:
        return rdmsr_safe(msr, value) ? 0 : -EINVAL;
    case MSR_MCG_CAP: /* no banks */
    case MSR_MCG_STATUS:
    case MSR_DEBUGCTL:
    case MSR_MC0_CTL ... MSR_MC_LAST:
        return 0;
    default:
        return cpu_policy_is_amd(p) ? rdmsr_amd(msr, value) : rdmsr_intel(p, msr, value);
    }
}

static int write_pred_cmd(const struct cpu_policy *p, uint64_t value)
{
    if (!cpu_policy_has(p, F(IBPB)) || (value & ~1ULL))
        return -EINVAL;
    if (value)
        wrmsr(MSR_PRED_CMD, value);
    return 0;
}

int cpu_policy_wrmsr(struct vcpu *v, uint32_t msr, uint64_t value)
{
    const struct cpu_policy *p = v->domain->policy;

    switch (msr) {
    case MSR_EFER:
        return value == EFER_PV ? 0 : -EINVAL;
    case MSR_TSC_AUX:
        if ((value >> 32) || !(cpu_policy_has(p, F(RDTSCP)) || cpu_policy_has(p, F(RDPID))))
            return -EINVAL;
        v->tsc_aux = cpu_self()->tsc_aux = value;
        wrmsr(MSR_TSC_AUX, value);
        return 0;
    case MSR_PRED_CMD:
        return write_pred_cmd(p, value);
    case MSR_UCODE_REV:
    case MSR_DEBUGCTL:
        return value ? -EINVAL : 0;
    case MSR_MISC_ENABLE:
        return cpu_policy_is_amd(p) ? -EINVAL : 0;
    case MSR_AMD_HWCR:
    case MSR_AMD_DE_CFG:
        return cpu_policy_is_amd(p) ? 0 : -EINVAL;
    case MSR_MCG_CAP:
    case MSR_MCG_STATUS:
    case MSR_MC0_CTL ... MSR_MC_LAST:
        return 0;
    default:
        return -EINVAL;
    }
}
