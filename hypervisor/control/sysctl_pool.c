/* SPDX-License-Identifier: BSD-2-Clause */
/* sysctl: pools of CPUs. There is one, number 0, and every online CPU and every domain is in it. */
#include "control/sysctl.h"

#include "abi/errno.h"
#include "control/cpu_bitmap.h"
#include "cpu/smp.h"
#include "domain/domain.h"
#include "mm/pool.h"

#define POOL_ID 0

static uint32_t count_domains(void)
{
    uint32_t from = 0, count = 0;

    while (from < DOMID_FIRST_RESERVED) {
        struct domain *d = domain_next((domid_t)from);

        if (!d)
            break;
        from = d->id + 1u;
        domain_put(d);
        count++;
    }
    return count;
}

/* About the first pool with at least that number: how the toolstack walks the list. */
static long pool_info(struct xen_sysctl_cpupool_op *p)
{
    if (p->cpupool_id > POOL_ID && p->cpupool_id != XEN_SYSCTL_CPUPOOL_PAR_ANY)
        return -ENOENT;
    p->cpupool_id = POOL_ID;
    p->sched_id = XEN_SCHEDULER_CREDIT2;
    p->n_dom = count_domains();
    return cpu_bitmap_write(&p->cpumap, &cpus_online);
}

/* CPUs in no pool: none. */
static long free_info(struct xen_sysctl_cpupool_op *p)
{
    struct cpumask *none = pool_new(struct cpumask);
    int rc;

    if (!none)
        return -ENOMEM;
    rc = cpu_bitmap_write(&p->cpumap, none);
    pool_free(none);
    return rc;
}

static long move_domain(const struct xen_sysctl_cpupool_op *p)
{
    struct domain *d;

    if (p->cpupool_id != POOL_ID)
        return -ENOENT;
    d = p->domid < DOMID_FIRST_RESERVED ? domain_get((domid_t)p->domid) : NULL;
    if (!d)
        return -ESRCH;
    domain_put(d);
    return 0; /* that is where it is */
}

long sysctl_cpupool_op(struct xen_sysctl *op)
{
    struct xen_sysctl_cpupool_op *p = &op->u.cpupool_op;

    switch (p->op) {
    case XEN_SYSCTL_CPUPOOL_OP_INFO:
        return pool_info(p);
    case XEN_SYSCTL_CPUPOOL_OP_FREEINFO:
        return free_info(p);
    case XEN_SYSCTL_CPUPOOL_OP_MOVEDOMAIN:
        return move_domain(p);
    case XEN_SYSCTL_CPUPOOL_OP_CREATE:
        return -EOPNOTSUPP;
    case XEN_SYSCTL_CPUPOOL_OP_DESTROY:
    case XEN_SYSCTL_CPUPOOL_OP_RMCPU:
        return p->cpupool_id == POOL_ID ? -EBUSY : -ENOENT;
    case XEN_SYSCTL_CPUPOOL_OP_ADDCPU:
        return p->cpupool_id == POOL_ID ? -ENODEV : -ENOENT; /* no CPU is free */
    default:
        return -ENOSYS;
    }
}
