/* SPDX-License-Identifier: BSD-2-Clause */
/* Interrupt wires of an HVM guest's board: from asserted sources to GSIs. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "abi/xen.h"

#include <xen/hvm/save.h>

struct platform;

#define VGSI_COUNT VIOAPIC_NUM_PINS
#define VGSI_PCI_FIRST 16 /* below: ISA; above: one for each INTx of up to eight devices */
#define VGSI_TIMER 2      /* ISA IRQ 0, as the MADT of hvmloader tells guests */
#define VGSI_RTC 8
#define VGSI_SCI 9
#define VGSI_PCI_DEVICES 32

/* Who in the hypervisor asserts lines. */
enum vgsi_source {
    VGSI_PULSE,  /* an edge under way */
    VGSI_HPET,   /* level-triggered timers */
    VGSI_PM,     /* the SCI */
    VGSI_DIRECT, /* platform_gsi_set() */
    VGSI_SOURCES,
};

enum vgsi_callback { VGSI_CALLBACK_NONE, VGSI_CALLBACK_GSI, VGSI_CALLBACK_INTX };

struct vgsi {
    struct hvm_hw_pci_irqs pci;  /* as the device model drives them, bit device * 4 + INTx */
    struct hvm_hw_isa_irqs isa;  /* the same by IRQ */
    struct hvm_hw_pci_link link; /* the ISA IRQ of each link, 0: none */
    struct hvm_hw_isa_irqs isa_record; /* with our devices' lines: made by saving */
    uint64_t own[VGSI_SOURCES];  /* by GSI */
    uint64_t level;              /* derived: GSIs with any source asserted */
    enum vgsi_callback callback; /* how events of a guest without a callback vector are told */
    uint8_t callback_line;       /* a GSI or a bit of `pci` */
    bool callback_asserted;
    bool loading; /* between a load and vgsi_loaded(): nobody is told of levels */
};

bool vgsi_asserted(const struct platform *p, unsigned int gsi);
/* Levels by the 8259's inputs 0..15. */
uint16_t vgsi_pic_lines(const struct platform *p);

/* @source asserts exactly these GSIs now. */
void vgsi_own_set(struct platform *p, enum vgsi_source source, uint64_t gsis);
/* An edge on @gsi. Is it on its way to a vCPU, that is neither masked nor lost in a level? */
bool vgsi_pulse(struct platform *p, unsigned int gsi);

/* What the device model may drive. -EINVAL for what does not exist. */
int vgsi_pci_set(struct platform *p, unsigned int device, unsigned int intx, bool level);
int vgsi_isa_set(struct platform *p, unsigned int irq, bool level);
int vgsi_link_route(struct platform *p, unsigned int link, unsigned int irq);

/* HVM_PARAM_CALLBACK_IRQ; a line that does not exist or another type means none. */
void vgsi_callback_route(struct platform *p, uint64_t param);
void vgsi_callback_set(struct platform *p, bool asserted);

/* Records PCI_IRQ, ISA_IRQ and PCI_LINK; no edges come from loading. */
void vgsi_save_isa(struct platform *p);
int vgsi_load_link(struct platform *p, const struct hvm_hw_pci_link *record);
/* All records are there: levels as they say, without edges. */
void vgsi_loaded(struct platform *p);
