/* SPDX-License-Identifier: BSD-2-Clause */
/* domctl: a debugger's view of a guest (gdbsx). */
#include "control/domctl.h"

#include "abi/errno.h"
#include "cpu/features.h"
#include "cpu/regs.h"
#include "domain/domain.h"
#include "hvm/hvm.h"
#include "hypercall/hypercall.h"
#include "mm/hvmap.h"
#include "mm/layout.h"
#include "p2m/copy.h"
#include "p2m/gfn.h"
#include "p2m/walk.h"
#include "pv/pv.h"

/* How @v's kernel sees memory. False: its context was never set. */
static bool view_of(struct vcpu *v, struct walk_mode *mode)
{
    if (!v->initialised)
        return false;
    *mode = (struct walk_mode){
        .cr0 = CR0_PG,
        .cr4 = CR4_PAE,
        .efer = EFER_LMA | EFER_NXE,
        .physical_bits = (uint8_t)cpu_features.physical_bits,
        .page_1g = true,
    };
    if (v->hvm)
        hvm_look_mode(v, mode);
    else
        mode->cr3 = v->pv->l4_kernel.n << PAGE_SHIFT;
    return true;
}

/* At most to the end of a page: the bytes, or 0: nothing there, or not to be written. */
static uint32_t copy_some(struct vcpu *v, const struct walk_mode *mode,
                          const struct xen_domctl_gdbsx_memio *m)
{
    uint32_t bytes = min(m->len, (uint32_t)(PAGE_BYTES - (m->gva & ~PAGE_MASK)));
    bool write = m->gwr;
    uint64_t gpa;
    mfn_t frame;
    char *at;
    int rc;

    if (!v->hvm && m->gva >= VA_HYPERVISOR_START && m->gva < VA_HYPERVISOR_END)
        return 0;
    if (!walk_look(v, mode, m->gva, &gpa) ||
        !gfn_page_get(v->domain, gpa >> PAGE_SHIFT, write, &frame))
        return 0;
    at = (char *)frame_map(frame) + (gpa & ~PAGE_MASK);
    rc = write ? copy_from_guest(at, m->uva, bytes) : copy_to_guest(m->uva, at, bytes);
    frame_unmap(at);
    gfn_page_put(frame, write);
    return rc ? 0 : bytes;
}

/*
 * The first vCPU's kernel's addresses count. What is done is taken off the structure, so that the
 * call can go on where it was. (`pgd3val` is about 32-bit PV kernels, which there are none of.)
 */
long domctl_gdbsx_guestmemio(struct domain *d, struct xen_domctl *op)
{
    struct xen_domctl_gdbsx_memio *m = &op->u.gdbsx_guest_memio;
    struct vcpu *v = domain_vcpu(d, 0);
    struct walk_mode mode;
    long rc = 0;

    m->remain = m->len;
    if (!v || !view_of(v, &mode))
        return m->len ? -EFAULT : 0;
    while (m->len && !rc) {
        uint32_t done = copy_some(v, &mode, m);

        m->gva += done;
        m->uva += done;
        m->len -= done;
        m->remain = m->len;
        if (!done)
            rc = -EFAULT;
        else if (m->len && hypercall_preempt())
            rc = -ERESTART;
    }
    return rc;
}

long domctl_gdbsx_pausevcpu(struct domain *d, struct xen_domctl *op)
{
    struct vcpu *v = domain_vcpu(d, op->u.gdbsx_pauseunp_vcpu.vcpu);

    if (!READ_ONCE(d->controller_pauses))
        return -EBUSY;
    if (!v)
        return -EINVAL;
    if (v->debug_pauses == UINT32_MAX)
        return -EBUSY;
    v->debug_pauses++;
    vcpu_pause(v);
    return 0;
}

long domctl_gdbsx_unpausevcpu(struct domain *d, struct xen_domctl *op)
{
    struct vcpu *v = domain_vcpu(d, op->u.gdbsx_pauseunp_vcpu.vcpu);

    if (!READ_ONCE(d->controller_pauses))
        return -EBUSY;
    if (!v || !v->debug_pauses)
        return -EINVAL;
    v->debug_pauses--;
    vcpu_unpause(v);
    return 0;
}

long domctl_gdbsx_domstatus(struct domain *d, struct xen_domctl *op)
{
    struct xen_domctl_gdbsx_domstatus *s = &op->u.gdbsx_domstatus;
    struct vcpu *v;

    s->vcpu_id = ~0U;
    s->paused = READ_ONCE(d->controller_pauses) != 0;
    if (!s->paused)
        return 0;
    for_each_vcpu(d, v) {
        uint32_t event = __atomic_exchange_n(&v->debug_event, 0, __ATOMIC_RELAXED);

        if (!event)
            continue;
        s->vcpu_id = v->id;
        s->vcpu_ev = event;
        break;
    }
    return 0;
}
