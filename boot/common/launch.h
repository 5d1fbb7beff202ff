/* SPDX-License-Identifier: BSD-2-Clause */
/* The last step of both loaders: fill in the hand-over and enter the hypervisor. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "boot/common/image.h"
#include "boot/common/memmap.h"
#include "boot/handover.h"

enum {
    LAUNCH_RANGES = 2048,
    LAUNCH_TEXT_BYTES = 16384,
    LAUNCH_EFI_MAP_BYTES = 131072,
    LAUNCH_RSDP_BYTES = 64,
    LAUNCH_SYSTEM_TABLE_BYTES = 120, /* UEFI 2.10, 4.3.1 */
    LAUNCH_TABLE_PAGES = 64,
    LAUNCH_STACK_BYTES = 4096,
};

/*
 * Everything that is written for the hypervisor to read, in one page-aligned piece of memory of use
 * BOOT_USE_LOADER. A loader fills range[] through a struct memmap, and efi_map and rsdp where it
 * has them, before launch_fill.
 */
struct launch {
    uint64_t table[LAUNCH_TABLE_PAGES][512];
    struct boot_handover handover;
    struct boot_range range[LAUNCH_RANGES];
    uint64_t gdt[3];
    uint64_t cr3;
    uint64_t entry;
    size_t tables_used;
    _Alignas(16) uint8_t stack[LAUNCH_STACK_BYTES];
    size_t text_used;
    char text[LAUNCH_TEXT_BYTES];
    uint8_t rsdp[LAUNCH_RSDP_BYTES];
    _Alignas(8) uint8_t efi_map[LAUNCH_EFI_MAP_BYTES];
};

/*
 * Begins the block: zeroes it, copies the hypervisor's image to image_base (identity mapped,
 * image->bytes of memory, 2 MiB aligned) and notes its place. The block must lie below 4 GiB or be
 * named in launch_map.
 */
void launch_begin(struct launch *launch, const struct image *image, uint64_t image_base);

/* Copies `bytes` of text and a NUL into the block. Returns 0, or -1 when there is no room. */
int launch_text(struct launch *launch, const char *text, size_t bytes, struct boot_blob *where);

/*
 * Builds the page tables: the first 4 GiB, the image's window, and whatever the filled-in hand-over
 * names elsewhere. launch_map adds a range to them afterwards. Both return 0 or -1 (out of tables).
 */
int launch_tables(struct launch *launch, const struct image *image);
int launch_map(struct launch *launch, uint64_t base, uint64_t bytes);

/*
 * Puts the finished map into the hand-over and enters the hypervisor, with interrupts off, on a
 * small stack of the block. Neither allocates nor fails.
 */
__attribute__((noreturn)) void launch_enter(struct launch *launch, struct memmap *map);

/* Loads tables and descriptors and jumps: in launch_jump.S. */
__attribute__((noreturn)) void launch_jump(uint64_t cr3, const void *gdt, uint64_t entry,
                                           const struct boot_handover *handover, void *stack_top);
