/* SPDX-License-Identifier: BSD-2-Clause */
/* A virtual CPU. Rooms keep their own part behind a pointer or in a struct of their own header. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "abi/xen.h"
#include "lib/types.h"
#include "mm/frame.h"
#include "sched/sched_vcpu.h"
#include "time/timer.h"

#include <xen/vcpu.h>

struct domain;
struct page;
struct pv_vcpu;
struct event_vcpu;
struct hvm_vcpu;
struct compat_view;

/* Where a guest registered an area (vcpu_info, runstate, time): frame reference plus our
 * mapping. */
struct guest_area {
    struct page *page; /* (r) referenced writable; NULL: none registered */
    void *map;         /* (r) address of the area's first byte in our space */
};

enum vcpu_work {
    VCPU_WORK_EVENT = 0, /* upcall state changed: re-check (set by others, cleared at the gate) */
    VCPU_WORK_NMI,       /* a virtual NMI is pending */
    VCPU_WORK_DESTROY,   /* its domain is dying or crashed: do not run it again */
    VCPU_WORK_STATE,     /* kind-specific state to reload before running */
    VCPU_WORK_CONTINUE,  /* kind-specific long work to go on with */
};

/* What the current hypercall was called with; handlers that return -ERESTART edit entry.args. */
struct hypercall_state {
    struct multicall_entry entry; /* private copy of a batch's entry; alone: only its args count */
    bool in_multicall; /* args are the batch entry's; else the registers hold them until ... */
    bool args_taken;   /* ... hypercall_args() was asked for them */
    const struct compat_view *compat; /* p2m/compat_view.h, for the length of a 32-bit call */
};

struct vcpu {
    /*
     * The entry code pushes registers straight into `regs` (the hardware's stack pointer for
     * ring 0 is &regs.es while this vCPU is loaded), then switches to `host_stack`.
     * Keep these two first and in this order (cpu/entry.S, asm_offsets.c).
     */
    uint64_t host_stack;         /* (o) stack top of the CPU it is loaded on */
    struct cpu_user_regs regs;   /* guest's registers, valid whenever it is not in guest mode */

    uint32_t id;                 /* (c) number within the domain */
    uint32_t work;               /* (a) bit per enum vcpu_work */
    struct domain *domain;       /* (c) */
    const struct guest_kind *kind; /* (c) == domain->kind; idle vCPUs have none */

    bool initialised;            /* (a) context set: may be brought up */
    bool is_idle;                /* (c) */
    bool stopped;                /* (r) [shutdown_lock] paused because its domain is shut down */
    uint32_t down;               /* (a) VPF_*: not brought up, or taken down (hotplug) */
    uint32_t pause_count;        /* (a) > 0: must not run */
    uint32_t debug_pauses;       /* (r) [control_lock] XEN_DOMCTL_gdbsx_pausevcpu */
    uint32_t debug_event;        /* (a) vector that paused its domain for a debugger, or 0 */

    vcpu_info_t *info; /* (a) registered vcpu_info or the slot in shared_info; never NULL */
    vcpu_info_t *info_private;   /* (c) the default of vCPUs that have no slot there, else NULL */
    struct guest_area info_area; /* (r) holds the frame of a registered vcpu_info */
    struct guest_area runstate_area; /* (r) map unused: see domain/shared.c */
    uint64_t runstate_gva;       /* (r) where the guest registered runstate, 0 none */
    uint64_t runstate_l4;        /* reserved */
    uint64_t time_gva;           /* (r) secondary vcpu_time_info (register_vcpu_time_memory_area) */

    struct sched_vcpu sched;     /* sched/: state, placement, runstate */
    struct timer singleshot;     /* VCPUOP_set_singleshot_timer */
    struct timer periodic;       /* VCPUOP_set_periodic_timer */
    struct timer poll;           /* SCHEDOP_poll timeout */
    uint64_t periodic_ns;        /* (o) */
    struct vcpu_time_info time;  /* (o) last published time record */
    bool time_stale;             /* (a) publish it again whatever it says */

    struct hypercall_state hc;   /* (o) */

    struct event_vcpu *event;    /* event/: FIFO queues, VIRQ ports; NULL until event_vcpu_init */
    struct pv_vcpu *pv;          /* pv/ */
    struct hvm_vcpu *hvm;        /* hvm/; NULL: not hardware-assisted */
    struct quick *quick;         /* (c) p2m/quick.h; with hvm */
    void *xsave;                 /* (o) FPU and extended state, cpu/xstate.c */
    uint64_t xcr0;               /* (o) guest's XCR0 */
    uint64_t xcr0_accum;         /* (o) every bit XCR0 ever had */
    uint64_t tsc_aux;            /* (o) */
    uint64_t tsc_offset;         /* (o) what its TSC reads more than its domain's; PV: 0 */
    uint64_t debugreg[8];        /* (o) guest's DR0-3, 6, 7 */
    uint64_t spec_ctrl;          /* (o) */

    uint32_t dirty_cpu; /* (a) CPU whose registers and TLB still hold its state; CPU_NONE */
    bool nmi_blocked;            /* (o) until its next IRET */
    bool poisoned;               /* reserved */
};

#define CPU_NONE (~0u)
#define VPF_DOWN   1u
#define VPF_HALTED 2u /* beside VPF_DOWN: it halted for good, but an NMI ends that */

/* Create vCPU @id of @d (all rooms' parts). -ENOMEM, -EINVAL for a bad or used id. Domain control
 * lock held, domain not running. */
int must_check vcpu_create(struct domain *d, uint32_t id);
void vcpu_destroy(struct vcpu *v);

/* vCPU @id of @d or NULL. The array never shrinks while the domain is referenced. */
struct vcpu *domain_vcpu(const struct domain *d, uint32_t id);

/* Count of vCPUs that exist in @d. */
uint32_t domain_vcpu_count(const struct domain *d);

/* Stop @v from running and wait until it does not (not for the current vCPU); counts nest. */
void vcpu_pause(struct vcpu *v);
/* The same without waiting: for the current vCPU or under locks. */
void vcpu_pause_nowait(struct vcpu *v);
void vcpu_unpause(struct vcpu *v);

/* @v may run: brought up, or up again. True: it was down. Any context. */
bool vcpu_bring_up(struct vcpu *v);
/* @v runs no more until it is brought up; the domain powers itself off with its last one. @how is
 * VPF_DOWN, for one that halts with interrupts off and VPF_HALTED. Does not wait. Any context. */
void vcpu_take_down(struct vcpu *v, uint32_t how);
/* A non-maskable interrupt arrives for @v. Any context. */
void vcpu_nmi(struct vcpu *v);

/* Set a bit of v->work and make sure @v notices soon, wherever it runs. Any context. */
void vcpu_raise(struct vcpu *v, enum vcpu_work bit);

#define for_each_vcpu(d, v)                                                                        \
    for (uint32_t idx_##v = 0; idx_##v < (d)->max_vcpus; idx_##v++)                                \
        if (((v) = (d)->vcpus[idx_##v]) != NULL)
