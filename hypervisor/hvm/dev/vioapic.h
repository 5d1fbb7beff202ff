/* SPDX-License-Identifier: BSD-2-Clause */
/* The IOAPIC of an HVM guest. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "abi/xen.h"
#include "hvm/dev/vmsi.h"

#include <xen/hvm/save.h>

struct platform;

#define VIOAPIC_BASE 0xfec00000ULL
#define VIOAPIC_BYTES 0x100ULL

struct vioapic {
    struct hvm_hw_vioapic hw;
};

void vioapic_reset(struct platform *p);

/* @offset is below VIOAPIC_BYTES. */
uint32_t vioapic_mmio_read(struct platform *p, uint32_t offset);
void vioapic_mmio_write(struct platform *p, uint32_t offset, uint32_t value);

/* Input @pin changes to @level. True: an interrupt was accepted by a local APIC because of it. */
bool vioapic_pin_set(struct platform *p, unsigned int pin, bool level);
/* The vector an edge on @pin would have; -1: masked, or not an ordinary interrupt. */
int vioapic_pin_vector(const struct platform *p, unsigned int pin);
/* A local APIC ended a level-triggered @vector. The pins it was for, as bits. */
uint64_t vioapic_eoi(struct platform *p, uint8_t vector);
/* Does pin 0 pass on what the 8259 asks for (virtual wire mode by the IOAPIC), and where to? */
bool vioapic_passes_pic(const struct platform *p, struct vmsi_message *m);

/* Record IOAPIC. -EINVAL: not a state of the chip. */
int vioapic_load(struct platform *p, const struct hvm_hw_vioapic *record);
/* Raise what levels ask for: all records are there, or a local APIC takes interrupts again. */
void vioapic_retry(struct platform *p);
