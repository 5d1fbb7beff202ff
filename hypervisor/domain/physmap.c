/* SPDX-License-Identifier: BSD-2-Clause */
/* Placing frames in a guest's physical map, and naming frames of hypervisor resources. */
#include "domain/memory.h"

#include "abi/errno.h"
#include "cpu/percpu.h"
#include "domain/domain.h"
#include "grant/grant.h"
#include "hypercall/hypercall.h"
#include "p2m/copy.h"

/*
 * A PV guest has no physical map of ours: it names machine frames itself, and gets shared_info,
 * grant frames and foreign frames through its page tables. So for it these calls have no meaning.
 */
static long no_physmap(domid_t id)
{
    struct domain *d;
    int rc = memory_target(id, &d);

    if (rc)
        return rc;
    domain_put(d);
    return -EACCES;
}

long physmap_add(uint64_t gva)
{
    struct xen_add_to_physmap arg;

    if (copy_from_guest(&arg, gva, sizeof(arg)))
        return -EFAULT;
    return no_physmap(arg.domid);
}

long physmap_add_batch(uint64_t start, uint64_t gva)
{
    struct xen_add_to_physmap_batch arg;

    if (copy_from_guest(&arg, gva, sizeof(arg)))
        return -EFAULT;
    if (start >= arg.size)
        return start ? -EINVAL : 0;
    return no_physmap(arg.domid);
}

long physmap_remove(uint64_t gva)
{
    struct xen_remove_from_physmap arg;

    if (copy_from_guest(&arg, gva, sizeof(arg)))
        return -EFAULT;
    return no_physmap(arg.domid);
}

static int resource_size(struct domain *d, const struct xen_mem_acquire_resource *r)
{
    switch (r->type) {
    case XENMEM_resource_grant_table:
        return grant_resource_frames(d, r->id);
    case XENMEM_resource_ioreq_server: /* device models serve translated guests only */
    case XENMEM_resource_vmtrace_buf:  /* no domain has one */
        return -EINVAL;
    default:
        return -EOPNOTSUPP;
    }
}

/* Write the frame numbers of the resource from frame @start of the request on. */
static long resource_frames(struct domain *d, const struct xen_mem_acquire_resource *r,
                            uint64_t start)
{
    if (r->type != XENMEM_resource_grant_table)
        return resource_size(d, r);
    for (uint64_t i = start; i < r->nr_frames; i++) {
        uint64_t index = r->frame + i;
        mfn_t mfn;
        int rc;

        if (i != start && hypercall_preempt())
            return memory_continue(XENMEM_acquire_resource, i);
        if (index > UINT32_MAX)
            return -EINVAL;
        rc = grant_resource_frame(d, r->id, (uint32_t)index, &mfn);
        if (rc)
            return rc;
        if (copy_to_guest(GUEST_ELEM(GUEST_VA(r->frame_list), uint64_t, i), &mfn.n, sizeof(mfn.n)))
            return -EFAULT;
    }
    return 0;
}

long physmap_acquire_resource(uint64_t start, uint64_t gva)
{
    struct xen_mem_acquire_resource r;
    struct domain *d;
    long rc;

    if (copy_from_guest(&r, gva, sizeof(r)))
        return -EFAULT;
    if (!caller_is_control())
        return -EPERM;
    if (r.pad)
        return -EINVAL;
    if (r.frame + r.nr_frames < r.frame || (start && start >= r.nr_frames))
        return -EINVAL;
    if (vcpu_current()->domain->is_translated)
        return -EOPNOTSUPP;
    if (r.domid == DOMID_SELF)
        return -ESRCH; /* never oneself, by either name */
    rc = memory_target(r.domid, &d);
    if (rc)
        return rc;
    if (d == vcpu_current()->domain) { /* it has other ways to its own */
        domain_put(d);
        return -EPERM;
    }
    if (GUEST_VA(r.frame_list) || r.nr_frames) {
        rc = r.nr_frames ? resource_frames(d, &r, start) : -EINVAL;
    } else {
        rc = resource_size(d, &r);
        if (rc >= 0) {
            r.nr_frames = (uint32_t)rc;
            rc = copy_to_guest(gva, &r, sizeof(r));
        }
    }
    domain_put(d);
    return rc;
}
