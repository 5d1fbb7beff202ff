/* SPDX-License-Identifier: BSD-2-Clause */
#include "pv-drivers/backends/netd/engine.h"

#include <stdlib.h>

#define ROUNDS 16u /* that a guest may keep us busy before we look at something else */

bool engine_copy(struct engine *e)
{
    if (!e->copies)
        return true;
    e->state->counters.batches++;
    e->state->counters.copies += e->copies;
    return xengnttab_grant_copy(e->gnttab, e->copies, e->copy) >= 0;
}

uint64_t engine_run(struct engine *e)
{
    uint64_t wait = 0;
    bool more = !e->stopping;

    for (unsigned int round = 0; more && round < ROUNDS; round++) {
        wait = 0;
        more = false;
        for (unsigned int i = 0; i < e->queues && !e->broken; i++) {
            more |= tx_run(e, i, &wait);
            if (!e->broken)
                more |= rx_run(e, i, &wait);
        }
        more &= !e->broken;
    }
    return more ? 1 : wait;
}

bool engine_start(struct engine *e, struct port *port, struct state *state, void *const *tx,
                  void *const *rx)
{
    e->port = port;
    e->state = state;
    e->queues = state->queues;
    e->broken = NULL;
    e->batch = calloc(ENGINE_BATCH, sizeof(*e->batch));
    if (!e->batch || !pages_get(&e->page, e->share, e->own, ENGINE_PAGES))
        return false;
    for (unsigned int i = 0; i < e->queues; i++) {
        struct queue *q = &e->queue[i];

        *q = (struct queue){.tx = tx[i], .rx = rx[i], .tx_cons = state->queue[i].tx.answered};
        q->held = calloc(ENGINE_HELD, sizeof(*q->held));
        if (!q->held ||
            !pages_get(&q->buffers, e->share, e->own, ENGINE_HELD * ENGINE_BUFFER / ABI_PAGE))
            return false;
        for (unsigned int n = 0; n < ENGINE_HELD; n++) {
            struct frame *f = &q->held[n];

            f->buffer = q->buffers.at + n * ENGINE_BUFFER;
            f->iov[0] = (struct iovec){.iov_base = &f->head, .iov_len = sizeof(f->head)};
            f->iov[1] = (struct iovec){.iov_base = f->buffer, .iov_len = ENGINE_BUFFER};
            f->iovs = 2;
        }
    }
    return true;
}

bool engine_recover(struct engine *e)
{
    e->state->counters.recoveries++;
    for (unsigned int i = 0; i < e->queues; i++)
        if (!ring_recover(e, i))
            return false;
    return true;
}

void engine_stop(struct engine *e)
{
    for (unsigned int i = 0; i < e->queues; i++) {
        free(e->queue[i].held);
        pages_put(&e->queue[i].buffers);
        e->queue[i].held = NULL;
    }
    free(e->batch);
    pages_put(&e->page);
    e->batch = NULL;
    e->queues = 0;
}
