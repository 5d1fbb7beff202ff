/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What one page-table entry refers to, as references.
 *
 * What is always true here: a present leaf that names RAM holds one reference on the frame and, if
 * it is writable, one use as PAGE_WRITABLE, whoever owns the frame; one that names device memory
 * holds nothing. A present entry of a higher level holds one reference and one use of the next
 * table. An entry that is not present holds nothing and may have any value.
 */
#include "pv/entry_ref.h"

#include "abi/errno.h"
#include "cpu/features.h"
#include "cpu/percpu.h"
#include "domain/domain.h"
#include "lib/range_set.h"
#include "pv/log.h"
#include "pv/type.h"

/* Is @entry cached otherwise than by PAT entry 0, write-back? */
static bool is_uncached(uint64_t entry)
{
    return entry & (PTE_PWT | PTE_PCD | PTE_PAT);
}

/*
 * Device memory, or nothing at all: the calling domain's own right to it, in its own tables.
 * (Rights are changed while the domain they belong to stands still; others' must not be looked
 * at.) What the processor cannot address would be a reserved bit.
 */
static int leaf_take_device(const struct domain *d, mfn_t mfn, const struct domain *owner)
{
    if (!owner)
        return -EINVAL;
    if (mfn.n >> (cpu_features.physical_bits - PAGE_SHIFT))
        return -EPERM;
    if (vcpu_current()->domain != d || (owner != d && owner != domain_io))
        return -EPERM;
    return d->iomem && range_set_contains(d->iomem, mfn.n, mfn.n) ? 0 : -EPERM;
}

/* A reference on a frame that is not (or, with @owner NULL, need not be) of @d itself. */
static __attribute__((noinline)) int leaf_reference_other(struct domain *d, struct page *pg,
                                                          const struct domain *owner)
{
    domid_t id;

    if (owner) {
        id = owner->id;
        if (!page_get(pg, owner))
            return -EINVAL;
    } else if (!page_get_any(pg, &id)) {
        return -EINVAL;
    }
    /* The hypervisor's own frames belong to DOMID_XEN; only what it shares may be mapped. */
    if (id == PAGE_OWNER_HYPERVISOR && !(READ_ONCE(pg->count) & PAGE_XENHEAP)) {
        page_put(pg);
        return -EPERM;
    }
    if (id != d->id) {
        page_flag(pg, PAGE_MAPPED_ELSEWHERE);
        __atomic_fetch_add(&d->foreign_maps, 1, __ATOMIC_RELAXED);
    }
    return 0;
}

int leaf_take(struct domain *d, uint64_t entry, const struct domain *owner)
{
    mfn_t mfn = pte_mfn(entry);
    struct page *pg = mfn_page(mfn);
    int error = 0;

    if (unlikely(!mfn_valid(mfn)))
        return leaf_take_device(d, mfn, owner);
    if (likely(owner == d)) {
        if (unlikely(!page_get(pg, d)))
            return -EINVAL;
    } else {
        error = leaf_reference_other(d, pg, owner);
        if (error)
            return error;
    }
    if (unlikely(is_uncached(entry)))
        page_flag(pg, PAGE_UNCACHED);
    if (entry & PTE_RW) {
        error = page_type_get(pg, PAGE_WRITABLE);
        if (unlikely(error))
            leaf_drop(d, entry & ~PTE_RW);
    }
    return error;
}

void leaf_drop(struct domain *d, uint64_t entry)
{
    mfn_t mfn = pte_mfn(entry);
    struct page *pg = mfn_page(mfn);

    if (unlikely(!mfn_valid(mfn)))
        return;
    if (unlikely(page_owner_id(pg) != d->id)) {
        if (entry & PTE_RW)
            page_written(pg);
        __atomic_fetch_sub(&d->foreign_maps, 1, __ATOMIC_RELAXED);
    } else {
        pv_log_leaf_gone(d, entry);
    }
    if (entry & PTE_RW)
        page_type_put(pg);
    page_put(pg);
}

int leaf_take_write(struct domain *d, uint64_t entry, const struct domain *owner)
{
    mfn_t mfn = pte_mfn(entry);
    struct page *pg = mfn_page(mfn);
    domid_t id;

    if (unlikely(!mfn_valid(mfn)))
        return 0;
    id = page_owner_id(pg);
    if (id != d->id && !d->is_control && owner && owner->id != id)
        return -EPERM;
    return page_type_get(pg, PAGE_WRITABLE);
}

void leaf_drop_write(struct domain *d, uint64_t entry)
{
    struct page *pg = mfn_page(pte_mfn(entry));

    if (!mfn_valid(pte_mfn(entry)))
        return;
    if (unlikely(page_owner_id(pg) != d->id))
        page_written(pg);
    else
        pv_log_leaf_gone(d, entry);
    page_type_put(pg);
}

void leaf_forget(struct domain *d, uint64_t entry)
{
    mfn_t mfn = pte_mfn(entry);

    if (mfn_valid(mfn) && page_owner_id(mfn_page(mfn)) == d->id)
        pv_log_leaf_gone(d, entry);
}

int link_take(struct domain *d, enum page_type level, uint64_t entry)
{
    mfn_t mfn = pte_mfn(entry);
    struct page *pg = mfn_page(mfn);
    int error;

    if (!mfn_valid(mfn) || !page_get(pg, d))
        return -EINVAL;
    error = type_get_locked(d, pg, level - 1);
    if (error)
        page_put(pg);
    return error;
}

int link_drop(struct domain *d, uint64_t entry)
{
    struct page *pg = link_page(entry);
    int error = type_put_locked(d, pg);

    page_put(pg);
    return error;
}
