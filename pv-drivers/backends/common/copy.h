/* SPDX-License-Identifier: BSD-2-Clause */
/* One operation of a batch for xengnttab_grant_copy: between our memory and a part of a granted
 * page. `pages`: what our memory is part of, when it does not leave a page; or NULL. */
#pragma once

#include <string.h>

#include "pv-drivers/backends/common/pages.h"

/* Our side of a copy. Returns: is it by reference? */
static inline bool copy_ours(union xengnttab_copy_ptr *side, void *at, const struct pages *pages)
{
    size_t offset;

    if (!pages || !pages->ref) {
        side->virt = at;
        return false;
    }
    offset = (uint8_t *)at - pages->at;
    side->foreign.ref = pages->ref[offset / PAGES_BYTES];
    side->foreign.offset = offset % PAGES_BYTES;
    side->foreign.domid = pages->own;
    return true;
}

static inline void copy_in(xengnttab_grant_copy_segment_t *op, uint32_t domid, uint32_t ref,
                           unsigned int offset, unsigned int length, void *to,
                           const struct pages *pages)
{
    memset(op, 0, sizeof(*op));
    op->source.foreign.ref = ref;
    op->source.foreign.offset = offset;
    op->source.foreign.domid = domid;
    op->len = length;
    op->flags = GNTCOPY_source_gref | (copy_ours(&op->dest, to, pages) ? GNTCOPY_dest_gref : 0);
}

static inline void copy_out(xengnttab_grant_copy_segment_t *op, uint32_t domid, uint32_t ref,
                            unsigned int offset, unsigned int length, void *from,
                            const struct pages *pages)
{
    memset(op, 0, sizeof(*op));
    op->dest.foreign.ref = ref;
    op->dest.foreign.offset = offset;
    op->dest.foreign.domid = domid;
    op->len = length;
    op->flags = GNTCOPY_dest_gref | (copy_ours(&op->source, from, pages) ? GNTCOPY_source_gref : 0);
}
