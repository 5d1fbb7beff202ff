/* SPDX-License-Identifier: BSD-2-Clause */
/* Building block requests. */
#include "pv-drivers/lib/block_request.h"

#include "pv-drivers/lib/text.h"

#define SECTORS_PER_PAGE (PV_PAGE_BYTES / PV_BLOCK_SECTOR)

/* Data begin at the first page's start and leave no gap; the last page may be used in part. */
static void fill_segments(struct blkif_request_segment *segments, const struct pv_block_job *job)
{
    uint32_t left = job->sectors;

    for (unsigned int i = 0; left; i++) {
        uint32_t here = left < SECTORS_PER_PAGE ? left : SECTORS_PER_PAGE;

        segments[i] = (struct blkif_request_segment){.gref = job->refs[i],
                                                     .last_sect = (uint8_t)(here - 1)};
        left -= here;
    }
}

void pv_block_request(union pv_block_request *request, const struct pv_block_job *job)
{
    unsigned int pages = pv_block_pages(job->sectors);

    memset(request, 0, sizeof(*request));
    if (job->operation == BLKIF_OP_DISCARD) {
        request->discard = (struct blkif_request_discard){
            .operation = BLKIF_OP_DISCARD, .handle = job->handle, .id = job->id,
            .sector_number = job->sector, .nr_sectors = job->sectors};
    } else if (pages > BLKIF_MAX_SEGMENTS_PER_REQUEST) {
        request->indirect = (struct blkif_request_indirect){
            .operation = BLKIF_OP_INDIRECT, .indirect_op = job->operation,
            .nr_segments = (uint16_t)pages, .id = job->id, .sector_number = job->sector,
            .handle = job->handle, .indirect_grefs = {job->list_ref}};
        fill_segments(job->list, job);
    } else {
        request->direct = (struct blkif_request){
            .operation = job->operation, .nr_segments = (uint8_t)pages, .handle = job->handle,
            .id = job->id, .sector_number = job->sector};
        fill_segments(request->direct.seg, job);
    }
}
