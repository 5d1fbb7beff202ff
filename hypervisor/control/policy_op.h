/* SPDX-License-Identifier: BSD-2-Clause */
/* CPU policies for the toolstack: the sysctl side. */
#pragma once

#include "abi/xen.h"

#include <xen/sysctl.h>

/* XEN_SYSCTL_get_cpu_policy and get_cpu_featureset on copies of the structures. */
long policy_sysctl_get(struct xen_sysctl_cpu_policy *p);
long policy_sysctl_featureset(struct xen_sysctl_cpu_featureset *f);
