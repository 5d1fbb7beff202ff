/* SPDX-License-Identifier: BSD-2-Clause */
/* Single bits of 64-bit words, and bits of word arrays; none of it is atomic. */
#pragma once

#include "lib/types.h"

#define BITS_PER_WORD 64U
#define WORDS_FOR_BITS(count) (((count) + BITS_PER_WORD - 1) / BITS_PER_WORD)

/* Index of the lowest set bit; `x` must not be 0. */
static inline unsigned int bit_first(uint64_t x)
{
    return (unsigned int)__builtin_ctzll(x);
}

/* Index of the highest set bit; `x` must not be 0. */
static inline unsigned int bit_last(uint64_t x)
{
    return 63U - (unsigned int)__builtin_clzll(x);
}

/* Find last set, counting from 1; 0 when no bit is set. */
static inline unsigned int fls(uint64_t x)
{
    return x ? bit_last(x) + 1 : 0;
}

/* Floor of the base-2 logarithm; `x` must not be 0. */
static inline unsigned int ilog2(uint64_t x)
{
    return bit_last(x);
}

static inline bool is_power_of_2(uint64_t x)
{
    return x && !(x & (x - 1));
}

/* Number of set bits. Written out because POPCNT may be absent and libgcc is never linked. */
static inline unsigned int bit_count(uint64_t x)
{
    x -= (x >> 1) & 0x5555555555555555ULL;
    x = (x & 0x3333333333333333ULL) + ((x >> 2) & 0x3333333333333333ULL);
    x = (x + (x >> 4)) & 0x0f0f0f0f0f0f0f0fULL;
    return (unsigned int)((x * 0x0101010101010101ULL) >> 56);
}

/* Smallest order with (4096 << order) >= bytes; 0 for 0 bytes. */
static inline unsigned int order_of(uint64_t bytes)
{
    return bytes <= 4096 ? 0 : fls((bytes - 1) >> 12);
}

/* A mask of the `count` (0..64) lowest bits. */
static inline uint64_t bits_low(unsigned int count)
{
    return count >= 64 ? ~0ULL : BIT(count) - 1;
}

static inline bool bit_test(const uint64_t *words, size_t n)
{
    return (words[n / BITS_PER_WORD] >> (n % BITS_PER_WORD)) & 1;
}

static inline void bit_set(uint64_t *words, size_t n)
{
    words[n / BITS_PER_WORD] |= BIT(n % BITS_PER_WORD);
}

static inline void bit_clear(uint64_t *words, size_t n)
{
    words[n / BITS_PER_WORD] &= ~BIT(n % BITS_PER_WORD);
}

/* Sets or clears a bit and tells what it was before. */
static inline bool bit_test_and_set(uint64_t *words, size_t n)
{
    bool was = bit_test(words, n);
    bit_set(words, n);
    return was;
}

static inline bool bit_test_and_clear(uint64_t *words, size_t n)
{
    bool was = bit_test(words, n);
    bit_clear(words, n);
    return was;
}
