/* SPDX-License-Identifier: BSD-2-Clause */
/* The machine's memory as the loader described it, and the allocations made before the heap. */
#pragma once

#include <stdint.h>

#include "lib/types.h"
#include "mm/frame.h"
#include "mm/ram.h"

struct boot_handover;

/* Copy and check the loader's ranges (sorted, not overlapping; page-rounded inwards for RAM). */
void memmap_init(const struct boot_handover *handover);

/*
 * mem=, availmem=: RAM that nobody uses yet and that lies above @limit, or above what the first
 * @most bytes of RAM reach, is never used (0: no such limit). badpage=: neither are the free frames
 * @first to @last; false: none of them is free RAM. What is taken away is shown to dom0 as
 * unusable. After memmap_init(), before anything is allocated.
 */
void memmap_limit(uint64_t limit, uint64_t most);
bool memmap_bad_frames(uint64_t first, uint64_t last);

/* Who uses the @bytes from @base on: bits 1 << enum boot_range_use, and MEMMAP_NO_RAM if not all
 * of that is RAM. */
#define MEMMAP_NO_RAM (1u << 31)
uint32_t memmap_uses(uint64_t base, uint64_t bytes);
/* What of these whole pages of RAM has one of the uses @from (bits) gets use @to. False: the map
 * has no room for another entry. */
bool must_check memmap_reserve(uint64_t base, uint64_t bytes, uint32_t from, uint32_t to);

/* After mm/ is up: all free ranges to the heap; then, once dom0 is built, the loader's too. */
void memmap_give_to_heap(void);
void memmap_free_use(uint32_t use); /* enum boot_range_use whose memory is no longer needed */

/* Total bytes of RAM. */
uint64_t memmap_ram_bytes(void);
