/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of hvm/svm/ share. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "cpu/percpu.h"
#include "cpu/regs.h"
#include "hvm/hvm.h"
#include "hvm/svm/vmcb.h"
#include "hvm/vendor.h"

/* What this machine's SVM offers beyond the minimum (APM vol. 3, CPUID 8000_000A). */
struct svm_features {
    uint32_t asids;
    bool next_rip;     /* exits tell where the next instruction is */
    bool tsc_ratio;    /* there is MSR_SVM_TSC_RATIO */
    bool pause_filter; /* PAUSE exits after a number of them */
};
extern struct svm_features svm_features;

/* A guest's TSC ticks for one of the host's: 8.32 bits (APM vol. 2, 15.30.5). */
#define MSR_SVM_TSC_RATIO 0xc0000104
#define SVM_TSC_SAME      (1ULL << 32)

/* One CPU's share. */
struct svm_cpu {
    uint64_t host_address;    /* (c) its own state for VMLOAD */
    uint64_t asid_generation; /* (o) moves on when all ASIDs were handed out and flushed */
    uint32_t asid_next;       /* (o) ASID 0 is the host's */
    uint64_t tsc_ratio;       /* (o) as in MSR_SVM_TSC_RATIO */
};
static inline struct svm_cpu *svm_cpu(void)
{
    return cpu_self()->hvm;
}

/* Is the guest in code of 64 bits? (The code segment's attributes have L in bit 9.) */
static inline bool svm_in_64bit_code(const struct vmcb *c)
{
    return (c->efer & EFER_LMA) && (c->cs.attributes & 0x200);
}

/* Last before entry: flush what must be, hand over the waiting event. Interrupts off. */
void svm_before_entry(struct vcpu *v);

/* First after an exit that found vmcb_offers set: was the interrupt taken? Interrupts off. */
void svm_take_back(struct vcpu *v);

/* DR0-3 of the current vCPU are its own from its first touch on; DR6 and DR7 are in the block. */
void svm_debug_hide(struct vcpu *v);
void svm_debug_show(struct vcpu *v);
void svm_set_cr4(struct vcpu *v, uint64_t value);

/* entry.S: run @v. */
void svm_enter(struct vcpu *v) __attribute__((noreturn));
/* From entry.S, interrupts off: the guest of the current vCPU @v has stopped. */
void svm_exit(struct vcpu *v);
