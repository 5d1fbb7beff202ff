/* SPDX-License-Identifier: BSD-2-Clause */
/* The machine frame behind a frame number that a guest gave us. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "domain/domain.h"
#include "mm/frame.h"
#include "mm/page.h"
#include "p2m/p2m.h"

/*
 * Machine frame that @d means by @gfn: the same number for PV, for others what their table says.
 * false when it is no RAM of its own. Takes no reference: the caller does, and page_get and friends
 * check the owner, so a frame that changed hands meanwhile is refused.
 */
static inline bool must_check gfn_resolve(const struct domain *d, uint64_t gfn, mfn_t *out)
{
    *out = MFN(gfn);
    if (unlikely(d->is_translated)) {
        struct p2m_entry e = p2m_lookup(d->p2m, gfn);

        if (!p2m_type_is_ram(e.type))
            return false;
        *out = e.mfn;
    }
    return mfn_valid(*out);
}
