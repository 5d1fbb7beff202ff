/* SPDX-License-Identifier: BSD-2-Clause */
/* domctl: limits, clocks, names and other settings of a domain. */
#include "control/domctl.h"

#include "abi/errno.h"
#include "control/cpu_bitmap.h"
#include "domain/domain.h"
#include "hvm/hvm.h"
#include "hypercall/dispatch.h"
#include "lib/string.h"
#include "mm/hvmap.h"
#include "mm/page.h"
#include "mm/pool.h"
#include "sched/sched.h"
#include "time/time.h"

#define KB_PER_PAGE (PAGE_BYTES / 1024)

long domctl_max_mem(struct domain *d, struct xen_domctl *op)
{
    uint64_t pages = op->u.max_mem.max_memkb / KB_PER_PAGE;

    spin_lock(&d->page_lock);
    d->max_pages = min(pages, (uint64_t)UINT32_MAX); /* the ABI has 32-bit counts of pages */
    spin_unlock(&d->page_lock);
    return 0;
}

long domctl_setdomainhandle(struct domain *d, struct xen_domctl *op)
{
    memcpy(d->handle, op->u.setdomainhandle.handle, sizeof(d->handle));
    return 0;
}

long domctl_setdebugging(struct domain *d, struct xen_domctl *op)
{
    domain_pause(d);
    d->debugger_attached = op->u.setdebugging.enable;
    if (d->hvm)
        hvm_debugger(d);
    domain_unpause(d);
    return 0;
}

long domctl_settimeoffset(struct domain *d, struct xen_domctl *op)
{
    if (d->hvm && platform_time_offset(&d->hvm->board.platform,
                                       op->u.settimeoffset.time_offset_seconds))
        return -EINVAL;
    d->time_offset_seconds = op->u.settimeoffset.time_offset_seconds;
    time_publish_wallclock(d);
    return 0;
}

long domctl_settscinfo(struct domain *d, struct xen_domctl *op)
{
    uint64_t before;
    int rc;

    domain_pause(d);
    before = guest_tsc_now(d);
    rc = guest_tsc_set(d, &op->u.tsc_info);
    if (!rc && d->hvm)
        hvm_move_tsc(d, before - guest_tsc_now(d));
    domain_unpause(d);
    return rc;
}

long domctl_gettscinfo(struct domain *d, struct xen_domctl *op)
{
    guest_tsc_get(d, &op->u.tsc_info);
    return 0;
}

long domctl_set_address_size(struct domain *d, struct xen_domctl *op)
{
    if (d->is_translated)
        return -EOPNOTSUPP;
    if (op->u.address_size.size == 64)
        return 0;
    return op->u.address_size.size == 32 ? -EOPNOTSUPP : -EINVAL;
}

long domctl_get_address_size(struct domain *d, struct xen_domctl *op)
{
    (void)d;
    op->u.address_size.size = 64;
    return 0;
}

/* The machine is treated as one node, so every set that names it is right. */
long domctl_setnodeaffinity(struct domain *d, struct xen_domctl *op)
{
    struct cpumask *nodes = pool_new(struct cpumask);
    int rc;

    (void)d;
    if (!nodes)
        return -ENOMEM;
    rc = cpu_bitmap_read(nodes, &op->u.nodeaffinity.nodemap);
    if (!rc && !cpumask_test(nodes, 0))
        rc = -EINVAL;
    pool_free(nodes);
    return rc;
}

long domctl_getnodeaffinity(struct domain *d, struct xen_domctl *op)
{
    struct cpumask *nodes = pool_new(struct cpumask);
    int rc;

    (void)d;
    if (!nodes)
        return -ENOMEM;
    cpumask_set(nodes, 0);
    rc = cpu_bitmap_write(&op->u.nodeaffinity.nodemap, nodes);
    pool_free(nodes);
    return rc;
}

long domctl_scheduler_op(struct domain *d, struct xen_domctl *op)
{
    return sched_domctl(d, &op->u.scheduler_op);
}

/* Nobody is told where the buttons are missing. */
static long press(struct domain *d, uint16_t button)
{
    if (!d->hvm)
        return -EINVAL;
    if (d->hvm->board.platform.devices & XEN_X86_EMU_PM)
        platform_button(&d->hvm->board.platform, button);
    return 0;
}

long domctl_sendtrigger(struct domain *d, struct xen_domctl *op)
{
    struct vcpu *v = domain_vcpu(d, op->u.sendtrigger.vcpu);

    if (!v)
        return -ESRCH;
    switch (op->u.sendtrigger.trigger) {
    case XEN_DOMCTL_SENDTRIGGER_NMI:
        if (!v->initialised)
            return -EINVAL;
        vcpu_nmi(v);
        return 0;
    case XEN_DOMCTL_SENDTRIGGER_POWER:
        return press(d, VPM_POWER_BUTTON);
    case XEN_DOMCTL_SENDTRIGGER_SLEEP:
        return press(d, VPM_SLEEP_BUTTON);
    default:
        return -ENOSYS;
    }
}

long domctl_hypercall_init(struct domain *d, struct xen_domctl *op)
{
    mfn_t mfn = MFN(op->u.hypercall_init.gmfn);
    struct page *pg;
    void *at;

    if (d->is_translated)
        return -EOPNOTSUPP;
    if (!mfn_valid(mfn))
        return -EINVAL;
    pg = mfn_page(mfn);
    if (!page_get_writable(pg, d))
        return -EINVAL;
    at = frame_map(mfn);
    hypercall_page_write(at);
    frame_unmap(at);
    page_put_writable(pg);
    return 0;
}
