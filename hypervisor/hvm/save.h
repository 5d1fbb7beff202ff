/* SPDX-License-Identifier: BSD-2-Clause */
/* The state of a hardware-assisted domain as the public records (xen/hvm/save.h). */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "lib/types.h"

struct domain;

/* Bytes that hvm_save() writes at most for @d as it is. */
size_t hvm_save_bytes(const struct domain *d);
/* Write all records of @d, which is paused, to @buffer; returns the bytes used. -ENOSPC. */
long must_check hvm_save(struct domain *d, void *buffer, size_t bytes);
/* The structure alone of one record (HVM_SAVE_CODE). -EINVAL: no such type; -ENOENT: no such vCPU,
 * or nothing to say of it; -ENOSPC. */
long must_check hvm_save_one(struct domain *d, uint32_t type, uint32_t instance, void *buffer,
                             size_t bytes);
/* Read records into @d, which is paused: HEADER, any others, END. -ENODATA: no header or no end;
 * -EINVAL: malformed, of a vCPU that does not exist, or of a state that cannot be; what came before
 * it has been taken over. -ENOMEM. */
int must_check hvm_load(struct domain *d, const void *buffer, size_t bytes);
