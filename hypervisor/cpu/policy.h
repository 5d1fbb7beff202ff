/* SPDX-License-Identifier: BSD-2-Clause */
/* What a guest may see of the CPU: CPUID leaves and model-specific registers, per domain. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "abi/xen.h"
#include "cpu/insn.h"
#include "lib/types.h"

#include <xen/arch-x86/cpufeatureset.h>
#include <xen/sysctl.h>

struct domain;
struct vcpu;

/* Words of a featureset: xen/arch-x86/cpufeatureset.h numbers features word * 32 + bit. */
#define CPU_FEATURE_WORDS 18

/* Array sizes: what the toolstack of 4.17 can take back in set_cpu_policy. */
#define CPU_POLICY_BASIC 14   /* leaves 0 to 0xd; 4, 7, 0xb, 0xd live in their own arrays */
#define CPU_POLICY_CACHE 6    /* leaf 4 */
#define CPU_POLICY_FEAT 3     /* leaf 7 */
#define CPU_POLICY_TOPO 2     /* leaf 0xb */
#define CPU_POLICY_XSTATE 63  /* leaf 0xd */
#define CPU_POLICY_EXT 34     /* leaves 0x80000000 to 0x80000021 */

#define PLATFORM_INFO_CPUID_FAULTING (1ULL << 31) /* SDM vol. 4, MSR_PLATFORM_INFO */

struct cpu_policy {
    struct cpuid_regs basic[CPU_POLICY_BASIC];
    struct cpuid_regs cache[CPU_POLICY_CACHE];
    struct cpuid_regs feat[CPU_POLICY_FEAT];
    struct cpuid_regs topo[CPU_POLICY_TOPO];
    struct cpuid_regs xstate[CPU_POLICY_XSTATE];
    struct cpuid_regs ext[CPU_POLICY_EXT];
    uint32_t hv_limit, hv2_limit; /* toolstack's cut of leaves 0x40000000 and 0x40000100, 0 none */
    uint64_t platform_info;       /* MSR 0xce, bit 31 CPUID faulting */
    uint32_t arch_caps[2];        /* MSR 0x10a, low and high half */
};

/* The system's policies, numbered as XEN_SYSCTL_cpu_policy_*. */
enum cpu_policy_kind {
    CPU_POLICY_RAW = XEN_SYSCTL_cpu_policy_raw,
    CPU_POLICY_HOST = XEN_SYSCTL_cpu_policy_host,
    CPU_POLICY_PV_MAX = XEN_SYSCTL_cpu_policy_pv_max,
    CPU_POLICY_HVM_MAX = XEN_SYSCTL_cpu_policy_hvm_max,
    CPU_POLICY_PV_DEFAULT = XEN_SYSCTL_cpu_policy_pv_default,
    CPU_POLICY_HVM_DEFAULT = XEN_SYSCTL_cpu_policy_hvm_default,
    CPU_POLICY_COUNT,
};

/* What the hypervisor itself does with the CPU, which bounds what guests can be given. */
struct cpu_policy_host {
    uint64_t xcr0;     /* XCR0 bits it switches; 0: XSAVE unused */
    bool xsavec;       /* XSAVEC and XSAVES lay their areas out as they must */
    bool fsgsbase;     /* CR4.FSGSBASE is set and the bases are read back */
    bool hvm;          /* hardware virtualisation works here */
};

/* ---- pure part: policy_features.c, policy_derive.c, policy_leaves.c ---- */

/* Is @feature (XEN_X86_FEATURE_*) set in @p? */
bool cpu_policy_has(const struct cpu_policy *p, unsigned int feature);
void cpu_policy_set_feature(struct cpu_policy *p, unsigned int feature, bool on);
/* The feature words of @p. */
void cpu_policy_features(const struct cpu_policy *p, uint32_t words[CPU_FEATURE_WORDS]);
/* Clear every feature of @p that @words does not have. */
void cpu_policy_mask_features(struct cpu_policy *p, const uint32_t words[CPU_FEATURE_WORDS]);
/* Features a guest may have at most and by default. */
void cpu_policy_guest_mask(bool hvm, bool by_default, uint32_t words[CPU_FEATURE_WORDS]);
/* Clear features whose prerequisites are missing, until none is left. */
void cpu_policy_settle_features(struct cpu_policy *p);

/* AMD or Hygon by the vendor string of leaf 0. */
bool cpu_policy_is_amd(const struct cpu_policy *p);

/* @host from @raw: what the hypervisor uses. */
void cpu_policy_derive_host(struct cpu_policy *host, const struct cpu_policy *raw,
                            const struct cpu_policy_host *use);
/* The most, or the default, that a guest can be given on @host. */
void cpu_policy_derive_guest(struct cpu_policy *guest, const struct cpu_policy *host, bool hvm,
                             bool by_default, const struct cpu_policy_host *use);
/* Bring @p within @max and make all dependent fields consistent. */
void cpu_policy_confine(struct cpu_policy *p, const struct cpu_policy *max, bool hvm);

/* XSAVE area sizes for @xcr0 in standard and compacted form (SDM vol. 1, 13.4). */
uint32_t cpu_policy_xsave_bytes(const struct cpu_policy *p, uint64_t xcr0);
uint32_t cpu_policy_xsavec_bytes(const struct cpu_policy *p, uint64_t xcr0);
/* XCR0 bits @p allows. */
static inline uint64_t cpu_policy_xcr0(const struct cpu_policy *p)
{
    return p->xstate[0].eax | (uint64_t)p->xstate[0].edx << 32;
}

/* Serialised form. An upper bound of the number of leaves; exact number of MSRs. */
unsigned int cpu_policy_leaf_limit(void);
#define CPU_POLICY_MSRS 2
/* Write the next leaf at or after position *@at of @p and move *@at past it; false at the end.
 * Start with *@at = 0. */
bool cpu_policy_leaf_next(const struct cpu_policy *p, unsigned int *at, xen_cpuid_leaf_t *out);
xen_msr_entry_t cpu_policy_msr_at(const struct cpu_policy *p, unsigned int index);
/* Take one entry into @p: -ERANGE when there is no place for it, -EOVERFLOW for a bad MSR value,
 * -EINVAL for reserved fields. */
int must_check cpu_policy_leaf_put(struct cpu_policy *p, const xen_cpuid_leaf_t *leaf);
int must_check cpu_policy_msr_put(struct cpu_policy *p, const xen_msr_entry_t *msr);
/* Could a guest with @p run under @max? -EINVAL with the offender in the three outputs. */
int must_check cpu_policy_check(const struct cpu_policy *p, const struct cpu_policy *max,
                                uint32_t *leaf, uint32_t *subleaf, uint32_t *msr);
/* The stored leaf, or zeros. */
struct cpuid_regs cpu_policy_leaf(const struct cpu_policy *p, uint32_t leaf, uint32_t subleaf);
/* Where a leaf is kept, or NULL. */
struct cpuid_regs *cpu_policy_slot(struct cpu_policy *p, uint32_t leaf, uint32_t subleaf);

/* ---- policy.c: this machine and its domains ---- */

/* Read the CPU and derive all system policies. Boot CPU, after CR4 and XCR0 have their final
 * values. */
void cpu_policy_init(const struct cpu_policy_host *use);
const struct cpu_policy *cpu_policy_system(enum cpu_policy_kind kind);

/* Give @d its kind's default policy (d->is_control, d->is_translated set); -ENOMEM. */
int must_check cpu_policy_domain_init(struct domain *d);
void cpu_policy_free(struct cpu_policy *p);
/* Replace @d's policy by @p (from pool_alloc, taken over), confined to what @d may have. The
 * domain must be paused or not have run; no other CPU may be reading its policy. */
void cpu_policy_domain_set(struct domain *d, struct cpu_policy *p);
/* The bound for @d: what cpu_policy_domain_set() confines to. */
const struct cpu_policy *cpu_policy_domain_max(const struct domain *d);

/* ---- policy_guest.c: the instructions as a guest sees them ---- */

/* What CPUID says of the clock; start/ sets it once it is measured. */
extern uint32_t cpu_policy_tsc_khz;

/* CPUID for @v; reads only the policy and @v's own state. */
void cpu_policy_cpuid(const struct vcpu *v, uint32_t leaf, uint32_t subleaf,
                      struct cpuid_regs *out);

/* Leaf @leaf of Xen's (xen/arch-x86/cpuid.h), as if they began at 0x40000000; the toolstack cuts
 * them at @limit, unless that is less than 2. */
void cpu_policy_xen_leaf(const struct vcpu *v, uint32_t leaf, uint32_t subleaf, uint32_t limit,
                         struct cpuid_regs *out);

/* RDMSR and WRMSR of the current vCPU @v, for all but segment bases (pv/privileged.c).
 * -EINVAL: inject #GP. */
int must_check cpu_policy_rdmsr(const struct vcpu *v, uint32_t msr, uint64_t *value);
int must_check cpu_policy_wrmsr(struct vcpu *v, uint32_t msr, uint64_t value);
