/* SPDX-License-Identifier: BSD-2-Clause */
/* IOAPICs: redirection entries by global system interrupt (GSI). Intel 82093AA data sheet. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/types.h"

/* How one GSI goes to CPUs. */
struct ioapic_route {
    uint32_t apic_id; /* destination CPU, below 255 */
    uint8_t vector;
    bool level;      /* else edge */
    bool active_low; /* else high */
    bool masked;
};

/* Map every IOAPIC of the MADT and mask all entries. Boot CPU. */
void ioapic_init(void);

/* One past the highest GSI that has a pin. */
uint32_t ioapic_gsi_count(void);
/* Is there a pin for @gsi? */
bool ioapic_has(uint32_t gsi);

/* Program the entry of @gsi (which exists) as a whole. Callers hold the line's lock; the chip's
 * own lock is inside. Interrupts off. */
void ioapic_route(uint32_t gsi, const struct ioapic_route *route);
/* Change only the mask bit. */
void ioapic_mask(uint32_t gsi, bool masked);
/* Is a level interrupt delivered and not yet acknowledged by a CPU's EOI? */
bool ioapic_awaits_eoi(uint32_t gsi);

/* PHYSDEVOP_apic_read: register @reg of the IOAPIC at @base; -EINVAL for others. Only the
 * identification registers 0-2 are readable. */
int must_check ioapic_register(uint64_t base, uint32_t reg, uint32_t *value);
