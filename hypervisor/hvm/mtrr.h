/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory type range registers of a hardware-assisted vCPU (SDM vol. 3, 12.11), and PAT values. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "abi/xen.h"
#include "lib/types.h"

#include <xen/hvm/save.h>

/* IA32_MTRR_DEF_TYPE of firmware that leaves everything write-back: enabled, type 6. */
#define MTRR_ALL_WB 0x806u
/* IA32_PAT with which nothing but the MTRRs, or the frame table in their place, counts. */
#define PAT_ALL_WB 0x0606060606060606ULL

/* Is @msr one of them? Then read, and write: -EINVAL for the guest's #GP. @physical_bits: width of
 * the guest's physical addresses. */
bool mtrr_is_msr(uint32_t msr);
uint64_t mtrr_read(const struct hvm_hw_mtrr *m, uint32_t msr);
int must_check mtrr_write(struct hvm_hw_mtrr *m, uint32_t msr, uint64_t value,
                          unsigned int physical_bits);

/* Power-on values: all uncacheable but PAT's. */
void mtrr_init(struct hvm_hw_mtrr *m);
/* Could a guest have written all of @m? For state that comes from outside. */
bool mtrr_is_valid(const struct hvm_hw_mtrr *m, unsigned int physical_bits);

/* Is @value one that IA32_PAT takes? */
bool mtrr_pat_is_valid(uint64_t value);

/*
 * The PAT to run a guest with that has set @pat. Without devices of the machine no memory type is
 * of use to it; then its frame table alone says what counts, and what others write to the same
 * memory, all by way of the caches, is what it sees.
 */
static inline uint64_t mtrr_pat_in_force(uint64_t pat, bool has_devices)
{
    return has_devices ? pat : PAT_ALL_WB;
}
