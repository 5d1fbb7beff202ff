/* SPDX-License-Identifier: BSD-2-Clause */
/* The sched_op hypercall (xen/sched.h). */
#include "abi/errno.h"
#include "cpu/percpu.h"
#include "domain/domain.h"
#include "event/event.h"
#include "hypercall/hypercall.h"
#include "hypercall/table.h"
#include "p2m/copy.h"
#include "sched/private.h"
#include "sched/sched.h"

#include <xen/sched.h>

#define POLL_PORTS_MAX 128

static long op_yield(void *arg)
{
    (void)arg;
    sched_give_way(vcpu_current());
    return 0;
}

static long op_block(void *arg)
{
    (void)arg;
    sched_block(vcpu_current());
    return 0;
}

static long op_shutdown(void *arg)
{
    const struct sched_shutdown *s = arg;

    if (s->reason > SHUTDOWN_MAX)
        return -EINVAL;
    domain_shutdown(vcpu_current()->domain, (int)s->reason);
    return 0;
}

static long op_shutdown_code(void *arg)
{
    const struct sched_shutdown *s = arg;
    struct domain *d = vcpu_current()->domain;
    uint64_t flags;

    if (s->reason > SHUTDOWN_MAX)
        return -EINVAL;
    flags = spin_lock_irqsave(&d->shutdown_lock);
    d->shutdown_code = (int)s->reason;
    spin_unlock_irqrestore(&d->shutdown_lock, flags);
    return 0;
}

static long op_remote_shutdown(void *arg)
{
    const struct sched_remote_shutdown *s = arg;
    struct domain *d;
    long rc = 0;

    d = domain_get(s->domain_id);
    if (!d)
        return -ESRCH;
    if (d == vcpu_current()->domain || d->is_system)
        rc = -EPERM;
    else
        domain_shutdown(d, (uint8_t)s->reason);
    domain_put(d);
    return rc;
}

static long op_poll(void *arg)
{
    const struct sched_poll *s = arg;
    struct vcpu *v = vcpu_current();
    uint32_t ports[POLL_PORTS_MAX];

    if (s->nr_ports > POLL_PORTS_MAX)
        return -EINVAL;
    if (s->nr_ports &&
        copy_from_guest(ports, GUEST_VA(s->ports), s->nr_ports * sizeof(ports[0])))
        return -EFAULT;
    for (uint32_t i = 0; i < s->nr_ports; i++)
        if (!event_port_valid(v->domain, ports[i]))
            return -EINVAL;
    sched_poll(v, ports, s->nr_ports, s->timeout);
    return 0;
}

static long op_watchdog(void *arg)
{
    const struct sched_watchdog *w = arg;

    return sched_watchdog(vcpu_current()->domain, w->id, w->timeout);
}

static long op_pin_override(void *arg)
{
    const struct sched_pin_override *p = arg;

    return sched_pin(vcpu_current(), p->pcpu);
}

static const struct subop table[] = {
    {SCHEDOP_yield, 0, SUBOP_NOARG, op_yield},
    {SCHEDOP_block, 0, SUBOP_NOARG, op_block},
    {SCHEDOP_shutdown, sizeof(struct sched_shutdown), SUBOP_IN, op_shutdown},
    {SCHEDOP_poll, sizeof(struct sched_poll), SUBOP_IN, op_poll},
    {SCHEDOP_remote_shutdown, sizeof(struct sched_remote_shutdown), SUBOP_IN | SUBOP_CONTROL,
     op_remote_shutdown},
    {SCHEDOP_shutdown_code, sizeof(struct sched_shutdown), SUBOP_IN, op_shutdown_code},
    {SCHEDOP_watchdog, sizeof(struct sched_watchdog), SUBOP_IN, op_watchdog},
    {SCHEDOP_pin_override, sizeof(struct sched_pin_override), SUBOP_CONTROL | SUBOP_ASK_FIRST,
     op_pin_override},
};

long hc_sched_op(uint64_t a0, uint64_t a1)
{
    return subop_run(table, ARRAY_SIZE(table), (uint32_t)a0, a1);
}
