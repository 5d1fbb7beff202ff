/* SPDX-License-Identifier: BSD-2-Clause */
/* Ranges of RAM, boot-time allocation from them, and the memory map shown to dom0. */
#include "mm/ram.h"

#include "boot/handover.h"

struct ram_range ram_ranges[RAM_RANGES_MAX];
unsigned int ram_range_count;

static struct ram_range extra_reserved[130]; /* local APIC and up to 128 IOAPICs */
static unsigned int extra_count;
static uint32_t trampoline;

uint64_t ram_max_mfn(void)
{
    uint64_t top = 0;

    for (unsigned int i = 0; i < ram_range_count; i++) {
        const struct ram_range *r = &ram_ranges[i];

        if (r->type == BOOT_RANGE_RAM && r->base + r->bytes > top)
            top = r->base + r->bytes;
    }
    return top >> PAGE_SHIFT;
}

bool ram_is_frame(mfn_t m)
{
    uint64_t at = m.n << PAGE_SHIFT;

    for (unsigned int i = 0; i < ram_range_count; i++) {
        const struct ram_range *r = &ram_ranges[i];

        if (r->type == BOOT_RANGE_RAM && at >= r->base && at - r->base < r->bytes)
            return r->bytes - (at - r->base) >= PAGE_BYTES;
    }
    return false;
}

/* Type as dom0 is told: tables the firmware left in ordinary RAM must not be used as RAM. */
static uint32_t shown_type(const struct ram_range *r)
{
    return r->use == BOOT_USE_EFI_RUNTIME || r->use == BOOT_USE_FIRMWARE ? BOOT_RANGE_RESERVED
                                                                         : r->type;
}

uint32_t ram_frame_type(mfn_t m)
{
    uint64_t at = m.n << PAGE_SHIFT;

    for (unsigned int i = 0; i < ram_range_count; i++) {
        const struct ram_range *r = &ram_ranges[i];

        if (at + PAGE_BYTES > r->base && at < r->base + r->bytes)
            return shown_type(r);
    }
    return 0;
}

/* From the top of the highest range below @limit: low memory is precious (DMA, trampoline). */
static mfn_t alloc_below(uint64_t limit, uint64_t pages, uint64_t align)
{
    uint64_t bytes = pages << PAGE_SHIFT;

    for (unsigned int i = ram_range_count; i-- > 0;) {
        struct ram_range *r = &ram_ranges[i];
        uint64_t end = min(r->base + r->bytes, limit);
        uint64_t start;

        if (r->type != BOOT_RANGE_RAM || r->use != BOOT_USE_FREE || r->base < MiB ||
            r->base >= limit || end - r->base < bytes)
            continue;
        start = ROUND_DOWN(end - bytes, align << PAGE_SHIFT);
        if (start < r->base)
            continue;
        if (start + bytes == r->base + r->bytes) {
            r->bytes -= bytes;
            if (ram_range_count < RAM_RANGES_MAX) {
                for (unsigned int j = ram_range_count; j > i + 1; j--)
                    ram_ranges[j] = ram_ranges[j - 1];
                ram_range_count++;
                ram_ranges[i + 1] = (struct ram_range){start, bytes, BOOT_RANGE_RAM,
                                                       BOOT_USE_HYPERVISOR};
                /* merge with a neighbour of the same kind */
                if (i + 2 < ram_range_count && ram_ranges[i + 2].use == BOOT_USE_HYPERVISOR &&
                    ram_ranges[i + 2].type == BOOT_RANGE_RAM &&
                    ram_ranges[i + 2].base == start + bytes) {
                    ram_ranges[i + 1].bytes += ram_ranges[i + 2].bytes;
                    for (unsigned int j = i + 2; j + 1 < ram_range_count; j++)
                        ram_ranges[j] = ram_ranges[j + 1];
                    ram_range_count--;
                }
            }
            return MFN(start >> PAGE_SHIFT);
        }
        /* aligned start leaves a tail: split it off and try again at the exact end */
        if (ram_range_count + 1 >= RAM_RANGES_MAX)
            return MFN_NONE;
        for (unsigned int j = ram_range_count; j > i + 1; j--)
            ram_ranges[j] = ram_ranges[j - 1];
        ram_range_count++;
        ram_ranges[i + 1] = (struct ram_range){start + bytes, r->base + r->bytes - start - bytes,
                                               BOOT_RANGE_RAM, BOOT_USE_FREE};
        r->bytes = start + bytes - r->base;
        i++; /* look at the shortened range again */
        i++;
    }
    return MFN_NONE;
}

mfn_t ram_alloc_boot(uint64_t pages, uint64_t align)
{
    return alloc_below(4 * GiB, pages, align);
}

mfn_t ram_alloc_boot_anywhere(uint64_t pages)
{
    return alloc_below(~0ULL, pages, 1);
}

uint64_t ram_cut_above(uint64_t limit)
{
    uint64_t lost = 0;

    for (unsigned int i = ram_range_count; i-- > 0;) {
        struct ram_range *r = &ram_ranges[i];
        uint64_t end = r->base + r->bytes;

        if (r->type != BOOT_RANGE_RAM || end <= limit)
            continue;
        if (r->base >= limit) {
            lost += r->bytes;
            r->type = BOOT_RANGE_UNUSABLE;
            continue;
        }
        lost += end - limit;
        r->bytes = limit - r->base;
        if (ram_range_count == RAM_RANGES_MAX)
            continue; /* the rest goes unmentioned */
        for (unsigned int j = ram_range_count; j > i + 1; j--)
            ram_ranges[j] = ram_ranges[j - 1];
        ram_range_count++;
        ram_ranges[i + 1] =
            (struct ram_range){limit, end - limit, BOOT_RANGE_UNUSABLE, BOOT_USE_FREE};
    }
    return lost;
}

void ram_machine_map_reserve(uint64_t base, uint64_t bytes)
{
    unsigned int at = extra_count;

    if (extra_count == ARRAY_SIZE(extra_reserved))
        return;
    while (at > 0 && extra_reserved[at - 1].base > base) {
        extra_reserved[at] = extra_reserved[at - 1];
        at--;
    }
    extra_reserved[at] = (struct ram_range){base, bytes, BOOT_RANGE_RESERVED, 0};
    extra_count++;
}

bool ram_machine_map_entry(unsigned int index, uint64_t *base, uint64_t *bytes, uint32_t *type)
{
    unsigned int i = 0, e = 0, n = 0;

    /* merge the two sorted lists; neighbours of one type in the firmware's list are joined */
    while (i < ram_range_count || e < extra_count) {
        uint64_t b, s;
        uint32_t t;

        if (e < extra_count &&
            (i == ram_range_count || extra_reserved[e].base < ram_ranges[i].base)) {
            b = extra_reserved[e].base;
            s = extra_reserved[e].bytes;
            t = BOOT_RANGE_RESERVED;
            e++;
        } else {
            b = ram_ranges[i].base;
            s = ram_ranges[i].bytes;
            t = shown_type(&ram_ranges[i]);
            for (i++; i < ram_range_count && ram_ranges[i].base == b + s &&
                      shown_type(&ram_ranges[i]) == t; i++)
                s += ram_ranges[i].bytes;
        }
        if (n++ == index) {
            *base = b;
            *bytes = s;
            *type = t;
            return true;
        }
    }
    return false;
}

uint32_t ram_trampoline_page(void)
{
    if (trampoline)
        return trampoline;
    for (unsigned int i = 0; i < ram_range_count; i++) {
        const struct ram_range *r = &ram_ranges[i];

        /* above the real-mode vectors and BIOS data, below the EBDA */
        if (r->type == BOOT_RANGE_RAM && r->use == BOOT_USE_FREE && r->base < 0x80000 &&
            r->base + r->bytes > 0x9000)
            trampoline = (uint32_t)max(r->base, (uint64_t)0x8000);
    }
    return trampoline;
}
