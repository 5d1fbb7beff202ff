/* SPDX-License-Identifier: BSD-2-Clause */
/* Taking RAM away before the heap gets it: what the command line wants left alone, what has a
 * purpose. */
#include "boot/handover.h"
#include "start/memmap.h"

/* The free part of range @i from @from to @to, both inside it, becomes of @type and @use. false: no
 * room for another entry. */
static bool cut(unsigned int i, uint64_t from, uint64_t to, uint32_t type, uint32_t use)
{
    struct ram_range old = ram_ranges[i];
    uint64_t end = old.base + old.bytes;
    unsigned int more = (from > old.base) + (to < end), at = i;

    if (ram_range_count + more > RAM_RANGES_MAX)
        return false;
    for (unsigned int j = ram_range_count; j-- > i + 1;)
        ram_ranges[j + more] = ram_ranges[j];
    ram_range_count += more;
    if (from > old.base)
        ram_ranges[at++] = (struct ram_range){old.base, from - old.base, old.type, old.use};
    ram_ranges[at++] = (struct ram_range){from, to - from, type, use};
    if (to < end)
        ram_ranges[at] = (struct ram_range){to, end - to, old.type, old.use};
    return true;
}

/* All free RAM from @from to @to; true: there was some. */
static bool cut_free(uint64_t from, uint64_t to)
{
    bool any = false;

    for (unsigned int i = 0; i < ram_range_count; i++) {
        const struct ram_range *r = &ram_ranges[i];
        uint64_t low = max(from, r->base), high = min(to, r->base + r->bytes);

        if (r->type == BOOT_RANGE_RAM && r->use == BOOT_USE_FREE && low < high)
            any |= cut(i, low, high, BOOT_RANGE_UNUSABLE, BOOT_USE_FREE);
    }
    return any;
}

/* The address up to which there are @most bytes of RAM. */
static uint64_t reach(uint64_t most)
{
    for (unsigned int i = 0; i < ram_range_count; i++) {
        const struct ram_range *r = &ram_ranges[i];

        if (r->type != BOOT_RANGE_RAM)
            continue;
        if (r->bytes >= most)
            return r->base + most;
        most -= r->bytes;
    }
    return UINT64_MAX;
}

void memmap_limit(uint64_t limit, uint64_t most)
{
    uint64_t above = min(limit ? limit : UINT64_MAX, most ? reach(most) : UINT64_MAX);

    if (above != UINT64_MAX)
        (void)cut_free(ROUND_DOWN(above, PAGE_BYTES), UINT64_MAX);
}

bool memmap_bad_frames(uint64_t first, uint64_t last)
{
    if (last >= UINT64_MAX >> PAGE_SHIFT)
        last = (UINT64_MAX >> PAGE_SHIFT) - 1;
    return first <= last && cut_free(first << PAGE_SHIFT, (last + 1) << PAGE_SHIFT);
}

uint32_t memmap_uses(uint64_t base, uint64_t bytes)
{
    uint64_t at = base, end = base + bytes;
    uint32_t uses = 0;

    for (unsigned int i = 0; i < ram_range_count && at < end; i++) {
        const struct ram_range *r = &ram_ranges[i];

        if (r->base + r->bytes <= at)
            continue;
        if (r->base > at || r->type != BOOT_RANGE_RAM)
            break;
        uses |= 1u << r->use;
        at = r->base + r->bytes;
    }
    return at < end ? uses | MEMMAP_NO_RAM : uses;
}

bool memmap_reserve(uint64_t base, uint64_t bytes, uint32_t from, uint32_t to)
{
    uint64_t end = base + bytes;

    for (unsigned int i = 0; i < ram_range_count; i++) {
        const struct ram_range *r = &ram_ranges[i];
        uint64_t low = max(base, r->base), high = min(end, r->base + r->bytes);

        if (low < high && r->type == BOOT_RANGE_RAM && (from >> r->use & 1) &&
            !cut(i, low, high, BOOT_RANGE_RAM, to))
            return false;
    }
    return true;
}
