/* SPDX-License-Identifier: BSD-2-Clause */
/* Message-signalled interrupts (PCI 3.0, 6.8): we write address, data and masks; dom0 only
 * enables. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/types.h"
#include "pci/config.h"

struct irq_line;

struct msi_message {
    uint32_t address_low, address_high, data;
};

/* The message that raises @vector, edge-triggered, on the CPU with physical @apic_id (< 255).
 * SDM vol. 3, 11.11. */
static inline struct msi_message msi_encode(uint32_t apic_id, uint8_t vector)
{
    /* Address: 0xFEE, destination 19:12, no redirection hint, physical mode. Data: vector, fixed
     * delivery, edge. */
    return (struct msi_message){.address_low = 0xfee00000u | (apic_id & 0xff) << 12,
                                .data = vector};
}

#define MSI_MAX_MESSAGES 32

/*
 * Program @count (a power of two) MSI messages of the function at @a, aimed at @cpu, masked where
 * the device can; lines[0..count-1] are theirs. -ENODEV no such capability, -ERANGE more messages
 * than the device has, -EBUSY in use already, -ENOSPC no vectors, -ENOMEM.
 */
int must_check msi_enable(struct pci_address a, unsigned int count, unsigned int cpu,
                          struct irq_line **lines);

/* The same for entry @entry of the MSI-X table, which lies in the BAR at @bar (as dom0 knows it; 0:
 * read it from the device). Also -ENXIO when memory decoding is off, -EINVAL for a bad place. */
int must_check msix_enable(struct pci_address a, uint32_t entry, uint64_t bar, unsigned int cpu,
                           struct irq_line **line);

/* Give up a message; its line has been stopped. Interrupts on, no locks. */
void msi_disable(struct irq_line *line);

/* Write every message of the function again: it has lost them (reset, resume). -ENXIO when
 * its table cannot be reached now. */
int must_check msi_restore(struct pci_address a);

/* PHYSDEVOP_prepare_msix: note that BARs may not move. Only checks: -ENODEV without MSI-X. */
int must_check msix_prepare(struct pci_address a);

/* May dom0 write this to configuration space? Drops what we own, adjusts *value otherwise. */
bool msi_config_write_filter(struct pci_address a, unsigned int reg, unsigned int bytes,
                             uint32_t *value);
