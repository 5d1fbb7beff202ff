/* SPDX-License-Identifier: BSD-2-Clause */
/* The page tables under which the hypervisor is entered: four levels, 2 MiB pages. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define TABLES_PAGE    4096
#define TABLES_ENTRIES 512

struct tables {
    uint64_t (*page)[TABLES_ENTRIES]; /* page[0] is the top level; zeroed as they are used */
    uint64_t physical;                /* address of page[0] as the processor sees it */
    size_t used;
    size_t room;
};

/* Starts a tree in `room` page-aligned pages, at least one. */
void tables_init(struct tables *tables, void *pages, uint64_t physical, size_t room);

/*
 * Maps every 2 MiB page that [virtual, virtual + bytes) touches, writable and executable, to the
 * physical range that starts at `to`; both have the same offset within 2 MiB. Pages mapped before
 * stay. Returns 0, or -1 when the pages are used up.
 */
int tables_map(struct tables *tables, uint64_t virtual, uint64_t to, uint64_t bytes);
