/* SPDX-License-Identifier: BSD-2-Clause */
/* Private to hvm_op. */
#pragma once

/* HVMOP_set_param and HVMOP_get_param: @arg is a private struct xen_hvm_param. -EINVAL: no such
 * parameter or value, or no such guest; -EPERM; -ESRCH; -EEXIST: it has another value for good. */
long hvm_param_set(void *arg);
long hvm_param_get(void *arg);
