/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory type range registers (SDM vol. 3, 12.11). A set is always one the processor would take. */
#include "hvm/mtrr.h"

#include "abi/errno.h"
#include "cpu/regs.h"
#include "lib/bits.h"

#define MSR_CAP       0xfeu
#define MSR_VARIABLE  0x200u
#define MSR_FIXED_64K 0x250u
#define MSR_FIXED_16K 0x258u
#define MSR_FIXED_4K  0x268u
#define MSR_DEFAULT   0x2ffu

#define CAP_WC         BIT(10)
#define CAP_FIXED      BIT(8)
#define MASK_VALID     BIT(11)
#define DEFAULT_FIXED  BIT(10)
#define DEFAULT_ENABLE BIT(11)

/* UC, WC, WT, WP, WB */
static bool type_is_valid(uint64_t type)
{
    return type <= 6 && type != 2 && type != 3;
}

/* Index among the fixed ranges in order of address, or -1. */
static int fixed_index(uint32_t msr)
{
    if (msr == MSR_FIXED_64K)
        return 0;
    if (msr >= MSR_FIXED_16K && msr < MSR_FIXED_16K + 2)
        return (int)(msr - MSR_FIXED_16K) + 1;
    if (msr >= MSR_FIXED_4K && msr < MSR_FIXED_4K + 8)
        return (int)(msr - MSR_FIXED_4K) + 3;
    return -1;
}

static bool is_variable(uint32_t msr)
{
    return msr >= MSR_VARIABLE && msr < MSR_VARIABLE + 2 * MTRR_VCNT;
}

bool mtrr_is_msr(uint32_t msr)
{
    return msr == MSR_CAP || msr == MSR_DEFAULT || is_variable(msr) || fixed_index(msr) >= 0;
}

static uint64_t *slot(struct hvm_hw_mtrr *m, uint32_t msr)
{
    if (is_variable(msr))
        return &m->msr_mtrr_var[msr - MSR_VARIABLE];
    if (fixed_index(msr) >= 0)
        return &m->msr_mtrr_fixed[fixed_index(msr)];
    return msr == MSR_DEFAULT ? &m->msr_mtrr_def_type : &m->msr_mtrr_cap;
}

uint64_t mtrr_read(const struct hvm_hw_mtrr *m, uint32_t msr)
{
    return *slot((struct hvm_hw_mtrr *)m, msr); /* the slot is only read */
}

static bool value_is_valid(uint32_t msr, uint64_t value, unsigned int physical_bits)
{
    if (is_variable(msr)) {
        if (value >> physical_bits)
            return false;
        return msr & 1 ? !(value & 0x7ff) : !(value & 0xf00) && type_is_valid(value & 0xff);
    }
    if (msr == MSR_DEFAULT)
        return !(value & ~(DEFAULT_ENABLE | DEFAULT_FIXED | 0xff)) && type_is_valid(value & 0xff);
    if (msr == MSR_CAP)
        return false;
    for (unsigned int i = 0; i < 8; i++)
        if (!type_is_valid(value >> 8 * i & 0xff))
            return false;
    return true;
}

int mtrr_write(struct hvm_hw_mtrr *m, uint32_t msr, uint64_t value, unsigned int physical_bits)
{
    if (!value_is_valid(msr, value, physical_bits))
        return -EINVAL;
    *slot(m, msr) = value;
    return 0;
}

void mtrr_init(struct hvm_hw_mtrr *m)
{
    *m = (struct hvm_hw_mtrr){.msr_pat_cr = PAT_RESET,
                              .msr_mtrr_cap = CAP_WC | CAP_FIXED | MTRR_VCNT};
}

bool mtrr_is_valid(const struct hvm_hw_mtrr *m, unsigned int physical_bits)
{
    for (uint32_t msr = MSR_VARIABLE; msr <= MSR_DEFAULT; msr++)
        if (mtrr_is_msr(msr) && !value_is_valid(msr, mtrr_read(m, msr), physical_bits))
            return false;
    return mtrr_pat_is_valid(m->msr_pat_cr);
}

bool mtrr_pat_is_valid(uint64_t value)
{
    for (unsigned int i = 0; i < 8; i++, value >>= 8) {
        unsigned int type = value & 0xff;

        if (type > 7 || type == 2 || type == 3) /* SDM vol. 3, table 12-10 */
            return false;
    }
    return true;
}
