/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Interrupt wires of an HVM guest's board.
 *
 * What is always true here: a wire's level is the OR of its sources' bits, computed anew after each
 * change; so a source that says the same thing twice counts once, and nothing has to be undone in
 * order. `level` is what the 8259 and the IOAPIC were told last.
 */
#include "hvm/dev/vgsi.h"

#include "abi/errno.h"
#include "hvm/dev/platform.h"
#include "lib/bits.h"

#include <xen/hvm/params.h>

#define ISA_MASK 0xffffu
#define ISA_TIMER (1u << 0)
#define ISA_CASCADE (1u << 2) /* the 8259s' own: no device has it */
#define NOT_WIRED 1ULL        /* pin 0 is for what the 8259 passes on */

/* ISA IRQs are the GSIs of the same number, but for the timer. */
static uint64_t isa_to_gsi(uint32_t isa)
{
    return (isa & ISA_MASK & ~(ISA_TIMER | ISA_CASCADE)) |
           (isa & ISA_TIMER ? BIT(VGSI_TIMER) : 0);
}

uint16_t vgsi_pic_lines(const struct platform *p)
{
    uint32_t level = (uint32_t)p->gsi.level;

    return (uint16_t)((level & ~(ISA_TIMER | ISA_CASCADE)) | (level >> VGSI_TIMER & 1));
}

static uint32_t rotate32(uint32_t x, unsigned int by)
{
    return by ? x << by | x >> (32 - by) : x;
}

/*
 * GSIs 16..47, bit 0 first. Device d's INTx i is GSI 16 + (d * 4 + d / 8 + i) % 32, as the _PRT of
 * hvmloader's tables says: eight devices fill the 32 lines, the next eight lie one further on.
 */
static uint32_t pci_gsis(const uint64_t pci[2])
{
    uint32_t gsis = 0;

    for (unsigned int quarter = 0; quarter < 4; quarter++)
        gsis |= rotate32((uint32_t)(pci[quarter / 2] >> quarter % 2 * 32), quarter);
    return gsis;
}

/* Links 0..3: device d's INTx i is on link (d + i) % 4 (hvm/save.h); every fourth is alike. */
static uint32_t pci_links(const uint64_t pci[2])
{
    uint64_t all = pci[0] | pci[1];
    uint32_t links = 0;

    all |= all >> 32;
    all |= all >> 16;
    for (unsigned int device = 0; device < 4; device++) {
        uint32_t lines = all >> device * 4 & 15;

        links |= (lines << device | lines >> (4 - device)) & 15;
    }
    return links;
}

static uint64_t wanted_levels(const struct vgsi *g)
{
    uint64_t pci[2] = {g->pci.pad[0], g->pci.pad[1]}, gsis = 0;
    uint32_t isa = (uint32_t)g->isa.pad[0], links;

    if (g->callback_asserted && g->callback == VGSI_CALLBACK_GSI)
        gsis |= BIT(g->callback_line);
    if (g->callback_asserted && g->callback == VGSI_CALLBACK_INTX)
        bit_set(pci, g->callback_line);
    links = pci_links(pci);
    for (unsigned int link = 0; link < ARRAY_SIZE(g->link.route); link++)
        if (links >> link & 1 && g->link.route[link])
            isa |= 1u << g->link.route[link];
    for (unsigned int source = 0; source < VGSI_SOURCES; source++)
        gsis |= g->own[source];
    return (gsis | isa_to_gsi(isa) | (uint64_t)pci_gsis(pci) << VGSI_PCI_FIRST) & ~NOT_WIRED;
}

static bool pin_set(struct platform *p, unsigned int gsi, bool level)
{
    bool accepted = false;

    /* one that no guest can program would ask for ever */
    if (gsi < VGSI_PCI_FIRST && p->devices & XEN_X86_EMU_PIC)
        accepted = vpic_line_set(p, gsi == VGSI_TIMER ? 0 : gsi, level);
    if (vioapic_pin_set(p, gsi, level))
        accepted = true;
    return accepted;
}

/* Tell the chips what changed; true: some interrupt is on its way because of that. */
static bool settle(struct platform *p)
{
    uint64_t level = wanted_levels(&p->gsi), changed = level ^ p->gsi.level;
    bool accepted = false;

    if (p->gsi.loading)
        return false;
    p->gsi.level = level;
    for (; changed; changed &= changed - 1)
        if (pin_set(p, bit_first(changed), level >> bit_first(changed) & 1))
            accepted = true;
    return accepted;
}

bool vgsi_asserted(const struct platform *p, unsigned int gsi)
{
    return p->gsi.level >> gsi & 1;
}

void vgsi_own_set(struct platform *p, enum vgsi_source source, uint64_t gsis)
{
    if (p->gsi.own[source] != gsis) {
        p->gsi.own[source] = gsis;
        settle(p);
    }
}

bool vgsi_pulse(struct platform *p, unsigned int gsi)
{
    bool accepted;

    p->gsi.own[VGSI_PULSE] = BIT(gsi);
    accepted = settle(p);
    p->gsi.own[VGSI_PULSE] = 0;
    settle(p);
    return accepted;
}

int vgsi_pci_set(struct platform *p, unsigned int device, unsigned int intx, bool level)
{
    if (device >= VGSI_PCI_DEVICES || intx > 3)
        return -EINVAL;
    if (level)
        bit_set(p->gsi.pci.pad, device * 4 + intx);
    else
        bit_clear(p->gsi.pci.pad, device * 4 + intx);
    settle(p);
    return 0;
}

int vgsi_isa_set(struct platform *p, unsigned int irq, bool level)
{
    if (irq > 15)
        return -EINVAL;
    if (level)
        bit_set(p->gsi.isa.pad, irq);
    else
        bit_clear(p->gsi.isa.pad, irq);
    settle(p);
    return 0;
}

int vgsi_link_route(struct platform *p, unsigned int link, unsigned int irq)
{
    if (link >= ARRAY_SIZE(p->gsi.link.route) || irq > 15)
        return -EINVAL;
    p->gsi.link.route[link] = (uint8_t)irq;
    settle(p);
    return 0;
}

void vgsi_callback_route(struct platform *p, uint64_t param)
{
    struct vgsi *g = &p->gsi;
    uint64_t line = param & ~HVM_PARAM_CALLBACK_IRQ_TYPE_MASK;

    g->callback = VGSI_CALLBACK_NONE;
    switch (param >> 56) {
    case HVM_PARAM_CALLBACK_TYPE_GSI:
        if (line && line < VGSI_COUNT) {
            g->callback = VGSI_CALLBACK_GSI;
            g->callback_line = (uint8_t)line;
        }
        break;
    case HVM_PARAM_CALLBACK_TYPE_PCI_INTX: /* the function does not matter for the line */
        g->callback = VGSI_CALLBACK_INTX;
        g->callback_line = (uint8_t)((line >> 11 & (VGSI_PCI_DEVICES - 1)) * 4 + (line & 3));
        break;
    default: /* a vector: the local APIC's */
        break;
    }
    settle(p);
}

void vgsi_callback_set(struct platform *p, bool asserted)
{
    if (p->gsi.callback_asserted != asserted) {
        p->gsi.callback_asserted = asserted;
        settle(p);
    }
}

/* The record does not tell our devices' lines from the device model's, so it has them all. */
void vgsi_save_isa(struct platform *p)
{
    uint64_t own = p->gsi.own[VGSI_HPET] | p->gsi.own[VGSI_PM];

    p->gsi.isa_record.pad[0] = p->gsi.isa.pad[0] | (own & ISA_MASK & ~(uint64_t)ISA_CASCADE) |
                               (own >> VGSI_TIMER & 1);
}

int vgsi_load_link(struct platform *p, const struct hvm_hw_pci_link *record)
{
    for (unsigned int link = 0; link < ARRAY_SIZE(record->route); link++)
        if (record->route[link] > 15)
            return -EINVAL;
    p->gsi.link = *record;
    return 0;
}

void vgsi_loaded(struct platform *p)
{
    struct vgsi *g = &p->gsi;
    uint64_t own = g->own[VGSI_HPET] | g->own[VGSI_PM];

    /* What a device of ours drives by itself would otherwise never fall again. */
    g->isa.pad[0] &= ISA_MASK & ~(own | (own >> VGSI_TIMER & 1));
    g->level = wanted_levels(g);
    g->loading = false;
}
