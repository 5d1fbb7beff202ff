/* SPDX-License-Identifier: BSD-2-Clause */
/* Faults of PV guests: resolved here (emulation, lazy mappings) or bounced to the guest. */
#include "cpu/entry.h"
#include "cpu/insn.h"
#include "cpu/regs.h"
#include "debug/trace.h"
#include "domain/domain.h"
#include "mm/layout.h"
#include "pv/bounce.h"
#include "pv/privileged.h"
#include "pv/pv.h"

#define INT_BYTES 2 /* length of INT n */

/* @offset into the LDT of the current vCPU if @va lies in the hypervisor's view of it. */
static bool is_own_ldt(const struct vcpu *v, uint64_t va, uint32_t *offset)
{
    uint64_t base = VA_PERDOMAIN + (uint64_t)v->id * PV_VCPU_SLOT_BYTES + 0x10000;

    if (va < base || va >= base + 0x10000)
        return false;
    *offset = (uint32_t)(va - base);
    return true;
}

/* Some cases are not inlined, so that guest_fault() has nothing to save for the others. */
static __attribute__((noinline)) void page_fault(struct vcpu *v, uint64_t va)
{
    uint32_t error = v->regs.error_code;
    uint32_t offset;

    if (unlikely(error & PFEC_RSVD)) {
        domain_crash(v->domain, "a reserved bit is set in its page tables for %#lx", va);
        return;
    }
    if (!(error & PFEC_U) && is_own_ldt(v, va, &offset)) {
        if (pv_ldt_fault(v, offset))
            return;
        va = v->pv->ldt_base + offset;
    }
    if (v->pv->in_kernel && (error & (PFEC_P | PFEC_W)) == (PFEC_P | PFEC_W) &&
        !(va >= VA_HYPERVISOR_START && va < VA_HYPERVISOR_END) &&
        pv_pt_write_fault(v, va, error))
        return;
    /* all guest code runs at CPL 3; the guest's kernel wants to know which half it was */
    if (v->pv->in_kernel)
        error &= ~(uint32_t)PFEC_U;
    v->info->arch.cr2 = va;
    pv_bounce_trap(v, VEC_PF, error);
}

/* INT @n from guest code arrives as #GP with the IDT bit and the vector in the error code. */
static bool software_interrupt(struct vcpu *v, uint32_t error)
{
    unsigned int n = error >> 3;
    const struct trap_info *t;

    if (n > 255)
        return false;
    t = &v->pv->traps[n];
    if (!t->address || TI_GET_DPL(t) < (v->pv->in_kernel ? 1u : 3u))
        return false;
    v->regs.rip += INT_BYTES;
    pv_bounce(v, t->address, TI_GET_IF(t));
    return true;
}

static __attribute__((noinline)) void general_protection(struct vcpu *v)
{
    uint32_t error = v->regs.error_code;

    if ((error & 2) && software_interrupt(v, error))
        return;
    if (error == 0 && pv_emulate_privileged(v))
        return;
    pv_bounce_trap(v, VEC_GP, error);
}

static __attribute__((noinline)) void invalid_opcode(struct vcpu *v)
{
    if (!pv_emulate_forced(v))
        pv_bounce_trap(v, VEC_UD, 0);
}

/* The debugger wants what its breakpoints and steps do to the guest's kernel. */
static bool debugger_takes(struct vcpu *v, uint32_t vector)
{
    if (likely(!READ_ONCE(v->domain->debugger_attached)) || !v->pv->in_kernel)
        return false;
    domain_pause_for_debugger(v, vector);
    return true;
}

static void debug_exception(struct vcpu *v, uint64_t dr6)
{
    v->debugreg[6] = dr6 | DR6_FIXED;
    if (debugger_takes(v, VEC_DB))
        return;
    pv_bounce_trap(v, VEC_DB, 0);
}

static TRACE_ASIDE void trace_fault(const struct vcpu *v, unsigned int vector, uint64_t fault_va)
{
    uint32_t error = v->regs.error_code;

    if (vector == VEC_PF)
        TRACE(TRC_PV_PAGE_FAULT | TRC_64_FLAG, TRACE_64(v->regs.rip), TRACE_64(fault_va), error);
    else if (vector < 32)
        TRACE(TRC_PV_TRAP | TRC_64_FLAG, TRACE_64(v->regs.rip), vector | error << 16);
}

void guest_fault(struct vcpu *v, unsigned int vector, uint64_t fault_va)
{
    uint32_t offset;

    if (unlikely(READ_ONCE(trace_mask)))
        trace_fault(v, vector, fault_va);
    switch (vector) {
    case VEC_PF:
        page_fault(v, fault_va);
        break;
    case VEC_GP:
        general_protection(v);
        break;
    case VEC_UD:
        invalid_opcode(v);
        break;
    case VEC_DB:
        debug_exception(v, fault_va);
        break;
    case VEC_GUEST_IRET:
        if (is_own_ldt(v, fault_va, &offset) && pv_ldt_fault(v, offset))
            break; /* now it may go through */
        pv_bounce_failsafe(v);
        break;
    case 0x80: {
        const struct trap_info *t = &v->pv->traps[0x80];

        if (!v->pv->in_kernel && TI_GET_DPL(t) < 3) {
            v->regs.rip -= INT_BYTES;
            pv_bounce_trap(v, VEC_GP, 0x80 * 8 + 2);
        } else {
            pv_bounce(v, t->address, TI_GET_IF(t));
        }
        break;
    }
    case VEC_BP:
        if (debugger_takes(v, VEC_BP))
            break;
        /* fall through */
    default:
        pv_bounce_trap(v, vector, v->regs.error_code);
        break;
    }
}

/* ---- system call instructions ---- */

/* Flags cleared for a system call handler, as Linux's native SYSCALL mask does. */
#define SYSCALL_CLEARS                                                                             \
    (X86_CF | X86_PF | X86_AF | X86_ZF | X86_SF | X86_TF | X86_DF | X86_OF | X86_NT | X86_RF |     \
     X86_AC | X86_ID)

static void system_call(struct vcpu *v, const struct pv_callback *c)
{
    pv_bounce(v, c->rip, c->mask_events);
    v->regs.rflags &= ~SYSCALL_CLEARS;
}

void pv_syscall(struct vcpu *v)
{
    irq_enable();
    if (unlikely(!is_canonical(v->regs.rip)))
        v->regs.entry_vector = 0; /* SYSRET would fault in ring 0 with the guest's stack */
    system_call(v, &v->pv->syscall);
}

void pv_syscall32(struct vcpu *v)
{
    irq_enable();
    if (v->pv->in_kernel || !v->pv->syscall32.rip) {
        v->regs.rip -= 2;
        pv_bounce_trap(v, VEC_UD, 0);
    } else {
        system_call(v, &v->pv->syscall32);
    }
}

void pv_sysenter(struct vcpu *v)
{
    irq_enable();
    v->regs.rflags |= X86_IF;
    if (v->pv->in_kernel || !v->pv->sysenter.rip)
        pv_bounce_trap(v, VEC_GP, 0);
    else
        system_call(v, &v->pv->sysenter);
}
