/* SPDX-License-Identifier: BSD-2-Clause */
/* What a PV kernel's ELF notes ask for. */
#pragma once

#include <stdint.h>

#include "lib/elf.h"

struct pv_kernel {
    struct elf_view elf;
    uint64_t virt_base;    /* virtual address of pfn 0 */
    uint64_t paddr_offset; /* subtracted from load addresses */
    uint64_t entry;        /* first instruction */
    uint64_t p2m_base;     /* where it wants its p2m list; 0: behind the kernel */
    uint64_t hypercall_page; /* virtual address of the page to fill, 0 none */
    uint64_t end_pfn;      /* one past the last frame of the loaded image */
    bool mod_start_pfn;    /* takes its ramdisk unmapped, by frame number */
};

/* Read the file; NULL or what is wrong. */
const char *must_check kernel_notes_read(struct pv_kernel *k, const void *file, size_t bytes);
