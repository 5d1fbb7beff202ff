/* SPDX-License-Identifier: BSD-2-Clause */
/* The iret hypercall, and what is delivered on the way back to a guest. */
#include "pv/kind.h"

#include "cpu/insn.h"
#include "cpu/percpu.h"
#include "cpu/regs.h"
#include "domain/domain.h"
#include "hypercall/table.h"
#include "p2m/guest_word.h"
#include "pv/bounce.h"
#include "pv/pv.h"
#include "sched/softirq.h"

/* The frame on the guest's kernel stack at @at (struct iret_context, xen/arch-x86/xen-x86_64.h). */
static inline bool get_frame(struct iret_context *f, uint64_t at)
{
#define GET(field) guest_get(&f->field, at + offsetof(struct iret_context, field))
    return guest_range_ok(at, sizeof(*f)) && GET(rax) && GET(r11) && GET(rcx) && GET(flags) &&
           GET(rip) && GET(cs) && GET(rflags) && GET(rsp) && GET(ss);
#undef GET
}

/* To user mode; false: there is none. */
static __attribute__((noinline)) bool enter_user(struct vcpu *v)
{
    if (unlikely(v->pv->l4_user.n == MFN_NONE.n)) {
        domain_crash(v->domain, "iret to user mode without user page tables");
        return false;
    }
    pv_toggle_mode(v);
    return true;
}

long hc_iret(void)
{
    struct vcpu *v = vcpu_current();
    struct cpu_user_regs *r = &v->regs;
    struct iret_context f;

    if (unlikely(!get_frame(&f, r->rsp))) {
        domain_crash(v->domain, "its iret frame at %#lx cannot be read", r->rsp);
        return 0;
    }
    if ((f.cs & 3) == 3 && !enter_user(v))
        return 0;
    r->rip = f.rip;
    r->cs = (uint16_t)(f.cs | 3);
    r->rflags = (f.rflags & ~(X86_IOPL | X86_VM | X86_VIF | X86_VIP)) | X86_IF | 2;
    r->rsp = f.rsp;
    r->ss = (uint16_t)(f.ss | 3);
    if (!(f.flags & VGCF_in_syscall)) {
        r->r11 = f.r11;
        r->rcx = f.rcx;
    }
    r->entry_vector = 0;
    v->info->evtchn_upcall_mask = !(f.rflags & X86_IF);
    v->nmi_blocked = false;
    return (long)f.rax;
}

static bool deliver_nmi(struct vcpu *v)
{
    if (v->nmi_blocked || !v->pv->traps[VEC_NMI].address)
        return false;
    __atomic_fetch_and(&v->work, ~(1u << VCPU_WORK_NMI), __ATOMIC_ACQ_REL);
    v->nmi_blocked = true;
    pv_bounce(v, v->pv->traps[VEC_NMI].address, true, false, 0);
    return true;
}

/* Interrupts are off; the copy to the guest's stack is done with them on. */
bool pv_before_entry(struct vcpu *v)
{
    uint32_t work = READ_ONCE(v->work);

    if (work & (1u << VCPU_WORK_DESTROY)) {
        softirq_raise(SOFTIRQ_SCHED);
        return true;
    }
    if (work & ~(1u << VCPU_WORK_NMI))
        __atomic_fetch_and(&v->work, 1u << VCPU_WORK_NMI, __ATOMIC_ACQ_REL);
    irq_enable();
    if ((work & (1u << VCPU_WORK_NMI)) && deliver_nmi(v))
        return true;
    if (pv_upcall_deliverable(v)) {
        pv_bounce(v, v->pv->event.rip, true, false, 0);
        return true;
    }
    irq_disable();
    return READ_ONCE(cpu_self()->softirq_pending) != 0;
}

bool pv_upcall_deliverable(const struct vcpu *v)
{
    return v->info->evtchn_upcall_pending && !v->info->evtchn_upcall_mask && v->pv->event.rip;
}
