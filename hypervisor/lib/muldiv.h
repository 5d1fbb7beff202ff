/* SPDX-License-Identifier: BSD-2-Clause */
/* a * b / c with 128 bits between, for converting counts of one clock to another's. */
#pragma once

#include <stdint.h>

/* (a * b + add) / c rounded down; UINT64_MAX when that does not fit, and for c == 0. */
static inline uint64_t muldiv_add(uint64_t a, uint64_t b, uint64_t add, uint64_t c)
{
    unsigned __int128 product = (unsigned __int128)a * b + add;
    uint64_t high = (uint64_t)(product >> 64), low = (uint64_t)product;

    if (high >= c)
        return UINT64_MAX; /* DIV would fault */
    __asm__("divq %2" : "+a"(low), "+d"(high) : "r"(c) : "cc");
    return low;
}

static inline uint64_t muldiv(uint64_t a, uint64_t b, uint64_t c)
{
    return muldiv_add(a, b, 0, c);
}

/* The same rounded up; c > 0. */
static inline uint64_t muldiv_up(uint64_t a, uint64_t b, uint64_t c)
{
    return muldiv_add(a, b, c - 1, c);
}
