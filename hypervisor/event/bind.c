/* SPDX-License-Identifier: BSD-2-Clause */
/* Connecting ports of one and two domains, and asking what they are connected to. */
#include "event/event.h"

#include "abi/errno.h"
#include "cpu/percpu.h"
#include "event/op.h"
#include "event/port.h"
#include "hypercall/hypercall.h"

static struct domain *caller(void)
{
    return vcpu_current()->domain;
}

/* The domain an argument names, referenced; NULL for none that has ports. */
static struct domain *domain_with_ports(domid_t id)
{
    struct domain *d = domain_get_arg(id);

    if (d && !d->event) {
        domain_put(d);
        return NULL;
    }
    return d;
}

/* The same for operations on other domains, which only the control domain may do. */
static int target_get(domid_t id, struct domain **out)
{
    struct domain *d = domain_with_ports(id);

    if (!d)
        return -ESRCH;
    if (d != caller() && !caller_is_control()) {
        domain_put(d);
        return -EPERM;
    }
    *out = d;
    return 0;
}

int event_alloc_unbound(struct domain *d, domid_t remote, evtchn_port_t *port)
{
    uint64_t flags = event_write_lock(d->event);
    struct port *p;
    int rc = port_open(d, PORT_UNBOUND, &p);

    if (!rc) {
        p->remote = remote;
        *port = p->number;
    }
    event_write_unlock(d->event, flags);
    return rc;
}

int event_open_own(struct vcpu *v, domid_t remote, evtchn_port_t *port)
{
    struct domain *d = v->domain;
    uint64_t flags = event_write_lock(d->event);
    struct port *p;
    int rc = port_open(d, PORT_UNBOUND, &p);

    if (!rc && p->number >= EVTCHN_2L_NR_CHANNELS) { /* it must outlive a reset by the guest */
        port_free(d, p);
        rc = -ENOSPC;
    }
    if (!rc) {
        d->event->own++;
        p->remote = remote;
        p->own = 1;
        WRITE_ONCE(p->target, port_target(v->id, EVTCHN_FIFO_PRIORITY_DEFAULT));
        *port = p->number;
    }
    event_write_unlock(d->event, flags);
    return rc;
}

void event_close_own(struct domain *d, evtchn_port_t port)
{
    if (port_close(d, port, false))
        return; /* the domain is dying: it is closed already */
}

long event_op_alloc_unbound(void *arg)
{
    struct evtchn_alloc_unbound *op = arg;
    struct domain *d;
    int rc = target_get(op->dom, &d);

    if (rc)
        return rc;
    rc = event_alloc_unbound(d, op->remote_dom == DOMID_SELF ? caller()->id : op->remote_dom,
                             &op->port);
    domain_put(d);
    return rc;
}

/* Both locks are held. */
static int connect(struct domain *d, struct domain *remote, evtchn_port_t remote_port,
                   struct port **out)
{
    struct port *theirs = port_lookup_open(remote->event, remote_port), *ours;
    int rc;

    if (!theirs || theirs->state != PORT_UNBOUND || theirs->remote != d->id)
        return -EINVAL;
    rc = port_open(d, PORT_INTERDOMAIN, &ours);
    if (rc)
        return rc;
    ours->peer = remote;
    ours->peer_port = theirs;
    theirs->peer = d;
    theirs->peer_port = ours;
    theirs->state = PORT_INTERDOMAIN;
    *out = ours;
    return 0;
}

long event_op_bind_interdomain(void *arg)
{
    struct evtchn_bind_interdomain *op = arg;
    struct domain *d = caller(), *remote = domain_with_ports(op->remote_dom);
    struct port *ours;
    uint64_t flags;
    int rc;

    if (!remote)
        return -ESRCH;
    flags = event_pair_lock(d, remote);
    rc = connect(d, remote, op->remote_port, &ours);
    if (!rc) {
        op->local_port = ours->number;
        /* The peer may have sent while nobody was bound; that event is not lost. */
        port_raise(d, ours);
    }
    event_pair_unlock(d, remote, flags);
    domain_put(remote);
    return rc;
}

long event_op_bind_ipi(void *arg)
{
    struct evtchn_bind_ipi *op = arg;
    struct domain *d = caller();
    struct port *p;
    uint64_t flags;
    int rc;

    if (!port_vcpu(d, op->vcpu))
        return -ENOENT;
    flags = event_write_lock(d->event);
    rc = port_open(d, PORT_IPI, &p);
    if (!rc) {
        WRITE_ONCE(p->target, port_target(op->vcpu, EVTCHN_FIFO_PRIORITY_DEFAULT));
        op->port = p->number;
    }
    event_write_unlock(d->event, flags);
    return rc;
}

static int move_to_vcpu(struct domain *d, struct port *p, struct vcpu *v)
{
    switch (p->state) {
    case PORT_VIRQ:
        if (!virq_is_global(p->virq))
            return -EINVAL;
        break;
    case PORT_UNBOUND:
    case PORT_INTERDOMAIN:
        if (p->own)
            return -EINVAL;
        break;
    case PORT_PIRQ:
        if (target_vcpu(p->target) != v->id)
            pirq_follow(d, p, v);
        break;
    default:
        return -EINVAL;
    }
    WRITE_ONCE(p->target, port_target(v->id, target_priority(p->target)));
    return 0;
}

long event_op_bind_vcpu(void *arg)
{
    struct evtchn_bind_vcpu *op = arg;
    struct domain *d = caller();
    struct vcpu *v = port_vcpu(d, op->vcpu);
    struct port *p;
    uint64_t flags;
    int rc;

    if (!v)
        return -ENOENT;
    flags = event_write_lock(d->event);
    p = port_lookup_open(d->event, op->port);
    rc = p ? move_to_vcpu(d, p, v) : -EINVAL;
    event_write_unlock(d->event, flags);
    return rc;
}

static void status_of(const struct port *p, struct evtchn_status *op)
{
    op->vcpu = target_vcpu(p->target);
    switch (p->state) {
    case PORT_UNBOUND:
        op->status = EVTCHNSTAT_unbound;
        op->u.unbound.dom = p->remote;
        break;
    case PORT_INTERDOMAIN:
        op->status = EVTCHNSTAT_interdomain;
        op->u.interdomain.dom = p->peer->id;
        op->u.interdomain.port = p->peer_port->number;
        break;
    case PORT_PIRQ:
        op->status = EVTCHNSTAT_pirq;
        op->u.pirq = p->pirq;
        break;
    case PORT_VIRQ:
        op->status = EVTCHNSTAT_virq;
        op->u.virq = p->virq;
        break;
    case PORT_IPI:
        op->status = EVTCHNSTAT_ipi;
        break;
    default:
        op->status = EVTCHNSTAT_closed;
        break;
    }
}

long event_op_status(void *arg)
{
    struct evtchn_status *op = arg;
    struct domain *d;
    struct port *p;
    uint64_t flags;
    int rc = target_get(op->dom, &d);

    if (rc)
        return rc;
    flags = event_read_lock(d->event);
    p = port_lookup(d->event, op->port);
    if (p)
        status_of(p, op);
    else
        rc = -EINVAL;
    event_read_unlock(d->event, flags);
    domain_put(d);
    return rc;
}
