/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Pages that a back end may use for as long as a device is open. Data are copied from and to them:
 * the back end never sees a caller's memory, what it changes later changes nothing, and the same
 * grants serve all requests, which is what back ends with persistent grants want.
 */
#pragma once

#include "pv-drivers/lib/abi.h"

#include <xen/grant_table.h>

#define PV_BUFFERS_MAX 128u

struct pv_buffers {
    uint8_t *pages;
    unsigned int count, free_count;
    uint16_t free[PV_BUFFERS_MAX]; /* a stack: the page used last is used next */
    grant_ref_t ref[PV_BUFFERS_MAX];
};

/* Make @count pages that @domain may read and write. */
int pv_buffers_open(struct pv_buffers *buffers, domid_t domain, unsigned int count) PV_MUST_CHECK;

/* Take the grants back. -XEN_EBUSY when the back end holds on to some: the pages are then lost, for
 * it could write there at any time. */
int pv_buffers_close(struct pv_buffers *buffers);

/* A page that nobody uses, by number, or -XEN_EAGAIN. */
int pv_buffers_take(struct pv_buffers *buffers) PV_MUST_CHECK;
void pv_buffers_put(struct pv_buffers *buffers, unsigned int page);

static inline void *pv_buffers_page(const struct pv_buffers *buffers, unsigned int page)
{
    return buffers->pages + (size_t)page * PV_PAGE_BYTES;
}
