/* SPDX-License-Identifier: BSD-2-Clause */
/* From the loader's ranges to ram_ranges[], and from there to the heap. */
#include "start/memmap.h"

#include "boot/handover.h"
#include "console/log.h"
#include "debug/panic.h"
#include "mm/heap.h"

#define RAM_RANGES_SPARE 64

void memmap_init(const struct boot_handover *handover)
{
    const struct boot_range *in = (const void *)handover->ranges.base;
    uint64_t count = handover->ranges.bytes / sizeof(*in);
    uint64_t last_end = 0;

    /* some entries are left for what is cut off at boot */
    if (count == 0 || count > RAM_RANGES_MAX - RAM_RANGES_SPARE)
        panic("the loader's memory map has %lu entries", count);
    for (uint64_t i = 0; i < count; i++) {
        struct ram_range r = {in[i].base, in[i].bytes, in[i].type, in[i].use};
        uint64_t end = r.base + r.bytes;

        if (end <= r.base || r.base < last_end)
            panic("the loader's memory map is not sorted at entry %lu (%#lx)", i, r.base);
        last_end = end;
        if (r.type == BOOT_RANGE_RAM) {
            r.base = ROUND_UP(r.base, PAGE_BYTES);
            end = ROUND_DOWN(end, PAGE_BYTES);
            if (end <= r.base)
                continue;
            r.bytes = end - r.base;
        }
        ram_ranges[ram_range_count++] = r;
    }
}

/* Frames below 1 MiB stay out of the heap but for the trampoline's use: firmware and BIOS data
 * live there, and nothing but very old DMA would want them. */
#define HEAP_LOWEST MiB

void memmap_free_use(uint32_t use)
{
    for (unsigned int i = 0; i < ram_range_count; i++) {
        struct ram_range *r = &ram_ranges[i];

        if (r->type != BOOT_RANGE_RAM || r->use != use || r->base < HEAP_LOWEST)
            continue;
        heap_add(MFN(r->base >> PAGE_SHIFT), r->bytes >> PAGE_SHIFT);
        if (use != BOOT_USE_FREE)
            r->use = BOOT_USE_FREE;
    }
}

void memmap_give_to_heap(void)
{
    memmap_free_use(BOOT_USE_FREE);
}

uint64_t memmap_ram_bytes(void)
{
    uint64_t bytes = 0;

    for (unsigned int i = 0; i < ram_range_count; i++)
        if (ram_ranges[i].type == BOOT_RANGE_RAM)
            bytes += ram_ranges[i].bytes;
    return bytes;
}
