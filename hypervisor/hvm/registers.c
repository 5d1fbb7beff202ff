/* SPDX-License-Identifier: BSD-2-Clause */
/* The half of a CPU record that is the same for both vendors. */
#include "hvm/registers.h"

#include "cpu/regs.h"
#include "cpu/xstate.h"
#include "domain/domain.h"

void hvm_registers_get(const struct vcpu *v, struct hvm_hw_cpu *s)
{
    const struct cpu_user_regs *r = &v->regs;

    *s = (struct hvm_hw_cpu){.rax = r->rax, .rbx = r->rbx, .rcx = r->rcx, .rdx = r->rdx,
                             .rbp = r->rbp, .rsi = r->rsi, .rdi = r->rdi, .rsp = r->rsp,
                             .r8 = r->r8, .r9 = r->r9, .r10 = r->r10, .r11 = r->r11,
                             .r12 = r->r12, .r13 = r->r13, .r14 = r->r14, .r15 = r->r15,
                             .rip = r->rip, .rflags = r->rflags,
                             .dr0 = v->debugreg[0], .dr1 = v->debugreg[1],
                             .dr2 = v->debugreg[2], .dr3 = v->debugreg[3],
                             .msr_tsc_aux = v->tsc_aux,
                             .flags = XEN_X86_FPU_INITIALISED};
    xstate_get_legacy(v, s->fpu_regs);
}

void hvm_registers_set(struct vcpu *v, const struct hvm_hw_cpu *s)
{
    struct cpu_user_regs *r = &v->regs;

    r->rax = s->rax, r->rbx = s->rbx, r->rcx = s->rcx, r->rdx = s->rdx;
    r->rbp = s->rbp, r->rsi = s->rsi, r->rdi = s->rdi, r->rsp = s->rsp;
    r->r8 = s->r8, r->r9 = s->r9, r->r10 = s->r10, r->r11 = s->r11;
    r->r12 = s->r12, r->r13 = s->r13, r->r14 = s->r14, r->r15 = s->r15;
    r->rip = s->rip, r->rflags = s->rflags | RFLAGS_FIXED;
    v->debugreg[0] = s->dr0, v->debugreg[1] = s->dr1;
    v->debugreg[2] = s->dr2, v->debugreg[3] = s->dr3;
    v->tsc_aux = s->msr_tsc_aux;
    if (s->flags & XEN_X86_FPU_INITIALISED)
        xstate_set_legacy(v, s->fpu_regs);
}
