/* SPDX-License-Identifier: BSD-2-Clause */
/* Sub-operations of platform_op with files of their own. */
#pragma once

#include "abi/xen.h"

#include <xen/platform.h>

/* firmware.c: each gets a private copy of the structure, copied back when the result is >= 0. */
long platform_firmware_info(struct xen_platform_op *op);
/* efi_op.c */
long platform_efi_runtime_call(struct xen_platform_op *op);
