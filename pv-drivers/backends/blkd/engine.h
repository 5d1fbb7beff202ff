/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One disk's requests, from the rings to the disk and back. No xenstore, no event channels, no
 * waiting: whoever runs it calls engine_run() when something may have happened.
 *
 * What is always true here:
 * - What is taken from a ring is executing, or waits for nothing but a copy from the guest: what
 *   cannot be done now (a barrier before the rest is finished, a rate limit, no free slot) stays in
 *   the ring.
 * - While a barrier executes it is alone, in all rings of the disk. So all open requests are
 *   independent of each other at any moment, and after a crash they may be done again in any order.
 * - Doing a request again is right, because none of the old process' operations is still on its way
 *   (disk->hold) and the guest, not having its answer, may rely neither on the old nor the new
 *   data.
 * - Each entry of a ring is copied once, into the state file; only the copy is looked at.
 */
#pragma once

#include "pv-drivers/backends/blkd/disk.h"
#include "pv-drivers/backends/blkd/grants.h"
#include "pv-drivers/backends/common/limit.h"
#include "pv-drivers/backends/blkd/state.h"

#ifndef ENGINE_SLOTS
#define ENGINE_SLOTS 256u                 /* requests in work at once */
#endif
#define ENGINE_MAX_BYTES (32u << 20) /* of buffers; a request is taken when less is in use */
#define ENGINE_BATCH (2 * REQUEST_MAX_SEGMENTS)

enum step { STEP_FLUSH_FIRST, STEP_DATA, STEP_FLUSH_LAST };

/* A request in work. */
struct slot {
    struct disk_op op; /* first: the disk gives it back */
    struct engine *engine;
    struct slot *next; /* free, or in the batch of copies */
    unsigned int queue, entry, copies;
    enum step step;
    uint8_t *buffer;   /* what is copied; NULL when the guest's pages are used where they are */
    size_t buffer_size;
    struct request request;
    bool copied[REQUEST_MAX_SEGMENTS]; /* this segment is in the buffer */
    struct iovec iov[REQUEST_MAX_SEGMENTS];
};

/* One ring. `shared` is the guest's memory. */
struct ring {
    struct blkif_sring *shared;
    unsigned int size;
    uint32_t told; /* answers the front end was told of, or need not be */
    bool notify;
    unsigned int redo;  /* entries of the state file that are to be done again first */
    uint32_t free_hint; /* where to look for a free entry */
};

struct engine {
    struct disk *disk;
    struct state *state;
    struct grants grants;
    struct limit limit;
    struct ring ring[STATE_MAX_QUEUES];
    unsigned int rings, first; /* whose turn it is */
    unsigned int inflight;
    size_t bytes;
    bool barrier; /* one is executing */
    int waiting;  /* the ring with a barrier that waits for the others to finish, or -1 */
    bool stopping; /* take nothing more */
    const char *broken; /* why this device must be disconnected, or NULL */
    struct slot *slots, *free, *batch, **batch_end;
    unsigned int copies;
    xengnttab_grant_copy_segment_t copy[ENGINE_BATCH];
    uint64_t (*now)(void); /* ns */
    void (*notify)(struct engine *e, unsigned int ring);
};

/* The state file's `abi`, `queues` and identities are set; `shared` has as many rings. False: no
 * memory. */
bool engine_start(struct engine *e, struct disk *disk, struct state *state, void *const *shared);

/* After engine_start: go on where another process ended. False: the rings do not match the state
 * file. */
bool engine_recover(struct engine *e);

/* Take, copy, submit, answer: all that can be done now. Returns nanoseconds after which it wants to
 * be called again although nothing happened, 0: never. e->broken may be set afterwards. */
uint64_t engine_run(struct engine *e);

/* Nothing is in work any more; the rings stay as they are. */
void engine_stop(struct engine *e);

/* ring.c: the rings' side */
enum ring_take { RING_EMPTY, RING_LATER, RING_TAKEN, RING_BROKEN };
/* The next request into a free slot's `request`, `queue` and `entry`. */
enum ring_take ring_take(struct engine *e, unsigned int ring, struct slot *slot);
/* Answer it and forget it. */
void ring_answer(struct engine *e, struct slot *slot, int status);
/* Tell the front end about answers, if it wants to be told. */
void ring_tell(struct engine *e, unsigned int ring);
/* Ask to be told about the next request. True: there is one already. */
bool ring_rest(struct engine *e, unsigned int ring);
bool ring_recover(struct engine *e, unsigned int ring);
