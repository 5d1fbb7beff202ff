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
#include "domain/pod.h"
#include "grant/grant.h"
#include "grant/table.h"

#include "abi/errno.h"
#include "hypercall/hypercall.h"
#include "lib/index.h"
#include "mm/hvmap.h"
#include "mm/page.h"
#include "p2m/gfn.h"
#include "p2m/m2p.h"

/* Times a guest may change an entry under our hands before it is refused. */
#define UNSTABLE_TRIES 5

static grant_entry_v1_t *entry_v1(const struct grant_table *t, grant_ref_t ref)
{
    return (grant_entry_v1_t *)t->shared[ref / GRANT_V1_PER_FRAME] + ref % GRANT_V1_PER_FRAME;
}

static grant_entry_v2_t *entry_v2(const struct grant_table *t, grant_ref_t ref)
{
    return (grant_entry_v2_t *)t->shared[ref / GRANT_V2_PER_FRAME] + ref % GRANT_V2_PER_FRAME;
}

/* Flags and domid, where both versions begin. */
static uint16_t *entry_flags(const struct grant_table *t, grant_ref_t ref)
{
    return t->version == 1 ? &entry_v1(t, ref)->flags : &entry_v2(t, ref)->hdr.flags;
}

/* Where GTF_reading and GTF_writing are. */
static uint16_t *entry_status(const struct grant_table *t, grant_ref_t ref)
{
    const uint32_t per_frame = PAGE_BYTES / sizeof(grant_status_t);

    if (likely(t->version == 1))
        return &entry_v1(t, ref)->flags;
    return &t->status[ref / per_frame][ref % per_frame];
}

static bool in_use(const struct grant_active *act)
{
    return act->reads | act->writes;
}

/* Clear the status bits that no pin accounts for. */
static void unmark(const struct grant_table *t, grant_ref_t ref, const struct grant_active *act)
{
    uint16_t clear = act->writes ? 0 : GTF_writing;

    if (!in_use(act))
        clear |= GTF_reading;
    if (clear)
        __atomic_fetch_and(entry_status(t, ref), (uint16_t)~clear, __ATOMIC_SEQ_CST);
}

/*
 * Flags and domid of an entry, as one word, permit a pin when the bits of a mask have one value.
 * Version 1 has no bounds to go with GTF_sub_page: such an entry is good for copying, whole.
 */
static uint32_t permit_mask(const struct grant_pin *pin)
{
    return 0xffff0000 | GTF_type_mask | (pin->write ? GTF_readonly : 0) |
           (pin->whole ? GTF_sub_page : 0);
}

static uint32_t permit_value(const struct grant_pin *pin)
{
    return (uint32_t)pin->who << 16 | GTF_permit_access;
}

static uint16_t marks_of(const struct grant_pin *pin)
{
    return GTF_reading | (pin->write ? GTF_writing : 0);
}

/* Version 1: the status bits are in the word that permits, so one compare-and-swap does both. */
static int mark_v1(grant_entry_v1_t *entry, const struct grant_pin *pin, uint32_t *head)
{
    uint32_t *word = (uint32_t *)entry, mask = permit_mask(pin), value = permit_value(pin);

    *head = READ_ONCE(*word);
    for (int tries = 0; tries < UNSTABLE_TRIES; tries++) {
        if ((*head & mask) != value)
            return GNTST_general_error;
        if (__atomic_compare_exchange_n(word, head, *head | marks_of(pin), false, __ATOMIC_SEQ_CST,
                                        __ATOMIC_RELAXED))
            return GNTST_okay;
    }
    return GNTST_general_error;
}

/* Version 2: announce the use in the status frame, then look again whether the grant still stands;
 * a guest clears the grant first and looks at the status then. */
static int mark_v2(const struct grant_table *t, const struct grant_pin *pin, uint32_t *head)
{
    uint32_t *word = (uint32_t *)entry_v2(t, pin->ref);
    uint32_t mask = permit_mask(pin), value = permit_value(pin);

    if ((READ_ONCE(*word) & mask) != value)
        return GNTST_general_error;
    __atomic_fetch_or(entry_status(t, pin->ref), marks_of(pin), __ATOMIC_SEQ_CST);
    *head = READ_ONCE(*word);
    if ((*head & mask) == value)
        return GNTST_okay;
    unmark(t, pin->ref, entry_active(t, pin->ref));
    return GNTST_general_error;
}

/* Reference the frame for a first pin: the number in the entry is read once. */
static int hold_first(struct domain *granter, struct grant_pin *pin, struct grant_active *act)
{
    const struct grant_table *t = granter->grant;
    uint64_t gfn = likely(t->version == 1) ? READ_ONCE(entry_v1(t, pin->ref)->frame)
                                           : READ_ONCE(entry_v2(t, pin->ref)->full_page.frame);
    mfn_t mfn;

    pin->gfn = gfn;
    if (!gfn_page_try(granter, gfn, pin->write, &mfn))
        return GNTST_bad_page;
    act->frame = mfn;
    act->domid = pin->who;
    if (pin->ref >= GNTTAB_NR_RESERVED_ENTRIES)
        granter->grant->in_use++;
    return GNTST_okay;
}

/* A first pin, a first writing one, or one more of what there is. */
static int hold_frame(struct domain *granter, struct grant_pin *pin, struct grant_active *act)
{
    if (likely(!in_use(act)))
        return hold_first(granter, pin, act);
    if (pin->write && !act->writes && page_type_get(mfn_page(act->frame), PAGE_WRITABLE))
        return GNTST_bad_page;
    return GNTST_okay;
}

/* The bounds of a sub-page grant (version 2), read once each and cut to the page. */
static void pin_bounds(const struct grant_table *t, struct grant_pin *pin)
{
    const grant_entry_v2_t *entry = entry_v2(t, pin->ref);
    uint16_t start = READ_ONCE(entry->sub_page.page_off);
    uint16_t length = READ_ONCE(entry->sub_page.length);

    pin->start = min(start, (uint16_t)PAGE_BYTES);
    pin->length = min(length, (uint16_t)(PAGE_BYTES - pin->start));
}

static void pin_view(const struct grant_table *t, struct grant_pin *pin, uint32_t head, mfn_t frame)
{
    pin->frame = frame;
    pin->start = 0;
    pin->length = PAGE_BYTES;
    pin->cache = 0;
    if (unlikely(head & GTF_sub_page) && t->version == 2)
        pin_bounds(t, pin);
    if (unlikely(head & (GTF_PWT | GTF_PCD | GTF_PAT)))
        pin->cache = (head & GTF_PWT ? PTE_PWT : 0) | (head & GTF_PCD ? PTE_PCD : 0) |
                     (head & GTF_PAT ? PTE_PAT : 0);
}

/* Lock held. */
static int pin_entry(struct domain *granter, struct grant_pin *pin)
{
    struct grant_table *t = granter->grant;
    uint32_t head, entries = grant_entries(t);
    struct grant_active *act;
    int rc;

    if (pin->ref >= entries)
        return GNTST_bad_gntref;
    pin->ref = (grant_ref_t)index_clamp(pin->ref, entries);
    act = entry_active(t, pin->ref);
    if (in_use(act) &&
        (act->domid != pin->who || act->reads + act->writes + pin->count > GRANT_PINS_MAX))
        return GNTST_general_error;
    rc = likely(t->version == 1) ? mark_v1(entry_v1(t, pin->ref), pin, &head)
                                 : mark_v2(t, pin, &head);
    if (rc)
        return rc;
    rc = hold_frame(granter, pin, act);
    if (rc) {
        unmark(t, pin->ref, act);
        return rc;
    }
    if (pin->write)
        act->writes += pin->count;
    else
        act->reads += pin->count;
    pin_view(t, pin, head, act->frame);
    return GNTST_okay;
}

/* Was the frame only promised, or is it elsewhere now? */
static off_path bool populate(struct domain *granter, uint64_t gfn)
{
    return granter->is_translated && granter->p2m->moves && pod_populate(granter, gfn);
}

int entry_pin(struct domain *granter, struct grant_pin *pin)
{
    struct grant_table *t = granter->grant;
    bool populated = false;
    int rc;

    for (;;) {
        spin_lock(&t->lock);
        rc = pin_entry(granter, pin);
        spin_unlock(&t->lock);
        if (likely(rc != GNTST_bad_page) || populated || !populate(granter, pin->gfn))
            return rc;
        populated = true;
    }
}

void entry_unpin(struct domain *granter, grant_ref_t ref, bool write, unsigned int count)
{
    struct grant_table *t = granter->grant;
    struct grant_active *act = entry_active(t, ref);
    struct page *pg = mfn_page(act->frame); /* stands until the last pin is gone */
    bool last_write = false, last;

    if (write)
        page_written(pg);
    spin_lock(&t->lock);
    if (write) {
        act->writes -= count;
        last_write = !act->writes;
    } else {
        act->reads -= count;
    }
    last = !in_use(act);
    if (last && ref >= GNTTAB_NR_RESERVED_ENTRIES)
        t->in_use--;
    /* The marks go last: a guest that sees them gone may make the frame a page table at once. */
    if (last_write)
        page_type_put(pg);
    if (last)
        page_put(pg);
    unmark(t, ref, act);
    spin_unlock(&t->lock);
}

/* Entries looked at, and frames noted, while the lock is held. */
#define WRITTEN_ENTRIES 512
#define WRITTEN_FRAMES 16

/* Frames of some of the entries from *@next on, each referenced: how many. */
static unsigned int writable_some(struct grant_table *t, grant_ref_t *next, struct page **pages)
{
    unsigned int n = 0;
    uint32_t end;

    spin_lock(&t->lock);
    end = min(grant_entries(t), *next + WRITTEN_ENTRIES);
    for (; *next < end && n < WRITTEN_FRAMES; ++*next) {
        const struct grant_active *act = entry_active(t, *next);

        if (act->writes) {
            pages[n] = mfn_page(act->frame);
            page_ref(pages[n++]);
        }
    }
    if (*next == grant_entries(t))
        *next = 0;
    spin_unlock(&t->lock);
    return n;
}

long grant_written(struct domain *d, grant_ref_t *next)
{
    struct page *pages[WRITTEN_FRAMES];

    for (;;) {
        unsigned int n = writable_some(d->grant, next, pages);

        while (n > 0) {
            page_written(pages[--n]);
            page_put(pages[n]);
        }
        if (!*next)
            return 0;
        if (hypercall_preempt())
            return -ERESTART;
    }
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
        if (in_use(active_a) || in_use(active_b)) {
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

/* Announce to the guest that a frame from @from is on its way: from now on it leaves the entry
 * alone (xen/grant_table.h). The flags say GTF_accept_transfer and nothing else. */
static bool transfer_commit(grant_entry_header_t *head, domid_t from)
{
    uint32_t *word = (uint32_t *)head, wanted = (uint32_t)from << 16 | GTF_accept_transfer;

    return __atomic_compare_exchange_n(word, &wanted, wanted | GTF_transfer_committed, false,
                                       __ATOMIC_SEQ_CST, __ATOMIC_RELAXED);
}

/* Where the guest wants the frame (its own name for it), and the frame's number over that. */
static uint64_t transfer_place(const struct grant_table *t, grant_ref_t ref)
{
    return t->version == 1 ? READ_ONCE(entry_v1(t, ref)->frame)
                           : READ_ONCE(entry_v2(t, ref)->full_page.frame);
}

static void transfer_complete(const struct grant_table *t, grant_ref_t ref, mfn_t mfn)
{
    if (t->version == 1)
        WRITE_ONCE(entry_v1(t, ref)->frame, (uint32_t)mfn.n);
    else
        WRITE_ONCE(entry_v2(t, ref)->full_page.frame, mfn.n);
    __atomic_fetch_or(entry_flags(t, ref), GTF_transfer_completed, __ATOMIC_SEQ_CST);
}

/* Lock held, @ref exists. */
static int accept_frame(struct domain *d, grant_ref_t ref, domid_t from, struct page *pg)
{
    const struct grant_table *t = d->grant;
    mfn_t mfn = page_mfn(pg);

    if (t->version == 1 && mfn.n > UINT32_MAX)
        return GNTST_address_too_big;
    /* An entry in use, whatever it says now, has its marks where the transfer's are. */
    if (in_use(entry_active(t, ref)) ||
        !transfer_commit((grant_entry_header_t *)entry_flags(t, ref), from))
        return GNTST_general_error;
    m2p_set(mfn, transfer_place(t, ref)); /* before others can free it */
    if (!domain_give_frame(d, pg)) {
        m2p_set(mfn, M2P_INVALID);
        return GNTST_general_error;
    }
    transfer_complete(t, ref, mfn);
    return GNTST_okay;
}

int entry_accept(struct domain *d, grant_ref_t ref, domid_t from, struct page *pg)
{
    struct grant_table *t = d->grant;
    int rc = GNTST_general_error;
    uint32_t entries;

    spin_lock(&t->lock);
    entries = grant_entries(t);
    if (ref < entries)
        rc = accept_frame(d, (grant_ref_t)index_clamp(ref, entries), from, pg);
    spin_unlock(&t->lock);
    return rc;
}
