/* SPDX-License-Identifier: BSD-2-Clause */
/* State of a classic PV domain and its vCPUs, shared by the files of this room. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "abi/xen.h"
#include "lib/types.h"
#include "mm/frame.h"
#include "pv/log.h"
#include "sync/spinlock.h"

struct domain;
struct vcpu;
struct page;

/* The flat selectors every PV guest has (xen/arch-x86/xen-x86_64.h FLAT_RING3_*). */
#define PV_FLAT_CS64 0xe033
#define PV_FLAT_CS32 0xe023
#define PV_FLAT_SS 0xe02b
#define PV_GDT_GUEST_ENTRIES (14 * 512)
#define PV_GDT_GUEST_FRAMES 14

/* Room of each vCPU in the per-domain area: 16 pages of GDT, 16 of LDT. */
#define PV_VCPU_SLOT_BYTES 0x20000

struct pv_callback {
    uint64_t rip; /* 0: not registered */
    bool mask_events;
};

struct pv_domain {
    struct spinlock update_lock; /* LOCK_PV_UPDATE: page-table writes of this domain */
    mfn_t perdomain_l3;          /* (c) table behind slot 258 of its L4s */
    uint64_t *gdt_ldt_l1[32];    /* (c) L1 tables of the per-domain area: 16 vCPUs each */
    uint32_t teardown_stage;     /* (r) relinquish cursor */
    uint64_t teardown_cursor;
    mfn_t perdomain_l2;          /* (c) first GiB of the per-domain area */
    uint64_t *ldt_descriptors[2]; /* (c) LDT descriptors of 256 vCPUs each: GDT page 15 */
    uint8_t *io_bitmap;          /* (r) ports the hardware may let its kernel use, NULL none */
    uint64_t io_bitmap_stamp;    /* (r) changes whenever io_bitmap does */
    uint32_t unlink_clock;       /* (r) [update_lock] TLB clock when a table was last unlinked */
    struct pv_log log;           /* frames written */
};

struct pv_vcpu {
    /* address spaces: each L4 holds a reference and a use as PAGE_L4 while named here */
    mfn_t l4_kernel;             /* (o) MFN_NONE before the context is set */
    mfn_t l4_user;               /* (o) MFN_NONE: none */
    bool in_kernel;              /* (o) guest kernel mode */
    struct page *releasing;      /* (o) table whose release was preempted, NULL none: pv/type.h */

    struct trap_info traps[256]; /* (o) trap table by vector; address 0: none */
    mfn_t gdt_frames[PV_GDT_GUEST_FRAMES]; /* (o) each holds a use as PAGE_DESCRIPTOR */
    uint32_t gdt_entries;        /* (o) */
    uint64_t ldt_base;           /* (o) guest address, validated page by page on first use */
    uint32_t ldt_entries;        /* (o) */
    uint32_t ldt_mapped;         /* (o) bit per LDT page mapped into our area */

    uint16_t kernel_ss;
    uint64_t kernel_sp;
    struct pv_callback event, failsafe, syscall, syscall32, sysenter, nmi;

    uint64_t fs_base, gs_base_kernel, gs_base_user; /* (o) valid while not loaded */
    uint64_t cr0_ts;             /* (o) guest's view: X86_CR0_TS set by fpu_taskswitch */
    uint64_t cr4;                /* (o) guest's view */
    uint8_t iopl;                /* (o) virtual I/O privilege level */
    uint64_t io_bitmap_gva;      /* (o) PHYSDEVOP_set_iobitmap */
    uint32_t io_bitmap_ports;    /* (o) number of ports it covers */
    uint32_t nmi_depth;
};

/* ---- address spaces (pv/address_space.c, pv/mmuext.c) ---- */

/* Make @mfn (of @v's domain, or owned as given) @v's kernel top-level table: takes reference and
 * use, drops the old one, loads it if @v is current. -EINVAL, -EBUSY, -ERESTART. */
int must_check pv_new_kernel_l4(struct vcpu *v, mfn_t mfn);
/* The same for the user table; MFN(0) means none. */
int must_check pv_new_user_l4(struct vcpu *v, mfn_t mfn);
/* Drop both (domain relinquish), and finish what the vCPU left half released; -ERESTART. */
int must_check pv_drop_l4s(struct vcpu *v);
/* Load CR3 for @v's current mode on this CPU. */
void pv_load_cr3(struct vcpu *v);
/* Change between guest user and kernel mode: CR3, GS base and the right to ports follow. While a
 * vCPU is loaded the MSR GS_BASE holds the base of its current mode and KERNEL_GS_BASE that of the
 * other (so that SWAPGS, here, does what the guest's own would). Crashes the domain, mode
 * unchanged, if there is no user table to go to. Current vCPU only. */
void pv_toggle_mode(struct vcpu *v);

/* ---- faults handed from pv/trap.c ---- */

/* A write fault of the current guest at @va on a read-only mapping: if it is a live L1 table of its
 * own, emulate the instruction through pte_update and return true; false: deliver the #PF. */
bool pv_pt_write_fault(struct vcpu *v, uint64_t va, uint32_t error_code);

/* ---- descriptor tables (pv/descriptor.c) ---- */

/* Replace @v's GDT by @count frames with @entries entries; old frames' uses are dropped. */
int must_check pv_set_gdt(struct vcpu *v, const uint64_t *frames, uint32_t entries);
void pv_drop_gdt(struct vcpu *v);
/* The GDT of a new vCPU: no guest's descriptors. */
void pv_gdt_init(struct vcpu *v);
/* Forget @v's LDT mappings and their uses. */
void pv_drop_ldt(struct vcpu *v);
/* MMUEXT_SET_LDT. */
int must_check pv_set_ldt(struct vcpu *v, uint64_t base, uint32_t entries);
/* The first use of an LDT page faulted at @offset in the LDT: map it; false: guest's own fault. */
bool pv_ldt_fault(struct vcpu *v, uint32_t offset);
/* Validate contents of a frame that becomes PAGE_DESCRIPTOR (called by page typing). */
int must_check pv_descriptor_page_validate(mfn_t mfn);
/* Make an acceptable descriptor safe (DPL raised to 3), in place; false: refused. */
bool pv_descriptor_fix(uint64_t *descriptor);

/* Data selectors are in registers only while @v is loaded: copy them to v->regs. Current vCPU. */
void pv_save_selectors(struct vcpu *v);

/* Load LDTR for @v (current or becoming so, its GDT loaded). */
void pv_load_ldt(struct vcpu *v);

/* Is @selector a 64-bit code segment in @v's tables? */
bool pv_is_64bit_code(const struct vcpu *v, uint16_t selector);

/* ---- ports (pv/switch.c, pv/domain.c) ---- */

/* Open or close the I/O bitmap for @v's mode and IOPL. Current vCPU. */
void pv_ports_update(struct vcpu *v);
/* RDTSC faults as the domain's TSC and the guest's CR4 want it; @v current. */
void pv_load_tsd(const struct vcpu *v);
/* @d's port permissions changed: rebuild its bitmap. -ENOMEM. */
int must_check pv_ports_changed(struct domain *d);

/* ---- registers (pv/misc_op.c) ---- */

/* Set the guest's view of CR0.TS and the hardware's. Current vCPU. */
void pv_set_ts(struct vcpu *v, bool on);
/* Set debug register @number: -EINVAL for an address or bits a guest may not use. Current vCPU. */
int must_check pv_set_debugreg(struct vcpu *v, unsigned int number, uint64_t value);
/* The checks alone: the value to store. */
int must_check pv_check_debugreg(unsigned int number, uint64_t *value);
