/* SPDX-License-Identifier: BSD-2-Clause */
/* Building the first PV domain from a kernel file in memory. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "lib/types.h"
#include "mm/frame.h"

struct domain;

struct dom0_source {
    const void *kernel;      /* ELF file, mapped */
    size_t kernel_bytes;
    const char *cmdline;     /* kernel's command line */
    paddr_t ramdisk;         /* page-aligned RAM that becomes dom0's as it lies; bytes 0: none */
    uint64_t ramdisk_bytes;
    uint64_t pages;          /* memory to give it */
    const void *vga_info;    /* struct dom0_vga_console_info */
    size_t vga_info_bytes;
};

/*
 * Fill @d (empty, with vCPU 0) from @source: memory, page tables, start_info, registers. Returns
 * NULL, or what is wrong in words ("the kernel has no ENTRY note"). Boot CPU; nothing is undone on
 * failure, which ends the boot.
 */
const char *must_check pv_build_dom0(struct domain *d, const struct dom0_source *source);
