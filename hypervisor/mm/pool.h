/* SPDX-License-Identifier: BSD-2-Clause */
/* Small objects, from frames of the heap. */
#pragma once

#include <stddef.h>

#include "lib/types.h"

/* Zeroed memory of @bytes (any size; aligned to min(64, next power of two), whole pages above
 * 2 KiB page-aligned). NULL when there is none. Takes locks of level >= 128. */
void *must_check pool_alloc(size_t bytes);

/* Give back what pool_alloc() returned; NULL is fine. */
void pool_free(void *p);

#define pool_new(type) ((type *)pool_alloc(sizeof(type)))
#define pool_array(type, n) ((type *)pool_alloc_array(n, sizeof(type)))
/* pool_alloc(n * bytes) with overflow check. */
void *must_check pool_alloc_array(size_t n, size_t bytes);
