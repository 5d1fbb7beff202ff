/* SPDX-License-Identifier: BSD-2-Clause */
/* The machine's memory map as a sorted list of ranges, and where a loader may put things in it. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "boot/handover.h"

/* No allocation below this address: the first MiB belongs to the BIOS and to starting CPUs. */
#define MEMMAP_LOW_END 0x100000ULL
#define MEMMAP_PAGE    4096ULL

struct memmap {
    struct boot_range *range;
    size_t count;
    size_t room; /* entries that fit in range[] */
};

/* An empty map that keeps its entries in the caller's array. */
void memmap_init(struct memmap *map, struct boot_range *range, size_t room);

/*
 * Enters what the firmware says about [base, base + bytes). Where ranges overlap the more careful
 * statement wins: unusable, then NVS, reserved, ACPI, RAM; among equals a use other than free wins.
 * A range that wraps is cut at the end of the address space. Unknown types count as reserved.
 * Returns 0, or -1 when the array is full (the map is then still valid, but lacks the range).
 */
int memmap_add(struct memmap *map, uint64_t base, uint64_t bytes, uint32_t type, uint32_t use);

/*
 * Gives every free piece of RAM in the range (widened to whole pages) to `use`. Other types and RAM
 * that already has a use stay as they are. Returns 0, or -1 when the array is full.
 */
int memmap_mark(struct memmap *map, uint64_t base, uint64_t bytes, uint32_t use);

/* The reverse: pieces of RAM of that use within the pages of the range become free again. */
int memmap_release(struct memmap *map, uint64_t base, uint64_t bytes, uint32_t use);

/*
 * Takes `bytes` (rounded up to pages) of free RAM at the highest address that is a multiple of
 * `align` (a power of two, at least a page), not below 1 MiB and ending at or before `limit`, and
 * marks it. Returns the address, or 0 when there is no such place.
 */
uint64_t memmap_take(struct memmap *map, uint64_t bytes, uint64_t align, uint64_t limit,
                     uint32_t use);

/* Joins neighbours that touch and agree. */
void memmap_merge(struct memmap *map);
