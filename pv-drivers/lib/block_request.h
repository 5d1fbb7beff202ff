/* SPDX-License-Identifier: BSD-2-Clause */
/* Requests of the block protocol (xen/io/blkif.h) as they stand in the ring. */
#pragma once

#include "pv-drivers/lib/abi.h"

#include <xen/io/blkif.h>

#define PV_BLOCK_SECTOR   512u
#define PV_BLOCK_SEGMENTS 32u /* of a page each: the largest request has 128 KiB */

union pv_block_request {
    struct blkif_request direct;
    struct blkif_request_indirect indirect;
    struct blkif_request_discard discard;
};

/* What a request is to do. Sectors have PV_BLOCK_SECTOR bytes. */
struct pv_block_job {
    uint8_t operation; /* BLKIF_OP_READ, _WRITE, _FLUSH_DISKCACHE or _DISCARD */
    blkif_vdev_t handle;
    uint64_t id, sector;
    uint32_t sectors;
    const grant_ref_t *refs; /* READ and WRITE: one page for every eight sectors */
    struct blkif_request_segment *list; /* a page for those that the ring has no room for */
    grant_ref_t list_ref;
};

/* How many pages @sectors need. */
static inline unsigned int pv_block_pages(uint32_t sectors)
{
    return (sectors + PV_PAGE_BYTES / PV_BLOCK_SECTOR - 1) / (PV_PAGE_BYTES / PV_BLOCK_SECTOR);
}

/* Write the request for @job, and its list of segments when there are more than eleven. */
void pv_block_request(union pv_block_request *request, const struct pv_block_job *job);
