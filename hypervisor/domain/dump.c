/* SPDX-License-Identifier: BSD-2-Clause */
/* Guest registers as text. */
#include "domain/dump.h"

#include "console/log.h"
#include "domain/domain.h"
#include "cpu/percpu.h"
#include "domain/kind.h"
#include "sched/sched.h"

/* Its state can be read here only while it does not run elsewhere (a VMCS is of one CPU at a time).
 * Waiting for that could be for ever, if its CPU waits for us in the same way. */
static void dump_standing(struct vcpu *v)
{
    bool other = v != vcpu_current();

    if (other)
        vcpu_pause_nowait(v);
    if (other && sched_vcpu_running(v))
        log_error("  runs on CPU %u", sched_vcpu_cpu(v));
    else
        v->kind->dump(v);
    if (other)
        vcpu_unpause(v);
}

void domain_dump_vcpu(struct vcpu *v)
{
    const struct cpu_user_regs *r = &v->regs;

    log_error("d%uv%u RIP %04x:%016lx RSP %04x:%016lx RFLAGS %08lx", v->domain->id, v->id, r->cs,
              r->rip, r->ss, r->rsp, r->rflags);
    log_error("  RAX %016lx RBX %016lx RCX %016lx RDX %016lx", r->rax, r->rbx, r->rcx, r->rdx);
    log_error("  RSI %016lx RDI %016lx RBP %016lx R8  %016lx", r->rsi, r->rdi, r->rbp, r->r8);
    log_error("  R9  %016lx R10 %016lx R11 %016lx R12 %016lx", r->r9, r->r10, r->r11, r->r12);
    log_error("  R13 %016lx R14 %016lx R15 %016lx", r->r13, r->r14, r->r15);
    if (v->kind && v->kind->dump)
        dump_standing(v);
}
