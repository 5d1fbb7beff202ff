/* SPDX-License-Identifier: BSD-2-Clause */
/* What the sources of this room share about the tables of a struct p2m. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "p2m/format.h"
#include "p2m/p2m.h"

#define P2M_TABLE_ENTRIES 512
#define P2M_TOP_LEVEL     4

static inline unsigned int p2m_index(uint64_t gfn, unsigned int level)
{
    return (gfn >> p2m_level_order(level)) & (P2M_TABLE_ENTRIES - 1);
}

/* What memory that the guest may write is in the table, as @e->unwritten says. The processor notes
 * writes for the log alone: nobody else asks it for them before he looks. And it notes one for each
 * entry, however large. */
static inline enum p2m_type p2m_plain_type(const struct p2m *p, const struct p2m_entry *e)
{
    if (!e->unwritten)
        return P2M_RAM;
    return p->pml && e->unwritten == P2M_WATCH_LOG && e->order == P2M_ORDER_4K ? P2M_RAM_PML
                                                                               : P2M_RAM_LOGDIRTY;
}

/* Put a table that says the same in place of *@slot, an entry of @level that is no link. False: no
 * memory. Lock held. */
bool must_check p2m_split(struct p2m *p, uint64_t *slot, unsigned int level);
