/* SPDX-License-Identifier: BSD-2-Clause */
/* A front end's request: out of the ring's bytes, and whether the disk may do it. */
#pragma once

#include <stdbool.h>

#include "pv-drivers/backends/blkd/abi.h"

/* What we offer as feature-max-indirect-segments; 1 MiB. */
#define REQUEST_MAX_SEGMENTS 256u

/* What the check needs to know of a disk; sizes in bytes, `sectors` of ABI_SECTOR bytes. */
struct request_limits {
    uint64_t sectors;
    unsigned int sector_size;
    bool read_only, discard;
};

struct request {
    uint8_t op; /* BLKIF_OP_*: what to do and to answer; of an indirect request its inner one, as
                 * Linux' front end checks */
    bool indirect;         /* segments are in pages of their own */
    uint8_t flag;          /* of a discard */
    unsigned int segments; /* 0 for a discard and a bare flush */
    uint64_t id;           /* the guest's, told back */
    uint64_t sector, sectors;
    grant_ref_t pages[BLKIF_MAX_INDIRECT_PAGES_PER_REQUEST];
    struct blkif_request_segment segment[REQUEST_MAX_SEGMENTS];
};

/* Bytes of one entry in a ring of this kind, and how many entries a ring of so many bytes has. */
unsigned int request_stride(enum abi_kind kind);
unsigned int request_ring_size(enum abi_kind kind, unsigned int bytes);

/*
 * Take apart a private copy of an entry. Everything but the segments of an indirect request is then
 * in *r; the counts are the guest's and unchecked, though never more than the structure holds.
 * `sectors` is a discard's.
 */
void request_decode(enum abi_kind kind, const void *entry, struct request *r);

/* Pages of descriptors that an indirect request names; 0 for others. Right only after
 * request_check_head. */
unsigned int request_pages(const struct request *r);

/* BLKIF_RSP_OKAY, or the answer: what can be said before the segments of an indirect request are
 * there. */
int request_check_head(const struct request *r, const struct request_limits *limits);

/* The same for the segments; leaves the sum of their sectors in r->sectors. */
int request_check_body(struct request *r, const struct request_limits *limits);

/* Write an answer of a ring's kind. */
void request_answer(enum abi_kind kind, void *entry, const struct request *r, int status);

static inline bool request_writes(const struct request *r)
{
    return r->op != BLKIF_OP_READ;
}
