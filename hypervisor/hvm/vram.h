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
};

/*
 * XEN_DMOP_track_dirty_vram: write a bitmap of the @count frames from @first on to @gva of the
 * caller (bit set: written since the last call; all are the first time), and watch them from now
 * on, these and no others. @count 0: watch none. A watched frame is of type P2M_RAM_LOGDIRTY until
 * it is written. -ERESTART, -EFAULT, -ENOMEM. @d's control lock is held.
 */
int must_check vram_track(struct domain *d, uint64_t first, uint64_t count, uint64_t gva);

/* The device model wrote to frames itself: those that are watched are dirty. */
void vram_modified(struct domain *d, uint64_t first, uint64_t count);

/* The current vCPU wrote to @gfn, which could not be written. True: it can now. */
bool vram_written(struct domain *d, uint64_t gfn);
