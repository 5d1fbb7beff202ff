/* SPDX-License-Identifier: BSD-2-Clause */
/* domctl: which device memory, ports and interrupts a domain may use. */
#include "control/domctl.h"

#include "abi/errno.h"
#include "cpu/percpu.h"
#include "domain/domain.h"
#include "lib/range_set.h"
#include "mm/frame.h"
#include "pv/pv.h"

#define PORT_COUNT 0x10000
#define MFN_COUNT (1ULL << (52 - PAGE_SHIFT)) /* of the architecture: SDM vol. 3, 4.1.4 */

/*
 * Allow or forbid [first, last] to @d. Only what the caller has itself can be given away. The
 * domain stands still meanwhile: it reads its sets without a lock.
 */
static long change(struct domain *d, struct range_set *set, const struct range_set *own,
                   uint64_t first, uint64_t last, bool allow)
{
    int rc;

    if (!range_set_contains(own, first, last))
        return -EPERM;
    domain_pause(d);
    rc = allow ? range_set_add(set, first, last) : range_set_remove(set, first, last);
    domain_unpause(d);
    return rc;
}

long domctl_irq_permission(struct domain *d, struct xen_domctl *op)
{
    const struct xen_domctl_irq_permission *p = &op->u.irq_permission;

    return change(d, d->irqs, vcpu_current()->domain->irqs, p->pirq, p->pirq, p->allow_access);
}

long domctl_iomem_permission(struct domain *d, struct xen_domctl *op)
{
    const struct xen_domctl_iomem_permission *p = &op->u.iomem_permission;

    if (!p->nr_mfns || p->first_mfn >= MFN_COUNT || p->nr_mfns > MFN_COUNT - p->first_mfn)
        return -EINVAL;
    return change(d, d->iomem, vcpu_current()->domain->iomem, p->first_mfn,
                  p->first_mfn + p->nr_mfns - 1, p->allow_access);
}

long domctl_ioport_permission(struct domain *d, struct xen_domctl *op)
{
    const struct xen_domctl_ioport_permission *p = &op->u.ioport_permission;
    long rc;

    if (!p->nr_ports || p->first_port >= PORT_COUNT || p->nr_ports > PORT_COUNT - p->first_port)
        return -EINVAL;
    domain_pause(d);
    rc = change(d, d->ioports, vcpu_current()->domain->ioports, p->first_port,
                (uint64_t)p->first_port + p->nr_ports - 1, p->allow_access);
    if (!rc && d->pv)
        rc = pv_ports_changed(d);
    domain_unpause(d);
    return rc;
}
