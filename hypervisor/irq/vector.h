/* SPDX-License-Identifier: BSD-2-Clause */
/* Which of one CPU's device vectors are taken. Pure bookkeeping. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Device vectors in use by lines: 0x30-0xef. Those below are left to the silenced 8259, and 0x80
 * belongs to guests' INT 0x80 (cpu/exception.c). */
#define VECTOR_ALLOC_FIRST 0x30
#define VECTOR_ALLOC_LAST  0xef
#define VECTOR_GUEST_INT80 0x80

struct vector_map {
    uint64_t used[4]; /* bit per vector */
    uint8_t next;     /* where to look first: spreads lines over priority classes */
    uint16_t count;   /* vectors taken */
};

void vector_map_init(struct vector_map *m);

/* Take @count (a power of two, at most 32) neighbouring vectors, aligned to @count as multi-message
 * MSI needs. @wanted: take exactly from there, 0: any. The first vector, or 0 when there is none.
 */
unsigned int vector_take(struct vector_map *m, unsigned int count, unsigned int wanted);

/* Give back what vector_take() gave. */
void vector_give(struct vector_map *m, unsigned int first, unsigned int count);
