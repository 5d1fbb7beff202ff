/* SPDX-License-Identifier: BSD-2-Clause */
/* One operation of a batch for xengnttab_grant_copy: between our memory and a part of a granted
 * page. */
#pragma once

#include <string.h>
#include <xengnttab.h>

static inline void copy_in(xengnttab_grant_copy_segment_t *op, uint32_t domid, uint32_t ref,
                           unsigned int offset, unsigned int length, void *to)
{
    memset(op, 0, sizeof(*op));
    op->source.foreign.ref = ref;
    op->source.foreign.offset = offset;
    op->source.foreign.domid = domid;
    op->dest.virt = to;
    op->len = length;
    op->flags = GNTCOPY_source_gref;
}

static inline void copy_out(xengnttab_grant_copy_segment_t *op, uint32_t domid, uint32_t ref,
                            unsigned int offset, unsigned int length, void *from)
{
    memset(op, 0, sizeof(*op));
    op->source.virt = from;
    op->dest.foreign.ref = ref;
    op->dest.foreign.offset = offset;
    op->dest.foreign.domid = domid;
    op->len = length;
    op->flags = GNTCOPY_dest_gref;
}
