/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What must survive the death of a worker (common/keep.h): the requests that were taken from the
 * rings and are not answered yet, how far each ring was read and answered, and the counters of the
 * statistics.
 *
 * Why: answers are given in any order and take the place of requests in the ring. After a crash the
 * ring alone does not tell which requests are open; the ring's two indices and this file do,
 * exactly. The order of the stores is in ring.c.
 */
#pragma once

#include "pv-drivers/backends/blkd/abi.h"
#include "pv-drivers/backends/common/keep.h"

#define STATE_MAGIC 0x646b6c62646e657aull /* "zendblkd" */
#define STATE_VERSION 1u
#define STATE_MAX_QUEUES 32u
#define STATE_MAX_ORDER 4u   /* 16 pages, as much as Linux' back end takes */
#define STATE_MAX_ENTRIES 512u

enum entry_state { ENTRY_FREE, ENTRY_TAKEN, ENTRY_ANSWERED };

/* A request that was taken. `index`: where in the ring, counted without end; `answer`: where the
 * answer is; `redo`: it was open when the process before ended, and nobody has begun with it. */
struct state_entry {
    uint32_t state, index, answer, redo;
    uint8_t raw[112];
};

/* One ring and what identifies it. */
struct state_queue {
    uint32_t req_cons, rsp_prod;
    uint32_t port, pages, refs[1u << STATE_MAX_ORDER];
    struct state_entry entry[STATE_MAX_ENTRIES];
};

/* The counters; `max_inflight` is the most at once, the rest are sums since the disk was
 * attached. */
struct state_counters {
    uint64_t reads, read_sectors, writes, write_sectors, flushes, barriers, discards,
        discard_sectors;
    uint64_t errors, refused, batches, notifications, copied_pages, mapped_grants;
    uint64_t recoveries, recovered_requests, limited, inflight, max_inflight;
};

struct state {
    struct keep keep;
    uint32_t abi, queues;
    struct state_counters counters;
    struct state_queue queue[STATE_MAX_QUEUES];
};

static inline struct state *state_open(const char *path)
{
    return keep_open(path, sizeof(struct state), STATE_MAGIC, STATE_VERSION);
}

static inline const struct state *state_peek(const char *path)
{
    return keep_peek(path, sizeof(struct state), STATE_MAGIC, STATE_VERSION);
}

static inline void state_drop(const struct state *s)
{
    keep_drop(s, sizeof(*s));
}

extern const struct keep_counter state_fields[];
extern const unsigned int state_field_count;
