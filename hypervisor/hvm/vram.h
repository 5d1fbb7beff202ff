/* SPDX-License-Identifier: BSD-2-Clause */
/* Which frames of a video memory a guest has written since it was last asked. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/types.h"

struct domain;

struct vram {
    uint64_t first, count; /* (r) [control_lock] frames that are watched; none: count 0 */
    uint64_t next;         /* (r) [control_lock] the frame to go on from in a stopped call */
    bool is_new;           /* (r) [control_lock] nobody has been told anything of them yet */
};

/*
 * XEN_DMOP_track_dirty_vram: write a bitmap of the @count frames from @first on to @gva of the
 * caller (bit set: written since the last call; all are the first time), and watch them from now
 * on, these and no others (p2m/written.h). @count 0: watch none. -ERESTART, -EFAULT. @d's control
 * lock is held.
 */
int must_check vram_track(struct domain *d, uint64_t first, uint64_t count, uint64_t gva);
