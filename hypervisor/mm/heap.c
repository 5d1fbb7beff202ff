/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The frame allocator: a buddy heap.
 *
 * What is always true here: a free block of 2^order frames is naturally aligned and on exactly one
 * list, list[zone][order]; its first struct page carries PAGE_HEAP_FREE, the order in the owner
 * bits and, in `type`, the frame numbers of its neighbours on the list. Blocks never cross a zone
 * border, so an address limit is a choice of zones: zone z holds frames in [2^z, 2^(z+1)).
 * Blocks are marked dirty until their contents have been cleared; only clean frames leave through
 * heap_alloc().
 *
 * The single frames freed last wait in warm[] instead: most are wanted again at once, and splitting
 * and joining blocks costs more than all else. They count as free; when a block is missing they are
 * joined after all. A frame there is dirty, and known by who left it so: only that domain may get
 * it uncleared.
 */
#include "mm/heap.h"

#include "abi/errno.h"
#include "debug/panic.h"
#include "lib/bits.h"
#include "lib/string.h"
#include "mm/hvmap.h"
#include "mm/page.h"
#include "sync/spinlock.h"

#define ZONES 40
#define NO_FRAME 0xffffffffU

#define WARM_MAX 64
#define WARM_ORDER 0xffffULL /* in place of an order: no buddy takes such a frame for a block */

static struct {
    uint32_t mfn;
    domid_t owner; /* whose data it holds; PAGE_OWNER_HYPERVISOR: anybody's */
} warm[WARM_MAX];
static unsigned int warm_count;
static uint32_t list_head[ZONES][HEAP_MAX_ORDER + 1];
static uint64_t order_bitmap[ZONES]; /* bit per order with a non-empty list */
static uint64_t zone_bitmap;         /* bit per zone with any */
static uint64_t free_pages, total_pages, claimed_pages;
static struct spinlock heap_lock = SPINLOCK_INIT(LOCK_HEAP);
static bool initialised;

static unsigned int zone_of(uint64_t mfn)
{
    return mfn < 2 ? 0 : 63 - (unsigned int)__builtin_clzll(mfn);
}

static bool is_free_head(const struct page *pg, unsigned int order)
{
    return (pg->count & PAGE_HEAP_FREE) && (pg->count >> PAGE_OWNER_SHIFT) == order;
}

static void list_insert(uint64_t mfn, unsigned int order, bool dirty)
{
    unsigned int z = zone_of(mfn);
    uint32_t next = list_head[z][order];
    struct page *pg = mfn_page(MFN(mfn));

    pg->count =
        PAGE_HEAP_FREE | (dirty ? PAGE_HEAP_DIRTY : 0) | (uint64_t)order << PAGE_OWNER_SHIFT;
    pg->type = (uint64_t)NO_FRAME << 32 | next;
    if (next != NO_FRAME) {
        struct page *n = mfn_page(MFN(next));

        n->type = (n->type & 0xffffffff) | mfn << 32;
    }
    list_head[z][order] = (uint32_t)mfn;
    order_bitmap[z] |= 1ULL << order;
    zone_bitmap |= 1ULL << z;
}

static void list_remove(uint64_t mfn, unsigned int order)
{
    unsigned int z = zone_of(mfn);
    struct page *pg = mfn_page(MFN(mfn));
    uint32_t next = (uint32_t)pg->type, prev = (uint32_t)(pg->type >> 32);

    if (prev == NO_FRAME) {
        list_head[z][order] = next;
        if (next == NO_FRAME)
            order_bitmap[z] &= ~(1ULL << order);
        if (!order_bitmap[z])
            zone_bitmap &= ~(1ULL << z);
    } else {
        struct page *p = mfn_page(MFN(prev));

        p->type = (p->type & 0xffffffff00000000) | next;
    }
    if (next != NO_FRAME) {
        struct page *n = mfn_page(MFN(next));

        n->type = (n->type & 0xffffffff) | (uint64_t)prev << 32;
    }
    pg->count = (uint64_t)PAGE_OWNER_HYPERVISOR << PAGE_OWNER_SHIFT;
    pg->type = 0;
}

/* Put a block on its list, joined with its free buddies as far as they go. Heap lock held. */
static void block_free(uint64_t mfn, unsigned int order, bool dirty)
{
    while (order < HEAP_MAX_ORDER) {
        uint64_t buddy = mfn ^ (1ULL << order);
        struct page *b = mfn_page(MFN(buddy));

        if (buddy == 0 || mfn == 0 || zone_of(buddy) != zone_of(mfn) || !mfn_valid(MFN(buddy)) ||
            !is_free_head(b, order))
            break;
        dirty |= (b->count & PAGE_HEAP_DIRTY) != 0;
        list_remove(buddy, order);
        mfn = min(mfn, buddy);
        order++;
    }
    list_insert(mfn, order, dirty);
}

/* Put frames on the lists, from @mfn to below @end, in the largest blocks that they make. Heap lock
 * held. */
static void range_free(uint64_t mfn, uint64_t end)
{
    while (mfn < end) {
        unsigned int order = 0;

        while (order < HEAP_MAX_ORDER && !(mfn & (1ULL << order)) &&
               mfn + (2ULL << order) <= end && zone_of(mfn + (2ULL << order) - 1) == zone_of(mfn))
            order++;
        block_free(mfn, order, true);
        mfn += 1ULL << order;
    }
}

void heap_add(mfn_t first, uint64_t count)
{
    uint64_t flags;

    if (!initialised) {
        memset(list_head, 0xff, sizeof(list_head));
        initialised = true;
    }
    flags = spin_lock_irqsave(&heap_lock);
    free_pages += count;
    total_pages += count;
    range_free(first.n, first.n + count);
    spin_unlock_irqrestore(&heap_lock, flags);
}

/* The smallest block of at least @order in zone @z, NO_FRAME when none. */
static uint32_t zone_find(unsigned int z, unsigned int order, unsigned int *found)
{
    uint64_t orders = order_bitmap[z] >> order;

    if (!orders)
        return NO_FRAME;
    *found = order + (unsigned int)__builtin_ctzll(orders);
    return list_head[z][*found];
}

static struct page *block_take(unsigned int order, unsigned int addr_bits, bool *dirty)
{
    unsigned int top = ZONES, found = 0;
    uint64_t mfn = NO_FRAME;

    if (order > HEAP_MAX_ORDER || free_pages < (1ULL << order))
        return NULL;
    if (addr_bits && addr_bits < ZONES + PAGE_SHIFT)
        top = addr_bits > PAGE_SHIFT ? addr_bits - PAGE_SHIFT : 0;
    for (uint64_t zones = zone_bitmap & bits_low(top); zones && mfn == NO_FRAME;) {
        unsigned int z = 63 - (unsigned int)__builtin_clzll(zones); /* the highest first */

        mfn = zone_find(z, order, &found);
        zones &= ~(1ULL << z);
    }
    if (mfn == NO_FRAME)
        return NULL;
    *dirty = (mfn_page(MFN(mfn))->count & PAGE_HEAP_DIRTY) != 0;
    list_remove(mfn, found);
    while (found > order) {
        found--;
        list_insert(mfn + (1ULL << found), found, *dirty);
    }
    free_pages -= 1ULL << order;
    return mfn_page(MFN(mfn));
}

static void warm_join(void)
{
    while (warm_count)
        block_free(warm[--warm_count].mfn, 0, true);
}

/* A frame from warm[], or a block; *@owner is who left data in it, if only one did. */
static struct page *take(unsigned int order, unsigned int addr_bits, bool *dirty, domid_t *owner)
{
    uint64_t flags = spin_lock_irqsave(&heap_lock);
    struct page *pg;

    *owner = PAGE_OWNER_HYPERVISOR;
    if (order == 0 && addr_bits == 0 && warm_count) {
        pg = mfn_page(MFN(warm[--warm_count].mfn));
        *owner = warm[warm_count].owner;
        *dirty = true;
        free_pages--;
    } else {
        pg = block_take(order, addr_bits, dirty);
        if (!pg && warm_count) {
            warm_join();
            pg = block_take(order, addr_bits, dirty);
        }
    }
    spin_unlock_irqrestore(&heap_lock, flags);
    if (pg)
        for (uint64_t i = 0; i < 1ULL << order; i++) {
            pg[i].count = (uint64_t)PAGE_OWNER_HYPERVISOR << PAGE_OWNER_SHIFT;
            pg[i].type = 0;
        }
    return pg;
}

static void clear(struct page *pg, unsigned int order)
{
    for (uint64_t i = 0; i < 1ULL << order; i++) {
        void *at = frame_map(page_mfn(pg + i));

        memset(at, 0, PAGE_BYTES);
        frame_unmap(at);
    }
}

struct page *heap_alloc_dirty(unsigned int order, unsigned int addr_bits)
{
    bool dirty;
    domid_t owner;

    return take(order, addr_bits, &dirty, &owner);
}

struct page *heap_alloc(unsigned int order, unsigned int addr_bits)
{
    return heap_alloc_for(PAGE_OWNER_HYPERVISOR, order, addr_bits);
}

struct page *heap_alloc_for(domid_t domain, unsigned int order, unsigned int addr_bits)
{
    bool dirty;
    domid_t owner;
    struct page *pg = take(order, addr_bits, &dirty, &owner);

    if (pg && dirty && (owner == PAGE_OWNER_HYPERVISOR || owner != domain))
        clear(pg, order);
    return pg;
}

/* Is @mfn in warm[]? Then it leaves it. Heap lock held. */
static bool warm_take(uint64_t mfn)
{
    for (unsigned int i = 0; i < warm_count; i++)
        if (warm[i].mfn == mfn) {
            warm[i] = warm[--warm_count];
            return true;
        }
    return false;
}

/* Take @mfn out of the free block that it is in. Heap lock held. */
static bool block_take_at(uint64_t mfn)
{
    for (unsigned int order = 0; order <= HEAP_MAX_ORDER; order++) {
        uint64_t head = mfn & ~(BIT(order) - 1);
        bool dirty;

        if (!head || !mfn_valid(MFN(head)) || !is_free_head(mfn_page(MFN(head)), order))
            continue;
        dirty = mfn_page(MFN(head))->count & PAGE_HEAP_DIRTY;
        list_remove(head, order);
        while (order-- > 0) { /* the halves without it stay */
            uint64_t other = (head ^ mfn) & BIT(order) ? head : head + BIT(order);

            list_insert(other, order, dirty);
            head += other == head ? BIT(order) : 0;
        }
        return true;
    }
    return false;
}

struct page *heap_alloc_at(mfn_t m)
{
    struct page *pg = mfn_page(m);
    uint64_t flags;
    bool taken;

    if (!m.n || !mfn_valid(m))
        return NULL;
    flags = spin_lock_irqsave(&heap_lock);
    taken = warm_take(m.n) || block_take_at(m.n);
    if (taken) {
        free_pages--;
        pg->count = (uint64_t)PAGE_OWNER_HYPERVISOR << PAGE_OWNER_SHIFT;
        pg->type = 0;
    }
    spin_unlock_irqrestore(&heap_lock, flags);
    if (!taken)
        return NULL;
    clear(pg, 0);
    return pg;
}

void heap_free(struct page *pg, unsigned int order)
{
    uint64_t flags;

    if (order == 0) {
        heap_free_from(PAGE_OWNER_HYPERVISOR, pg, 1);
        return;
    }
    flags = spin_lock_irqsave(&heap_lock);
    assert(!(pg->count & PAGE_HEAP_FREE));
    free_pages += 1ULL << order;
    block_free(page_mfn(pg).n, order, true);
    spin_unlock_irqrestore(&heap_lock, flags);
}

void heap_free_from(domid_t domain, struct page *first, uint64_t count)
{
    struct page *pg = first, *end = first + count;
    uint64_t flags = spin_lock_irqsave(&heap_lock);

    free_pages += count;
    for (; pg < end && warm_count < WARM_MAX; pg++) {
        assert(!(pg->count & PAGE_HEAP_FREE));
        warm[warm_count].mfn = (uint32_t)page_mfn(pg).n;
        warm[warm_count++].owner = domain;
        pg->count = PAGE_HEAP_FREE | PAGE_HEAP_DIRTY | WARM_ORDER << PAGE_OWNER_SHIFT;
        pg->type = 0;
    }
    first = pg;
    for (; pg < end; pg++) {
        assert(!(pg->count & PAGE_HEAP_FREE));
        pg->count = (uint64_t)PAGE_OWNER_HYPERVISOR << PAGE_OWNER_SHIFT;
        pg->type = 0;
    }
    range_free(page_mfn(first).n, page_mfn(end).n);
    spin_unlock_irqrestore(&heap_lock, flags);
}

void heap_forget(domid_t domain)
{
    uint64_t flags = spin_lock_irqsave(&heap_lock);

    for (unsigned int i = 0; i < warm_count; i++)
        if (warm[i].owner == domain)
            warm[i].owner = PAGE_OWNER_HYPERVISOR;
    spin_unlock_irqrestore(&heap_lock, flags);
}

uint64_t heap_free_block(mfn_t m)
{
    uint64_t count = READ_ONCE(mfn_page(m)->count), order = count >> PAGE_OWNER_SHIFT;

    return (count & PAGE_HEAP_FREE) && order <= HEAP_MAX_ORDER ? 1ULL << order : 0;
}

void *heap_alloc_hyp(unsigned int order)
{
    struct page *pg = heap_alloc(order, 0);

    return pg ? direct_va(mfn_paddr(page_mfn(pg))) : NULL;
}

void heap_free_hyp(void *p, unsigned int order)
{
    if (p)
        heap_free(mfn_page(direct_mfn(p)), order);
}

uint64_t heap_free_pages(void)
{
    return READ_ONCE(free_pages);
}

uint64_t heap_total_pages(void)
{
    return total_pages;
}

int heap_claim(uint64_t pages)
{
    uint64_t flags = spin_lock_irqsave(&heap_lock);
    int rc = -ENOMEM;

    if (pages <= free_pages && claimed_pages <= free_pages - pages) {
        claimed_pages += pages;
        rc = 0;
    }
    spin_unlock_irqrestore(&heap_lock, flags);
    return rc;
}

void heap_unclaim(uint64_t pages)
{
    uint64_t flags = spin_lock_irqsave(&heap_lock);

    assert(claimed_pages >= pages);
    claimed_pages -= pages;
    spin_unlock_irqrestore(&heap_lock, flags);
}

uint64_t heap_claimed_pages(void)
{
    return READ_ONCE(claimed_pages);
}
