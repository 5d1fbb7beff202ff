/* SPDX-License-Identifier: BSD-2-Clause */
/* Pages shared with a back end. */
#include "pv-drivers/lib/buffers.h"

#include "pv-drivers/lib/grant.h"
#include "pv-drivers/lib/memory.h"

int pv_buffers_open(struct pv_buffers *buffers, domid_t domain, unsigned int count)
{
    *buffers = (struct pv_buffers){0};
    if (count > PV_BUFFERS_MAX)
        return -XEN_EINVAL;
    buffers->pages = pv_pages_alloc(count);
    if (!buffers->pages)
        return -XEN_ENOMEM;
    for (; buffers->count < count; buffers->count++) {
        int ref = pv_grant_give(domain, pv_buffers_page(buffers, buffers->count), false);

        if (ref < 0) {
            (void)pv_buffers_close(buffers); /* nobody knows of them yet */
            return ref;
        }
        buffers->ref[buffers->count] = (grant_ref_t)ref;
        buffers->free[buffers->free_count++] = (uint16_t)buffers->count;
    }
    return 0;
}

int pv_buffers_close(struct pv_buffers *buffers)
{
    int rc = 0;

    for (unsigned int i = 0; i < buffers->count; i++) {
        void *page = pv_buffers_page(buffers, i);

        if (pv_grant_end(buffers->ref[i]))
            rc = -XEN_EBUSY;
        else
            pv_pages_free(page, 1);
    }
    *buffers = (struct pv_buffers){0};
    return rc;
}

int pv_buffers_take(struct pv_buffers *buffers)
{
    return buffers->free_count ? buffers->free[--buffers->free_count] : -XEN_EAGAIN;
}

void pv_buffers_put(struct pv_buffers *buffers, unsigned int page)
{
    buffers->free[buffers->free_count++] = (uint16_t)page;
}
