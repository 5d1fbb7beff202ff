/* SPDX-License-Identifier: BSD-2-Clause */
/* The domctl hypercall's sub-operations, by subject (xen/domctl.h). */
#pragma once

#include "abi/xen.h"
#include "lib/types.h"

#include <xen/domctl.h>

struct domain;

/*
 * Each gets the domain named in the call (referenced, its control lock held unless the table says
 * otherwise) and a private copy of the structure, and returns 0, a positive result or -errno;
 * -ERESTART to be called again with the guest's structure as it is.
 */

/* domctl_life.c */
long domctl_createdomain(struct domain *none, struct xen_domctl *op);
long domctl_max_vcpus(struct domain *d, struct xen_domctl *op);
long domctl_destroydomain(struct domain *d, struct xen_domctl *op);
long domctl_pausedomain(struct domain *d, struct xen_domctl *op);
long domctl_unpausedomain(struct domain *d, struct xen_domctl *op);
long domctl_resumedomain(struct domain *d, struct xen_domctl *op);
long domctl_getdomaininfo(struct domain *none, struct xen_domctl *op);

/* domctl_settings.c */
long domctl_max_mem(struct domain *d, struct xen_domctl *op);
long domctl_setdomainhandle(struct domain *d, struct xen_domctl *op);
long domctl_setdebugging(struct domain *d, struct xen_domctl *op);
long domctl_settimeoffset(struct domain *d, struct xen_domctl *op);
long domctl_settscinfo(struct domain *d, struct xen_domctl *op);
long domctl_gettscinfo(struct domain *d, struct xen_domctl *op);
long domctl_set_address_size(struct domain *d, struct xen_domctl *op);
long domctl_get_address_size(struct domain *d, struct xen_domctl *op);
long domctl_setnodeaffinity(struct domain *d, struct xen_domctl *op);
long domctl_getnodeaffinity(struct domain *d, struct xen_domctl *op);
long domctl_scheduler_op(struct domain *d, struct xen_domctl *op);
long domctl_sendtrigger(struct domain *d, struct xen_domctl *op);
long domctl_hypercall_init(struct domain *d, struct xen_domctl *op);

/* domctl_hvm.c */
long domctl_set_paging_mempool_size(struct domain *d, struct xen_domctl *op);
long domctl_get_paging_mempool_size(struct domain *d, struct xen_domctl *op);
long domctl_sethvmcontext(struct domain *d, struct xen_domctl *op);
long domctl_gethvmcontext(struct domain *d, struct xen_domctl *op);
long domctl_gethvmcontext_partial(struct domain *d, struct xen_domctl *op);
long domctl_set_target(struct domain *d, struct xen_domctl *op);

/* domctl_device.c */
long domctl_irq_permission(struct domain *d, struct xen_domctl *op);
long domctl_iomem_permission(struct domain *d, struct xen_domctl *op);
long domctl_ioport_permission(struct domain *d, struct xen_domctl *op);

/* domctl_vcpu.c */
long domctl_setvcpucontext(struct domain *d, struct xen_domctl *op);
long domctl_getvcpucontext(struct domain *d, struct xen_domctl *op);
long domctl_getvcpuinfo(struct domain *d, struct xen_domctl *op);
long domctl_setvcpuaffinity(struct domain *d, struct xen_domctl *op);
long domctl_getvcpuaffinity(struct domain *d, struct xen_domctl *op);

/* domctl_debug.c */
long domctl_gdbsx_guestmemio(struct domain *d, struct xen_domctl *op);
long domctl_gdbsx_pausevcpu(struct domain *d, struct xen_domctl *op);
long domctl_gdbsx_unpausevcpu(struct domain *d, struct xen_domctl *op);
long domctl_gdbsx_domstatus(struct domain *d, struct xen_domctl *op);

/* domctl_state.c: what a saved guest needs beyond its context and memory */
long domctl_set_ext_vcpucontext(struct domain *d, struct xen_domctl *op);
long domctl_get_ext_vcpucontext(struct domain *d, struct xen_domctl *op);
long domctl_setvcpuextstate(struct domain *d, struct xen_domctl *op);
long domctl_getvcpuextstate(struct domain *d, struct xen_domctl *op);
long domctl_set_vcpu_msrs(struct domain *d, struct xen_domctl *op);
long domctl_get_vcpu_msrs(struct domain *d, struct xen_domctl *op);
long domctl_getpageframeinfo3(struct domain *d, struct xen_domctl *op);
long domctl_shadow_op(struct domain *d, struct xen_domctl *op);

/* policy_op.c */
long domctl_get_cpu_policy(struct domain *d, struct xen_domctl *op);
long domctl_set_cpu_policy(struct domain *d, struct xen_domctl *op);

/* Fill @info for @d (also XEN_SYSCTL_getdomaininfolist). */
void domain_info_fill(struct domain *d, struct xen_domctl_getdomaininfo *info);
