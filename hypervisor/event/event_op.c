/* SPDX-License-Identifier: BSD-2-Clause */
/* The event_channel_op hypercall: sending first, because it is the one that counts. */
#include "event/event.h"

#include "abi/errno.h"
#include "cpu/percpu.h"
#include "event/op.h"
#include "event/port.h"
#include "hypercall/hypercall.h"
#include "hypercall/table.h"
#include "p2m/copy.h"
#include "p2m/guest_word.h"

/* Continuation of EVTCHNOP_reset (14 in xen/event_channel.h, named for hypervisors only). */
#define RESET_CONT 14

static long op_close(void *arg)
{
    return port_close(vcpu_current()->domain, ((struct evtchn_close *)arg)->port, true);
}

static long reset(void *arg, bool resume)
{
    long rc = event_reset(((struct evtchn_reset *)arg)->dom, resume);

    if (rc == -ERESTART)
        hypercall_args()[0] = RESET_CONT;
    return rc;
}

static long op_reset(void *arg)
{
    return reset(arg, false);
}

static long op_reset_cont(void *arg)
{
    return reset(arg, true);
}

static const struct subop operations[] = {
    {EVTCHNOP_bind_interdomain, sizeof(struct evtchn_bind_interdomain), SUBOP_OUT,
     event_op_bind_interdomain},
    {EVTCHNOP_bind_virq, sizeof(struct evtchn_bind_virq), SUBOP_OUT, event_op_bind_virq},
    {EVTCHNOP_bind_pirq, sizeof(struct evtchn_bind_pirq), SUBOP_OUT, event_op_bind_pirq},
    {EVTCHNOP_close, sizeof(struct evtchn_close), SUBOP_IN, op_close},
    {EVTCHNOP_status, sizeof(struct evtchn_status), SUBOP_OUT, event_op_status},
    {EVTCHNOP_alloc_unbound, sizeof(struct evtchn_alloc_unbound), SUBOP_OUT,
     event_op_alloc_unbound},
    {EVTCHNOP_bind_ipi, sizeof(struct evtchn_bind_ipi), SUBOP_OUT, event_op_bind_ipi},
    {EVTCHNOP_bind_vcpu, sizeof(struct evtchn_bind_vcpu), SUBOP_IN, event_op_bind_vcpu},
    {EVTCHNOP_reset, sizeof(struct evtchn_reset), SUBOP_IN, op_reset},
    {EVTCHNOP_init_control, sizeof(struct evtchn_init_control), SUBOP_OUT, event_op_init_control},
    {EVTCHNOP_expand_array, sizeof(struct evtchn_expand_array), SUBOP_IN, event_op_expand_array},
    {EVTCHNOP_set_priority, sizeof(struct evtchn_set_priority), SUBOP_IN, event_op_set_priority},
    {RESET_CONT, sizeof(struct evtchn_reset), SUBOP_IN, op_reset_cont},
};

static off_path long port_of_translated(uint64_t arg)
{
    evtchn_port_t port;

    return copy_from_guest(&port, arg, sizeof(port)) ? -EFAULT : (long)port;
}

/* The argument of a send or an unmask (struct evtchn_send, struct evtchn_unmask): one port. It, or
 * -EFAULT. */
static inline long port_argument(const struct vcpu *v, uint64_t arg)
{
    evtchn_port_t port;

    if (unlikely(v->hvm))
        return port_of_translated(arg);
    return guest_range_ok(arg, sizeof(port)) && guest_get_u32(&port, arg) ? (long)port : -EFAULT;
}

long hc_event_channel_op(uint64_t cmd, uint64_t arg)
{
    const struct vcpu *v = vcpu_current();
    uint32_t number = (uint32_t)cmd;
    long port;

    if (likely(number == EVTCHNOP_send)) {
        port = port_argument(v, arg);
        return likely(port >= 0) ? event_send(v->domain, (evtchn_port_t)port) : port;
    }
    if (number == EVTCHNOP_unmask) {
        port = port_argument(v, arg);
        return likely(port >= 0) ? event_unmask_port(v->domain, (evtchn_port_t)port) : port;
    }
    return subop_run(operations, ARRAY_SIZE(operations), number, arg);
}
