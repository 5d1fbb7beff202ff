/* SPDX-License-Identifier: BSD-2-Clause */
/* The sysctl hypercall's sub-operations, by subject (xen/sysctl.h). */
#pragma once

#include "abi/xen.h"
#include "lib/types.h"

#include <xen/sysctl.h>

/* Each gets a private copy of the structure; the table in sysctl.c says when it is copied back. */

/* sysctl_machine.c */
long sysctl_physinfo(struct xen_sysctl *op);
long sysctl_cputopoinfo(struct xen_sysctl *op);
long sysctl_numainfo(struct xen_sysctl *op);
long sysctl_pcitopoinfo(struct xen_sysctl *op);
long sysctl_getcpuinfo(struct xen_sysctl *op);
long sysctl_availheap(struct xen_sysctl *op);

/* sysctl_power.c */
long sysctl_get_pmstat(struct xen_sysctl *op);
long sysctl_pm_op(struct xen_sysctl *op);

/* sysctl_trace.c */
long sysctl_tbuf_op(struct xen_sysctl *op);

/* sysctl_pool.c */
long sysctl_cpupool_op(struct xen_sysctl *op);

/* Frames of RAM in the machine. */
uint64_t sysctl_ram_pages(void);
