/* SPDX-License-Identifier: BSD-2-Clause */
/* Whose tables and whose frames an MMU hypercall is about, and how such a call is continued. */
#pragma once

#include <stdint.h>

#include "abi/xen.h"
#include "lib/types.h"

struct domain;

/* Bit 31 of the count argument marks a continuation of ours: *done then holds what was done so far.
 * A guest that sets it itself merely gets its own number added. */
#define MMU_CONTINUED 0x80000000U

struct mmu_targets {
    struct domain *tables; /* owner of the page tables that are changed */
    struct domain *frames; /* owner of the frames they shall map, or of the frames operated on */
};

/*
 * Resolve a foreigndom argument of the calling domain @self: bits 15:0 the owner of frames; bits
 * 31:16, unless 0, one more than the owner of the tables (xen/xen.h, HYPERVISOR_mmu_update). Only
 * the control domain may name others. References are held until mmu_targets_put(). -EPERM, -ESRCH,
 * -EINVAL (not a PV domain).
 */
int must_check mmu_targets_find(struct domain *self, uint32_t foreigndom, struct mmu_targets *out);
void mmu_targets_drop(struct domain *self, const struct mmu_targets *t);

static inline int must_check mmu_targets_get(struct domain *self, uint32_t foreigndom,
                                             struct mmu_targets *out)
{
    out->tables = out->frames = self;
    return likely(foreigndom == DOMID_SELF) ? 0 : mmu_targets_find(self, foreigndom, out);
}

static inline void mmu_targets_put(struct domain *self, const struct mmu_targets *t)
{
    if (unlikely(t->frames != self || t->tables != self))
        mmu_targets_drop(self, t);
}

/* How many operations of this call were done before it was preempted last time. */
uint32_t mmu_done_before(uint32_t count, uint64_t done_gva);

/* End of the call after @done operations in all, with @result: 0, an error of the next operation,
 * or -ERESTART with @left operations at @gva still to do. The call's result. */
long mmu_finish(long result, uint32_t done, uint64_t done_gva, uint64_t gva, uint32_t left);
