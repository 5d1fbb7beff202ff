/* SPDX-License-Identifier: BSD-2-Clause */
/* The MADT: CPUs, IOAPICs, how ISA interrupts are wired, where NMIs come from. */
#include "acpi/parse.h"

#include "lib/string.h"

enum { CPU_ENABLED = 1u << 0, CPU_ONLINE_CAPABLE = 1u << 1 };

static void cpu_add(struct acpi_madt *m, uint32_t apic_id, uint32_t uid, uint32_t flags)
{
    if (!(flags & (CPU_ENABLED | CPU_ONLINE_CAPABLE)))
        return; /* nothing there, and never will be */
    for (size_t i = 0; i < min(m->cpu_count, m->cpus_max); i++)
        if (m->cpus[i].apic_id == apic_id)
            return; /* some firmware names a CPU twice, for both kinds of local APIC */
    if (m->cpu_count < m->cpus_max)
        m->cpus[m->cpu_count] =
            (struct acpi_cpu){.apic_id = apic_id, .uid = uid, .enabled = flags & CPU_ENABLED};
    m->cpu_count++;
}

static uint8_t flag_polarity(uint16_t flags)
{
    return flags & 3;
}

static uint8_t flag_trigger(uint16_t flags)
{
    return (flags >> 2) & 3;
}

/* Copy the entry at @at into the local @e if it is long enough. */
#define ENTRY_GET(e, at, length) ((length) >= sizeof(e) && (memcpy(&(e), (at), sizeof(e)), true))

static void cpu_entry(struct acpi_madt *m, const uint8_t *at, size_t length)
{
    struct acpi_madt_lapic lapic;
    struct acpi_madt_x2apic x2apic;

    if (at[0] == ACPI_MADT_LAPIC && ENTRY_GET(lapic, at, length)) {
        if (lapic.apic_id != 0xff) /* the broadcast id: firmware's mark of an empty place */
            cpu_add(m, lapic.apic_id, lapic.uid, lapic.flags);
    } else if (at[0] == ACPI_MADT_X2APIC && ENTRY_GET(x2apic, at, length)) {
        if (x2apic.apic_id != ~0u)
            cpu_add(m, x2apic.apic_id, x2apic.uid, x2apic.flags);
    }
}

static void ioapic_entry(struct acpi_madt *m, const uint8_t *at, size_t length)
{
    struct acpi_madt_ioapic e;

    if (m->ioapic_count < ACPI_MAX_IOAPICS && ENTRY_GET(e, at, length))
        m->ioapics[m->ioapic_count++] =
            (struct acpi_ioapic){.address = e.address, .gsi_base = e.gsi_base, .id = e.id};
}

static void override_entry(struct acpi_madt *m, const uint8_t *at, size_t length)
{
    struct acpi_madt_override e;

    if (m->override_count < ACPI_MAX_OVERRIDES && ENTRY_GET(e, at, length) && e.bus == 0 &&
        e.source < 16)
        m->overrides[m->override_count++] =
            (struct acpi_override){.source = e.source,
                                   .polarity = flag_polarity(e.flags),
                                   .trigger = flag_trigger(e.flags),
                                   .gsi = e.gsi};
}

static void nmi_entry(struct acpi_madt *m, const uint8_t *at, size_t length)
{
    struct acpi_madt_nmi_source source;
    struct acpi_madt_lapic_nmi lapic;
    struct acpi_madt_x2apic_nmi x2apic;
    struct acpi_local_nmi nmi;

    if (at[0] == ACPI_MADT_NMI_SOURCE) {
        if (m->nmi_source_count < ACPI_MAX_NMI_SOURCES && ENTRY_GET(source, at, length))
            m->nmi_sources[m->nmi_source_count++] =
                (struct acpi_nmi_source){.gsi = source.gsi,
                                         .polarity = flag_polarity(source.flags),
                                         .trigger = flag_trigger(source.flags)};
        return;
    }
    if (m->local_nmi_count >= ACPI_MAX_LOCAL_NMIS)
        return;
    if (at[0] == ACPI_MADT_LAPIC_NMI && ENTRY_GET(lapic, at, length))
        nmi = (struct acpi_local_nmi){.uid = lapic.uid == 0xff ? ACPI_UID_ALL : lapic.uid,
                                      .lint = lapic.lint,
                                      .polarity = flag_polarity(lapic.flags),
                                      .trigger = flag_trigger(lapic.flags)};
    else if (at[0] == ACPI_MADT_X2APIC_NMI && ENTRY_GET(x2apic, at, length))
        nmi = (struct acpi_local_nmi){.uid = x2apic.uid,
                                      .lint = x2apic.lint,
                                      .polarity = flag_polarity(x2apic.flags),
                                      .trigger = flag_trigger(x2apic.flags)};
    else
        return;
    if (nmi.lint <= 1)
        m->local_nmis[m->local_nmi_count++] = nmi;
}

static void madt_entry(struct acpi_madt *m, const uint8_t *at, size_t length)
{
    struct acpi_madt_lapic_address address;

    switch ((enum acpi_madt_type)at[0]) {
    case ACPI_MADT_LAPIC:
    case ACPI_MADT_X2APIC:
        cpu_entry(m, at, length);
        break;
    case ACPI_MADT_IOAPIC:
        ioapic_entry(m, at, length);
        break;
    case ACPI_MADT_OVERRIDE:
        override_entry(m, at, length);
        break;
    case ACPI_MADT_NMI_SOURCE:
    case ACPI_MADT_LAPIC_NMI:
    case ACPI_MADT_X2APIC_NMI:
        nmi_entry(m, at, length);
        break;
    case ACPI_MADT_LAPIC_ADDRESS:
        if (ENTRY_GET(address, at, length))
            m->lapic_address = address.address;
        break;
    }
}

bool acpi_madt_parse(const void *table, size_t bytes, struct acpi_madt *out)
{
    struct acpi_cpu *cpus = out->cpus;
    size_t cpus_max = out->cpus_max;
    struct acpi_madt_table m;

    memset(out, 0, sizeof(*out));
    out->cpus = cpus;
    out->cpus_max = cpus_max;
    if (!acpi_table_ok(table, bytes, "APIC", sizeof(m)))
        return false;
    memcpy(&m, table, sizeof(m));
    out->lapic_address = m.lapic_address;
    out->has_8259 = m.flags & 1;
    for (size_t at = sizeof(m); at + 2 <= m.header.length;) {
        const uint8_t *entry = (const uint8_t *)table + at;
        size_t length = entry[1];

        if (length < 2 || length > m.header.length - at)
            break;
        madt_entry(out, entry, length);
        at += length;
    }
    return true;
}
