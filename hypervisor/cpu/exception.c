/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Exceptions and interrupts after entry.S: to the guest's room, to irq/, to a fix-up, or the end.
 *
 * What is always true here: a fault whose saved CS has RPL 3 came from a guest and is never fatal
 * to the hypervisor. A fault of the hypervisor itself is allowed only at an instruction named in
 * the exception table, or at the IRET to a guest (whose frame lies on an otherwise empty stack,
 * with the guest's registers still whole in struct vcpu).
 */
#include "cpu/entry.h"
#include "cpu/extable.h"
#include "cpu/insn.h"
#include "cpu/percpu.h"
#include "cpu/regs.h"
#include "debug/panic.h"
#include "domain/vcpu.h"
#include "irq/irq.h"

struct extable_entry {
    int32_t fault;
    int32_t fixup;
};

extern const struct extable_entry extable_start[], extable_end[];

bool extable_fix(struct cpu_user_regs *regs)
{
    for (const struct extable_entry *e = extable_start; e < extable_end; e++) {
        if ((uint64_t)&e->fault + (uint64_t)(int64_t)e->fault == regs->rip) {
            regs->rip = (uint64_t)&e->fixup + (uint64_t)(int64_t)e->fixup;
            return true;
        }
    }
    return false;
}

bool rdmsr_safe(uint32_t msr, uint64_t *value)
{
    uint32_t low, high, failed = 0;

    __asm__ volatile("1: rdmsr\n2:\n" FIXUP_BEGIN
                     "3: movl $1, %2\nxorl %0, %0\nxorl %1, %1\njmp 2b\n" FIXUP_END
                     EXTABLE("1b", "3b")
                     : "=a"(low), "=d"(high), "+r"(failed)
                     : "c"(msr));
    *value = low | (uint64_t)high << 32;
    return !failed;
}

bool wrmsr_safe(uint32_t msr, uint64_t value)
{
    uint32_t failed = 0;

    __asm__ volatile("1: wrmsr\n2:\n" FIXUP_BEGIN "3: movl $1, %0\njmp 2b\n" FIXUP_END
                     EXTABLE("1b", "3b")
                     : "+r"(failed)
                     : "c"(msr), "a"((uint32_t)value), "d"((uint32_t)(value >> 32)));
    return !failed;
}

static bool is_interrupt(unsigned int vector)
{
    return vector >= 0x20 && vector != 0x80;
}

void exception_guest(struct vcpu *v)
{
    unsigned int vector = v->regs.entry_vector;
    uint64_t fault_va = 0;

    if (is_interrupt(vector)) {
        irq_handle(&v->regs, vector);
        return;
    }
    if (vector == VEC_PF) {
        fault_va = read_cr2();
    } else if (vector == VEC_DB) {
        fault_va = read_dr6();
        write_dr6(DR6_FIXED);
    }
    irq_enable();
    guest_fault(v, vector, fault_va);
}

/* IRET to a guest refused the frame: the guest's selectors are bad, or the first of their page. Its
 * registers are intact. */
static void iret_fault(struct cpu_user_regs *regs)
{
    struct vcpu *v = vcpu_current();
    uint64_t fault_va = regs->entry_vector == VEC_PF ? read_cr2() : 0;

    v->regs.entry_vector = 0;
    irq_enable();
    guest_fault(v, VEC_GUEST_IRET, fault_va);
    gate_return();
}

void exception_host(struct cpu_user_regs *regs)
{
    unsigned int vector = regs->entry_vector;

    if (is_interrupt(vector)) {
        irq_handle(regs, vector);
        return;
    }
    if (regs->rip == (uint64_t)entry_iret_guest && vector != VEC_DF)
        iret_fault(regs);
    if (vector == VEC_DB) { /* MOV SS then SYSCALL with a breakpoint set, or TF at SYSENTER */
        write_dr6(DR6_FIXED);
        regs->rflags &= ~X86_TF;
        return;
    }
    if (extable_fix(regs))
        return;
    panic_regs(regs, "unexpected exception %u, error code %#x, address %#lx", vector,
               regs->error_code, vector == VEC_PF ? read_cr2() : 0);
}

void double_fault_handle(struct cpu_user_regs *regs)
{
    panic_regs(regs, "double fault (stack overflow?), CR2 %#lx", read_cr2());
}
