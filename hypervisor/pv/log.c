/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The log of the frames of a PV domain that were written, for moving it while it runs.
 *
 * What is always true here, while there is a log: a frame of the domain that was written since it
 * was last taken, or can be by a translation made since, has its bit set, or is named by a leaf in
 * a table of the domain's with all of PTE_WRITTEN set.
 *  - Processors set A before they use a leaf and D before they write, and keep translations only of
 *    leaves that have A. Gathering clears A; the flush at the end of a call that takes bits ends
 *    all translations of before. D stays as it is: it is the guest's, and would be missed.
 *  - Whatever else takes one of those bits away sets the frame's bit (entry_ref.c, pte_update.c).
 *    Translations that outlive it end by the flush of the call that takes the bit.
 *  - Tables change by us alone, and are marked where we do it (pte_update.c, type.c); that a
 *    processor has set A or D in one is seen when that is gathered.
 *  - Who else writes to the frame says so afterwards (page_written()).
 * So a frame that is read through a writable leaf counts as written too. More than that cannot be
 * known without hiding W or D from the guest, who looks at them (docs/design/pv.md).
 */
#include "pv/log.h"

#include "abi/errno.h"
#include "domain/domain.h"
#include "hypercall/hypercall.h"
#include "lib/string.h"
#include "mm/heap.h"
#include "p2m/m2p.h"
#include "pv/pte_update.h"
#include "pv/type.h"

#define BITS_PER_PAGE (8 * PAGE_BYTES)
/* A guest's frame numbers may have holes: room for 1 GiB of them, such as a PC has below 4 GiB. */
#define HOLE_FRAMES (GiB >> PAGE_SHIFT)

static unsigned int log_order(const struct domain *d)
{
    uint64_t frames = min(d->max_pages, frame_limit) + HOLE_FRAMES;
    unsigned int order = 0;

    while (BITS_PER_PAGE << order < frames)
        order++;
    return order;
}

int pv_log_begin(struct domain *d)
{
    struct pv_log *log = &d->pv->log;
    unsigned int order = log_order(d);
    uint64_t *bits;

    if (log->bits)
        return -EINVAL;
    bits = heap_alloc_hyp(order);
    if (!bits)
        return -ENOMEM;
    log->frames = BITS_PER_PAGE << order;
    log->order = order;
    log->count = 0;
    spin_lock(&log->lock);
    log->bits = bits;
    spin_unlock(&log->lock);
    __atomic_fetch_add(&page_writes_watched, 1, __ATOMIC_SEQ_CST);
    /* Who has not seen that is done with his entry by now. */
    pv_update_lock(d);
    pv_update_unlock(d);
    return 0;
}

void pv_log_end(struct domain *d)
{
    struct pv_log *log = &d->pv->log;
    uint64_t *bits = log->bits;

    if (!bits)
        return;
    __atomic_fetch_sub(&page_writes_watched, 1, __ATOMIC_SEQ_CST);
    spin_lock(&log->lock);
    log->bits = NULL;
    spin_unlock(&log->lock);
    heap_free_hyp(bits, log->order);
    log->gathered = false;
    log->cursor = log->next = log->grant = 0;
    log->call = 0;
}

bool pv_log_is_on(const struct domain *d)
{
    return d->pv->log.bits;
}

/* Lock held. */
static void mark(struct pv_log *log, uint64_t gfn)
{
    uint64_t bit = 1ULL << (gfn % 64);

    if (!log->bits || gfn >= log->frames || (log->bits[gfn / 64] & bit))
        return;
    log->bits[gfn / 64] |= bit;
    log->count++;
}

void pv_log_frame(struct domain *d, const struct page *pg)
{
    struct pv_log *log = &d->pv->log;

    if (!READ_ONCE(log->bits)) /* somebody else's is on */
        return;
    spin_lock(&log->lock);
    mark(log, m2p_get(page_mfn(pg)));
    spin_unlock(&log->lock);
}

/* One L1 table in use; @d's page-table lock held. */
static void gather_table(struct domain *d, mfn_t table)
{
    struct pv_log *log = &d->pv->log;
    uint64_t *entries = frame_map(table);
    bool any = false;

    spin_lock(&log->lock);
    for (unsigned int i = 0; i < TABLE_ENTRIES; i++) {
        uint64_t entry = READ_ONCE(entries[i]);
        mfn_t mfn = pte_mfn(entry);

        /* (others' frames count as written when they are given back) */
        if ((entry & PTE_WRITTEN) != PTE_WRITTEN || !mfn_valid(mfn) ||
            page_owner_id(mfn_page(mfn)) != d->id)
            continue;
        __atomic_fetch_and(&entries[i], ~PTE_A, __ATOMIC_SEQ_CST);
        mark(log, m2p_get(mfn));
        any = true;
    }
    if (any)
        mark(log, m2p_get(table));
    spin_unlock(&log->lock);
    frame_unmap(entries);
}

/* A hint, looked at before the lock is taken. */
static bool looks_like_table(const struct domain *d, const struct page *pg)
{
    return page_owner_id(pg) == d->id && page_type_now(pg) == PAGE_L1;
}

long pv_log_gather(struct domain *d)
{
    struct pv_log *log = &d->pv->log;
    uint64_t first = max(log->cursor, d->lowest_mfn), step = 1;
    unsigned int looked = 0;

    for (uint64_t n = first; n <= d->highest_mfn; n += step, step = 1) {
        log->cursor = n;
        if (n != first && ++looked % 64 == 0 && hypercall_preempt())
            return -ERESTART;
        if (!mfn_valid(MFN(n)))
            continue;
        if (!looks_like_table(d, mfn_page(MFN(n)))) {
            step = max(heap_free_block(MFN(n)), (uint64_t)1);
            continue;
        }
        looked |= 63; /* look at other work next: a table is as long as 64 frames */
        pv_update_lock(d);
        if (pte_table_type(d, MFN(n)) == PAGE_L1)
            gather_table(d, MFN(n));
        pv_update_unlock(d);
    }
    log->cursor = 0;
    return 0;
}

void pv_log_take(struct domain *d, uint64_t gfn, unsigned int count, bool forget, uint64_t *bits)
{
    struct pv_log *log = &d->pv->log;

    spin_lock(&log->lock);
    for (unsigned int i = 0; i < count; i += 64) {
        uint64_t mask = count - i < 64 ? (1ULL << (count - i)) - 1 : ~0ULL;
        uint64_t *word = gfn + i < log->frames ? &log->bits[(gfn + i) / 64] : NULL;

        bits[i / 64] = (word ? *word : ~0ULL) & mask;
        if (word && forget)
            *word &= ~mask;
    }
    spin_unlock(&log->lock);
}

void pv_log_untake(struct domain *d, uint64_t gfn, unsigned int count, const uint64_t *bits)
{
    struct pv_log *log = &d->pv->log;

    spin_lock(&log->lock);
    for (unsigned int i = 0; i < count; i += 64)
        if (gfn + i < log->frames)
            log->bits[(gfn + i) / 64] |= bits[i / 64];
    spin_unlock(&log->lock);
}

uint64_t pv_log_count(struct domain *d, bool forget)
{
    struct pv_log *log = &d->pv->log;
    uint64_t count;

    spin_lock(&log->lock);
    count = log->count;
    if (forget)
        log->count = 0;
    spin_unlock(&log->lock);
    return count;
}
