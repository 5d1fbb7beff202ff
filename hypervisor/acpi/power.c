/* SPDX-License-Identifier: BSD-2-Clause */
/* Switching the machine off and on again. */
#include "acpi/acpi.h"

#include "abi/errno.h"
#include "console/log.h"
#include "cpu/insn.h"
#include "cpu/smp.h"
#include "debug/panic.h"
#include "efi/runtime.h"
#include "mm/hvmap.h"
#include "mm/ram.h"

/* PM1 control (ACPI 6.4 table 4.16) */
enum { SLP_TYP_SHIFT = 10, SLP_TYP_MASK = 7u << 10 };

static uint16_t s5_val_a, s5_val_b; /* what dom0 last gave for S5, 0 none */
static bool s5_known, s5_extended;
static volatile uint8_t *reset_mapped, *sleep_mapped; /* (c) registers in memory, mapped ahead */

/* A wait that needs no calibrated clock: a read of port 0x80 takes about a microsecond on the
 * bus. */
static void wait_about_us(unsigned int us)
{
    while (us--)
        (void)inb(0x80);
}

void acpi_pm1_control_ports(uint16_t *a, uint16_t *b)
{
    *a = acpi_fadt()->pm1a_control;
    *b = acpi_fadt()->pm1b_control;
}

static volatile uint8_t *register_map(const struct acpi_register *reg)
{
    if (reg->space != ACPI_SPACE_MEMORY || !reg->address)
        return NULL;
    return device_map(PADDR(reg->address), 1, MAP_UC);
}

void acpi_power_init(void)
{
    /* At the end there may be no memory to map with, and locks in any state. */
    reset_mapped = register_map(&acpi_fadt()->reset);
    sleep_mapped = register_map(&acpi_fadt()->sleep_control);
    panic_reboot_hook = machine_reboot;
}

/* Write a register that is at @mapped when it lies in memory. */
static void register_write8(const struct acpi_register *reg, volatile uint8_t *mapped,
                            uint8_t value)
{
    switch (reg->space) {
    case ACPI_SPACE_IO:
        outb((uint16_t)reg->address, value);
        return;
    case ACPI_SPACE_MEMORY:
        if (mapped)
            *mapped = value;
        return;
    case ACPI_SPACE_PCI: /* 5.2.3.2: bus 0, device 47:32, function 31:16, offset 15:0 */
        outl(0xcf8, 0x80000000u | (uint32_t)((reg->address >> 32 & 0x1f) << 11) |
                        (uint32_t)((reg->address >> 16 & 7) << 8) |
                        ((uint32_t)reg->address & 0xfc));
        outb((uint16_t)(0xcfc + (reg->address & 3)), value);
        return;
    }
}

/* SLP_TYP first, then the same with SLP_EN (4.8.3.2.1), as old chipsets want it. */
static void pm1_write(uint16_t a_port, uint16_t b_port, uint16_t a, uint16_t b)
{
    a &= (uint16_t)~ACPI_PM1_SLP_EN;
    b &= (uint16_t)~ACPI_PM1_SLP_EN;
    outw(a_port, a);
    if (b_port)
        outw(b_port, b);
    outw(a_port, a | ACPI_PM1_SLP_EN);
    if (b_port)
        outw(b_port, b | ACPI_PM1_SLP_EN);
}

static void noreturn_fn enter_s5(uint16_t val_a, uint16_t val_b, bool extended)
{
    log_info("Entering S5");
    s5_val_a = val_a;
    s5_val_b = val_b;
    s5_extended = extended;
    s5_known = true;
    machine_poweroff();
}

int acpi_enter_sleep(uint16_t val_a, uint16_t val_b, uint32_t state, bool extended)
{
    if (state == 0 || state > 5)
        return -EINVAL;
    if (extended ? !acpi_fadt()->sleep_control.address : !acpi_fadt()->pm1a_control)
        return -EINVAL;
    if (state != 5)
        return -EOPNOTSUPP;
    enter_s5(val_a, val_b, extended);
}

/* The S5 values: dom0's, or read out of the DSDT; false when neither is there. */
static bool s5_values(uint16_t *a, uint16_t *b)
{
    const struct acpi_header *dsdt;
    uint8_t type_a, type_b;

    if (s5_known) {
        *a = s5_val_a;
        *b = s5_val_b;
        return true;
    }
    if (!acpi_fadt()->dsdt)
        return false;
    dsdt = device_map(PADDR(acpi_fadt()->dsdt), sizeof(*dsdt), MAP_WB);
    if (!dsdt || dsdt->length > 16 * MiB)
        return false;
    dsdt = device_map(PADDR(acpi_fadt()->dsdt), dsdt->length, MAP_WB);
    if (!dsdt || !acpi_s5_parse(dsdt, dsdt->length, &type_a, &type_b))
        return false;
    *a = (uint16_t)((type_a & 7) << SLP_TYP_SHIFT | ACPI_PM1_SCI_EN);
    *b = (uint16_t)((type_b & 7) << SLP_TYP_SHIFT | ACPI_PM1_SCI_EN);
    return true;
}

void acpi_sleep_written(uint16_t value)
{
    uint16_t a = value, b = value;

    if (s5_values(&a, &b) && ((a ^ value) & SLP_TYP_MASK))
        log_warn("Sleep states but S5 are not supported");
    else
        enter_s5(a, b, false);
}

void machine_poweroff(void)
{
    uint16_t port_a, port_b, a, b;

    smp_stop_others();
    irq_disable();
    console_force(); /* what is still to be sent goes out now */
    acpi_pm1_control_ports(&port_a, &port_b);
    if (s5_known && s5_extended) /* 4.8.3.7: SLP_EN is bit 5 */
        register_write8(&acpi_fadt()->sleep_control, sleep_mapped, (uint8_t)(s5_val_a | 1u << 5));
    else if (port_a && s5_values(&a, &b))
        pm1_write(port_a, port_b, a, b);
    wait_about_us(1000000);
    log_error("The machine could not be switched off: do it by hand.");
    for (;;)
        halt();
}

static enum reboot_method reboot_method; /* (c) */
static bool reboot_warm;                 /* (c) */

void machine_reboot_configure(enum reboot_method method, bool warm)
{
    reboot_method = method;
    reboot_warm = warm;
}

/* What the firmware finds in the BIOS data area: 0x1234 in the word at 0x472 asks for a warm start,
 * without a memory test (IBM PC AT technical reference). */
static void set_warm_flag(void)
{
    enum { RESET_FLAG = 0x472, WARM = 0x1234 };
    uint8_t *low = direct_va(PADDR(0));

    if (ram_is_frame(MFN(0)))
        *(volatile uint16_t *)(low + RESET_FLAG) = reboot_warm ? WARM : 0;
}

static void reset_by_acpi(void)
{
    if (!acpi_fadt()->has_reset)
        return;
    register_write8(&acpi_fadt()->reset, reset_mapped, acpi_fadt()->reset_value);
    wait_about_us(50000);
}

/* Chipset reset control register 0xCF9 (Intel ICH and later, PIIX3): hard reset; @power: with the
 * power off for a moment. */
static void reset_by_chipset(bool power)
{
    enum { RESET_CONTROL = 0xcf9, SYSTEM_RESET = 0x02, RESET_CPU = 0x04, FULL_RESET = 0x08 };
    uint8_t old = inb(RESET_CONTROL) & (uint8_t) ~(SYSTEM_RESET | RESET_CPU | FULL_RESET);

    old |= power ? FULL_RESET : 0;
    outb(RESET_CONTROL, old | SYSTEM_RESET);
    wait_about_us(50);
    outb(RESET_CONTROL, old | SYSTEM_RESET | RESET_CPU);
    wait_about_us(50000);
}

/* The keyboard controller pulses the reset line (command 0xFE on port 0x64). */
static void reset_by_keyboard(void)
{
    enum { STATUS = 0x64, INPUT_FULL = 0x02, PULSE_RESET = 0xfe };

    for (int tries = 0; tries < 10; tries++) {
        for (int i = 0; i < 0x10000 && (inb(STATUS) & INPUT_FULL); i++)
            wait_about_us(1);
        outb(STATUS, PULSE_RESET);
        wait_about_us(5000);
    }
}

/* An exception without a usable IDT shuts the CPU down, which resets a PC. */
static void reset_by_triple_fault(void)
{
    struct {
        uint16_t limit;
        uint64_t base;
    } packed none = {0, 0};

    __asm__ volatile("lidt %0; int3" ::"m"(none));
}

static void reset_by(enum reboot_method method)
{
    switch (method) {
    case REBOOT_TRIPLE:
        reset_by_triple_fault();
        break;
    case REBOOT_KEYBOARD:
        reset_by_keyboard();
        break;
    case REBOOT_ACPI:
        reset_by_acpi();
        break;
    case REBOOT_PCI:
    case REBOOT_POWER:
        reset_by_chipset(method == REBOOT_POWER);
        break;
    case REBOOT_AUTO:
    case REBOOT_EFI:
        efi_reset(reboot_warm);
        break;
    }
}

void machine_reboot(void)
{
    smp_stop_others();
    irq_disable();
    console_force(); /* what is still to be sent goes out now */
    set_warm_flag();
    reset_by(reboot_method);
    /* It did not work: the others, in order of trust. */
    reset_by(REBOOT_ACPI);
    reset_by(REBOOT_PCI);
    reset_by(REBOOT_KEYBOARD);
    reset_by(REBOOT_TRIPLE);
    for (;;)
        halt();
}
