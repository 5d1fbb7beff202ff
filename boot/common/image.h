/* SPDX-License-Identifier: BSD-2-Clause */
/* The hypervisor's ELF file that a loader carries: its shape, and laying it out in memory. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* The image's physical base is a multiple of this, so that 2 MiB pages map it. */
#define IMAGE_ALIGN 0x200000ULL

struct image {
    const uint8_t *elf;
    size_t elf_bytes;
    uint64_t low;   /* lowest link address, a multiple of IMAGE_ALIGN */
    uint64_t bytes; /* from there to the end of the last segment's bss, whole pages */
    uint64_t entry; /* link address */
};

/* Reads the ELF's shape. Returns NULL, or the reason why it cannot be started. */
const char *image_open(const void *elf, size_t bytes, struct image *image);

/* Copies the segments to `to` (image->bytes of memory) and zeroes everything between them. */
void image_place(const struct image *image, void *to);
