/* SPDX-License-Identifier: BSD-2-Clause */
#include "p2m/gfn.h"

#include "domain/pod.h"

/* May frames of @d go elsewhere by themselves? */
static inline bool moves(const struct domain *d)
{
    return d->is_translated && READ_ONCE(d->p2m->moves);
}

/* Is @frame, now that it is referenced, still the one at @gfn? */
static off_path bool has_stayed(const struct domain *d, uint64_t gfn, bool write, mfn_t frame)
{
    mfn_t again;

    if (gfn_lookup(d, gfn, &again) && mfn_eq(again, frame))
        return true;
    gfn_page_put(frame, write);
    return false;
}

static bool reference(const struct domain *d, mfn_t frame, bool write)
{
    return write ? page_get_writable(mfn_page(frame), d) : page_get(mfn_page(frame), d);
}

static off_path bool try_translated(const struct domain *d, uint64_t gfn, bool write, mfn_t *out)
{
    if (!gfn_lookup(d, gfn, out) || !reference(d, *out, write))
        return false;
    return likely(!moves(d)) || has_stayed(d, gfn, write, *out);
}

bool gfn_page_try(const struct domain *d, uint64_t gfn, bool write, mfn_t *out)
{
    if (unlikely(d->is_translated))
        return try_translated(d, gfn, write, out);
    *out = MFN(gfn); /* as gfn_lookup(), but for a few instructions */
    return mfn_valid(MFN(gfn)) && reference(d, MFN(gfn), write);
}

bool gfn_page_get(struct domain *d, uint64_t gfn, bool write, mfn_t *out)
{
    for (unsigned int i = 0; i < GFN_MOVES_MOST; i++) {
        if (likely(gfn_page_try(d, gfn, write, out)))
            return true;
        if (!moves(d) || !pod_populate(d, gfn))
            break;
    }
    return false;
}

void gfn_page_put(mfn_t frame, bool write)
{
    if (write)
        page_put_writable(mfn_page(frame));
    else
        page_put(mfn_page(frame));
}
