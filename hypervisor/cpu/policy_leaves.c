/* SPDX-License-Identifier: BSD-2-Clause */
/* A policy as a list of leaves and MSRs: what sysctl and domctl carry to and from the toolstack. */
#include "cpu/policy.h"

#include "abi/errno.h"
#include "lib/bits.h"

#define HV_LEAF 0x40000000u
#define HV2_LEAF 0x40000100u
#define EXT_LEAF 0x80000000u

#define MSR_PLATFORM_INFO 0xceu
#define MSR_ARCH_CAPABILITIES 0x10au

/* Runs of leaves kept in one array, in rising order; `subs` says that the array is sub-leaves. */
struct group {
    uint32_t leaf;
    uint16_t count;
    uint16_t subs;
    uint16_t offset;
};

#define ARRAY_AT(field) (uint16_t)offsetof(struct cpu_policy, field)
static const struct group groups[] = {
    {0x0, 4, 0, ARRAY_AT(basic[0])},
    {0x4, CPU_POLICY_CACHE, 1, ARRAY_AT(cache)},
    {0x5, 2, 0, ARRAY_AT(basic[5])},
    {0x7, CPU_POLICY_FEAT, 1, ARRAY_AT(feat)},
    {0x8, 3, 0, ARRAY_AT(basic[8])},
    {0xb, CPU_POLICY_TOPO, 1, ARRAY_AT(topo)},
    {0xc, 1, 0, ARRAY_AT(basic[0xc])},
    {0xd, CPU_POLICY_XSTATE, 1, ARRAY_AT(xstate)},
    {HV_LEAF, 1, 0, 0}, /* only limits: see special_leaf() */
    {HV2_LEAF, 1, 0, 0},
    {EXT_LEAF, CPU_POLICY_EXT, 0, ARRAY_AT(ext)},
};

unsigned int cpu_policy_leaf_limit(void)
{
    unsigned int count = 0;

    for (size_t i = 0; i < ARRAY_SIZE(groups); i++)
        count += groups[i].count;
    return count;
}

static struct cpuid_regs *group_entry(struct cpu_policy *p, const struct group *g,
                                      unsigned int index)
{
    return (struct cpuid_regs *)((char *)p + g->offset) + index;
}

static bool is_limit(const struct group *g)
{
    return g->leaf == HV_LEAF || g->leaf == HV2_LEAF;
}

struct cpuid_regs *cpu_policy_slot(struct cpu_policy *p, uint32_t leaf, uint32_t subleaf)
{
    for (size_t i = 0; i < ARRAY_SIZE(groups); i++) {
        const struct group *g = &groups[i];

        if (is_limit(g))
            continue;
        if (g->subs && leaf == g->leaf)
            return subleaf < g->count ? group_entry(p, g, subleaf) : NULL;
        if (!g->subs && leaf >= g->leaf && leaf - g->leaf < g->count)
            return group_entry(p, g, leaf - g->leaf);
    }
    return NULL;
}

struct cpuid_regs cpu_policy_leaf(const struct cpu_policy *p, uint32_t leaf, uint32_t subleaf)
{
    /* The cast away from const is undone by returning a copy. */
    const struct cpuid_regs *slot = cpu_policy_slot((struct cpu_policy *)p, leaf, subleaf);

    return slot ? *slot : (struct cpuid_regs){0};
}

/* Is this leaf within the limits that @p states? */
static bool leaf_live(const struct cpu_policy *p, const struct group *g, unsigned int index)
{
    if (is_limit(g))
        return true;
    if (g->leaf >= EXT_LEAF)
        return p->ext[0].eax >= EXT_LEAF && index <= p->ext[0].eax - EXT_LEAF;
    if (g->leaf + (g->subs ? 0 : index) > p->basic[0].eax)
        return false;
    if (g->leaf == 7)
        return index <= p->feat[0].eax;
    if (g->leaf == 0xd)
        return index < 2 || (cpu_policy_xcr0(p) >> index) & 1;
    return true;
}

bool cpu_policy_leaf_next(const struct cpu_policy *p, unsigned int *at, xen_cpuid_leaf_t *out)
{
    unsigned int base = 0;

    for (size_t i = 0; i < ARRAY_SIZE(groups); base += groups[i].count, i++) {
        const struct group *g = &groups[i];

        while (*at >= base && *at < base + g->count) {
            unsigned int index = (*at)++ - base;
            const struct cpuid_regs *r;

            if (!leaf_live(p, g, index))
                continue;
            *out = (xen_cpuid_leaf_t){
                .leaf = g->leaf + (g->subs ? 0 : index),
                .subleaf = g->subs ? index : XEN_CPUID_NO_SUBLEAF,
            };
            if (is_limit(g)) {
                out->a = g->leaf == HV_LEAF ? p->hv_limit : p->hv2_limit;
                return true;
            }
            r = group_entry((struct cpu_policy *)p, g, index);
            out->a = r->eax;
            out->b = r->ebx;
            out->c = r->ecx;
            out->d = r->edx;
            return true;
        }
    }
    return false;
}

xen_msr_entry_t cpu_policy_msr_at(const struct cpu_policy *p, unsigned int index)
{
    if (index == 0)
        return (xen_msr_entry_t){.idx = MSR_PLATFORM_INFO, .val = p->platform_info};
    return (xen_msr_entry_t){
        .idx = MSR_ARCH_CAPABILITIES,
        .val = p->arch_caps[0] | (uint64_t)p->arch_caps[1] << 32,
    };
}

static bool has_subleaves(uint32_t leaf)
{
    return leaf == 4 || leaf == 7 || leaf == 0xb || leaf == 0xd;
}

int cpu_policy_leaf_put(struct cpu_policy *p, const xen_cpuid_leaf_t *leaf)
{
    struct cpuid_regs *slot;

    if (has_subleaves(leaf->leaf) != (leaf->subleaf != XEN_CPUID_NO_SUBLEAF))
        return -ERANGE;
    if (leaf->leaf == HV_LEAF || leaf->leaf == HV2_LEAF) {
        if (leaf->a > 0xff || leaf->b || leaf->c || leaf->d)
            return -ERANGE;
        if (leaf->leaf == HV_LEAF)
            p->hv_limit = leaf->a;
        else
            p->hv2_limit = leaf->a;
        return 0;
    }
    slot = cpu_policy_slot(p, leaf->leaf, leaf->subleaf);
    if (!slot)
        return -ERANGE;
    *slot = (struct cpuid_regs){.eax = leaf->a, .ebx = leaf->b, .ecx = leaf->c, .edx = leaf->d};
    return 0;
}

int cpu_policy_msr_put(struct cpu_policy *p, const xen_msr_entry_t *msr)
{
    if (msr->flags)
        return -EINVAL;
    switch (msr->idx) {
    case MSR_PLATFORM_INFO:
        if (msr->val & ~PLATFORM_INFO_CPUID_FAULTING)
            return -EOVERFLOW;
        p->platform_info = msr->val;
        return 0;
    case MSR_ARCH_CAPABILITIES:
        p->arch_caps[0] = (uint32_t)msr->val;
        p->arch_caps[1] = (uint32_t)(msr->val >> 32);
        return 0;
    default:
        return -ERANGE;
    }
}

int cpu_policy_check(const struct cpu_policy *p, const struct cpu_policy *max, uint32_t *leaf,
                     uint32_t *subleaf, uint32_t *msr)
{
    *leaf = *subleaf = *msr = XEN_CPUID_NO_SUBLEAF;
    if (p->basic[0].eax > max->basic[0].eax) {
        *leaf = 0;
        return -EINVAL;
    }
    if (p->feat[0].eax > max->feat[0].eax) {
        *leaf = 7;
        *subleaf = 0;
        return -EINVAL;
    }
    if (p->ext[0].eax > max->ext[0].eax) {
        *leaf = EXT_LEAF;
        return -EINVAL;
    }
    if (p->platform_info & ~max->platform_info) {
        *msr = MSR_PLATFORM_INFO;
        return -EINVAL;
    }
    if ((p->arch_caps[0] & ~max->arch_caps[0]) || (p->arch_caps[1] & ~max->arch_caps[1])) {
        *msr = MSR_ARCH_CAPABILITIES;
        return -EINVAL;
    }
    return 0;
}
