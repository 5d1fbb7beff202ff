/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * GNTTABOP_transfer: a frame of the caller becomes another domain's for good.
 *
 * As the ABI has it, a frame that could be taken from the caller is lost to it whatever comes of
 * the rest: only GNTST_bad_page means that it is still the caller's.
 */
#include "cpu/percpu.h"
#include "grant/table.h"
#include "lib/bits.h"
#include "mm/heap.h"
#include "mm/page.h"
#include "p2m/gfn.h"

/* Frames of @d must lie below an address width: is @m too high? */
static bool too_high(const struct domain *d, mfn_t m)
{
    unsigned int bits = READ_ONCE(d->dma_bits);

    return bits && bits < 64 && (mfn_paddr(m).a >> bits);
}

static int hand_over(struct domain *from, struct domain *to, grant_ref_t ref, struct page *pg)
{
    int rc;

    if (!to->grant || to->is_translated) /* it would have no number for it */
        return GNTST_bad_domain;
    if (too_high(to, page_mfn(pg)))
        return GNTST_address_too_big;
    if (domain_adjust_pages(to, 1)) /* at its limit, or dying */
        return GNTST_general_error;
    rc = entry_accept(to, ref, from->id, pg);
    if (rc && domain_adjust_pages(to, -1))
        return GNTST_general_error;
    return rc;
}

void grant_transfer(struct gnttab_transfer *op)
{
    struct domain *from = vcpu_current()->domain, *to;
    struct page *pg = NULL;
    int rc = GNTST_bad_domain;
    mfn_t mfn;

    /* translated domains keep theirs: nobody of them transfers */
    if (!from->is_translated && gfn_lookup(from, op->mfn, &mfn))
        pg = domain_take_frame(from, mfn);
    if (!pg) {
        op->status = GNTST_bad_page;
        return;
    }
    to = domain_get(op->domid);
    if (to) {
        rc = hand_over(from, to, op->ref, pg);
        domain_put(to);
    }
    if (rc)
        heap_free(pg, 0);
    op->status = (int16_t)rc;
}
