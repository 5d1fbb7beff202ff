/* SPDX-License-Identifier: BSD-2-Clause */
/* PCI configuration space: the hypervisor's own accesses, and dom0's on their way to the
 * hardware. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/types.h"

/* A function: bus, device << 3 | function, within a segment. */
struct pci_address {
    uint16_t segment;
    uint8_t bus;
    uint8_t devfn;
};

static inline bool pci_address_equal(struct pci_address a, struct pci_address b)
{
    return a.segment == b.segment && a.bus == b.bus && a.devfn == b.devfn;
}

/* Standard registers (PCI 3.0, 6.1, 6.7, 6.8). */
enum pci_register {
    PCI_VENDOR = 0x00,
    PCI_COMMAND = 0x04,
    PCI_STATUS = 0x06,
    PCI_HEADER_TYPE = 0x0e,
    PCI_BAR0 = 0x10,
    PCI_CAPABILITIES = 0x34,
};
#define PCI_COMMAND_MEMORY          (1u << 1)
#define PCI_STATUS_HAS_CAPABILITIES (1u << 4)
#define PCI_CAP_MSI                 0x05
#define PCI_CAP_MSIX                0x11

/* Read or write @bytes (1, 2 or 4, aligned) of register @reg. Reads of what cannot be reached give
 * ones, writes are lost. Any context: one lock, innermost but the console's. */
uint32_t pci_read(struct pci_address a, unsigned int reg, unsigned int bytes);
void pci_write(struct pci_address a, unsigned int reg, unsigned int bytes, uint32_t value);

/* Offset of capability @id in standard space, 0: none. */
unsigned int pci_find_capability(struct pci_address a, uint8_t id);

/* dom0 vouches for the ECAM range of buses @first..@last of @segment, bus 0 at @base
 * (PHYSDEVOP_pci_mmcfg_reserved). 0, -EINVAL, -ENOMEM when too many. */
int must_check pci_ecam_add(uint16_t segment, uint64_t base, uint8_t first, uint8_t last);

/* How dom0 sees configuration space when that is not the hardware's (hvm/vpci/). Set at boot; NULL:
 * it is. Reads return the value. */
typedef uint32_t pci_access(struct pci_address a, unsigned int reg, unsigned int bytes, bool write,
                            uint32_t value);
extern pci_access *pci_dom0_view;

/*
 * A port access of dom0 to 0xCF8-0xCFF: @bytes at @port. Carried out with dom0's own address
 * latch; writes that would spoil messages programmed by irq/msi.c are dropped. Reads return the
 * value, writes take it from @value.
 */
uint32_t pci_dom0_config_access(uint16_t port, unsigned int bytes, bool write, uint32_t value);
