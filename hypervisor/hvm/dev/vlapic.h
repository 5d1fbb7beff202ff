/* SPDX-License-Identifier: BSD-2-Clause */
/* The local APIC of a hardware-assisted vCPU: registers, interrupts on their way, timer. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "abi/xen.h"
#include "lib/types.h"
#include "time/timer.h"

#include <xen/hvm/save.h>

struct vcpu;

#define VLAPIC_TPR  0x80 /* offset of the task priority register */
#define VLAPIC_REGS 64   /* one for each 16 bytes of the register page */
#define VLAPIC_PAGE 0xfee00000ULL /* where the page is until the guest moves it */

struct vlapic {
    uint32_t *page;             /* (o) the register page, as a processor that helps wants it */
    uint32_t irr[8] aligned(8); /* (a) accepted, not yet taken nor in the page: set by any CPU */
    uint8_t timer_mode;         /* (o) bits 17 and 18 of the timer's vector register */
    bool changed;               /* (o) IRR or ISR of the page, by other than the processor */
    uint64_t base_msr;          /* (o) IA32_APIC_BASE */
    uint64_t deadline_tsc;      /* (o) IA32_TSC_DEADLINE, 0: not armed */
    uint64_t timer_start_ns;    /* (o) when the initial count was written */
    uint64_t timer_period_ns;   /* (o) how long it counts, 0: it does not */
    struct timer timer;
};

/* Power-on state (SDM vol. 3, 10.4.7.1); @v is where interrupts go. -ENOMEM. */
int must_check vlapic_init(struct vcpu *v);
void vlapic_free(struct vcpu *v);
/* What INIT leaves of it: all but its number and its mode (10.4.7.3). By its vCPU. */
void vlapic_reset(struct vcpu *v);

/* Aligned 32-bit access to the register page, by its vCPU. The value may be in the page already. */
uint32_t vlapic_read(struct vcpu *v, uint32_t offset);
void vlapic_write(struct vcpu *v, uint32_t offset, uint32_t value);

/* IA32_APIC_BASE, IA32_TSC_DEADLINE and the x2APIC range, by its vCPU. -EINVAL: #GP. */
int must_check vlapic_rdmsr(struct vcpu *v, uint32_t msr, uint64_t *value);
int must_check vlapic_wrmsr(struct vcpu *v, uint32_t msr, uint64_t value);

/* Does @gpa lie in the register page as it is mapped now? */
bool vlapic_claims(const struct vcpu *v, uint64_t gpa);

/* An interrupt arrives for @v. Any CPU, any context. */
void vlapic_accept(struct vcpu *v, uint8_t vector);

/* The upcall's interrupt, by @v itself. Unlike others it is kept while the APIC is disabled by
 * software, because it is not raised again as long as the guest has not seen its events. */
void vlapic_accept_upcall(struct vcpu *v, uint8_t vector);
/* The same from outside of the APICs: the end of a @level-triggered one is told to the IOAPIC. */
void vlapic_accept_from(struct vcpu *v, uint8_t vector, bool level);
/* Does the 8259's output reach @v by its local interrupt pin 0, or because there is no APIC? */
bool vlapic_accepts_pic(const struct vcpu *v);

/* The vector that would be taken now, by priority; -1: none. Then it is taken. */
int vlapic_pending(const struct vcpu *v);
void vlapic_take(struct vcpu *v, uint8_t vector);
/* Is there one that the task priority alone holds off? */
bool vlapic_waits_for_tpr(const struct vcpu *v);

/* ---- for a processor that reads and writes the register page itself; owner only ---- */

bool vlapic_is_x2apic(const struct vlapic *l);

/* The task priority's class: what CR8 says. */
static inline uint8_t vlapic_cr8(const struct vlapic *l)
{
    return l->page[VLAPIC_TPR / 4] >> 4 & 0xf;
}

/* Is any interrupt accepted that is not in the page yet? Any CPU. */
static inline bool vlapic_anything_waits(const struct vlapic *l)
{
    const uint64_t *two = (const uint64_t *)l->irr;

    return READ_ONCE(two[0]) | READ_ONCE(two[1]) | READ_ONCE(two[2]) | READ_ONCE(two[3]);
}

/* The priority class below which the guest must fall before what waits gets in; 0: that is not
 * what holds it off. */
uint32_t vlapic_tpr_threshold(const struct vlapic *l);

/* Accepted interrupts go into the page's IRR, from where the processor delivers them by itself.
 * *@status: the highest of IRR and, shifted by 8, of ISR. false: nothing has changed. */
bool vlapic_hand_over(struct vlapic *l, uint32_t *status);

/* Vectors, a bit each, whose end somebody waits for: level-triggered ones (TMR), and ticks of
 * timers, which the processor takes without telling. */
void vlapic_watched_vectors(const struct vcpu *v, uint64_t watched[4]);

/* The processor has ended one of these by itself, it is out of ISR. */
void vlapic_end_told(struct vcpu *v, uint8_t vector);

/* Both records of its state. It does not run. -EINVAL: a mode that it cannot have; registers become
 * what a guest could have left in them. The registers come after the other record. */
void vlapic_get(const struct vcpu *v, struct hvm_hw_lapic *record);
int must_check vlapic_set(struct vcpu *v, const struct hvm_hw_lapic *record);
void vlapic_get_regs(struct vcpu *v, struct hvm_hw_lapic_regs *record);
void vlapic_set_regs(struct vcpu *v, const struct hvm_hw_lapic_regs *record);
