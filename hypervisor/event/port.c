/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Ports: opening, closing, and the rules that keep them whole.
 *
 * What is always true here:
 *  - Each domain has one event lock, a reader-writer lock used with interrupts off. What a port is
 *    bound to changes only while it is held exclusive; delivery holds it shared.
 *  - The two ends of an interdomain channel name each other, or neither names the other. Becoming
 *    connected and disconnected happens while the locks of BOTH domains are held exclusive (lower
 *    domid first). Therefore either lock, held in any way, keeps both ends as they are.
 *  - So a sender needs its own domain's lock only: while it holds it, the peer port stays bound,
 *    and a bound port keeps its bucket, its domain and, in FIFO mode, the domain's event array and
 *    control blocks (they are released only when no port is open). No reference is counted and no
 *    second lock taken on the way of an event.
 *  - What delivery changes in the receiver without the receiver's lock (pending bits, event words,
 *    selector and flag in vcpu_info) is changed by single atomic operations or under the lock of
 *    one FIFO queue; a port's `target` is read once.
 *  - A domain that is dying opens no ports, so event_domain_relinquish() reaches the end.
 *  - Port numbers are given out lowest first; buckets are made in order and stay with the domain.
 */
#include "event/port.h"

#include "abi/errno.h"
#include "event/fifo.h"
#include "lib/bitmap.h"
#include "lib/bits.h"
#include "mm/pool.h"

uint64_t event_pair_lock(struct domain *a, struct domain *b)
{
    uint64_t flags = irq_save();
    struct domain *first = a->id < b->id ? a : b;
    struct domain *second = first == a ? b : a;

    write_lock(&first->event->lock);
    if (second != first)
        write_lock(&second->event->lock);
    return flags;
}

void event_pair_unlock(struct domain *a, struct domain *b, uint64_t flags)
{
    write_unlock(&a->event->lock);
    if (a != b)
        write_unlock(&b->event->lock);
    irq_restore(flags);
}

/* Make the ports from e->valid on; the buckets survive a change of ABI. */
static int add_bucket(struct event_domain *e)
{
    uint32_t index = e->valid / PORTS_PER_BUCKET;
    struct port *bucket = e->buckets[index];

    if (!bucket) {
        bucket = pool_array(struct port, PORTS_PER_BUCKET);
        if (!bucket)
            return -ENOMEM;
        for (uint32_t i = 0; i < PORTS_PER_BUCKET; i++) {
            bucket[i].number = e->valid + i;
            bucket[i].queue = port_target(0, EVTCHN_FIFO_PRIORITY_DEFAULT);
        }
        e->buckets[index] = bucket;
    }
    e->valid += PORTS_PER_BUCKET;
    return 0;
}

int port_open(struct domain *d, enum port_state state, struct port **out)
{
    struct event_domain *e = d->event;
    uint32_t number;
    struct port *p;
    int rc;

    if (e->dying)
        return -EINVAL;
    number = (uint32_t)bitmap_next_zero(e->used, e->limit, e->lowest);
    if (number >= e->limit)
        return -ENOSPC;
    while (number >= e->valid) {
        rc = add_bucket(e);
        if (rc)
            return rc;
    }
    p = port_lookup(e, number);
    p->state = (uint8_t)state;
    p->busy = 0;
    p->pending = 0;
    p->own = 0;
    WRITE_ONCE(p->target, port_target(0, EVTCHN_FIFO_PRIORITY_DEFAULT));
    p->peer = NULL;
    p->peer_port = NULL;
    bit_set(e->used, number);
    e->lowest = number + 1;
    e->open++;
    *out = p;
    return 0;
}

void port_free(struct domain *d, struct port *p)
{
    struct event_domain *e = d->event;

    port_clear_pending(d, p);
    p->state = PORT_FREE;
    p->busy = 0;
    e->own -= p->own;
    p->own = 0;
    bit_clear(e->used, p->number);
    e->lowest = min(e->lowest, p->number);
    e->open--;
}

/* Both locks are held: the other end waits for a new peer. */
static void disconnect(struct domain *d, struct port *p)
{
    struct port *other = p->peer_port;

    other->state = PORT_UNBOUND;
    other->peer = NULL;
    other->peer_port = NULL;
    other->remote = d->id;
}

/*
 * Close an interdomain port whose peer is another domain. The event lock of @d is held exclusive on
 * entry and released here. false when the channel changed while no lock was held: look again.
 */
static bool close_interdomain(struct domain *d, struct port *p, uint64_t flags)
{
    struct domain *peer = p->peer;
    bool same;

    domain_ref(peer); /* it is alive: it could not finish dying with this port bound */
    event_write_unlock(d->event, flags);

    flags = event_pair_lock(d, peer);
    same = p->state == PORT_INTERDOMAIN && p->peer == peer;
    if (same) {
        disconnect(d, p);
        port_free(d, p);
    }
    event_pair_unlock(d, peer, flags);
    domain_put(peer);
    return same;
}

int port_close(struct domain *d, uint32_t number, bool by_guest)
{
    for (;;) {
        uint64_t flags = event_write_lock(d->event);
        struct port *p = port_lookup_open(d->event, number);

        if (!p || (p->own && by_guest)) {
            event_write_unlock(d->event, flags);
            return -EINVAL;
        }
        if (p->state == PORT_PIRQ) {
            pirq_close(d, p, flags);
            return 0;
        }
        if (p->state == PORT_INTERDOMAIN && p->peer != d) {
            if (close_interdomain(d, p, flags))
                return 0;
            continue;
        }
        if (p->state == PORT_INTERDOMAIN)
            disconnect(d, p);
        else if (p->state == PORT_VIRQ)
            virq_unbind(d, p);
        port_free(d, p);
        event_write_unlock(d->event, flags);
        return 0;
    }
}
