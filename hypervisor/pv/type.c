/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What may become a page table.
 *
 * What is always true here:
 *  - A table is used by entries of the level above, by CR3s, and by being pinned. Its first use
 *    checks all entries and takes the references they imply; its last use drops them. So as long as
 *    a table is in use, everything it maps is allowed, referenced and typed.
 *  - All of that happens under the owner's page-table lock. Only counting further uses up and down
 *    does without (mm/page.c).
 *  - A table at rest in the states PARTIAL or FAILED holds one reference on itself, so it stays
 *    when nobody else knows it; its entries [0, progress) hold references. If the table named by
 *    entry[progress] is PARTIAL or FAILED too and of the next lower level, that is (or might as
 * well be) because of this one: whoever releases this one releases that one first.
 *  - A CPU walks a table only through entries in use and CR3. Clearing an entry of a live table
 * notes the TLB clock for the domain (pte_update.c), loading another CR3 flushes. So when a table
 * is IDLE again, the CPUs that have not flushed since the domain's last unlinking are all that may
 *    still walk it; unpinning and releasing need no flush of their own.
 *  - Levels fall strictly from table to table: no cycles, and recursion ends after four levels.
 */
#include "pv/type.h"

#include "abi/errno.h"
#include "cpu/percpu.h"
#include "debug/panic.h"
#include "domain/domain.h"
#include "hypercall/hypercall.h"
#include "lib/string.h"
#include "mm/hvmap.h"
#include "mm/page_hooks.h"
#include "mm/page_word.h"
#include "mm/tlb.h"
#include "pv/entry_ref.h"
#include "pv/log.h"
#include "pv/pv.h"

/* Words in PARTIAL and FAILED are ours alone to change. */
static void word_set(struct page *pg, uint64_t w)
{
    __atomic_store_n(&pg->type, w, __ATOMIC_SEQ_CST);
}

static bool is_ours(enum page_type type, unsigned int index)
{
    return type == PAGE_L4 && index >= SLOT_FIRST && index < SLOT_END;
}

/* Stop here for now. @fresh: the table was not at rest before. */
static int suspend(struct page *pg, uint64_t w, bool fresh)
{
    if (fresh)
        page_ref(pg);
    word_set(pg, w);
    return -ERESTART;
}

/* Release the frame that @entry names if it is a half-done table of exactly type @type: checking
 * that is what bounds the recursion, whatever chains a guest builds. */
static int abandon_child(struct domain *d, uint64_t entry, enum page_type type)
{
    struct page *child = link_page(entry);

    if (!(entry & PTE_P) || !mfn_valid(pte_mfn(entry)) || page_type_now(child) != type)
        return 0;
    return type_abandon_locked(d, child);
}

/* Drop the references of entries below @progress and make @pg IDLE; @failed keeps the direction
 * over a preemption. 0 or -ERESTART. */
static int table_release(struct domain *d, struct page *pg, enum page_type type,
                         unsigned int progress, bool failed, bool fresh)
{
    uint64_t *entries = frame_map(page_mfn(pg));
    uint64_t partial = word_make_partial(type, 0) | (failed ? WORD_FAILED : 0);
    int error = 0;

    if (type > PAGE_L1 && progress < TABLE_ENTRIES && !is_ours(type, progress))
        error = abandon_child(d, entries[progress], type - 1);
    while (!error && progress > 0) {
        uint64_t entry = entries[--progress];

        if (!(entry & PTE_P) || is_ours(type, progress))
            continue;
        if (type == PAGE_L1) {
            leaf_drop(d, entry);
            continue;
        }
        error = link_drop(d, entry);
        if (!error && progress > 0 && hypercall_preempt())
            error = -ERESTART;
    }
    if (!error && type == PAGE_L4)
        memset(&entries[SLOT_FIRST], 0, (SLOT_END - SLOT_FIRST) * sizeof(*entries));
    frame_unmap(entries);
    if (error)
        return suspend(pg, partial | (uint64_t)progress << WORD_PROGRESS_SHIFT, fresh);
    word_set(pg, word_make_idle(type, d->pv->unlink_clock));
    pv_log_changed(d, pg); /* what is a table is part of what is saved of it */
    if (!fresh)
        page_put(pg);
    return 0;
}

/* Check entries from @from on, taking references. *@at: how many were done. */
static int check_leaves(struct domain *d, uint64_t *entries, unsigned int from, unsigned int *at)
{
    for (unsigned int i = from; i < TABLE_ENTRIES; i++) {
        uint64_t entry = leaf_fix(entries[i]);
        int error;

        *at = i;
        if (!(entry & PTE_P))
            continue;
        error = leaf_take(d, entry, d);
        if (error)
            return error;
        if (entry != entries[i])
            entries[i] = entry;
    }
    *at = TABLE_ENTRIES;
    return 0;
}

static int check_links(struct domain *d, uint64_t *entries, enum page_type type, unsigned int from,
                       unsigned int *at)
{
    for (unsigned int i = from; i < TABLE_ENTRIES; i++) {
        bool ok;
        uint64_t entry = link_fix(entries[i], &ok);
        int error;

        *at = i;
        if (!(entry & PTE_P) || is_ours(type, i))
            continue;
        error = ok ? link_take(d, type, entry) : -EINVAL;
        if (error)
            return error;
        if (entry != entries[i])
            entries[i] = entry;
        if (i + 1 < TABLE_ENTRIES && hypercall_preempt()) {
            *at = i + 1;
            return -ERESTART;
        }
    }
    *at = TABLE_ENTRIES;
    return 0;
}

/* From BEGIN or RESUME to IN_USE, or back. */
static int table_check(struct domain *d, struct page *pg, enum page_type type, unsigned int from,
                       bool fresh)
{
    uint64_t *entries = frame_map(page_mfn(pg));
    unsigned int at = from;
    int error = type == PAGE_L1 ? check_leaves(d, entries, from, &at)
                                : check_links(d, entries, type, from, &at);

    frame_unmap(entries);
    if (error == -ERESTART)
        return suspend(pg, word_make_partial(type, at), fresh);
    if (error) {
        int preempted = table_release(d, pg, type, at, true, fresh);

        return preempted ? preempted : error;
    }
    if (type == PAGE_L4)
        hvmap_install(page_mfn(pg), d->pv->perdomain_l3);
    word_set(pg, word_make_used(type));
    pv_log_changed(d, pg);
    if (!fresh)
        page_put(pg);
    return 0;
}

static int descriptors_check(struct domain *d, struct page *pg)
{
    int error = pv_descriptor_page_validate(page_mfn(pg));

    word_set(pg, error ? word_make_idle(PAGE_DESCRIPTOR, tlb_clock())
                       : word_make_used(PAGE_DESCRIPTOR));
    pv_log_changed(d, pg);
    return error;
}

int type_get_locked(struct domain *d, struct page *pg, enum page_type type)
{
    uint64_t w = READ_ONCE(pg->type);
    bool flushed = false;

    for (;;) {
        struct word_step step = word_get(w, type, flushed);

        switch (step.action) {
        case WORD_FLUSH:
            page_hook_flush(pg, word_stamp(w));
            flushed = true;
            continue;
        case WORD_RESUME:
            return table_check(d, pg, type, word_progress(w), false);
        case WORD_UNWIND:
            return table_release(d, pg, type, word_progress(w), true, false) ? -ERESTART : -EINVAL;
        case WORD_STORE:
        case WORD_BEGIN:
            break;
        default:
            return -EINVAL;
        }
        if (step.action == WORD_BEGIN && (READ_ONCE(pg->count) & PAGE_XENHEAP))
            return -EINVAL;
        if (__atomic_compare_exchange_n(&pg->type, &w, step.next, false, __ATOMIC_SEQ_CST,
                                        __ATOMIC_RELAXED)) {
            if (step.action == WORD_STORE)
                return 0;
            page_clean_caches(pg);
            return type == PAGE_DESCRIPTOR ? descriptors_check(d, pg)
                                           : table_check(d, pg, type, 0, true);
        }
        flushed = false;
    }
}

int type_put_locked(struct domain *d, struct page *pg)
{
    uint64_t w = READ_ONCE(pg->type);
    struct word_step step;

    do {
        assert(word_state(w) == WORD_IN_USE);
        step = word_put(w, TABLE_ENTRIES, word_uses(w) == 1 ? tlb_clock() : 0);
        assert(step.action != WORD_RELEASE || !(w & WORD_PINNED));
    } while (!__atomic_compare_exchange_n(&pg->type, &w, step.next, false, __ATOMIC_SEQ_CST,
                                          __ATOMIC_RELAXED));
    if (step.action == WORD_STORE)
        return 0;
    return table_release(d, pg, word_type(w), TABLE_ENTRIES, false, true);
}

int type_abandon_locked(struct domain *d, struct page *pg)
{
    uint64_t w;
    int error = 0;

    if (!page_get(pg, d))
        return 0;
    w = READ_ONCE(pg->type);
    if (word_state(w) == WORD_IS_PARTIAL || word_state(w) == WORD_IS_FAILED)
        error = table_release(d, pg, word_type(w), word_progress(w), w & WORD_FAILED, false);
    page_put(pg);
    return error;
}

void type_release_later(struct domain *d, struct page *pg)
{
    struct vcpu *v = vcpu_current();

    if (v && v->pv) {
        if (!v->pv->releasing)
            v->pv->releasing = pg;
        return;
    }
    while (type_abandon_locked(d, pg))
        ;
}

/* The domain that owns @pg, with a reference on it unless it is @self; NULL: it is gone. */
static struct domain *owner_get(const struct page *pg, struct domain *self)
{
    domid_t id = page_owner_id(pg);

    return self && id == self->id ? self : domain_get(id);
}

static void owner_put(struct domain *d, const struct domain *self)
{
    if (d != self)
        domain_put(d);
}

int type_release_more(struct vcpu *v)
{
    struct page *pg = v->pv->releasing;
    struct domain *d;
    int error = 0;

    /* It may have been finished, even freed, by others meanwhile: then there is nothing to do. */
    d = owner_get(pg, v->domain);
    if (d && d->pv) {
        pv_update_lock(d);
        error = type_abandon_locked(d, pg);
        pv_update_unlock(d);
    }
    if (!error)
        v->pv->releasing = NULL;
    if (d)
        owner_put(d, v->domain);
    return error;
}

int type_pin(struct domain *d, mfn_t mfn, enum page_type type)
{
    struct page *pg = mfn_page(mfn);
    int error;

    if (!mfn_valid(mfn) || !page_get(pg, d))
        return -EINVAL;
    pv_update_lock(d);
    /* Under the lock: teardown marks the domain first, then passes every frame under it. */
    error = READ_ONCE(d->life) >= DOMAIN_DYING ? -EINVAL : type_get_locked(d, pg, type);
    if (!error && (__atomic_fetch_or(&pg->type, WORD_PINNED, __ATOMIC_SEQ_CST) & WORD_PINNED)) {
        error = type_put_locked(d, pg); /* the pin holds another use: never the last */
        assert(!error);
        error = -EINVAL;
    }
    if (!error)
        pv_log_changed(d, pg);
    pv_update_unlock(d);
    if (error)
        page_put(pg);
    return error;
}

/* The caller holds a reference and the lock; the pin's own go. False: not pinned. */
static bool unpin_locked(struct domain *d, struct page *pg, int *error)
{
    if (word_state(READ_ONCE(pg->type)) != WORD_IN_USE ||
        !(READ_ONCE(pg->type) & WORD_PINNED))
        return false;
    __atomic_fetch_and(&pg->type, ~WORD_PINNED, __ATOMIC_SEQ_CST);
    pv_log_changed(d, pg);
    *error = type_put_locked(d, pg);
    page_put(pg);
    return true;
}

int type_unpin(struct domain *d, mfn_t mfn)
{
    struct page *pg = mfn_page(mfn);
    int error;

    if (!mfn_valid(mfn) || !page_get(pg, d))
        return -EINVAL;
    pv_update_lock(d);
    if (!unpin_locked(d, pg, &error)) {
        error = -EINVAL;
    } else if (error) {
        type_release_later(d, pg);
        error = 0;
    }
    pv_update_unlock(d);
    page_put(pg);
    return error;
}

int pv_release_frame(struct domain *d, struct page *pg)
{
    int error;

    pv_update_lock(d);
    if (!unpin_locked(d, pg, &error))
        error = type_abandon_locked(d, pg);
    pv_update_unlock(d);
    return error;
}

int page_hook_check(struct page *pg, enum page_type type)
{
    struct vcpu *v = vcpu_current();
    struct domain *self = v ? v->domain : NULL;
    struct domain *d = owner_get(pg, self);
    int error = -EINVAL;

    if (!d)
        return -EINVAL;
    if (d->pv) {
        pv_update_lock(d);
        error = type_get_locked(d, pg, type);
        pv_update_unlock(d);
    }
    owner_put(d, self);
    return error;
}

void page_hook_release(struct page *pg)
{
    struct vcpu *v = vcpu_current();
    struct domain *self = v ? v->domain : NULL;
    struct domain *d = owner_get(pg, self);
    int error;

    assert(d && d->pv);
    pv_update_lock(d);
    error = type_put_locked(d, pg);
    while (error)
        error = type_abandon_locked(d, pg);
    pv_update_unlock(d);
    owner_put(d, self);
}
