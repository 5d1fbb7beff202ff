/* SPDX-License-Identifier: BSD-2-Clause */
/* What the guest sends. */
#include <string.h>

#include "pv-drivers/backends/netd/engine.h"

/* One entry of the ring, copied once; its answer will have its id. False: there is no more. */
static bool next(struct engine *e, unsigned int queue, uint32_t prod, struct frame *f,
                 union netif_tx_sring_entry *copy)
{
    struct queue *q = &e->queue[queue];

    if (q->tx_cons == prod || f->entries == ENGINE_MAX_ENTRIES)
        return false;
    memcpy(copy, &q->tx->ring[q->tx_cons % ABI_RING], sizeof(*copy));
    __atomic_thread_fence(__ATOMIC_ACQ_REL); /* from here on the copy is what counts */
    q->tx_cons++;
    f->entries++;
    return true;
}

static void wrong(struct frame *f)
{
    f->status = NETIF_RSP_ERROR;
    f->silent = true;
}

/* A frame's entries that describe it further. */
static void extra(struct engine *e, struct frame *f, const struct netif_extra_info *x)
{
    switch (x->type) {
    case XEN_NETIF_EXTRA_TYPE_GSO:
        f->offload.gso = x->u.gso.type;
        f->offload.gso_size = x->u.gso.size;
        if (x->u.gso.type != XEN_NETIF_GSO_TYPE_TCPV4 && x->u.gso.type != XEN_NETIF_GSO_TYPE_TCPV6)
            wrong(f);
        break;
    case XEN_NETIF_EXTRA_TYPE_MCAST_ADD: /* an order, with no frame */
        f->silent = true;
        if (!mcast_add(e->state, x->u.mcast.addr))
            f->status = NETIF_RSP_ERROR;
        break;
    case XEN_NETIF_EXTRA_TYPE_MCAST_DEL:
        f->silent = true;
        mcast_remove(e->state, x->u.mcast.addr);
        break;
    case XEN_NETIF_EXTRA_TYPE_HASH: /* (we have no use for it) */
        break;
    default:
        wrong(f);
    }
}

/* A part of the frame in a granted page: into a page of ours, at the same place. */
static void piece(struct engine *e, struct frame *f, uint32_t ref, unsigned int offset,
                  unsigned int length)
{
    uint8_t *to = e->page.at + e->pages * ABI_PAGE + offset;

    if (f->silent)
        return;
    if (offset + length > ABI_PAGE || f->pieces == ENGINE_MAX_PIECES) {
        wrong(f);
        return;
    }
    if (!length)
        return;
    copy_in(&e->copy[e->copies++], e->domid, ref, offset, length, to, &e->page);
    e->pages++;
    f->pieces++;
    f->iov[f->iovs++] = (struct iovec){.iov_base = to, .iov_len = length};
}

/*
 * All entries of the next frame. What is wrong with it is answered, but the ring must be right: a
 * frame of which the rest is not there, or that does not end, is none. The first piece's length is
 * the whole less the others', so it is copied last (and kept first).
 */
static bool take(struct engine *e, unsigned int queue, uint32_t prod, struct frame *f)
{
    union netif_tx_sring_entry entry;
    struct netif_tx_request first;
    struct netif_extra_info info;
    union state_answer *answer = e->state->queue[queue].tx.answer;
    unsigned int copies = e->copies, pages = e->pages, flags, rest = 0;
    struct iovec swap;

    memset(f, 0, offsetof(struct frame, iov));
    f->first = e->queue[queue].tx_cons;
    f->iovs = 1;
    f->iov[0] = (struct iovec){.iov_base = &f->head, .iov_len = sizeof(f->head)};
    if (!next(e, queue, prod, f, &entry))
        return false;
    first = entry.req;
    answer[f->first % ABI_RING].tx = (struct netif_tx_response){.id = first.id};
    f->length = first.size;
    f->offload.blank = first.flags & NETTXF_csum_blank;
    f->offload.validated = first.flags & NETTXF_data_validated;
    for (flags = first.flags & NETTXF_extra_info; flags;
         flags = info.flags & XEN_NETIF_EXTRA_FLAG_MORE) {
        if (!next(e, queue, prod, f, &entry))
            return false;
        memcpy(&info, &entry, sizeof(info));
        answer[(f->first + f->entries - 1) % ABI_RING].tx =
            (struct netif_tx_response){.status = NETIF_RSP_NULL};
        extra(e, f, &info);
    }
    if (!f->silent && first.size < FRAME_MIN)
        wrong(f);
    f->iovs++; /* the first piece's */
    for (flags = first.flags; flags & NETTXF_more_data; flags = entry.req.flags) {
        if (!next(e, queue, prod, f, &entry))
            return false;
        answer[(f->first + f->entries - 1) % ABI_RING].tx =
            (struct netif_tx_response){.id = entry.req.id};
        rest += entry.req.size;
        piece(e, f, entry.req.gref, entry.req.offset, entry.req.size);
    }
    if (rest >= first.size && first.size)
        wrong(f);
    piece(e, f, first.gref, first.offset, first.size - rest);
    if (f->silent) {
        e->copies = copies;
        e->pages = pages;
        return true;
    }
    swap = f->iov[--f->iovs];
    f->iov[1] = swap;
    return true;
}

/* The frame's beginning in one piece, for who looks at its headers. */
static uint8_t *beginning(struct frame *f)
{
    size_t want = f->length < FRAME_HEAD ? f->length : FRAME_HEAD, have = 0;
    unsigned int from = 1;

    if (f->iov[1].iov_len >= want)
        return f->iov[1].iov_base;
    while (have < want) {
        size_t n = f->iov[from].iov_len < want - have ? f->iov[from].iov_len : want - have;

        memcpy(f->copied + have, f->iov[from].iov_base, n);
        have += n;
        f->iov[from].iov_base = (uint8_t *)f->iov[from].iov_base + n;
        f->iov[from].iov_len -= n;
        if (!f->iov[from].iov_len)
            from++;
    }
    /* (from is at least 2: the first piece was too short, so its place is free) */
    memmove(&f->iov[2], &f->iov[from], (f->iovs - from) * sizeof(f->iov[0]));
    f->iovs -= from - 2;
    f->iov[1] = (struct iovec){.iov_base = f->copied, .iov_len = want};
    return f->copied;
}

/* The frames have been copied: which of them can be sent? */
static unsigned int ready(struct engine *e, bool copied)
{
    const xengnttab_grant_copy_segment_t *op = e->copy;
    unsigned int count = 0;

    for (unsigned int i = 0; i < e->frames; i++) {
        struct frame *f = &e->batch[i];
        bool good = copied;

        if (f->silent)
            continue;
        for (unsigned int n = 0; n < f->pieces; n++, op++)
            good &= op->status == GNTST_okay;
        if (good && frame_head(&f->head, f->offload.blank || f->offload.gso ? beginning(f) : NULL,
                               f->length, &f->offload))
            e->sent[count++] = f;
        else
            wrong(f);
    }
    return count;
}

static void answer(struct engine *e, unsigned int queue)
{
    struct state_counters *c = &e->state->counters;
    union state_answer *answers = e->state->queue[queue].tx.answer;

    for (unsigned int i = 0; i < e->frames; i++) {
        const struct frame *f = &e->batch[i];

        if (f->status != NETIF_RSP_OKAY) {
            c->tx_errors++;
            for (unsigned int n = 0; n < f->entries; n++) {
                struct netif_tx_response *a = &answers[(f->first + n) % ABI_RING].tx;

                if (a->status != NETIF_RSP_NULL)
                    a->status = f->status;
            }
        } else if (!f->silent && f->result < 0) {
            c->tx_dropped++; /* as a wire would: the guest is not told */
        } else if (!f->silent) {
            c->tx_packets++;
            c->tx_bytes += f->length;
        }
    }
    ring_answer_tx(e, queue, e->queue[queue].tx_cons);
}

/* Fill the batch. True: there may be more. */
static bool gather(struct engine *e, unsigned int queue, uint32_t prod, uint64_t *wait)
{
    while (e->queue[queue].tx_cons != prod) {
        struct frame *f = &e->batch[e->frames];
        uint64_t delay;

        if (e->frames == ENGINE_BATCH || e->pages + ENGINE_MAX_PIECES > ENGINE_PAGES)
            return true;
        if (e->limit.bytes && (delay = limit_wait(&e->limit, e->now()))) {
            e->state->counters.limited++;
            e->queue[queue].stands = true;
            *wait = !*wait || delay < *wait ? delay : *wait;
            return false;
        }
        if (!take(e, queue, prod, f)) {
            e->broken = "a frame in the ring has no end";
            return false;
        }
        if (!f->silent)
            limit_charge(&e->limit, f->length);
        e->frames++;
    }
    return false;
}

/* Ask to be told about the next request. True: there is one already. */
static bool rest(struct queue *q)
{
    __atomic_store_n(&q->tx->req_event, q->tx_cons + 1, __ATOMIC_RELEASE);
    __atomic_thread_fence(__ATOMIC_SEQ_CST); /* our wish before its requests */
    return engine_load(&q->tx->req_prod) != q->tx_cons;
}

bool tx_run(struct engine *e, unsigned int queue, uint64_t *wait)
{
    const struct state_ring *s = &e->state->queue[queue].tx;
    struct queue *q = &e->queue[queue];
    uint32_t prod = engine_load(&q->tx->req_prod);
    unsigned int count;
    bool more;

    if (prod - s->answered > ABI_RING) { /* more than there are places: not a ring any more */
        e->broken = "the indices of the transmit ring are out of bounds";
        return false;
    }
    e->frames = e->pages = e->copies = 0;
    q->stands = false;
    more = gather(e, queue, prod, wait);
    if (e->frames && !e->broken) {
        count = ready(e, engine_copy(e));
        if (count)
            e->port->send(e->port, queue, e->sent, count);
        answer(e, queue);
    }
    return !e->broken && (more || (!q->stands && rest(q)));
}
