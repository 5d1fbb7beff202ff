/* SPDX-License-Identifier: BSD-2-Clause */
#include "pv-drivers/backends/blkd/request.h"

#include <string.h>

unsigned int request_stride(enum abi_kind kind)
{
    return kind == ABI_X86_32 ? sizeof(union x86_32_blkif_sring_entry)
                              : sizeof(union blkif_sring_entry);
}

unsigned int request_ring_size(enum abi_kind kind, unsigned int bytes)
{
    static const struct x86_32_blkif_sring like_32;
    static const struct blkif_sring like_64;

    return kind == ABI_X86_32 ? __RING_SIZE(&like_32, bytes) : __RING_SIZE(&like_64, bytes);
}

static unsigned int least(unsigned int a, unsigned int b)
{
    return a < b ? a : b;
}

/* The same words for both layouts: P is what stands before their structures' names. */
#define DECODE(P)                                                                                  \
    static void P##decode(const void *entry, struct request *r)                                    \
    {                                                                                              \
        const struct P##blkif_request *plain = entry;                                              \
        const struct P##blkif_request_discard *discard = entry;                                    \
        const struct P##blkif_request_indirect *indirect = entry;                                  \
                                                                                                   \
        r->op = plain->operation;                                                                  \
        r->indirect = r->op == BLKIF_OP_INDIRECT;                                                  \
        r->flag = 0;                                                                               \
        r->segments = 0;                                                                           \
        r->sectors = 0;                                                                            \
        r->id = plain->id;                                                                         \
        r->sector = plain->sector_number;                                                          \
        if (r->indirect) {                                                                         \
            r->op = indirect->indirect_op;                                                         \
            r->segments = indirect->nr_segments;                                                   \
            memcpy(r->pages, indirect->indirect_grefs, sizeof(r->pages));                          \
        } else if (r->op == BLKIF_OP_DISCARD) {                                                    \
            r->flag = discard->flag;                                                               \
            r->sectors = discard->nr_sectors;                                                      \
        } else {                                                                                   \
            r->segments = plain->nr_segments;                                                      \
            memcpy(r->segment, plain->seg,                                                         \
                   least(r->segments, BLKIF_MAX_SEGMENTS_PER_REQUEST) * sizeof(r->segment[0]));    \
        }                                                                                          \
    }                                                                                              \
    static void P##answer(void *entry, const struct request *r, int status)                        \
    {                                                                                              \
        struct P##blkif_response *answer = entry;                                                  \
                                                                                                   \
        answer->id = r->id;                                                                        \
        answer->operation = r->op;                                                                 \
        answer->status = status;                                                                   \
    }
DECODE()
DECODE(x86_32_)

void request_decode(enum abi_kind kind, const void *entry, struct request *r)
{
    (kind == ABI_X86_32 ? x86_32_decode : decode)(entry, r);
}

void request_answer(enum abi_kind kind, void *entry, const struct request *r, int status)
{
    (kind == ABI_X86_32 ? x86_32_answer : answer)(entry, r, status);
}

unsigned int request_pages(const struct request *r)
{
    const unsigned int each = ABI_PAGE / sizeof(r->segment[0]);

    return r->indirect ? (r->segments + each - 1) / each : 0;
}

/* Does the range lie on the disk, in whole sectors of its own? */
static bool on_disk(const struct request_limits *limits, uint64_t sector, uint64_t sectors)
{
    uint64_t own = limits->sector_size / ABI_SECTOR;

    return sector <= limits->sectors && sectors <= limits->sectors - sector && sector % own == 0 &&
           sectors % own == 0;
}

int request_check_head(const struct request *r, const struct request_limits *limits)
{
    switch (r->op) {
    case BLKIF_OP_READ:
        break;
    case BLKIF_OP_WRITE:
    case BLKIF_OP_WRITE_BARRIER:
        if (limits->read_only)
            return BLKIF_RSP_ERROR;
        break;
    case BLKIF_OP_FLUSH_DISKCACHE:
        if (r->segments && limits->read_only)
            return BLKIF_RSP_ERROR;
        break;
    case BLKIF_OP_DISCARD:
        /* an indirect one does not exist; what cannot be erased for good must not look as if it
         * were */
        if (r->indirect || (r->flag & BLKIF_DISCARD_SECURE) || !limits->discard)
            return BLKIF_RSP_EOPNOTSUPP;
        return limits->read_only || !on_disk(limits, r->sector, r->sectors) ? BLKIF_RSP_ERROR
                                                                            : BLKIF_RSP_OKAY;
    default:
        return BLKIF_RSP_EOPNOTSUPP;
    }
    if (r->indirect && r->op != BLKIF_OP_READ && r->op != BLKIF_OP_WRITE)
        return BLKIF_RSP_EOPNOTSUPP;
    if (r->segments > (r->indirect ? REQUEST_MAX_SEGMENTS : BLKIF_MAX_SEGMENTS_PER_REQUEST))
        return BLKIF_RSP_ERROR;
    /* only what flushes may be without data */
    if (!r->segments && r->op != BLKIF_OP_FLUSH_DISKCACHE && r->op != BLKIF_OP_WRITE_BARRIER)
        return BLKIF_RSP_ERROR;
    return BLKIF_RSP_OKAY;
}

int request_check_body(struct request *r, const struct request_limits *limits)
{
    if (r->op == BLKIF_OP_DISCARD)
        return BLKIF_RSP_OKAY;
    r->sectors = 0;
    for (unsigned int i = 0; i < r->segments; i++) {
        const struct blkif_request_segment *s = &r->segment[i];

        if (s->last_sect < s->first_sect || s->last_sect >= ABI_PAGE_SECTORS)
            return BLKIF_RSP_ERROR;
        r->sectors += s->last_sect - s->first_sect + 1u;
    }
    return !r->segments || on_disk(limits, r->sector, r->sectors) ? BLKIF_RSP_OKAY
                                                                  : BLKIF_RSP_ERROR;
}
