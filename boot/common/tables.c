/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Page tables for the hand-over.
 *
 * What is always true here: every entry is either zero, a table of this tree, or a 2 MiB page; only
 * the third level holds pages. Bits: Intel SDM volume 3, 4.5 (4-level paging), tables 4-15 to 4-18.
 */
#include "boot/common/tables.h"

#include <string.h>

#define ENTRY_PRESENT  (1ULL << 0)
#define ENTRY_WRITABLE (1ULL << 1)
#define ENTRY_ACCESSED (1ULL << 5)
#define ENTRY_DIRTY    (1ULL << 6)
#define ENTRY_LARGE    (1ULL << 7)
#define ENTRY_ADDRESS  0x000ffffffffff000ULL

#define LARGE_SHIFT 21
#define LARGE_BYTES (1ULL << LARGE_SHIFT)

void tables_init(struct tables *tables, void *pages, uint64_t physical, size_t room)
{
    tables->page = pages;
    tables->physical = physical;
    tables->room = room;
    tables->used = 1;
    memset(pages, 0, TABLES_PAGE);
}

/* The index in tables->page of the table that entry `index` of table `from` leads to, or 0. */
static size_t table_below(struct tables *tables, size_t from, size_t index)
{
    uint64_t *entry = &tables->page[from][index];

    if (*entry & ENTRY_PRESENT)
        return (size_t)(((*entry & ENTRY_ADDRESS) - tables->physical) / TABLES_PAGE);
    if (tables->used == tables->room)
        return 0;
    memset(tables->page[tables->used], 0, TABLES_PAGE);
    *entry = (tables->physical + tables->used * TABLES_PAGE) | ENTRY_PRESENT | ENTRY_WRITABLE |
             ENTRY_ACCESSED;
    return tables->used++;
}

int tables_map(struct tables *tables, uint64_t virtual, uint64_t to, uint64_t bytes)
{
    uint64_t pages;

    if (bytes == 0)
        return 0;
    pages = ((virtual & (LARGE_BYTES - 1)) + bytes + LARGE_BYTES - 1) >> LARGE_SHIFT;
    virtual &= ~(LARGE_BYTES - 1);
    to &= ~(LARGE_BYTES - 1);
    for (; pages; pages--, virtual += LARGE_BYTES, to += LARGE_BYTES) {
        size_t third = table_below(tables, 0, virtual >> 39 & 511);
        size_t second = third ? table_below(tables, third, virtual >> 30 & 511) : 0;

        if (!second)
            return -1;
        tables->page[second][virtual >> LARGE_SHIFT & 511] =
            to | ENTRY_PRESENT | ENTRY_WRITABLE | ENTRY_ACCESSED | ENTRY_DIRTY | ENTRY_LARGE;
    }
    return 0;
}
