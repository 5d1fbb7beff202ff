/* SPDX-License-Identifier: BSD-2-Clause */
/* The balloon: reservation calls in batches. */
#include "pv-drivers/lib/balloon.h"

#include "pv-drivers/lib/hypercall.h"
#include "pv-drivers/lib/start.h"
#include "pv-drivers/lib/xenstore.h"

#define TARGET  "memory/target"
#define BATCH   64u
#define NOWHERE (~0ul) /* in the list of frames: there is no memory */

int pv_balloon_open(struct pv_balloon *balloon)
{
    int rc = pv_xenstore_number(0, TARGET, &balloon->start_kib);

    balloon->given = 0;
    balloon->seen = pv_xenstore_changes() - 1; /* look once */
    return rc ? rc : pv_xenstore_watch(TARGET, "balloon");
}

/* Move up to BATCH pages; how many did. Guest frames count down from the end of the spare ones. */
static unsigned int move(struct pv_balloon *balloon, uint64_t pages, bool give)
{
    unsigned int count = pages < BATCH ? (unsigned int)pages : BATCH;
    uint64_t first = pv_guest.spare_end - balloon->given - (give ? count : 0);
    struct xen_memory_reservation r = {.domid = DOMID_SELF, .nr_extents = count};
    xen_pfn_t list[BATCH];
    long done;

    /* first the frame next to those that stay, so that what has moved is in one piece */
    for (unsigned int i = 0; i < count; i++) {
        uint64_t frame = give ? first + count - 1 - i : first + i;

        list[i] = pv_guest.is_pv && give ? pv_guest.frames[frame] : frame;
    }
    set_xen_guest_handle(r.extent_start, list);
    done = pv_memory_op(give ? XENMEM_decrease_reservation : XENMEM_populate_physmap, &r);
    for (long i = 0; pv_guest.is_pv && i < done; i++)
        pv_guest.frames[give ? first + count - 1 - (uint64_t)i : first + (uint64_t)i] =
            give ? NOWHERE : list[i];
    return done > 0 ? (unsigned int)done : 0;
}

int pv_balloon_adjust(struct pv_balloon *balloon)
{
    uint64_t wanted_kib, want, spare = pv_guest.spare_end - pv_guest.spare;
    int moved = 0, rc;

    if (pv_xenstore_changes() == balloon->seen)
        return 0;
    balloon->seen = pv_xenstore_changes();
    rc = pv_xenstore_number(0, TARGET, &wanted_kib);
    if (rc)
        return rc;
    want = wanted_kib < balloon->start_kib
               ? (balloon->start_kib - wanted_kib) / (PV_PAGE_BYTES / 1024) : 0;
    if (pv_guest.spare_end < pv_guest.spare)
        spare = 0;
    if (want > spare)
        want = spare;
    while (balloon->given != want) {
        bool give = balloon->given < want;
        unsigned int n = move(balloon, give ? want - balloon->given : balloon->given - want, give);

        if (!n)
            break;
        balloon->given += give ? n : -(uint64_t)n;
        moved += (int)n;
    }
    return moved;
}
