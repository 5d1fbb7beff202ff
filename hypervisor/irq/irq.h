/* SPDX-License-Identifier: BSD-2-Clause */
/* Physical interrupts: the face to other rooms. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/cpumask.h"
#include "lib/types.h"

struct domain;
struct cpu_user_regs;

/* Vectors, highest priority first. 0x20-0xef go to devices; the rest are the hypervisor's own. */
enum irq_vector {
    VECTOR_SPURIOUS = 0xff,
    VECTOR_TIMER = 0xfe, /* local APIC timer */
    VECTOR_EVENT = 0xfd, /* IPI: softirq raised */
    VECTOR_FLUSH = 0xfc, /* IPI: TLB flush */
    VECTOR_CALL = 0xfb,  /* IPI: run a function */
    VECTOR_ERROR = 0xfa, /* local APIC error */
    VECTOR_DEVICE_LAST = 0xef,
    VECTOR_DEVICE_FIRST = 0x20,
};

/* Entry from cpu/: vector >= 0x20 arrived on this CPU. Interrupts off; acknowledges, dispatches. */
void irq_handle(struct cpu_user_regs *regs, unsigned int vector);

/* x2apic=: may x2APIC mode be chosen where it is not forced on us? Before irq_init(). */
extern bool irq_x2apic;

/* Boot: local APIC, IOAPICs from the MADT, legacy PIC masked. Then per CPU. */
void irq_init(void);
void irq_cpu_init(void);

/* Send an IPI. Any context. */
void irq_send_ipi(unsigned int cpu, unsigned int vector);
void irq_send_ipi_mask(const struct cpumask *mask, unsigned int vector); /* not to self */
void irq_send_nmi(unsigned int cpu);

/* Arm this CPU's clock event for @tsc (absolute TSC of this CPU); 0 disarms. Interrupts off. */
void irq_timer_arm(uint64_t tsc);

/* Guests' side: per-domain table of pirqs. */
int must_check irq_domain_init(struct domain *d);
/* Let go of @d's memory (the EOI page) and lines: it is dying, its ports are closed. */
void irq_domain_relinquish(struct domain *d);
void irq_domain_free(struct domain *d);

/* EVTCHNOP_bind_pirq side: connect pirq to port; -EINVAL unmapped, -EBUSY not shareable, -EPERM. */
int must_check irq_bind_guest(struct domain *d, uint32_t pirq, bool will_share, uint32_t port);
void irq_unbind_guest(struct domain *d, uint32_t pirq);
/* The port's vCPU changed: follow with the line's destination. */
void irq_set_affinity(struct domain *d, uint32_t pirq, unsigned int cpu);
/* Unmask after the guest's handler ran, if the line waits for it (PHYSDEVOP_eoi, port unmask). */
void irq_guest_eoi(struct domain *d, uint32_t pirq);

uint32_t irq_gsi_count(void); /* one past the highest GSI */
void irq_dump(void);          /* debug key 'i' */
