/* SPDX-License-Identifier: BSD-2-Clause */
/* Reading FIFO event queues. */
#include "pv-drivers/lib/event_fifo.h"

#define PENDING   (1u << EVTCHN_FIFO_PENDING)
#define MASKED    (1u << EVTCHN_FIFO_MASKED)
#define LINKED    (1u << EVTCHN_FIFO_LINKED)
#define LINK_MASK ((1u << EVTCHN_FIFO_LINK_BITS) - 1)

bool pv_fifo_take(struct pv_fifo *fifo, uint32_t port)
{
    event_word_t *word = &fifo->words[port];

    return port < fifo->ports && (__atomic_fetch_and(word, ~PENDING, __ATOMIC_SEQ_CST) & PENDING);
}

void pv_fifo_mask(struct pv_fifo *fifo, uint32_t port)
{
    if (port < fifo->ports)
        __atomic_fetch_or(&fifo->words[port], MASKED, __ATOMIC_SEQ_CST);
}

/* Take the first word out of queue @q and return its port; the next one becomes the head. */
static uint32_t unlink_head(struct pv_fifo *fifo, unsigned int q)
{
    uint32_t port = fifo->head[q] ? fifo->head[q] : PV_LOAD(fifo->control->head[q]);
    event_word_t old;

    fifo->head[q] = 0;
    if (!port || port >= fifo->ports)
        return 0;
    old = PV_LOAD(fifo->words[port]);
    while (!__atomic_compare_exchange_n(&fifo->words[port], &old, old & ~(LINKED | LINK_MASK),
                                        false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
        ;
    fifo->head[q] = old & LINK_MASK;
    return port;
}

uint32_t pv_fifo_next(struct pv_fifo *fifo)
{
    for (;;) {
        unsigned int q;
        uint32_t port;

        fifo->ready |= __atomic_exchange_n(&fifo->control->ready, 0, __ATOMIC_SEQ_CST);
        fifo->ready &= (1u << EVTCHN_FIFO_MAX_QUEUES) - 1;
        if (!fifo->ready)
            return 0;
        q = (unsigned int)__builtin_ctz(fifo->ready);
        port = unlink_head(fifo, q);
        if (!fifo->head[q]) /* that was the last */
            fifo->ready &= ~(1u << q);
        if (port && !(PV_LOAD(fifo->words[port]) & MASKED) && pv_fifo_take(fifo, port))
            return port;
    }
}
