/* SPDX-License-Identifier: BSD-2-Clause */
/* EFI's memory map and configuration tables in our terms. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "boot/common/memmap.h"

/*
 * Enters an EFI memory map (EFI_MEMORY_DESCRIPTORs, each of `stride` bytes) as it stands once boot
 * services have ended: what the loader and boot services used is free RAM (UEFI 2.10, table 7.10).
 * Memory with EFI_MEMORY_RUNTIME gets use BOOT_USE_EFI_RUNTIME. Returns 0, or -1: the map is full
 * or stride is too small.
 */
int efi_map_enter(struct memmap *map, const void *descriptors, size_t bytes, size_t stride);

/*
 * Marks the system table, the array of configuration tables and the tables themselves as
 * BOOT_USE_FIRMWARE wherever they lie in free RAM. Reads firmware memory at its physical address,
 * but nothing at or above `reach`, which is not mapped. Sets *rsdp to the ACPI root (2.0 or later
 * if there is one), 0 when there is none. Returns 0, or -1 when the map is full.
 */
int efi_tables_enter(struct memmap *map, uint64_t system_table, uint64_t reach, uint64_t *rsdp);
