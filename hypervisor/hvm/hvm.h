/* SPDX-License-Identifier: BSD-2-Clause */
/* What a hardware-assisted guest consists of beyond what all domains have. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "abi/xen.h"
#include "hvm/board.h"
#include "hvm/dev/vlapic.h"
#include "hvm/event.h"
#include "hvm/emulate.h"
#include "hvm/ioreq.h"
#include "hvm/viridian.h"
#include "hvm/vram.h"
#include "lib/types.h"
#include "p2m/p2m.h"
#include "p2m/quick.h"
#include "sync/spinlock.h"

#include <xen/hvm/params.h>
#include <xen/hvm/save.h>

struct domain;
struct hardware;
struct vcpu;
struct vmcb;
struct vmx_vcpu;

/* An event that a device model wants to be delivered. */
struct hvm_later {
    uint32_t state; /* (a) enum in inject.c */
    struct xen_dm_op_inject_event event;
};

struct hvm_domain {
    struct p2m p2m;                 /* what domain.p2m names */
    uint64_t params[HVM_NR_PARAMS]; /* (r) [control_lock] HVM_PARAM_* */
    struct ioreq_domain ioreq;      /* hvm/ioreq.c */
    struct board board;             /* hvm/board.c */
    struct vram vram;               /* hvm/vram.c */
    struct viridian_domain viridian; /* hvm/viridian.c */
    uint32_t pci_address;           /* (a) what was last written to port 0xcf8 */
    void *apic_page;                /* (c) VMX: stands for the local APIC in the guest's memory */
    struct hardware *hardware;      /* (c) hvm/hardware.c; NULL: it has emulated devices only */
    uint8_t callback_vector;        /* (r) HVM_PARAM_CALLBACK_IRQ of type vector; 0: none */
    uint8_t sleep;                  /* (a) enum in start.c: ACPI S3 */
};

#define HVM_MCE_BANKS 2 /* machine-check banks a guest sees; never filled */

#define HVM_STARTUP_WAITS 0x100u
#define HVM_STARTUP_HELD  0x200u /* VCPUOP_initialise writes its registers: none may begin now */
#define HVM_STARTUP_RESET 0x400u /* at the reset vector */
#define HVM_STARTUP_INIT  0x800u /* INIT has come: what it was is forgotten when it begins anew */
struct hvm_vcpu {
    struct vmcb *vmcb;                /* (c) SVM */
    uint64_t vmcb_address;            /* (c) its physical address */
    uint64_t host_address;            /* (o) where VMLOAD finds this CPU's own state */
    bool vmcb_offers;                 /* (o) an interrupt as a virtual one: svm_take_back() */
    bool vmcb_asks;                   /* (o) it exits for what waits, or flushes: once */
    struct vmx_vcpu *vmx;             /* (c) VMX */
    uint64_t asid_generation;         /* (o) of the ASID in the control block; 0: none */
    uint32_t asid_cpu;                /* (o) CPU that gave it */
    uint32_t p2m_seen;       /* (o) generation of p2m that no stale translation is older than */
    struct quick quick;      /* (o) what vcpu.quick names */
    struct hvm_event event;  /* (o) */
    struct hvm_later later;  /* hvm_inject_later() */
    struct hvm_emulation emulation; /* (o) hvm/emulate.c */
    struct ioreq_vcpu io;    /* hvm/ioreq_send.c */
    struct vlapic lapic;     /* hvm/dev/vlapic.c */
    struct viridian_vcpu viridian; /* hvm/viridian.c */
    uint16_t startup;        /* (a) HVM_STARTUP_*, and the vector of a start-up interrupt */
    uint8_t upcall_vector;   /* (o) HVMOP_set_evtchn_upcall_vector; 0: none */
    uint8_t gpa_bits;        /* (c) width of guest-physical addresses */
    struct hvm_hw_mtrr mtrr; /* (o) memory types as the guest set them */
    bool takes_notes;        /* (r) [control_lock] hvm/log.c */
    bool debug_loaded;       /* (o) DR0-3 are in its CPU, not in vcpu.debugreg */
    uint64_t tsc_adjust;     /* (o) IA32_TSC_ADJUST */
    bool cpuid_faults;       /* (o) CPUID is the kernel's only (MSR 0x140) */
};

/* Is hardware virtualisation in use? Set at boot, before domains exist. */
extern bool hvm_enabled;

/* Boot CPU: find out what there is and say so; @use_pml: the log of modified pages may be used,
 * @use_apicv: the processor may serve local APICs. Then on every CPU before it goes online: -ENODEV
 * panics nothing, the CPU must not run such guests and hvm_enabled is off for all. */
void hvm_init(bool use_pml, bool use_apicv);
int must_check hvm_cpu_enable(void);
/* This CPU runs nothing any more: off, so that the next owner of the machine can start it. */
void hvm_cpu_disable(void);

/* What the guest's TSC reads more than the CPU's, for the current vCPU or one that does not run. */
void hvm_set_tsc_offset(struct vcpu *v, uint64_t offset);
/* @v, which is current or does not run, has set its PAT; it may not be what counts (hvm/mtrr.h). */
void hvm_set_pat(struct vcpu *v, uint64_t value);
/* All vCPUs of the paused domain @d read @by more than before. */
void hvm_move_tsc(struct domain *d, uint64_t by);

/* Breakpoint addresses into the CPU of the current vCPU @v, at its first use of debug registers or,
 * with breakpoints on, when it comes; and back when it leaves. False: they were not there. */
void hvm_debug_load(struct vcpu *v);
bool hvm_debug_save(struct vcpu *v);

/*
 * The current vCPU @v does what kernels do early (hypercall page, HVM_PARAM_CALLBACK_IRQ; Linux
 * without the page does the second only): what we share with its domain is from now on laid out
 * for the mode that it runs in.
 */
void hvm_layout_choose(struct vcpu *v);

/* General register @number as instructions encode it. */
uint64_t *hvm_gpr(struct cpu_user_regs *r, unsigned int number);

/*
 * The interrupt that waits for @v with the highest priority: its vector, -1 for none. Any CPU; what
 * it says may change at once, but an interrupt that arrives afterwards is announced by
 * vcpu_raise().
 */
int hvm_interrupt_next(const struct vcpu *v);
/* Is it the event channels' vector, which is in no local APIC? */
bool hvm_callback_waits(const struct vcpu *v);
/* The current vCPU @v takes it now: it becomes the event to deliver. */
void hvm_interrupt_take(struct vcpu *v, uint8_t vector);

/* Does an NMI wait for the current vCPU @v that no other NMI holds off? Then it is taken, and the
 * next one waits for an IRET. */
bool hvm_nmi_waits(const struct vcpu *v);
void hvm_nmi_take(struct vcpu *v);
/* XEN_DMOP_inject_event: @v takes this event when it runs next and none else is on its way. -EBUSY:
 * one waits already; -EINVAL: not an event. Then, by @v itself at the gate. */
int must_check hvm_inject_later(struct vcpu *v, const struct xen_dm_op_inject_event *e);
void hvm_inject_due(struct vcpu *v);

/* A debugger has been attached to @d or detached. @d does not run. */
void hvm_debugger(struct domain *d);
/* Breakpoint or step @vector of the current vCPU's kernel: the debugger, if there is one, has it
 * now and its domain is paused. */
bool hvm_debugger_takes(struct vcpu *v, uint8_t vector);

struct walk_mode;
/* How @v, which is not the current vCPU, translates addresses: it is stopped for that. */
void hvm_look_mode(struct vcpu *v, struct walk_mode *mode);

/* Queue an exception for the current vCPU; a second one while one waits makes a double fault or
 * ends the guest (SDM vol. 3, table 6-5). */
void hvm_inject_exception(struct vcpu *v, uint8_t vector, bool has_error, uint32_t error);
