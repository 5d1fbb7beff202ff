/* SPDX-License-Identifier: BSD-2-Clause */
/* The machine frame behind a frame number that a guest gave us. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "domain/domain.h"
#include "mm/frame.h"
#include "mm/page.h"
#include "p2m/p2m.h"

#define GFN_MOVES_MOST 4 /* times that a frame may go elsewhere while it is looked for */

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

/*
 * gfn_lookup() with a reference; for @write also a use as writable, which keeps a table from being
 * made of it. What is only promised is not there. Fails, too, when the frame goes elsewhere just
 * then, as frames do without the guest's doing when memory is populated on demand. Any context.
 */
bool must_check gfn_page_try(const struct domain *d, uint64_t gfn, bool write, mfn_t *out);

/* The same, but what is promised is populated, and what went elsewhere is found there. No lock of
 * level >= LOCK_P2M. */
bool must_check gfn_page_get(struct domain *d, uint64_t gfn, bool write, mfn_t *out);

/* Give back what either found. */
void gfn_page_put(mfn_t frame, bool write);
