/* SPDX-License-Identifier: BSD-2-Clause */
/* What is done so that guests learn nothing through the CPU's speculation. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "abi/xen.h"
#include "cpu/insn.h"
#include "cpu/regs.h"
#include "lib/types.h"

/*
 * Decide by what the CPUs can do and what spec-ctrl= allows, and say so once. @barrier: between
 * domains in the branch predictor. @no_gather: where VGATHER leaks and microcode does not help,
 * nobody gets AVX; cpu_features.xcr0_mask is without it then. Boot CPU, after features_init().
 */
void mitigation_init(bool barrier, bool no_gather);

/* A vCPU of domain @id is about to run on this CPU: if the last one was another domain's, make the
 * branch predictor forget what it learned from that. Interrupts off. */
void mitigation_switch(domid_t id);

extern bool mitigation_flush_l1d; /* (c) see below */

/* Last before a hardware-assisted guest is entered: its own page tables let it read what is in the
 * first-level cache, where the CPU has that fault (L1 terminal fault). */
static inline void mitigation_before_entry(void)
{
    if (unlikely(mitigation_flush_l1d))
        wrmsr(MSR_FLUSH_CMD, 1);
}
