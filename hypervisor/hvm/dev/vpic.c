/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A pair of 8259A (Intel data sheet 231468; edge/level registers: 82371SB (PIIX3), 2.5.5).
 *
 * What is always true here: the slave's output is the level of the master's input 2; the master's
 * output is what the CPU was told last. A rising edge stays latched until it is acknowledged or the
 * chip initialised, also when the line falls before (a real chip would make a spurious interrupt of
 * that); a level-triggered line's request is the line.
 */
#include "hvm/dev/vpic.h"

#include "abi/errno.h"
#include "hvm/dev/platform.h"
#include "lib/bits.h"

#define CASCADE 2u                /* the master's input for the slave */
#define MASTER_LEVEL_CAPABLE 0xf8 /* IRQs 0, 1, 2, 8 and 13 are edges by design */
#define SLAVE_LEVEL_CAPABLE 0xde
#define NONE 8u /* a rank below all lines */

/* Command words: ICW1 has bit 4, OCW3 bit 3, OCW2 neither. */
#define ICW1 0x10
#define ICW1_IC4 0x01
#define ICW1_SINGLE 0x02
#define ICW4_AUTO_EOI 0x02
#define ICW4_SPECIAL_FULLY_NESTED 0x10
#define OCW2_EOI 0x20
#define OCW2_SPECIFIC 0x40
#define OCW2_ROTATE 0x80
#define OCW3 0x08
#define OCW3_READ_ISR 0x01
#define OCW3_READ 0x02
#define OCW3_POLL 0x04
#define OCW3_SPECIAL_MASK 0x20
#define OCW3_SET_SPECIAL_MASK 0x40

/* init_state of the record: which word comes next, and which of them will come at all. */
#define INIT_NEXT 3u
#define INIT_IC4 4u
#define INIT_SINGLE 8u

static uint8_t level_capable(const struct hvm_hw_vpic *c)
{
    return c->is_master ? MASTER_LEVEL_CAPABLE : SLAVE_LEVEL_CAPABLE;
}

/* How many lines come before the most important of @lines; NONE when there is none. */
static unsigned int rank(const struct hvm_hw_vpic *c, uint8_t lines)
{
    unsigned int rotated = ((unsigned int)lines << 8 | lines) >> c->priority_add & 0xff;

    return rotated ? bit_first(rotated) : NONE;
}

/* The line whose interrupt the chip asks for now; -1: none. */
static int requested(const struct hvm_hw_vpic *c)
{
    uint8_t requests = c->irr & (uint8_t)~c->imr, in_service = c->isr;
    unsigned int request, blocked, line;

    if (c->special_mask_mode)
        in_service &= (uint8_t)~c->imr;
    request = rank(c, requests);
    blocked = rank(c, in_service);
    line = (request + c->priority_add) & 7;
    if (request < blocked)
        return (int)line;
    if (request != NONE && request == blocked && line == CASCADE && c->is_master &&
        c->special_fully_nested_mode)
        return (int)line; /* the slave knows which of its lines may interrupt which */
    return -1;
}

static void update_output(struct platform *p)
{
    struct hvm_hw_vpic *master = &p->pic.chip[0], *slave = &p->pic.chip[1];
    bool output;

    slave->int_output = requested(slave) >= 0;
    master->irr = (uint8_t)((master->irr & ~(1u << CASCADE)) | slave->int_output << CASCADE);
    output = requested(master) >= 0;
    if (output != master->int_output) {
        master->int_output = output;
        p->ops->pic_output(p, output);
    }
}

/* Requests of level-triggered inputs are the lines themselves. */
static void follow_levels(struct platform *p)
{
    uint16_t lines = vgsi_pic_lines(p);

    for (unsigned int i = 0; i < 2; i++) {
        struct hvm_hw_vpic *c = &p->pic.chip[i];
        uint8_t elcr = c->elcr & level_capable(c);

        c->irr = (uint8_t)((c->irr & ~elcr) | (lines >> i * 8 & elcr));
    }
}

bool vpic_line_set(struct platform *p, unsigned int line, bool level)
{
    struct hvm_hw_vpic *c = &p->pic.chip[line / 8];
    uint8_t bit = (uint8_t)(1u << line % 8);

    if (level)
        c->irr |= bit;
    else if (c->elcr & bit)
        c->irr &= (uint8_t)~bit;
    update_output(p);
    return level && !(c->imr & bit) && (c->is_master || !(p->pic.chip[0].imr & 1u << CASCADE));
}

/* The CPU, or a poll, takes @line. */
static void acknowledge(struct hvm_hw_vpic *c, unsigned int line)
{
    uint8_t bit = (uint8_t)(1u << line);

    if (!(c->elcr & bit))
        c->irr &= (uint8_t)~bit;
    if (!c->auto_eoi)
        c->isr |= bit;
    else if (c->rotate_on_auto_eoi)
        c->priority_add = (line + 1) & 7;
}

uint8_t vpic_intack(struct platform *p, unsigned int *line)
{
    struct hvm_hw_vpic *c = &p->pic.chip[0];
    int request = requested(c);

    *line = 0;
    if (request >= 0)
        acknowledge(c, (unsigned int)request);
    if (request == (int)CASCADE) {
        c = &p->pic.chip[1];
        *line = 8;
        request = requested(c);
        if (request >= 0)
            acknowledge(c, (unsigned int)request);
    }
    update_output(p);
    if (request < 0)
        request = 7; /* the request went away: a spurious interrupt, not in service */
    *line += (unsigned int)request;
    return (uint8_t)(c->irq_base + request);
}

/* A read after OCW3's poll: bit 7 and the line, which is then in service; 0 when there is none. */
static uint8_t poll_read(struct platform *p, struct hvm_hw_vpic *c)
{
    int request = requested(c);

    c->poll = 0;
    if (request < 0)
        return 0;
    acknowledge(c, (unsigned int)request);
    update_output(p);
    return (uint8_t)(0x80 | request);
}

uint8_t vpic_port_read(struct platform *p, uint16_t port)
{
    struct hvm_hw_vpic *c;

    if (port >= VPIC_ELCR_PORT) {
        c = &p->pic.chip[port - VPIC_ELCR_PORT];
        return c->elcr & level_capable(c);
    }
    c = &p->pic.chip[port >= VPIC_SLAVE_PORT];
    if (c->poll)
        return poll_read(p, c);
    if (port & 1)
        return c->imr;
    return c->readsel_isr ? c->isr : c->irr;
}

static void initialise(struct platform *p, struct hvm_hw_vpic *c, uint8_t icw1)
{
    *c = (struct hvm_hw_vpic){
        .irq_base = c->irq_base,
        .init_state = (uint8_t)(1u | (icw1 & ICW1_IC4 ? INIT_IC4 : 0) |
                                (icw1 & ICW1_SINGLE ? INIT_SINGLE : 0)),
        .is_master = c->is_master,
        .elcr = c->elcr,
        .int_output = c->int_output,
    };
    follow_levels(p); /* edges are forgotten, lines are not */
}

static void end_of_interrupt(struct hvm_hw_vpic *c, uint8_t ocw2)
{
    unsigned int line = ocw2 & 7;

    if (!(ocw2 & OCW2_SPECIFIC)) {
        uint8_t in_service = c->isr;

        if (c->special_mask_mode) /* a masked line's service has been set aside */
            in_service &= (uint8_t)~c->imr;
        if (rank(c, in_service) == NONE)
            return;
        line = (rank(c, in_service) + c->priority_add) & 7;
    }
    c->isr &= (uint8_t)~(1u << line);
    if (ocw2 & OCW2_ROTATE)
        c->priority_add = (line + 1) & 7;
}

static void operate(struct hvm_hw_vpic *c, uint8_t ocw2)
{
    if (ocw2 & OCW2_EOI)
        end_of_interrupt(c, ocw2);
    else if (!(ocw2 & OCW2_SPECIFIC))
        c->rotate_on_auto_eoi = !!(ocw2 & OCW2_ROTATE);
    else if (ocw2 & OCW2_ROTATE)
        c->priority_add = ((ocw2 & 7) + 1) & 7; /* set priority: the named line is the last */
}

static void write_command(struct platform *p, struct hvm_hw_vpic *c, uint8_t value)
{
    if (value & ICW1) {
        initialise(p, c, value);
        return;
    }
    if (!(value & OCW3)) {
        operate(c, value);
        return;
    }
    if (value & OCW3_SET_SPECIAL_MASK)
        c->special_mask_mode = !!(value & OCW3_SPECIAL_MASK);
    if (value & OCW3_READ)
        c->readsel_isr = value & OCW3_READ_ISR;
    c->poll = !!(value & OCW3_POLL);
}

static void write_data(struct hvm_hw_vpic *c, uint8_t value)
{
    unsigned int next = 0;

    switch (c->init_state & INIT_NEXT) {
    case 0:
        c->imr = value;
        return;
    case 1: /* ICW2 */
        c->irq_base = value & 0xf8;
        next = !(c->init_state & INIT_SINGLE) ? 2 : c->init_state & INIT_IC4 ? 3 : 0;
        break;
    case 2: /* ICW3: the cascade is wired as a PC has it */
        next = c->init_state & INIT_IC4 ? 3 : 0;
        break;
    case 3: /* ICW4 */
        c->auto_eoi = !!(value & ICW4_AUTO_EOI);
        c->special_fully_nested_mode = !!(value & ICW4_SPECIAL_FULLY_NESTED);
        break;
    }
    c->init_state = next ? (uint8_t)((c->init_state & ~INIT_NEXT) | next) : 0;
}

void vpic_port_write(struct platform *p, uint16_t port, uint8_t value)
{
    struct hvm_hw_vpic *c;

    if (port >= VPIC_ELCR_PORT) {
        c = &p->pic.chip[port - VPIC_ELCR_PORT];
        c->elcr = (uint8_t)((value & level_capable(c)) | c->is_master << CASCADE);
        follow_levels(p);
    } else {
        c = &p->pic.chip[port >= VPIC_SLAVE_PORT];
        if (port & 1)
            write_data(c, value);
        else
            write_command(p, c, value);
    }
    update_output(p);
}

int vpic_load(struct platform *p, unsigned int instance, const struct hvm_hw_vpic *record)
{
    struct hvm_hw_vpic *c = &p->pic.chip[instance];
    uint8_t output;

    if (record->irq_base & 7 || record->priority_add > 7 || record->is_master != (instance == 0) ||
        (record->init_state && !(record->init_state & INIT_NEXT)))
        return -EINVAL;
    output = c->int_output;
    *c = *record;
    c->int_output = output; /* as the CPU was told */
    c->elcr = (uint8_t)((c->elcr & level_capable(c)) | c->is_master << CASCADE);
    return 0;
}

void vpic_loaded(struct platform *p)
{
    follow_levels(p);
    update_output(p);
}

void vpic_reset(struct platform *p)
{
    p->pic = (struct vpic){
        .chip[0] = {.is_master = 1,
                    .elcr = 1u << CASCADE,
                    .int_output = p->pic.chip[0].int_output},
    };
    vpic_loaded(p); /* lines that are asserted still are */
}
