/* SPDX-License-Identifier: BSD-2-Clause */
/* Model-specific registers of hardware-assisted guests; what has no state of its own is the
 * policy's. */
#include "hvm/msr.h"

#include "abi/errno.h"
#include "cpu/policy.h"
#include "cpu/regs.h"
#include "domain/domain.h"
#include "hvm/cr.h"
#include "hvm/hvm.h"
#include "hvm/mtrr.h"
#include "hvm/vendor.h"
#include "hypercall/dispatch.h"
#include "mm/hvmap.h"
#include "mm/page.h"
#include "p2m/gfn.h"

#define MSR_HYPERCALL_PAGE 0x40000000 /* told by Xen leaf 2 */
#define MSR_TSC_ADJUST     0x3b
#define MSR_UCODE_REV      0x8b
#define MSR_PLATFORM_INFO  0xce
#define MSR_MISC_FEATURES  0x140 /* bit 0: CPUID faults outside of the kernel */
#define MSR_MC0_CTL        0x400
#define MSR_MC_LAST        0x47f
#define MC4_MISC_LOCKED    (1ULL << 61)

static int write_hypercall_page(struct vcpu *v, uint64_t value)
{
    static const uint8_t vmmcall[3] = {0x0f, 0x01, 0xd9}, vmcall[3] = {0x0f, 0x01, 0xc1};
    mfn_t mfn;
    void *at;

    if (value & ~PAGE_MASK) /* one page of stubs: index 0 */
        return -EINVAL;
    if (!gfn_page_get(v->domain, value >> PAGE_SHIFT, true, &mfn))
        return -EINVAL;
    at = frame_map(mfn);
    hypercall_page_write_translated(at, hvm_is_vmx ? vmcall : vmmcall);
    frame_unmap(at);
    gfn_page_put(mfn, true);
    hvm_layout_choose(v);
    return 0;
}

static int write_efer(struct vcpu *v, uint64_t value)
{
    uint64_t old = vendor_efer(v);
    struct walk_mode mode;

    vendor_walk_mode(v, &mode);
    if (value & ~hvm_efer_bits(v->domain->policy))
        return -EINVAL;
    if ((mode.cr0 & CR0_PG) && ((value ^ old) & EFER_LME)) /* SDM vol. 3, 2.2.1 */
        return -EINVAL;
    vendor_set_efer(v, (value & ~EFER_LMA) | (old & EFER_LMA));
    if ((value ^ old) & EFER_NXE)
        v->hvm->asid_generation = 0; /* rights cached without it */
    return 0;
}

/*
 * Registers without a function here, which kernels touch all the same because the processor they
 * think they run on has them: as the real Xen answers them (tests/guest/abi/expected.txt,
 * abi.cpu_of_hvm).
 */
enum plain_write { REFUSED, IGNORED, LOW_40_BITS, NOT_BUT_ZERO };
static const struct plain_msr {
    uint32_t first, last;
    uint64_t value;
    uint8_t write;       /* enum plain_write */
    bool amd;            /* of AMD's processors only */
    bool unreadable;
} plain_msrs[] = {
    {0x0, 0x1, .write = REFUSED},                              /* P5_MC_ADDR, P5_MC_TYPE */
    {0x2c, 0x2c, .write = REFUSED, .amd = true},               /* EBC_FREQUENCY_ID */
    {0x179, 0x179, HVM_MCE_BANKS, .write = IGNORED},               /* MCG_CAP */
    {0x17a, 0x17b, .write = IGNORED},                          /* MCG_STATUS, MCG_CTL */
    {0x1d9, 0x1d9, .write = IGNORED, .amd = true},             /* DEBUGCTL */
    {0x1db, 0x1de, .write = IGNORED, .amd = true},             /* last branches */
    {0x280, 0x29f, .write = IGNORED},                          /* MCi_CTL2 */
    {0xc0000104, 0xc0000104, .write = LOW_40_BITS, .amd = true}, /* TSC_RATIO */
    {0xc0000408, 0xc000040a, MC4_MISC_LOCKED, .write = IGNORED, .amd = true},
    {0xc0010000, 0xc0010007, .write = IGNORED, .amd = true},   /* PERF_CTL, PERF_CTR */
    {0xc0010010, 0xc0010010, .write = IGNORED, .amd = true},   /* SYSCFG */
    {0xc0010015, 0xc0010015, .write = REFUSED, .amd = true},   /* HWCR */
    {0xc001001a, 0xc001001a, .write = IGNORED, .amd = true},   /* TOP_MEM */
    {0xc001001d, 0xc001001d, .write = IGNORED, .amd = true},   /* TOP_MEM2 */
    {0xc001001f, 0xc001001f, .write = IGNORED, .amd = true},   /* NB_CFG */
    {0xc0010020, 0xc0010020, .write = IGNORED, .amd = true, .unreadable = true}, /* PATCH_LOADER */
    {0xc0010055, 0xc0010055, .write = REFUSED, .amd = true},   /* INT_PENDING */
    {0xc0010114, 0xc0010114, .write = IGNORED, .amd = true},   /* VM_CR */
    {0xc0010117, 0xc0010117, .write = NOT_BUT_ZERO, .amd = true}, /* VM_HSAVE_PA */
    {0xc0010200, 0xc001020b, .write = IGNORED, .amd = true},   /* PERF_CTL and PERF_CTR of 15h */
    {0xc0011023, 0xc0011023, .write = IGNORED, .amd = true},   /* BU_CFG2 */
    {0xc001102a, 0xc001102a, .write = IGNORED, .amd = true},
    {0xc001102c, 0xc001102c, .write = IGNORED, .amd = true},   /* EX_CFG */
};

static const struct plain_msr *plain_find(const struct vcpu *v, uint32_t msr)
{
    for (size_t i = 0; i < ARRAY_SIZE(plain_msrs); i++) {
        const struct plain_msr *m = &plain_msrs[i];

        if (msr >= m->first && msr <= m->last)
            return m->amd && !cpu_policy_is_amd(v->domain->policy) ? NULL : m;
    }
    return NULL;
}

static int plain_read(const struct vcpu *v, uint32_t msr, uint64_t *value)
{
    const struct plain_msr *m = plain_find(v, msr);

    if (!m)
        return cpu_policy_rdmsr(v, msr, value);
    *value = m->value;
    return m->unreadable ? -EINVAL : 0;
}

static int plain_write(struct vcpu *v, uint32_t msr, uint64_t value)
{
    const struct plain_msr *m = plain_find(v, msr);

    if (!m)
        return cpu_policy_wrmsr(v, msr, value);
    return m->write == IGNORED || (m->write == LOW_40_BITS && !(value >> 40)) ||
                   (m->write == NOT_BUT_ZERO && !value)
               ? 0
               : -EINVAL;
}

/* Banks are never filled. Their control registers read as all ones as far as there are banks. */
static uint64_t read_bank(uint32_t msr)
{
    return msr < MSR_MC0_CTL + 4 * HVM_MCE_BANKS && msr % 4 == 0 ? ~0ULL : 0;
}

static int write_bank(uint32_t msr, uint64_t value)
{
    return msr % 4 == 0 || !value ? 0 : -EINVAL; /* SDM vol. 3, 16.3.2: status can be cleared */
}

/* The guest's TSC is to read @tsc now (SDM vol. 3, 18.17.3: TSC_ADJUST moves along). */
static void write_tsc(struct vcpu *v, uint64_t tsc)
{
    uint64_t offset = tsc - guest_tsc_now(v->domain);

    v->hvm->tsc_adjust += offset - v->tsc_offset;
    hvm_set_tsc_offset(v, offset);
}

static void write_tsc_adjust(struct vcpu *v, uint64_t value)
{
    hvm_set_tsc_offset(v, v->tsc_offset + value - v->hvm->tsc_adjust);
    v->hvm->tsc_adjust = value;
}

static unsigned int physical_bits(const struct vcpu *v)
{
    unsigned int bits = cpu_policy_leaf(v->domain->policy, 0x80000008, 0).eax & 0xff;

    return bits ? bits : 36;
}

static bool has_mtrr(const struct vcpu *v)
{
    return cpu_policy_has(v->domain->policy, XEN_X86_FEATURE_MTRR);
}

/* Is it one of Viridian's, which has the numbers of Xen's? Then those have moved up. */
static bool is_viridian(const struct vcpu *v, uint32_t msr)
{
    return msr - VIRIDIAN_MSR_FIRST < VIRIDIAN_MSRS && viridian_mask(v->domain);
}

static bool is_hypercall_page(const struct vcpu *v, uint32_t msr)
{
    return msr == MSR_HYPERCALL_PAGE ||
           (msr == MSR_HYPERCALL_PAGE + VIRIDIAN_MSRS && viridian_mask(v->domain));
}

static off_path int rdmsr_other(struct vcpu *v, uint32_t msr, uint64_t *value)
{
    const struct cpu_policy *p = v->domain->policy;

    if (unlikely(is_viridian(v, msr)))
        return viridian_rdmsr(v, msr, value);
    if (is_hypercall_page(v, msr)) {
        *value = 0;
        return 0;
    }

    if (mtrr_is_msr(msr)) {
        *value = mtrr_read(&v->hvm->mtrr, msr);
        return has_mtrr(v) ? 0 : -EINVAL;
    }
    switch (msr) {
    case MSR_TSC:
        *value = guest_tsc_now(v->domain) + v->tsc_offset;
        return 0;
    case MSR_TSC_ADJUST:
        *value = v->hvm->tsc_adjust;
        return 0;
    case MSR_EFER:
        *value = vendor_efer(v);
        return 0;
    case MSR_PAT:
        *value = v->hvm->mtrr.msr_pat_cr;
        return 0;
    case MSR_PLATFORM_INFO:
        *value = p->platform_info;
        return 0;
    case MSR_MISC_FEATURES:
        *value = v->hvm->cpuid_faults;
        return 0;
    case MSR_MC0_CTL ... MSR_MC_LAST:
        *value = read_bank(msr);
        return 0;
    default:
        return plain_read(v, msr, value);
    }
}

static off_path int wrmsr_other(struct vcpu *v, uint32_t msr, uint64_t value)
{
    if (unlikely(is_viridian(v, msr)))
        return viridian_wrmsr(v, msr, value);
    if (is_hypercall_page(v, msr))
        return write_hypercall_page(v, value);
    if (mtrr_is_msr(msr))
        return has_mtrr(v) ? mtrr_write(&v->hvm->mtrr, msr, value, physical_bits(v)) : -EINVAL;
    switch (msr) {
    case MSR_TSC:
        write_tsc(v, value);
        return 0;
    case MSR_TSC_ADJUST:
        write_tsc_adjust(v, value);
        return 0;
    case MSR_EFER:
        return write_efer(v, value);
    case MSR_PAT:
        if (!mtrr_pat_is_valid(value))
            return -EINVAL;
        hvm_set_pat(v, value);
        return 0;
    case MSR_MISC_FEATURES:
        if ((value & ~1ULL) || (value && !v->domain->policy->platform_info))
            return -EINVAL;
        v->hvm->cpuid_faults = value;
        return 0;
    case MSR_MC0_CTL ... MSR_MC_LAST:
        return write_bank(msr, value);
    case MSR_UCODE_REV:
        return -EINVAL;
    default:
        return plain_write(v, msr, value);
    }
}

/* Those of the local APIC, which guests access all the time, come first. */
static inline bool is_apic(uint32_t msr)
{
    return msr >> 8 == 8 || msr == MSR_TSC_DEADLINE || msr == MSR_APIC_BASE;
}

int hvm_rdmsr(struct vcpu *v, uint32_t msr, uint64_t *value)
{
    return is_apic(msr) ? vlapic_rdmsr(v, msr, value) : rdmsr_other(v, msr, value);
}

int hvm_wrmsr(struct vcpu *v, uint32_t msr, uint64_t value)
{
    return is_apic(msr) ? vlapic_wrmsr(v, msr, value) : wrmsr_other(v, msr, value);
}
