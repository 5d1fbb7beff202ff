/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A byte ring of a power-of-two size. Positions run freely and wrap at 2^64, which is never
 * reached: a position names one byte of the stream for good. No locking.
 */
#pragma once

#include "lib/types.h"

struct ring {
    char *data;
    uint64_t size;      /* a power of two */
    uint64_t head, tail; /* next to write, oldest kept; tail <= head <= tail + size */
};

static inline void ring_init(struct ring *ring, char *data, uint64_t size)
{
    *ring = (struct ring){.data = data, .size = size};
}

static inline uint64_t ring_count(const struct ring *ring)
{
    return ring->head - ring->tail;
}

static inline uint64_t ring_room(const struct ring *ring)
{
    return ring->size - ring_count(ring);
}

static inline char ring_at(const struct ring *ring, uint64_t position)
{
    return ring->data[position & (ring->size - 1)];
}

/* Appends a byte when there is room. */
static inline bool ring_put(struct ring *ring, char c)
{
    if (ring_room(ring) == 0)
        return false;
    ring->data[ring->head++ & (ring->size - 1)] = c;
    return true;
}

/* Appends a byte, at the cost of the oldest when the ring is full. */
static inline void ring_put_over(struct ring *ring, char c)
{
    if (ring_room(ring) == 0)
        ring->tail++;
    ring->data[ring->head++ & (ring->size - 1)] = c;
}

/* Takes the oldest byte. */
static inline bool ring_get(struct ring *ring, char *c)
{
    if (ring_count(ring) == 0)
        return false;
    *c = ring_at(ring, ring->tail++);
    return true;
}

/*
 * Copies up to `bytes` bytes from `*position` on without taking them, and moves it on. A position
 * whose byte is gone is moved to the oldest one first. Returns the count copied.
 */
static inline uint64_t ring_read(const struct ring *ring, uint64_t *position, char *to,
                                 uint64_t bytes)
{
    uint64_t count = 0;

    *position = max(*position, ring->tail);
    for (; count < bytes && *position < ring->head; (*position)++)
        to[count++] = ring_at(ring, *position);
    return count;
}
