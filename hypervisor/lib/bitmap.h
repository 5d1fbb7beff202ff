/* SPDX-License-Identifier: BSD-2-Clause */
/* Bitmaps of a size known at run time, in 64-bit words; sizes and positions count bits. */
#pragma once

#include "lib/bits.h"

/* Index of the first set (zero) bit at or after `from`, or `size` when there is none. */
size_t bitmap_next_set(const uint64_t *map, size_t size, size_t from);
size_t bitmap_next_zero(const uint64_t *map, size_t size, size_t from);

/* Start of the first run of `count` zero bits at or after `from`, or `size`. */
size_t bitmap_next_zero_run(const uint64_t *map, size_t size, size_t from, size_t count);

/* Sets or clears `count` bits from `first`. */
void bitmap_set_range(uint64_t *map, size_t first, size_t count);
void bitmap_clear_range(uint64_t *map, size_t first, size_t count);

/* Whole words; bits above `size` in the last word are copied or cleared with the rest. */
void bitmap_zero(uint64_t *map, size_t size);
void bitmap_copy(uint64_t *to, const uint64_t *from, size_t size);
void bitmap_and(uint64_t *to, const uint64_t *a, const uint64_t *b, size_t size);
void bitmap_or(uint64_t *to, const uint64_t *a, const uint64_t *b, size_t size);
void bitmap_and_not(uint64_t *to, const uint64_t *a, const uint64_t *b, size_t size);

/* These look at the first `size` bits only. */
size_t bitmap_weight(const uint64_t *map, size_t size);
bool bitmap_is_empty(const uint64_t *map, size_t size);
bool bitmap_is_full(const uint64_t *map, size_t size);
bool bitmap_is_equal(const uint64_t *a, const uint64_t *b, size_t size);

#define bitmap_for_each_set(n, map, size)                                   \
    for ((n) = bitmap_next_set(map, size, 0); (n) < (size); \
         (n) = bitmap_next_set(map, size, (n) + 1))
