/* SPDX-License-Identifier: BSD-2-Clause */
/* The log of dirty frames (XEN_DOMCTL_shadow_op), by kinds of guest. */
#pragma once

struct domain;
struct xen_domctl_shadow_op;

/* What the hypervisor writes of @d's frames all the time: counts as written when the log is taken
 * for the last time (XEN_DOMCTL_SHADOW_LOGDIRTY_FINAL). */
void log_mark_areas(struct domain *d);

/* The operation for a PV domain; control_lock held. -EINVAL, -ENOMEM, -EFAULT, -EBUSY: another call
 * goes on; -EOPNOTSUPP: about shadow page tables; -ERESTART. */
long log_op_pv(struct domain *d, struct xen_domctl_shadow_op *s);
