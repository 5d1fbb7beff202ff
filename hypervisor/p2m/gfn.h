/* SPDX-License-Identifier: BSD-2-Clause */
/* The machine frame behind a frame number that a guest gave us. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "domain/domain.h"
#include "mm/frame.h"
#include "mm/page.h"

/*
 * Machine frame that @d means by @gfn: the same number for PV. false when it is no RAM frame with a
 * struct page. Takes no reference: the caller does (page_get and friends check the owner).
 * Translated guests have no frames here until their p2m exists.
 */
static inline bool must_check gfn_resolve(const struct domain *d, uint64_t gfn, mfn_t *out)
{
    *out = MFN(gfn);
    return !d->is_translated && mfn_valid(*out);
}
