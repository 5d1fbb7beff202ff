/* SPDX-License-Identifier: BSD-2-Clause */
/* Frames of a domain: more, fewer, others. */
#include "domain/memory.h"

#include "abi/errno.h"
#include "cpu/percpu.h"
#include "domain/domain.h"
#include "domain/pod.h"
#include "domain/translated.h"
#include "hypercall/hypercall.h"
#include "lib/bits.h"
#include "mm/heap.h"
#include "mm/page.h"
#include "p2m/copy.h"
#include "p2m/m2p.h"
#include "p2m/p2m.h"

/* Largest extents: 2 MiB for a guest, so that one step is short; the builder may ask for 1 GiB. */
#define EXTENT_ORDER_GUEST 9
#define EXTENT_ORDER_CONTROL 18

static unsigned int order_limit(void)
{
    return caller_is_control() ? EXTENT_ORDER_CONTROL : EXTENT_ORDER_GUEST;
}

/* Address width for new frames of @d: the narrower of what is asked and what it is bound to. */
static unsigned int address_bits(const struct domain *d, uint32_t mem_flags)
{
    unsigned int bits = XENMEMF_get_address_bits(mem_flags);
    unsigned int bound = READ_ONCE(d->dma_bits);

    if (!bits || (bound && bound < bits))
        bits = bound;
    return bits;
}

/* Can 2^@order naturally aligned frames lie below 2^@bits bytes at all? */
static bool fits_width(unsigned int order, unsigned int bits)
{
    return !bits || bits >= PAGE_SHIFT + order;
}

bool reservation_drop_frame(struct domain *d, mfn_t m)
{
    struct page *pg;
    bool dropped;

    if (!mfn_valid(m))
        return false;
    pg = mfn_page(m);
    if (!page_get(pg, d))
        return false;
    /* shared_info, grant tables and the like are not the domain's to give away */
    dropped = !(READ_ONCE(pg->count) & PAGE_XENHEAP) && page_release_allocated(pg);
    if (dropped)
        m2p_set(m, M2P_INVALID);
    page_put(pg);
    return dropped;
}

/* Undo of domain_alloc_pages(). */
static void free_extent(struct domain *d, mfn_t base, unsigned int order)
{
    for (uint64_t i = 0; i < BIT(order); i++)
        if (!reservation_drop_frame(d, mfn_add(base, i)))
            continue; /* the domain itself gave it up meanwhile */
}

/* One extent for XENMEM_increase_reservation (@gpfn is M2P_INVALID) or populate_physmap. */
static bool add_extent(struct domain *d, const struct xen_memory_reservation *r, uint64_t slot,
                       uint64_t gpfn)
{
    unsigned int bits = address_bits(d, r->mem_flags);
    struct page *pg;
    uint64_t mfn;

    /* from one node and no other is for those who build domains; and there is one node */
    if ((r->mem_flags & XENMEMF_exact_node_request) &&
        (!caller_is_control() || XENMEMF_get_node(r->mem_flags) != 0))
        return false;
    if (!fits_width(r->extent_order, bits) || (r->mem_flags & XENMEMF_populate_on_demand))
        return false; /* (a pool to populate from is for translated guests) */
    pg = domain_alloc_pages(d, r->extent_order, bits, gpfn);
    if (!pg)
        return false;
    mfn = page_mfn(pg).n;
    if (slot && !d->is_translated && copy_to_guest(slot, &mfn, sizeof(mfn))) {
        free_extent(d, MFN(mfn), r->extent_order);
        return false;
    }
    return true;
}

static bool populate_extent(struct domain *d, const struct xen_memory_reservation *r, uint64_t slot)
{
    uint64_t gpfn;

    if (copy_from_guest(&gpfn, slot, sizeof(gpfn)))
        return false;
    if (d->is_translated && (r->mem_flags & XENMEMF_populate_on_demand)) /* never by itself */
        return d != vcpu_current()->domain && pod_promise(d, gpfn, r->extent_order);
    if (d->is_translated)
        return translated_populate(d, gpfn, r->extent_order, address_bits(d, r->mem_flags));
    return add_extent(d, r, slot, gpfn);
}

static bool remove_extent(struct domain *d, const struct xen_memory_reservation *r, uint64_t slot)
{
    uint64_t gfn;

    if (copy_from_guest(&gfn, slot, sizeof(gfn)))
        return false;
    if (d->is_translated)
        return translated_remove(d, gfn, r->extent_order);
    for (uint64_t i = 0; i < BIT(r->extent_order); i++)
        if (!reservation_drop_frame(d, MFN(gfn + i)))
            return false;
    return true;
}

static bool one_extent(uint32_t cmd, struct domain *d, const struct xen_memory_reservation *r,
                       uint64_t i)
{
    uint64_t list = GUEST_VA(r->extent_start);
    uint64_t slot = list ? GUEST_ELEM(list, uint64_t, i) : 0;

    if (cmd == XENMEM_increase_reservation)
        return add_extent(d, r, slot, M2P_INVALID);
    if (!slot)
        return false;
    return cmd == XENMEM_populate_physmap ? populate_extent(d, r, slot) : remove_extent(d, r, slot);
}

long reservation_op(uint32_t cmd, uint64_t start, uint64_t gva)
{
    struct xen_memory_reservation r;
    struct domain *d;
    uint64_t i;

    /* The answer is a count, so a request that cannot begin is one of which nothing was done. */
    if (copy_from_guest(&r, gva, sizeof(r)))
        return (long)start;
    if (start >= r.nr_extents || r.nr_extents > (~0ULL >> (MEMORY_CMD_BITS + 1)) ||
        r.extent_order > order_limit())
        return (long)start;
    if (memory_target(r.domid, &d))
        return (long)start;
    for (i = start; i < r.nr_extents; i++) {
        if (i != start && hypercall_preempt()) {
            domain_put(d);
            return memory_continue(cmd, i);
        }
        if (!one_extent(cmd, d, &r, i))
            break;
    }
    domain_put(d);
    return (long)i;
}

long reservation_claim(uint64_t gva)
{
    struct xen_memory_reservation r;
    uint64_t want;
    struct domain *d;
    int rc = 0;

    if (copy_from_guest(&r, gva, sizeof(r)))
        return -EFAULT;
    if (!caller_is_control())
        return -EPERM;
    if (GUEST_VA(r.extent_start) || r.extent_order || r.mem_flags)
        return -EINVAL;
    if (r.domid == DOMID_SELF || memory_target(r.domid, &d))
        return -EINVAL;
    spin_lock(&d->page_lock);
    if (!r.nr_extents) {
        heap_unclaim(d->claimed_pages);
        d->claimed_pages = 0;
    } else if (d->claimed_pages || d->life != DOMAIN_ALIVE || r.nr_extents > d->max_pages ||
               r.nr_extents < d->tot_pages) {
        rc = -EINVAL;
    } else {
        want = r.nr_extents - d->tot_pages; /* what it has already counts */
        rc = heap_claim(want);
        if (!rc)
            d->claimed_pages = want;
    }
    spin_unlock(&d->page_lock);
    domain_put(d);
    return rc;
}

long reservation_pod_target(uint32_t cmd, uint64_t gva)
{
    struct xen_pod_target target;
    struct domain *d;
    long rc;

    if (copy_from_guest(&target, gva, sizeof(target)))
        return -EFAULT;
    if (!caller_is_control())
        return -EPERM;
    rc = memory_target(target.domid, &d);
    if (rc)
        return rc;
    if (!d->is_translated || (cmd == XENMEM_set_pod_target && target.target_pages > d->max_pages))
        rc = -EINVAL;
    else if (cmd == XENMEM_set_pod_target)
        rc = pod_set_target(d, target.target_pages);
    if (!rc) {
        target.tot_pages = READ_ONCE(d->tot_pages);
        target.pod_cache_pages = READ_ONCE(d->p2m->pod.count);
        target.pod_entries = READ_ONCE(d->p2m->promised);
        rc = copy_to_guest(gva, &target, sizeof(target));
    }
    domain_put(d);
    return rc;
}
