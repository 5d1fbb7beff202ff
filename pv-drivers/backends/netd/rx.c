/* SPDX-License-Identifier: BSD-2-Clause */
/* What the guest receives. */
#include <string.h>

#include "pv-drivers/backends/netd/engine.h"

/* How often a guest that does not tell about new room is looked after, as in Linux' back end. */
#define POLL_ROOM 1000000ull

/* Entries of the guest's ring that a frame needs: its pages, and one more that says how to
 * segment it. */
static unsigned int needs(const struct frame *f)
{
    return (f->length + ABI_PAGE - 1) / ABI_PAGE + (f->head.gso_type != VIRTIO_NET_HDR_GSO_NONE);
}

/* Is it for this guest, in a form that it takes? */
static bool suits(struct engine *e, struct frame *f)
{
    if (f->length < FRAME_MIN || (!e->wishes.sg && needs(f) > 1)) {
        e->state->counters.rx_dropped++;
        return false;
    }
    if (e->wishes.mcast && !mcast_passes(e->state, f->buffer)) {
        e->state->counters.rx_filtered++;
        return false;
    }
    if (f->head.flags & VIRTIO_NET_HDR_F_NEEDS_CSUM &&
        !(frame_is_ipv6(f->buffer, f->length) ? e->wishes.sum_ipv6 : e->wishes.sum_ipv4)) {
        frame_sum(&f->head, f->buffer, f->length);
        f->head.flags = VIRTIO_NET_HDR_F_DATA_VALID;
    }
    return true;
}

static void first_flags(const struct frame *f, struct netif_rx_response *first)
{
    if (f->head.flags & VIRTIO_NET_HDR_F_NEEDS_CSUM)
        first->flags |= NETRXF_csum_blank | NETRXF_data_validated;
    else if (f->head.flags & VIRTIO_NET_HDR_F_DATA_VALID)
        first->flags |= NETRXF_data_validated;
    if (f->head.gso_type != VIRTIO_NET_HDR_GSO_NONE)
        first->flags |= NETRXF_extra_info;
}

/* Put a frame into the guest's next entries, from `at` on; their copies into the batch. */
static void place(struct engine *e, unsigned int queue, const struct frame *f, uint32_t at)
{
    union state_answer *answers = e->state->queue[queue].rx.answer;
    const struct netif_rx_sring *ring = e->queue[queue].rx;
    bool first = true;

    for (unsigned int done = 0; done < f->length; done += ABI_PAGE, at++) {
        unsigned int length = f->length - done < ABI_PAGE ? f->length - done : ABI_PAGE;
        struct netif_rx_response *a = &answers[at % ABI_RING].rx;
        struct netif_rx_request r;

        memcpy(&r, &ring->ring[at % ABI_RING].req, sizeof(r));
        __atomic_thread_fence(__ATOMIC_ACQ_REL); /* from here on the copy is what counts */
        copy_out(&e->copy[e->copies++], e->domid, r.gref, 0, length, f->buffer + done,
                 &e->queue[queue].buffers);
        *a = (struct netif_rx_response){.id = r.id, .status = length};
        if (done + length < f->length)
            a->flags = NETRXF_more_data;
        if (first)
            first_flags(f, a);
        if (first && a->flags & NETRXF_extra_info) {
            bool ipv4 = (f->head.gso_type & ~VIRTIO_NET_HDR_GSO_ECN) == VIRTIO_NET_HDR_GSO_TCPV4;

            answers[++at % ABI_RING].extra = (struct netif_extra_info){
                .type = XEN_NETIF_EXTRA_TYPE_GSO,
                .u.gso = {.size = f->head.gso_size,
                          .type = ipv4 ? XEN_NETIF_GSO_TYPE_TCPV4 : XEN_NETIF_GSO_TYPE_TCPV6},
            };
        }
        first = false;
    }
}

static struct frame *held(struct queue *q)
{
    return &q->held[q->held_first];
}

static void pop(struct queue *q)
{
    q->held_first++;
    q->held_count--;
    q->held_since = 0;
}

/* The copies of one frame are done: count it, and tell the guest of pages it did not really
 * give. */
static const xengnttab_grant_copy_segment_t *check(struct engine *e, unsigned int queue,
                                                   const struct frame *f, uint32_t at, bool copied,
                                                   const xengnttab_grant_copy_segment_t *op)
{
    union state_answer *answers = e->state->queue[queue].rx.answer;
    bool good = true;

    for (unsigned int done = 0; done < f->length; done += ABI_PAGE, op++) {
        if (!copied || op->status != GNTST_okay) {
            answers[at % ABI_RING].rx.status = NETIF_RSP_ERROR;
            good = false;
        }
        at += !done && answers[at % ABI_RING].rx.flags & NETRXF_extra_info ? 2 : 1;
    }
    e->state->counters.rx_packets += good;
    e->state->counters.rx_bytes += good ? f->length : 0;
    e->state->counters.rx_errors += !good;
    return op;
}

/* As many of the frames that are held as there is room for. `prod`: the end of the guest's
 * entries. */
static void deliver(struct engine *e, unsigned int queue, uint32_t prod)
{
    struct queue *q = &e->queue[queue];
    uint32_t from = e->state->queue[queue].rx.answered, at = from;
    const xengnttab_grant_copy_segment_t *op = e->copy;
    const struct frame *f[ENGINE_HELD];
    unsigned int count = 0;
    bool copied;

    e->copies = 0;
    while (q->held_count) {
        if (!suits(e, held(q))) {
            pop(q);
            continue;
        }
        if (prod - at < needs(held(q)) ||
            e->copies + ENGINE_MAX_PIECES > sizeof(e->copy) / sizeof(e->copy[0]))
            break;
        f[count++] = held(q);
        place(e, queue, held(q), at);
        at += needs(held(q));
        pop(q);
    }
    if (!count)
        return;
    copied = engine_copy(e);
    at = from;
    for (unsigned int i = 0; i < count; i++) {
        op = check(e, queue, f[i], at, copied, op);
        at += needs(f[i]);
    }
    ring_answer_rx(e, queue, at);
}

/* The first frame does not fit: wait for room. True: there is some already. */
static bool wait_for_room(struct engine *e, struct queue *q, uint32_t prod, uint64_t *wait)
{
    uint64_t now = e->now();

    if (q->held_count && !q->held_since) {
        q->held_since = now;
    } else if (q->held_count && now - q->held_since > ENGINE_STUCK) {
        pop(q);
        e->state->counters.rx_dropped++;
        return true;
    }
    if (!e->wishes.rx_notify)
        *wait = !*wait || POLL_ROOM < *wait ? POLL_ROOM : *wait;
    __atomic_store_n(&q->rx->req_event, prod + 1, __ATOMIC_RELEASE);
    __atomic_thread_fence(__ATOMIC_SEQ_CST); /* our wish before its requests */
    return engine_load(&q->rx->req_prod) != prod;
}

bool rx_run(struct engine *e, unsigned int queue, uint64_t *wait)
{
    const struct state_ring *s = &e->state->queue[queue].rx;
    struct queue *q = &e->queue[queue];
    uint32_t prod = engine_load(&q->rx->req_prod);

    if (prod - s->answered > ABI_RING) {
        e->broken = "the indices of the receive ring are out of bounds";
        return false;
    }
    q->wants = prod != s->answered;
    if (q->wants && !q->held_count) {
        q->held_first = 0;
        q->held_count = e->port->fetch(e->port, queue, q->held, ENGINE_HELD);
    }
    if (q->held_count)
        deliver(e, queue, prod);
    if (q->held_count || prod == s->answered) {
        q->wants = false;
        return wait_for_room(e, q, prod, wait);
    }
    return q->held_first == ENGINE_HELD; /* there may be more than could be fetched at once */
}
