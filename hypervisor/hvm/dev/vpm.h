/* SPDX-License-Identifier: BSD-2-Clause */
/* The ACPI power management timer of an HVM guest, and PM1a events. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "abi/xen.h"

#include <xen/hvm/save.h>

struct platform;

#define VPM_BLOCK_BYTES 12 /* events, the device model's control register, timer */
#define VPM_HZ 3579545

/* Bits of PM1 status and enable (ACPI 6.0, tables 4-16 and 4-17) that somebody can set. */
#define VPM_TIMER 0x0001
#define VPM_POWER_BUTTON 0x0100
#define VPM_SLEEP_BUTTON 0x0200

struct vpm {
    struct hvm_hw_pmtimer hw;
    uint16_t port;     /* where the block is: HVM_PARAM_ACPI_IOPORTS_LOCATION; stays over a reset */
    uint64_t offset;   /* the timer is the low half of guest clock + offset */
    uint64_t seen;     /* the timer, in full, up to which its overflows are noted */
    uint64_t deadline; /* ns of an overflow that interrupts; VTICK_NEVER */
};

void vpm_reset(struct platform *p);
/* 0 or 1. -EINVAL: no such place. */
int vpm_locate(struct platform *p, uint64_t location);

/* Is the byte at @port ours? */
bool vpm_has_port(const struct platform *p, uint16_t port);
uint8_t vpm_port_read(struct platform *p, uint16_t port);
void vpm_port_write(struct platform *p, uint16_t port, uint8_t value);

void vpm_expire(struct platform *p);
/* A button is pressed: VPM_POWER_BUTTON or VPM_SLEEP_BUTTON. */
void vpm_button(struct platform *p, uint16_t button);

/* Record PMTIMER. */
void vpm_save(struct platform *p);
int vpm_load(struct platform *p, const struct hvm_hw_pmtimer *record);
void vpm_loaded(struct platform *p);
