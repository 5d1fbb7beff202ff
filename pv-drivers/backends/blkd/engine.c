/* SPDX-License-Identifier: BSD-2-Clause */
#include "pv-drivers/backends/blkd/engine.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "pv-drivers/backends/common/copy.h"

static void step(struct slot *slot);

static void finish(struct slot *slot, int status)
{
    struct engine *e = slot->engine;

    ring_answer(e, slot, status);
    if (slot->request.op == BLKIF_OP_WRITE_BARRIER)
        e->barrier = false;
    free(slot->buffer);
    e->bytes -= slot->buffer_size;
    slot->buffer = NULL;
    slot->buffer_size = 0;
    slot->next = e->free;
    e->free = slot;
    e->inflight--;
    e->state->counters.inflight = e->inflight;
}

/* All copies that wait, in one call; then what waited for them goes on. */
static void batch_run(struct engine *e)
{
    struct slot *slot = e->batch, *next;
    const xengnttab_grant_copy_segment_t *op = e->copy;
    bool failed;

    if (!slot)
        return;
    failed = xengnttab_grant_copy(e->grants.handle, e->copies, e->copy) < 0;
    e->state->counters.batches++;
    e->state->counters.copied_pages += e->copies;
    e->batch = NULL;
    e->batch_end = &e->batch;
    e->copies = 0;
    for (; slot; slot = next) {
        bool good = !failed;

        next = slot->next;
        for (unsigned int i = 0; i < slot->copies; i++, op++)
            good &= op->status == GNTST_okay;
        if (!good)
            finish(slot, BLKIF_RSP_ERROR);
        else if (request_writes(&slot->request))
            step(slot);
        else
            finish(slot, BLKIF_RSP_OKAY);
    }
}

/* Put the copies of one request, between its buffer and the guest's pages, into the batch. */
static void batch_add(struct slot *slot)
{
    struct engine *e = slot->engine;
    bool in = request_writes(&slot->request);
    uint8_t *at = slot->buffer;

    if (e->copies + slot->request.segments > ENGINE_BATCH)
        batch_run(e);
    slot->copies = 0;
    for (unsigned int i = 0; i < slot->request.segments; i++) {
        const struct blkif_request_segment *s = &slot->request.segment[i];
        unsigned int length = (s->last_sect - s->first_sect + 1u) * ABI_SECTOR;

        if (!slot->copied[i])
            continue;
        (in ? copy_in : copy_out)(&e->copy[e->copies + slot->copies++], e->grants.domid, s->gref,
                                  s->first_sect * ABI_SECTOR, length, at, NULL);
        at += length;
    }
    e->copies += slot->copies;
    slot->next = NULL;
    *e->batch_end = slot;
    e->batch_end = &slot->next;
}

/* Where the data of a request is: in kept pages of the guest, or in a buffer. False: no memory. */
static bool data_place(struct slot *slot)
{
    struct engine *e = slot->engine;
    uint32_t ref[REQUEST_MAX_SEGMENTS];
    void *page[REQUEST_MAX_SEGMENTS];
    size_t copied = 0;
    uint8_t *at;

    for (unsigned int i = 0; i < slot->request.segments; i++)
        ref[i] = slot->request.segment[i].gref;
    grants_pages(&e->grants, ref, slot->request.segments, page);
    for (unsigned int i = 0; i < slot->request.segments; i++) {
        const struct blkif_request_segment *s = &slot->request.segment[i];

        slot->iov[i].iov_len = (s->last_sect - s->first_sect + 1u) * ABI_SECTOR;
        slot->iov[i].iov_base =
            page[i] ? (uint8_t *)page[i] + s->first_sect * ABI_SECTOR : NULL;
        slot->copied[i] = !page[i];
        copied += page[i] ? 0 : slot->iov[i].iov_len;
    }
    if (!copied)
        return true;
    slot->buffer = aligned_alloc(ABI_PAGE, (copied + ABI_PAGE - 1) & ~(size_t)(ABI_PAGE - 1));
    if (!slot->buffer)
        return false;
    slot->buffer_size = copied;
    e->bytes += copied;
    at = slot->buffer;
    for (unsigned int i = 0; i < slot->request.segments; i++)
        if (slot->copied[i]) {
            slot->iov[i].iov_base = at;
            at += slot->iov[i].iov_len;
        }
    return true;
}

/* Give the disk the next thing to do for a request. */
static void step(struct slot *slot)
{
    const struct request *r = &slot->request;
    struct engine *e = slot->engine;

    if (slot->step != STEP_DATA)
        slot->op.kind = DISK_FLUSH;
    else if (r->op == BLKIF_OP_DISCARD)
        slot->op.kind = DISK_DISCARD;
    else
        slot->op.kind = r->op == BLKIF_OP_READ ? DISK_READ : DISK_WRITE;
    slot->op.offset = r->sector * ABI_SECTOR;
    slot->op.length = r->sectors * ABI_SECTOR;
    slot->op.iov = slot->iov;
    slot->op.iov_count = r->segments;
    e->disk->submit(e->disk, &slot->op);
}

static bool flushes(const struct request *r)
{
    return r->op == BLKIF_OP_FLUSH_DISKCACHE || r->op == BLKIF_OP_WRITE_BARRIER;
}

static void done(struct disk_op *op, int result)
{
    struct slot *slot = (struct slot *)op;
    const struct request *r = &slot->request;

    if (result < 0) {
        finish(slot, result == -EOPNOTSUPP ? BLKIF_RSP_EOPNOTSUPP : BLKIF_RSP_ERROR);
    } else if (flushes(r) && r->segments && slot->step != STEP_FLUSH_LAST) {
        slot->step++;
        step(slot);
    } else if (r->op == BLKIF_OP_READ && slot->buffer) {
        batch_add(slot);
    } else {
        finish(slot, BLKIF_RSP_OKAY);
    }
}

static void count(struct state_counters *c, const struct request *r)
{
    switch (r->op) {
    case BLKIF_OP_READ: c->reads++, c->read_sectors += r->sectors; return;
    case BLKIF_OP_DISCARD: c->discards++, c->discard_sectors += r->sectors; return;
    case BLKIF_OP_FLUSH_DISKCACHE: c->flushes++; break;
    case BLKIF_OP_WRITE_BARRIER: c->barriers++; break;
    default: c->writes++;
    }
    c->write_sectors += r->sectors;
}

/* The descriptors of an indirect request, from the guest's pages, once. */
static bool descriptors(struct slot *slot)
{
    xengnttab_grant_copy_segment_t op[BLKIF_MAX_INDIRECT_PAGES_PER_REQUEST];
    struct request *r = &slot->request;
    struct engine *e = slot->engine;
    unsigned int copies = 0, left = r->segments * sizeof(r->segment[0]);
    uint8_t *to = (uint8_t *)r->segment;
    void *page[BLKIF_MAX_INDIRECT_PAGES_PER_REQUEST];

    grants_pages(&e->grants, r->pages, request_pages(r), page);
    for (unsigned int i = 0; i < request_pages(r); i++) {
        unsigned int length = left < ABI_PAGE ? left : ABI_PAGE;

        if (page[i])
            memcpy(to, page[i], length);
        else
            copy_in(&op[copies++], e->grants.domid, r->pages[i], 0, length, to, NULL);
        to += length;
        left -= length;
    }
    __atomic_thread_fence(__ATOMIC_ACQ_REL);
    if (copies && xengnttab_grant_copy(e->grants.handle, copies, op) < 0)
        return false;
    while (copies)
        if (op[--copies].status != GNTST_okay)
            return false;
    return true;
}

/* A request was taken: check it, and begin with it. */
static void begin(struct slot *slot)
{
    struct engine *e = slot->engine;
    struct request *r = &slot->request;
    int status = request_check_head(r, &e->disk->limits);

    e->inflight++;
    e->state->counters.inflight = e->inflight;
    if (e->inflight > e->state->counters.max_inflight)
        e->state->counters.max_inflight = e->inflight;
    e->barrier = r->op == BLKIF_OP_WRITE_BARRIER;
    if (status == BLKIF_RSP_OKAY && r->indirect && !descriptors(slot))
        status = BLKIF_RSP_ERROR;
    if (status == BLKIF_RSP_OKAY)
        status = request_check_body(r, &e->disk->limits);
    if (status == BLKIF_RSP_OKAY && r->segments && !data_place(slot))
        status = BLKIF_RSP_ERROR;
    if (status != BLKIF_RSP_OKAY) {
        e->state->counters.refused++;
        finish(slot, status);
        return;
    }
    count(&e->state->counters, r);
    limit_charge(&e->limit, r->op == BLKIF_OP_DISCARD ? 0 : r->sectors * ABI_SECTOR);
    slot->step = flushes(r) ? STEP_FLUSH_FIRST : STEP_DATA;
    if (slot->buffer && request_writes(r))
        batch_add(slot);
    else
        step(slot);
}

/* Take what is in one ring, up to its size. True: there is more. */
static bool take(struct engine *e, unsigned int ring, uint64_t *wait)
{
    for (unsigned int i = 0; i < e->ring[ring].size; i++) {
        struct slot *slot = e->free;

        if (!slot || e->barrier || e->stopping || e->bytes >= ENGINE_MAX_BYTES ||
            (e->waiting >= 0 && e->waiting != (int)ring))
            return false; /* looked at again when something is finished */
        if ((e->limit.iops || e->limit.bytes) && (*wait = limit_wait(&e->limit, e->now()))) {
            e->state->counters.limited++;
            return false;
        }
        e->waiting = -1;
        switch (ring_take(e, ring, slot)) {
        case RING_EMPTY: return ring_rest(e, ring);
        case RING_LATER: e->waiting = ring; return false;
        case RING_BROKEN: e->broken = "the indices of the ring are out of bounds"; return false;
        case RING_TAKEN: break;
        }
        e->free = slot->next;
        begin(slot);
    }
    return true;
}

uint64_t engine_run(struct engine *e)
{
    uint64_t wait = 0;
    bool more = true;

    batch_run(e); /* what was read */
    while (more && !e->broken) {
        more = false;
        for (unsigned int i = 0; i < e->rings && !e->broken; i++)
            more |= take(e, (e->first + i) % e->rings, &wait);
        e->first = (e->first + 1) % e->rings;
        batch_run(e);
    }
    for (unsigned int i = 0; i < e->rings; i++)
        ring_tell(e, i);
    return wait;
}

bool engine_start(struct engine *e, struct disk *disk, struct state *state, void *const *shared)
{
    e->disk = disk;
    e->state = state;
    e->rings = state->queues;
    e->broken = NULL;
    e->waiting = -1;
    e->batch_end = &e->batch;
    e->slots = calloc(ENGINE_SLOTS, sizeof(*e->slots));
    if (!e->slots)
        return false;
    for (unsigned int i = 0; i < ENGINE_SLOTS; i++) {
        e->slots[i].engine = e;
        e->slots[i].op.done = done;
        e->slots[i].next = e->free;
        e->free = &e->slots[i];
    }
    for (unsigned int i = 0; i < e->rings; i++)
        e->ring[i] = (struct ring){
            .shared = shared[i],
            .size = request_ring_size(state->abi, state->queue[i].pages * ABI_PAGE),
        };
    return true;
}

bool engine_recover(struct engine *e)
{
    e->state->counters.recoveries++;
    for (unsigned int i = 0; i < e->rings; i++)
        if (!ring_recover(e, i))
            return false;
    return true;
}

void engine_stop(struct engine *e)
{
    free(e->slots);
    e->slots = e->free = NULL;
    e->rings = 0;
    e->state->counters.inflight = 0;
}
