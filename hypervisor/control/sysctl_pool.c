/* SPDX-License-Identifier: BSD-2-Clause */
/* sysctl: pools of CPUs. */
#include "control/sysctl.h"

#include "abi/errno.h"
#include "control/cpu_bitmap.h"
#include "cpu/percpu.h"
#include "domain/domain.h"
#include "mm/pool.h"
#include "sched/pool.h"

/* About the first pool with at least that number: how the toolstack walks the list. */
static long pool_info(struct xen_sysctl_cpupool_op *p)
{
    struct sched_pool_info *info = pool_new(struct sched_pool_info);
    long rc = -ENOENT;

    if (!info)
        return -ENOMEM;
    if (sched_pool_info(p->cpupool_id, info)) {
        p->cpupool_id = info->id;
        p->sched_id = XEN_SCHEDULER_CREDIT2;
        p->n_dom = info->domains;
        rc = cpu_bitmap_write(&p->cpumap, &info->cpus);
    }
    pool_free(info);
    return rc;
}

/* CPUs in no pool. */
static long free_info(struct xen_sysctl_cpupool_op *p)
{
    struct cpumask *cpus = pool_new(struct cpumask);
    int rc;

    if (!cpus)
        return -ENOMEM;
    sched_pool_free_cpus(cpus);
    rc = cpu_bitmap_write(&p->cpumap, cpus);
    pool_free(cpus);
    return rc;
}

static long move_domain(const struct xen_sysctl_cpupool_op *p)
{
    struct domain *d = domain_get((domid_t)p->domid);
    long rc = -EPERM;

    if (!d)
        return -ESRCH;
    if (d != vcpu_current()->domain)
        rc = sched_pool_move(d, p->cpupool_id);
    domain_put(d);
    return rc;
}

static long create(struct xen_sysctl_cpupool_op *p)
{
    if (p->sched_id != XEN_SCHEDULER_CREDIT2)
        return -ENOENT;
    return sched_pool_create(&p->cpupool_id);
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
        return create(p);
    case XEN_SYSCTL_CPUPOOL_OP_DESTROY:
        return sched_pool_destroy(p->cpupool_id);
    case XEN_SYSCTL_CPUPOOL_OP_ADDCPU:
        return sched_pool_add_cpu(p->cpupool_id, p->cpu);
    case XEN_SYSCTL_CPUPOOL_OP_RMCPU:
        return sched_pool_take_cpu(p->cpupool_id, p->cpu);
    default:
        return -ENOSYS;
    }
}
