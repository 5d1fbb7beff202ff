/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The arguments of a 32-bit guest's hypercall as a handler sees them that knows 64-bit layouts
 * only: at addresses that such a guest does not have (above 4 GiB) stand the structure, widened,
 * and lists of words, widened one by one as they are read and cut off as they are written.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "lib/types.h"
#include "p2m/guest_copy.h"

#define COMPAT_VA         (1ULL << 40)                      /* of the structure */
#define COMPAT_LIST_VA(n) (COMPAT_VA * (2 + (uint64_t)(n))) /* of list @n */
#define COMPAT_LISTS      2

struct compat_view {
    uint8_t *bytes; /* the structure */
    uint32_t size;
    uint32_t lists[COMPAT_LISTS]; /* guest addresses of their first words */
};

/* guest_copy() for addresses from 4 GiB on. Lists in whole elements of 8 bytes. -EFAULT. */
int must_check compat_view_copy(const struct compat_view *view, void *ours, uint64_t gva,
                                size_t bytes, enum guest_copy_way way);
