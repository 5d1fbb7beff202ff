/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Frames: owner, references and uses.
 *
 * What is always true here:
 *  - Both words change only by compare-and-swap (or an atomic add of one) in this file and in
 *    pv/type.c, and only along the steps of mm/page_word.h.
 *  - A use implies a reference; a frame with references belongs to who its count word says.
 *  - A frame is in use as one type at most. In particular nothing is ever mapped writable while it
 *    is a page table or descriptor page.
 *  - When a last use ends, the TLB clock is noted. A use as another type begins only after every
 *    TLB that may be older than that has been flushed: no CPU writes through an old mapping into a
 *    new table, none walks through an old table into what is writable now.
 *  - What a guest may have written past the caches (PAGE_UNCACHED) is read from memory, not from a
 *    stale cache line, when it matters: when a frame is checked as a table, and when it is freed.
 *  - A frame reaches the heap only through page_limbo_drain(), which flushes before it frees.
 */
#include "mm/page.h"

#include "abi/errno.h"
#include "cpu/insn.h"
#include "cpu/percpu.h"
#include "cpu/smp.h"
#include "debug/panic.h"
#include "mm/hvmap.h"
#include "mm/page_hooks.h"
#include "mm/page_word.h"
#include "mm/tlb.h"

static inline bool word_swap(uint64_t *word, uint64_t *old, uint64_t next)
{
    return __atomic_compare_exchange_n(word, old, next, false, __ATOMIC_SEQ_CST,
                                       __ATOMIC_RELAXED);
}

/* May a count of references be raised by a guest's doing? */
static inline bool refs_live(uint64_t count)
{
    return (count & PAGE_REFS_MASK) - 1 < PAGE_REFS_MAX - 1;
}

bool page_get_id(struct page *pg, domid_t owner)
{
    uint64_t old = READ_ONCE(pg->count);

    do {
        if (old >> PAGE_OWNER_SHIFT != owner || !refs_live(old) || (old & PAGE_NOT_RAM))
            return false;
    } while (!word_swap(&pg->count, &old, old + 1));
    return true;
}

bool page_get_any(struct page *pg, domid_t *owner)
{
    uint64_t old = READ_ONCE(pg->count);

    do {
        if (!refs_live(old) || (old & (PAGE_NOT_RAM | PAGE_HEAP_FREE)))
            return false;
    } while (!word_swap(&pg->count, &old, old + 1));
    *owner = (domid_t)(old >> PAGE_OWNER_SHIFT);
    return true;
}

void page_ref(struct page *pg)
{
    __atomic_fetch_add(&pg->count, 1, __ATOMIC_RELAXED);
}

#define LIMBO_MANY 100

/* The last reference is gone: park the frame until the TLBs have forgotten it. */
static void page_last_put(struct page *pg)
{
    struct percpu *cpu = cpu_self();
    struct page *head = READ_ONCE(cpu->page_limbo);

    assert(word_state(pg->type) == WORD_IDLE);
    do {
        pg->type = (uint64_t)(uintptr_t)head;
    } while (!__atomic_compare_exchange_n(&cpu->page_limbo, &head, pg, false, __ATOMIC_SEQ_CST,
                                          __ATOMIC_RELAXED));
    /* an interrupt handler may spoil this count; it decides about speed alone */
    if (!head || ++cpu->page_limbo_count == LIMBO_MANY)
        page_hook_limbo(head != NULL);
}

void page_put(struct page *pg)
{
    uint64_t old = __atomic_fetch_sub(&pg->count, 1, __ATOMIC_SEQ_CST);

    assert(old & PAGE_REFS_MASK);
    if ((old & PAGE_REFS_MASK) == 1)
        page_last_put(pg);
}

#define CACHE_LINE 64 /* CLFLUSH works on this much or more (CPUID.1:EBX[15:8]) on all x86-64 */

void page_clean_caches(const struct page *pg)
{
    const char *at;

    if (likely(!(READ_ONCE(pg->count) & PAGE_UNCACHED)))
        return;
    at = frame_map(page_mfn(pg));
    for (unsigned int i = 0; i < PAGE_BYTES; i += CACHE_LINE)
        clflush(at + i);
    frame_unmap(at);
    __atomic_thread_fence(__ATOMIC_SEQ_CST); /* CLFLUSH is ordered by MFENCE and locked cycles */
}

/* Take the first frame off a list of limbo, and those behind it as long as each lies just below the
 * one before it and was the same owner's: a domain that goes gives its frames up in rising order.
 * The lowest of these, and their number. */
static struct page *limbo_take(struct page **list, uint64_t *n)
{
    struct page *pg = *list;
    uint64_t count = pg->count;

    for (*n = 1;; ++*n) {
        *list = (struct page *)(uintptr_t)pg->type;
        pg->type = 0;
        page_clean_caches(pg);
        if (*list != pg - 1 || (*list)->count != count || (count & PAGE_XENHEAP))
            return pg;
        pg = *list;
    }
}

void page_limbo_drain(void)
{
    struct page *pg = __atomic_exchange_n(&cpu_self()->page_limbo, NULL, __ATOMIC_SEQ_CST);

    if (!pg)
        return;
    cpu_self()->page_limbo_count = 0;
    tlb_flush_stale(&cpus_online, tlb_clock());
    while (pg) {
        uint64_t n;
        struct page *first = limbo_take(&pg, &n);

        domain_pages_freed(first, n, page_owner_id(first));
    }
}

/* Whatever page_type_get() does not do itself. */
static __attribute__((noinline)) int type_get(struct page *pg, enum page_type type)
{
    uint64_t w = READ_ONCE(pg->type);
    bool flushed = false;

    for (;;) {
        struct word_step step = word_get(w, type, flushed);

        if (step.action == WORD_FLUSH) {
            /* Ends with the clock past the stamp, so this very word cannot come back. */
            page_hook_flush(pg, word_stamp(w));
            flushed = true;
            continue;
        }
        if (step.action == WORD_BUSY)
            return -EBUSY;
        if (step.action != WORD_STORE)
            return page_hook_check(pg, type);
        if (word_swap(&pg->type, &w, step.next))
            return 0;
        flushed = false;
    }
}

int page_type_get(struct page *pg, enum page_type type)
{
    uint64_t w = READ_ONCE(pg->type);

    if (likely(word_can_add(w, type))) {
        if (likely(word_swap(&pg->type, &w, w + 1)))
            return 0;
    } else if (type == PAGE_WRITABLE && word_can_write_again(w)) {
        if (likely(word_swap(&pg->type, &w, word_make_used(PAGE_WRITABLE))))
            return 0;
    }
    return type_get(pg, type);
}

/* Whatever page_type_put() does not do itself. */
static __attribute__((noinline)) void type_put(struct page *pg)
{
    uint64_t w = READ_ONCE(pg->type);
    struct word_step step;

    do {
        assert(word_state(w) == WORD_IN_USE);
        step = word_put(w, 0, word_uses(w) == 1 ? tlb_clock() : 0);
        if (step.action == WORD_RELEASE) {
            page_hook_release(pg);
            return;
        }
    } while (!word_swap(&pg->type, &w, step.next));
}

/* The last use of a frame that was written, as @w says. */
static off_path void last_write_put(struct page *pg, uint64_t w)
{
    if (unlikely(!word_swap(&pg->type, &w, word_make_idle(PAGE_WRITABLE, tlb_clock()))))
        type_put(pg);
}

void page_type_put(struct page *pg)
{
    uint64_t w = READ_ONCE(pg->type);

    if (unlikely(!word_is_written(w)))
        type_put(pg);
    else if (word_uses(w) <= 1)
        last_write_put(pg, w);
    else if (unlikely(!word_swap(&pg->type, &w, w - 1)))
        type_put(pg);
}

bool page_type_get_more(struct page *pg, enum page_type type)
{
    uint64_t w = READ_ONCE(pg->type);

    do {
        if (!word_can_add(w, type))
            return false;
    } while (!word_swap(&pg->type, &w, w + 1));
    return true;
}

bool page_type_put_more(struct page *pg)
{
    uint64_t w = READ_ONCE(pg->type);

    do {
        assert(word_state(w) == WORD_IN_USE);
        if (word_uses(w) == 1)
            return false;
    } while (!word_swap(&pg->type, &w, w - 1));
    return true;
}

bool page_get_writable_id(struct page *pg, domid_t owner)
{
    if (!page_get_id(pg, owner))
        return false;
    if (page_type_get(pg, PAGE_WRITABLE)) {
        page_put(pg);
        return false;
    }
    return true;
}

uint32_t page_writes_watched;

void page_written(const struct page *pg)
{
    if (unlikely(READ_ONCE(page_writes_watched)))
        page_hook_written(pg);
}

void page_put_writable(struct page *pg)
{
    page_written(pg);
    page_type_put(pg);
    page_put(pg);
}

void page_assign(struct page *pg, domid_t owner, uint64_t flags)
{
    assert(!(pg->count & PAGE_REFS_MASK));
    pg->type = 0;
    __atomic_store_n(&pg->count, (uint64_t)owner << PAGE_OWNER_SHIFT | flags | PAGE_ALLOCATED | 1,
                     __ATOMIC_RELEASE);
}

bool page_release_allocated(struct page *pg)
{
    if (!(__atomic_fetch_and(&pg->count, ~PAGE_ALLOCATED, __ATOMIC_SEQ_CST) & PAGE_ALLOCATED))
        return false;
    page_put(pg);
    return true;
}

static bool is_sole(uint64_t count, domid_t owner)
{
    const uint64_t sole = (uint64_t)owner << PAGE_OWNER_SHIFT | PAGE_ALLOCATED | 1;
    const uint64_t remembered = PAGE_MAPPED_ELSEWHERE | PAGE_UNCACHED;

    return (count & ~remembered) == sole;
}

bool page_is_sole_id(const struct page *pg, domid_t owner)
{
    return is_sole(READ_ONCE(pg->count), owner);
}

bool page_steal_id(struct page *pg, domid_t owner)
{
    uint64_t old = READ_ONCE(pg->count);

    do {
        if (!is_sole(old, owner))
            return false;
    } while (!word_swap(&pg->count, &old, old & ~(PAGE_ALLOCATED | PAGE_REFS_MASK)));
    /* A use holds a reference, a half-checked table one on itself (pv/type.c). */
    assert(word_state(pg->type) == WORD_IDLE);
    return true;
}

void page_share_id(struct page *pg, domid_t owner)
{
    page_assign(pg, owner, PAGE_XENHEAP);
}

void page_show(struct page *pg)
{
    pg->type = word_make_used(PAGE_DESCRIPTOR); /* any type would do that is not PAGE_WRITABLE */
    __atomic_store_n(&pg->count,
                     (uint64_t)PAGE_OWNER_HYPERVISOR << PAGE_OWNER_SHIFT | PAGE_XENHEAP | 1,
                     __ATOMIC_RELEASE);
}

void page_make_private(struct page *pg)
{
    __atomic_store_n(&pg->count, (uint64_t)PAGE_OWNER_HYPERVISOR << PAGE_OWNER_SHIFT,
                     __ATOMIC_RELEASE);
}

void page_unshare(struct page *pg)
{
    bool first = page_release_allocated(pg);

    assert(first);
}
