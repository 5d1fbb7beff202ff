/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From EFI's view of memory to ours.
 *
 * What is always true here: the firmware wrote what is read (it could do anything anyway), but
 * counts and lengths are bounded so that a broken table cannot make the loader hang.
 */
#include "boot/common/efi_map.h"

#include <string.h>

#include <efi.h>

#define EFI_PAGE_BYTES   4096ULL
#define TABLES_MOST      256U
#define TABLE_MOST_BYTES (16ULL << 20)

static uint32_t range_type(const EFI_MEMORY_DESCRIPTOR *descriptor)
{
    switch (descriptor->Type) {
    case EfiLoaderCode:
    case EfiLoaderData:
    case EfiBootServicesCode:
    case EfiBootServicesData:
    case EfiConventionalMemory:
        /* Memory that cannot be cached is not for general use. */
        return descriptor->Attribute & EFI_MEMORY_WB ? BOOT_RANGE_RAM : BOOT_RANGE_RESERVED;
    case EfiACPIReclaimMemory:
        return BOOT_RANGE_ACPI;
    case EfiACPIMemoryNVS:
        return BOOT_RANGE_NVS;
    case EfiUnusableMemory:
        return BOOT_RANGE_UNUSABLE;
    default:
        return BOOT_RANGE_RESERVED;
    }
}

int efi_map_enter(struct memmap *map, const void *descriptors, size_t bytes, size_t stride)
{
    const uint8_t *at = descriptors;

    if (stride < sizeof(EFI_MEMORY_DESCRIPTOR))
        return -1;
    for (; bytes >= stride; bytes -= stride, at += stride) {
        EFI_MEMORY_DESCRIPTOR descriptor;
        uint64_t pages;
        uint32_t use;

        memcpy(&descriptor, at, sizeof descriptor);
        pages = descriptor.NumberOfPages;
        if (pages > UINT64_MAX / EFI_PAGE_BYTES)
            pages = UINT64_MAX / EFI_PAGE_BYTES;
        use = descriptor.Attribute & EFI_MEMORY_RUNTIME ? BOOT_USE_EFI_RUNTIME : BOOT_USE_FREE;
        if (memmap_add(map, descriptor.PhysicalStart, pages * EFI_PAGE_BYTES,
                       range_type(&descriptor), use))
            return -1;
    }
    memmap_merge(map);
    return 0;
}

static uint32_t word32(const uint8_t *at)
{
    uint32_t word;

    memcpy(&word, at, sizeof word);
    return word;
}

static uint64_t word64(const uint8_t *at)
{
    uint64_t word;

    memcpy(&word, at, sizeof word);
    return word;
}

static int firmware_mark(struct memmap *map, uint64_t base, uint64_t bytes)
{
    if (bytes > TABLE_MOST_BYTES)
        bytes = TABLE_MOST_BYTES;
    return memmap_mark(map, base, bytes, BOOT_USE_FIRMWARE);
}

/* Marks one table, and what it points to where that is known to be possible in plain memory. */
static int table_mark(struct memmap *map, const EFI_GUID *guid, const uint8_t *table)
{
    static const EFI_GUID smbios = SMBIOS_TABLE_GUID;
    static const EFI_GUID smbios3 = SMBIOS3_TABLE_GUID;
    /* UEFI 2.10, 23.4: EFI_SYSTEM_RESOURCE_TABLE; 4.6: EFI_MEMORY_ATTRIBUTES_TABLE. */
    static const EFI_GUID esrt = {
        0xb122a263, 0x3661, 0x4f68, {0x99, 0x29, 0x78, 0xf8, 0xb0, 0xd6, 0x21, 0x80}};
    static const EFI_GUID attributes = {
        0xdcfa911d, 0x26eb, 0x469f, {0xa2, 0x20, 0x38, 0xb7, 0xdc, 0x46, 0x12, 0x20}};
    uint64_t base = (uintptr_t)table, bytes = 1;

    if (memcmp(guid, &smbios, sizeof *guid) == 0 && memcmp(table, "_SM_", 4) == 0) {
        /* DMTF DSP0134, 5.2.1: length at 5, structures' length at 0x16 and address at 0x18. */
        bytes = table[5];
        if (firmware_mark(map, word32(table + 0x18), word32(table + 0x16) & 0xffff))
            return -1;
    } else if (memcmp(guid, &smbios3, sizeof *guid) == 0 && memcmp(table, "_SM3_", 5) == 0) {
        /* DSP0134, 5.2.2: length at 6, most bytes of structures at 0xc, address at 0x10. */
        bytes = table[6];
        if (firmware_mark(map, word64(table + 0x10), word32(table + 0xc)))
            return -1;
    } else if (memcmp(guid, &esrt, sizeof *guid) == 0) {
        bytes = 16 + (uint64_t)word32(table) * 40;
    } else if (memcmp(guid, &attributes, sizeof *guid) == 0) {
        bytes = 16 + (uint64_t)word32(table + 4) * word32(table + 8);
    }
    return firmware_mark(map, base, bytes);
}

int efi_tables_enter(struct memmap *map, uint64_t system_table, uint64_t reach, uint64_t *rsdp)
{
    static const EFI_GUID acpi1 = ACPI_TABLE_GUID;
    static const EFI_GUID acpi2 = ACPI_20_TABLE_GUID;
    const EFI_SYSTEM_TABLE *system = (const EFI_SYSTEM_TABLE *)(uintptr_t)system_table;
    uint64_t old_root = 0, table;
    UINTN i, count;

    *rsdp = 0;
    if (!system_table || system_table >= reach)
        return 0;
    count = system->NumberOfTableEntries;
    if (count > TABLES_MOST)
        count = TABLES_MOST;
    if (firmware_mark(map, system_table, sizeof *system) ||
        firmware_mark(map, (uintptr_t)system->ConfigurationTable,
                      count * sizeof(EFI_CONFIGURATION_TABLE)))
        return -1;
    if ((uintptr_t)system->ConfigurationTable >= reach)
        return 0;
    for (i = 0; i < count; i++) {
        const EFI_CONFIGURATION_TABLE *entry = &system->ConfigurationTable[i];

        table = (uintptr_t)entry->VendorTable;
        if (!table)
            continue;
        if (memcmp(&entry->VendorGuid, &acpi2, sizeof acpi2) == 0)
            *rsdp = table;
        else if (memcmp(&entry->VendorGuid, &acpi1, sizeof acpi1) == 0)
            old_root = table;
        if (table >= reach ? firmware_mark(map, table, 1)
                           : table_mark(map, &entry->VendorGuid, entry->VendorTable))
            return -1;
    }
    if (!*rsdp)
        *rsdp = old_root;
    return 0;
}
