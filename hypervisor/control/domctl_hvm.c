/* SPDX-License-Identifier: BSD-2-Clause */
/* domctl: what only hardware-assisted guests have. */
#include "control/domctl.h"

#include "abi/errno.h"
#include "domain/domain.h"
#include "hvm/save.h"
#include "mm/frame.h"
#include "mm/pool.h"
#include "p2m/copy.h"
#include "p2m/p2m.h"

#define CONTEXT_BYTES_MAX (8u << 20) /* 1,024 vCPUs with room to spare */

long domctl_set_paging_mempool_size(struct domain *d, struct xen_domctl *op)
{
    uint64_t bytes = op->u.paging_mempool.size;
    int rc;

    if (!d->p2m)
        return -EOPNOTSUPP;
    if (bytes & ~PAGE_MASK)
        return -EINVAL;
    spin_lock(&d->p2m->lock);
    rc = p2m_resize_pool(d->p2m, bytes >> PAGE_SHIFT);
    spin_unlock(&d->p2m->lock);
    return rc;
}

long domctl_get_paging_mempool_size(struct domain *d, struct xen_domctl *op)
{
    if (!d->p2m)
        return -EOPNOTSUPP;
    op->u.paging_mempool.size = d->p2m->tables_max << PAGE_SHIFT;
    return 0;
}

long domctl_gethvmcontext(struct domain *d, struct xen_domctl *op)
{
    struct xen_domctl_hvmcontext *c = &op->u.hvmcontext;
    uint64_t gva = GUEST_VA(c->buffer);
    void *buffer;
    size_t bytes;
    long rc;

    if (!d->p2m)
        return -EINVAL;
    domain_pause(d); /* a guest that runs may come to have more to save */
    bytes = hvm_save_bytes(d);
    if (!gva || c->size < bytes) {
        domain_unpause(d);
        c->size = gva ? c->size : (uint32_t)bytes;
        return gva ? -ENOSPC : 0;
    }
    buffer = pool_alloc(bytes);
    rc = buffer ? hvm_save(d, buffer, bytes) : -ENOMEM;
    domain_unpause(d);
    if (buffer)
        c->size = (uint32_t)max(rc, 0L);
    if (rc >= 0)
        rc = copy_to_guest(gva, buffer, (size_t)rc);
    pool_free(buffer);
    return rc;
}

long domctl_sethvmcontext(struct domain *d, struct xen_domctl *op)
{
    const struct xen_domctl_hvmcontext *c = &op->u.hvmcontext;
    void *buffer;
    int rc;

    if (!d->p2m)
        return -EINVAL;
    if (c->size > CONTEXT_BYTES_MAX)
        return -ENOMEM;
    buffer = pool_alloc(c->size);
    if (!buffer)
        return -ENOMEM;
    rc = copy_from_guest(buffer, GUEST_VA(c->buffer), c->size);
    if (!rc) {
        domain_pause(d);
        rc = hvm_load(d, buffer, c->size);
        domain_unpause(d);
    }
    pool_free(buffer);
    return rc;
}

#define RECORD_BYTES_MAX 0x4000

long domctl_gethvmcontext_partial(struct domain *d, struct xen_domctl *op)
{
    struct xen_domctl_hvmcontext_partial *p = &op->u.hvmcontext_partial;
    uint64_t gva = GUEST_VA(p->buffer);
    void *buffer;
    long rc;

    if (!d->p2m)
        return -EINVAL;
    buffer = pool_alloc(RECORD_BYTES_MAX);
    if (!buffer)
        return -ENOMEM;
    domain_pause(d);
    rc = hvm_save_one(d, p->type, p->instance, buffer, RECORD_BYTES_MAX);
    domain_unpause(d);
    if (rc >= 0) {
        uint64_t bytes = (uint64_t)rc;

        rc = !gva ? 0 : p->bufsz < bytes ? -ENOBUFS : copy_to_guest(gva, buffer, bytes);
        p->bufsz = bytes;
    }
    pool_free(buffer);
    return rc;
}

/* @d emulates devices of the domain that is named. */
long domctl_set_target(struct domain *d, struct xen_domctl *op)
{
    struct domain *target = domain_get(op->u.set_target.target);
    long rc = 0;

    if (!target)
        return -ESRCH;
    if (target == d || d->target)
        rc = -EINVAL;
    else if (!target->is_translated)
        rc = -EOPNOTSUPP;
    if (rc)
        domain_put(target);
    else
        WRITE_ONCE(d->target, target);
    return rc;
}
