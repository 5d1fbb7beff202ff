/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The algorithm of one FIFO event word (xen/event_channel.h, EVTCHN_FIFO_*), shared with a guest
 * that may write anything at any time. Pure: no state but the words.
 *
 * Every change is one atomic operation. The guest clears LINKED and LINK together when it takes an
 * event off a queue; LINK means something only while LINKED is set.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/types.h"

#include <xen/event_channel.h>

#define FIFO_PENDING   (1u << EVTCHN_FIFO_PENDING)
#define FIFO_MASKED    (1u << EVTCHN_FIFO_MASKED)
#define FIFO_LINKED    (1u << EVTCHN_FIFO_LINKED)
#define FIFO_BUSY      (1u << EVTCHN_FIFO_BUSY)
#define FIFO_LINK_MASK ((uint32_t)EVTCHN_FIFO_LINK_MASK)

/* Tries before and after BUSY asks the guest to leave the word alone. A guest that follows the ABI
 * changes a word a handful of times while we look; more is malice. */
#define FIFO_LINK_TRIES      4
#define FIFO_LINK_BUSY_TRIES 64

/* Set PENDING; the word as it was. */
static inline uint32_t fifo_word_raise(uint32_t *word)
{
    return __atomic_fetch_or(word, FIFO_PENDING, __ATOMIC_SEQ_CST);
}

/* Set LINKED: the word is about to be the tail of a queue. false when it was linked already. */
static inline bool fifo_word_take(uint32_t *word)
{
    return !(__atomic_fetch_or(word, FIFO_LINKED, __ATOMIC_SEQ_CST) & FIFO_LINKED);
}

/* Clear MASKED; true when the event is pending, i.e. must be raised again. */
static inline bool fifo_word_unmask(uint32_t *word)
{
    return __atomic_fetch_and(word, ~FIFO_MASKED, __ATOMIC_SEQ_CST) & FIFO_PENDING;
}

static inline void fifo_word_clear(uint32_t *word)
{
    __atomic_fetch_and(word, ~FIFO_PENDING, __ATOMIC_SEQ_CST);
}

/* Compare-and-swap the link of a LINKED @word up to @tries times: 1 done, 0 not linked, -1 neither.
 */
static inline int fifo_word_try_link(uint32_t *word, uint32_t port, int tries)
{
    uint32_t old = READ_ONCE(*word);

    while (old & FIFO_LINKED) {
        if (__atomic_compare_exchange_n(word, &old, (old & ~(FIFO_BUSY | FIFO_LINK_MASK)) | port,
                                        false, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED))
            return 1;
        if (!--tries)
            return -1;
    }
    return 0;
}

/*
 * Make the tail @word point to @port. true when done; false when the word is on no queue any more
 * (the guest has taken it off, so the queue is empty) or the guest kept changing it.
 * On return BUSY is clear unless the guest set it.
 */
static inline bool fifo_word_link(uint32_t *word, uint32_t port)
{
    int linked = fifo_word_try_link(word, port, FIFO_LINK_TRIES);

    if (likely(linked >= 0))
        return linked;
    __atomic_fetch_or(word, FIFO_BUSY, __ATOMIC_SEQ_CST);
    linked = fifo_word_try_link(word, port, FIFO_LINK_BUSY_TRIES);
    if (linked <= 0)
        __atomic_fetch_and(word, ~FIFO_BUSY, __ATOMIC_SEQ_CST);
    return linked > 0;
}
