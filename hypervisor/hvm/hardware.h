/* SPDX-License-Identifier: BSD-2-Clause */
/* What of the machine's hardware a PVH dom0 reaches: memory of devices, ports, interrupt lines. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/types.h"

struct domain;
struct ioreq;

/* @d, which has no guest frames for devices yet, gets the machine. Boot. -ENOMEM. */
int must_check hardware_init(struct domain *d);

/* Do devices reach @d's memory by its own addresses, whatever frames those are? As long as nothing
 * translates for them they do not, and guest frames must be the machine's. */
bool hardware_dma_translated(const struct domain *d);

/* An access to @gpa, where nothing is mapped: true if a device is, now. */
bool hardware_map(struct domain *d, uint64_t gpa);
/* Device memory at @gpa is no longer for direct access. */
void hardware_unmap(struct domain *d, uint64_t gpa, uint64_t bytes);

/* A single access (hvm/io.h) to a port, or to memory that must not be mapped: true, it is done. */
bool hardware_port(struct domain *d, struct ioreq *r);
bool hardware_memory(struct domain *d, struct ioreq *r);

/* The guest wrote to its IOAPIC: lines that it has opened are connected, those it is done with may
 * interrupt again. */
void hardware_pins_changed(struct domain *d);
/* It ended the level-triggered interrupts of @gsis, as bits. Any context without inner locks. */
void hardware_eoi(struct domain *d, uint64_t gsis);
