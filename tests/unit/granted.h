/* SPDX-License-Identifier: BSD-2-Clause */
/* The hypervisor's copies between a back end and pages of its guest, which are plain memory: grant
 * n is page n. */
#pragma once

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <xengnttab.h>

#define GRANTED_PAGE 4096u

static uint8_t (*granted_page)[GRANTED_PAGE];
static unsigned int granted_pages;

/* Pages of the back end that it has granted to itself. */
#define GRANTED_OURS  0x10000u
#define GRANTED_OWN   3u /* its domain */
static uint8_t *granted_ours[1u << 16];
static unsigned int granted_next;

__attribute__((unused)) void *xengntshr_share_pages(xengntshr_handle *h, uint32_t domid, int count,
                                                    uint32_t *refs, int writable)
{
    uint8_t *at = aligned_alloc(GRANTED_PAGE, (size_t)count * GRANTED_PAGE);

    (void)h;
    if (domid != GRANTED_OWN || !writable)
        abort();
    for (int i = 0; at && i < count; i++, granted_next = (granted_next + 1) & 0xffff) {
        refs[i] = GRANTED_OURS + granted_next;
        granted_ours[granted_next] = at + (size_t)i * GRANTED_PAGE;
    }
    return at;
}

__attribute__((unused)) int xengntshr_unshare(xengntshr_handle *h, void *at, uint32_t count)
{
    (void)h, (void)count;
    free(at);
    return 0;
}

/* NULL: there is no such grant. */
static uint8_t *granted_side(const union xengnttab_copy_ptr *p, bool by_ref, unsigned int length)
{
    if (!by_ref)
        return p->virt;
    if (p->foreign.offset + length > GRANTED_PAGE)
        abort(); /* never to be asked for */
    if (p->foreign.domid == GRANTED_OWN)
        return granted_ours[p->foreign.ref - GRANTED_OURS] + p->foreign.offset;
    return p->foreign.ref < granted_pages ? granted_page[p->foreign.ref] + p->foreign.offset : NULL;
}

int xengnttab_grant_copy(xengnttab_handle *h, uint32_t count, xengnttab_grant_copy_segment_t *op)
{
    (void)h;
    for (; count; count--, op++) {
        uint8_t *from = granted_side(&op->source, op->flags & GNTCOPY_source_gref, op->len);
        uint8_t *to = granted_side(&op->dest, op->flags & GNTCOPY_dest_gref, op->len);

        if (!(op->flags & (GNTCOPY_source_gref | GNTCOPY_dest_gref)))
            abort();
        op->status = from && to ? GNTST_okay : GNTST_bad_gntref;
        if (from && to)
            memcpy(to, from, op->len);
    }
    return 0;
}
