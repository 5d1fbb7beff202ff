/* SPDX-License-Identifier: BSD-2-Clause */
/* From a raised port to a vCPU that will look at it. */
#include "event/event.h"

#include "abi/errno.h"
#include "cpu/percpu.h"
#include "event/fifo.h"
#include "event/op.h"
#include "event/port.h"
#include "sched/sched.h"

void port_notify_vcpu(struct vcpu *v)
{
    /* A flag that was set already has had its kick, and the guest clears it before it looks. */
    if (__atomic_exchange_n(&v->info->evtchn_upcall_pending, 1, __ATOMIC_SEQ_CST))
        return;
    if (unlikely(v->hvm)) { /* an interrupt of its local APIC, chosen at the gate */
        vcpu_raise(v, VCPU_WORK_EVENT);
        return;
    }
    /*
     * The vCPU on this CPU passes the gate before it runs again and finds the flag there; it needs
     * help only if it is about to sleep. Its mask is no reason to skip the kick of others: the
     * guest clears it without a barrier before it looks at the flag (xen/xen.h, struct vcpu_info).
     */
    if (v != vcpu_current() || READ_ONCE(v->sched.blocked))
        sched_kick(v);
}

void port_raise(struct domain *d, struct port *p)
{
    if (likely(READ_ONCE(d->event->fifo) != NULL))
        fifo_raise(d, p);
    else
        two_level_raise(d, p);
}

/* The receiver of an event of an interdomain channel. */
static void raise_peer(const struct port *p)
{
    struct port *to = p->peer_port;
    struct vcpu *waits;

    if (likely(!to->own)) {
        port_raise(p->peer, to);
        return;
    }
    waits = port_vcpu(p->peer, target_vcpu(to->target));
    if (waits) /* not one that is being made */
        sched_kick(waits);
}

long event_send(struct domain *d, evtchn_port_t number)
{
    struct event_domain *e = d->event;
    struct port *p;
    long rc = 0;

    irq_disable(); /* they are on in every hypercall */
    read_lock(&e->lock);
    p = port_lookup(e, number);
    switch (likely(p) ? p->state : PORT_FREE) {
    case PORT_IPI:
        port_raise(d, p);
        break;
    case PORT_INTERDOMAIN:
        if (unlikely(p->own))
            rc = -EINVAL;
        else
            raise_peer(p);
        break;
    case PORT_UNBOUND: /* nobody listens */
        rc = p->own ? -EINVAL : 0;
        break;
    default:
        rc = -EINVAL;
        break;
    }
    read_unlock(&e->lock);
    irq_enable();
    return rc;
}

void event_send_own(struct domain *d, evtchn_port_t number)
{
    uint64_t flags = event_read_lock(d->event);
    const struct port *p = port_lookup(d->event, number);

    if (p && p->own && p->state == PORT_INTERDOMAIN)
        raise_peer(p);
    event_read_unlock(d->event, flags);
}

void port_unmask(struct domain *d, struct port *p)
{
    if (d->event->fifo)
        fifo_unmask(d, p);
    else
        two_level_unmask(d, p);
}

void port_clear_pending(struct domain *d, struct port *p)
{
    if (d->event->fifo)
        fifo_clear_pending(d, p);
    else
        two_level_clear_pending(d, p->number);
}

bool port_is_pending(struct domain *d, struct port *p)
{
    return d->event->fifo ? fifo_is_pending(d, p) : two_level_is_pending(d, p->number);
}

bool port_is_masked(struct domain *d, struct port *p)
{
    return d->event->fifo ? fifo_is_masked(d, p) : two_level_is_masked(d, p->number);
}

void event_raise_port(struct domain *d, evtchn_port_t port)
{
    struct event_domain *e = d->event;
    uint64_t flags = event_read_lock(e);
    struct port *p = port_lookup(e, port);

    if (p && p->state > PORT_RESERVED)
        port_raise(d, p);
    event_read_unlock(e, flags);
}

bool event_port_valid(struct domain *d, evtchn_port_t port)
{
    struct event_domain *e = d->event;
    uint64_t flags = event_read_lock(e);
    bool valid = port && port_lookup(e, port);

    event_read_unlock(e, flags);
    return valid;
}

bool event_port_pending(struct domain *d, evtchn_port_t port)
{
    struct event_domain *e = d->event;
    uint64_t flags = event_read_lock(e);
    struct port *p = port_lookup(e, port);
    bool pending = p && p->number && port_is_pending(d, p);

    event_read_unlock(e, flags);
    return pending;
}

int event_unmask_port(struct domain *d, evtchn_port_t port)
{
    struct event_domain *e = d->event;
    uint64_t flags = event_read_lock(e);
    struct port *p = port_lookup_open(e, port);

    if (p)
        port_unmask(d, p);
    event_read_unlock(e, flags);
    return p || !port ? 0 : -EINVAL; /* (0 is never open, and nobody minds) */
}

void event_vcpu_info_moved(struct vcpu *v)
{
    /* A sender may still be working on the old place; it set the port's own bit before, and the
     * full scan asked for here finds that. */
    two_level_select_all(v);
    __atomic_store_n(&v->info->evtchn_upcall_pending, 1, __ATOMIC_SEQ_CST);
    vcpu_raise(v, VCPU_WORK_EVENT);
}
