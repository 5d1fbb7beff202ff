/* SPDX-License-Identifier: BSD-2-Clause */
/* What a multiboot2 loader tells us (Multiboot2 Specification version 2.0, section 3.6). */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "boot/handover.h"

/* EAX at entry (3.3). */
#define MB2_BOOT_MAGIC 0x36d76289U

struct mb2_module {
    uint64_t base;
    uint64_t bytes;
    const char *cmdline;
    size_t cmdline_bytes;
};

/* Pointers lead into the information block; a NULL or zero field means the tag is absent. */
struct mb2_info {
    const char *cmdline;
    size_t cmdline_bytes;
    const char *loader_name;
    size_t loader_name_bytes;
    struct mb2_module module[2]; /* kernel, ramdisk; any further module is ignored */
    unsigned modules;
    const uint8_t *memory_map;
    size_t memory_map_bytes;
    size_t memory_map_entry;
    const uint8_t *efi_map;
    size_t efi_map_bytes;
    uint32_t efi_descriptor_bytes;
    uint32_t efi_descriptor_version;
    uint64_t efi_system_table;
    const uint8_t *rsdp;
    size_t rsdp_bytes;
    struct boot_screen screen;
};

/* One entry of the memory map tag, in our terms. */
struct mb2_range {
    uint64_t base;
    uint64_t bytes;
    uint32_t type; /* enum boot_range_type */
};

/*
 * Reads all tags of the block of at most `limit` bytes. Returns NULL or the reason. A malformed tag
 * list is an error; unknown tags are not.
 */
const char *mb2_parse(const void *block, size_t limit, struct mb2_info *info);

/* Entry `index` of the memory map tag. Returns 0, or -1 past the end. */
int mb2_range_at(const struct mb2_info *info, size_t index, struct mb2_range *range);

/*
 * Drops a first word that is no option: `placeholder`, which GRUB scripts write because some GRUBs
 * lose the first word (Debian's 20_linux_xen), or a path, which other loaders pass; and blanks
 * around the text. Returns the start, sets *bytes.
 */
const char *mb2_options(const char *text, size_t *bytes);
