/* SPDX-License-Identifier: BSD-2-Clause */
/* One CPU's trace buffer (xen/trace.h): records go in here, the control domain takes them out. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "abi/xen.h"
#include "lib/types.h"

#include <xen/trace.h>

struct trace_ring {
    struct t_buf *shared;  /* (c) with the reader: what it says is not to be believed */
    uint8_t *data;         /* (c) behind that */
    uint32_t bytes;        /* (c) of data, a multiple of 4 */
    uint32_t prod;         /* (o) ours of shared->prod: below 2 * bytes */
    uint32_t lost;         /* (o) records that did not fit since the last that did */
    uint64_t lost_tsc;     /* (o) when that began */
};

/* @bytes of memory at @page become an empty buffer. */
void trace_ring_init(struct trace_ring *r, void *page, uint32_t bytes);

/* Enter a record of @count words (TRACE_EXTRA_MAX at most). True when the buffer has just become
 * half full: the reader wants to know. Not two at once; interrupts off. */
bool trace_ring_put(struct trace_ring *r, uint32_t event, uint64_t tsc, const uint32_t *words,
                    unsigned int count);
