/* SPDX-License-Identifier: BSD-2-Clause */
/* What UEFI firmware left running: its tables and its runtime services. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "efi/spec.h"
#include "lib/types.h"

struct boot_efi;

/* Take over @boot's tables and memory map (copied) and map what runtime services need. Without a
 * system table, or with one that makes no sense, there is no EFI. Boot CPU, once the heap works and
 * before the loader's memory is given away. */
void efi_init(const struct boot_efi *boot);

/* Was the machine started by UEFI firmware whose tables make sense? */
bool efi_present(void);

/* Facts of the system table; only if efi_present(). */
uint32_t efi_revision(void);
uint32_t efi_runtime_revision(void);
uint32_t efi_vendor_revision(void);
uint64_t efi_config_table(uint64_t *count);
/* UCS-2 text with its NUL; bytes include it. Never NULL. */
const uint16_t *efi_vendor(uint32_t *bytes);

/* The descriptor of the memory map that holds physical address @pa; NULL. */
const struct efi_memory_descriptor *efi_memory_at(uint64_t pa);

/*
 * Call a runtime service with up to six arguments (pointers: hypervisor addresses of its own
 * memory); the firmware's status. One call at a time on the machine; interrupts are off during it,
 * which may be long. EFI_UNSUPPORTED where there is none. Interrupts on, no locks.
 */
uint64_t efi_call_service(enum efi_service service, const uint64_t args[6]);

/* Reset the machine by the firmware's service, cold or warm; returns where that is not possible.
 * Any context, other CPUs stopped. */
void efi_reset(bool warm);
