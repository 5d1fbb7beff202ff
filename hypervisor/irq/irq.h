/* SPDX-License-Identifier: BSD-2-Clause */
/* Physical interrupts: the face to other rooms. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "cpu/ipi.h"
#include "lib/cpumask.h"
#include "lib/types.h"

struct domain;
struct cpu_user_regs;

/* Entry from cpu/: vector >= 0x20 arrived on this CPU. Interrupts off; acknowledges, dispatches. */
void irq_handle(struct cpu_user_regs *regs, unsigned int vector);

/* x2apic=: may x2APIC mode be chosen where it is not forced on us? Before irq_init(). */
extern bool irq_x2apic;

/* Boot: local APIC, IOAPICs from the MADT, legacy PIC masked. Then per CPU. */
void irq_init(void);
void irq_cpu_init(void);

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
