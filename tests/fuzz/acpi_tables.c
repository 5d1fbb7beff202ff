/* SPDX-License-Identifier: BSD-2-Clause */
/* Any bytes as any ACPI table, with the checksum made right so that the parsers get to work. */
/* sources: hypervisor/acpi/parse.c hypervisor/acpi/madt.c hypervisor/acpi/craft.c */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "acpi/craft.h"
#include "acpi/parse.h"

static const char signatures[][5] = {"APIC", "FACP", "HPET", "MCFG", "SPCR", "XSDT"};

static void seal(uint8_t *table, size_t bytes, const char *signature)
{
    uint32_t length = (uint32_t)bytes;
    uint8_t sum = 0;

    if (bytes < sizeof(struct acpi_header))
        return;
    memcpy(table, signature, 4);
    memcpy(table + 4, &length, 4);
    table[9] = 0;
    for (size_t i = 0; i < bytes; i++)
        sum = (uint8_t)(sum + table[i]);
    table[9] = (uint8_t)-sum;
}

/* Whatever a MADT says of interrupts, dom0's is a sound table. */
static void craft(const struct acpi_madt *madt, unsigned int seed)
{
    const struct acpi_craft_board board = {
        .vcpus = seed % 160, .ioapic_address = 0xfec00000, .gsis = seed};
    uint8_t *to = malloc(2048);
    struct acpi_madt again = {0};
    size_t bytes = acpi_craft_madt(to, 2048, &board, madt);

    if (bytes && (!acpi_madt_parse(to, bytes, &again) || again.ioapic_count != 1 ||
                  again.cpu_count != board.vcpus || again.override_count > madt->override_count))
        abort();
    free(to);
}

static void parse_all(const uint8_t *table, size_t bytes)
{
    struct acpi_cpu cpus[8];
    struct acpi_madt madt = {.cpus = cpus, .cpus_max = 8};
    struct acpi_ecam ecam[4];
    struct acpi_serial serial;
    struct acpi_fadt fadt;
    struct acpi_root root;
    uint64_t base;
    uint8_t a, b;

    (void)acpi_rsdp_parse(table, bytes, &root);
    (void)acpi_rsdp_scan(table, bytes);
    if (acpi_madt_parse(table, bytes, &madt))
        craft(&madt, bytes ? table[bytes - 1] : 0);
    (void)acpi_fadt_parse(table, bytes, &fadt);
    (void)acpi_hpet_parse(table, bytes, &base);
    if (acpi_mcfg_parse(table, bytes, ecam, 4) > 4)
        abort();
    (void)acpi_spcr_parse(table, bytes, &serial);
    (void)acpi_s5_parse(table, bytes, &a, &b);
    if (acpi_table_ok(table, bytes, "XSDT", 36))
        for (size_t i = 0; i < acpi_root_count(table, 8); i++)
            (void)acpi_root_entry(table, 8, i);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *table;

    if (!size)
        return 0;
    table = malloc(size);
    memcpy(table, data, size);
    parse_all(table, size);
    seal(table, size, signatures[data[0] % 6]);
    parse_all(table, size);
    free(table);
    return 0;
}
