/* SPDX-License-Identifier: BSD-2-Clause */
/* Bitmaps of CPUs and nodes as domctl and sysctl carry them (xen/xen.h, struct xenctl_bitmap). */
#pragma once

#include "abi/xen.h"
#include "lib/cpumask.h"
#include "lib/types.h"

#include <xen/domctl.h>

/* Read a guest's bitmap; bits it has no room for are clear, those we have no CPU for ignored.
 * -EFAULT. */
int must_check cpu_bitmap_read(struct cpumask *to, const struct xenctl_bitmap *from);
/* Write a set, cut to the guest's room; the rest of it is cleared. -EFAULT. */
int must_check cpu_bitmap_write(const struct xenctl_bitmap *to, const struct cpumask *from);
