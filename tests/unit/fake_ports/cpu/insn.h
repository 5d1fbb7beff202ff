/* SPDX-License-Identifier: BSD-2-Clause */
/* Host stand-in for cpu/insn.h where the test program is what lies behind the ports. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

uint8_t inb(uint16_t port);
uint16_t inw(uint16_t port);
uint32_t inl(uint16_t port);
void outb(uint16_t port, uint8_t value);
void outw(uint16_t port, uint16_t value);
void outl(uint16_t port, uint32_t value);
static inline void cpu_relax(void) {}
static inline uint64_t irq_save(void)
{
    return 0;
}
static inline void irq_restore(uint64_t flags)
{
    (void)flags;
}
