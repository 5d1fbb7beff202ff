/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of hvm/vmx/ share. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "cpu/percpu.h"
#include "domain/domain.h"
#include "hvm/exit.h"
#include "hvm/hvm.h"
#include "hvm/vendor.h"
#include "hvm/vmx/control.h"
#include "hvm/vmx/vmcs.h"

extern struct vmx_controls vmx_controls;

/* System call registers that the structure does not hold. */
enum { VMX_STAR, VMX_LSTAR, VMX_CSTAR, VMX_FMASK, VMX_KERNEL_GS, VMX_SWITCHED_MSRS };

/* One vCPU's share. Fields that say "as in the structure" save reading or writing it again. */
struct vmx_vcpu {
    void *vmcs;
    uint64_t address;          /* (c) its physical address */
    uint64_t rip, rsp, rflags; /* (o) as in the structure */
    uint64_t cr2;              /* (o) while it does not run */
    uint64_t msrs[VMX_SWITCHED_MSRS]; /* (o) while it does not run; all but the last always */
    uint32_t cpu_controls;     /* (o) as in the structure */
    uint32_t cpu2_controls;    /* (o) as in the structure */
    uint64_t *pml;             /* (o) where the processor notes writes; NULL: it does not */
    uint64_t eoi_exits[4];     /* (o) as in the structure: vectors whose end exits */
    uint32_t threshold;        /* (o) as in the structure: of the task priority */
    uint32_t host_cpu;         /* (o) whose state is in the host fields */
    bool launched;             /* (o) VMRESUME, not VMLAUNCH */
};

/* One CPU's share. */
struct vmx_cpu {
    void *region;             /* (c) for VMXON */
    bool on;                  /* (o) in VMX operation */
    uint32_t vpid_next;       /* (o) VPID 0 is the host's */
    uint64_t vpid_generation; /* (o) moves on when all VPIDs were handed out and flushed */
};

static inline struct vmx_cpu *vmx_cpu(void)
{
    return cpu_self()->hvm;
}

/* Run @v; set up by vmx_before_entry(), which says whether it must be launched. */
void vmx_enter(struct vcpu *v) __attribute__((noreturn));
extern const char vmx_exit_entry[];
bool vmx_before_entry(struct vcpu *v);
/* From entry.S, interrupts off: the guest has stopped, or did not start. */
void vmx_exit(struct vcpu *v);
void vmx_entry_failed(struct vcpu *v);

/* A control block becomes the one that VMREAD and VMWRITE reach on this CPU, and is written back.
 */
void vmx_load(struct vcpu *v);
void vmx_clear(struct vcpu *v);

/* Bracket for work on the structure of a vCPU that may or may not be the current one, and does not
 * run. Interrupts are off inside. */
uint64_t vmx_borrow(struct vcpu *v);
void vmx_give_back(struct vcpu *v, uint64_t flags);

/* vcpu.regs has RSP, too; exits do not read it for themselves. @v loaded. */
static inline void vmx_read_rsp(struct vcpu *v)
{
    struct vmx_vcpu *x = v->hvm->vmx;

    if (v->regs.rsp == x->rsp) /* otherwise it waits to be written */
        v->regs.rsp = x->rsp = vmread(VMCS_GUEST_RSP);
}

/* Does the processor deliver @v's interrupts from IRR? Viridian wants to know of each. */
static inline bool vmx_delivers_itself(const struct vcpu *v)
{
    return vmx_controls.virtual_interrupts &&
           !READ_ONCE(v->domain->hvm->params[HVM_PARAM_VIRIDIAN]);
}

/* The current vCPU's own translations are old: it gets a new tag. */
void vmx_flush_own(struct vcpu *v);

/* ---- control registers: @v loaded ---- */

/* As the guest sees them. */
uint64_t vmx_cr0(void);
uint64_t vmx_cr4(void);
/* A value that has been checked, or is the toolstack's; EFER.LMA follows CR0. */
void vmx_set_cr0(struct vcpu *v, uint64_t value);
void vmx_set_cr4(struct vcpu *v, uint64_t value);
/* The guest's MOV: check, and do all that the processor would. false: #GP, nothing changed. */
bool must_check vmx_write_cr0(struct vcpu *v, uint64_t value);
bool must_check vmx_write_cr4(struct vcpu *v, uint64_t value);
/* The page-directory pointers of 32-bit PAE paging from memory, if it is on. false: bad ones. */
bool must_check vmx_load_pdptes(struct vcpu *v);
/* What the guest may set in CR4, by its policy, is the processor's own business. */
void vmx_choose_cr_masks(struct vcpu *v);

/* ---- state that depends on policy and mode; @v loaded ---- */

void vmx_choose_features(struct vcpu *v);
/* The guest's local APIC has another mode, perhaps. */
void vmx_choose_apic_mode(struct vcpu *v);
void vmx_set_cpu_controls(struct vcpu *v, uint32_t controls);
/* WRMSR of a register that is in the processor while @v is loaded. -ENOENT: none of these. */
int must_check vmx_wrmsr(struct vcpu *v, uint32_t msr, uint64_t value);
/* Debug registers into the processor: the guest is about to use them. */
void vmx_debug_load(struct vcpu *v);

/* The last exit of the current vCPU was a task switch: it happens, or its fault does. */
enum exit_verdict vmx_task_switch(struct vcpu *v);

/* Everything a person needs to see why the processor refuses @v, on the console. */
void vmx_dump(struct vcpu *v);
