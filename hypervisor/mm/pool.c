/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Small objects: size classes of powers of two from 32 bytes to half a page, each class a list of
 * free objects and the rest of a page that is still to be cut; larger requests are whole blocks of
 * frames.
 *
 * What is always true here: an object's class is found from the page it lies in: the page's struct
 * page carries POOL_MAGIC, the class and the number of objects in use in `type` (hypervisor frames
 * have no uses), so freeing needs no header in front of the object. A page of which none is in use
 * is the heap's again: what guests that are gone had needed is not kept.
 */
#include "mm/pool.h"

#include "debug/panic.h"
#include "lib/bits.h"
#include "lib/string.h"
#include "mm/heap.h"
#include "mm/hvmap.h"
#include "mm/page.h"
#include "sync/spinlock.h"

#define CLASS_MIN_SHIFT 5
#define CLASSES 7 /* 32 .. 2048 */
#define POOL_MAGIC 0x504f4f4c00000000ULL
#define POOL_BLOCK 0x424c4f4b00000000ULL
#define MAGIC_MASK 0xffffffff00000000ULL
#define POOL_CLASS(type) ((type) & 0xff)
#define POOL_ONE_USED (1ULL << 8)
#define POOL_USED(type) ((type) & 0xffffff00)

struct free_object {
    struct free_object *next, **link; /* what points to this one */
};

static struct pool_class {
    struct free_object *free;
    char *uncut, *end; /* of its last page */
} classes[CLASSES];
static struct spinlock pool_lock = SPINLOCK_INIT(LOCK_POOL);

static unsigned int class_of(size_t bytes)
{
    unsigned int c = 0;

    while (((size_t)1 << (CLASS_MIN_SHIFT + c)) < bytes)
        c++;
    return c;
}

static void *block_alloc(size_t bytes)
{
    unsigned int order = 0;
    void *p;

    while ((PAGE_BYTES << order) < bytes)
        order++;
    p = heap_alloc_hyp(order);
    if (p)
        mfn_page(direct_mfn(p))->type = POOL_BLOCK | order;
    return p;
}

static void put_in(struct free_object *o, struct pool_class *c)
{
    o->next = c->free;
    o->link = &c->free;
    if (o->next)
        o->next->link = &o->next;
    c->free = o;
}

static void take_out(struct free_object *o)
{
    *o->link = o->next;
    if (o->next)
        o->next->link = o->link;
}

static bool refill(unsigned int c)
{
    struct page *pg = heap_alloc_dirty(0, 0); /* each object is cleared as it is given out */

    if (!pg)
        return false;
    pg->type = POOL_MAGIC | c;
    classes[c].uncut = direct_va(mfn_paddr(page_mfn(pg)));
    classes[c].end = classes[c].uncut + PAGE_BYTES;
    return true;
}

/* An object of class @c; NULL: no memory. */
static struct free_object *object_get(unsigned int c)
{
    struct pool_class *class = &classes[c];
    struct free_object *o = class->free;

    if (o) {
        take_out(o);
    } else {
        if (class->uncut == class->end && !refill(c))
            return NULL;
        o = (struct free_object *)class->uncut;
        class->uncut += (size_t)1 << (CLASS_MIN_SHIFT + c);
    }
    mfn_page(direct_mfn(o))->type += POOL_ONE_USED;
    return o;
}

/* No object of the page is in use: the heap gets it. */
static void release(struct page *pg)
{
    struct pool_class *class = &classes[POOL_CLASS(pg->type)];
    size_t bytes = (size_t)1 << (CLASS_MIN_SHIFT + POOL_CLASS(pg->type));
    char *p = direct_va(mfn_paddr(page_mfn(pg))), *end = p + PAGE_BYTES;

    if (class->end == end) {
        end = class->uncut;
        class->uncut = class->end = NULL;
    }
    for (; p < end; p += bytes)
        take_out((struct free_object *)p);
    pg->type = 0;
    heap_free(pg, 0);
}

void *pool_alloc(size_t bytes)
{
    unsigned int c;
    struct free_object *o;
    uint64_t flags;

    if (bytes == 0)
        bytes = 1;
    if (bytes > PAGE_BYTES / 2)
        return bytes > (PAGE_BYTES << HEAP_MAX_ORDER) ? NULL : block_alloc(bytes);
    c = class_of(bytes);
    flags = spin_lock_irqsave(&pool_lock);
    o = object_get(c);
    spin_unlock_irqrestore(&pool_lock, flags);
    if (!o)
        return NULL;
    memset(o, 0, (size_t)1 << (CLASS_MIN_SHIFT + c));
    return o;
}

void *pool_alloc_array(size_t n, size_t bytes)
{
    size_t total;

    if (__builtin_mul_overflow(n, bytes, &total))
        return NULL;
    return pool_alloc(total);
}

void pool_free(void *p)
{
    struct page *pg;
    uint64_t flags;

    if (!p)
        return;
    pg = mfn_page(direct_mfn(p));
    if ((pg->type & MAGIC_MASK) == POOL_BLOCK) {
        unsigned int order = (unsigned int)(pg->type & 0xff);

        pg->type = 0;
        heap_free(pg, order);
        return;
    }
    assert((pg->type & MAGIC_MASK) == POOL_MAGIC);
    flags = spin_lock_irqsave(&pool_lock);
    assert(POOL_USED(pg->type));
    pg->type -= POOL_ONE_USED;
    put_in(p, &classes[POOL_CLASS(pg->type)]);
    if (!POOL_USED(pg->type))
        release(pg);
    spin_unlock_irqrestore(&pool_lock, flags);
}
