/* SPDX-License-Identifier: BSD-2-Clause */
/* The grant table. */
#include "pv-drivers/lib/grant.h"

#include "pv-drivers/lib/memory.h"

#define ENTRIES (PV_GRANT_FRAMES * (unsigned int)(PV_PAGE_BYTES / sizeof(struct grant_entry_v1)))

static struct grant_entry_v1 *entries;
static uint16_t unused[ENTRIES]; /* a stack */
static unsigned int unused_count;

void pv_grant_init(struct grant_entry_v1 *table)
{
    entries = table;
    unused_count = 0;
    /* the first ones are the toolstack's, for console and xenstore */
    for (unsigned int ref = ENTRIES - 1; ref >= GNTTAB_NR_RESERVED_ENTRIES; ref--)
        unused[unused_count++] = (uint16_t)ref;
}

int pv_grant_give(domid_t domain, void *page, bool read_only)
{
    grant_ref_t ref;

    if (!unused_count)
        return -XEN_ENOSPC;
    ref = unused[--unused_count];
    entries[ref].domid = domain;
    entries[ref].frame = (uint32_t)pv_frame_of(page);
    /* the flags make it valid, so they come last */
    PV_STORE(entries[ref].flags, GTF_permit_access | (read_only ? GTF_readonly : 0));
    return (int)ref;
}

int pv_grant_end(grant_ref_t ref)
{
    uint16_t flags = PV_LOAD(entries[ref].flags);

    do {
        if (flags & (GTF_reading | GTF_writing))
            return -XEN_EBUSY;
    } while (!__atomic_compare_exchange_n(&entries[ref].flags, &flags, 0, false, __ATOMIC_SEQ_CST,
                                          __ATOMIC_SEQ_CST));
    unused[unused_count++] = (uint16_t)ref;
    return 0;
}

unsigned int pv_grant_count(void)
{
    return ENTRIES - GNTTAB_NR_RESERVED_ENTRIES - unused_count;
}
