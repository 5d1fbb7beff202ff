/* SPDX-License-Identifier: BSD-2-Clause */
/* Answers on their way into the rings, see state.h for the order. */
#include "pv-drivers/backends/netd/engine.h"

/* Does a front end with that event index want to be told of answers from `from` up to `to`? */
static bool wants_event(const RING_IDX *rsp_event, uint32_t from, uint32_t to)
{
    __atomic_thread_fence(__ATOMIC_SEQ_CST); /* our answers before its wish */
    return to - engine_load(rsp_event) < to - from;
}

static void tell(struct engine *e, unsigned int queue, bool rx)
{
    e->state->counters.notifications++;
    e->notify(e, queue, rx);
}

static void copy_tx(struct queue *q, const struct state_ring *s, uint32_t from)
{
    for (uint32_t i = from; i != s->answered; i++)
        q->tx->ring[i % ABI_RING].rsp = s->answer[i % ABI_RING].tx;
    in_order();
    __atomic_store_n(&q->tx->rsp_prod, s->answered, __ATOMIC_RELEASE);
}

static void copy_rx(struct queue *q, const struct state_ring *s, uint32_t from)
{
    for (uint32_t i = from; i != s->answered; i++)
        q->rx->ring[i % ABI_RING].rsp = s->answer[i % ABI_RING].rx;
    in_order();
    __atomic_store_n(&q->rx->rsp_prod, s->answered, __ATOMIC_RELEASE);
}

void ring_answer_tx(struct engine *e, unsigned int queue, uint32_t end)
{
    struct state_ring *s = &e->state->queue[queue].tx;
    struct queue *q = &e->queue[queue];
    uint32_t from = s->answered;

    in_order();
    s->answered = end;
    in_order();
    copy_tx(q, s, from);
    in_order();
    s->published = end;
    in_order();
    if (wants_event(&q->tx->rsp_event, from, end))
        tell(e, queue, false);
}

void ring_answer_rx(struct engine *e, unsigned int queue, uint32_t end)
{
    struct state_ring *s = &e->state->queue[queue].rx;
    struct queue *q = &e->queue[queue];
    uint32_t from = s->answered;

    in_order();
    s->answered = end;
    in_order();
    copy_rx(q, s, from);
    in_order();
    s->published = end;
    in_order();
    if (wants_event(&q->rx->rsp_event, from, end))
        tell(e, queue, true);
}

/* The guest can write the ring's index: it is believed only when it is one of the two that it can
 * be. Sets *from to it. */
static bool found(const struct state_ring *s, const RING_IDX *rsp_prod, uint32_t *from)
{
    *from = engine_load(rsp_prod);
    return (*from == s->answered || *from == s->published) &&
           s->answered - s->published <= ABI_RING;
}

bool ring_recover(struct engine *e, unsigned int queue)
{
    struct state_ring *tx = &e->state->queue[queue].tx, *rx = &e->state->queue[queue].rx;
    struct queue *q = &e->queue[queue];
    uint32_t from;

    if (!found(tx, &q->tx->rsp_prod, &from))
        return false;
    copy_tx(q, tx, from);
    in_order();
    tx->published = tx->answered;
    if (!found(rx, &q->rx->rsp_prod, &from))
        return false;
    copy_rx(q, rx, from);
    in_order();
    rx->published = rx->answered;
    q->tx_cons = tx->answered;
    tell(e, queue, false); /* perhaps it was not told of the last answers */
    tell(e, queue, true);
    return true;
}
