/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * PCI configuration space.
 *
 * Always true here: the hardware's address latch (port 0xCF8) is set and used under one lock; what
 * dom0 wrote to it is kept aside, so neither side disturbs the other.
 */
#include "pci/config.h"

#include "abi/errno.h"
#include "cpu/insn.h"
#include "irq/msi.h"
#include "mm/hvmap.h"
#include "mm/pool.h"
#include "sync/spinlock.h"

enum { PORT_ADDRESS = 0xcf8, PORT_DATA = 0xcfc }; /* PCI 3.0, 3.2.2.3.2 */
#define ADDRESS_ENABLE 0x80000000u
#define ECAM_MAX       32
#define ECAM_BUS_BYTES MiB /* 256 functions of 4 KiB */

struct ecam {
    uint64_t base;
    uint16_t segment;
    uint8_t first, last;
    volatile uint8_t *bus[256]; /* (r) mapped when first used */
};

static struct spinlock config_lock = SPINLOCK_INIT(LOCK_IRQ + 4);
static struct ecam *ecams[ECAM_MAX]; /* (r) [config_lock] */
static unsigned int ecam_count;
static uint32_t dom0_latch; /* (r) [config_lock] */

pci_access *pci_dom0_view;

static bool access_valid(unsigned int reg, unsigned int bytes)
{
    return (bytes == 1 || bytes == 2 || bytes == 4) && reg + bytes <= 4096 && !(reg & (bytes - 1));
}

static uint32_t port_read(uint16_t port, unsigned int bytes)
{
    return bytes == 1 ? inb(port) : bytes == 2 ? inw(port) : inl(port);
}

static void port_write(uint16_t port, unsigned int bytes, uint32_t value)
{
    if (bytes == 1)
        outb(port, (uint8_t)value);
    else if (bytes == 2)
        outw(port, (uint16_t)value);
    else
        outl(port, value);
}

/* The mapped register in ECAM space, NULL when there is none for it. config_lock held. */
static volatile uint8_t *ecam_register(struct pci_address a, unsigned int reg)
{
    for (unsigned int i = 0; i < ecam_count; i++) {
        struct ecam *e = ecams[i];

        if (e->segment != a.segment || a.bus < e->first || a.bus > e->last)
            continue;
        if (!e->bus[a.bus])
            e->bus[a.bus] =
                device_map(PADDR(e->base + a.bus * ECAM_BUS_BYTES), ECAM_BUS_BYTES, MAP_UC);
        return e->bus[a.bus] ? e->bus[a.bus] + ((uint32_t)a.devfn << 12) + reg : NULL;
    }
    return NULL;
}

static uint32_t latch_for(struct pci_address a, unsigned int reg)
{
    return ADDRESS_ENABLE | (uint32_t)a.bus << 16 | (uint32_t)a.devfn << 8 | (reg & 0xfc);
}

uint32_t pci_read(struct pci_address a, unsigned int reg, unsigned int bytes)
{
    uint32_t value = ~0u >> (32 - 8 * bytes);
    volatile uint8_t *p;
    uint64_t flags;

    if (!access_valid(reg, bytes))
        return value;
    flags = spin_lock_irqsave(&config_lock);
    if (a.segment == 0 && reg < 256) {
        outl(PORT_ADDRESS, latch_for(a, reg));
        value = port_read((uint16_t)(PORT_DATA + (reg & 3)), bytes);
    } else if ((p = ecam_register(a, reg)) != NULL) {
        value = bytes == 1 ? *p : bytes == 2 ? *(volatile uint16_t *)p : *(volatile uint32_t *)p;
    }
    spin_unlock_irqrestore(&config_lock, flags);
    return value;
}

void pci_write(struct pci_address a, unsigned int reg, unsigned int bytes, uint32_t value)
{
    volatile uint8_t *p;
    uint64_t flags;

    if (!access_valid(reg, bytes))
        return;
    flags = spin_lock_irqsave(&config_lock);
    if (a.segment == 0 && reg < 256) {
        outl(PORT_ADDRESS, latch_for(a, reg));
        port_write((uint16_t)(PORT_DATA + (reg & 3)), bytes, value);
    } else if ((p = ecam_register(a, reg)) != NULL) {
        if (bytes == 1)
            *p = (uint8_t)value;
        else if (bytes == 2)
            *(volatile uint16_t *)p = (uint16_t)value;
        else
            *(volatile uint32_t *)p = value;
    }
    spin_unlock_irqrestore(&config_lock, flags);
}

unsigned int pci_find_capability(struct pci_address a, uint8_t id)
{
    unsigned int at;

    if (!(pci_read(a, PCI_STATUS, 2) & PCI_STATUS_HAS_CAPABILITIES))
        return 0;
    at = pci_read(a, PCI_CAPABILITIES, 1) & 0xfc;
    for (int hops = 0; hops < 48 && at >= 0x40; hops++) { /* 48: as many as fit without a loop */
        uint32_t header = pci_read(a, at, 2);

        if ((header & 0xff) == 0xff)
            return 0;
        if ((header & 0xff) == id)
            return at;
        at = (header >> 8) & 0xfc;
    }
    return 0;
}

static struct ecam *ecam_find(uint16_t segment, uint8_t first)
{
    for (unsigned int i = 0; i < ecam_count; i++)
        if (ecams[i]->segment == segment && ecams[i]->first == first)
            return ecams[i];
    return NULL;
}

int pci_ecam_add(uint16_t segment, uint64_t base, uint8_t first, uint8_t last)
{
    struct ecam *e, *old;
    uint64_t flags;
    int rc = 0;

    if (!base || (base & (ECAM_BUS_BYTES - 1)) || base >> 46 || first > last)
        return -EINVAL;
    e = pool_new(struct ecam);
    if (!e)
        return -ENOMEM;
    *e = (struct ecam){.base = base, .segment = segment, .first = first, .last = last};
    flags = spin_lock_irqsave(&config_lock);
    old = ecam_find(segment, first);
    if (old) { /* said before, or a contradiction */
        rc = old->base == base && old->last == last ? 0 : -EINVAL;
    } else if (ecam_count == ECAM_MAX) {
        rc = -ENOMEM;
    } else {
        ecams[ecam_count++] = e;
        e = NULL;
    }
    spin_unlock_irqrestore(&config_lock, flags);
    pool_free(e);
    return rc;
}

/* An access to the data window with dom0's latch enabled. */
static uint32_t dom0_data(uint16_t port, unsigned int bytes, bool write, uint32_t value)
{
    struct pci_address a = {.bus = (uint8_t)(dom0_latch >> 16),
                            .devfn = (uint8_t)(dom0_latch >> 8)};
    unsigned int reg = (dom0_latch & 0xfc) + (port & 3);

    if (pci_dom0_view)
        return pci_dom0_view(a, reg, bytes, write, value);
    if (!write)
        return pci_read(a, reg, bytes);
    if (msi_config_write_filter(a, reg, bytes, &value))
        pci_write(a, reg, bytes, value);
    return 0;
}

uint32_t pci_dom0_config_access(uint16_t port, unsigned int bytes, bool write, uint32_t value)
{
    uint32_t ones = ~0u >> (32 - 8 * bytes);

    if (port < PORT_ADDRESS || port + bytes > PORT_DATA + 4)
        return ones;
    if (port < PORT_DATA && port + bytes > PORT_DATA) /* past the filter, by our own latch */
        return ones;
    if (port < PORT_DATA) {
        if (port == PORT_ADDRESS && bytes == 4) {
            if (write)
                WRITE_ONCE(dom0_latch, value);
            return dom0_latch;
        }
        /* Not the latch but ordinary ports that share its addresses, such as reset control
         * 0xCF9. */
        if (write)
            port_write(port, bytes, value);
        return write ? 0 : port_read(port, bytes);
    }
    if (!(dom0_latch & ADDRESS_ENABLE) || (port & (bytes - 1)))
        return ones;
    return dom0_data(port, bytes, write, value);
}
