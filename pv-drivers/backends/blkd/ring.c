/* SPDX-License-Identifier: BSD-2-Clause */
#include "pv-drivers/backends/blkd/engine.h"

#include <string.h>

static uint32_t shared_load(const RING_IDX *at)
{
    return __atomic_load_n(at, __ATOMIC_ACQUIRE);
}

static void *entry_of(const struct engine *e, unsigned int ring, uint32_t index)
{
    const struct ring *r = &e->ring[ring];

    return (uint8_t *)r->shared + offsetof(struct blkif_sring, ring) +
           (size_t)(index & (r->size - 1)) * request_stride(e->state->abi);
}

/* A free entry of the state file. There is one: at most `size` requests are open. */
static unsigned int entry_free(const struct state_queue *s, struct ring *r)
{
    unsigned int i = r->free_hint;

    while (s->entry[i].state != ENTRY_FREE)
        i = (i + 1) & (r->size - 1);
    r->free_hint = (i + 1) & (r->size - 1);
    return i;
}

/* After a crash: the oldest request that is to be done again. It stays TAKEN; `redo` says that
 * nobody has it. */
static enum ring_take redo(struct engine *e, unsigned int ring, struct slot *slot)
{
    struct state_queue *s = &e->state->queue[ring];
    struct ring *r = &e->ring[ring];
    unsigned int oldest = r->size;

    for (unsigned int i = 0; i < r->size; i++)
        if (s->entry[i].state == ENTRY_TAKEN && s->entry[i].redo &&
            (oldest == r->size || (int32_t)(s->entry[i].index - s->entry[oldest].index) < 0))
            oldest = i;
    request_decode(e->state->abi, s->entry[oldest].raw, &slot->request);
    if (slot->request.op == BLKIF_OP_WRITE_BARRIER && e->inflight)
        return RING_LATER;
    s->entry[oldest].redo = 0;
    slot->queue = ring;
    slot->entry = oldest;
    r->redo--;
    e->state->counters.recovered_requests++;
    return RING_TAKEN;
}

enum ring_take ring_take(struct engine *e, unsigned int ring, struct slot *slot)
{
    struct state_queue *s = &e->state->queue[ring];
    struct ring *r = &e->ring[ring];
    uint32_t prod, cons = s->req_cons;
    unsigned int i;

    if (r->redo)
        return redo(e, ring, slot);
    prod = shared_load(&r->shared->req_prod);
    /* More unanswered requests than places, or fewer than we took: not a ring any more. */
    if (prod - s->rsp_prod > r->size || prod - s->rsp_prod < cons - s->rsp_prod)
        return RING_BROKEN;
    if (prod == cons)
        return RING_EMPTY;
    i = entry_free(s, r);
    memcpy(s->entry[i].raw, entry_of(e, ring, cons), request_stride(e->state->abi));
    __atomic_thread_fence(__ATOMIC_ACQ_REL); /* from here on the copy is what counts */
    request_decode(e->state->abi, s->entry[i].raw, &slot->request);
    if (slot->request.op == BLKIF_OP_WRITE_BARRIER && e->inflight)
        return RING_LATER; /* read again later */
    in_order();
    s->entry[i].index = cons;
    s->entry[i].redo = 0;
    in_order();
    s->entry[i].state = ENTRY_TAKEN;
    in_order(); /* taken and not counted: not taken (ring_recover) */
    s->req_cons = cons + 1;
    in_order();
    slot->queue = ring;
    slot->entry = i;
    return RING_TAKEN;
}

void ring_answer(struct engine *e, struct slot *slot, int status)
{
    struct state_queue *s = &e->state->queue[slot->queue];
    struct ring *r = &e->ring[slot->queue];
    struct state_entry *entry = &s->entry[slot->entry];
    uint32_t place = s->rsp_prod;

    entry->answer = place;
    in_order();
    entry->state = ENTRY_ANSWERED;
    in_order(); /* answered and not published: open (ring_recover) */
    request_answer(e->state->abi, entry_of(e, slot->queue, place), &slot->request, status);
    in_order();
    __atomic_store_n(&r->shared->rsp_prod, place + 1, __ATOMIC_RELEASE);
    in_order();
    s->rsp_prod = place + 1;
    in_order();
    entry->state = ENTRY_FREE;
    in_order();
    if (status != BLKIF_RSP_OKAY)
        e->state->counters.errors++;
}

void ring_tell(struct engine *e, unsigned int ring)
{
    struct ring *r = &e->ring[ring];
    uint32_t now = e->state->queue[ring].rsp_prod;

    if (now == r->told && !r->notify)
        return;
    __atomic_thread_fence(__ATOMIC_SEQ_CST); /* our answers before its wish */
    if (now - shared_load(&r->shared->rsp_event) < now - r->told || r->notify) {
        e->state->counters.notifications++;
        e->notify(e, ring);
    }
    r->notify = false;
    r->told = now;
}

bool ring_rest(struct engine *e, unsigned int ring)
{
    struct ring *r = &e->ring[ring];
    uint32_t cons = e->state->queue[ring].req_cons;

    __atomic_store_n(&r->shared->req_event, cons + 1, __ATOMIC_RELEASE);
    __atomic_thread_fence(__ATOMIC_SEQ_CST); /* our wish before its requests */
    return shared_load(&r->shared->req_prod) != cons;
}

bool ring_recover(struct engine *e, unsigned int ring)
{
    struct state_queue *s = &e->state->queue[ring];
    struct ring *r = &e->ring[ring];
    uint32_t published = shared_load(&r->shared->rsp_prod);

    /* The guest can write its index, so ours counts, and the one step between them. */
    if (published - s->rsp_prod > 1)
        return false;
    for (unsigned int i = 0; i < r->size; i++) {
        struct state_entry *entry = &s->entry[i];

        if (entry->state == ENTRY_ANSWERED)
            entry->state = (int32_t)(entry->answer - published) < 0 ? ENTRY_FREE : ENTRY_TAKEN;
        else if (entry->state == ENTRY_TAKEN && (int32_t)(entry->index - s->req_cons) >= 0)
            entry->state = ENTRY_FREE;
        entry->redo = entry->state == ENTRY_TAKEN;
        r->redo += entry->redo;
        in_order();
    }
    s->rsp_prod = published;
    r->told = published;
    r->notify = true; /* perhaps the last answers were not told */
    return r->redo == s->req_cons - s->rsp_prod;
}
