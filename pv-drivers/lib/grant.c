/* SPDX-License-Identifier: BSD-2-Clause */
/* The grant table. */
#include "pv-drivers/lib/grant.h"

#include "pv-drivers/lib/memory.h"

#define ENTRIES (PV_GRANT_FRAMES * (unsigned int)(PV_PAGE_BYTES / sizeof(struct grant_entry_v1)))
#define WORDS   (ENTRIES / 64)

static struct grant_entry_v1 *entries;
static uint64_t unused[WORDS]; /* a bit for each; vCPUs take and give them in atomic steps */

void pv_grant_init(struct grant_entry_v1 *table)
{
    entries = table;
    for (unsigned int i = 0; i < WORDS; i++)
        unused[i] = ~0ul;
    /* the first ones are the toolstack's, for console and xenstore */
    unused[0] <<= GNTTAB_NR_RESERVED_ENTRIES;
}

/* Take one that is unused: its number, or -XEN_ENOSPC. */
static int take(void)
{
    for (unsigned int i = 0; i < WORDS; i++)
        for (uint64_t left; (left = PV_LOAD(unused[i])) != 0;) {
            uint64_t bit = left & -left;

            if (__atomic_fetch_and(&unused[i], ~bit, __ATOMIC_SEQ_CST) & bit)
                return (int)(i * 64 + (unsigned int)__builtin_ctzl(bit));
        }
    return -XEN_ENOSPC;
}

int pv_grant_give(domid_t domain, void *page, bool read_only)
{
    int ref = take();

    if (ref < 0)
        return ref;
    entries[ref].domid = domain;
    entries[ref].frame = (uint32_t)pv_frame_of(page);
    /* the flags make it valid, so they come last */
    PV_STORE(entries[ref].flags, GTF_permit_access | (read_only ? GTF_readonly : 0));
    return ref;
}

int pv_grant_end(grant_ref_t ref)
{
    uint16_t flags = PV_LOAD(entries[ref].flags);

    do {
        if (flags & (GTF_reading | GTF_writing))
            return -XEN_EBUSY;
    } while (!__atomic_compare_exchange_n(&entries[ref].flags, &flags, 0, false, __ATOMIC_SEQ_CST,
                                          __ATOMIC_SEQ_CST));
    __atomic_fetch_or(&unused[ref / 64], 1ul << ref % 64, __ATOMIC_SEQ_CST);
    return 0;
}

unsigned int pv_grant_count(void)
{
    unsigned int count = ENTRIES - GNTTAB_NR_RESERVED_ENTRIES;

    for (unsigned int i = 0; i < WORDS; i++)
        for (uint64_t left = PV_LOAD(unused[i]); left; left &= left - 1)
            count--;
    return count;
}
