/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading ACPI tables out of byte buffers.
 *
 * Always true here: no byte at or beyond the given length is read; a table counts only when its own
 * length lies within that and its checksum is right; structures are read through memcpy or packed
 * layouts because firmware aligns nothing.
 */
#include "acpi/parse.h"

#include "lib/string.h"

bool acpi_sum_ok(const void *block, size_t bytes)
{
    const uint8_t *byte = block;
    uint8_t sum = 0;

    for (size_t i = 0; i < bytes; i++)
        sum = (uint8_t)(sum + byte[i]);
    return sum == 0;
}

bool acpi_rsdp_parse(const void *block, size_t bytes, struct acpi_root *out)
{
    struct acpi_rsdp r = {0};

    if (bytes < ACPI_RSDP_OLD_BYTES || memcmp(block, "RSD PTR ", 8) ||
        !acpi_sum_ok(block, ACPI_RSDP_OLD_BYTES))
        return false;
    memcpy(&r, block, bytes < sizeof(r) ? bytes : sizeof(r));
    if (r.revision >= 2 && bytes >= sizeof(r) && r.length >= sizeof(r) && r.length <= bytes &&
        r.xsdt && acpi_sum_ok(block, r.length)) {
        *out = (struct acpi_root){.address = r.xsdt, .entry_bytes = 8};
        return true;
    }
    if (!r.rsdt)
        return false;
    *out = (struct acpi_root){.address = r.rsdt, .entry_bytes = 4};
    return true;
}

size_t acpi_rsdp_scan(const void *block, size_t bytes)
{
    struct acpi_root root;

    for (size_t at = 0; at + ACPI_RSDP_OLD_BYTES <= bytes; at += 16)
        if (acpi_rsdp_parse((const uint8_t *)block + at, bytes - at, &root))
            return at;
    return bytes;
}

bool acpi_table_ok(const void *table, size_t bytes, const char *signature, size_t least)
{
    struct acpi_header h;

    if (bytes < sizeof(h))
        return false;
    memcpy(&h, table, sizeof(h));
    if (signature && memcmp(h.signature, signature, sizeof(h.signature)))
        return false;
    if (h.length < sizeof(h) || h.length < least || h.length > bytes)
        return false;
    return acpi_sum_ok(table, h.length);
}

static size_t table_length(const void *table)
{
    struct acpi_header h;

    memcpy(&h, table, sizeof(h));
    return h.length;
}

size_t acpi_root_count(const void *table, unsigned int entry_bytes)
{
    return (table_length(table) - sizeof(struct acpi_header)) / entry_bytes;
}

uint64_t acpi_root_entry(const void *table, unsigned int entry_bytes, size_t i)
{
    const uint8_t *at = (const uint8_t *)table + sizeof(struct acpi_header) + i * entry_bytes;
    uint64_t address = 0;

    memcpy(&address, at, entry_bytes); /* little-endian: 4 bytes zero-extend */
    return address;
}

static struct acpi_register gas_register(const struct acpi_gas *gas)
{
    if (gas->space > ACPI_SPACE_PCI || !gas->address ||
        (gas->space == ACPI_SPACE_IO && gas->address > 0xffff)) /* no such port */
        return (struct acpi_register){0};
    return (struct acpi_register){
        .space = (enum acpi_space)gas->space, .bits = gas->bits, .address = gas->address};
}

/* A control port: the extended field when it names a port, else the old 32-bit field. */
static uint16_t control_port(const struct acpi_gas *extended, uint32_t old)
{
    if (extended->space == ACPI_SPACE_IO && extended->address && extended->address <= 0xffff)
        return (uint16_t)extended->address;
    return old <= 0xffff ? (uint16_t)old : 0;
}

bool acpi_fadt_parse(const void *table, size_t bytes, struct acpi_fadt *out)
{
    /* FADT flags (ACPI 6.4 table 5.10): 8 TMR_VAL_EXT, 10 RESET_REG_SUP. */
    enum { TIMER_32BIT = 1u << 8, RESET_SUPPORTED = 1u << 10 };
    /* IA-PC boot flags (5.11): 0 legacy devices, 1 8042, 2 no VGA, 5 no CMOS RTC. */
    enum {
        BOOT_LEGACY = 1u << 0,
        BOOT_8042 = 1u << 1,
        BOOT_NO_VGA = 1u << 2,
        BOOT_NO_RTC = 1u << 5
    };
    struct acpi_fadt_table f = {0};
    size_t length;

    /* Revision 1 tables end after `flags`. */
    if (!acpi_table_ok(table, bytes, "FACP", offsetof(struct acpi_fadt_table, reset_register)))
        return false;
    length = table_length(table);
    memcpy(&f, table, length < sizeof(f) ? length : sizeof(f));
    memset(out, 0, sizeof(*out));
    out->pm1a_control = control_port(&f.x_pm1a_control, f.pm1a_control);
    out->pm1b_control = control_port(&f.x_pm1b_control, f.pm1b_control);
    out->pm_timer = gas_register(&f.x_pm_timer);
    if (!out->pm_timer.address && f.pm_timer && f.pm_timer_bytes == 4)
        out->pm_timer =
            (struct acpi_register){.space = ACPI_SPACE_IO, .bits = 32, .address = f.pm_timer};
    out->pm_timer_32bit = f.flags & TIMER_32BIT;
    out->reset = gas_register(&f.reset_register);
    out->reset_value = f.reset_value;
    out->has_reset = (f.flags & RESET_SUPPORTED) && out->reset.address;
    out->sleep_control = gas_register(&f.sleep_control);
    out->century = f.century;
    out->sci_irq = f.sci_irq;
    out->dsdt = f.x_dsdt ? f.x_dsdt : f.dsdt;
    if (f.header.revision >= 3) { /* the boot flags mean nothing before (ACPI 2.0, 5.2.9.3) */
        out->no_legacy_devices = !(f.boot_flags & BOOT_LEGACY);
        out->no_8042 = !(f.boot_flags & BOOT_8042);
        out->no_vga = f.boot_flags & BOOT_NO_VGA;
        out->no_rtc = f.boot_flags & BOOT_NO_RTC;
    }
    return true;
}

bool acpi_hpet_parse(const void *table, size_t bytes, uint64_t *base)
{
    struct acpi_hpet_table h;

    if (!acpi_table_ok(table, bytes, "HPET", sizeof(h)))
        return false;
    memcpy(&h, table, sizeof(h));
    if (h.base.space != ACPI_SPACE_MEMORY || !h.base.address)
        return false;
    *base = h.base.address;
    return true;
}

size_t acpi_mcfg_parse(const void *table, size_t bytes, struct acpi_ecam *out, size_t max)
{
    struct acpi_mcfg_range r;
    size_t length, count = 0;

    if (!acpi_table_ok(table, bytes, "MCFG", sizeof(struct acpi_mcfg_table)))
        return 0;
    length = table_length(table);
    for (size_t at = sizeof(struct acpi_mcfg_table); at + sizeof(r) <= length && count < max;
         at += sizeof(r)) {
        memcpy(&r, (const uint8_t *)table + at, sizeof(r));
        if (!r.base || (r.base & (MiB - 1)) || r.first_bus > r.last_bus)
            continue;
        out[count++] = (struct acpi_ecam){
            .base = r.base, .segment = r.segment, .first_bus = r.first_bus, .last_bus = r.last_bus};
    }
    return count;
}

bool acpi_spcr_parse(const void *table, size_t bytes, struct acpi_serial *out)
{
    static const uint32_t rates[] = {[3] = 9600, [4] = 19200, [6] = 57600, [7] = 115200};
    struct acpi_spcr_table s;

    if (!acpi_table_ok(table, bytes, "SPCR", offsetof(struct acpi_spcr_table, pci_segment)))
        return false;
    memset(&s, 0, sizeof(s));
    memcpy(&s, table, table_length(table) < sizeof(s) ? table_length(table) : sizeof(s));
    if (s.interface_type > 1) /* 0: 16550, 1: 16450; others are not ours */
        return false;
    out->base = gas_register(&s.base);
    out->baud = s.baud < ARRAY_SIZE(rates) ? rates[s.baud] : 0;
    out->irq = s.interrupt_type & 1 ? s.irq : 0;
    return out->base.address != 0;
}

/* An AML integer constant at *at (20.2.3): Zero, One, or a byte with its prefix. */
static bool aml_small_constant(const uint8_t *aml, size_t bytes, size_t *at, uint8_t *value)
{
    enum { AML_ZERO = 0x00, AML_ONE = 0x01, AML_BYTE = 0x0a };

    if (*at >= bytes)
        return false;
    switch (aml[*at]) {
    case AML_ZERO:
    case AML_ONE:
        *value = aml[(*at)++];
        return true;
    case AML_BYTE:
        if (bytes - *at < 2)
            return false;
        *value = aml[*at + 1];
        *at += 2;
        return true;
    default:
        return false;
    }
}

bool acpi_s5_parse(const void *dsdt, size_t bytes, uint8_t *type_a, uint8_t *type_b)
{
    enum { AML_NAME = 0x08, AML_PACKAGE = 0x12 };
    const uint8_t *aml = dsdt;

    for (size_t i = sizeof(struct acpi_header) + 2; i + 8 <= bytes; i++) {
        size_t at = i + 4;

        if (memcmp(aml + i, "_S5_", 4) || aml[at] != AML_PACKAGE)
            continue;
        if (aml[i - 1] != AML_NAME && !(aml[i - 1] == '\\' && aml[i - 2] == AML_NAME))
            continue;
        at++;
        at += 1 + (aml[at] >> 6); /* package length: two top bits count the bytes that follow */
        at++;                     /* number of elements */
        if (aml_small_constant(aml, bytes, &at, type_a) &&
            aml_small_constant(aml, bytes, &at, type_b))
            return true;
    }
    return false;
}
