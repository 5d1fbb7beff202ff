/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A PV vCPU's two address spaces: what CR3 holds in guest kernel mode and in guest user mode.
 *
 * What is always true here: l4_kernel and l4_user, where set, each hold a reference and a use as
 * PAGE_L4. Such a table carries the hypervisor's slots, so CR3 may be any of them at any time. A
 * table is given up only after no CPU has it loaded.
 */
#include "abi/errno.h"
#include "cpu/insn.h"
#include "cpu/percpu.h"
#include "domain/domain.h"
#include "hypercall/hypercall.h"
#include "mm/page.h"
#include "mm/tlb.h"
#include "pv/pv.h"
#include "pv/type.h"

static int l4_get(struct domain *d, mfn_t mfn)
{
    struct page *pg = mfn_page(mfn);
    int error;

    if (!mfn_valid(mfn) || !page_get(pg, d))
        return -EINVAL;
    if (likely(page_type_get_more(pg, PAGE_L4)))
        return 0;
    pv_update_lock(d);
    error = type_get_locked(d, pg, PAGE_L4);
    pv_update_unlock(d);
    if (error)
        page_put(pg);
    return error;
}

/* Give up @mfn; a long release is left to type_release_continue(). */
static void l4_put(struct domain *d, mfn_t mfn)
{
    struct page *pg = mfn_page(mfn);

    if (mfn_eq(mfn, MFN_NONE))
        return;
    if (unlikely(!page_type_put_more(pg))) {
        pv_update_lock(d);
        if (type_put_locked(d, pg))
            type_release_later(d, pg);
        pv_update_unlock(d);
    }
    page_put(pg);
}

int pv_new_kernel_l4(struct vcpu *v, mfn_t mfn)
{
    struct pv_vcpu *p = v->pv;
    mfn_t old = p->l4_kernel;
    int error;

    if (!mfn_eq(mfn, old)) {
        error = l4_get(v->domain, mfn);
        if (error)
            return error;
        p->l4_kernel = mfn;
    }
    if (v == vcpu_current())
        pv_load_cr3(v);
    if (!mfn_eq(mfn, old))
        l4_put(v->domain, old);
    return 0;
}

int pv_new_user_l4(struct vcpu *v, mfn_t mfn)
{
    struct pv_vcpu *p = v->pv;
    mfn_t old = p->l4_user;
    int error;

    if (mfn.n == 0)
        mfn = MFN_NONE;
    if (mfn_eq(mfn, old))
        return 0;
    if (!mfn_eq(mfn, MFN_NONE)) {
        error = l4_get(v->domain, mfn);
        if (error)
            return error;
    }
    p->l4_user = mfn;
    if (v == vcpu_current() && !p->in_kernel)
        pv_load_cr3(v);
    l4_put(v->domain, old);
    return 0;
}

int pv_drop_l4s(struct vcpu *v)
{
    struct pv_vcpu *p = v->pv;
    mfn_t *slots[] = {&p->l4_kernel, &p->l4_user};

    int error = type_release_continue(v);

    for (unsigned int i = 0; !error && i < ARRAY_SIZE(slots); i++) {
        struct page *pg = mfn_page(*slots[i]);

        if (mfn_eq(*slots[i], MFN_NONE))
            continue;
        *slots[i] = MFN_NONE;
        pv_update_lock(v->domain);
        error = type_put_locked(v->domain, pg);
        if (error)
            p->releasing = pg;
        pv_update_unlock(v->domain);
        page_put(pg);
    }
    return error;
}

void pv_load_cr3(struct vcpu *v)
{
    mfn_t l4 = v->pv->in_kernel ? v->pv->l4_kernel : v->pv->l4_user;

    tlb_load_cr3(mfn_paddr(l4).a);
}

void pv_toggle_mode(struct vcpu *v)
{
    struct pv_vcpu *p = v->pv;

    if (p->in_kernel && mfn_eq(p->l4_user, MFN_NONE)) {
        domain_crash(v->domain, "vCPU %u enters user mode without a user page table", v->id);
        return;
    }
    p->in_kernel = !p->in_kernel;
    insn_swapgs();
    pv_load_cr3(v);
    if (unlikely(v->domain->pv->io_bitmap)) /* ports are its kernel's */
        pv_ports_update(v);
}
