/* SPDX-License-Identifier: BSD-2-Clause */
/* Rings shared with a back end that is not trusted. */
#include "pv-drivers/lib/ring.h"

#include "pv-drivers/lib/text.h"

#define xen_mb()  PV_BARRIER()
#define xen_rmb() PV_BARRIER()
#define xen_wmb() PV_BARRIER()
#include <xen/io/ring.h>

/* The head is the same for all rings; entries are reached by their size. */
DEFINE_RING_TYPES(pv_any, uint8_t, uint8_t);

static void *entry(const struct pv_ring *ring, uint32_t index)
{
    return (uint8_t *)ring->shared + offsetof(struct pv_any_sring, ring) +
           (size_t)(index & (ring->count - 1)) * ring->entry_bytes;
}

void pv_ring_init(struct pv_ring *ring, void *page, size_t bytes, size_t entry_bytes)
{
    uint32_t count = 1;

    memset(ring, 0, sizeof(*ring));
    memset(page, 0, bytes);
    ring->shared = page;
    ring->entry_bytes = (uint32_t)entry_bytes;
    while (count < PV_RING_MAX &&
           2 * count * entry_bytes <= bytes - offsetof(struct pv_any_sring, ring))
        count *= 2;
    ring->count = ring->free_count = count;
    for (uint32_t i = 0; i < count; i++)
        ring->free[i] = (uint16_t)(count - 1 - i); /* the lowest is given out first */
    ring->shared->req_event = ring->shared->rsp_event = 1;
}

int pv_ring_id(const struct pv_ring *ring)
{
    if (ring->error)
        return ring->error;
    return ring->free_count ? ring->free[ring->free_count - 1] : -XEN_EAGAIN;
}

void pv_ring_put(struct pv_ring *ring, const void *request, size_t bytes)
{
    if (ring->error || !ring->free_count || bytes > ring->entry_bytes)
        return; /* the caller did not ask for an id */
    ring->flying[ring->free[--ring->free_count]] = true;
    memcpy(entry(ring, ring->req_prod), request, bytes);
    ring->req_prod++;
}

bool pv_ring_push(struct pv_ring *ring)
{
    uint32_t before = ring->published, event;

    ring->published = ring->req_prod;
    PV_STORE(ring->shared->req_prod, ring->req_prod);
    PV_BARRIER(); /* the other side sees the index, or we its wish */
    event = PV_LOAD(ring->shared->req_event);
    return ring->req_prod - event < ring->req_prod - before;
}

int pv_ring_take(struct pv_ring *ring, void *response, size_t bytes)
{
    uint32_t waiting;

    if (ring->error)
        return ring->error;
    waiting = PV_LOAD(ring->shared->rsp_prod) - ring->rsp_cons;
    if (waiting > ring->published - ring->rsp_cons || bytes > ring->entry_bytes)
        return ring->error = -XEN_EBADMSG; /* more answers than questions */
    if (!waiting)
        return 0;
    memcpy(response, entry(ring, ring->rsp_cons), bytes);
    __asm__ volatile("" ::: "memory"); /* from here on the copy is what counts */
    ring->rsp_cons++;
    return 1;
}

int pv_ring_done(struct pv_ring *ring, uint64_t id)
{
    if (ring->error)
        return ring->error;
    if (id >= ring->count || !ring->flying[id])
        return ring->error = -XEN_EBADMSG;
    ring->flying[id] = false;
    ring->free[ring->free_count++] = (uint16_t)id;
    return 0;
}

bool pv_ring_arm(struct pv_ring *ring)
{
    PV_STORE(ring->shared->rsp_event, ring->rsp_cons + 1);
    PV_BARRIER();
    return ring->error || PV_LOAD(ring->shared->rsp_prod) != ring->rsp_cons;
}

/* ---- streams ---- */

void pv_stream_init(struct pv_stream *stream, bool writes, void *data, uint32_t bytes,
                    uint32_t *mine, uint32_t *other)
{
    *stream = (struct pv_stream){.data = data, .bytes = bytes, .mine = mine, .other = other,
                                 .at = PV_LOAD(*mine), .writes = writes};
}

int pv_stream_room(struct pv_stream *stream)
{
    uint32_t other, filled;

    if (stream->error)
        return stream->error;
    other = PV_LOAD(*stream->other);
    filled = stream->writes ? stream->at - other : other - stream->at;
    if (filled > stream->bytes)
        return stream->error = -XEN_EBADMSG;
    return (int)(stream->writes ? stream->bytes - filled : filled);
}

/* Both directions: up to the ring's end, then from its start. */
static int stream_copy(struct pv_stream *stream, uint8_t *to, const uint8_t *from, size_t bytes)
{
    int room = pv_stream_room(stream);
    uint32_t start = stream->at & (stream->bytes - 1), first;

    if (room <= 0)
        return room;
    if (bytes > (size_t)room)
        bytes = (size_t)room;
    first = stream->bytes - start < bytes ? stream->bytes - start : (uint32_t)bytes;
    if (stream->writes) {
        memcpy(stream->data + start, from, first);
        memcpy(stream->data, from + first, bytes - first);
    } else {
        memcpy(to, stream->data + start, first);
        memcpy(to + first, stream->data, bytes - first);
        PV_BARRIER(); /* read before the other side may write there again */
    }
    stream->at += (uint32_t)bytes;
    PV_STORE(*stream->mine, stream->at);
    return (int)bytes;
}

int pv_stream_write(struct pv_stream *stream, const void *from, size_t bytes)
{
    return stream_copy(stream, NULL, from, bytes);
}

int pv_stream_read(struct pv_stream *stream, void *to, size_t bytes)
{
    return stream_copy(stream, to, NULL, bytes);
}
