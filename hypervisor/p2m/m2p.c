/* SPDX-License-Identifier: BSD-2-Clause */
/* The machine-to-guest table, behind the read-only view guests have of it. */
#include "p2m/m2p.h"

#include "lib/types.h"
#include "mm/hvmap.h"
#include "mm/page.h"

void m2p_set(mfn_t m, uint64_t pfn)
{
    if (mfn_valid(m))
        WRITE_ONCE(((uint64_t *)VA_M2P_RW)[m.n], pfn);
}

uint64_t m2p_get(mfn_t m)
{
    if (m.n >= hvmap_max_mfn())
        return M2P_INVALID;
    return READ_ONCE(((const uint64_t *)VA_M2P_RO)[m.n]);
}
