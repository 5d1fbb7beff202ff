/* SPDX-License-Identifier: BSD-2-Clause */
/* ACPI tables: real ones from QEMU, made ones, and damaged ones. */
/* sources: hypervisor/acpi/parse.c hypervisor/acpi/madt.c */
#include "tests/unit/check.h"

#include "acpi/parse.h"
#include "tests/unit/acpi_tables.h"

/* A copy in memory of exactly its size, so that ASan sees any byte read beyond it. */
static uint8_t *copy_of(const void *table, size_t bytes)
{
    uint8_t *copy = malloc(bytes ? bytes : 1);

    memcpy(copy, table, bytes);
    return copy;
}

/* Make length and checksum right. */
static void seal(uint8_t *table, uint32_t bytes)
{
    uint8_t sum = 0;

    memcpy(table + 4, &bytes, 4);
    table[9] = 0;
    for (uint32_t i = 0; i < bytes; i++)
        sum = (uint8_t)(sum + table[i]);
    table[9] = (uint8_t)-sum;
}

TEST(rsdp_old)
{
    struct acpi_root root;

    CHECK(acpi_rsdp_parse(pc_rsdp, sizeof(pc_rsdp), &root));
    CHECK_EQ(root.address, 0x0ffe1bef);
    CHECK_EQ(root.entry_bytes, 4);
    CHECK(!acpi_rsdp_parse(pc_rsdp, sizeof(pc_rsdp) - 1, &root));
}

static void rsdp_new_make(struct acpi_rsdp *r)
{
    uint8_t *bytes = (uint8_t *)r;
    uint8_t sum = 0;

    *r = (struct acpi_rsdp){.signature = "RSD PTR ",
                            .revision = 2,
                            .rsdt = 0x1000,
                            .length = 36,
                            .xsdt = 0x123456789aULL};
    for (int i = 0; i < 20; i++)
        sum = (uint8_t)(sum + bytes[i]);
    r->checksum = (uint8_t)-sum;
    sum = 0;
    for (int i = 0; i < 36; i++)
        sum = (uint8_t)(sum + bytes[i]);
    r->extended_checksum = (uint8_t)-sum;
}

TEST(rsdp_new)
{
    struct acpi_rsdp r;
    struct acpi_root root;

    rsdp_new_make(&r);
    CHECK(acpi_rsdp_parse(&r, sizeof(r), &root));
    CHECK_EQ(root.address, 0x123456789aULL);
    CHECK_EQ(root.entry_bytes, 8);
    r.extended_checksum++; /* the new part is damaged: the old part still counts */
    CHECK(acpi_rsdp_parse(&r, sizeof(r), &root));
    CHECK_EQ(root.address, 0x1000);
    r.checksum++;
    CHECK(!acpi_rsdp_parse(&r, sizeof(r), &root));
}

TEST(rsdp_scan)
{
    static uint8_t area[4096];

    CHECK_EQ(acpi_rsdp_scan(area, sizeof(area)), sizeof(area));
    memcpy(area + 40, pc_rsdp, sizeof(pc_rsdp)); /* not on a 16-byte boundary */
    CHECK_EQ(acpi_rsdp_scan(area, sizeof(area)), sizeof(area));
    memcpy(area + 4096 - 32, pc_rsdp, sizeof(pc_rsdp));
    CHECK_EQ(acpi_rsdp_scan(area, sizeof(area)), 4096 - 32);
}

TEST(root_table)
{
    CHECK(acpi_table_ok(q35_rsdt, sizeof(q35_rsdt), "RSDT", 36));
    CHECK_EQ(acpi_root_count(q35_rsdt, 4), 5);
    CHECK_EQ(acpi_root_entry(q35_rsdt, 4, 0), 0x0ffe21d8);
    CHECK_EQ(acpi_root_entry(q35_rsdt, 4, 4), 0x0ffe23d0);
}

TEST(every_truncation_and_flip_is_refused)
{
    for (size_t n = 0; n < sizeof(q35_apic); n++) {
        uint8_t *cut = copy_of(q35_apic, n);

        CHECK(!acpi_table_ok(cut, n, "APIC", 36));
        free(cut);
    }
    for (size_t n = 0; n < sizeof(q35_apic); n++) {
        uint8_t *bad = copy_of(q35_apic, sizeof(q35_apic));

        bad[n] ^= 0x10;
        CHECK(!acpi_table_ok(bad, sizeof(q35_apic), "APIC", 36));
        free(bad);
    }
}

TEST(madt_real)
{
    struct acpi_cpu cpus[4];
    struct acpi_madt m = {.cpus = cpus, .cpus_max = 4};

    CHECK(acpi_madt_parse(q35_apic, sizeof(q35_apic), &m));
    CHECK_EQ(m.lapic_address, 0xfee00000);
    CHECK(m.has_8259);
    CHECK_EQ(m.cpu_count, 4);
    for (unsigned int i = 0; i < 4; i++) {
        CHECK_EQ(cpus[i].apic_id, i);
        CHECK_EQ(cpus[i].uid, i);
        CHECK(cpus[i].enabled);
    }
    CHECK_EQ(m.ioapic_count, 1);
    CHECK_EQ(m.ioapics[0].address, 0xfec00000);
    CHECK_EQ(m.ioapics[0].gsi_base, 0);
    CHECK_EQ(m.override_count, 5); /* the timer, and four level interrupts of PCI links */
    CHECK_EQ(m.overrides[0].source, 0);
    CHECK_EQ(m.overrides[0].gsi, 2);
    CHECK_EQ(m.overrides[0].trigger, ACPI_TRIGGER_BUS);
    CHECK_EQ(m.overrides[1].source, 5);
    CHECK_EQ(m.overrides[1].gsi, 5);
    CHECK_EQ(m.overrides[1].trigger, ACPI_LEVEL);
    CHECK_EQ(m.overrides[1].polarity, ACPI_ACTIVE_HIGH);
    CHECK_EQ(m.local_nmi_count, 1);
    CHECK_EQ(m.local_nmis[0].uid, ACPI_UID_ALL);
    CHECK_EQ(m.local_nmis[0].lint, 1);
}

TEST(madt_counts_beyond_its_room)
{
    struct acpi_cpu cpus[2];
    struct acpi_madt m = {.cpus = cpus, .cpus_max = 2};

    CHECK(acpi_madt_parse(q35_apic, sizeof(q35_apic), &m));
    CHECK_EQ(m.cpu_count, 4);
    m = (struct acpi_madt){0};
    CHECK(acpi_madt_parse(q35_apic, sizeof(q35_apic), &m));
    CHECK_EQ(m.cpu_count, 4);
}

TEST(madt_made)
{
    static const struct {
        struct acpi_madt_table head;
        struct acpi_madt_x2apic x2apic;
        struct acpi_madt_lapic off, hotplug, empty;
        struct acpi_madt_lapic_address address;
        struct acpi_madt_nmi_source nmi;
        struct acpi_madt_x2apic_nmi x2nmi;
        struct acpi_madt_override eisa;
        uint8_t unknown[4];
        struct acpi_madt_ioapic ioapic;
        uint8_t endless[2];
    } packed made = {
        .head = {.header.signature = "APIC", .lapic_address = 0xfee00000},
        .x2apic = {ACPI_MADT_X2APIC, 16, 0, 0x12345, 1, 77},
        .off = {ACPI_MADT_LAPIC, 8, 1, 1, 0},
        .hotplug = {ACPI_MADT_LAPIC, 8, 2, 2, 2},
        .empty = {ACPI_MADT_LAPIC, 8, 3, 0xff, 1},
        .address = {ACPI_MADT_LAPIC_ADDRESS, 12, 0, 0x1fee00000ULL},
        .nmi = {ACPI_MADT_NMI_SOURCE, 8, 0xd, 9},
        .x2nmi = {ACPI_MADT_X2APIC_NMI, 12, 0xf, ~0u, 1, {0}},
        .eisa = {ACPI_MADT_OVERRIDE, 10, 1, 3, 3, 0},
        .unknown = {0x80, 4, 1, 2},
        .ioapic = {ACPI_MADT_IOAPIC, 12, 5, 0, 0xfec10000, 24},
        .endless = {0, 0},
    };
    struct acpi_cpu cpus[4];
    struct acpi_madt m = {.cpus = cpus, .cpus_max = 4};
    uint8_t *table = copy_of(&made, sizeof(made));

    seal(table, sizeof(made));
    CHECK(acpi_madt_parse(table, sizeof(made), &m));
    CHECK_EQ(m.cpu_count, 2);
    CHECK_EQ(cpus[0].apic_id, 0x12345);
    CHECK_EQ(cpus[0].uid, 77);
    CHECK(!cpus[1].enabled);
    CHECK_EQ(m.lapic_address, 0x1fee00000ULL);
    CHECK(!m.has_8259);
    CHECK_EQ(m.nmi_source_count, 1);
    CHECK_EQ(m.nmi_sources[0].gsi, 9);
    CHECK_EQ(m.nmi_sources[0].trigger, ACPI_LEVEL);
    CHECK_EQ(m.local_nmi_count, 1);
    CHECK_EQ(m.local_nmis[0].polarity, ACPI_ACTIVE_LOW);
    CHECK_EQ(m.override_count, 0); /* not the ISA bus */
    CHECK_EQ(m.ioapic_count, 1);
    CHECK_EQ(m.ioapics[0].gsi_base, 24);
    free(table);
}

/* The same CPU by both kinds of local APIC is one CPU. */
TEST(madt_names_a_cpu_twice)
{
    static const struct {
        struct acpi_madt_table head;
        struct acpi_madt_lapic lapic;
        struct acpi_madt_x2apic same, other;
    } packed made = {
        .head = {.header.signature = "APIC"},
        .lapic = {ACPI_MADT_LAPIC, 8, 7, 3, 1},
        .same = {ACPI_MADT_X2APIC, 16, 0, 3, 1, 7},
        .other = {ACPI_MADT_X2APIC, 16, 0, 259, 1, 8},
    };
    struct acpi_cpu cpus[4];
    struct acpi_madt m = {.cpus = cpus, .cpus_max = 4};
    uint8_t *table = copy_of(&made, sizeof(made));

    seal(table, sizeof(made));
    CHECK(acpi_madt_parse(table, sizeof(made), &m));
    CHECK_EQ(m.cpu_count, 2);
    CHECK_EQ(cpus[0].apic_id, 3);
    CHECK_EQ(cpus[1].apic_id, 259);
    free(table);
}

TEST(madt_short_entries_are_skipped)
{
    static const struct {
        struct acpi_madt_table head;
        uint8_t short_lapic[4], short_ioapic[6];
        struct acpi_madt_lapic good;
        uint8_t overhanging[3];
    } packed made = {
        .head.header.signature = "APIC",
        .short_lapic = {ACPI_MADT_LAPIC, 4, 9, 9},
        .short_ioapic = {ACPI_MADT_IOAPIC, 6},
        .good = {ACPI_MADT_LAPIC, 8, 1, 1, 1},
        .overhanging = {ACPI_MADT_LAPIC, 8, 2},
    };
    struct acpi_cpu cpus[4];
    struct acpi_madt m = {.cpus = cpus, .cpus_max = 4};
    uint8_t *table = copy_of(&made, sizeof(made));

    seal(table, sizeof(made));
    CHECK(acpi_madt_parse(table, sizeof(made), &m));
    CHECK_EQ(m.cpu_count, 1);
    CHECK_EQ(m.ioapic_count, 0);
    free(table);
}

TEST(fadt_revision_1)
{
    struct acpi_fadt f;

    CHECK(acpi_fadt_parse(pc_facp, sizeof(pc_facp), &f));
    CHECK_EQ(f.pm1a_control, 0x604);
    CHECK_EQ(f.pm1b_control, 0);
    CHECK_EQ(f.pm_timer.address, 0x608);
    CHECK_EQ(f.pm_timer.space, ACPI_SPACE_IO);
    CHECK(!f.has_reset);
    CHECK_EQ(f.sci_irq, 9);
    CHECK_EQ(f.century, 0x32);
    CHECK(!f.no_legacy_devices && !f.no_8042);
}

TEST(fadt_revision_3)
{
    struct acpi_fadt f;

    CHECK(acpi_fadt_parse(q35_facp, sizeof(q35_facp), &f));
    CHECK_EQ(f.pm1a_control, 0x604);
    CHECK_EQ(f.pm_timer.address, 0x608);
    CHECK(f.has_reset);
    CHECK_EQ(f.reset.space, ACPI_SPACE_IO);
    CHECK_EQ(f.reset.address, 0xcf9);
    CHECK_EQ(f.reset_value, 0xf);
    CHECK(f.dsdt != 0);
}

/* A port number that is none must not be cut to one that is something else. */
TEST(fadt_ports_have_16_bits)
{
    struct acpi_fadt_table t;
    struct acpi_fadt f;

    memset(&t, 0, sizeof(t));
    memcpy(&t, q35_facp, sizeof(q35_facp));
    t.reset_register.address = 0x10cf9;
    seal((uint8_t *)&t, sizeof(t));
    CHECK(acpi_fadt_parse(&t, sizeof(t), &f));
    CHECK(!f.has_reset);
    CHECK_EQ(f.reset.address, 0);
}

TEST(fadt_prefers_extended_fields)
{
    struct acpi_fadt_table t;
    struct acpi_fadt f;

    memset(&t, 0, sizeof(t));
    memcpy(&t, q35_facp, sizeof(q35_facp));
    t.x_pm1a_control = (struct acpi_gas){.space = ACPI_SPACE_IO, .bits = 16, .address = 0x1804};
    t.x_pm_timer = (struct acpi_gas){.space = ACPI_SPACE_MEMORY, .bits = 32, .address = 0xfed40000};
    t.pm1b_control = 0x10000; /* no port */
    t.header.revision = 5;
    t.boot_flags = 1u << 2;
    seal((uint8_t *)&t, sizeof(t));
    CHECK(acpi_fadt_parse(&t, sizeof(t), &f));
    CHECK_EQ(f.pm1a_control, 0x1804);
    CHECK_EQ(f.pm1b_control, 0);
    CHECK_EQ(f.pm_timer.space, ACPI_SPACE_MEMORY);
    CHECK_EQ(f.pm_timer.address, 0xfed40000);
    CHECK(f.no_legacy_devices && f.no_8042 && f.no_vga);
}

TEST(hpet_and_mcfg)
{
    struct acpi_ecam ecam[2];
    uint64_t base;

    CHECK(acpi_hpet_parse(q35_hpet, sizeof(q35_hpet), &base));
    CHECK_EQ(base, 0xfed00000);
    CHECK(!acpi_hpet_parse(q35_apic, sizeof(q35_apic), &base));
    CHECK_EQ(acpi_mcfg_parse(q35_mcfg, sizeof(q35_mcfg), ecam, 2), 1);
    CHECK_EQ(ecam[0].base, 0xb0000000);
    CHECK_EQ(ecam[0].segment, 0);
    CHECK_EQ(ecam[0].first_bus, 0);
    CHECK_EQ(ecam[0].last_bus, 255);
    CHECK_EQ(acpi_mcfg_parse(q35_mcfg, sizeof(q35_mcfg), ecam, 0), 0);
}

TEST(spcr)
{
    struct acpi_spcr_table t;
    struct acpi_serial s;

    memset(&t, 0, sizeof(t));
    memcpy(t.header.signature, "SPCR", 4);
    t.base = (struct acpi_gas){.space = ACPI_SPACE_IO, .bits = 8, .address = 0x3f8};
    t.interrupt_type = 1;
    t.irq = 4;
    t.baud = 7;
    seal((uint8_t *)&t, sizeof(t));
    CHECK(acpi_spcr_parse(&t, sizeof(t), &s));
    CHECK_EQ(s.base.address, 0x3f8);
    CHECK_EQ(s.baud, 115200);
    CHECK_EQ(s.irq, 4);
    t.baud = 200;
    t.interface_type = 3; /* not a 16550 */
    seal((uint8_t *)&t, sizeof(t));
    CHECK(!acpi_spcr_parse(&t, sizeof(t), &s));
}

TEST(s5)
{
    uint8_t aml[128] = {0};
    uint8_t a = 9, b = 9;

    CHECK(!acpi_s5_parse(aml, sizeof(aml), &a, &b));
    memcpy(aml + 50, q35_dsdt_s5, sizeof(q35_dsdt_s5));
    CHECK(acpi_s5_parse(aml, sizeof(aml), &a, &b));
    CHECK_EQ(a, 0);
    CHECK_EQ(b, 0);
    /* Name (\_S5, Package (4) {0x05, One, ...}) with a long package length */
    memcpy(aml + 40, "\x08\\_S5_\x12\x48\x01\x04\x0a\x05\x01", 13);
    CHECK(acpi_s5_parse(aml, sizeof(aml), &a, &b));
    CHECK_EQ(a, 5);
    CHECK_EQ(b, 1);
    for (size_t n = 0; n < 60; n++) { /* cut anywhere: nothing is read beyond */
        uint8_t *cut = copy_of(aml, n);

        (void)acpi_s5_parse(cut, n, &a, &b);
        free(cut);
    }
}
