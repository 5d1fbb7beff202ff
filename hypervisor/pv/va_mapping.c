/* SPDX-License-Identifier: BSD-2-Clause */
/* HYPERVISOR_update_va_mapping and its sibling for frames of another domain. */
#include "abi/errno.h"
#include "abi/xen.h"
#include "console/log.h"
#include "cpu/percpu.h"
#include "domain/domain.h"
#include "hypercall/table.h"
#include "mm/hvmap.h"
#include "mm/tlb.h"
#include "p2m/gfn.h"
#include "pv/flush.h"
#include "pv/pte_update.h"
#include "pv/pv.h"
#include "pv/targets.h"
#include "pv/type.h"

/* The TLB flush that @flags asks for (xen/xen.h UVMF_*); the bits above the flags are the guest
 * address of a vCPU bitmap, 0 for this vCPU only. */
static int flush_after(struct vcpu *v, uint64_t va, uint64_t flags)
{
    uint64_t bitmap = flags & ~UVMF_FLUSHTYPE_MASK;
    enum tlb_flush_kind kind;

    switch (flags & UVMF_FLUSHTYPE_MASK) {
    case UVMF_NONE:
        return 0;
    case UVMF_TLB_FLUSH:
        kind = TLB_FLUSH_GUEST;
        break;
    case UVMF_INVLPG:
        kind = TLB_FLUSH_PAGE;
        break;
    default: /* both bits: no kind of flush */
        return 0;
    }
    if (bitmap == UVMF_ALL)
        tlb_flush_mask(v->domain->dirty_cpus, kind, va);
    else if (bitmap)
        return pv_flush_vcpus(v->domain, bitmap, kind, va);
    else
        tlb_flush_local(kind, va);
    return 0;
}

static int set_mapping(uint64_t va, uint64_t value, uint64_t flags, const struct domain *frames)
{
    struct vcpu *v = vcpu_current();
    struct domain *d = v->domain;
    uint64_t *entry;
    int error = -EINVAL;

    pv_update_lock(d);
    entry = pte_find_leaf(v->pv->l4_kernel, va);
    if (entry) {
        error = pte_set_leaf(d, entry, value, frames, PTE_SET, 0);
        frame_unmap(entry);
    }
    pv_update_unlock(d);
    if (unlikely(error)) {
        if (entry) /* no table there is an ordinary answer; a refused value is a guest's bug */
            log_guest(LOG_DEBUG, "d%u: mapping %#llx at %#llx refused: %d", d->id,
                      (unsigned long long)value, (unsigned long long)va, error);
        return error;
    }
    return flush_after(v, va, flags);
}

long hc_update_va_mapping(uint64_t a0, uint64_t a1, uint64_t a2)
{
    return set_mapping(a0, a1, a2, vcpu_current()->domain);
}

long hc_update_va_mapping_otherdomain(uint64_t a0, uint64_t a1, uint64_t a2, uint64_t a3)
{
    struct domain *self = vcpu_current()->domain;
    struct mmu_targets t;
    int error = mmu_targets_get(self, (uint16_t)a3, &t);
    bool held = false;
    mfn_t mfn;

    if (error)
        return error;
    if (t.frames->is_translated && (a1 & PTE_P)) { /* the frame is named by its owner's number */
        held = gfn_page_get(t.frames, pte_mfn(a1).n, false, &mfn);
        error = held ? 0 : -EINVAL;
        a1 = (a1 & ~PTE_FRAME_MASK) | mfn.n << PAGE_SHIFT;
    }
    if (!error)
        error = set_mapping(a0, a1, a2, t.frames);
    if (held)
        gfn_page_put(mfn, false);
    mmu_targets_put(self, &t);
    return error;
}
