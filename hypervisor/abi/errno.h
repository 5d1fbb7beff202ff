/* SPDX-License-Identifier: BSD-2-Clause */
/* Error numbers by their plain names, with the values of xen/errno.h. */
#pragma once

#include "abi/xen.h"

#define XEN_ERRNO(name, value) name = value,
enum abi_errno {
#include <xen/errno.h>
};
