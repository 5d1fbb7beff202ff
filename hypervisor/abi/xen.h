/* SPDX-License-Identifier: BSD-2-Clause */
/* The Xen 4.17 public ABI as guests see it: Debian's libxen-dev headers with the right switches. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#ifndef __XEN_TOOLS__
#define __XEN_TOOLS__ 1 /* domctl, sysctl and the control structures in other headers */
#endif
#ifndef __XEN_INTERFACE_VERSION__
#define __XEN_INTERFACE_VERSION__ 0x00041100
#endif

#include <xen/xen.h>

/* Special domain ids (xen/xen.h) are plain macros there; everything else is used by its ABI
 * name. */
