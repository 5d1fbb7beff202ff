/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The first forms of three hypercalls (xen/xen.h, *_compat): the number of the operation is in the
 * structure, or its argument in a register. Kernels from before Xen 3.1 make them.
 */
#include "abi/errno.h"
#include "cpu/percpu.h"
#include "domain/domain.h"
#include "hypercall/hypercall.h"
#include "hypercall/table.h"
#include "p2m/copy.h"

#include <xen/event_channel.h>
#include <xen/physdev.h>
#include <xen/sched.h>

long hc_event_channel_op_compat(uint64_t gva)
{
    uint32_t cmd;

    if (copy_from_guest(&cmd, gva, sizeof(cmd)))
        return -EFAULT;
    if (cmd > EVTCHNOP_unmask)
        return -ENOSYS;
    return hc_event_channel_op(cmd, gva + offsetof(struct evtchn_op, u));
}

long hc_physdev_op_compat(uint64_t gva)
{
    uint32_t cmd;

    if (copy_from_guest(&cmd, gva, sizeof(cmd)))
        return -EFAULT;
    switch (cmd) {
    case PHYSDEVOP_IRQ_UNMASK_NOTIFY:
    case PHYSDEVOP_irq_status_query:
    case PHYSDEVOP_set_iopl:
    case PHYSDEVOP_set_iobitmap:
    case PHYSDEVOP_apic_read:
    case PHYSDEVOP_apic_write:
    case PHYSDEVOP_alloc_irq_vector:
        return hc_physdev_op(cmd, gva + offsetof(struct physdev_op, u));
    default:
        return -ENOSYS;
    }
}

long hc_sched_op_compat(uint64_t cmd, uint64_t arg)
{
    switch ((uint32_t)cmd) {
    case SCHEDOP_yield:
    case SCHEDOP_block:
        return hc_sched_op(cmd, 0);
    case SCHEDOP_shutdown:
        domain_shutdown(vcpu_current()->domain, (uint8_t)arg);
        return 0;
    default:
        return -ENOSYS;
    }
}

/* No counters for guests: what Xen says unless it is started with vpmu=. */
long hc_xenpmu_op(uint64_t cmd, uint64_t gva)
{
    (void)cmd;
    (void)gva;
    return -EOPNOTSUPP;
}
