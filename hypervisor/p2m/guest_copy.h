/* SPDX-License-Identifier: BSD-2-Clause */
/* The translated half of p2m/copy.c. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "lib/types.h"

enum guest_copy_way { GUEST_COPY_FROM, GUEST_COPY_TO, GUEST_COPY_CLEAR };

/* Between @ours and address @gva of the current, translated guest, with the rights of its kernel.
 * 0 or -EFAULT; then some of it may have been copied. */
int must_check guest_copy(void *ours, uint64_t gva, size_t bytes, enum guest_copy_way way);

struct domain;
/* Between @ours and guest-physical address @gpa of the translated domain @d, within one page. 0 or
 * -EFAULT; then nothing was copied. */
int must_check guest_copy_physical(struct domain *d, void *ours, uint64_t gpa, size_t bytes,
                                   enum guest_copy_way way);
