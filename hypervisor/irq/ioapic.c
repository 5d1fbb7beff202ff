/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * IOAPICs.
 *
 * Always true here: an entry is masked while its two halves disagree; the low half we last wrote
 * is remembered, so that masking is one write and nothing is read on the interrupt path.
 */
#include "irq/ioapic.h"

#include "abi/errno.h"
#include "acpi/acpi.h"
#include "console/log.h"
#include "debug/panic.h"
#include "mm/hvmap.h"
#include "mm/pool.h"
#include "sync/spinlock.h"

enum {
    OFFSET_SELECT = 0x00,
    OFFSET_WINDOW = 0x10,
    REG_ID = 0,
    REG_VERSION = 1,
    REG_ARBITRATION = 2,
    REG_ENTRY = 0x10, /* + 2 * pin: low half; + 1: high half */
    ENTRY_LOW_ACTIVE = 1u << 13,
    ENTRY_REMOTE_IRR = 1u << 14,
    ENTRY_LEVEL = 1u << 15,
    ENTRY_MASKED = 1u << 16,
};

struct ioapic {
    struct spinlock lock;               /* LOCK_IRQ + 1: select and window go together */
    volatile uint32_t *select, *window; /* (c) */
    uint64_t base;                      /* (c) */
    uint32_t gsi_base;                  /* (c) */
    uint32_t pins;                      /* (c) */
    uint32_t *low;                      /* (r) low half of each entry as last written */
};

static struct ioapic chips[ACPI_MAX_IOAPICS];
static unsigned int chip_count;
static uint32_t gsi_count;

/* Registers; the chip's lock held (or boot). */
static uint32_t chip_read(struct ioapic *chip, uint32_t reg)
{
    *chip->select = reg;
    return *chip->window;
}

static void chip_write(struct ioapic *chip, uint32_t reg, uint32_t value)
{
    *chip->select = reg;
    *chip->window = value;
}

/* The chip with the pin of @gsi, NULL: none. */
static struct ioapic *chip_find(uint32_t gsi)
{
    for (unsigned int i = 0; i < chip_count; i++)
        if (gsi - chips[i].gsi_base < chips[i].pins)
            return &chips[i];
    return NULL;
}

/* The same for a GSI that has a line, and so a pin. */
static struct ioapic *chip_of(uint32_t gsi)
{
    struct ioapic *chip = chip_find(gsi);

    if (!chip)
        panic("GSI %u has a line but no pin", gsi);
    return chip;
}

static void chip_init(struct ioapic *chip, const struct acpi_ioapic *found)
{
    volatile uint8_t *page = device_map(PADDR(found->address), 0x20, MAP_UC);
    uint32_t pins;

    if (!page) {
        log_error("IOAPIC at 0x%x cannot be mapped", found->address);
        return;
    }
    spin_init(&chip->lock, LOCK_IRQ + 1);
    chip->select = (volatile uint32_t *)(page + OFFSET_SELECT);
    chip->window = (volatile uint32_t *)(page + OFFSET_WINDOW);
    chip->base = found->address;
    chip->gsi_base = found->gsi_base;
    pins = ((chip_read(chip, REG_VERSION) >> 16) & 0xff) + 1;
    /* A chip that is not there reads as ones; GSIs beyond 64 Ki exist on no machine. */
    if (pins > 240 || found->gsi_base > 0xffff)
        return;
    chip->low = pool_array(uint32_t, pins);
    if (!chip->low)
        return;
    for (uint32_t pin = 0; pin < pins; pin++) {
        chip->low[pin] = ENTRY_MASKED;
        chip_write(chip, REG_ENTRY + 2 * pin, ENTRY_MASKED);
        chip_write(chip, REG_ENTRY + 2 * pin + 1, 0);
    }
    chip->pins = pins;
    if (found->gsi_base + pins > gsi_count)
        gsi_count = found->gsi_base + pins;
    log_info("IOAPIC %u at 0x%x: GSI %u-%u", found->id, found->address, found->gsi_base,
             found->gsi_base + pins - 1);
}

void ioapic_init(void)
{
    const struct acpi_madt *madt = acpi_madt();

    for (size_t i = 0; i < madt->ioapic_count; i++)
        chip_init(&chips[chip_count++], &madt->ioapics[i]);
    if (!gsi_count)
        log_error("No IOAPIC: devices will have no interrupts but MSIs");
}

uint32_t ioapic_gsi_count(void)
{
    return gsi_count;
}

bool ioapic_has(uint32_t gsi)
{
    return chip_find(gsi) != NULL;
}

void ioapic_route(uint32_t gsi, const struct ioapic_route *route)
{
    struct ioapic *chip = chip_of(gsi);
    uint32_t pin = gsi - chip->gsi_base;
    uint32_t low;

    low = route->vector | (route->level ? ENTRY_LEVEL : 0) |
          (route->active_low ? ENTRY_LOW_ACTIVE : 0);
    spin_lock(&chip->lock);
    /* A level entry whose EOI came when it had another vector already would wait for it for ever:
     * an edge entry waits for none. */
    if (route->level && (chip_read(chip, REG_ENTRY + 2 * pin) & ENTRY_REMOTE_IRR))
        chip_write(chip, REG_ENTRY + 2 * pin, (low & ~(uint32_t)ENTRY_LEVEL) | ENTRY_MASKED);
    chip_write(chip, REG_ENTRY + 2 * pin, low | ENTRY_MASKED);
    chip_write(chip, REG_ENTRY + 2 * pin + 1, route->apic_id << 24);
    if (!route->masked)
        chip_write(chip, REG_ENTRY + 2 * pin, low);
    chip->low[pin] = low | (route->masked ? ENTRY_MASKED : 0);
    spin_unlock(&chip->lock);
}

void ioapic_mask(uint32_t gsi, bool masked)
{
    struct ioapic *chip = chip_of(gsi);
    uint32_t pin = gsi - chip->gsi_base;

    spin_lock(&chip->lock);
    chip->low[pin] &= ~(uint32_t)ENTRY_MASKED;
    if (masked)
        chip->low[pin] |= ENTRY_MASKED;
    chip_write(chip, REG_ENTRY + 2 * pin, chip->low[pin]);
    if (masked) /* read back: the write has arrived before the caller's EOI does */
        (void)*chip->window;
    spin_unlock(&chip->lock);
}

bool ioapic_awaits_eoi(uint32_t gsi)
{
    struct ioapic *chip = chip_of(gsi);
    uint32_t pin = gsi - chip->gsi_base;
    uint32_t low;

    spin_lock(&chip->lock);
    low = chip_read(chip, REG_ENTRY + 2 * pin);
    spin_unlock(&chip->lock);
    return low & ENTRY_REMOTE_IRR;
}

int ioapic_register(uint64_t base, uint32_t reg, uint32_t *value)
{
    for (unsigned int i = 0; i < chip_count; i++) {
        struct ioapic *chip = &chips[i];
        uint64_t flags;

        if (!chip->pins || chip->base != base)
            continue;
        if (reg > REG_ARBITRATION)
            return -EINVAL;
        flags = spin_lock_irqsave(&chip->lock);
        *value = chip_read(chip, reg);
        spin_unlock_irqrestore(&chip->lock, flags);
        return 0;
    }
    return -EINVAL;
}
