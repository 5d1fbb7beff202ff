/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The page in which the processor notes what a guest writes (page-modification logging, SDM vol. 3,
 * 29.3.6): addresses of frames whose entry says clean, from the page's end down. Pure.
 */
#pragma once

#include <stdint.h>

struct p2m;

#define PML_ENTRIES 512u
#define PML_EMPTY   (PML_ENTRIES - 1) /* the index: of the entry that is used next */

/* The first entry that is used, when the index is @index: it goes below 0 when all are. */
static inline unsigned int pml_first(uint64_t index)
{
    return index < PML_ENTRIES ? (unsigned int)index + 1 : 0;
}

/* Frames noted in @page, when the index is @index, count as written. The vCPU that it is of does
 * not run. Takes @p's lock, several times. */
void pml_take(struct p2m *p, const uint64_t *page, uint64_t index);
