/* SPDX-License-Identifier: BSD-2-Clause */
/* The event part of a domain's and a vCPU's life: creation, reset, teardown; and its dump. */
#include "event/event.h"

#include "abi/errno.h"
#include "console/log.h"
#include "cpu/percpu.h"
#include "event/fifo.h"
#include "event/op.h"
#include "event/port.h"
#include "hypercall/hypercall.h"
#include "lib/bitmap.h"
#include "lib/bits.h"
#include "mm/pool.h"

int event_domain_init(struct domain *d, uint32_t max_port)
{
    struct event_domain *e = pool_new(struct event_domain);
    struct port *zero;

    if (!e)
        return -ENOMEM;
    rw_init(&e->lock, LOCK_EVENT);
    e->max = max_port >= EVTCHN_FIFO_NR_CHANNELS ? EVTCHN_FIFO_NR_CHANNELS : max_port + 1;
    e->max = max(e->max, 2u); /* port 0 is nobody's */
    e->limit = min(e->max, (uint32_t)EVTCHN_2L_NR_CHANNELS);
    e->used = pool_array(uint64_t, WORDS_FOR_BITS(e->max));
    e->buckets = pool_array(struct port *, DIV_ROUND_UP(e->max, PORTS_PER_BUCKET));
    d->event = e;
    if (!e->used || !e->buckets || port_open(d, PORT_RESERVED, &zero)) {
        event_domain_free(d);
        return -ENOMEM;
    }
    e->open = 0;
    return 0;
}

void event_layout_changed(struct domain *d)
{
    struct event_domain *e = d->event;
    uint64_t flags = event_write_lock(e);

    if (!e->fifo) {
        e->limit = min(e->max, two_level_ports(d));
        e->valid = min(e->valid, e->limit);
    }
    event_write_unlock(e, flags);
}

void event_domain_free(struct domain *d)
{
    struct event_domain *e = d->event;

    if (!e)
        return;
    if (e->buckets)
        for (uint32_t i = 0; i < DIV_ROUND_UP(e->max, PORTS_PER_BUCKET); i++)
            pool_free(e->buckets[i]);
    pool_free(e->buckets);
    pool_free(e->used);
    pool_free(e);
    d->event = NULL;
}

int event_vcpu_init(struct vcpu *v)
{
    struct event_vcpu *ev = pool_new(struct event_vcpu);

    if (!ev)
        return -ENOMEM;
    for (uint32_t i = 0; i < EVTCHN_FIFO_MAX_QUEUES; i++)
        spin_init(&ev->queue[i].lock, LOCK_EVENT_QUEUE);
    v->event = ev;
    return 0;
}

void event_vcpu_free(struct vcpu *v)
{
    if (!v->event)
        return;
    pool_free(v->event); /* its control page went when the domain's ports were closed */
    v->event = NULL;
}

/* Close every port from the cursor on; in a reset those of the guest. -ERESTART when other work
 * waits. */
static int close_all(struct domain *d)
{
    struct event_domain *e = d->event;
    uint32_t closed = 0;

    for (;;) {
        uint32_t valid = min(READ_ONCE(e->valid), e->max);
        /* Without the lock: a port opened since is found by leave_fifo(), or there is none. */
        uint32_t number = (uint32_t)bitmap_next_set(e->used, valid, READ_ONCE(e->cursor));

        if (number >= valid)
            return 0;
        WRITE_ONCE(e->cursor, number + 1);
        if (port_close(d, number, !e->dying))
            continue; /* another CPU has closed it meanwhile, or it is not the guest's */
        if (++closed % 16 == 0 && hypercall_preempt())
            return -ERESTART;
    }
}

/* All ports are closed, or some opened again meanwhile (-EAGAIN). */
static int leave_fifo(struct domain *d)
{
    struct event_domain *e = d->event;
    struct event_fifo *fifo = NULL;
    struct vcpu *v;
    uint64_t flags = event_write_lock(e);
    int rc = 0;

    if (e->open > e->own)
        rc = -EAGAIN;
    else if (e->fifo)
        fifo = fifo_detach(d);
    event_write_unlock(e, flags);

    if (!fifo)
        return rc;
    fifo_release(fifo);
    for_each_vcpu(d, v)
    {
        fifo_release_vcpu(v);
    }
    return 0;
}

long event_reset(domid_t domid, bool resume)
{
    struct domain *d = domain_get_arg(domid);
    int rc;

    if (!d)
        return -ESRCH;
    if (!d->event)
        rc = -ESRCH;
    else if (d != vcpu_current()->domain && !caller_is_control())
        rc = -EPERM;
    else {
        if (!resume)
            WRITE_ONCE(d->event->cursor, 1);
        /* the continuation's number is a guest's to use: it ends what was begun, no more */
        rc = READ_ONCE(d->event->cursor) ? close_all(d) : -EBUSY;
        if (!rc)
            rc = leave_fifo(d);
        if (!rc)
            WRITE_ONCE(d->event->cursor, 0);
    }
    domain_put(d);
    return rc;
}

int event_domain_relinquish(struct domain *d)
{
    struct event_domain *e = d->event;
    uint64_t flags;
    int rc;

    if (!e)
        return 0;
    if (!e->dying) {
        flags = event_write_lock(e);
        e->dying = true;
        e->cursor = 1;
        event_write_unlock(e, flags);
        virq_disown(d);
    }
    rc = close_all(d);
    if (!rc)
        rc = leave_fifo(d);
    /* A port that was being bound to a pirq when we came by: next time. */
    if (rc == -EAGAIN) {
        e->cursor = 1;
        rc = -ERESTART;
    }
    return rc;
}

static const char *const state_names[] = {
    [PORT_FREE] = "free",       [PORT_RESERVED] = "reserved",
    [PORT_UNBOUND] = "unbound", [PORT_INTERDOMAIN] = "interdomain",
    [PORT_PIRQ] = "pirq",       [PORT_VIRQ] = "virq",
    [PORT_IPI] = "ipi",
};

#define DUMP_PORTS 64 /* of a domain: a guest may have 131,071 of them */

static void dump_port(struct domain *d, struct port *p)
{
    unsigned int peer = 0, number = 0;

    if (p->state == PORT_INTERDOMAIN) {
        peer = p->peer->id;
        number = p->peer_port->number;
    } else if (p->state == PORT_UNBOUND) {
        peer = p->remote;
    } else if (p->state == PORT_PIRQ || p->state == PORT_VIRQ) {
        number = p->pirq;
    }
    log_info("  port %u: %s vcpu %u priority %u, domain %u number %u%s%s", p->number,
             state_names[p->state], target_vcpu(p->target), target_priority(p->target), peer,
             number, port_is_pending(d, p) ? ", pending" : "",
             port_is_masked(d, p) ? ", masked" : "");
}

void event_dump(struct domain *d)
{
    struct event_domain *e = d->event;
    unsigned int shown = 0;

    if (!e)
        return;
    log_info("Domain %u: %u event ports open, %s ABI", d->id, e->open,
             e->fifo ? "FIFO" : "2-level");
    /* One port at a time: printing takes long, and interrupts are off under the lock. */
    for (uint32_t number = 1; number < READ_ONCE(e->valid) && shown < DUMP_PORTS; number++) {
        uint64_t flags = event_read_lock(e);
        struct port *p = port_lookup(e, number);

        if (p && p->state > PORT_RESERVED) {
            dump_port(d, p);
            shown++;
        }
        event_read_unlock(e, flags);
    }
}
