/* SPDX-License-Identifier: BSD-2-Clause */
/* ACPI structures as firmware lays them out (ACPI 6.4, sections 5.2.x). Data only; read
 * bytewise. */
#pragma once

#include <stdint.h>

#include "lib/types.h"

/* 5.2.5.3 Root System Description Pointer; the part after `rsdt` exists from revision 2 on. */
struct acpi_rsdp {
    char signature[8]; /* "RSD PTR " */
    uint8_t checksum;  /* of the first 20 bytes */
    char oem_id[6];
    uint8_t revision;
    uint32_t rsdt;
    uint32_t length;
    uint64_t xsdt;
    uint8_t extended_checksum; /* of all `length` bytes */
    uint8_t reserved[3];
} packed;

#define ACPI_RSDP_OLD_BYTES 20

/* 5.2.6 header of every table */
struct acpi_header {
    char signature[4];
    uint32_t length; /* with this header */
    uint8_t revision;
    uint8_t checksum;
    char oem_id[6];
    char oem_table_id[8];
    uint32_t oem_revision;
    char creator_id[4];
    uint32_t creator_revision;
} packed;

/* 5.2.3.2 Generic Address Structure */
struct acpi_gas {
    uint8_t space; /* enum acpi_space */
    uint8_t bits;
    uint8_t offset;
    uint8_t access;
    uint64_t address;
} packed;

/* 5.2.9 FADT: only what we read, at its offsets */
struct acpi_fadt_table {
    struct acpi_header header;
    uint32_t facs, dsdt;
    uint8_t reserved0, profile;
    uint16_t sci_irq;
    uint32_t smi_command;
    uint8_t acpi_enable, acpi_disable, s4bios, pstate;
    uint32_t pm1a_event, pm1b_event, pm1a_control, pm1b_control, pm2_control, pm_timer;
    uint32_t gpe0, gpe1;
    uint8_t pm1_event_bytes, pm1_control_bytes, pm2_control_bytes, pm_timer_bytes;
    uint8_t gpe0_bytes, gpe1_bytes, gpe1_base, cst;
    uint16_t c2_latency, c3_latency, flush_size, flush_stride;
    uint8_t duty_offset, duty_width, day_alarm, month_alarm, century;
    uint16_t boot_flags;
    uint8_t reserved1;
    uint32_t flags;
    struct acpi_gas reset_register;
    uint8_t reset_value;
    uint16_t arm_flags;
    uint8_t minor;
    uint64_t x_facs, x_dsdt;
    struct acpi_gas x_pm1a_event, x_pm1b_event, x_pm1a_control, x_pm1b_control, x_pm2_control;
    struct acpi_gas x_pm_timer, x_gpe0, x_gpe1;
    struct acpi_gas sleep_control, sleep_status;
} packed;

/* 5.2.12 MADT and its entries */
struct acpi_madt_table {
    struct acpi_header header;
    uint32_t lapic_address;
    uint32_t flags; /* bit 0: an 8259 pair is present */
} packed;

enum acpi_madt_type {
    ACPI_MADT_LAPIC = 0,
    ACPI_MADT_IOAPIC = 1,
    ACPI_MADT_OVERRIDE = 2,
    ACPI_MADT_NMI_SOURCE = 3,
    ACPI_MADT_LAPIC_NMI = 4,
    ACPI_MADT_LAPIC_ADDRESS = 5,
    ACPI_MADT_X2APIC = 9,
    ACPI_MADT_X2APIC_NMI = 10,
};

struct acpi_madt_lapic {
    uint8_t type, length, uid, apic_id;
    uint32_t flags; /* bit 0 enabled, bit 1 may be enabled later */
} packed;

struct acpi_madt_ioapic {
    uint8_t type, length, id, reserved;
    uint32_t address, gsi_base;
} packed;

struct acpi_madt_override {
    uint8_t type, length, bus, source;
    uint32_t gsi;
    uint16_t flags; /* bits 1:0 polarity, 3:2 trigger */
} packed;

struct acpi_madt_nmi_source {
    uint8_t type, length;
    uint16_t flags;
    uint32_t gsi;
} packed;

struct acpi_madt_lapic_nmi {
    uint8_t type, length, uid;
    uint16_t flags;
    uint8_t lint;
} packed;

struct acpi_madt_lapic_address {
    uint8_t type, length;
    uint16_t reserved;
    uint64_t address;
} packed;

struct acpi_madt_x2apic {
    uint8_t type, length;
    uint16_t reserved;
    uint32_t apic_id, flags, uid;
} packed;

struct acpi_madt_x2apic_nmi {
    uint8_t type, length;
    uint16_t flags;
    uint32_t uid;
    uint8_t lint;
    uint8_t reserved[3];
} packed;

/* IA-PC HPET specification 1.0a, 3.2.4 */
struct acpi_hpet_table {
    struct acpi_header header;
    uint32_t event_block_id;
    struct acpi_gas base;
    uint8_t number;
    uint16_t minimum_tick;
    uint8_t attributes;
} packed;

/* PCI firmware specification 3.2, 4.1.2 */
struct acpi_mcfg_table {
    struct acpi_header header;
    uint64_t reserved;
} packed;

struct acpi_mcfg_range {
    uint64_t base; /* of bus 0 of the segment, whatever first_bus is */
    uint16_t segment;
    uint8_t first_bus, last_bus;
    uint32_t reserved;
} packed;

/* Serial Port Console Redirection, revision 1.08 (Microsoft) */
struct acpi_spcr_table {
    struct acpi_header header;
    uint8_t interface_type; /* 0 and 1: 16550 compatible */
    uint8_t reserved0[3];
    struct acpi_gas base;
    uint8_t interrupt_type, irq;
    uint32_t gsi;
    uint8_t baud, parity, stop_bits, flow_control, terminal, reserved1;
    uint16_t pci_device, pci_vendor;
    uint8_t pci_bus, pci_slot, pci_function;
    uint32_t pci_flags;
    uint8_t pci_segment;
    uint32_t reserved2;
} packed;
