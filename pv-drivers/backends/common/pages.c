/* SPDX-License-Identifier: BSD-2-Clause */
#include "pv-drivers/backends/common/pages.h"

#include <stdlib.h>
#include <string.h>

bool pages_get(struct pages *p, xengntshr_handle *share, uint32_t own, unsigned int count)
{
    *p = (struct pages){.count = count, .own = own, .share = share};
    p->ref = share ? calloc(count, sizeof(*p->ref)) : NULL;
    if (p->ref)
        p->at = xengntshr_share_pages(share, own, count, p->ref, 1);
    if (p->at)
        return true;
    free(p->ref);
    p->ref = NULL;
    p->at = aligned_alloc(PAGES_BYTES, (size_t)count * PAGES_BYTES);
    return p->at;
}

void pages_put(struct pages *p)
{
    if (p->ref)
        xengntshr_unshare(p->share, p->at, p->count);
    else
        free(p->at);
    free(p->ref);
    memset(p, 0, sizeof(*p));
}
