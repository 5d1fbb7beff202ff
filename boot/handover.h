/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The one thing a loader hands to the hypervisor: where everything is.
 *
 * Entry contract (both loaders): long mode, interrupts off, flat 64-bit CS, RDI = physical address
 * of struct boot_handover. CR3 maps the first 4 GiB and everything named below at identity (2 MiB
 * pages), and the hypervisor image at its link addresses. The image lies in one 2 MiB-aligned
 * physical range; every LOAD segment is at image.base + (p_vaddr - lowest p_vaddr), its bss zeroed.
 * Page tables, this structure and all strings lie in ranges marked BOOT_USE_LOADER: the hypervisor
 * copies what it wants and then owns that memory.
 */
#pragma once

#include <stdint.h>

#define BOOT_HANDOVER_MAGIC 0x31304f444e455aULL /* "ZENDO01" */

/* Types are those of ACPI's INT 15h E820 (ACPI 6.4 table 15-374). */
enum boot_range_type {
    BOOT_RANGE_RAM = 1,
    BOOT_RANGE_RESERVED = 2,
    BOOT_RANGE_ACPI = 3,
    BOOT_RANGE_NVS = 4,
    BOOT_RANGE_UNUSABLE = 5,
};

/* Who occupies a piece of RAM at hand-over. Later entries of the map never overlap earlier ones. */
enum boot_range_use {
    BOOT_USE_FREE = 0,
    BOOT_USE_LOADER,      /* tables, handover, strings: free after copying */
    BOOT_USE_HYPERVISOR,  /* the image */
    BOOT_USE_KERNEL,      /* unpacked dom0 ELF: free after dom0 is built */
    BOOT_USE_RAMDISK,     /* dom0 ramdisk */
    BOOT_USE_EFI_RUNTIME, /* EFI runtime services code or data: never given away, must stay mapped
                           */
    BOOT_USE_FIRMWARE, /* tables the firmware left in RAM-like memory (EFI configuration tables) */
    BOOT_USE_DOM0, /* (not by loaders) kept for what dom0 needs at a certain address */
};

struct boot_range {
    uint64_t base;  /* physical byte address */
    uint64_t bytes;
    uint32_t type;  /* enum boot_range_type */
    uint32_t use;   /* enum boot_range_use */
};

/* A physical range holding a file or a string; bytes == 0 means absent. */
struct boot_blob {
    uint64_t base;
    uint64_t bytes;
};

enum boot_screen_kind { BOOT_SCREEN_NONE = 0, BOOT_SCREEN_TEXT, BOOT_SCREEN_LINEAR };

struct boot_screen {
    uint32_t kind;           /* enum boot_screen_kind */
    uint32_t width, height;  /* pixels, or columns and rows of text */
    uint32_t pitch_bytes;
    uint32_t bits_per_pixel;
    uint8_t red_pos, red_bits, green_pos, green_bits, blue_pos, blue_bits;
    uint8_t from_efi;        /* GOP rather than VBE */
    uint8_t pad;
    uint64_t base;           /* physical address of the first pixel or character cell */
    uint64_t bytes;
};

struct boot_efi {
    uint64_t system_table;       /* physical; 0 when not started from EFI */
    struct boot_blob memory_map; /* EFI_MEMORY_DESCRIPTORs as ExitBootServices left them */
    uint32_t descriptor_bytes;
    uint32_t descriptor_version;
};

struct boot_handover {
    uint64_t magic;              /* BOOT_HANDOVER_MAGIC */
    uint64_t bytes;              /* sizeof(struct boot_handover) as the loader knew it */
    uint64_t entry_tsc;          /* RDTSC at the loader's first instruction */
    struct boot_blob ranges;     /* struct boot_range[], sorted by base, not overlapping */
    struct boot_blob image;      /* the hypervisor in memory, bss included */
    struct boot_blob
        elf; /* the hypervisor's ELF file as carried (symbols for backtraces), may be absent */
    struct boot_blob
        cmdline; /* hypervisor's options: NUL-terminated text, bytes includes the NUL */
    struct boot_blob kernel;     /* dom0 kernel, unpacked: an ELF file */
    struct boot_blob kernel_cmdline;
    struct boot_blob ramdisk;    /* raw file, or absent */
    struct boot_blob loader_name;
    uint64_t acpi_rsdp;          /* physical address of the RSDP, or of a copy of it; 0 unknown */
    struct boot_screen screen;
    struct boot_efi efi;
};
