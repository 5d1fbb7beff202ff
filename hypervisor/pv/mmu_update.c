/* SPDX-License-Identifier: BSD-2-Clause */
/* HYPERVISOR_mmu_update: lists of writes to page-table entries and the machine-to-guest table. */
#include "abi/errno.h"
#include "abi/xen.h"
#include "console/log.h"
#include "cpu/percpu.h"
#include "domain/domain.h"
#include "hypercall/hypercall.h"
#include "hypercall/table.h"
#include "mm/hvmap.h"
#include "p2m/gfn.h"
#include "p2m/guest_word.h"
#include "p2m/m2p.h"
#include "pv/pte_update.h"
#include "pv/pv.h"
#include "pv/targets.h"
#include "pv/type.h"

/* A frame that is no table in use is ordinary memory to its owner, and so is an entry in it: Linux
 * fills tables that are not live yet with this hypercall too. It counts as writable meanwhile: some
 * CPU may still walk through it if it was a table until now. */
static int write_plain(struct domain *d, uint64_t machine, uint64_t value, bool keep_ad)
{
    mfn_t mfn = MFN(machine >> PAGE_SHIFT);
    struct page *pg = mfn_page(mfn);
    uint64_t *entry;

    if (!page_get_writable(pg, d))
        return -EINVAL;
    entry = (uint64_t *)frame_map(mfn) + (machine & ~PAGE_MASK) / sizeof(*entry);
    if (keep_ad)
        value |= READ_ONCE(*entry) & (PTE_A | PTE_D);
    WRITE_ONCE(*entry, value);
    frame_unmap(entry);
    page_put_writable(pg);
    return 0;
}

static inline int write_entry(const struct mmu_targets *t, uint64_t machine, uint64_t value,
                              enum pte_how how)
{
    struct domain *d = t->tables;
    mfn_t mfn = MFN(machine >> PAGE_SHIFT);
    unsigned int index = (machine & ~PAGE_MASK) / sizeof(uint64_t);
    enum page_type type;
    uint64_t *entry;
    int error;

    pv_update_lock(d);
    type = pte_table_type(d, mfn);
    if (unlikely(type == PAGE_NONE)) {
        error = -EINVAL;
    } else if (unlikely(type == PAGE_WRITABLE)) {
        error = write_plain(d, machine, value, how == PTE_KEEP_AD);
    } else {
        entry = (uint64_t *)frame_map(mfn) + index;
        error = type == PAGE_L1 ? pte_set_leaf(d, entry, value, t->frames, how, 0)
                                : pte_set_link(d, entry, value, type, index, how);
        frame_unmap(entry);
    }
    pv_update_unlock(d);
    return error;
}

/* A translated owner's frames are named by guest frame. */
static int write_foreign(const struct mmu_targets *t, uint64_t machine, uint64_t value)
{
    mfn_t mfn;
    int error;

    if (!gfn_page_get(t->frames, pte_mfn(value).n, false, &mfn))
        return -EINVAL;
    error = write_entry(t, machine, (value & ~PTE_FRAME_MASK) | mfn.n << PAGE_SHIFT, PTE_SET);
    gfn_page_put(mfn, false);
    return error;
}

static int machphys_update(const struct mmu_targets *t, uint64_t machine, uint64_t value)
{
    mfn_t mfn = MFN(machine >> PAGE_SHIFT);
    struct page *pg = mfn_page(mfn);

    if (!mfn_valid(mfn) || !page_get(pg, t->frames))
        return -EINVAL;
    m2p_set(mfn, value);
    page_written(pg); /* under its new number */
    page_put(pg);
    return 0;
}

static inline int update_one(const struct mmu_targets *t, uint64_t ptr, uint64_t val)
{
    uint64_t machine = ptr & ~7ULL;

    switch (ptr & 7) {
    case MMU_NORMAL_PT_UPDATE:
        if (unlikely(t->frames->is_translated) && (val & PTE_P))
            return write_foreign(t, machine, val);
        return write_entry(t, machine, val, PTE_SET);
    case MMU_PT_UPDATE_NO_TRANSLATE:
        return write_entry(t, machine, val, PTE_SET);
    case MMU_PT_UPDATE_PRESERVE_AD:
        return write_entry(t, machine, val, PTE_KEEP_AD);
    case MMU_MACHPHYS_UPDATE:
        return machphys_update(t, machine, val);
    default:
        return -ENOSYS;
    }
}

/* Linux ignores errors of single updates, so a refusal must leave a trace. Not so with another
 * domain's frames: a dump of a guest asks for every number, and looks at what it gets. */
static void log_refusal(const struct mmu_targets *t, uint64_t ptr, uint64_t val, int error)
{
    if (t->frames != t->tables)
        return;
    log_guest(LOG_DEBUG, "d%u: mmu_update %#llx = %#llx for d%u refused: %d", t->tables->id,
              (unsigned long long)ptr, (unsigned long long)val, t->frames->id, error);
}

/* Update number @i of the list at @list. */
static inline int run_update(const struct mmu_targets *t, uint64_t list, uint32_t i)
{
    uint64_t at = list + (uint64_t)i * sizeof(struct mmu_update), ptr, val;
    int error;

    if (i > 0 && hypercall_preempt())
        return -ERESTART;
    if (!guest_range_ok(at, sizeof(struct mmu_update)) ||
        !guest_get(&ptr, at + offsetof(struct mmu_update, ptr)) ||
        !guest_get(&val, at + offsetof(struct mmu_update, val)))
        return -EFAULT;
    error = update_one(t, ptr, val);
    if (unlikely(error) && error != -ERESTART)
        log_refusal(t, ptr, val, error);
    return error;
}

long hc_mmu_update(uint64_t a0, uint64_t a1, uint64_t a2, uint64_t a3)
{
    struct vcpu *v = vcpu_current();
    uint32_t count = (uint32_t)a1 & ~MMU_CONTINUED, i = 0;
    uint32_t done_before = unlikely(a1 & MMU_CONTINUED) ? mmu_done_before((uint32_t)a1, a2) : 0;
    struct mmu_targets t;
    int error = mmu_targets_get(v->domain, (uint32_t)a3, &t);

    if (unlikely(error))
        return error;
    error = type_release_continue(v);
    while (likely(!error) && i < count) {
        error = run_update(&t, a0, i);
        if (likely(!error)) {
            i++;
            error = type_release_continue(v);
        }
    }
    mmu_targets_put(v->domain, &t);
    if (likely(!a2 && error != -ERESTART))
        return error;
    return mmu_finish(error, done_before + i, a2, a0 + i * sizeof(struct mmu_update), count - i);
}
