/* SPDX-License-Identifier: BSD-2-Clause */
/* XENMEM_exchange: a domain trades frames for others of another size or below an address. */
#include "domain/memory.h"

#include "abi/errno.h"
#include "cpu/percpu.h"
#include "domain/domain.h"
#include "hypercall/hypercall.h"
#include "lib/bits.h"
#include "lib/sort.h"
#include "lib/string.h"
#include "mm/heap.h"
#include "mm/page.h"
#include "mm/pool.h"
#include "p2m/copy.h"
#include "p2m/m2p.h"

/*
 * The trade is made chunk by chunk; a chunk is one extent of the larger of the two orders, and
 * 2^difference extents of the smaller. Each is prepared in full (everything read, the new frames
 * allocated and the list of them written, the old frames found to be the domain's and referenced)
 * before anything changes; the commit half cannot fail. PV kernels make contiguous DMA buffers with
 * one chunk a call and count on all or nothing (frames half traded could never be named again).
 */
#define EXCHANGE_ORDER_MAX 12  /* 16 MiB: bounds the arrays below and the length of one step */
#define EXCHANGE_ORDER_GUEST 9 /* 2 MiB: as for its reservation */

struct exchange {
    struct domain *d;
    uint64_t in_list, out_list;           /* guest arrays of the chunk */
    unsigned int in_order, out_order, bits;
    uint64_t in_count, out_count;         /* extents in the chunk */
    uint64_t *mfns;                       /* in: first frame of each extent, sorted */
    uint64_t *gpfns;                      /* out: where each new extent goes */
    struct page **pages;                  /* out: the new extents */
    uint64_t taken;                       /* old frames referenced so far */
    uint64_t allocated;                   /* new extents allocated so far */
};

/* Only a frame that nothing maps or uses can be traded: its owner's reference and ours are all. */
static bool is_idle_frame(const struct page *pg)
{
    uint64_t count = READ_ONCE(pg->count);

    return (count & (PAGE_XENHEAP | PAGE_ALLOCATED)) == PAGE_ALLOCATED &&
           (count & PAGE_REFS_MASK) == 2;
}

static int compare_mfn(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return x < y ? -1 : x > y;
}

/* The @nth old frame of the chunk. */
static mfn_t old_frame(const struct exchange *x, uint64_t nth)
{
    return MFN(x->mfns[nth >> x->in_order] + (nth & (BIT(x->in_order) - 1)));
}

static int allocate_new(struct exchange *x)
{
    for (; x->allocated < x->out_count; x->allocated++) {
        struct page *pg = heap_alloc(x->out_order, x->bits);

        if (!pg)
            return -ENOMEM;
        x->pages[x->allocated] = pg;
    }
    return 0;
}

/* Read the old extents and take a reference on each of their frames. */
static int take_old(struct exchange *x)
{
    uint64_t frames = x->in_count << x->in_order;

    if (copy_from_guest(x->mfns, x->in_list, x->in_count * sizeof(*x->mfns)))
        return -EFAULT;
    sort(x->mfns, x->in_count, sizeof(*x->mfns), compare_mfn);
    for (uint64_t i = 1; i < x->in_count; i++)
        if (x->mfns[i] - x->mfns[i - 1] < BIT(x->in_order))
            return -EINVAL; /* the same frame twice */
    for (; x->taken < frames; x->taken++) {
        mfn_t m = old_frame(x, x->taken);
        struct page *pg;

        if (!mfn_valid(m))
            return -EINVAL;
        pg = mfn_page(m);
        if (!page_get(pg, x->d))
            return -EINVAL;
        if (!is_idle_frame(pg)) {
            page_put(pg);
            return -EINVAL;
        }
    }
    return 0;
}

/* Read where the new extents go, and tell the guest their frames. */
static int write_new(struct exchange *x)
{
    if (copy_from_guest(x->gpfns, x->out_list, x->out_count * sizeof(*x->gpfns)))
        return -EFAULT;
    for (uint64_t i = 0; i < x->out_count; i++) {
        uint64_t mfn = page_mfn(x->pages[i]).n;

        if (copy_to_guest(GUEST_ELEM(x->out_list, uint64_t, i), &mfn, sizeof(mfn)))
            return -EFAULT;
    }
    return 0;
}

static void undo(struct exchange *x)
{
    while (x->taken)
        page_put(mfn_page(old_frame(x, --x->taken)));
    while (x->allocated)
        heap_free(x->pages[--x->allocated], x->out_order);
}

/* The new frames are the domain's, counted even over its limit: as many old ones are on their way
 * back, each counted until its last user lets go. */
static void count_new(struct domain *d, uint64_t frames, uint64_t lowest, uint64_t highest)
{
    spin_lock(&d->page_lock);
    d->tot_pages += frames;
    d->lowest_mfn = min(d->lowest_mfn, lowest);
    d->highest_mfn = max(d->highest_mfn, highest);
    spin_unlock(&d->page_lock);
}

static void commit(struct exchange *x)
{
    while (x->taken) {
        mfn_t m = old_frame(x, --x->taken);
        struct page *pg = mfn_page(m);

        if (page_release_allocated(pg)) /* unless another vCPU gave it up meanwhile */
            m2p_set(m, M2P_INVALID);
        page_put(pg);
    }
    for (uint64_t i = 0; i < x->out_count; i++) {
        mfn_t base = page_mfn(x->pages[i]);

        count_new(x->d, BIT(x->out_order), base.n, base.n + BIT(x->out_order) - 1);
        for (uint64_t j = 0; j < BIT(x->out_order); j++) {
            m2p_set(mfn_add(base, j), x->gpfns[i] + j);
            page_assign(x->pages[i] + j, x->d->id, 0);
            page_written(x->pages[i] + j);
        }
    }
}

static int exchange_chunk(struct exchange *x)
{
    int rc;

    x->taken = x->allocated = 0;
    rc = allocate_new(x); /* first: the usual failure is that there is no low memory */
    if (!rc)
        rc = take_old(x);
    if (!rc)
        rc = write_new(x);
    if (rc)
        undo(x);
    else
        commit(x);
    return rc;
}

/* Is the request sound, apart from its lists? Gives the order of a chunk. */
static int check_request(const struct xen_memory_exchange *e, unsigned int *chunk_order)
{
    unsigned int in = e->in.extent_order, out = e->out.extent_order;
    unsigned int limit = caller_is_control() ? EXCHANGE_ORDER_MAX : EXCHANGE_ORDER_GUEST;
    uint64_t in_per_chunk;

    if (e->in.domid != e->out.domid)
        return -EINVAL;
    if (in > limit || out > limit)
        return -EPERM;
    if (e->in.nr_extents > (~0ULL >> 1) >> EXCHANGE_ORDER_MAX ||
        e->out.nr_extents > (~0ULL >> 1) >> EXCHANGE_ORDER_MAX ||
        e->in.nr_extents << in != e->out.nr_extents << out)
        return -EINVAL;
    *chunk_order = max(in, out);
    in_per_chunk = BIT(*chunk_order - in);
    if (e->in.nr_extents % in_per_chunk || e->nr_exchanged % in_per_chunk ||
        e->nr_exchanged > e->in.nr_extents)
        return -EINVAL;
    return 0;
}

/* Trade chunks from e->nr_exchanged on, counting there. */
static long run_chunks(struct exchange *x, struct xen_memory_exchange *e)
{
    uint64_t begin = e->nr_exchanged;

    while (e->nr_exchanged < e->in.nr_extents) {
        uint64_t out_done = e->nr_exchanged << x->in_order >> x->out_order;
        int rc;

        if (e->nr_exchanged != begin && hypercall_preempt())
            return -ERESTART;
        if (READ_ONCE(x->d->tot_pages) > READ_ONCE(x->d->max_pages))
            page_limbo_drain(); /* what it traded away last may be on its way */
        if (READ_ONCE(x->d->tot_pages) > READ_ONCE(x->d->max_pages))
            return -ENOMEM; /* it holds on to frames it has traded away */
        x->in_list = GUEST_ELEM(GUEST_VA(e->in.extent_start), uint64_t, e->nr_exchanged);
        x->out_list = GUEST_ELEM(GUEST_VA(e->out.extent_start), uint64_t, out_done);
        rc = exchange_chunk(x);
        if (rc)
            return rc;
        e->nr_exchanged += x->in_count;
    }
    return 0;
}

static long exchange_for(struct domain *d, struct xen_memory_exchange *e, unsigned int chunk_order)
{
    struct exchange x = {
        .d = d,
        .in_order = e->in.extent_order,
        .out_order = e->out.extent_order,
        .bits = XENMEMF_get_address_bits(e->out.mem_flags),
        .in_count = BIT(chunk_order - e->in.extent_order),
        .out_count = BIT(chunk_order - e->out.extent_order),
    };
    unsigned int bound = READ_ONCE(d->dma_bits);
    long rc = -ENOMEM;

    if (!x.bits || (bound && bound < x.bits))
        x.bits = bound;
    if (x.bits && x.bits < PAGE_SHIFT + x.out_order)
        return -ENOMEM;
    x.mfns = pool_array(uint64_t, x.in_count);
    x.gpfns = pool_array(uint64_t, x.out_count);
    x.pages = pool_array(struct page *, x.out_count);
    if (x.mfns && x.gpfns && x.pages)
        rc = run_chunks(&x, e);
    pool_free(x.mfns);
    pool_free(x.gpfns);
    pool_free(x.pages);
    return rc;
}

long reservation_exchange(uint64_t gva)
{
    struct xen_memory_exchange e;
    unsigned int chunk_order;
    struct domain *d;
    long rc;

    if (copy_from_guest(&e, gva, sizeof(e)))
        return -EFAULT;
    rc = check_request(&e, &chunk_order);
    if (rc)
        return rc;
    rc = memory_target(e.in.domid, &d);
    if (rc)
        return rc;
    /* Only for the caller: a domain that makes this call is not being torn down meanwhile. */
    if (d->is_translated)
        rc = -EOPNOTSUPP;
    else if (d != vcpu_current()->domain)
        rc = -EINVAL;
    else
        rc = exchange_for(d, &e, chunk_order);
    domain_put(d);
    if (e.in.nr_extents && copy_to_guest(gva + offsetof(struct xen_memory_exchange, nr_exchanged),
                                         &e.nr_exchanged, sizeof(e.nr_exchanged)))
        return -EFAULT;
    return rc;
}
