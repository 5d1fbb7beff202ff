/* SPDX-License-Identifier: BSD-2-Clause */
/* ACPI tables for a PVH dom0: what we write is what our own parsers read. */
/* sources: hypervisor/acpi/craft.c hypervisor/acpi/parse.c hypervisor/acpi/madt.c */
#include "tests/unit/check.h"

#include "acpi/craft.h"
#include "tests/unit/acpi_tables.h"

static uint8_t block[4096];
static struct acpi_cpu cpus[512];
static struct acpi_madt host, got;

static void host_read(void)
{
    host = (struct acpi_madt){0};
    CHECK(acpi_madt_parse(pc_apic, sizeof(pc_apic), &host));
    got = (struct acpi_madt){.cpus = cpus, .cpus_max = ARRAY_SIZE(cpus)};
}

TEST(madt)
{
    const struct acpi_craft_board board = {.vcpus = 3, .ioapic_address = 0xfec00000, .gsis = 48};
    size_t bytes;

    host_read();
    bytes = acpi_craft_madt(block, sizeof(block), &board, &host);
    CHECK(bytes && acpi_madt_parse(block, bytes, &got));
    CHECK_EQ(got.cpu_count, 3);
    for (unsigned int i = 0; i < 3; i++) {
        CHECK_EQ(cpus[i].apic_id, i * 2);
        CHECK_EQ(cpus[i].uid, i);
        CHECK(cpus[i].enabled);
    }
    CHECK_EQ(got.ioapic_count, 1);
    CHECK_EQ(got.ioapics[0].address, 0xfec00000);
    CHECK_EQ(got.ioapics[0].gsi_base, 0);
    CHECK(!got.has_8259);
    CHECK_EQ(got.lapic_address, 0xfee00000);
    CHECK_EQ(got.override_count, host.override_count);
    for (size_t i = 0; i < got.override_count; i++)
        CHECK(!memcmp(&got.overrides[i], &host.overrides[i], sizeof(got.overrides[i])));
}

TEST(gsis_without_a_pin_are_left_out)
{
    const struct acpi_craft_board board = {.vcpus = 1, .ioapic_address = 0xfec00000, .gsis = 10};
    size_t bytes;

    host_read();
    bytes = acpi_craft_madt(block, sizeof(block), &board, &host);
    CHECK(bytes && acpi_madt_parse(block, bytes, &got));
    CHECK_EQ(got.override_count, 3); /* 0, 5 and 9 of pc's five */
}

TEST(many_cpus_and_no_room)
{
    const struct acpi_craft_board board = {.vcpus = 200, .ioapic_address = 0xfec00000, .gsis = 48};
    size_t bytes;

    host_read();
    bytes = acpi_craft_madt(block, sizeof(block), &board, &host);
    CHECK(bytes && acpi_madt_parse(block, bytes, &got));
    CHECK_EQ(got.cpu_count, 200);
    for (unsigned int i = 0; i < 200; i++)
        CHECK_EQ(cpus[i].apic_id, i * 2);
    for (size_t room = 0; room < bytes; room++) {
        uint8_t *exact = malloc(room + !room);

        CHECK_EQ(acpi_craft_madt(exact, room, &board, &host), 0);
        free(exact);
    }
}

TEST(root)
{
    const struct acpi_header *like = (const void *)pc_facp;
    const uint64_t tables[] = {0x7ffe000, 0x123456789a};
    struct acpi_rsdp rsdp;
    struct acpi_root root;
    size_t bytes = acpi_craft_xsdt(block, sizeof(block), tables, 2, like);

    CHECK_EQ(bytes, sizeof(struct acpi_header) + 16);
    CHECK(acpi_table_ok(block, bytes, "XSDT", bytes));
    CHECK_EQ(acpi_root_count(block, 8), 2);
    CHECK_EQ(acpi_root_entry(block, 8, 1), 0x123456789a);
    CHECK(!memcmp(((struct acpi_header *)block)->oem_id, "BOCHS ", 6));
    CHECK_EQ(acpi_craft_xsdt(block, bytes - 1, tables, 2, NULL), 0);
    acpi_craft_rsdp(&rsdp, 0xabcd000, like);
    CHECK(acpi_rsdp_parse(&rsdp, sizeof(rsdp), &root));
    CHECK_EQ(root.address, 0xabcd000);
    CHECK_EQ(root.entry_bytes, 8);
}

TEST(what_dom0_sees)
{
    CHECK(!acpi_craft_shows("APIC"));
    CHECK(!acpi_craft_shows("HPET"));
    CHECK(!acpi_craft_shows("DMAR"));
    CHECK(!acpi_craft_shows("IVRS"));
    CHECK(!acpi_craft_shows("SRAT"));
    CHECK(acpi_craft_shows("FACP"));
    CHECK(acpi_craft_shows("SSDT"));
    CHECK(acpi_craft_shows("MCFG"));
}
