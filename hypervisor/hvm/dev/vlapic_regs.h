/* SPDX-License-Identifier: BSD-2-Clause */
/* Registers of a local APIC by their offset in its page, and what is in them. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Offsets of registers (SDM vol. 3, table 10-1) */
#define ID            0x20
#define VERSION       0x30
#define TPR           0x80
#define PPR           0xa0
#define EOI           0xb0
#define LDR           0xd0
#define DFR           0xe0
#define SVR           0xf0
#define ISR           0x100
#define TMR           0x180
#define IRR           0x200
#define ESR           0x280
#define ICR_LOW       0x300
#define ICR_HIGH      0x310
#define LVT_TIMER     0x320
#define LVT_THERMAL   0x330
#define LVT_LINT0     0x350
#define LVT_ERROR     0x370
#define TIMER_INITIAL 0x380
#define TIMER_CURRENT 0x390
#define TIMER_DIVIDE  0x3e0
#define SELF_IPI      0x3f0

#define LVT_MASKED      (1u << 16)
#define LVT_DELIVERY    0x700u /* its mode */
#define SVR_ENABLED     (1u << 8)
#define TIMER_MODE(lvt) (((lvt) >> 17) & 3)
#define TIMER_PERIODIC  1u
#define TIMER_DEADLINE  2u
#define VERSION_VALUE   0x50014u /* version 0x14, six LVT entries */

/* @value of the register at @offset as the guest with APIC number @id could have left it: for
 * records, which may say anything. */
uint32_t vlapic_possible(bool x2apic, uint32_t id, uint32_t offset, uint32_t value);
