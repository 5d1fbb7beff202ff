/* SPDX-License-Identifier: BSD-2-Clause */
/* The machine frame behind a frame number that a guest gave us. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "domain/domain.h"
#include "domain/pod.h"
#include "mm/frame.h"
#include "mm/page.h"
#include "p2m/p2m.h"

/*
 * Machine frame that @d means by @gfn: the same number for PV, for others what their table says.
 * false when it is no RAM of its own. Takes no reference: the caller does, and page_get and friends
 * check the owner, so a frame that changed hands meanwhile is refused. Any context.
 */
static inline bool must_check gfn_lookup(const struct domain *d, uint64_t gfn, mfn_t *out)
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

/* The same; a frame that is only promised is populated first. No lock of level >= LOCK_P2M. */
static inline bool must_check gfn_resolve(struct domain *d, uint64_t gfn, mfn_t *out)
{
    if (likely(gfn_lookup(d, gfn, out)))
        return true;
    return d->is_translated && d->p2m->promised && pod_populate(d, gfn) && gfn_lookup(d, gfn, out);
}
