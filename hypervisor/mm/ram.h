/* SPDX-License-Identifier: BSD-2-Clause */
/* Where RAM is: the ranges every room may ask about, and frames handed out before the heap. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/types.h"
#include "mm/frame.h"

struct ram_range {
    uint64_t base;  /* bytes, page-aligned for RAM */
    uint64_t bytes;
    uint32_t type;  /* E820 type (boot/handover.h) */
    uint32_t use;   /* enum boot_range_use */
};

/* Firmware of large machines gives some hundred; the loader has joined neighbours by now. */
#define RAM_RANGES_MAX 1024

/* Ranges of the firmware's map, sorted; set once at boot (start/memmap.c). */
extern struct ram_range ram_ranges[RAM_RANGES_MAX];
extern unsigned int ram_range_count;

/* One past the highest RAM frame. */
uint64_t ram_max_mfn(void);

/* Is the whole frame RAM (whoever uses it)? */
bool ram_is_frame(mfn_t m);

/* The type (boot/handover.h) that the map for dom0 gives to (the first part of) frame @m; 0: it is
 * not in the firmware's map. */
uint32_t ram_frame_type(mfn_t m);

/* @pages contiguous frames aligned to @align frames, below 4 GiB (reachable through the loader's
 * identity map), for good. Boot CPU before memmap_give_to_heap(); MFN_NONE when there are none. */
mfn_t ram_alloc_boot(uint64_t pages, uint64_t align);
/* As high as there are so many: for tables that grow with RAM and would not fit below 4 GiB. They
 * cannot be written before the hypervisor's own page tables are in use. Otherwise the same. */
mfn_t ram_alloc_boot_anywhere(uint64_t pages);

/* Turn RAM at and above @limit bytes into unusable ranges; how many bytes that were. Boot only,
 * before anything is allocated. */
uint64_t ram_cut_above(uint64_t limit);

/* The map for dom0 (XENMEM_machine_memory_map): @index-th entry, false past the end. The firmware's
 * map with the local APIC and IOAPIC pages added as reserved. */
bool ram_machine_map_entry(unsigned int index, uint64_t *base, uint64_t *bytes, uint32_t *type);
/* Add a reserved entry to that map (APICs, memory the hypervisor keeps from the firmware). */
void ram_machine_map_reserve(uint64_t base, uint64_t bytes);

/* A free page below 1 MiB for starting other CPUs; 0 when there is none. */
uint32_t ram_trampoline_page(void);
