/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Extended state.
 *
 * What is always true here: switching is eager, so no vCPU's registers ever stay behind for the
 * next one. The area is in XSAVE standard format (SDM vol. 1, 13.4), or FXSAVE format where the CPU
 * has no XSAVE. While a vCPU is loaded the hardware's XCR0 is the vCPU's own.
 */
#include "cpu/xstate.h"

#include "abi/errno.h"
#include "cpu/features.h"
#include "cpu/insn.h"
#include "cpu/regs.h"
#include "cpu/xstate_record.h"
#include "domain/vcpu.h"
#include "lib/string.h"
#include "mm/pool.h"

#define FXSAVE_BYTES 512
#define XSAVE_HEADER 512 /* offset of XSTATE_BV */
#define FCW_DEFAULT 0x37f
#define MXCSR_DEFAULT 0x1f80

uint32_t xstate_bytes(void)
{
    return cpu_features.xsave ? max(cpu_features.xsave_bytes, (uint32_t)XSAVE_MIN_BYTES)
                              : FXSAVE_BYTES;
}

bool xstate_xsavec_works(void)
{
    static uint8_t area[XSAVE_MIN_BYTES + 256] aligned(64);
    uint64_t upper_half;

    if (!cpu_features.xsavec || !(cpu_features.xcr0_mask & XSTATE_AVX))
        return cpu_features.xsavec;
    __asm__ volatile("vpcmpeqd %%xmm0, %%xmm0, %%xmm0\n\t"
                     "vinsertf128 $1, %%xmm0, %%ymm0, %%ymm0\n\t"
                     "xsavec64 %0\n\t"
                     "vzeroall"
                     : "+m"(area)
                     : "a"(XSTATE_AVX), "d"(0));
    /* the first component after the legacy region and the header: SDM vol. 1, 13.4.3 */
    memcpy(&upper_half, area + XSAVE_MIN_BYTES, sizeof(upper_half));
    return upper_half == UINT64_MAX;
}

int xstate_init(struct vcpu *v)
{
    uint8_t *area = pool_alloc(xstate_bytes());
    uint16_t fcw = FCW_DEFAULT;
    uint32_t mxcsr = MXCSR_DEFAULT;
    uint64_t components = 3;

    if (!area)
        return -ENOMEM;
    memcpy(area, &fcw, sizeof(fcw));
    memcpy(area + 24, &mxcsr, sizeof(mxcsr));
    if (cpu_features.xsave)
        memcpy(area + XSAVE_HEADER, &components, sizeof(components));
    v->xsave = area;
    v->xcr0 = v->xcr0_accum = 1;
    return 0;
}

void xstate_free(struct vcpu *v)
{
    pool_free(v->xsave);
    v->xsave = NULL;
}

/* SSE state is saved whether or not the guest enabled it: FXSAVE-era guests use it without XCR0. */
static uint64_t saved_components(const struct vcpu *v)
{
    return v->xcr0_accum | 3;
}

void xstate_save(struct vcpu *v)
{
    uint64_t mask = saved_components(v);

    if (!cpu_features.xsave) {
        __asm__ volatile("fxsave64 (%0)" ::"r"(v->xsave) : "memory");
        return;
    }
    if (v->xcr0 != mask)
        xsetbv(0, mask);
    if (cpu_features.xsaveopt)
        __asm__ volatile("xsaveopt64 (%0)" ::"r"(v->xsave), "a"((uint32_t)mask),
                         "d"((uint32_t)(mask >> 32))
                         : "memory");
    else
        __asm__ volatile("xsave64 (%0)" ::"r"(v->xsave), "a"((uint32_t)mask),
                         "d"((uint32_t)(mask >> 32))
                         : "memory");
}

void xstate_load(struct vcpu *v)
{
    if (!cpu_features.xsave) {
        __asm__ volatile("fxrstor64 (%0)" ::"r"(v->xsave) : "memory");
        return;
    }
    /* all components, so that what this vCPU never used is reset, not left over */
    xsetbv(0, cpu_features.xcr0_mask);
    __asm__ volatile("xrstor64 (%0)" ::"r"(v->xsave),
                     "a"((uint32_t)cpu_features.xcr0_mask),
                     "d"((uint32_t)(cpu_features.xcr0_mask >> 32))
                     : "memory");
    xsetbv(0, v->xcr0);
}

int xstate_set_xcr0(struct vcpu *v, uint64_t xcr0)
{
    /* x87 always; AVX needs SSE; the three AVX-512 components come together and need AVX */
    if (!cpu_features.xsave || (xcr0 & ~cpu_features.xcr0_mask) || !(xcr0 & XSTATE_X87))
        return -EINVAL;
    if ((xcr0 & XSTATE_AVX) && !(xcr0 & XSTATE_SSE))
        return -EINVAL;
    if ((xcr0 & XSTATE_AVX512) && ((xcr0 & XSTATE_AVX512) != XSTATE_AVX512 || !(xcr0 & XSTATE_AVX)))
        return -EINVAL;
    v->xcr0 = xcr0;
    v->xcr0_accum |= xcr0;
    xsetbv(0, xcr0);
    return 0;
}

static uint64_t xgetbv(uint32_t reg)
{
    uint32_t low, high;

    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(reg));
    return (uint64_t)high << 32 | low;
}

void xstate_adopt_xcr0(struct vcpu *v)
{
    uint64_t now;

    if (!cpu_features.xsave)
        return;
    now = xgetbv(0);
    if (likely(now == v->xcr0))
        return;
    v->xcr0 = now & cpu_features.xcr0_mask;
    v->xcr0_accum |= v->xcr0;
    if (v->xcr0 != now)
        xsetbv(0, v->xcr0);
}

void xstate_set_legacy(struct vcpu *v, const void *fxsave)
{
    uint64_t components = 3;
    uint32_t mxcsr;

    memcpy(v->xsave, fxsave, FXSAVE_BYTES);
    /* reserved MXCSR bits would make XRSTOR fault (SDM vol. 1, 10.2.3) */
    memcpy(&mxcsr, (uint8_t *)v->xsave + 24, sizeof(mxcsr));
    mxcsr &= 0xffff;
    memcpy((uint8_t *)v->xsave + 24, &mxcsr, sizeof(mxcsr));
    if (cpu_features.xsave) {
        memset((uint8_t *)v->xsave + XSAVE_HEADER, 0, 64);
        memcpy((uint8_t *)v->xsave + XSAVE_HEADER, &components, sizeof(components));
    }
}

void xstate_get_legacy(const struct vcpu *v, void *fxsave)
{
    memcpy(fxsave, v->xsave, FXSAVE_BYTES);
}

void xstate_set_record(struct vcpu *v, const struct xstate_record *record, uint64_t bytes)
{
    uint64_t used = bytes - sizeof(*record);

    v->xcr0 = record->xcr0;
    v->xcr0_accum = record->xcr0_accum;
    memcpy(v->xsave, record->area, used);
    memset((uint8_t *)v->xsave + used, 0, xstate_bytes() - used);
}
