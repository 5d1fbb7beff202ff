/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The one place that changes a guest page-table entry in use.
 *
 * What is always true here: the table's domain is locked, so only the processor itself changes
 * entries besides us, and it only sets A and D. The new value's references are held before it is
 * written; the old value's are dropped after, with a locked instruction in between, so that a TLB
 * clock read afterwards is not older than the change.
 */
#include "pv/pte_update.h"

#include "abi/errno.h"
#include "cpu/insn.h"
#include "domain/domain.h"
#include "mm/hvmap.h"
#include "mm/page_word.h"
#include "mm/tlb.h"
#include "pv/entry_ref.h"
#include "pv/log.h"
#include "pv/pv.h"
#include "pv/type.h"

/* The table that @entry is in has changed. */
static inline void table_changed(struct domain *d, const uint64_t *entry)
{
    if (unlikely(READ_ONCE(page_writes_watched)))
        pv_log_frame(d, mfn_page(frame_mapped(entry)));
}

/* Write @value; false when PTE_IF_EQUAL finds something else. *@old: what was there. */
static inline bool entry_write(uint64_t *entry, uint64_t *old, uint64_t value, enum pte_how how)
{
    switch (how) {
    case PTE_IF_EQUAL:
        return __atomic_compare_exchange_n(entry, old, value, false, __ATOMIC_SEQ_CST,
                                           __ATOMIC_SEQ_CST);
    case PTE_KEEP_AD:
        while (!__atomic_compare_exchange_n(entry, old, value | (*old & (PTE_A | PTE_D)), false,
                                            __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
            ;
        return true;
    default:
        *old = __atomic_exchange_n(entry, value, __ATOMIC_SEQ_CST);
        return true;
    }
}

/* Both present, same frame: only the right to write may need references. */
static int set_flags(struct domain *d, uint64_t *entry, uint64_t old, uint64_t value,
                     const struct domain *owner, enum pte_how how)
{
    bool more = (value & ~old) & PTE_RW;

    if (more) {
        int error = leaf_take_write(d, value, owner);

        if (error)
            return error;
    }
    if (unlikely((value & ~old) & (PTE_PWT | PTE_PCD | PTE_PAT)) && mfn_valid(pte_mfn(value)))
        page_flag(mfn_page(pte_mfn(value)), PAGE_UNCACHED);
    if (!entry_write(entry, &old, value, how)) {
        if (more)
            leaf_drop_write(d, value);
        return -EAGAIN;
    }
    if ((old & ~value) & PTE_RW)
        leaf_drop_write(d, old);
    else if ((old & ~value) & (PTE_A | PTE_D))
        leaf_forget(d, old);
    table_changed(d, entry);
    return 0;
}

int pte_set_leaf(struct domain *d, uint64_t *entry, uint64_t value, const struct domain *owner,
                 enum pte_how how, uint64_t expected)
{
    uint64_t old = READ_ONCE(*entry);
    int error;

    value = leaf_fix(value);
    if (how == PTE_IF_EQUAL && old != expected)
        return -EAGAIN;
    if ((old & value & PTE_P) && entry_same_frame(old, value))
        return set_flags(d, entry, old, value, owner, how);
    if (value & PTE_P) {
        error = leaf_take(d, value, owner);
        if (error)
            return error;
    }
    if (!entry_write(entry, &old, value, how)) {
        if (value & PTE_P)
            leaf_drop(d, value);
        return -EAGAIN;
    }
    if (old & PTE_P)
        leaf_drop(d, old);
    table_changed(d, entry);
    return 0;
}

void pte_move_leaf(struct domain *d, uint64_t *to, uint64_t *from)
{
    uint64_t moved = __atomic_exchange_n(from, 0, __ATOMIC_SEQ_CST);
    uint64_t old = __atomic_exchange_n(to, moved, __ATOMIC_SEQ_CST);

    if (old & PTE_P)
        leaf_drop(d, old);
    table_changed(d, to);
    table_changed(d, from);
}

int pte_set_link(struct domain *d, uint64_t *entry, uint64_t value, enum page_type level,
                 unsigned int index, enum pte_how how)
{
    uint64_t old = READ_ONCE(*entry);
    bool ok, same;
    int error;

    value = link_fix(value, &ok);
    if (!ok)
        return -EINVAL;
    if (level == PAGE_L4 && index >= SLOT_FIRST && index < SLOT_END)
        return -EINVAL;
    same = (old & value & PTE_P) && entry_same_frame(old, value);
    if ((value & PTE_P) && !same) {
        error = link_take(d, level, value);
        if (error)
            return error;
    }
    entry_write(entry, &old, value, how);
    table_changed(d, entry);
    if ((old & PTE_P) && !same) {
        d->pv->unlink_clock = tlb_clock();
        if (link_drop(d, old))
            type_release_later(d, link_page(old));
    }
    return 0;
}

enum page_type pte_table_type(const struct domain *d, mfn_t mfn)
{
    const struct page *pg = mfn_page(mfn);
    uint64_t count, w;

    if (!mfn_valid(mfn))
        return PAGE_NONE;
    /*
     * A free frame's type word is a link and could look like anything. With interrupts off the
     * flush that comes before freeing waits for this CPU, so the two words belong together. (They
     * are on: this is part of a hypercall or a trap.)
     */
    irq_disable();
    count = READ_ONCE(pg->count);
    w = READ_ONCE(pg->type);
    irq_enable();
    if (count >> PAGE_OWNER_SHIFT != d->id || !(count & PAGE_REFS_MASK))
        return PAGE_NONE;
    if (likely((w & WORD_VALID) && word_is_table_type(word_type(w))))
        return word_type(w);
    return (w & WORD_PARTIAL) || word_type(w) == PAGE_DESCRIPTOR ? PAGE_NONE : PAGE_WRITABLE;
}

bool pte_guest_address(uint64_t va)
{
    return (va + (1ULL << 47)) >> 48 == 0 &&
           (va < VA_HYPERVISOR_START || va >= VA_HYPERVISOR_END);
}

/* From *@table of @level to the next for @va; false: there is none. */
static inline __attribute__((__always_inline__)) bool next_table(mfn_t *table, uint64_t va,
                                                                 unsigned int level)
{
    const uint64_t *entries = frame_map(*table);
    uint64_t entry = READ_ONCE(entries[(va >> (PAGE_SHIFT + 9 * (level - 1))) & 511]);

    frame_unmap(entries);
    *table = pte_mfn(entry);
    return likely(entry & PTE_P);
}

uint64_t *pte_find_leaf(mfn_t l4, uint64_t va)
{
    mfn_t table = l4;

    if (!pte_guest_address(va) || !next_table(&table, va, 4) || !next_table(&table, va, 3) ||
        !next_table(&table, va, 2))
        return NULL;
    return (uint64_t *)frame_map(table) + ((va >> PAGE_SHIFT) & 511);
}
