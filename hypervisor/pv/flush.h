/* SPDX-License-Identifier: BSD-2-Clause */
/* TLB flushes that guests ask for. */
#pragma once

#include <stdint.h>

#include "lib/types.h"
#include "mm/tlb.h"

struct domain;

/* Flush the CPUs on which the vCPUs of @d named by the bitmap at guest address @bitmap_gva have
 * been running last. Only bits of existing vCPUs are read. -EFAULT. */
int must_check pv_flush_vcpus(struct domain *d, uint64_t bitmap_gva, enum tlb_flush_kind kind,
                              uint64_t va);
