/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Frames and their owners: quota, allocation, and the end of a frame.
 *
 * What is always true here: tot_pages counts the frames of a domain from before they are assigned
 * until their last reference is gone, so a domain that hides frames in mappings still pays for
 * them; hyp_pages counts the hypervisor's that are shared with it in the same way. A domain stays
 * on the list until both are 0: no frame names an owner that is gone, or another one of its number.
 * A frame is assigned to a domain only while it is not dying, and inside its bounds for scanning;
 * both are looked at and set under page_lock, so teardown misses none.
 */
#include "abi/errno.h"
#include "cpu/smp.h"
#include "domain/domain.h"
#include "domain/teardown.h"
#include "mm/heap.h"
#include "mm/page.h"
#include "mm/page_hooks.h"
#include "mm/tlb.h"
#include "p2m/m2p.h"

static bool is_dying(const struct domain *d)
{
    return d->life == DOMAIN_DYING || d->life == DOMAIN_DEAD;
}

static int count_more(struct domain *d, uint64_t pages)
{
    int rc = -ENOMEM;

    spin_lock(&d->page_lock);
    if (!is_dying(d) && d->tot_pages <= d->max_pages && pages <= d->max_pages - d->tot_pages) {
        d->tot_pages += pages;
        rc = 0;
    }
    spin_unlock(&d->page_lock);
    return rc;
}

static void count_fewer(struct domain *d, uint64_t pages)
{
    bool none;

    spin_lock(&d->page_lock);
    d->tot_pages -= pages;
    none = !d->tot_pages && !d->hyp_pages;
    spin_unlock(&d->page_lock);
    if (none)
        domain_frames_gone(d);
}

static void count_fewer_shared(struct domain *d)
{
    bool none;

    spin_lock(&d->page_lock);
    d->hyp_pages--;
    none = !d->tot_pages && !d->hyp_pages;
    spin_unlock(&d->page_lock);
    if (none)
        domain_frames_gone(d);
}

int domain_adjust_pages(struct domain *d, int64_t pages)
{
    if (pages >= 0)
        return count_more(d, (uint64_t)pages);
    count_fewer(d, (uint64_t)-pages);
    return 0;
}

/* May @d take @pages from the heap without eating what is promised to others? */
static bool heap_allows(const struct domain *d, uint64_t pages)
{
    uint64_t promised = heap_claimed_pages() - READ_ONCE(d->claimed_pages);
    uint64_t free = heap_free_pages();

    return free >= pages && free - pages >= promised;
}

/* Make 2^@order frames of nobody @d's; false when it is dying. */
static bool assign(struct domain *d, struct page *pg, unsigned int order, uint64_t gpfn)
{
    uint64_t pages = 1ULL << order, first = page_mfn(pg).n;
    bool alive;

    spin_lock(&d->page_lock);
    alive = !is_dying(d);
    if (alive) {
        uint64_t used = min(d->claimed_pages, pages);

        if (used) {
            d->claimed_pages -= used;
            heap_unclaim(used);
        }
        d->lowest_mfn = min(d->lowest_mfn, first);
        d->highest_mfn = max(d->highest_mfn, first + pages - 1);
        for (uint64_t i = 0; i < pages; i++) {
            if (gpfn != M2P_INVALID)
                m2p_set(MFN(first + i), gpfn + i); /* before it can give the frame up again */
            page_assign(pg + i, d->id, 0);
        }
    }
    spin_unlock(&d->page_lock);
    /* Until now there was nothing at its place. (Memory of translated guests counts as written when
     * it comes into their table.) */
    if (unlikely(READ_ONCE(page_writes_watched)) && alive && !d->is_translated)
        for (uint64_t i = 0; i < pages; i++)
            page_written(pg + i);
    return alive;
}

static struct page *take_frames(const struct domain *d, unsigned int order, unsigned int addr_bits,
                                uint64_t gpfn)
{
    if (unlikely(d->is_direct)) /* that frame, or none */
        return order ? NULL : heap_alloc_at(MFN(gpfn));
    return heap_alloc_for(d->id, order, addr_bits);
}

struct page *domain_alloc_pages(struct domain *d, unsigned int order, unsigned int addr_bits,
                                uint64_t gpfn)
{
    struct page *pg = NULL;

    if (order > HEAP_MAX_ORDER)
        return NULL;
    if (count_more(d, 1ULL << order)) {
        page_limbo_drain(); /* what the domain gave up just now still counts until then */
        if (count_more(d, 1ULL << order))
            return NULL;
    }
    if (!heap_allows(d, 1ULL << order))
        page_limbo_drain();
    if (heap_allows(d, 1ULL << order))
        pg = take_frames(d, order, addr_bits, gpfn);
    if (pg && !assign(d, pg, order, gpfn)) {
        heap_free(pg, order);
        pg = NULL;
    }
    if (!pg)
        count_fewer(d, 1ULL << order);
    return pg;
}

struct page *domain_take_frame(struct domain *d, mfn_t m)
{
    struct page *pg = mfn_page(m);

    if (!mfn_valid(m) || !page_steal(pg, d))
        return NULL;
    m2p_set(m, M2P_INVALID);
    /* As for a frame that is freed: read-only mappings leave no stamp, and CPUs that look at the
     * frame's words together are waited for (pte_table_type). */
    tlb_flush_stale(&cpus_online, tlb_clock());
    page_clean_caches(pg);
    count_fewer(d, 1);
    return pg;
}

bool domain_give_frame(struct domain *d, struct page *pg)
{
    return assign(d, pg, 0, M2P_INVALID);
}

/* A page the hypervisor shared: its own again, for as long as it needs the memory. */
static void shared_page_freed(struct page *pg, domid_t owner)
{
    struct domain *d = domain_get(owner);

    page_make_private(pg);
    if (!d)
        return;
    count_fewer_shared(d);
    domain_put(d);
}

void domain_pages_freed(struct page *first, uint64_t n, domid_t owner)
{
    struct domain *d;

    if (first->count & PAGE_XENHEAP) {
        shared_page_freed(first, owner);
        return;
    }
    d = owner < DOMID_FIRST_RESERVED ? domain_get(owner) : NULL;
    heap_free_from(d ? owner : PAGE_OWNER_HYPERVISOR, first, n);
    if (!d)
        return;
    count_fewer(d, n);
    domain_put(d);
}
