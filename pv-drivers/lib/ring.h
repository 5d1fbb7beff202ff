/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Both kinds of rings that front ends share with back ends (xen/io/ring.h), seen from the front.
 *
 * Whatever the other side writes is hostile. So: indices of our own live in private memory and are
 * only ever written to the shared page; the other side's index is read once and its distance from
 * ours checked; a response is copied before it is looked at, and its id must be of a request that
 * is in flight. The first lie sets `error`, after which every call fails with it: the device is
 * broken, memory is not.
 *
 * Nothing here is locked: one ring is used by one CPU at a time.
 */
#pragma once

#include "pv-drivers/lib/abi.h"

#define PV_RING_MAX 256u /* entries: what a page holds of the smallest, the network's */

/* A ring of requests and responses: block and network devices. */
struct pv_ring {
    struct pv_any_sring *shared;
    uint32_t entry_bytes; /* of the larger of request and response */
    uint32_t count;       /* entries, a power of two */
    uint32_t req_prod;    /* the request written next, not necessarily published */
    uint32_t published;   /* what the other side has seen of that */
    uint32_t rsp_cons;    /* the response read next */
    int error;            /* 0 while the other side keeps to the protocol */
    uint32_t free_count;
    uint16_t free[PV_RING_MAX]; /* ids that no request in flight has, as a stack */
    bool flying[PV_RING_MAX];   /* by id */
};

/* Make @page, of @bytes and shared or about to be, an empty ring of entries of @entry_bytes. */
void pv_ring_init(struct pv_ring *ring, void *page, size_t bytes, size_t entry_bytes);

/* The id that the next request must carry, 0 .. count - 1; -XEN_EAGAIN while all entries are in
 * flight. The id is the caller's index into tables of his own. */
int pv_ring_id(const struct pv_ring *ring) PV_MUST_CHECK;

/* Write a request with the id that pv_ring_id() told. The other side sees it after pv_ring_push().
 */
void pv_ring_put(struct pv_ring *ring, const void *request, size_t bytes);

/* Publish what was put. True when the other side asked for an event about that. */
bool pv_ring_push(struct pv_ring *ring) PV_MUST_CHECK;

/* Copy the next response to @response: 1, or 0 when there is none. */
int pv_ring_take(struct pv_ring *ring, void *response, size_t bytes) PV_MUST_CHECK;

/* The response taken was for @id: 0, and the id is free again. */
int pv_ring_done(struct pv_ring *ring, uint64_t id) PV_MUST_CHECK;

/* Ask for an event with the next response. True when one has come meanwhile: take it first. */
bool pv_ring_arm(struct pv_ring *ring) PV_MUST_CHECK;

/* One direction of a stream of bytes: console, xenstore, 9pfs. */
struct pv_stream {
    uint8_t *data;
    uint32_t bytes;  /* a power of two */
    uint32_t *mine;  /* our index, written only */
    uint32_t *other; /* the other side's */
    uint32_t at;     /* what `mine` holds, unless somebody else wrote there */
    bool writes;     /* we produce; otherwise we consume */
    int error;
};

/* @mine's value is where the stream goes on: firmware may have used it before us. */
void pv_stream_init(struct pv_stream *stream, bool writes, void *data, uint32_t bytes,
                    uint32_t *mine, uint32_t *other);

/* How many bytes could be written or read now. */
int pv_stream_room(struct pv_stream *stream) PV_MUST_CHECK;

/* Write or read as much of @bytes as there is room for; returns how much that was. */
int pv_stream_write(struct pv_stream *stream, const void *from, size_t bytes) PV_MUST_CHECK;
int pv_stream_read(struct pv_stream *stream, void *to, size_t bytes) PV_MUST_CHECK;
