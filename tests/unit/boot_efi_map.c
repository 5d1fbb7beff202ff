/* SPDX-License-Identifier: BSD-2-Clause */
/* EFI memory maps and configuration tables. */
/* sources: boot/common/efi_map.c boot/common/memmap.c */
/* cflags: -I/usr/include/efi -I/usr/include/efi/x86_64 */
#include "tests/unit/check.h"

#include <efi.h>

#include "boot/common/efi_map.h"

#define STRIDE 48

static struct boot_range storage[100];
static struct memmap map;

static void enter(const EFI_MEMORY_DESCRIPTOR *descriptors, size_t count)
{
    static uint8_t raw[STRIDE * 20];

    memset(raw, 0xcc, sizeof raw);
    for (size_t i = 0; i < count; i++)
        memcpy(raw + i * STRIDE, &descriptors[i], sizeof descriptors[i]);
    memmap_init(&map, storage, 100);
    CHECK_EQ(efi_map_enter(&map, raw, count * STRIDE + 5, STRIDE), 0);
}

static void range_is(size_t index, uint64_t base, uint64_t end, uint32_t type, uint32_t use)
{
    CHECK(index < map.count);
    CHECK_EQ(map.range[index].base, base);
    CHECK_EQ(map.range[index].base + map.range[index].bytes, end);
    CHECK_EQ(map.range[index].type, type);
    CHECK_EQ(map.range[index].use, use);
}

TEST(efi_types_are_translated)
{
    const UINT64 wb = EFI_MEMORY_WB, run = EFI_MEMORY_WB | EFI_MEMORY_RUNTIME;
    const EFI_MEMORY_DESCRIPTOR descriptors[] = {
        {EfiRuntimeServicesData, 0, 0x80000, 0, 0x10, run},
        {EfiConventionalMemory, 0, 0, 0, 0x20, wb},
        {EfiBootServicesCode, 0, 0x20000, 0, 0x10, wb},
        {EfiBootServicesData, 0, 0x30000, 0, 0x10, wb},
        {EfiLoaderCode, 0, 0x40000, 0, 0x10, wb},
        {EfiLoaderData, 0, 0x50000, 0, 0x10, wb},
        {EfiACPIReclaimMemory, 0, 0x60000, 0, 0x10, wb},
        {EfiACPIMemoryNVS, 0, 0x70000, 0, 0x10, wb},
        {EfiConventionalMemory, 0, 0x90000, 0, 0x10, EFI_MEMORY_UC},
        {EfiUnusableMemory, 0, 0xa0000, 0, 0x10, wb},
        {EfiMemoryMappedIO, 0, 0xfe000000, 0, 1, EFI_MEMORY_UC | EFI_MEMORY_RUNTIME},
        {EfiReservedMemoryType, 0, 0xff000000, 0, ~0ULL, 0},
    };

    enter(descriptors, sizeof descriptors / sizeof descriptors[0]);
    CHECK_EQ(map.count, 8);
    range_is(0, 0, 0x60000, BOOT_RANGE_RAM, BOOT_USE_FREE);
    range_is(1, 0x60000, 0x70000, BOOT_RANGE_ACPI, BOOT_USE_FREE);
    range_is(2, 0x70000, 0x80000, BOOT_RANGE_NVS, BOOT_USE_FREE);
    range_is(3, 0x80000, 0x90000, BOOT_RANGE_RESERVED, BOOT_USE_EFI_RUNTIME);
    range_is(4, 0x90000, 0xa0000, BOOT_RANGE_RESERVED, BOOT_USE_FREE);
    range_is(5, 0xa0000, 0xb0000, BOOT_RANGE_UNUSABLE, BOOT_USE_FREE);
    range_is(6, 0xfe000000, 0xfe001000, BOOT_RANGE_RESERVED, BOOT_USE_EFI_RUNTIME);
    range_is(7, 0xff000000, ~0ULL - 0xfff, BOOT_RANGE_RESERVED, BOOT_USE_FREE);
}

TEST(efi_map_with_small_entries_is_refused)
{
    memmap_init(&map, storage, 100);
    CHECK_EQ(efi_map_enter(&map, storage, 100, sizeof(EFI_MEMORY_DESCRIPTOR) - 1), -1);
    CHECK_EQ(efi_map_enter(&map, storage, 100, 0), -1);
}

static bool is_firmware(const void *place)
{
    uint64_t at = (uintptr_t)place;

    for (size_t i = 0; i < map.count; i++)
        if (at >= map.range[i].base && at < map.range[i].base + map.range[i].bytes)
            return map.range[i].use == BOOT_USE_FIRMWARE;
    return false;
}

TEST(efi_tables_are_kept)
{
    static _Alignas(4096) uint8_t smbios_data[16384], other[4096], smbios[4096];
    static EFI_CONFIGURATION_TABLE tables[4] = {
        {ACPI_TABLE_GUID, (void *)0x1000},
        {SMBIOS3_TABLE_GUID, smbios},
        {{0x11111111, 2, 3, {4}}, other},
        {ACPI_20_TABLE_GUID, (void *)0x2000},
    };
    EFI_SYSTEM_TABLE system = {.NumberOfTableEntries = 4, .ConfigurationTable = tables};
    uint64_t data = (uintptr_t)smbios_data, rsdp;
    uint32_t most = 9000;

    memcpy(smbios, "_SM3_\0\x18", 7);
    memcpy(smbios + 12, &most, 4);
    memcpy(smbios + 16, &data, 8);
    memmap_init(&map, storage, 100);
    memmap_add(&map, 0, 1ULL << 62, BOOT_RANGE_RAM, BOOT_USE_FREE);
    CHECK_EQ(efi_tables_enter(&map, (uintptr_t)&system, UINT64_MAX, &rsdp), 0);
    CHECK_EQ(rsdp, 0x2000);
    CHECK(is_firmware(&system));
    CHECK(is_firmware(tables));
    CHECK(is_firmware(smbios));
    CHECK(is_firmware(other));
    CHECK(is_firmware(smbios_data));
    CHECK(is_firmware(smbios_data + 8999));
    CHECK(!is_firmware(smbios_data + 12288));
    /* What cannot be read is not read. */
    CHECK_EQ(efi_tables_enter(&map, 0x100000000, 0x100000000, &rsdp), 0);
    CHECK_EQ(rsdp, 0);
    tables[1].VendorTable = (void *)0x7000000000000000;
    CHECK_EQ(efi_tables_enter(&map, (uintptr_t)&system, 0x7000000000000000, &rsdp), 0);
    system.NumberOfTableEntries = 1;
    CHECK_EQ(efi_tables_enter(&map, (uintptr_t)&system, UINT64_MAX, &rsdp), 0);
    CHECK_EQ(rsdp, 0x1000);
}
