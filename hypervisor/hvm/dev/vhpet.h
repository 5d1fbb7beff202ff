/* SPDX-License-Identifier: BSD-2-Clause */
/* The high precision event timer of an HVM guest. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "abi/xen.h"
#include "hvm/dev/vtick.h"

#include <xen/hvm/save.h>

struct platform;

#define VHPET_BASE 0xfed00000ULL
#define VHPET_BYTES 0x400ULL
#define VHPET_HZ 62500000 /* 16 ns, which hvmloader's guests know and records assume */

struct vhpet {
    struct hvm_hw_hpet hw;
    uint64_t offset; /* main counter less guest clock, while it runs */
    struct vtick tick[HPET_TIMER_NUM];
};

void vhpet_reset(struct platform *p);

/* Aligned accesses of 4 or 8 bytes mean something; others read as 0 and write nothing. */
uint64_t vhpet_mmio_read(struct platform *p, uint32_t offset, unsigned int bytes);
void vhpet_mmio_write(struct platform *p, uint32_t offset, unsigned int bytes, uint64_t value);

/* Do timers 0 and 1 have the interrupts of the 8254 and the RTC? */
bool vhpet_replaces_legacy(const struct platform *p);

void vhpet_expire(struct platform *p);
/* The guest took the interrupt of @gsi. */
void vhpet_taken(struct platform *p, unsigned int gsi);

/* Record HPET. -EINVAL: another kind of HPET. */
void vhpet_save(struct platform *p);
int vhpet_load(struct platform *p, const struct hvm_hw_hpet *record);
void vhpet_loaded(struct platform *p);
