/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Grant entries: from what the granting guest wrote to a frame that is held.
 *
 * What is always true here:
 *  - An entry is in use while its struct grant_active has pins. All pins of an entry belong to one
 *    domain and to one frame, which holds one reference for all of them, and one use as
 *    PAGE_WRITABLE while any pin may write.
 *  - GTF_reading is set in the guest's table (version 2: in the status frame) exactly while there
 *    is a pin, GTF_writing while there is a writing pin; so a guest that finds neither and takes
 *    the grant back knows that nobody uses the frame.
 *  - The guest may write its entry at any time. We read a field once, decide on the copy, and while
 *    the entry is in use go by struct grant_active instead.
 *  - All of it happens under the table's lock; nothing else is locked meanwhile but memory.
 */
#include "grant/table.h"

#include "lib/index.h"
#include "mm/hvmap.h"
#include "mm/page.h"
#include "p2m/gfn.h"

/* Times a guest may change an entry under our hands before it is refused. */
#define UNSTABLE_TRIES 5

struct grant_active *entry_active(const struct grant_table *t, grant_ref_t ref)
{
    return &t->active[ref / GRANT_V1_PER_FRAME][ref % GRANT_V1_PER_FRAME];
}

static grant_entry_v1_t *entry_v1(const struct grant_table *t, grant_ref_t ref)
{
    return (grant_entry_v1_t *)t->shared[ref / GRANT_V1_PER_FRAME] + ref % GRANT_V1_PER_FRAME;
}

static grant_entry_v2_t *entry_v2(const struct grant_table *t, grant_ref_t ref)
{
    return (grant_entry_v2_t *)t->shared[ref / GRANT_V2_PER_FRAME] + ref % GRANT_V2_PER_FRAME;
}

/* Flags and domid as one word, as the guest changes them together (xen/grant_table.h). */
static uint32_t *entry_head(const struct grant_table *t, grant_ref_t ref)
{
    return t->version == 1 ? (uint32_t *)entry_v1(t, ref) : (uint32_t *)entry_v2(t, ref);
}

/* Where GTF_reading and GTF_writing are. */
static uint16_t *entry_status(const struct grant_table *t, grant_ref_t ref)
{
    const uint32_t per_frame = PAGE_BYTES / sizeof(grant_status_t);

    return t->version == 1 ? &entry_v1(t, ref)->flags
                           : &t->status[ref / per_frame][ref % per_frame];
}

/* Does an entry beginning with @head let @who in? */
static bool permits(const struct grant_table *t, uint32_t head, domid_t who, bool write, bool whole)
{
    if ((head & GTF_type_mask) != GTF_permit_access || (domid_t)(head >> 16) != who)
        return false;
    if (write && (head & GTF_readonly))
        return false;
    /* Version 1 has no bounds to go with this flag: such an entry is good for copying, whole. */
    return !(whole && (head & GTF_sub_page)) && (t->version == 1 || t->status_frames);
}

/* Version 1: the status bits are in the word that permits, so one compare-and-swap does both. */
static int mark_v1(const struct grant_table *t, grant_ref_t ref, domid_t who, bool write,
                   bool whole, uint32_t *head)
{
    uint32_t *word = entry_head(t, ref), old = READ_ONCE(*word);
    uint32_t marks = GTF_reading | (write ? GTF_writing : 0);

    for (int tries = 0; tries < UNSTABLE_TRIES; tries++) {
        if (!permits(t, old, who, write, whole))
            return GNTST_general_error;
        if (__atomic_compare_exchange_n(word, &old, old | marks, false, __ATOMIC_SEQ_CST,
                                        __ATOMIC_RELAXED)) {
            *head = old;
            return GNTST_okay;
        }
    }
    return GNTST_general_error;
}

/* Clear the status bits that no pin accounts for. */
static void unmark(const struct grant_table *t, grant_ref_t ref, const struct grant_active *act)
{
    uint16_t clear = act->writes ? 0 : GTF_writing;

    if (!act->reads && !act->writes)
        clear |= GTF_reading;
    if (clear)
        __atomic_fetch_and(entry_status(t, ref), (uint16_t)~clear, __ATOMIC_SEQ_CST);
}

/* Version 2: announce the use in the status frame, then look again whether the grant still stands;
 * a guest clears the grant first and looks at the status then. */
static int mark_v2(const struct grant_table *t, grant_ref_t ref, domid_t who, bool write,
                   bool whole, uint32_t *head)
{
    uint32_t *word = entry_head(t, ref);

    if (!permits(t, READ_ONCE(*word), who, write, whole))
        return GNTST_general_error;
    __atomic_fetch_or(entry_status(t, ref), (uint16_t)(GTF_reading | (write ? GTF_writing : 0)),
                      __ATOMIC_SEQ_CST);
    *head = READ_ONCE(*word);
    if (permits(t, *head, who, write, whole))
        return GNTST_okay;
    unmark(t, ref, entry_active(t, ref));
    return GNTST_general_error;
}

/* The frame number the guest names in the entry; read once. */
static uint64_t entry_gfn(const struct grant_table *t, grant_ref_t ref)
{
    return t->version == 1 ? READ_ONCE(entry_v1(t, ref)->frame)
                           : READ_ONCE(entry_v2(t, ref)->full_page.frame);
}

/* Reference the frame for a first pin, or as writable for the first writing pin. */
static int hold_frame(struct domain *granter, grant_ref_t ref, struct grant_active *act, bool write)
{
    bool fresh = !act->reads && !act->writes;
    mfn_t mfn = act->frame;

    if (fresh) {
        if (!gfn_resolve(granter, entry_gfn(granter->grant, ref), &mfn) ||
            !page_get(mfn_page(mfn), granter))
            return GNTST_bad_page;
    }
    if (write && !act->writes && page_type_get(mfn_page(mfn), PAGE_WRITABLE)) {
        if (fresh)
            page_put(mfn_page(mfn));
        return GNTST_bad_page;
    }
    act->frame = mfn;
    return GNTST_okay;
}

/* The bounds of a sub-page grant (version 2), read once each and cut to the page. */
static void view_bounds(const struct grant_table *t, grant_ref_t ref, uint32_t head,
                        struct grant_view *view)
{
    view->start = 0;
    view->length = PAGE_BYTES;
    if (t->version == 2 && (head & GTF_sub_page)) {
        view->start =
            min((uint32_t)READ_ONCE(entry_v2(t, ref)->sub_page.page_off), (uint32_t)PAGE_BYTES);
        view->length = min((uint32_t)READ_ONCE(entry_v2(t, ref)->sub_page.length),
                           (uint32_t)PAGE_BYTES - view->start);
    }
}

static uint64_t view_cache(uint32_t head)
{
    uint64_t cache = 0;

    if (unlikely(head & (GTF_PWT | GTF_PCD | GTF_PAT))) {
        cache |= head & GTF_PWT ? PTE_PWT : 0;
        cache |= head & GTF_PCD ? PTE_PCD : 0;
        cache |= head & GTF_PAT ? PTE_PAT : 0;
    }
    return cache;
}

static int pin(struct domain *granter, grant_ref_t ref, domid_t who, bool write, bool whole,
               unsigned int pins, struct grant_view *view)
{
    struct grant_table *t = granter->grant;
    struct grant_active *act;
    uint32_t head, entries = grant_entries(t);
    int rc;

    if (ref >= entries)
        return GNTST_bad_gntref;
    ref = (grant_ref_t)index_clamp(ref, entries);
    act = entry_active(t, ref);
    if ((act->reads || act->writes) &&
        (act->domid != who || act->reads + act->writes > GRANT_PINS_MAX - (int)pins))
        return GNTST_general_error;
    rc = t->version == 1 ? mark_v1(t, ref, who, write, whole, &head)
                         : mark_v2(t, ref, who, write, whole, &head);
    if (rc)
        return rc;
    rc = hold_frame(granter, ref, act, write);
    if (rc) {
        unmark(t, ref, act);
        return rc;
    }
    if (!act->reads && !act->writes && ref >= GNTTAB_NR_RESERVED_ENTRIES)
        t->in_use++;
    act->domid = who;
    if (write)
        act->writes += pins;
    else
        act->reads += pins;
    view->frame = act->frame;
    view->cache = view_cache(head);
    view_bounds(t, ref, head, view);
    return GNTST_okay;
}

int entry_pin(struct domain *granter, grant_ref_t ref, domid_t who, bool write, bool whole,
              unsigned int pins, struct grant_view *view)
{
    struct grant_table *t = granter->grant;
    int rc;

    spin_lock(&t->lock);
    rc = pin(granter, ref, who, write, whole, pins, view);
    spin_unlock(&t->lock);
    return rc;
}

void entry_unpin(struct domain *granter, grant_ref_t ref, bool write, unsigned int pins)
{
    struct grant_table *t = granter->grant;
    struct grant_active *act = entry_active(t, ref);
    struct page *pg = mfn_page(act->frame);
    bool last_write, last;

    spin_lock(&t->lock);
    if (write)
        act->writes -= pins;
    else
        act->reads -= pins;
    last_write = write && !act->writes;
    last = !act->reads && !act->writes;
    unmark(t, ref, act);
    if (last && ref >= GNTTAB_NR_RESERVED_ENTRIES)
        t->in_use--;
    if (last_write)
        page_type_put(pg);
    if (last)
        page_put(pg);
    spin_unlock(&t->lock);
}

static void swap_v1(grant_entry_v1_t *a, grant_entry_v1_t *b)
{
    grant_entry_v1_t copy = *a;

    *a = *b;
    *b = copy;
}

static void swap_v2(grant_entry_v2_t *a, grant_entry_v2_t *b)
{
    grant_entry_v2_t copy = *a;

    *a = *b;
    *b = copy;
}

int entry_swap(struct domain *d, grant_ref_t a, grant_ref_t b)
{
    struct grant_table *t = d->grant;
    const struct grant_active *active_a, *active_b;
    uint32_t entries;
    int rc = GNTST_bad_gntref;

    spin_lock(&t->lock);
    entries = grant_entries(t);
    if (a < entries && b < entries) {
        a = (grant_ref_t)index_clamp(a, entries);
        b = (grant_ref_t)index_clamp(b, entries);
        active_a = entry_active(t, a);
        active_b = entry_active(t, b);
        if (active_a->reads || active_a->writes || active_b->reads || active_b->writes) {
            rc = GNTST_eagain;
        } else {
            if (a != b && t->version == 1)
                swap_v1(entry_v1(t, a), entry_v1(t, b));
            else if (a != b)
                swap_v2(entry_v2(t, a), entry_v2(t, b));
            rc = GNTST_okay;
        }
    }
    spin_unlock(&t->lock);
    return rc;
}
