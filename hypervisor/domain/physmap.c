/* SPDX-License-Identifier: BSD-2-Clause */
/* Placing frames in a guest's physical map, and naming frames of hypervisor resources. */
#include "domain/memory.h"

#include "abi/errno.h"
#include "cpu/percpu.h"
#include "domain/domain.h"
#include "domain/kind.h"
#include "domain/translated.h"
#include "grant/grant.h"
#include "hypercall/hypercall.h"
#include "mm/page.h"
#include "p2m/copy.h"
#include "p2m/gfn.h"

/*
 * The domain whose guest frames are to change, referenced. A PV guest has none of ours: it names
 * machine frames itself, and gets shared_info, grant frames and foreign frames through its page
 * tables. So for it these calls have no meaning: -EACCES. -ESRCH, -EPERM.
 */
static int physmap_target(domid_t id, struct domain **d)
{
    int rc = memory_target(id, d);

    if (rc || (*d)->is_translated)
        return rc;
    domain_put(*d);
    return -EACCES;
}

static int place_grant_frame(struct domain *d, uint64_t index, uint64_t gfn)
{
    uint32_t id = XENMEM_resource_grant_table_id_shared;
    mfn_t mfn;
    int rc;

    if (index & XENMAPIDX_grant_table_status) {
        index &= ~(uint64_t)XENMAPIDX_grant_table_status;
        id = XENMEM_resource_grant_table_id_status;
    }
    if (index > UINT32_MAX)
        return -EINVAL;
    rc = grant_resource_frame(d, id, (uint32_t)index, &mfn);
    return rc ? rc : translated_place(d, gfn, mfn); /* a table never shrinks */
}

/* A frame, by its own number, of those that the hypervisor shows to the control domain. */
static int place_shown_frame(struct domain *d, uint64_t number, uint64_t gfn)
{
    struct page *pg;
    bool is_shown;
    int rc;

    if (!caller_is_control() || d != vcpu_current()->domain)
        return -EPERM;
    if (!mfn_valid(MFN(number)))
        return -EINVAL;
    pg = mfn_page(MFN(number));
    if (!page_get(pg, domain_xen))
        return -EINVAL;
    is_shown = READ_ONCE(pg->count) & PAGE_XENHEAP;
    rc = is_shown ? translated_map_shown(d, gfn, MFN(number)) : -EINVAL;
    page_put(pg);
    return rc;
}

static int place_foreign_frame(struct domain *d, domid_t from, uint64_t index, uint64_t gfn)
{
    struct domain *owner;
    int rc;

    if (from == DOMID_SELF)
        return -EINVAL;
    if (from == DOMID_XEN)
        return place_shown_frame(d, index, gfn);
    rc = memory_target(from, &owner);
    if (rc)
        return rc;
    rc = translated_map_foreign(d, gfn, owner, index);
    domain_put(owner);
    return rc;
}

static int place(struct domain *d, uint32_t space, domid_t foreign, uint64_t index, uint64_t gfn)
{
    switch (space) {
    case XENMAPSPACE_shared_info:
        return index ? -EINVAL : translated_place(d, gfn, d->shared_info_mfn);
    case XENMAPSPACE_grant_table:
        return place_grant_frame(d, index, gfn);
    case XENMAPSPACE_gmfn:
    case XENMAPSPACE_gmfn_range:
        return translated_move(d, index, gfn);
    case XENMAPSPACE_gmfn_foreign:
        return place_foreign_frame(d, foreign, index, gfn);
    default:
        return -EINVAL;
    }
}

long physmap_add(uint64_t gva)
{
    struct xen_add_to_physmap arg;
    struct domain *d;
    long rc;

    if (copy_from_guest(&arg, gva, sizeof(arg)))
        return -EFAULT;
    rc = arg.space == XENMAPSPACE_gmfn_foreign ? -ENOSYS : physmap_target(arg.domid, &d);
    if (rc)
        return rc;
    if (arg.space != XENMAPSPACE_gmfn_range)
        arg.size = 1;
    for (; arg.size; arg.size--, arg.idx++, arg.gpfn++) {
        rc = place(d, arg.space, DOMID_INVALID, arg.idx, arg.gpfn);
        if (rc || (arg.size > 1 && hypercall_preempt()))
            break;
    }
    domain_put(d);
    if (!rc && arg.size) { /* to be made again for the rest */
        arg.size--, arg.idx++, arg.gpfn++;
        rc = copy_to_guest(gva, &arg, sizeof(arg)) ? -EFAULT : -ERESTART;
    }
    return rc;
}

/* Entry @i of the batch; its result goes to where the caller wants it. */
static int add_batch_entry(struct domain *d, const struct xen_add_to_physmap_batch *arg, uint64_t i)
{
    uint64_t index, gfn;
    int rc;

    if (copy_from_guest(&index, GUEST_ELEM(GUEST_VA(arg->idxs), uint64_t, i), sizeof(index)) ||
        copy_from_guest(&gfn, GUEST_ELEM(GUEST_VA(arg->gpfns), uint64_t, i), sizeof(gfn)))
        return -EFAULT;
    rc = place(d, arg->space, arg->u.foreign_domid, index, gfn);
    return copy_to_guest(GUEST_ELEM(GUEST_VA(arg->errs), int, i), &rc, sizeof(rc));
}

long physmap_add_batch(uint64_t start, uint64_t gva)
{
    struct xen_add_to_physmap_batch arg;
    struct domain *d;
    long rc;

    if (copy_from_guest(&arg, gva, sizeof(arg)))
        return -EFAULT;
    if (start >= arg.size)
        return start ? -EINVAL : 0;
    rc = physmap_target(arg.domid, &d);
    if (rc)
        return rc;
    for (uint64_t i = start; i < arg.size && !rc; i++) {
        if (i != start && hypercall_preempt())
            rc = memory_continue(XENMEM_add_to_physmap_batch, i);
        else
            rc = add_batch_entry(d, &arg, i);
    }
    domain_put(d);
    return rc;
}

long physmap_remove(uint64_t gva)
{
    struct xen_remove_from_physmap arg;
    struct domain *d;
    long rc;

    if (copy_from_guest(&arg, gva, sizeof(arg)))
        return -EFAULT;
    rc = physmap_target(arg.domid, &d);
    if (rc)
        return rc;
    rc = translated_unmap(d, arg.gpfn);
    domain_put(d);
    return rc;
}

static int resource_size(struct domain *d, const struct xen_mem_acquire_resource *r)
{
    switch (r->type) {
    case XENMEM_resource_grant_table:
        return grant_resource_frames(d, r->id);
    case XENMEM_resource_ioreq_server:
        return d->kind->ioreq_frame ? (int)d->kind->ioreq_frames : -EINVAL;
    case XENMEM_resource_vmtrace_buf:  /* no domain has one */
        return -EINVAL;
    default:
        return -EOPNOTSUPP;
    }
}

static int resource_frame(struct domain *d, const struct xen_mem_acquire_resource *r,
                          uint64_t index, mfn_t *mfn)
{
    if (index > UINT32_MAX)
        return -EINVAL;
    if (r->type == XENMEM_resource_ioreq_server)
        return d->kind->ioreq_frame(d, r->id, index, mfn);
    return grant_resource_frame(d, r->id, (uint32_t)index, mfn);
}

/* Give frame @i of the list to the caller: a PV one is told its number, the others say where it is
 * to be. */
static int give_frame(const struct xen_mem_acquire_resource *r, uint64_t i, mfn_t mfn)
{
    uint64_t slot = GUEST_ELEM(GUEST_VA(r->frame_list), uint64_t, i), gfn;
    struct domain *d = vcpu_current()->domain;

    if (!d->is_translated)
        return copy_to_guest(slot, &mfn.n, sizeof(mfn.n));
    if (copy_from_guest(&gfn, slot, sizeof(gfn)))
        return -EFAULT;
    return translated_map_frame(d, gfn, mfn);
}

/* The frames of the resource from frame @start of the request on. -EIO: some were mapped. */
static long resource_frames(struct domain *d, const struct xen_mem_acquire_resource *r,
                            uint64_t start)
{
    if (resource_size(d, r) < 0)
        return resource_size(d, r);
    for (uint64_t i = start; i < r->nr_frames; i++) {
        uint64_t index = r->frame + i;
        mfn_t mfn;
        int rc;

        if (i != start && hypercall_preempt())
            return memory_continue(XENMEM_acquire_resource, i);
        rc = resource_frame(d, r, index, &mfn);
        if (!rc)
            rc = give_frame(r, i, mfn);
        if (rc)
            return i && vcpu_current()->domain->is_translated ? -EIO : rc;
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
