/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An IOAPIC (Intel 82093AA data sheet), with 48 pins and the EOI register of later ones.
 *
 * What is always true here: a pin's remote IRR is set only while it is level-triggered, from the
 * moment a local APIC accepted its interrupt to the EOI for its vector. Pins are wires of
 * hvm/dev/vgsi.c, which knows their levels; asserted is asserted, whatever polarity says.
 */
#include "hvm/dev/vioapic.h"

#include "abi/errno.h"
#include "hvm/dev/platform.h"
#include "lib/bits.h"
#include "lib/index.h"

/* Memory: an index, the register it selects, EOI. */
#define SELECT 0x00
#define WINDOW 0x10
#define EOI 0x40

/* Registers by index */
#define REG_ID 0x00
#define REG_VERSION 0x01
#define REG_ARBITRATION 0x02
#define REG_REDIRECTION 0x10 /* two for each pin, low half first */
#define VERSION (0x11u | (VIOAPIC_NUM_PINS - 1) << 16)
#define ID_SHIFT 24
#define ID_MASK 15u

/* Bits of a redirection entry that a guest changes: not delivery status, remote IRR, reserved. */
#define WRITABLE 0xff0000000001afffULL

void vioapic_reset(struct platform *p)
{
    p->ioapic = (struct vioapic){.hw.base_address = VIOAPIC_BASE};
    for (unsigned int pin = 0; pin < VIOAPIC_NUM_PINS; pin++)
        p->ioapic.hw.redirtbl[pin].fields.mask = 1;
}

static bool is_level(const union vioapic_redir_entry *e)
{
    return e->fields.trig_mode && e->fields.delivery_mode <= VMSI_LOWEST;
}

static struct vmsi_message message_of(const union vioapic_redir_entry *e)
{
    return (struct vmsi_message){
        .vector = e->fields.vector,
        .delivery = e->fields.delivery_mode,
        .logical = e->fields.dest_mode,
        .level = is_level(e),
        .dest = e->fields.dest_id,
    };
}

static bool deliver(struct platform *p, union vioapic_redir_entry *e)
{
    struct vmsi_message m = message_of(e);

    if (e->fields.mask || e->fields.remote_irr || !p->ops->deliver(p, &m))
        return false;
    e->fields.remote_irr = m.level;
    return true;
}

/* A level-triggered pin that is free to interrupt does so while its line is asserted. */
static void deliver_level(struct platform *p, unsigned int pin)
{
    union vioapic_redir_entry *e = &p->ioapic.hw.redirtbl[pin];

    if (is_level(e) && vgsi_asserted(p, pin))
        (void)deliver(p, e);
}

bool vioapic_pin_set(struct platform *p, unsigned int pin, bool level)
{
    return level && deliver(p, &p->ioapic.hw.redirtbl[pin]);
}

int vioapic_pin_vector(const struct platform *p, unsigned int pin)
{
    const union vioapic_redir_entry *e = &p->ioapic.hw.redirtbl[pin];

    return e->fields.mask || e->fields.delivery_mode > VMSI_LOWEST ? -1 : e->fields.vector;
}

uint64_t vioapic_eoi(struct platform *p, uint8_t vector)
{
    uint64_t pins = 0;

    for (unsigned int pin = 0; pin < VIOAPIC_NUM_PINS; pin++) {
        union vioapic_redir_entry *e = &p->ioapic.hw.redirtbl[pin];

        if (!e->fields.remote_irr || e->fields.vector != vector)
            continue;
        e->fields.remote_irr = 0;
        pins |= BIT(pin);
        deliver_level(p, pin);
    }
    return pins;
}

bool vioapic_passes_pic(const struct platform *p, struct vmsi_message *m)
{
    const union vioapic_redir_entry *e = &p->ioapic.hw.redirtbl[0];

    *m = message_of(e);
    return !e->fields.mask && e->fields.delivery_mode == VMSI_EXTINT;
}

static uint32_t register_read(const struct hvm_hw_vioapic *hw)
{
    uint32_t entry = (hw->ioregsel - REG_REDIRECTION) / 2;

    switch (hw->ioregsel) {
    case REG_ID:
    case REG_ARBITRATION: /* takes the id's value whenever that is written */
        return hw->id << ID_SHIFT;
    case REG_VERSION:
        return VERSION;
    default:
        if (hw->ioregsel < REG_REDIRECTION || entry >= VIOAPIC_NUM_PINS)
            return 0;
        entry = (uint32_t)index_clamp(entry, VIOAPIC_NUM_PINS);
        return (uint32_t)(hw->redirtbl[entry].bits >> hw->ioregsel % 2 * 32);
    }
}

static void entry_write(struct platform *p, unsigned int pin, unsigned int shift, uint32_t value)
{
    union vioapic_redir_entry *e = &p->ioapic.hw.redirtbl[pin];
    uint64_t changed = WRITABLE & 0xffffffffULL << shift;

    e->bits = (e->bits & ~changed) | ((uint64_t)value << shift & changed);
    if (!is_level(e))
        e->fields.remote_irr = 0; /* how Linux ends an interrupt where there is no EOI register */
    deliver_level(p, pin);
}

static void register_write(struct platform *p, uint32_t value)
{
    struct hvm_hw_vioapic *hw = &p->ioapic.hw;
    uint32_t entry = (hw->ioregsel - REG_REDIRECTION) / 2;

    if (hw->ioregsel == REG_ID)
        hw->id = value >> ID_SHIFT & ID_MASK;
    else if (hw->ioregsel >= REG_REDIRECTION && entry < VIOAPIC_NUM_PINS)
        entry_write(p, (unsigned int)index_clamp(entry, VIOAPIC_NUM_PINS), hw->ioregsel % 2 * 32,
                    value);
}

uint32_t vioapic_mmio_read(struct platform *p, uint32_t offset)
{
    switch (offset) {
    case SELECT:
        return p->ioapic.hw.ioregsel;
    case WINDOW:
        return register_read(&p->ioapic.hw);
    default:
        return 0;
    }
}

void vioapic_mmio_write(struct platform *p, uint32_t offset, uint32_t value)
{
    switch (offset) {
    case SELECT:
        p->ioapic.hw.ioregsel = value & 0xff;
        break;
    case WINDOW:
        register_write(p, value);
        break;
    case EOI:
        (void)vioapic_eoi(p, (uint8_t)value);
        break;
    default:
        break;
    }
}

int vioapic_load(struct platform *p, const struct hvm_hw_vioapic *record)
{
    struct hvm_hw_vioapic *hw = &p->ioapic.hw;

    if (record->base_address != VIOAPIC_BASE || record->ioregsel > 0xff || record->id > ID_MASK)
        return -EINVAL;
    *hw = *record;
    for (unsigned int pin = 0; pin < VIOAPIC_NUM_PINS; pin++) {
        union vioapic_redir_entry *e = &hw->redirtbl[pin];
        bool awaits_eoi = e->fields.remote_irr && is_level(e);

        e->bits &= WRITABLE;
        e->fields.remote_irr = awaits_eoi;
    }
    return 0;
}

void vioapic_retry(struct platform *p)
{
    for (unsigned int pin = 0; pin < VIOAPIC_NUM_PINS; pin++)
        deliver_level(p, pin);
}
