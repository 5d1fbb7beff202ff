/* SPDX-License-Identifier: BSD-2-Clause */
/* From what the CPU has to what guests get: limits, features, and the fields that follow them. */
#include "cpu/policy.h"

#include "cpu/regs.h"
#include "lib/bits.h"
#include "lib/string.h"

#define F(name) XEN_X86_FEATURE_##name

/* The bits of leaf 1 EDX that AMD repeats in leaf 0x80000001 EDX (APM vol. 3, E.4.2). */
#define COMMON_EDX 0x0183f3ffu

#define EXT_BASE 0x80000000u

bool cpu_policy_is_amd(const struct cpu_policy *p)
{
    const struct cpuid_regs *r = &p->basic[0];
    bool amd = r->ebx == 0x68747541 && r->edx == 0x69746e65 && r->ecx == 0x444d4163;
    bool hygon = r->ebx == 0x6f677948 && r->edx == 0x6e65476e && r->ecx == 0x656e6975;

    return amd || hygon; /* "AuthenticAMD", "HygonGenuine" */
}

uint32_t cpu_policy_xsave_bytes(const struct cpu_policy *p, uint64_t xcr0)
{
    uint32_t end = XSAVE_MIN_BYTES;

    for (unsigned int i = 2; i < CPU_POLICY_XSTATE; i++)
        if (xcr0 & BIT(i))
            end = max(end, p->xstate[i].eax + p->xstate[i].ebx);
    return end;
}

uint32_t cpu_policy_xsavec_bytes(const struct cpu_policy *p, uint64_t xcr0)
{
    uint32_t end = XSAVE_MIN_BYTES;

    for (unsigned int i = 2; i < CPU_POLICY_XSTATE; i++) {
        if (!(xcr0 & BIT(i)))
            continue;
        if (p->xstate[i].ecx & 2) /* this component starts on a 64-byte boundary */
            end = ROUND_UP(end, 64u);
        end += p->xstate[i].eax;
    }
    return end;
}

/*
 * Rebuild leaf 0xd from the features of @p and the component layouts of @like, within @limit.
 * @like may be @p itself.
 */
static void rebuild_xstate(struct cpu_policy *p, const struct cpu_policy *like, uint64_t limit)
{
    uint32_t subfeatures = p->xstate[1].eax;
    uint64_t xcr0 = XSTATE_X87 | XSTATE_SSE;

    if (cpu_policy_has(p, F(AVX)))
        xcr0 |= XSTATE_AVX;
    if (cpu_policy_has(p, F(AVX512F)))
        xcr0 |= XSTATE_AVX512;
    if (cpu_policy_has(p, F(PKU)))
        xcr0 |= XSTATE_PKRU;
    xcr0 = cpu_policy_has(p, F(XSAVE)) ? xcr0 & limit : 0;

    for (unsigned int i = 2; i < CPU_POLICY_XSTATE; i++) {
        p->xstate[i] = xcr0 & BIT(i) ? like->xstate[i] : (struct cpuid_regs){0};
        p->xstate[i].ecx &= 2; /* a user component: never in IA32_XSS */
        p->xstate[i].edx = 0;
    }
    p->xstate[0] = (struct cpuid_regs){.eax = (uint32_t)xcr0, .edx = (uint32_t)(xcr0 >> 32)};
    p->xstate[0].ecx = xcr0 ? cpu_policy_xsave_bytes(p, xcr0) : 0;
    p->xstate[1] = (struct cpuid_regs){.eax = xcr0 ? subfeatures : 0};
}

/* Drop features whose XCR0 component is not in @limit, or that @p has no leaf to describe. */
static void limit_xstate_features(struct cpu_policy *p, uint64_t limit)
{
    if (p->basic[0].eax < 0xd || (limit & (XSTATE_X87 | XSTATE_SSE)) != (XSTATE_X87 | XSTATE_SSE))
        cpu_policy_set_feature(p, F(XSAVE), false);
    if (!(limit & XSTATE_AVX))
        cpu_policy_set_feature(p, F(AVX), false);
    if ((limit & XSTATE_AVX512) != XSTATE_AVX512)
        cpu_policy_set_feature(p, F(AVX512F), false);
    if (!(limit & XSTATE_PKRU))
        cpu_policy_set_feature(p, F(PKU), false);
}

/* Zero what lies above the limits that @p itself states. */
static void trim(struct cpu_policy *p)
{
    for (uint32_t i = p->basic[0].eax + 1; i < CPU_POLICY_BASIC && i; i++)
        memset(&p->basic[i], 0, sizeof(p->basic[i]));
    if (p->basic[0].eax < 4)
        memset(p->cache, 0, sizeof(p->cache));
    if (p->basic[0].eax < 7)
        memset(p->feat, 0, sizeof(p->feat));
    for (uint32_t i = p->feat[0].eax + 1; i < CPU_POLICY_FEAT && i; i++)
        memset(&p->feat[i], 0, sizeof(p->feat[i]));
    if (p->basic[0].eax < 0xb)
        memset(p->topo, 0, sizeof(p->topo));
    if (p->basic[0].eax < 0xd)
        memset(p->xstate, 0, sizeof(p->xstate));
    for (uint32_t i = p->ext[0].eax - EXT_BASE + 1; i < CPU_POLICY_EXT && i; i++)
        memset(&p->ext[i], 0, sizeof(p->ext[i]));
}

static void cap_limits(struct cpu_policy *p)
{
    uint32_t ext_cap = EXT_BASE + (cpu_policy_is_amd(p) ? CPU_POLICY_EXT - 1 : 8);

    p->basic[0].eax = min(p->basic[0].eax, (uint32_t)CPU_POLICY_BASIC - 1);
    p->feat[0].eax = min(p->feat[0].eax, (uint32_t)CPU_POLICY_FEAT - 1);
    if (p->ext[0].eax < EXT_BASE)
        p->ext[0].eax = EXT_BASE;
    p->ext[0].eax = min(p->ext[0].eax, ext_cap);
    trim(p);
}

void cpu_policy_derive_host(struct cpu_policy *host, const struct cpu_policy *raw,
                            const struct cpu_policy_host *use)
{
    *host = *raw;
    cap_limits(host);
    if (!use->fsgsbase)
        cpu_policy_set_feature(host, F(FSGSBASE), false);
    if (!use->xsavec) {
        cpu_policy_set_feature(host, F(XSAVEC), false);
        cpu_policy_set_feature(host, F(XSAVES), false);
    }
    limit_xstate_features(host, use->xcr0);
    cpu_policy_settle_features(host);
    rebuild_xstate(host, raw, use->xcr0);
    trim(host);
}

/* Leaves that describe power, monitoring and the physical package: not a guest's business. */
static void clear_private_leaves(struct cpu_policy *p)
{
    static const uint8_t basic[] = {3, 5, 6, 8, 9, 0xa, 0xc};
    static const uint8_t ext[] = {9, 0xb, 0xc, 0xd, 0xe, 0xf, 0x10, 0x11, 0x12, 0x13, 0x14,
                                  0x15, 0x16, 0x17, 0x18, 0x1b, 0x1c, 0x1d, 0x1e, 0x1f, 0x20};

    for (size_t i = 0; i < sizeof(basic); i++)
        memset(&p->basic[basic[i]], 0, sizeof(p->basic[0]));
    for (size_t i = 0; i < sizeof(ext); i++)
        memset(&p->ext[ext[i]], 0, sizeof(p->ext[0]));
    memset(&p->ext[0xa], 0, sizeof(p->ext[0])); /* SVM: no nested virtualisation */
    memset(p->topo, 0, sizeof(p->topo));
}

/* Fields of feature-carrying leaves that are not features, or follow from features. */
static void rebuild_fields(struct cpu_policy *p, bool hvm)
{
    /* One thread, one core per package: vCPUs have no fixed place. An HVM guest's virtual machine
     * is what the toolstack says it is. */
    p->basic[1].ebx &= hvm ? 0x00ffff00 : 0x0000ff00; /* CLFLUSH size; APIC id is per vCPU */
    if (!(p->basic[1].ebx >> 16))
        p->basic[1].ebx |= 1u << 16;
    for (unsigned int i = 0; i < CPU_POLICY_CACHE && !hvm; i++)
        p->cache[i].eax &= 0x000003ff; /* SDM vol. 2, CPUID leaf 4: 31:14 are sharing counts */
    p->feat[2].eax = p->feat[2].ebx = p->feat[2].ecx = 0;
    p->ext[1].eax = cpu_policy_is_amd(p) ? p->ext[1].eax : 0;
    p->ext[1].ebx = 0;
    p->ext[1].edx &= ~COMMON_EDX;
    if (cpu_policy_is_amd(p))
        p->ext[1].edx |= p->basic[1].edx & COMMON_EDX;
    p->ext[7].eax = p->ext[7].ebx = p->ext[7].ecx = 0;
    p->ext[8].eax &= 0x0000ffff;
    if (!hvm) /* only four levels of page tables */
        p->ext[8].eax = (p->ext[8].eax & 0x00ff) | min(p->ext[8].eax >> 8 & 0xff, 48u) << 8;
    p->ext[8].ecx &= hvm ? 0xf0ff : 0; /* cores of the package and their bits in an APIC id */
    p->ext[8].edx = 0;
    if (!cpu_policy_has(p, F(PAGE1GB)))
        memset(&p->ext[0x19], 0, sizeof(p->ext[0])); /* 1 GiB TLB sizes */
    p->ext[0x21].ebx = p->ext[0x21].ecx = p->ext[0x21].edx = 0;
    p->platform_info &= hvm ? PLATFORM_INFO_CPUID_FAULTING : 0;
}

void cpu_policy_confine(struct cpu_policy *p, const struct cpu_policy *max, bool hvm)
{
    uint32_t words[CPU_FEATURE_WORDS];
    uint64_t limit = cpu_policy_xcr0(max);

    p->basic[0].eax = min(p->basic[0].eax, max->basic[0].eax);
    p->feat[0].eax = min(p->feat[0].eax, max->feat[0].eax);
    p->ext[0].eax = min(p->ext[0].eax, max->ext[0].eax);
    if (p->ext[0].eax < EXT_BASE)
        p->ext[0].eax = EXT_BASE;
    clear_private_leaves(p);
    trim(p);
    cpu_policy_features(max, words);
    words[2] |= COMMON_EDX; /* rebuilt below from leaf 1 */
    cpu_policy_mask_features(p, words);
    cpu_policy_set_feature(p, F(HYPERVISOR), cpu_policy_has(max, F(HYPERVISOR)));
    limit_xstate_features(p, limit);
    cpu_policy_settle_features(p);
    rebuild_xstate(p, max, limit);
    rebuild_fields(p, hvm);
    trim(p);
}

void cpu_policy_derive_guest(struct cpu_policy *guest, const struct cpu_policy *host, bool hvm,
                             bool by_default, const struct cpu_policy_host *use)
{
    uint32_t words[CPU_FEATURE_WORDS];

    *guest = *host;
    if (hvm && !use->hvm) {
        memset(guest, 0, sizeof(*guest));
        return;
    }
    cpu_policy_guest_mask(hvm, by_default, words);
    words[2] |= COMMON_EDX;
    cpu_policy_mask_features(guest, words);
    /* Guests always see that they are guests; APICs of HVM guests are emulated, x2APIC too. */
    cpu_policy_set_feature(guest, F(HYPERVISOR), true);
    if (hvm) {
        cpu_policy_set_feature(guest, F(APIC), true);
        cpu_policy_set_feature(guest, F(X2APIC), true);
        cpu_policy_set_feature(guest, F(NO_LMSL), cpu_policy_is_amd(guest));
        guest->platform_info = PLATFORM_INFO_CPUID_FAULTING; /* CPUID is emulated anyway */
    }
    cpu_policy_confine(guest, guest, hvm);
}
