/* SPDX-License-Identifier: BSD-2-Clause */
/* ACPI tables for a dom0 with virtual processors and interrupt controllers (ACPI 6.4, 5.2). */
#include "acpi/craft.h"

#include "lib/string.h"

#define LAPIC_ADDRESS 0xfee00000u
#define LAPIC_ENABLED 1u
#define LAPIC_IDS     255 /* from here on only x2APIC entries can name them */

bool acpi_craft_shows(const char *signature)
{
    /* MADT; processors' and memory's places; IOMMUs; the HPET; errors that machine checks tell */
    static const char hidden[][5] = {"APIC", "SRAT", "SLIT", "HMAT", "MPST", "PMTT",
                                     "PPTT", "DMAR", "IVRS", "HPET", "HEST", "ERST"};

    for (size_t i = 0; i < ARRAY_SIZE(hidden); i++)
        if (!memcmp(signature, hidden[i], 4))
            return false;
    return true;
}

static uint8_t checksum(const void *block, size_t bytes)
{
    const uint8_t *byte = block;
    uint8_t sum = 0;

    for (size_t i = 0; i < bytes; i++)
        sum = (uint8_t)(sum + byte[i]);
    return (uint8_t)-sum;
}

/* The header of a table that is complete but for it. */
static void seal(void *table, size_t bytes, const char *signature, uint8_t revision,
                 const struct acpi_header *like)
{
    struct acpi_header h = {.length = (uint32_t)bytes, .revision = revision};
    uint8_t sum;

    memcpy(h.signature, signature, 4);
    memcpy(h.oem_id, like ? like->oem_id : "ZENDO ", sizeof(h.oem_id));
    memcpy(h.oem_table_id, like ? like->oem_table_id : "ZENDO   ", sizeof(h.oem_table_id));
    memcpy(h.creator_id, "ZNDO", sizeof(h.creator_id));
    memcpy(table, &h, sizeof(h));
    sum = checksum(table, bytes);
    memcpy((uint8_t *)table + offsetof(struct acpi_header, checksum), &sum, 1);
}

/* A table that grows entry by entry; `at` beyond `room`: it did not fit. */
struct growing {
    uint8_t *to;
    size_t room, at;
};

static void add(struct growing *g, const void *entry, size_t bytes)
{
    if (g->at <= g->room && bytes <= g->room - g->at) {
        memcpy(g->to + g->at, entry, bytes);
        g->at += bytes;
    } else {
        g->at = g->room + 1;
    }
}

static void add_cpu(struct growing *g, uint32_t number)
{
    uint32_t apic_id = number * 2;

    if (apic_id < LAPIC_IDS) {
        const struct acpi_madt_lapic e = {.type = ACPI_MADT_LAPIC,
                                          .length = sizeof(e),
                                          .uid = (uint8_t)number,
                                          .apic_id = (uint8_t)apic_id,
                                          .flags = LAPIC_ENABLED};
        add(g, &e, sizeof(e));
    } else {
        const struct acpi_madt_x2apic e = {.type = ACPI_MADT_X2APIC,
                                           .length = sizeof(e),
                                           .uid = number,
                                           .apic_id = apic_id,
                                           .flags = LAPIC_ENABLED};
        add(g, &e, sizeof(e));
    }
}

size_t acpi_craft_madt(void *to, size_t room, const struct acpi_craft_board *board,
                       const struct acpi_madt *host)
{
    /* no flag: there is no pair of 8259s */
    const struct acpi_madt_table head = {.lapic_address = LAPIC_ADDRESS};
    const struct acpi_madt_ioapic ioapic = {.type = ACPI_MADT_IOAPIC,
                                            .length = sizeof(ioapic),
                                            .id = host->ioapic_count ? host->ioapics[0].id : 0,
                                            .address = board->ioapic_address};
    struct growing g = {.to = to, .room = room};

    add(&g, &head, sizeof(head));
    for (unsigned int i = 0; i < board->vcpus; i++)
        add_cpu(&g, i);
    add(&g, &ioapic, sizeof(ioapic));
    for (size_t i = 0; i < min(host->override_count, (size_t)ACPI_MAX_OVERRIDES); i++) {
        const struct acpi_override *o = &host->overrides[i];
        const struct acpi_madt_override e = {
            .type = ACPI_MADT_OVERRIDE,
            .length = sizeof(e),
            .source = o->source,
            .gsi = o->gsi,
            .flags = (uint16_t)((o->polarity & 3) | (o->trigger & 3) << 2)};

        if (o->gsi < board->gsis)
            add(&g, &e, sizeof(e));
    }
    if (g.at > room)
        return 0;
    seal(to, g.at, "APIC", 4, NULL);
    return g.at;
}

size_t acpi_craft_xsdt(void *to, size_t room, const uint64_t *tables, size_t count,
                       const struct acpi_header *like)
{
    struct growing g = {.to = to, .room = room};
    const struct acpi_header head = {0};

    add(&g, &head, sizeof(head));
    for (size_t i = 0; i < count; i++)
        add(&g, &tables[i], sizeof(tables[i]));
    if (g.at > room)
        return 0;
    seal(to, g.at, "XSDT", 1, like);
    return g.at;
}

void acpi_craft_rsdp(struct acpi_rsdp *to, uint64_t xsdt, const struct acpi_header *like)
{
    *to = (struct acpi_rsdp){.revision = 2, .length = sizeof(*to), .xsdt = xsdt};
    memcpy(to->signature, "RSD PTR ", sizeof(to->signature));
    memcpy(to->oem_id, like ? like->oem_id : "ZENDO ", sizeof(to->oem_id));
    to->checksum = checksum(to, ACPI_RSDP_OLD_BYTES);
    to->extended_checksum = checksum(to, sizeof(*to));
}
