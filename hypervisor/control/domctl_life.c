/* SPDX-License-Identifier: BSD-2-Clause */
/* domctl: making, pausing, listing and ending domains. */
#include "control/domctl.h"

#include "abi/errno.h"
#include "cpu/features.h"
#include "domain/domain.h"
#include "grant/grant.h"
#include "hvm/hvm.h"
#include "hypercall/hypercall.h"
#include "lib/string.h"
#include "mm/frame.h"
#include "sched/sched.h"
#include "time/time.h"

#define CDF_KNOWN                                                                                  \
    (XEN_DOMCTL_CDF_hvm | XEN_DOMCTL_CDF_hap | XEN_DOMCTL_CDF_s3_integrity |                       \
     XEN_DOMCTL_CDF_oos_off | XEN_DOMCTL_CDF_xs_domain | XEN_DOMCTL_CDF_iommu |                    \
     XEN_DOMCTL_CDF_nested_virt | XEN_DOMCTL_CDF_vpmu)

/* Outermost of all: one domain is created at a time, so a free number stays free. */
static struct spinlock create_lock = SPINLOCK_INIT(LOCK_DOMAIN_CREATE);
static domid_t last_id;

static bool id_used(domid_t id)
{
    struct domain *d = domain_get(id);

    if (d)
        domain_put(d);
    return d != NULL;
}

/* The number asked for, or the next free one after the last given. create_lock held. */
static int choose_id(domid_t wanted, domid_t *id)
{
    if (wanted > 0 && wanted < DOMID_FIRST_RESERVED) {
        *id = wanted;
        return id_used(wanted) ? -EEXIST : 0;
    }
    for (uint32_t tries = 1; tries < DOMID_FIRST_RESERVED; tries++) {
        last_id = last_id < DOMID_FIRST_RESERVED - 1 ? (domid_t)(last_id + 1) : 1;
        if (!id_used(last_id)) {
            *id = last_id;
            return 0;
        }
    }
    return -ENOMEM;
}

/* Devices in the hypervisor: PVH has the local APIC alone, HVM all but the PCI of a hardware
 * domain; the timer is there for PV guests too. */
static bool emulation_is_offered(uint32_t flags, bool is_hvm)
{
    return is_hvm ? flags == XEN_X86_EMU_LAPIC || flags == (XEN_X86_EMU_ALL & ~XEN_X86_EMU_VPCI)
                  : !(flags & ~XEN_X86_EMU_PIT);
}

/* Can such a domain exist here at all? */
static int check_config(const struct xen_domctl_createdomain *c)
{
    uint32_t grant_version = XEN_DOMCTL_GRANT_version(c->grant_opts);
    bool is_hvm = c->flags & XEN_DOMCTL_CDF_hvm;

    if (c->flags & ~CDF_KNOWN)
        return -EINVAL;
    if (!is_hvm && (c->flags & XEN_DOMCTL_CDF_hap))
        return -EINVAL;
    if (is_hvm && (!hvm_enabled || !(c->flags & XEN_DOMCTL_CDF_hap)))
        return -EINVAL; /* there are no shadow page tables; oos_off is about those */
    if (c->flags & (XEN_DOMCTL_CDF_iommu | XEN_DOMCTL_CDF_nested_virt | XEN_DOMCTL_CDF_vpmu |
                    XEN_DOMCTL_CDF_s3_integrity))
        return -EINVAL;
    if (c->iommu_opts || c->vmtrace_size)
        return -EINVAL;
    /* the machine's options are also the most a guest may be given; below 0 means just that */
    if (c->max_grant_frames > (int32_t)grant_defaults.frames ||
        c->max_maptrack_frames > (int32_t)grant_defaults.maptrack_frames)
        return -EINVAL;
    if ((c->grant_opts & ~XEN_DOMCTL_GRANT_version_mask) || grant_version < 1 || grant_version > 2)
        return -EINVAL;
    if ((c->arch.emulation_flags & ~XEN_X86_EMU_ALL) ||
        (c->arch.misc_flags & ~XEN_X86_MSR_RELAXED))
        return -EINVAL;
    return emulation_is_offered(c->arch.emulation_flags, is_hvm) ? 0 : -EOPNOTSUPP;
}

long domctl_createdomain(struct domain *none, struct xen_domctl *op)
{
    struct domain *d;
    domid_t id;
    int rc = check_config(&op->u.createdomain);

    (void)none;
    if (rc)
        return rc;
    if (!spin_trylock(&create_lock))
        return -ERESTART;
    rc = choose_id(op->domain, &id);
    if (!rc)
        rc = domain_create(id, &op->u.createdomain, false, &d);
    if (!rc) {
        domain_publish(d);
        op->domain = id;
    }
    spin_unlock(&create_lock);
    return rc;
}

/* The number was fixed at creation; this makes them. Continued from the first that is missing. */
long domctl_max_vcpus(struct domain *d, struct xen_domctl *op)
{
    if (op->u.max_vcpus.max != d->max_vcpus || d->life != DOMAIN_ALIVE)
        return -EINVAL;
    for (uint32_t id = 0; id < d->max_vcpus; id++) {
        int rc;

        if (domain_vcpu(d, id))
            continue;
        if (id && hypercall_preempt())
            return -ERESTART;
        rc = vcpu_create(d, id);
        if (rc)
            return rc;
    }
    return 0;
}

long domctl_destroydomain(struct domain *d, struct xen_domctl *op)
{
    (void)op;
    return domain_kill(d);
}

long domctl_pausedomain(struct domain *d, struct xen_domctl *op)
{
    (void)op;
    return domain_pause_by_controller(d);
}

long domctl_unpausedomain(struct domain *d, struct xen_domctl *op)
{
    (void)op;
    /* before its first instruction: the toolstack has cleared or restored the shared page */
    time_publish_wallclock(d);
    return domain_unpause_by_controller(d);
}

long domctl_resumedomain(struct domain *d, struct xen_domctl *op)
{
    (void)op;
    domain_resume(d);
    return 0;
}

/* Add up the vCPUs of @d. */
static void fill_vcpus(struct domain *d, struct xen_domctl_getdomaininfo *info)
{
    bool all_blocked = true;
    struct vcpu *v;

    info->max_vcpu_id = XEN_INVALID_MAX_VCPU_ID;
    for_each_vcpu(d, v) {
        struct xen_domctl_getvcpuinfo one = {.vcpu = v->id};

        sched_vcpu_info(v, &one);
        info->max_vcpu_id = v->id;
        info->cpu_time += one.cpu_time;
        if (!one.online)
            continue;
        info->nr_online_vcpus++;
        all_blocked = all_blocked && one.blocked;
        if (one.running)
            info->flags |= XEN_DOMINF_running;
    }
    if (info->nr_online_vcpus && all_blocked)
        info->flags |= XEN_DOMINF_blocked;
}

void domain_info_fill(struct domain *d, struct xen_domctl_getdomaininfo *info)
{
    memset(info, 0, sizeof(*info));
    info->domain = d->id;
    fill_vcpus(d, info);
    if (d->life == DOMAIN_DYING || d->life == DOMAIN_DEAD)
        info->flags |= XEN_DOMINF_dying;
    if (d->is_translated)
        info->flags |= XEN_DOMINF_hvm_guest | XEN_DOMINF_hap;
    if (d->is_shut_down)
        info->flags |= XEN_DOMINF_shutdown |
                       (uint32_t)(d->shutdown_code & XEN_DOMINF_shutdownmask)
                           << XEN_DOMINF_shutdownshift;
    if (d->controller_pauses)
        info->flags |= XEN_DOMINF_paused;
    if (d->debugger_attached)
        info->flags |= XEN_DOMINF_debugged;
    if (d->create_flags & XEN_DOMCTL_CDF_xs_domain)
        info->flags |= XEN_DOMINF_xs_domain;
    info->tot_pages = READ_ONCE(d->tot_pages);
    info->max_pages = READ_ONCE(d->max_pages);
    info->outstanding_pages = READ_ONCE(d->claimed_pages);
    info->shared_info_frame = d->shared_info_mfn.n;
    info->ssidref = d->ssidref;
    memcpy(info->handle, d->handle, sizeof(info->handle));
    info->cpupool = d->cpupool;
    info->gpaddr_bits = (uint8_t)cpu_features.physical_bits;
}

/* About the first domain numbered op->domain or higher: how the toolstack walks the list. */
long domctl_getdomaininfo(struct domain *none, struct xen_domctl *op)
{
    struct domain *d = domain_get(op->domain);

    (void)none;
    if (!d)
        d = domain_next(op->domain);
    if (!d)
        return -ESRCH;
    domain_info_fill(d, &op->u.getdomaininfo);
    op->domain = d->id;
    domain_put(d);
    return 0;
}
