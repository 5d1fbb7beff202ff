/* SPDX-License-Identifier: BSD-2-Clause */
/* HYPERVISOR_mmuext_op: page tables as wholes, CR3, TLB and cache flushes, LDT. */
#include "abi/errno.h"
#include "abi/xen.h"
#include "console/log.h"
#include "cpu/insn.h"
#include "cpu/percpu.h"
#include "cpu/smp.h"
#include "domain/domain.h"
#include "hypercall/hypercall.h"
#include "hypercall/table.h"
#include "lib/range_set.h"
#include "lib/string.h"
#include "mm/hvmap.h"
#include "mm/tlb.h"
#include "p2m/copy.h"
#include "p2m/guest_word.h"
#include "pv/flush.h"
#include "pv/pv.h"
#include "pv/targets.h"
#include "pv/type.h"

int pv_flush_vcpus(struct domain *d, uint64_t bitmap_gva, enum tlb_flush_kind kind, uint64_t va)
{
    /* 512 bytes: clearing the words in use is enough, and this is done often */
    struct cpumask mask __attribute__((__uninitialized__));
    uint64_t word;

    cpumask_clear_all(&mask);
    for (uint32_t base = 0; base < d->max_vcpus; base += 64) {
        uint32_t count = min(d->max_vcpus - base, 64U);

        word = 0;
        if (copy_from_guest(&word, bitmap_gva + base / 8, DIV_ROUND_UP(count, 8)))
            return -EFAULT;
        for (word &= bits_low(count); word; word &= word - 1) {
            struct vcpu *v = d->vcpus[base + bit_first(word)];
            uint32_t cpu = v ? READ_ONCE(v->dirty_cpu) : CPU_NONE;

            if (cpu != CPU_NONE)
                cpumask_set(&mask, cpu);
        }
    }
    tlb_flush_mask(&mask, kind, va);
    return 0;
}

static int pin(const struct mmu_targets *t, const struct mmuext_op *op)
{
    enum page_type type = PAGE_L1 + (op->cmd - MMUEXT_PIN_L1_TABLE);

    return t->frames->pv ? type_pin(t->frames, MFN(op->arg1.mfn), type) : -EINVAL;
}

static int unpin(const struct mmu_targets *t, const struct mmuext_op *op)
{
    return t->frames->pv ? type_unpin(t->frames, MFN(op->arg1.mfn)) : -EINVAL;
}

/* May @d make the whole machine write back its caches? Only with devices that could tell. */
static bool may_flush_cache(const struct domain *d)
{
    return d->is_control || (d->iomem && !range_set_is_empty(d->iomem));
}

static int flush(struct vcpu *v, const struct mmuext_op *op)
{
    struct domain *d = v->domain;
    uint64_t va = op->arg1.linear_addr;

    switch (op->cmd) {
    case MMUEXT_TLB_FLUSH_LOCAL:
        tlb_flush_local(TLB_FLUSH_GUEST, 0);
        return 0;
    case MMUEXT_INVLPG_LOCAL:
        tlb_flush_local(TLB_FLUSH_PAGE, va);
        return 0;
    case MMUEXT_TLB_FLUSH_MULTI:
        return pv_flush_vcpus(d, GUEST_VA(op->arg2.vcpumask), TLB_FLUSH_GUEST, 0) ? -EINVAL : 0;
    case MMUEXT_INVLPG_MULTI:
        return pv_flush_vcpus(d, GUEST_VA(op->arg2.vcpumask), TLB_FLUSH_PAGE, va) ? -EINVAL : 0;
    case MMUEXT_TLB_FLUSH_ALL:
        tlb_flush_mask(d->dirty_cpus, TLB_FLUSH_GUEST, 0);
        return 0;
    case MMUEXT_INVLPG_ALL:
        tlb_flush_mask(d->dirty_cpus, TLB_FLUSH_PAGE, va);
        return 0;
    case MMUEXT_FLUSH_CACHE:
        if (!may_flush_cache(d))
            return -EACCES;
        wbinvd();
        return 0;
    default:
        if (!may_flush_cache(d))
            return -EINVAL;
        tlb_flush_mask(&cpus_online, TLB_FLUSH_CACHE, 0);
        return 0;
    }
}

/* CLEAR_PAGE and COPY_PAGE: the hypervisor writes an ordinary frame for the guest. */
static int fill_page(const struct mmu_targets *t, const struct mmuext_op *op)
{
    mfn_t to = MFN(op->arg1.mfn), from = MFN(op->arg2.src_mfn);
    bool copy = op->cmd == MMUEXT_COPY_PAGE;
    void *dst, *src;

    if (!mfn_valid(to) || (copy && !mfn_valid(from)))
        return -EINVAL;
    if (copy && !page_get(mfn_page(from), t->frames))
        return -EINVAL;
    if (!page_get_writable(mfn_page(to), t->frames)) {
        if (copy)
            page_put(mfn_page(from));
        return -EINVAL;
    }
    dst = frame_map(to);
    if (copy) {
        src = frame_map(from);
        memcpy(dst, src, PAGE_BYTES);
        frame_unmap(src);
        page_put(mfn_page(from));
    } else {
        memset(dst, 0, PAGE_BYTES);
    }
    frame_unmap(dst);
    page_put_writable(mfn_page(to));
    return 0;
}

static int run_op(struct vcpu *v, const struct mmu_targets *t, const struct mmuext_op *op)
{
    switch (op->cmd) {
    case MMUEXT_NEW_BASEPTR:
        return pv_new_kernel_l4(v, MFN(op->arg1.mfn));
    case MMUEXT_NEW_USER_BASEPTR:
        return pv_new_user_l4(v, MFN(op->arg1.mfn));
    case MMUEXT_PIN_L1_TABLE:
    case MMUEXT_PIN_L2_TABLE:
    case MMUEXT_PIN_L3_TABLE:
    case MMUEXT_PIN_L4_TABLE:
        return pin(t, op);
    case MMUEXT_UNPIN_TABLE:
        return unpin(t, op);
    case MMUEXT_TLB_FLUSH_LOCAL:
    case MMUEXT_INVLPG_LOCAL:
    case MMUEXT_TLB_FLUSH_MULTI:
    case MMUEXT_INVLPG_MULTI:
    case MMUEXT_TLB_FLUSH_ALL:
    case MMUEXT_INVLPG_ALL:
    case MMUEXT_FLUSH_CACHE:
    case MMUEXT_FLUSH_CACHE_GLOBAL:
        return t->frames == v->domain ? flush(v, op) : -EPERM;
    case MMUEXT_SET_LDT:
        return pv_set_ldt(v, op->arg1.linear_addr, op->arg2.nr_ents);
    case MMUEXT_CLEAR_PAGE:
    case MMUEXT_COPY_PAGE:
        return fill_page(t, op);
    case MMUEXT_MARK_SUPER:
    case MMUEXT_UNMARK_SUPER:
        return -EOPNOTSUPP;
    default:
        return -ENOSYS;
    }
}

/* Operation number @i of the list at @list. */
static inline int run_listed(struct vcpu *v, const struct mmu_targets *t, uint64_t list, uint32_t i)
{
    uint64_t at = list + (uint64_t)i * sizeof(struct mmuext_op);
    union {
        struct mmuext_op op;
        uint64_t words[3];
    } u;
    int error;

    static_assert(sizeof(u.op) == sizeof(u.words), "three words");
    if (i > 0 && hypercall_preempt())
        return -ERESTART;
    if (!guest_range_ok(at, sizeof(u)) || !guest_get(&u.words[0], at) ||
        !guest_get(&u.words[1], at + 8) || !guest_get(&u.words[2], at + 16))
        return -EFAULT;
    error = run_op(v, t, &u.op);
    if (unlikely(error) && error != -ERESTART)
        log_guest(LOG_DEBUG, "d%u: mmuext_op %u on %#llx refused: %d", v->domain->id, u.op.cmd,
                  (unsigned long long)u.op.arg1.mfn, error);
    return error;
}

/* One operation of a control domain that has no page tables of this kind itself, on another's. */
static int run_for_other(const struct domain *self, const struct mmu_targets *t,
                         const struct mmuext_op *op)
{
    if (t->frames == self)
        return -EOPNOTSUPP;
    switch (op->cmd) {
    case MMUEXT_PIN_L1_TABLE:
    case MMUEXT_PIN_L2_TABLE:
    case MMUEXT_PIN_L3_TABLE:
    case MMUEXT_PIN_L4_TABLE:
        return pin(t, op);
    case MMUEXT_UNPIN_TABLE:
        return unpin(t, op);
    default:
        return -EOPNOTSUPP;
    }
}

long mmuext_op_translated(uint64_t a0, uint64_t a1, uint64_t a2, uint64_t a3)
{
    struct domain *self = vcpu_current()->domain;
    uint32_t count = (uint32_t)a1 & ~MMU_CONTINUED, i = 0;
    uint32_t done_before = mmu_done_before((uint32_t)a1, a2);
    struct mmu_targets t;
    struct mmuext_op op;
    int error;

    if (!self->is_control)
        return -ENOSYS;
    error = mmu_targets_get(self, (uint16_t)a3, &t);
    if (error)
        return error;
    for (; !error && i < count; i += !error) {
        if (i > 0 && hypercall_preempt())
            error = -ERESTART;
        else if (copy_from_guest(&op, a0 + i * sizeof(op), sizeof(op)))
            error = -EFAULT;
        else
            error = run_for_other(self, &t, &op);
    }
    mmu_targets_put(self, &t);
    return mmu_finish(error, done_before + i, a2, a0 + i * sizeof(op), count - i);
}

long hc_mmuext_op(uint64_t a0, uint64_t a1, uint64_t a2, uint64_t a3)
{
    struct vcpu *v = vcpu_current();
    uint32_t count = (uint32_t)a1 & ~MMU_CONTINUED, i = 0;
    uint32_t done_before = unlikely(a1 & MMU_CONTINUED) ? mmu_done_before((uint32_t)a1, a2) : 0;
    struct mmu_targets t;
    int error = mmu_targets_get(v->domain, (uint16_t)a3, &t);

    if (unlikely(error))
        return error;
    error = type_release_continue(v);
    while (likely(!error) && i < count) {
        error = run_listed(v, &t, a0, i);
        if (likely(!error)) {
            i++;
            error = type_release_continue(v);
        }
    }
    mmu_targets_put(v->domain, &t);
    if (likely(!a2 && error != -ERESTART))
        return error;
    return mmu_finish(error, done_before + i, a2, a0 + i * sizeof(struct mmuext_op), count - i);
}
