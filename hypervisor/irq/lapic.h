/* SPDX-License-Identifier: BSD-2-Clause */
/* This CPU's local APIC, by memory (xAPIC) or by MSR (x2APIC). SDM vol. 3, chapter 11. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Choose the mode and map the registers. @need_x2apic: APIC IDs above 254 exist; @may_x2apic: it
 * may be used without need. Boot CPU. */
void lapic_init(uint64_t base, bool need_x2apic, bool may_x2apic);
/* Put this CPU's APIC into service: software-enabled, LVT set up, nothing in service. */
void lapic_cpu_init(void);

/* APIC ID of this CPU as the hardware has it. */
uint32_t lapic_id(void);
bool lapic_is_x2apic(void);

/* Signal end of interrupt. Interrupts off. */
void lapic_eoi(void);
/* Is @vector in service here (else it came from elsewhere and gets no EOI)? */
bool lapic_in_service(unsigned int vector);

/* What an IPI is; values of the ICR's delivery mode (SDM 11.6.1). */
enum lapic_delivery {
    LAPIC_FIXED = 0,
    LAPIC_NMI = 4,
    LAPIC_INIT = 5,
    LAPIC_STARTUP = 6,
};
/* Send to the CPU with @apic_id. Any context. @vector: of a fixed IPI, page number of a start-
 * up. */
void lapic_send(uint32_t apic_id, enum lapic_delivery delivery, unsigned int vector);

/* May this CPU's performance counters interrupt it, by NMI? Any context; clears the mask that each
 * such interrupt sets. */
void lapic_counter_nmi(bool on);

/* Read and clear the error status register. */
uint32_t lapic_errors(void);

/* Clock event: measure the counter against the TSC (boot CPU, once); arm per CPU. */
void lapic_timer_init(void);
void lapic_timer_cpu_init(void);
void lapic_timer_arm(uint64_t tsc);
bool lapic_timer_is_deadline(void);
