/* SPDX-License-Identifier: BSD-2-Clause */
/* Array indexes chosen by a guest, safe even on a mispredicted path. */
#pragma once

#include <stdint.h>

/*
 * @index when it is below @count, else 0; computed without a branch, so that a CPU running ahead of
 * the bounds check before it cannot load from outside the array (bounds-check bypass, SDM vol. 1
 * guidance "speculative execution side channels"). @index must have been checked already.
 */
static inline uint64_t index_clamp(uint64_t index, uint64_t count)
{
    uint64_t mask;

    __asm__("cmp %2, %1; sbb %0, %0" : "=r"(mask) : "r"(index), "g"(count) : "cc");
    return index & mask;
}
