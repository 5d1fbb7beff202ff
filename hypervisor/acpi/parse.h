/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading ACPI tables out of byte buffers. Pure: no hardware, no allocation; runs on the host too.
 * Every function takes what is readable (@bytes) and believes nothing beyond it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "acpi/layout.h"

/* ACPI 6.4 table 5.1: address space ids of a generic address that we can reach. */
enum acpi_space { ACPI_SPACE_MEMORY = 0, ACPI_SPACE_IO = 1, ACPI_SPACE_PCI = 2 };

/* A register somewhere; address 0: there is none. */
struct acpi_register {
    enum acpi_space space;
    uint8_t bits; /* width */
    uint64_t address;
};

/* Do the bytes add up to 0 (ACPI 6.4, 5.2.5.3 and 5.2.6)? */
bool acpi_sum_ok(const void *block, size_t bytes);

/* Root table as the RSDP names it: physical address and the size of one entry (8 or 4 bytes). */
struct acpi_root {
    uint64_t address;
    unsigned int entry_bytes;
};

/* Is there a valid RSDP at the start of @block? */
bool acpi_rsdp_parse(const void *block, size_t bytes, struct acpi_root *out);

/* Look for one on every 16-byte boundary of @block (5.2.5.1): its offset, or @bytes. */
size_t acpi_rsdp_scan(const void *block, size_t bytes);

/* Is @table a whole table of at least @least bytes with signature @signature (NULL: any) and a
 * right checksum? */
bool acpi_table_ok(const void *table, size_t bytes, const char *signature, size_t least);

/* Number of entries of root table @table (already checked), and entry @i of them. */
size_t acpi_root_count(const void *table, unsigned int entry_bytes);
uint64_t acpi_root_entry(const void *table, unsigned int entry_bytes, size_t i);

/* What we want of the FADT. */
struct acpi_fadt {
    uint16_t pm1a_control, pm1b_control; /* I/O ports; 0: none */
    struct acpi_register pm_timer;
    bool pm_timer_32bit;
    bool has_reset;
    struct acpi_register reset;
    uint8_t reset_value;
    struct acpi_register sleep_control; /* hardware-reduced machines */
    uint8_t century;                    /* RTC register, 0: none */
    uint16_t sci_irq;
    uint64_t dsdt;          /* physical address */
    bool no_legacy_devices; /* boot flag: nothing to find on LPC by probing */
    bool no_8042, no_vga, no_rtc;
};
bool acpi_fadt_parse(const void *table, size_t bytes, struct acpi_fadt *out);

/* Base address of the (first) HPET's registers. */
bool acpi_hpet_parse(const void *table, size_t bytes, uint64_t *base);

struct acpi_ecam {
    uint64_t base; /* of bus 0 */
    uint16_t segment;
    uint8_t first_bus, last_bus;
};
/* ECAM ranges of the MCFG into out[max]; number written, 0 for a bad table. */
size_t acpi_mcfg_parse(const void *table, size_t bytes, struct acpi_ecam *out, size_t max);

struct acpi_serial {
    struct acpi_register base;
    uint32_t baud; /* 0: as the firmware left it */
    uint8_t irq;
};
bool acpi_spcr_parse(const void *table, size_t bytes, struct acpi_serial *out);

/* SLP_TYP values of S5 in the AML of a DSDT: finds \_S5 as a package of constants (ACPI 6.4, 7.4.2,
 * 20.2.5.4). Not an interpreter: a computed package is not understood. */
bool acpi_s5_parse(const void *dsdt, size_t bytes, uint8_t *type_a, uint8_t *type_b);

/* MADT. The caller gives the arrays; `*_count` counts all there are, also those that did not
 * fit. */
struct acpi_cpu {
    uint32_t apic_id;
    uint32_t uid;
    bool enabled; /* else only present as a place for hot-plug */
};
struct acpi_ioapic {
    uint32_t address;
    uint32_t gsi_base;
    uint8_t id;
};
enum acpi_polarity { ACPI_POLARITY_BUS = 0, ACPI_ACTIVE_HIGH = 1, ACPI_ACTIVE_LOW = 3 };
enum acpi_trigger { ACPI_TRIGGER_BUS = 0, ACPI_EDGE = 1, ACPI_LEVEL = 3 };
struct acpi_override {
    uint8_t source; /* ISA interrupt */
    uint8_t polarity, trigger;
    uint32_t gsi;
};
#define ACPI_UID_ALL (~0u)
struct acpi_local_nmi {
    uint32_t uid; /* ACPI_UID_ALL: every CPU */
    uint8_t lint; /* 0 or 1 */
    uint8_t polarity, trigger;
};
struct acpi_nmi_source {
    uint32_t gsi;
    uint8_t polarity, trigger;
};
#define ACPI_MAX_IOAPICS     128
#define ACPI_MAX_OVERRIDES   32
#define ACPI_MAX_LOCAL_NMIS  16
#define ACPI_MAX_NMI_SOURCES 8
struct acpi_madt {
    uint64_t lapic_address;
    bool has_8259;
    struct acpi_cpu *cpus; /* room for cpus_max, may be NULL with 0 */
    size_t cpus_max, cpu_count;
    struct acpi_ioapic ioapics[ACPI_MAX_IOAPICS];
    size_t ioapic_count;
    struct acpi_override overrides[ACPI_MAX_OVERRIDES];
    size_t override_count;
    struct acpi_local_nmi local_nmis[ACPI_MAX_LOCAL_NMIS];
    size_t local_nmi_count;
    struct acpi_nmi_source nmi_sources[ACPI_MAX_NMI_SOURCES];
    size_t nmi_source_count;
};
/* Fills *out (cpus, cpus_max set by the caller). Array counts never exceed the room given, except
 * cpu_count. false when the table is not a MADT; a malformed entry ends the list. */
bool acpi_madt_parse(const void *table, size_t bytes, struct acpi_madt *out);
