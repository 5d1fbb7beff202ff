/* SPDX-License-Identifier: BSD-2-Clause */
/* Sorting in place. */
#pragma once

#include "lib/types.h"

/*
 * Sorts `count` elements of `size` bytes so that compare(earlier, later) <= 0. Heapsort: no memory
 * and n log n steps whatever the input; equal elements may change places.
 */
void sort(void *base, size_t count, size_t size, int (*compare)(const void *a, const void *b));
