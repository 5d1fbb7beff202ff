/* SPDX-License-Identifier: BSD-2-Clause */
/* The address space firmware runs in. */
#pragma once

#include <stdint.h>

#include "efi/spec.h"
#include "lib/types.h"
#include "mm/frame.h"

/* A fresh top-level table: the hypervisor's half and nothing else. MFN_NONE without memory. */
mfn_t efi_map_create(void);
/* Map the frames of @d at their physical addresses: readable, writable, executable, for ring 0
 * only. -ENOMEM, -EINVAL (not below the hypervisor's half). */
int must_check efi_map_add(mfn_t l4, const struct efi_memory_descriptor *d);
