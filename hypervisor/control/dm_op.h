/* SPDX-License-Identifier: BSD-2-Clause */
/* Private to dm_op: what its operations work on. */
#pragma once

#include "abi/xen.h"
#include "lib/types.h"

#include <xen/hvm/dm_op.h>

struct domain;

/* One call: @op is a private copy, which goes back to the caller when the table says so and the
 * operation has succeeded or is to be made again (-ERESTART). */
struct dm_call {
    struct domain *d;          /* the guest, translated */
    struct xen_dm_op op;
    struct xen_dm_op_buf data; /* the second buffer, of size 0 if there is none */
};

/* dm_memory.c */
long dm_track_dirty_vram(struct dm_call *c);
long dm_modified_memory(struct dm_call *c);
long dm_set_mem_type(struct dm_call *c);
long dm_map_mem_type(struct dm_call *c);
long dm_relocate_memory(struct dm_call *c);
long dm_pin_memory_cacheattr(struct dm_call *c);
