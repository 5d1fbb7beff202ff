/* SPDX-License-Identifier: BSD-2-Clause */
/* Layouts and numbers of the UEFI specification (2.10) that the hypervisor uses. */
#pragma once

#include <stdint.h>

#include "lib/types.h"

/* 4.2 EFI table header */
struct efi_table_header {
    uint64_t signature;
    uint32_t revision, header_bytes, crc32, reserved;
};
#define EFI_SYSTEM_TABLE_SIGNATURE 0x5453595320494249ULL   /* "IBI SYST" */
#define EFI_RUNTIME_TABLE_SIGNATURE 0x56524553544e5552ULL  /* "RUNTSERV" */

/* 4.3 EFI system table: pointers are physical addresses */
struct efi_system_table {
    struct efi_table_header header;
    uint64_t vendor; /* of UCS-2 text */
    uint32_t vendor_revision, pad;
    uint64_t console_in_handle, console_in, console_out_handle, console_out;
    uint64_t error_handle, error_out;
    uint64_t runtime_services, boot_services;
    uint64_t config_count, config_table;
};

/* 4.5 Runtime services table, as an array behind the header */
enum efi_service {
    EFI_GET_TIME,
    EFI_SET_TIME,
    EFI_GET_WAKEUP_TIME,
    EFI_SET_WAKEUP_TIME,
    EFI_SET_VIRTUAL_ADDRESS_MAP,
    EFI_CONVERT_POINTER,
    EFI_GET_VARIABLE,
    EFI_GET_NEXT_VARIABLE_NAME,
    EFI_SET_VARIABLE,
    EFI_GET_NEXT_HIGH_MONOTONIC_COUNT,
    EFI_RESET_SYSTEM,
    EFI_UPDATE_CAPSULE,
    EFI_QUERY_CAPSULE_CAPABILITIES,
    EFI_QUERY_VARIABLE_INFO,
    EFI_SERVICES,
};

struct efi_runtime_table {
    struct efi_table_header header;
    uint64_t service[EFI_SERVICES];
};

#define EFI_REVISION_2_00 0x00020000u

/* 7.2 Memory descriptors */
struct efi_memory_descriptor {
    uint32_t type, pad;
    uint64_t physical_start, virtual_start, pages, attribute;
};
#define EFI_MEMORY_UC (1ULL << 0)
#define EFI_MEMORY_WC (1ULL << 1)
#define EFI_MEMORY_WT (1ULL << 2)
#define EFI_MEMORY_WB (1ULL << 3)
#define EFI_MEMORY_RUNTIME (1ULL << 63)

/* 8.3 Time */
struct efi_time {
    uint16_t year;
    uint8_t month, day, hour, minute, second, pad1;
    uint32_t nanosecond;
    int16_t time_zone;
    uint8_t daylight, pad2;
};
struct efi_time_capabilities {
    uint32_t resolution, accuracy;
    uint8_t sets_to_zero;
};

/* 8.5.1 Reset */
enum efi_reset_type { EFI_RESET_COLD, EFI_RESET_WARM, EFI_RESET_SHUTDOWN };

/* Appendix D: status codes */
#define EFI_ERROR_BIT (1ULL << 63)
#define EFI_UNSUPPORTED (EFI_ERROR_BIT | 3)

static_assert(sizeof(struct efi_system_table) == 120, "UEFI 4.3");
static_assert(offsetof(struct efi_runtime_table, service) == 24, "UEFI 4.5");
static_assert(sizeof(struct efi_memory_descriptor) == 40, "UEFI 7.2");
static_assert(sizeof(struct efi_time) == 16, "UEFI 8.3");
