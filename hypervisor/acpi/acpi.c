/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Finding the firmware's tables and remembering what they say.
 *
 * Always true here: everything is read at boot, on one CPU, out of mappings made for it; afterwards
 * this room's facts never change, so any CPU reads them without a lock.
 */
#include "acpi/acpi.h"

#include "console/log.h"
#include "lib/string.h"
#include "mm/hvmap.h"
#include "mm/pool.h"

#define TABLE_MAX_BYTES (16 * MiB) /* more than any real table; a bound for a damaged length */
#define TABLES_MAX      128
#define ECAM_MAX        32

static struct {
    uint64_t rsdp;
    const struct acpi_header *tables[TABLES_MAX];
    uint64_t addresses[TABLES_MAX];
    unsigned int table_count;
    struct acpi_madt madt;
    struct acpi_fadt fadt;
    uint64_t hpet;
    struct acpi_serial serial;
    bool has_serial;
    struct acpi_ecam ecam[ECAM_MAX];
    size_t ecam_count;
} acpi;

/* Map a whole table; NULL when it is not readable or damaged. */
static const struct acpi_header *table_map(uint64_t address)
{
    const struct acpi_header *h;
    uint32_t length;

    if (!address)
        return NULL;
    h = device_map(PADDR(address), sizeof(*h), MAP_WB);
    if (!h)
        return NULL;
    length = h->length;
    if (length < sizeof(*h) || length > TABLE_MAX_BYTES)
        return NULL;
    if ((address & (PAGE_BYTES - 1)) + length > PAGE_BYTES)
        h = device_map(PADDR(address), length, MAP_WB);
    if (!h || !acpi_table_ok(h, length, NULL, sizeof(*h)))
        return NULL;
    return h;
}

/* Scan [base, base+bytes) of low memory for an RSDP: its address or 0. */
static uint64_t rsdp_scan(uint64_t base, size_t bytes)
{
    const uint8_t *block = device_map(PADDR(base), bytes, MAP_WB);
    size_t at;

    if (!block)
        return 0;
    at = acpi_rsdp_scan(block, bytes);
    return at < bytes ? base + at : 0;
}

/* ACPI 6.4, 5.2.5.1: the first KiB of the EBDA, then the BIOS read-only area. */
static uint64_t rsdp_find(void)
{
    enum { BDA_EBDA_SEGMENT = 0x40e }; /* BIOS data area: segment of the EBDA */
    const uint8_t *bda = device_map(PADDR(0), PAGE_BYTES, MAP_WB);
    uint64_t found = 0;
    uint64_t ebda = 0;

    if (bda)
        ebda = (uint64_t)(bda[BDA_EBDA_SEGMENT] | bda[BDA_EBDA_SEGMENT + 1] << 8) << 4;
    if (ebda >= 0x400 && ebda < 0xa0000)
        found = rsdp_scan(ebda, KiB);
    if (!found)
        found = rsdp_scan(0xe0000, 0x20000);
    return found;
}

/* Map every table the root names. */
static bool tables_load(void)
{
    const void *rsdp = device_map(PADDR(acpi.rsdp), sizeof(struct acpi_rsdp), MAP_WB);
    const struct acpi_header *header;
    struct acpi_root root;
    size_t count;

    if (!rsdp || !acpi_rsdp_parse(rsdp, sizeof(struct acpi_rsdp), &root))
        return false;
    header = table_map(root.address);
    if (!header || memcmp(header->signature, root.entry_bytes == 8 ? "XSDT" : "RSDT", 4))
        return false;
    count = acpi_root_count(header, root.entry_bytes);
    for (size_t i = 0; i < count && acpi.table_count < TABLES_MAX; i++) {
        uint64_t address = acpi_root_entry(header, root.entry_bytes, i);
        const struct acpi_header *t = table_map(address);

        if (t) {
            acpi.addresses[acpi.table_count] = address;
            acpi.tables[acpi.table_count++] = t;
        } else {
            log_warn("ACPI: table %zu at 0x%llx is unreadable or damaged", i,
                     (unsigned long long)address);
        }
    }
    return true;
}

const struct acpi_header *acpi_table(const char *signature, unsigned int nth)
{
    for (unsigned int i = 0; i < acpi.table_count; i++)
        if (!memcmp(acpi.tables[i]->signature, signature, 4) && nth-- == 0)
            return acpi.tables[i];
    return NULL;
}

const struct acpi_header *acpi_table_number(unsigned int i, uint64_t *address)
{
    if (i >= acpi.table_count)
        return NULL;
    *address = acpi.addresses[i];
    return acpi.tables[i];
}

static void madt_load(void)
{
    const struct acpi_header *t = acpi_table("APIC", 0);
    size_t cpus;

    if (!t || !acpi_madt_parse(t, t->length, &acpi.madt)) {
        log_warn("ACPI: no MADT");
        return;
    }
    cpus = acpi.madt.cpu_count;
    acpi.madt.cpus = pool_array(struct acpi_cpu, cpus ? cpus : 1);
    acpi.madt.cpus_max = acpi.madt.cpus ? cpus : 0;
    if (!acpi_madt_parse(t, t->length, &acpi.madt))
        log_error("ACPI: the MADT changed while it was read");
    if (acpi.madt.cpu_count > acpi.madt.cpus_max)
        acpi.madt.cpu_count = acpi.madt.cpus_max;
}

static void small_tables_load(void)
{
    const struct acpi_header *t = acpi_table("FACP", 0);

    if (!t || !acpi_fadt_parse(t, t->length, &acpi.fadt))
        log_warn("ACPI: no FADT");
    t = acpi_table("HPET", 0);
    if (t && !acpi_hpet_parse(t, t->length, &acpi.hpet))
        acpi.hpet = 0;
    t = acpi_table("MCFG", 0);
    if (t)
        acpi.ecam_count = acpi_mcfg_parse(t, t->length, acpi.ecam, ECAM_MAX);
    t = acpi_table("SPCR", 0);
    if (t)
        acpi.has_serial = acpi_spcr_parse(t, t->length, &acpi.serial);
}

void acpi_init(paddr_t rsdp)
{
    acpi.rsdp = rsdp.a ? rsdp.a : rsdp_find();
    if (!acpi.rsdp || !tables_load()) {
        log_warn("ACPI: no usable tables");
        acpi.rsdp = 0;
        acpi_power_init();
        return;
    }
    madt_load();
    small_tables_load();
    acpi_power_init();
    log_info("ACPI: RSDP 0x%llx, %u tables, %zu CPUs, %zu IOAPICs", (unsigned long long)acpi.rsdp,
             acpi.table_count, acpi.madt.cpu_count, acpi.madt.ioapic_count);
}

uint64_t acpi_rsdp_address(void)
{
    return acpi.rsdp;
}

const struct acpi_madt *acpi_madt(void)
{
    return &acpi.madt;
}

const struct acpi_fadt *acpi_fadt(void)
{
    return &acpi.fadt;
}

uint64_t acpi_hpet_base(void)
{
    return acpi.hpet;
}

bool acpi_pm_timer(struct acpi_register *reg, unsigned int *bits)
{
    if (!acpi.fadt.pm_timer.address)
        return false;
    *reg = acpi.fadt.pm_timer;
    *bits = acpi.fadt.pm_timer_32bit ? 32 : 24;
    return true;
}

uint8_t acpi_century_register(void)
{
    return acpi.fadt.century;
}

bool acpi_serial_console(struct acpi_serial *out)
{
    if (acpi.has_serial)
        *out = acpi.serial;
    return acpi.has_serial;
}

const struct acpi_ecam *acpi_ecam(size_t *count)
{
    *count = acpi.ecam_count;
    return acpi.ecam;
}

bool acpi_has_dmar(void)
{
    return acpi_table("DMAR", 0) != NULL;
}

bool acpi_has_ivrs(void)
{
    return acpi_table("IVRS", 0) != NULL;
}

uint32_t acpi_isa_gsi(uint8_t irq)
{
    const struct acpi_madt *madt = acpi_madt();

    for (size_t i = 0; i < madt->override_count; i++)
        if (madt->overrides[i].source == irq)
            return madt->overrides[i].gsi;
    return irq;
}
