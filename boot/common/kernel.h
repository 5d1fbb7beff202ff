/* SPDX-License-Identifier: BSD-2-Clause */
/* A dom0 kernel file: what it is, how to unpack it, and whether it can be dom0. */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum kernel_packing {
    KERNEL_BARE, /* an ELF file as it is */
    KERNEL_GZIP,
    KERNEL_LZMA,
    KERNEL_XZ,
    KERNEL_LZ4,
    KERNEL_ZSTD,
};

struct kernel_file {
    enum kernel_packing packing;
    const uint8_t *payload;
    size_t payload_bytes; /* without the size word that follows it in a bzImage */
    size_t elf_bytes;     /* what it unpacks to */
    size_t scratch_bytes; /* working memory kernel_unpack needs from malloc, an upper bound */
};

/*
 * Recognises a bzImage (Linux Documentation/arch/x86/boot.rst: protocol 2.08 or later names its
 * payload) or a plain ELF file. Reads no byte outside [file, file + bytes). Returns NULL, or the
 * reason why not, to be printed after the file's name; constant text, as everywhere in the loaders.
 */
const char *kernel_open(const void *file, size_t bytes, struct kernel_file *kernel);

/*
 * Unpacks into `elf`, which has room for kernel->elf_bytes and does not overlap the file. A payload
 * that gives more or fewer bytes is an error. Returns NULL or the reason.
 */
const char *kernel_unpack(const struct kernel_file *kernel, void *elf);

/*
 * Checks that the ELF file is whole, is for x86-64, has an entry for Xen guests (note 1 or 18 of
 * xen/elfnote.h) and declares that it can be dom0 (XENFEAT_dom0). Returns NULL or the reason.
 */
const char *kernel_check_dom0(const void *elf, size_t bytes);
