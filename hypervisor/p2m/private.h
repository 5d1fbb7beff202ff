/* SPDX-License-Identifier: BSD-2-Clause */
/* What the sources of this room share about the tables of a struct p2m. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "p2m/format.h"

struct p2m;

#define P2M_TABLE_ENTRIES 512
#define P2M_TOP_LEVEL     4

static inline unsigned int p2m_index(uint64_t gfn, unsigned int level)
{
    return (gfn >> p2m_level_order(level)) & (P2M_TABLE_ENTRIES - 1);
}

/* Put a table that says the same in place of *@slot, an entry of @level that is no link. False: no
 * memory. Lock held. */
bool must_check p2m_split(struct p2m *p, uint64_t *slot, unsigned int level);
