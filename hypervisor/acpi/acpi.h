/* SPDX-License-Identifier: BSD-2-Clause */
/* What the firmware's tables say about this machine, and the way to switch it off. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "acpi/parse.h"
#include "mm/frame.h"

/* Find and read the tables. @rsdp: what the loader found, 0: look in low memory (ACPI 6.4,
 * 5.2.5.1). Boot CPU, once, when device_map() and pool_alloc() work. A machine without usable
 * tables leaves everything below empty. */
void acpi_init(paddr_t rsdp);

/* The physical address of the RSDP in use; 0 when there is none. */
uint64_t acpi_rsdp_address(void);

/* The @nth table with @signature (4 characters), mapped for good; NULL when absent or damaged. */
const struct acpi_header *acpi_table(const char *signature, unsigned int nth);

/* Table @i of all that are whole, by the root's order, and its physical address; NULL: no more. */
const struct acpi_header *acpi_table_number(unsigned int i, uint64_t *address);

/* CPUs, IOAPICs, overrides, NMI sources. Never NULL; empty without a MADT. */
const struct acpi_madt *acpi_madt(void);
/* Power, reset and PM timer registers; all zero without a FADT. Never NULL. */
const struct acpi_fadt *acpi_fadt(void);

/* The GSI that ISA interrupt @irq is wired to (MADT overrides; itself without one). */
uint32_t acpi_isa_gsi(uint8_t irq);

/* Physical base of the HPET's registers, 0: none. */
uint64_t acpi_hpet_base(void);
/* The PM timer's register; false: none. @bits: 24 or 32 of it count. */
bool acpi_pm_timer(struct acpi_register *reg, unsigned int *bits);
/* CMOS register of the century, 0: none. */
uint8_t acpi_century_register(void);
/* The serial port the firmware uses as its console; false: none named. */
bool acpi_serial_console(struct acpi_serial *out);
/* ECAM ranges of PCI segments. */
const struct acpi_ecam *acpi_ecam(size_t *count);
/* Is there an IOMMU description (DMAR, IVRS)? */
bool acpi_has_dmar(void);
bool acpi_has_ivrs(void);

/* The PM1 control ports (0: none): dom0 may use them, but not to set SLP_EN itself. */
void acpi_pm1_control_ports(uint16_t *a, uint16_t *b);
#define ACPI_PM1_SCI_EN (1u << 0) /* ACPI 6.4 table 4.16 */
#define ACPI_PM1_SLP_EN (1u << 13)

/*
 * XENPF_enter_acpi_sleep: put the machine into sleep state @state with these PM1 control values
 * (dom0 has read SLP_TYP from its name space and run _PTS). @extended: @val_a is for the 8-bit
 * sleep control register of hardware-reduced machines. S5 is machine_poweroff(). -EINVAL for no
 * such state or register, -EOPNOTSUPP for S1-S4.
 */
int must_check acpi_enter_sleep(uint16_t val_a, uint16_t val_b, uint32_t state, bool extended);

/* A dom0 whose kernel does not make that call has written @value, with SLP_EN, to a PM1 control
 * port: off it goes if that is S5; nothing happens for the others. */
void acpi_sleep_written(uint16_t value);

/* Prepare for the functions below; part of acpi_init(). */
void acpi_power_init(void);

/* reboot=: which way is tried first, and whether the firmware shall test memory again (cold). */
enum reboot_method {
    REBOOT_AUTO, /* the firmware's service, then ACPI's register */
    REBOOT_TRIPLE,
    REBOOT_KEYBOARD,
    REBOOT_ACPI,
    REBOOT_PCI,   /* port 0xcf9, reset */
    REBOOT_POWER, /* port 0xcf9, full power cycle */
    REBOOT_EFI,
};
void machine_reboot_configure(enum reboot_method method, bool warm);

/* Reset the machine by every way known, in order of trust. Any context. */
void machine_reboot(void) noreturn_fn;
/* Power off: S5 with the values dom0 last gave, or those of the DSDT's \_S5; halts when that
 * fails. Any context. */
void machine_poweroff(void) noreturn_fn;
