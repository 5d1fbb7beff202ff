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

/* After mm/ is up: all free ranges to the heap; then, once dom0 is built, the loader's too. */
void memmap_give_to_heap(void);
void memmap_free_use(uint32_t use); /* enum boot_range_use whose memory is no longer needed */

/* Total bytes of RAM. */
uint64_t memmap_ram_bytes(void);
