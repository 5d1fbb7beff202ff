/* SPDX-License-Identifier: BSD-2-Clause */
/* The reference counter: a clock of known rate, used to measure the TSC. */
#include "acpi/acpi.h"
#include "cpu/insn.h"
#include "lib/bits.h"
#include "lib/string.h"
#include "mm/hvmap.h"
#include "time/private.h"

enum source_kind { SOURCE_PIT, SOURCE_ACPI, SOURCE_HPET };

static struct {
    enum source_kind kind;
    uint64_t hz;
    uint64_t mask;
    volatile uint32_t *registers; /* HPET, or PM timer in memory */
    uint16_t port;                /* PM timer */
} source;

/* IA-PC HPET Specification 1.0a, 2.3: capabilities, configuration, counter; 32-bit offsets. */
#define HPET_BYTES 0x400
#define HPET_PERIOD (0x004 / 4) /* femtoseconds per count */
#define HPET_CONFIG (0x010 / 4)
#define HPET_CONFIG_ENABLE 1u
#define HPET_COUNTER (0x0f0 / 4)
#define HPET_PERIOD_MAX 0x05f5e100u /* 2.3.4: at least 10 MHz */
#define FS_PER_S 1000000000000000ULL

#define ACPI_PM_HZ 3579545 /* ACPI 6.4, 4.8.3.3 */

/* 8254: channel 2, gated by port 0x61, in mode 2 counting down from 65536. */
#define PIT_HZ 1193182
#define PIT_CHANNEL2 0x42
#define PIT_COMMAND 0x43
#define PIT_CHANNEL2_MODE2 0xb4
#define PIT_CHANNEL2_LATCH 0x80
#define PIT_GATE 0x61
#define PIT_GATE_ON 0x01
#define PIT_GATE_SPEAKER 0x02

/* Does the counter count? Some reads must show that, or nothing measured by it would end. */
#define READS_MAX 100000

static bool counts(void)
{
    uint64_t before = source_read();

    for (int i = 0; i < READS_MAX; i++)
        if (source_read() != before)
            return true;
    return false;
}

static bool hpet_open(void)
{
    uint64_t base = acpi_hpet_base();
    uint32_t period;

    source.registers = base ? device_map(PADDR(base), HPET_BYTES, MAP_UC) : NULL;
    if (!source.registers)
        return false;
    period = source.registers[HPET_PERIOD];
    if (!period || period > HPET_PERIOD_MAX)
        return false;
    source.registers[HPET_CONFIG] |= HPET_CONFIG_ENABLE;
    source.kind = SOURCE_HPET;
    source.hz = FS_PER_S / period;
    source.mask = bits_low(32);
    return counts();
}

static bool pm_timer_open(void)
{
    struct acpi_register reg;
    unsigned int bits;

    if (!acpi_pm_timer(&reg, &bits))
        return false;
    source.port = 0;
    source.registers = NULL;
    if (reg.space == ACPI_SPACE_IO)
        source.port = (uint16_t)reg.address;
    else
        source.registers = device_map(PADDR(reg.address), 4, MAP_UC);
    if (!source.port && !source.registers)
        return false;
    source.kind = SOURCE_ACPI;
    source.hz = ACPI_PM_HZ;
    source.mask = bits_low(bits);
    return counts();
}

static bool pit_open(void)
{
    source.kind = SOURCE_PIT;
    source.hz = PIT_HZ;
    source.mask = bits_low(16);
    outb(PIT_GATE, (inb(PIT_GATE) & ~PIT_GATE_SPEAKER) | PIT_GATE_ON);
    outb(PIT_COMMAND, PIT_CHANNEL2_MODE2);
    outb(PIT_CHANNEL2, 0);
    outb(PIT_CHANNEL2, 0);
    return counts();
}

static uint64_t pit_read(void)
{
    uint32_t low;

    outb(PIT_COMMAND, PIT_CHANNEL2_LATCH);
    low = inb(PIT_CHANNEL2);
    return 0x10000u - (low | (uint32_t)inb(PIT_CHANNEL2) << 8);
}

void source_init(const char *name)
{
    bool any = !name;

    if ((any || !strcmp(name, "hpet")) && hpet_open())
        return;
    if ((any || !strcmp(name, "acpi")) && pm_timer_open())
        return;
    if (!pit_open())
        source.hz = 0;
}

const char *source_name(void)
{
    switch (source.kind) {
    case SOURCE_HPET:
        return "HPET";
    case SOURCE_ACPI:
        return "ACPI PM timer";
    case SOURCE_PIT:
        return "PIT";
    }
    return "";
}

uint64_t source_hz(void)
{
    return source.hz;
}

uint64_t source_mask(void)
{
    return source.mask;
}

uint64_t source_read(void)
{
    switch (source.kind) {
    case SOURCE_HPET:
        return source.registers[HPET_COUNTER];
    case SOURCE_ACPI:
        return (source.port ? inl(source.port) : *source.registers) & source.mask;
    case SOURCE_PIT:
        return pit_read() & source.mask;
    }
    return 0;
}
