/* SPDX-License-Identifier: BSD-2-Clause */
/* The hvm_op hypercall, as far as it can be asked about PV guests. */
#include "abi/errno.h"
#include "control/access.h"
#include "domain/domain.h"
#include "hypercall/hypercall.h"
#include "hypercall/table.h"
#include "p2m/copy.h"

#include <xen/hvm/hvm_op.h>

/* Parameters belong to translated guests; the toolstack asks before it knows what it deals with. */
static long param(uint64_t gva)
{
    struct xen_hvm_param arg;
    struct domain *d;
    long rc;

    if (copy_from_guest(&arg, gva, sizeof(arg)))
        return -EFAULT;
    d = domain_get_arg(arg.domid);
    if (!d)
        return -ESRCH;
    rc = access_check(ACCESS_HVM_PARAM, d);
    if (!rc)
        rc = -EINVAL;
    domain_put(d);
    return rc;
}

long hc_hvm_op(uint64_t cmd, uint64_t gva)
{
    switch ((uint32_t)cmd) {
    case HVMOP_set_param:
    case HVMOP_get_param:
        return param(gva);
    default:
        return -ENOSYS;
    }
}
