/* SPDX-License-Identifier: BSD-2-Clause */
/* Granted frames in a translated guest: it names the guest-physical page to fill. */
#include "hvm/grant_map.h"

#include "domain/domain.h"
#include "domain/translated.h"
#include "mm/frame.h"

static int map(struct domain *d, uint64_t host_addr, mfn_t frame, uint32_t flags, uint64_t cache)
{
    if ((flags & GNTMAP_contains_pte) || cache)
        return GNTST_general_error;
    return translated_map_grant(d, host_addr >> PAGE_SHIFT, frame, flags & GNTMAP_readonly)
               ? GNTST_general_error
               : GNTST_okay;
}

static int unmap(struct domain *d, uint64_t host_addr, mfn_t frame, uint32_t flags)
{
    if (flags & GNTMAP_contains_pte)
        return GNTST_general_error;
    return translated_unmap_grant(d, host_addr >> PAGE_SHIFT, frame) ? GNTST_general_error
                                                                     : GNTST_okay;
}

/* There are no page tables of ours to take another entry from. */
static int replace(struct domain *d, uint64_t host_addr, uint64_t new_addr, mfn_t frame,
                   uint32_t flags)
{
    return new_addr ? GNTST_general_error : unmap(d, host_addr, frame, flags);
}

const struct grant_mapper hvm_grant_mapper = {.map = map, .unmap = unmap, .replace = replace};
