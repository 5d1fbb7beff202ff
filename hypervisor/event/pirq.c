/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Ports bound to physical interrupts.
 *
 * Connecting and disconnecting an interrupt line may wait for handlers on other CPUs, and those
 * raise events; so it is done without the event lock. Meanwhile the port is `busy`: it delivers,
 * but no other operation sees it as open.
 */
#include "event/port.h"

#include "abi/errno.h"
#include "cpu/percpu.h"
#include "event/op.h"
#include "irq/irq.h"

static struct port *find(const struct event_domain *e, uint32_t pirq)
{
    struct port *p = e->pirqs;

    while (p && p->pirq != pirq)
        p = p->next_pirq;
    return p;
}

static void unchain(struct event_domain *e, struct port *p)
{
    struct port **link = &e->pirqs;

    while (*link != p)
        link = &(*link)->next_pirq;
    *link = p->next_pirq;
}

static int reserve(struct domain *d, uint32_t pirq, struct port **out)
{
    struct event_domain *e = d->event;
    int rc = find(e, pirq) ? -EEXIST : port_open(d, PORT_PIRQ, out);

    if (!rc) {
        struct port *p = *out;

        p->pirq = pirq;
        p->next_pirq = e->pirqs;
        p->busy = 1;
        e->pirqs = p;
    }
    return rc;
}

long event_op_bind_pirq(void *arg)
{
    struct evtchn_bind_pirq *op = arg;
    struct domain *d = vcpu_current()->domain;
    struct event_domain *e = d->event;
    struct port *p;
    uint64_t flags;
    int rc;

    flags = event_write_lock(e);
    rc = reserve(d, op->pirq, &p);
    event_write_unlock(e, flags);
    if (rc)
        return rc;

    rc = irq_bind_guest(d, op->pirq, op->flags & BIND_PIRQ__WILL_SHARE, p->number);

    flags = event_write_lock(e);
    p->busy = 0;
    if (rc) {
        unchain(e, p);
        port_free(d, p);
    } else {
        op->port = p->number;
        pirq_follow(d, p, port_vcpu(d, 0));
    }
    event_write_unlock(e, flags);
    return rc;
}

void pirq_close(struct domain *d, struct port *p, uint64_t flags)
{
    struct event_domain *e = d->event;

    p->busy = 1;
    event_write_unlock(e, flags);

    irq_unbind_guest(d, p->pirq);

    flags = event_write_lock(e);
    unchain(e, p);
    port_free(d, p);
    event_write_unlock(e, flags);
}

void pirq_follow(struct domain *d, const struct port *p, const struct vcpu *v)
{
    if (v)
        irq_set_affinity(d, p->pirq, v->sched.cpu);
}
