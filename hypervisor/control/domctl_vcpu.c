/* SPDX-License-Identifier: BSD-2-Clause */
/* domctl: context, place and state of vCPUs. */
#include "control/domctl.h"

#include "abi/errno.h"
#include "control/cpu_bitmap.h"
#include "cpu/percpu.h"
#include "cpu/smp.h"
#include "domain/domain.h"
#include "domain/kind.h"
#include "mm/pool.h"
#include "p2m/copy.h"
#include "sched/sched.h"

/* Whether a vCPU is up is part of its context. */
static void set_online(struct vcpu *v, bool online)
{
    if (!online) {
        __atomic_fetch_or(&v->down, VPF_DOWN, __ATOMIC_ACQ_REL);
        return;
    }
    vcpu_bring_up(v);
}

/* Building the context validates the guest's page tables: it may take several calls, each with the
 * whole structure again. */
long domctl_setvcpucontext(struct domain *d, struct xen_domctl *op)
{
    struct vcpu *v = domain_vcpu(d, op->u.vcpucontext.vcpu);
    struct vcpu_guest_context *c;
    int rc;

    /* A dying domain gives its address spaces back and gets no new ones. */
    if (!v || !GUEST_VA(op->u.vcpucontext.ctxt) || d->life != DOMAIN_ALIVE)
        return -EINVAL;
    c = pool_new(struct vcpu_guest_context);
    if (!c)
        return -ENOMEM;
    rc = copy_from_guest(c, GUEST_VA(op->u.vcpucontext.ctxt), sizeof(*c));
    if (!rc) {
        domain_pause(d);
        rc = d->kind->context_set(v, c);
        if (!rc) {
            v->initialised = true;
            set_online(v, c->flags & VGCF_online);
        }
        domain_unpause(d);
    }
    pool_free(c);
    return rc;
}

long domctl_getvcpucontext(struct domain *d, struct xen_domctl *op)
{
    struct vcpu *v = domain_vcpu(d, op->u.vcpucontext.vcpu);
    struct vcpu_guest_context *c;
    int rc;

    if (!v)
        return -EINVAL;
    if (!v->initialised)
        return -ENODATA;
    c = pool_new(struct vcpu_guest_context);
    if (!c)
        return -ENOMEM;
    vcpu_pause(v);
    d->kind->context_get(v, c);
    if (READ_ONCE(v->down) & VPF_DOWN)
        c->flags &= ~(uint64_t)VGCF_online;
    else
        c->flags |= VGCF_online;
    vcpu_unpause(v);
    rc = copy_to_guest(GUEST_VA(op->u.vcpucontext.ctxt), c, sizeof(*c));
    pool_free(c);
    return rc;
}

long domctl_getvcpuinfo(struct domain *d, struct xen_domctl *op)
{
    struct vcpu *v = domain_vcpu(d, op->u.getvcpuinfo.vcpu);

    if (!v)
        return -EINVAL;
    sched_vcpu_info(v, &op->u.getvcpuinfo);
    return 0;
}

struct masks {
    struct cpumask hard, soft;
};

#define BOTH (XEN_VCPUAFFINITY_HARD | XEN_VCPUAFFINITY_SOFT)

/* Write back the sets asked for. */
static int put_masks(const struct xen_domctl_vcpuaffinity *a, const struct masks *m)
{
    int rc = 0;

    if (a->flags & XEN_VCPUAFFINITY_HARD)
        rc = cpu_bitmap_write(&a->cpumap_hard, &m->hard);
    if (!rc && (a->flags & XEN_VCPUAFFINITY_SOFT))
        rc = cpu_bitmap_write(&a->cpumap_soft, &m->soft);
    return rc;
}

static int set_affinity(struct vcpu *v, const struct xen_domctl_vcpuaffinity *a, struct masks *m)
{
    bool hard = a->flags & XEN_VCPUAFFINITY_HARD, soft = a->flags & XEN_VCPUAFFINITY_SOFT;
    int rc = 0;

    if (hard)
        rc = cpu_bitmap_read(&m->hard, &a->cpumap_hard);
    if (!rc && soft)
        rc = cpu_bitmap_read(&m->soft, &a->cpumap_soft);
    if (!rc)
        rc = sched_set_affinity(v, hard ? &m->hard : NULL, soft ? &m->soft : NULL,
                                a->flags & XEN_VCPUAFFINITY_FORCE);
    if (rc)
        return rc;
    sched_affinity_in_force(v, &m->hard, &m->soft);
    return put_masks(a, m);
}

long domctl_setvcpuaffinity(struct domain *d, struct xen_domctl *op)
{
    const struct xen_domctl_vcpuaffinity *a = &op->u.vcpuaffinity;
    struct vcpu *v = domain_vcpu(d, a->vcpu);
    struct masks *m;
    int rc;

    if (!(a->flags & BOTH) || (a->flags & ~(BOTH | XEN_VCPUAFFINITY_FORCE)))
        return -EINVAL;
    if (!v)
        return -ESRCH;
    m = pool_new(struct masks);
    if (!m)
        return -ENOMEM;
    rc = set_affinity(v, a, m);
    pool_free(m);
    return rc;
}

long domctl_getvcpuaffinity(struct domain *d, struct xen_domctl *op)
{
    const struct xen_domctl_vcpuaffinity *a = &op->u.vcpuaffinity;
    struct vcpu *v = domain_vcpu(d, a->vcpu);
    struct masks *m;
    int rc;

    if (!(a->flags & BOTH))
        return -EINVAL;
    if (!v)
        return -ESRCH;
    m = pool_new(struct masks);
    if (!m)
        return -ENOMEM;
    sched_get_affinity(v, &m->hard, &m->soft);
    rc = put_masks(a, m);
    pool_free(m);
    return rc;
}
