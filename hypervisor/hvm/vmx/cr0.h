/* SPDX-License-Identifier: BSD-2-Clause */
/* CR0 and paging: what a guest may write, and what follows (SDM vol. 2, MOV to control registers).
 * Pure. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "cpu/regs.h"
#include "p2m/walk.h"

/* @m: as they are; @cs_is_64bit: CS.L. false: the guest's #GP. */
static inline bool cr0_may_become(const struct walk_mode *m, bool cs_is_64bit, uint64_t value)
{
    if (value >> 32)
        return false;
    if ((value & CR0_PG) && !(value & CR0_PE))
        return false;
    if ((value & CR0_NW) && !(value & CR0_CD))
        return false;
    if ((value & CR0_PG) && !(m->cr0 & CR0_PG) && (m->efer & EFER_LME))
        return (m->cr4 & CR4_PAE) && !cs_is_64bit;
    if (!(value & CR0_PG) && (m->cr0 & CR0_PG)) /* neither in 64-bit mode nor with PCIDs */
        return !(m->cr4 & CR4_PCIDE) && !((m->efer & EFER_LMA) && cs_is_64bit);
    return true;
}

/* EFER.LMA follows paging. */
static inline uint64_t efer_with_cr0(uint64_t efer, uint64_t cr0)
{
    return (cr0 & CR0_PG) && (efer & EFER_LME) ? efer | EFER_LMA : efer & ~EFER_LMA;
}

/* Does the processor keep four page-directory pointers of its own (SDM vol. 3, 4.4.1)? */
static inline bool cr_has_pdptes(uint64_t cr0, uint64_t cr4, uint64_t efer)
{
    return (cr0 & CR0_PG) && (cr4 & CR4_PAE) && !(efer & EFER_LMA);
}
