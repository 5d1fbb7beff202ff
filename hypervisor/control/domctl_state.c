/* SPDX-License-Identifier: BSD-2-Clause */
/* domctl: the state of a saved guest beyond its registers and the contents of its memory. */
#include "control/domctl.h"

#include "abi/errno.h"
#include "cpu/xstate_record.h"
#include "cpu/features.h"
#include "cpu/policy.h"
#include "cpu/regs.h"
#include "cpu/xstate.h"
#include "domain/domain.h"
#include "hypercall/hypercall.h"
#include "lib/string.h"
#include "mm/page.h"
#include "mm/page_word.h"
#include "mm/pool.h"
#include "p2m/copy.h"
#include "p2m/gfn.h"
#include "pv/pv.h"

#define CANONICAL_SHIFT 47

static bool is_canonical_address(uint64_t va)
{
    int64_t top = (int64_t)va >> CANONICAL_SHIFT;

    return top == 0 || top == -1;
}

long domctl_set_ext_vcpucontext(struct domain *d, struct xen_domctl *op)
{
    const struct xen_domctl_ext_vcpucontext *e = &op->u.ext_vcpucontext;
    struct vcpu *v = domain_vcpu(d, e->vcpu);

    if (!v)
        return -ESRCH;
    if (d->is_translated)
        return -EOPNOTSUPP;
    if (e->size < offsetof(struct xen_domctl_ext_vcpucontext, mcg_cap) ||
        !is_canonical_address(e->syscall32_callback_eip) ||
        !is_canonical_address(e->sysenter_callback_eip))
        return -EINVAL;
    /* Handlers run on the flat kernel segments, and machine-check banks are never shown: the
     * selectors and bank settings that other hypervisors send along change nothing here. */
    vcpu_pause(v);
    v->pv->syscall32 = (struct pv_callback){e->syscall32_callback_eip,
                                            e->syscall32_disables_events};
    v->pv->sysenter = (struct pv_callback){e->sysenter_callback_eip, e->sysenter_disables_events};
    vcpu_unpause(v);
    return 0;
}

long domctl_get_ext_vcpucontext(struct domain *d, struct xen_domctl *op)
{
    struct vcpu *v = domain_vcpu(d, op->u.ext_vcpucontext.vcpu);

    if (!v)
        return -ESRCH;
    if (d->is_translated)
        return -EOPNOTSUPP;
    vcpu_pause(v);
    op->u.ext_vcpucontext = (struct xen_domctl_ext_vcpucontext){
        .vcpu = v->id,
        .size = sizeof(op->u.ext_vcpucontext),
        .syscall32_callback_eip = v->pv->syscall32.rip,
        .sysenter_callback_eip = v->pv->sysenter.rip,
        .syscall32_callback_cs = PV_FLAT_CS64,
        .sysenter_callback_cs = PV_FLAT_CS64,
        .syscall32_disables_events = v->pv->syscall32.mask_events,
        .sysenter_disables_events = v->pv->sysenter.mask_events,
    };
    vcpu_unpause(v);
    return 0;
}

/* Without XSAVE there is nothing beyond the FPU part of the context: size 0. */
long domctl_getvcpuextstate(struct domain *d, struct xen_domctl *op)
{
    struct xen_domctl_vcpuextstate *e = &op->u.vcpuextstate;
    struct vcpu *v = domain_vcpu(d, e->vcpu);
    uint64_t gva = GUEST_VA(e->buffer), size = 0;
    struct xstate_record head;
    int rc = 0;

    if (!v)
        return -ESRCH;
    e->xfeature_mask = cpu_policy_xcr0(d->policy);
    vcpu_pause(v);
    if (cpu_features.xsave)
        size = sizeof(head) + cpu_policy_xsave_bytes(d->policy, v->xcr0_accum);
    if (!gva) {
        e->size = size;
    } else if (e->size != size) {
        rc = -EINVAL;
    } else if (size) {
        head = (struct xstate_record){.xcr0 = v->xcr0, .xcr0_accum = v->xcr0_accum};
        rc = copy_to_guest(gva, &head, sizeof(head));
        if (!rc)
            rc = copy_to_guest(gva + sizeof(head), v->xsave, size - sizeof(head));
    }
    vcpu_unpause(v);
    return rc;
}

long domctl_setvcpuextstate(struct domain *d, struct xen_domctl *op)
{
    const struct xen_domctl_vcpuextstate *e = &op->u.vcpuextstate;
    struct vcpu *v = domain_vcpu(d, e->vcpu);
    struct xstate_record *record;
    int rc;

    if (!v)
        return -ESRCH;
    if (!cpu_features.xsave)
        return e->size ? -EOPNOTSUPP : 0;
    if (e->size < sizeof(*record) || e->size > sizeof(*record) + xstate_bytes())
        return -EINVAL;
    record = pool_alloc(e->size);
    if (!record)
        return -ENOMEM;
    rc = copy_from_guest(record, GUEST_VA(e->buffer), e->size);
    if (!rc)
        rc = xstate_record_check(record, e->size, cpu_policy_xcr0(d->policy), xstate_bytes());
    if (!rc) {
        vcpu_pause(v);
        xstate_set_record(v, record, e->size);
        vcpu_unpause(v);
    }
    pool_free(record);
    return rc;
}

/* The one MSR of a PV vCPU that is neither in its context nor fixed by its policy. Others' are in
 * their records. */
#define VCPU_MSRS 1

long domctl_get_vcpu_msrs(struct domain *d, struct xen_domctl *op)
{
    struct xen_domctl_vcpu_msrs *m = &op->u.vcpu_msrs;
    struct vcpu *v = domain_vcpu(d, m->vcpu);
    struct xen_domctl_vcpu_msr msr = {.index = MSR_TSC_AUX};
    uint32_t room = m->msr_count;

    if (!v)
        return -ESRCH;
    if (d->is_translated)
        return -EINVAL;
    m->msr_count = VCPU_MSRS;
    if (!GUEST_VA(m->msrs))
        return 0;
    vcpu_pause(v);
    msr.value = v->tsc_aux;
    vcpu_unpause(v);
    if (!msr.value) {
        m->msr_count = 0;
        return 0;
    }
    if (room < VCPU_MSRS)
        return -ENOBUFS;
    return copy_to_guest(GUEST_VA(m->msrs), &msr, sizeof(msr));
}

long domctl_set_vcpu_msrs(struct domain *d, struct xen_domctl *op)
{
    struct xen_domctl_vcpu_msrs *m = &op->u.vcpu_msrs;
    struct vcpu *v = domain_vcpu(d, m->vcpu);
    struct xen_domctl_vcpu_msr msr;
    uint32_t count = m->msr_count;

    if (!v)
        return -ESRCH;
    if (d->is_translated || count > VCPU_MSRS)
        return -EINVAL;
    for (uint32_t i = 0; i < count; i++) {
        m->msr_count = i; /* the offender, should it be one */
        if (copy_from_guest(&msr, GUEST_ELEM(GUEST_VA(m->msrs), struct xen_domctl_vcpu_msr, i),
                            sizeof(msr)))
            return -EFAULT;
        if (msr.index != MSR_TSC_AUX || msr.reserved || (msr.value >> 32))
            return -EINVAL;
        vcpu_pause(v);
        v->tsc_aux = msr.value;
        vcpu_unpause(v);
    }
    m->msr_count = count;
    return 0;
}

/* What the saver of a guest must know of frame @gfn: of a translated one, that it is memory. */
static uint64_t frame_info(struct domain *d, uint64_t gfn)
{
    static const uint32_t tables[] = {
        [PAGE_L1] = XEN_DOMCTL_PFINFO_L1TAB,
        [PAGE_L2] = XEN_DOMCTL_PFINFO_L2TAB,
        [PAGE_L3] = XEN_DOMCTL_PFINFO_L3TAB,
        [PAGE_L4] = XEN_DOMCTL_PFINFO_L4TAB,
    };
    uint64_t info = XEN_DOMCTL_PFINFO_NOTAB, word;
    struct page *pg;
    mfn_t mfn;

    if (!gfn_page_get(d, gfn, false, &mfn))
        return XEN_DOMCTL_PFINFO_XTAB;
    pg = mfn_page(mfn);
    word = READ_ONCE(pg->type);
    if (d->is_translated && (READ_ONCE(pg->count) & PAGE_XENHEAP)) /* shared with it: made anew */
        info = XEN_DOMCTL_PFINFO_XTAB;
    else if (word_state(word) == WORD_IN_USE && word_type(word) >= PAGE_L1 &&
             word_type(word) <= PAGE_L4)
        info = tables[word_type(word)] | (word & WORD_PINNED ? XEN_DOMCTL_PFINFO_LPINTAB : 0);
    page_put(pg);
    return info;
}

#define INFO_PART 64u /* entries between two looks whether to go on */

/* The list is replaced in place; what is done is taken off it when the call is continued. */
long domctl_getpageframeinfo3(struct domain *d, struct xen_domctl *op)
{
    struct xen_domctl_getpageframeinfo3 *g = &op->u.getpageframeinfo3;
    uint64_t part[INFO_PART], n;

    if (g->num > 1024)
        return -E2BIG;
    for (uint64_t done = 0; done < g->num; done += n) {
        uint64_t at = GUEST_ELEM(GUEST_VA(g->array), uint64_t, done);

        if (done && hypercall_preempt()) {
            g->num -= done;
            g->array.p = (xen_pfn_t *)at;
            return -ERESTART;
        }
        n = min(g->num - done, (uint64_t)INFO_PART);
        if (copy_from_guest(part, at, n * sizeof(part[0])))
            return -EFAULT;
        for (uint64_t i = 0; i < n; i++)
            part[i] = frame_info(d, part[i]);
        if (copy_to_guest(at, part, n * sizeof(part[0])))
            return -EFAULT;
    }
    return 0;
}
