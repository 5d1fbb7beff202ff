/* SPDX-License-Identifier: BSD-2-Clause */
/* Interrupts from CPU to CPU, bound at link time: irq/ sends them, lower rooms need them too. */
#pragma once

#include "lib/cpumask.h"

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

/* Send an IPI. Any context. */
void irq_send_ipi(unsigned int cpu, unsigned int vector);
void irq_send_ipi_mask(const struct cpumask *mask, unsigned int vector); /* not to self */
void irq_send_nmi(unsigned int cpu);
