/* SPDX-License-Identifier: BSD-2-Clause */
/* Which CPU features guests may have, where each is kept, and which needs which. */
#include "cpu/policy.h"

#include "lib/bits.h"
#include "lib/string.h"

#define F(name) XEN_X86_FEATURE_##name

#define REG(field) (uint16_t)offsetof(struct cpu_policy, field)
/* Where each word of a featureset is found (cpufeatureset.h, headings of its sections). */
static const uint16_t word_offset[CPU_FEATURE_WORDS] = {
    [0] = REG(basic[1].edx),  [1] = REG(basic[1].ecx),   [2] = REG(ext[1].edx),
    [3] = REG(ext[1].ecx),    [4] = REG(xstate[1].eax),  [5] = REG(feat[0].ebx),
    [6] = REG(feat[0].ecx),   [7] = REG(ext[7].edx),     [8] = REG(ext[8].ebx),
    [9] = REG(feat[0].edx),   [10] = REG(feat[1].eax),   [11] = REG(ext[0x21].eax),
    [12] = REG(feat[1].ebx),  [13] = REG(feat[2].edx),   [14] = REG(feat[1].ecx),
    [15] = REG(feat[1].edx),  [16] = REG(arch_caps),     [17] = REG(arch_caps) + 4,
};

/* Features that any guest may have: unprivileged instructions, and what a PV kernel can use from
 * ring 3 or through hypercalls. */
static const uint16_t every_guest[] = {
    F(FPU), F(DE), F(TSC), F(MSR), F(PAE), F(MCE), F(CX8), F(SEP), F(MCA), F(CMOV), F(PAT),
    F(CLFLUSH), F(ACPI), F(MMX), F(FXSR), F(SSE), F(SSE2), F(SS),
    F(SSE3), F(PCLMULQDQ), F(SSSE3), F(FMA), F(CX16), F(SSE4_1), F(SSE4_2), F(MOVBE), F(POPCNT),
    F(AESNI), F(XSAVE), F(AVX), F(F16C), F(RDRAND), F(HYPERVISOR),
    F(SYSCALL), F(NX), F(MMXEXT), F(FFXSR), F(RDTSCP), F(LM), F(3DNOWEXT), F(3DNOW),
    F(LAHF_LM), F(ABM), F(SSE4A), F(MISALIGNSSE), F(3DNOWPREFETCH), F(XOP), F(FMA4), F(TBM),
    F(XSAVEOPT), F(XSAVEC), F(XGETBV1),
    F(FSGSBASE), F(BMI1), F(AVX2), F(BMI2), F(ERMS), F(AVX512F), F(AVX512DQ), F(RDSEED), F(ADX),
    F(AVX512_IFMA), F(CLFLUSHOPT), F(CLWB), F(AVX512PF), F(AVX512ER), F(AVX512CD), F(SHA),
    F(AVX512BW), F(AVX512VL), F(FDP_EXCP_ONLY), F(NO_FPU_SEL),
    F(PREFETCHWT1), F(AVX512_VBMI), F(AVX512_VBMI2), F(GFNI), F(VAES), F(VPCLMULQDQ),
    F(AVX512_VNNI), F(AVX512_BITALG), F(AVX512_VPOPCNTDQ), F(RDPID), F(CLDEMOTE),
    F(CLZERO), F(RSTR_FP_ERR_PTRS), F(IBPB), F(SSB_NO), F(BTC_NO), F(IBPB_RET),
    F(AVX512_4VNNIW), F(AVX512_4FMAPS), F(FSRM), F(MD_CLEAR), F(SERIALIZE), F(ARCH_CAPS),
    F(AVX_VNNI), F(AVX512_BF16), F(FZRM), F(FSRS), F(FSRCS),
    F(LFENCE_DISPATCH), F(VERW_CLEAR), F(NSCB), F(SRSO_NO), F(SRSO_US_NO), F(MCDT_NO),
    F(RDCL_NO), F(INTEL_SSB_NO), F(MDS_NO), F(IF_PSCHANGE_MC_NO), F(TAA_NO), F(SBDR_SSDP_NO),
    F(FBSDP_NO), F(PSDP_NO), F(FB_CLEAR), F(BHI_NO), F(PBRSB_NO), F(GDS_NO), F(RFDS_NO),
    F(RFDS_CLEAR),
};

/* Possible for any guest, but only when its configuration asks: an invariant TSC forbids migration,
 * direct stores reach devices. */
static const uint16_t on_request[] = {F(ITSC), F(MOVDIRI), F(MOVDIR64B)};

/* Further features of guests that hardware virtualises: privileged ones. */
static const uint16_t hvm_guest[] = {
    F(VME), F(PSE), F(APIC), F(MTRR), F(PGE), F(PSE36), F(PCID), F(X2APIC), F(TSC_DEADLINE),
    F(PAGE1GB), F(CR8_LEGACY), F(TSC_ADJUST), F(SMEP), F(INVPCID), F(SMAP), F(UMIP), F(PKU),
    F(HTT), F(CMP_LEGACY), F(NO_LMSL),
};

struct need {
    uint16_t feature, needs;
};

/* The second is a prerequisite of the first (SDM vol. 1 chapters 13 to 15; APM vol. 3 app. D). */
static const struct need needs[] = {
    {F(FXSR), F(FPU)}, {F(MMX), F(FPU)}, {F(SSE), F(FXSR)}, {F(SSE2), F(SSE)}, {F(SSE3), F(SSE2)},
    {F(LM), F(SSE2)}, {F(LM), F(PAE)}, {F(LM), F(NX)}, {F(SSSE3), F(SSE3)}, {F(SSE4_1), F(SSSE3)},
    {F(SSE4_2), F(SSE4_1)}, {F(SSE4A), F(SSE3)}, {F(PCLMULQDQ), F(SSE2)}, {F(AESNI), F(SSE2)},
    {F(SHA), F(SSE2)}, {F(GFNI), F(SSE2)}, {F(MMXEXT), F(MMX)}, {F(3DNOW), F(MMX)},
    {F(3DNOWEXT), F(3DNOW)}, {F(MISALIGNSSE), F(SSE)}, {F(LAHF_LM), F(LM)}, {F(CX16), F(LM)},
    {F(FSGSBASE), F(LM)}, {F(PCID), F(LM)}, {F(INVPCID), F(PCID)}, {F(PAGE1GB), F(LM)},
    {F(PKU), F(LM)}, {F(PKU), F(XSAVE)}, {F(XSAVE), F(FXSR)}, {F(XSAVEOPT), F(XSAVE)},
    {F(XSAVEC), F(XSAVE)}, {F(XGETBV1), F(XSAVE)}, {F(XSAVES), F(XSAVEC)}, {F(MPX), F(XSAVE)},
    {F(LWP), F(XSAVE)}, {F(AVX), F(XSAVE)}, {F(AVX), F(SSE)}, {F(AVX2), F(AVX)}, {F(FMA), F(AVX)},
    {F(F16C), F(AVX)}, {F(XOP), F(AVX)}, {F(FMA4), F(AVX)}, {F(VAES), F(AVX)},
    {F(VPCLMULQDQ), F(AVX)}, {F(AVX_VNNI), F(AVX2)}, {F(AVX512F), F(AVX2)},
    {F(AVX512DQ), F(AVX512F)}, {F(AVX512_IFMA), F(AVX512F)}, {F(AVX512PF), F(AVX512F)},
    {F(AVX512ER), F(AVX512F)}, {F(AVX512CD), F(AVX512F)}, {F(AVX512BW), F(AVX512F)},
    {F(AVX512VL), F(AVX512F)}, {F(AVX512_VBMI), F(AVX512BW)}, {F(AVX512_VBMI2), F(AVX512BW)},
    {F(AVX512_BITALG), F(AVX512BW)}, {F(AVX512_BF16), F(AVX512BW)}, {F(AVX512_VNNI), F(AVX512F)},
    {F(AVX512_VPOPCNTDQ), F(AVX512F)}, {F(AVX512_4VNNIW), F(AVX512F)},
    {F(AVX512_4FMAPS), F(AVX512F)}, {F(PSE36), F(PSE)}, {F(X2APIC), F(APIC)},
    {F(TSC_DEADLINE), F(APIC)}, {F(TSC_ADJUST), F(TSC)}, {F(ITSC), F(TSC)}, {F(RDTSCP), F(TSC)},
    {F(MCA), F(MCE)},
};

static uint32_t *word_of(struct cpu_policy *p, unsigned int word)
{
    return (uint32_t *)((char *)p + word_offset[word]);
}

bool cpu_policy_has(const struct cpu_policy *p, unsigned int feature)
{
    const uint32_t *word = (const uint32_t *)((const char *)p + word_offset[feature / 32]);

    return *word >> (feature % 32) & 1;
}

void cpu_policy_set_feature(struct cpu_policy *p, unsigned int feature, bool on)
{
    uint32_t bit = 1u << (feature % 32);
    uint32_t *word = word_of(p, feature / 32);

    *word = on ? *word | bit : *word & ~bit;
}

void cpu_policy_features(const struct cpu_policy *p, uint32_t words[CPU_FEATURE_WORDS])
{
    for (unsigned int i = 0; i < CPU_FEATURE_WORDS; i++)
        memcpy(&words[i], (const char *)p + word_offset[i], sizeof(words[i]));
}

void cpu_policy_mask_features(struct cpu_policy *p, const uint32_t words[CPU_FEATURE_WORDS])
{
    for (unsigned int i = 0; i < CPU_FEATURE_WORDS; i++)
        *word_of(p, i) &= words[i];
}

static void add_features(uint32_t *words, const uint16_t *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        words[list[i] / 32] |= 1u << (list[i] % 32);
}

void cpu_policy_guest_mask(bool hvm, bool by_default, uint32_t words[CPU_FEATURE_WORDS])
{
    memset(words, 0, CPU_FEATURE_WORDS * sizeof(*words));
    add_features(words, every_guest, ARRAY_SIZE(every_guest));
    if (!by_default)
        add_features(words, on_request, ARRAY_SIZE(on_request));
    if (hvm)
        add_features(words, hvm_guest, ARRAY_SIZE(hvm_guest));
}

void cpu_policy_settle_features(struct cpu_policy *p)
{
    bool changed;

    /* Clears at least one feature a round, so it ends. */
    do {
        changed = false;
        for (size_t i = 0; i < ARRAY_SIZE(needs); i++) {
            if (cpu_policy_has(p, needs[i].feature) && !cpu_policy_has(p, needs[i].needs)) {
                cpu_policy_set_feature(p, needs[i].feature, false);
                changed = true;
            }
        }
    } while (changed);
    if (!cpu_policy_has(p, F(ARCH_CAPS)))
        memset(p->arch_caps, 0, sizeof(p->arch_caps));
}
