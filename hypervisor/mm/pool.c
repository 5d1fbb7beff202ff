/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Small objects: size classes of powers of two from 32 bytes to half a page, each class a list of
 * free objects carved from pages of the heap; larger requests are whole blocks of frames.
 *
 * What is always true here: an object's class is found from the page it lies in: the page's struct
 * page carries POOL_MAGIC and the class in `type` (hypervisor frames have no uses), so freeing
 * needs no header in front of the object.
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

struct free_object {
    struct free_object *next;
};

static struct free_object *free_list[CLASSES];
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

static bool refill(unsigned int c)
{
    size_t bytes = (size_t)1 << (CLASS_MIN_SHIFT + c);
    char *p = heap_alloc_hyp(0);

    if (!p)
        return false;
    mfn_page(direct_mfn(p))->type = POOL_MAGIC | c;
    for (size_t at = 0; at + bytes <= PAGE_BYTES; at += bytes) {
        struct free_object *o = (struct free_object *)(p + at);

        o->next = free_list[c];
        free_list[c] = o;
    }
    return true;
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
    if (!free_list[c] && !refill(c)) {
        spin_unlock_irqrestore(&pool_lock, flags);
        return NULL;
    }
    o = free_list[c];
    free_list[c] = o->next;
    spin_unlock_irqrestore(&pool_lock, flags);
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
    ((struct free_object *)p)->next = free_list[pg->type & 0xff];
    free_list[pg->type & 0xff] = p;
    spin_unlock_irqrestore(&pool_lock, flags);
}
