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

/* The last step of an iret to user code; the guest's @rax. */
static __attribute__((noinline)) long enter_user(struct vcpu *v, uint64_t rax)
{
    if (unlikely(v->pv->l4_user.n == MFN_NONE.n))
        domain_crash(v->domain, "iret to user mode without user page tables");
    else
        pv_toggle_mode(v);
    return (long)rax;
}

static __attribute__((noinline)) long bad_frame(struct vcpu *v, uint64_t at)
{
    domain_crash(v->domain, "its iret frame at %#lx cannot be read", at);
    return 0;
}

/* The frame is on the guest's kernel stack (struct iret_context, xen/arch-x86/xen-x86_64.h). */
long hc_iret(void)
{
    struct vcpu *v = vcpu_current();
    struct cpu_user_regs *r = &v->regs;
    uint64_t at = r->rsp, flags, cs, ss, rax;

#define GET(field, to) guest_get(to, at + offsetof(struct iret_context, field))
    if (!guest_range_ok(at, sizeof(struct iret_context)) || !GET(flags, &flags))
        return bad_frame(v, at);
    if (!(flags & VGCF_in_syscall) && (!GET(rcx, &r->rcx) || !GET(r11, &r->r11)))
        return bad_frame(v, at);
    if (!GET(rip, &r->rip) || !GET(rflags, &flags) || !GET(cs, &cs) || !GET(ss, &ss) ||
        !GET(rsp, &r->rsp) || !GET(rax, &rax))
        return bad_frame(v, at);
#undef GET
    r->cs = (uint16_t)(cs | 3);
    r->ss = (uint16_t)(ss | 3);
    r->rflags = (flags & ~(X86_IOPL | X86_VM | X86_VIF | X86_VIP)) | X86_IF | 2;
    r->entry_vector = 0;
    v->info->evtchn_upcall_mask = !(flags & X86_IF);
    v->nmi_blocked = false;
    return (cs & 3) == 3 ? enter_user(v, rax) : (long)rax;
}

static bool deliver_nmi(struct vcpu *v)
{
    if (v->nmi_blocked || !v->pv->traps[VEC_NMI].address)
        return false;
    __atomic_fetch_and(&v->work, ~(1u << VCPU_WORK_NMI), __ATOMIC_ACQ_REL);
    v->nmi_blocked = true;
    pv_bounce(v, v->pv->traps[VEC_NMI].address, true);
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
        pv_bounce(v, v->pv->event.rip, true);
        return true;
    }
    irq_disable();
    return READ_ONCE(cpu_self()->softirq_pending) != 0;
}

bool pv_upcall_deliverable(const struct vcpu *v)
{
    return v->info->evtchn_upcall_pending && !v->info->evtchn_upcall_mask && v->pv->event.rip;
}
