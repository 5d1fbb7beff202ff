/* SPDX-License-Identifier: BSD-2-Clause */
/* Virtual interrupts: of one vCPU (timer, debug) and of the whole machine (for the control domain).
 */
#include "event/event.h"

#include "abi/errno.h"
#include "cpu/percpu.h"
#include "event/op.h"
#include "event/port.h"

/* Who gets a global VIRQ; NULL: the control domain. Each non-NULL entry holds a reference. */
static struct domain *virq_owner[NR_VIRQS];
static struct spinlock virq_owner_lock = SPINLOCK_INIT(LOCK_VIRQ_OWNER);

/* The classes of xen/xen.h: the rest, the architecture's included, are global. */
bool virq_is_global(uint32_t virq)
{
    switch (virq) {
    case VIRQ_TIMER:
    case VIRQ_DEBUG:
    case VIRQ_XENOPROF:
    case VIRQ_XENPMU:
        return false;
    default:
        return true;
    }
}

long event_op_bind_virq(void *arg)
{
    struct evtchn_bind_virq *op = arg;
    struct domain *d = vcpu_current()->domain;
    struct vcpu *v = port_vcpu(d, op->vcpu);
    uint32_t *slot;
    struct port *p;
    uint64_t flags;
    int rc = -EEXIST;

    if (op->virq >= NR_VIRQS || (virq_is_global(op->virq) && op->vcpu != 0))
        return -EINVAL;
    if (!v)
        return -ENOENT;
    slot = &v->event->virq_port[index_clamp(op->virq, NR_VIRQS)];
    flags = event_write_lock(d->event);
    if (!*slot)
        rc = port_open(d, PORT_VIRQ, &p);
    if (!rc) {
        p->virq = op->virq;
        WRITE_ONCE(p->target, port_target(op->vcpu, EVTCHN_FIFO_PRIORITY_DEFAULT));
        WRITE_ONCE(*slot, p->number);
        op->port = p->number;
    }
    event_write_unlock(d->event, flags);
    return rc;
}

void virq_unbind(struct domain *d, struct port *p)
{
    struct vcpu *v = port_vcpu(d, virq_is_global(p->virq) ? 0 : target_vcpu(p->target));

    if (v)
        WRITE_ONCE(v->event->virq_port[p->virq], 0);
}

void event_raise_virq(struct vcpu *v, uint32_t virq)
{
    struct event_domain *e;
    struct port *p;
    uint64_t flags;

    if (!v->event || virq >= NR_VIRQS || !READ_ONCE(v->event->virq_port[virq]))
        return;
    e = v->domain->event;
    flags = event_read_lock(e);
    p = port_lookup(e, v->event->virq_port[virq]); /* port 0 when it was closed meanwhile */
    if (p && p->state == PORT_VIRQ)
        port_raise(v->domain, p);
    event_read_unlock(e, flags);
}

void event_raise_global_virq(uint32_t virq)
{
    struct domain *d;
    struct vcpu *v;
    uint64_t flags;

    if (virq >= NR_VIRQS)
        return;
    flags = spin_lock_irqsave(&virq_owner_lock);
    d = virq_owner[virq] ? virq_owner[virq] : domain_control;
    v = d ? port_vcpu(d, 0) : NULL;
    if (v)
        event_raise_virq(v, virq);
    spin_unlock_irqrestore(&virq_owner_lock, flags);
}

int event_set_virq_handler(struct domain *d, uint32_t virq)
{
    struct domain *old;
    uint64_t flags;

    if (virq >= NR_VIRQS || !virq_is_global(virq))
        return -EINVAL;
    domain_ref(d);
    flags = spin_lock_irqsave(&virq_owner_lock);
    old = virq_owner[virq];
    if (old == d || d->event->dying) {
        spin_unlock_irqrestore(&virq_owner_lock, flags);
        domain_put(d);
        return old == d ? -EEXIST : -EINVAL;
    }
    virq_owner[virq] = d;
    spin_unlock_irqrestore(&virq_owner_lock, flags);
    if (old)
        domain_put(old);
    return 0;
}

void virq_disown(struct domain *d)
{
    for (uint32_t virq = 0; virq < NR_VIRQS; virq++) {
        uint64_t flags;
        bool owned;

        if (READ_ONCE(virq_owner[virq]) != d)
            continue;
        flags = spin_lock_irqsave(&virq_owner_lock);
        owned = virq_owner[virq] == d;
        if (owned)
            virq_owner[virq] = NULL;
        spin_unlock_irqrestore(&virq_owner_lock, flags);
        if (owned)
            domain_put(d);
    }
}
