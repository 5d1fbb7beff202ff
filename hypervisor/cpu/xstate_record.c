/* SPDX-License-Identifier: BSD-2-Clause */
/* Checking extended state that comes from outside: whatever passes, XRSTOR must take. */
#include "cpu/xstate_record.h"

#include "abi/errno.h"
#include "cpu/regs.h"
#include "lib/bits.h"
#include "lib/string.h"

#define MXCSR_AT 24
#define MXCSR_VALID 0xffffu
#define HEADER_AT 512

static bool valid_xcr0(uint64_t xcr0, uint64_t allowed)
{
    if ((xcr0 & ~allowed) || !(xcr0 & XSTATE_X87))
        return false;
    if ((xcr0 & XSTATE_AVX) && !(xcr0 & XSTATE_SSE))
        return false;
    return !(xcr0 & XSTATE_AVX512) ||
           ((xcr0 & XSTATE_AVX512) == XSTATE_AVX512 && (xcr0 & XSTATE_AVX));
}

int xstate_record_check(const struct xstate_record *record, uint64_t bytes, uint64_t allowed,
                        uint64_t limit)
{
    uint64_t header[8];
    uint32_t mxcsr;

    if (bytes < sizeof(*record) + XSAVE_MIN_BYTES || bytes - sizeof(*record) > limit)
        return -EINVAL;
    if (!valid_xcr0(record->xcr0, allowed) || (record->xcr0_accum & ~allowed) ||
        (record->xcr0 & ~record->xcr0_accum))
        return -EINVAL;
    memcpy(&mxcsr, record->area + MXCSR_AT, sizeof(mxcsr));
    if (mxcsr & ~MXCSR_VALID)
        return -EINVAL;
    /* XSTATE_BV within what it had; XCOMP_BV zero: standard format; the rest reserved */
    memcpy(header, record->area + HEADER_AT, sizeof(header));
    if (header[0] & ~(record->xcr0_accum | XSTATE_X87 | XSTATE_SSE))
        return -EINVAL;
    for (size_t i = 1; i < ARRAY_SIZE(header); i++)
        if (header[i])
            return -EINVAL;
    return 0;
}
