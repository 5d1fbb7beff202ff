/* SPDX-License-Identifier: BSD-2-Clause */
/* Which values of control registers a guest may have: by the architecture and its policy. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "abi/xen.h"

#include <xen/hvm/save.h>

/* Bits of RFLAGS that a guest decides (SDM vol. 1, 3.4.3). */
#define HVM_RFLAGS_GUEST 0x003f7fd5ULL

struct cpu_policy;
struct walk_mode;

/* The bits of CR4 that a guest with policy @p has. */
uint64_t hvm_cr4_bits(const struct cpu_policy *p);
/* May CR4 become @value, the other registers being @m? Otherwise the guest's #GP. */
bool hvm_cr4_may_become(const struct cpu_policy *p, const struct walk_mode *m, uint64_t value);
/* Bits whose change makes translations stale (SDM vol. 3, 4.10.4.1). */
#define HVM_CR4_TRANSLATION                                                                   \
    (CR4_PSE | CR4_PAE | CR4_PGE | CR4_PCIDE | CR4_SMEP | CR4_SMAP | CR4_PKE)

/* The bits of EFER that a guest with policy @p may set; LMA is the processor's. */
uint64_t hvm_efer_bits(const struct cpu_policy *p);

/* Can these registers be together at all, and for this guest? For state that comes from outside. */
bool hvm_registers_fit(const struct cpu_policy *p, const struct walk_mode *m);

/* Bits of RFLAGS, DR6 and DR7 that a guest cannot set become what they must be. */
void hvm_registers_settle(struct hvm_hw_cpu *c);
