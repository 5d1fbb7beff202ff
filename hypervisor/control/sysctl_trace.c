/* SPDX-License-Identifier: BSD-2-Clause */
/* sysctl: trace buffers (xentrace). */
#include "control/sysctl.h"

#include "abi/errno.h"
#include "control/cpu_bitmap.h"
#include "debug/trace.h"
#include "mm/pool.h"
#include "sync/spinlock.h"

static struct spinlock trace_lock = SPINLOCK_INIT(LOCK_TRACE);

static long set_cpus(const struct xen_sysctl_tbuf_op *t)
{
    struct cpumask *cpus = pool_new(struct cpumask);
    int rc;

    if (!cpus)
        return -ENOMEM;
    rc = cpu_bitmap_read(cpus, &t->cpu_mask);
    if (!rc)
        trace_set_cpus(cpus);
    pool_free(cpus);
    return rc;
}

static long run(struct xen_sysctl_tbuf_op *t)
{
    struct trace_info info;

    switch (t->cmd) {
    case XEN_SYSCTL_TBUFOP_get_info:
        info = trace_info();
        t->buffer_mfn = info.mfn;
        t->evt_mask = info.mask;
        t->size = info.bytes;
        return 0;
    case XEN_SYSCTL_TBUFOP_set_cpu_mask:
        return set_cpus(t);
    case XEN_SYSCTL_TBUFOP_set_evt_mask:
        trace_set_mask(t->evt_mask);
        return 0;
    case XEN_SYSCTL_TBUFOP_set_size:
        return trace_set_size(t->size);
    case XEN_SYSCTL_TBUFOP_enable:
    case XEN_SYSCTL_TBUFOP_disable:
        return trace_enable(t->cmd == XEN_SYSCTL_TBUFOP_enable);
    default:
        return -EINVAL;
    }
}

long sysctl_tbuf_op(struct xen_sysctl *op)
{
    long rc;

    spin_lock(&trace_lock);
    rc = run(&op->u.tbuf_op);
    spin_unlock(&trace_lock);
    return rc;
}
