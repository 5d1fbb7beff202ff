/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From a VMX exit to what it means.
 *
 * What is always true here: between the exit and irq_enable() interrupts are off, and what the
 * processor has already taken for the host is dealt with; the instruction pointer moves in one
 * place, advance(). Only fields that an exit needs are read.
 */
#include "hvm/exit.h"
#include "abi/errno.h"
#include "cpu/entry.h"
#include "cpu/insn.h"
#include "cpu/percpu.h"
#include "cpu/regs.h"
#include "debug/trace.h"
#include "domain/domain.h"
#include "hvm/vmx/event.h"
#include "hvm/vmx/vmx.h"
#include "irq/irq.h"
#include "sched/sched.h"

/* Exit qualification of a port access (SDM vol. 3, table 27-5) */
#define IO_SIZE       7u
#define IO_IN         (1u << 3)
#define IO_STRING     (1u << 4)
#define IO_REP        (1u << 5)
#define IO_PORT_SHIFT 16

/* ... of an EPT violation (table 27-7) */
#define EPT_WRITE_ACCESS (1u << 1)
#define EPT_FETCH_ACCESS (1u << 2)
#define EPT_LINEAR       (1u << 7)
#define EPT_FINAL        (1u << 8)

/* ... of a control register access (table 27-3) */
#define CR_NUMBER(q)   ((q)&15)
#define CR_ACCESS(q)   (((q) >> 4) & 3)
#define CR_REGISTER(q) (((q) >> 8) & 15)
enum { CR_WRITE = 0, CR_READ = 1, CR_CLTS = 2, CR_LMSW = 3 };

/* ... of an access to the local APIC's page (table 27-6) */
#define APIC_OFFSET(q) ((q)&0xfff)
#define APIC_TYPE(q)   (((q) >> 12) & 15)
enum { APIC_READ, APIC_WRITE, APIC_FETCH, APIC_DELIVERY };

/* What the end of an instruction does for a debugger: breakpoints count again, and a single step is
 * pending, which the processor traps after entry. */
static off_path void end_of_step(struct vcpu *v)
{
    v->regs.rflags &= ~X86_RF;
    if (v->regs.rflags & X86_TF)
        vmwrite(VMCS_GUEST_PENDING_DEBUG, vmread(VMCS_GUEST_PENDING_DEBUG) | PENDING_SINGLE_STEP);
}

/* Behind the instruction that is done: no interrupt shadow any more. */
static void advance(struct vcpu *v)
{
    uint64_t old = v->regs.rip, next = old + vmread(VMCS_EXIT_LENGTH);

    if (unlikely((old ^ next) >> 32) && vmx_code_bits(v) != 64)
        next = (uint32_t)next;
    v->regs.rip = next;
    vmx_retired(v);
}

void vmx_retired(struct vcpu *v)
{
    uint64_t blocked = vmread(VMCS_GUEST_INTERRUPTIBILITY);

    if (unlikely(blocked & (BLOCKED_STI | BLOCKED_SS)))
        vmwrite(VMCS_GUEST_INTERRUPTIBILITY, blocked & ~(uint64_t)(BLOCKED_STI | BLOCKED_SS));
    if (unlikely(v->regs.rflags & (X86_TF | X86_RF)))
        end_of_step(v);
}

static enum exit_verdict general_protection(struct vcpu *v)
{
    hvm_inject_exception(v, VEC_GP, true, 0);
    return EXIT_INJECTED;
}

static enum exit_verdict port(struct vcpu *v)
{
    uint64_t q = vmread(VMCS_QUALIFICATION);
    uint32_t info = (uint32_t)vmread(VMCS_INSTRUCTION_INFO);
    const struct exit_io io = {
        .port = (uint16_t)(q >> IO_PORT_SHIFT),
        .bytes = (uint8_t)((q & IO_SIZE) + 1),
        .address_bits = (uint8_t)(16u << ((info >> 7) & 3)),
        .in = q & IO_IN,
        .string = q & IO_STRING,
        .rep = q & IO_REP,
        .segment = q & IO_IN ? 0 : (info >> 15) & 7,
    };

    if (io.string)
        vmx_read_rsp(v);
    return hvm_exit_io(v, &io);
}

static off_path enum exit_verdict ept_violation(struct vcpu *v)
{
    uint64_t q = vmread(VMCS_QUALIFICATION);
    const struct exit_memory m = {.gpa = vmread(VMCS_GUEST_PHYSICAL),
                                  .write = q & EPT_WRITE_ACCESS,
                                  .fetch = q & EPT_FETCH_ACCESS,
                                  .in_walk = (q & EPT_LINEAR) && !(q & EPT_FINAL),
                                  .in_delivery = v->hvm->event.valid};

    vmx_read_rsp(v);
    return hvm_exit_memory(v, &m);
}

/* One that the processor does not serve: registers that count, writes to what is read-only. */
static off_path enum exit_verdict apic_access(struct vcpu *v)
{
    uint64_t q = vmread(VMCS_QUALIFICATION);
    const struct exit_memory m = {.gpa = VLAPIC_PAGE | APIC_OFFSET(q),
                                  .write = APIC_TYPE(q) == APIC_WRITE,
                                  .fetch = APIC_TYPE(q) == APIC_FETCH,
                                  .in_walk = APIC_TYPE(q) > APIC_DELIVERY,
                                  .in_delivery = APIC_TYPE(q) == APIC_DELIVERY};

    vmx_read_rsp(v);
    return hvm_exit_device(v, &m);
}

/* It is in the page, but what follows from it has not happened. */
static enum exit_verdict apic_write(struct vcpu *v)
{
    uint32_t offset = APIC_OFFSET(vmread(VMCS_QUALIFICATION));

    vlapic_write(v, offset, v->hvm->lapic.page[offset / 4]);
    return EXIT_RESUME;
}

/* Only CR8 exits for reading, and only without the processor's own copy of the priority. */
static enum exit_verdict control_register_read(struct vcpu *v, uint64_t *r)
{
    *r = vlapic_read(v, VLAPIC_TPR) >> 4;
    return EXIT_ADVANCE;
}

static enum exit_verdict control_register_write(struct vcpu *v, unsigned int number, uint64_t value)
{
    switch (number) {
    case 0:
        return vmx_write_cr0(v, value) ? EXIT_ADVANCE : general_protection(v);
    case 4:
        return vmx_write_cr4(v, value) ? EXIT_ADVANCE : general_protection(v);
    case 8:
        if (value & ~0xfULL)
            return general_protection(v);
        vlapic_write(v, VLAPIC_TPR, (uint32_t)value << 4);
        return EXIT_ADVANCE;
    default: /* CR3 is the guest's */
        return general_protection(v);
    }
}

static off_path enum exit_verdict control_register(struct vcpu *v)
{
    uint64_t q = vmread(VMCS_QUALIFICATION);
    uint64_t *r = hvm_gpr(&v->regs, CR_REGISTER(q));
    uint64_t low = CR0_PE | CR0_MP | CR0_EM | CR0_TS, old;

    if (CR_REGISTER(q) == 4) /* RSP */
        vmx_read_rsp(v);
    switch (CR_ACCESS(q)) {
    case CR_READ:
        return control_register_read(v, r);
    case CR_WRITE: /* outside 64-bit code an instruction moves 32 bits */
        return control_register_write(v, CR_NUMBER(q),
                                      vmx_code_bits(v) == 64 ? *r : (uint32_t)*r);
    case CR_CLTS:
        vmx_set_cr0(v, vmx_cr0() & ~CR0_TS);
        return EXIT_ADVANCE;
    default: /* LMSW sets PE but does not clear it */
        old = vmx_cr0();
        return vmx_write_cr0(v, (old & ~(low & ~CR0_PE)) | ((q >> 16) & low)) ?
                   EXIT_ADVANCE :
                   general_protection(v);
    }
}

static enum exit_verdict wrmsr_exit(struct vcpu *v)
{
    uint32_t msr = (uint32_t)v->regs.rcx;
    int rc = vmx_wrmsr(v, msr, (uint32_t)v->regs.rax | v->regs.rdx << 32);
    enum exit_verdict verdict;

    if (rc != -ENOENT)
        return rc ? general_protection(v) : EXIT_ADVANCE;
    verdict = hvm_exit_wrmsr(v);
    if (msr == MSR_APIC_BASE)
        vmx_choose_apic_mode(v);
    return verdict;
}

/* The guest's own exceptions that we look at (vmcs.c says why) go on to it. A debug exception has
 * told its cause to us alone (27.2.1). */
static off_path enum exit_verdict exception(struct vcpu *v)
{
    uint32_t info = (uint32_t)vmread(VMCS_EXIT_EVENT);
    uint8_t vector = info & 0xff, type = vmx_event_type(info);

    if (type == HVM_EVENT_NMI || vector == VEC_MC) /* the host's: dealt with */
        return EXIT_RESUME;
    if (vector == VEC_DB) {
        vmx_debug_load(v);
        if (type == HVM_EVENT_EXCEPTION) /* not INT1 */
            write_dr6(vmx_dr6_after(read_dr6(), vmread(VMCS_QUALIFICATION)));
        vmwrite(VMCS_GUEST_DR7, vmread(VMCS_GUEST_DR7) & ~(uint64_t)DR7_GENERAL_DETECT);
        /* a delivered exception ends both; entry wants no single step pending with them */
        vmwrite(VMCS_GUEST_INTERRUPTIBILITY, vmread(VMCS_GUEST_INTERRUPTIBILITY) &
                                                 ~(uint64_t)(BLOCKED_STI | BLOCKED_SS));
        if (hvm_debugger_takes(v, VEC_DB))
            return EXIT_RESUME;
    }
    if (vector == VEC_BP && hvm_debugger_takes(v, VEC_BP))
        return EXIT_ADVANCE;
    hvm_inject_exception(v, vector, info & VMX_EVENT_ERROR,
                         info & VMX_EVENT_ERROR ? (uint32_t)vmread(VMCS_EXIT_EVENT_ERROR) : 0);
    if (vmx_event_is_software(type)) {
        v->hvm->event.type = type;
        v->hvm->event.length = (uint8_t)vmread(VMCS_EXIT_LENGTH);
    }
    return EXIT_INJECTED;
}

static enum exit_verdict spinning(struct vcpu *v)
{
    sched_give_way(v);
    return EXIT_ADVANCE;
}

static off_path enum exit_verdict unexpected(struct vcpu *v, uint32_t reason)
{
    vmx_dump(v);
    domain_crash(v->domain, "vCPU %u: VMX exit %u (%#lx) at %#lx", v->id, reason,
                 vmread(VMCS_QUALIFICATION), v->regs.rip);
    return EXIT_CRASH;
}

/* Instructions and events that Linux and others make often come first. */
static enum exit_verdict handle(struct vcpu *v, uint32_t reason)
{
    switch (reason) {
    case VMX_EXIT_VMCALL:
        return hvm_exit_hypercall(v, vmx_code_bits(v) == 64, vmx_cpl(v));
    case VMX_EXIT_CPUID:
        return hvm_exit_cpuid(v);
    case VMX_EXIT_IO:
        return port(v);
    case VMX_EXIT_RDTSC:
        return hvm_exit_rdtsc(v, false);
    case VMX_EXIT_RDTSCP:
        return hvm_exit_rdtsc(v, true);
    case VMX_EXIT_RDMSR:
        return hvm_exit_rdmsr(v);
    case VMX_EXIT_WRMSR:
        return wrmsr_exit(v);
    case VMX_EXIT_HLT:
        return hvm_exit_halt(v);
    case VMX_EXIT_EPT_VIOLATION:
        return ept_violation(v);
    case VMX_EXIT_INTERRUPT: /* dealt with before interrupts were on */
    case VMX_EXIT_INIT:
    case VMX_EXIT_SIPI:
    case VMX_EXIT_TIMER: /* what it was to let in came when interrupts were on */
    case VMX_EXIT_INTERRUPT_WINDOW: /* the way in chooses again */
    case VMX_EXIT_NMI_WINDOW:
    case VMX_EXIT_TPR_THRESHOLD:
        return EXIT_RESUME;
    case VMX_EXIT_EXCEPTION:
        return exception(v);
    case VMX_EXIT_EOI:
        vlapic_end_told(v, (uint8_t)vmread(VMCS_QUALIFICATION));
        return EXIT_RESUME;
    case VMX_EXIT_APIC_ACCESS:
        return apic_access(v);
    case VMX_EXIT_APIC_WRITE:
        return apic_write(v);
    case VMX_EXIT_CR:
        return control_register(v);
    case VMX_EXIT_DR: /* it runs again, now on its own registers */
        vmx_debug_load(v);
        return EXIT_RESUME;
    case VMX_EXIT_PAUSE:
        return spinning(v);
    case VMX_EXIT_PML_FULL: /* the write is made again */
        vmx_log_take(v);
        return EXIT_RESUME;
    case VMX_EXIT_TRIPLE_FAULT:
        return hvm_exit_triple_fault(v);
    case VMX_EXIT_TASK_SWITCH:
        return vmx_task_switch(v);
    case VMX_EXIT_XSETBV:
        return hvm_exit_xsetbv(v);
    case VMX_EXIT_INVD:
    case VMX_EXIT_WBINVD:
        return hvm_exit_wbinvd(v);
    case VMX_EXIT_RDPMC: /* no counters are offered: any number is wrong */
        return general_protection(v);
    case VMX_EXIT_VMCLEAR ... VMX_EXIT_VMXON:
    case VMX_EXIT_INVEPT:
    case VMX_EXIT_INVVPID:
    case VMX_EXIT_VMFUNC:
    case VMX_EXIT_GETSEC:
    case VMX_EXIT_RSM:
    case VMX_EXIT_MWAIT:
    case VMX_EXIT_MONITOR:
    case VMX_EXIT_ENCLS:
    case VMX_EXIT_XSAVES:
    case VMX_EXIT_XRSTORS:
        return hvm_exit_undefined(v);
    default:
        return unexpected(v, reason);
    }
}

/* What the processor has taken for the host already (acknowledged, or blocked NMI). */
static off_path void host_event(struct vcpu *v, uint32_t reason)
{
    uint32_t event = (uint32_t)vmread(VMCS_EXIT_EVENT);

    if (reason == VMX_EXIT_INTERRUPT)
        irq_handle(&v->regs, event & 0xff);
    else if (vmx_event_type(event) == HVM_EVENT_NMI)
        __asm__ volatile("int $2" ::: "memory"); /* IRET unblocks NMIs */
    else if ((event & 0xff) == VEC_MC)
        __asm__ volatile("int $18" ::: "memory");
}

/* This exit may have cut the delivery of an event short, or undone an IRET's unblocking of NMIs. */
static off_path void keep_interrupted_event(struct vcpu *v, uint32_t reason)
{
    uint32_t vectoring = (uint32_t)vmread(VMCS_VECTORING_EVENT);

    if (vectoring & VMX_EVENT_VALID)
        v->hvm->event = vmx_event_again(vectoring, (uint32_t)vmread(VMCS_VECTORING_ERROR),
                                        (uint32_t)vmread(VMCS_EXIT_LENGTH));
    if (vmx_blocks_nmi_again(reason, (uint32_t)vmread(VMCS_EXIT_EVENT), vmread(VMCS_QUALIFICATION),
                             vectoring))
        vmwrite(VMCS_GUEST_INTERRUPTIBILITY, vmread(VMCS_GUEST_INTERRUPTIBILITY) | BLOCKED_NMI);
}

/* The processor found the guest's state, or its own, wrong: nothing was loaded. */
static off_path void entry_refused(struct vcpu *v, uint32_t reason)
{
    if ((uint16_t)reason == VMX_EXIT_ENTRY_MACHINE_CHECK)
        __asm__ volatile("int $18" ::: "memory");
    irq_enable();
    vmx_dump(v);
    domain_crash(v->domain, "vCPU %u: VMX entry refused, reason %u (%#lx)", v->id,
                 reason & 0xffff, vmread(VMCS_QUALIFICATION));
}

void vmx_exit_again(struct vcpu *v)
{
    if (handle(v, (uint32_t)vmread(VMCS_EXIT_REASON)) == EXIT_ADVANCE)
        advance(v);
}

void vmx_exit(struct vcpu *v)
{
    struct vmx_vcpu *x = v->hvm->vmx;
    uint32_t reason = (uint32_t)vmread(VMCS_EXIT_REASON);

    if (unlikely(reason & VMX_EXIT_ENTRY_FAILED)) {
        entry_refused(v, reason);
        return;
    }
    x->launched = true;
    x->cr2 = read_cr2();
    v->regs.rip = x->rip = vmread(VMCS_GUEST_RIP);
    v->regs.rflags = x->rflags = vmread(VMCS_GUEST_RFLAGS);
    if (unlikely(READ_ONCE(trace_mask)))
        hvm_trace_exit(v, reason);
    if (reason == VMX_EXIT_INTERRUPT || reason == VMX_EXIT_EXCEPTION)
        host_event(v, reason);
    if (vmx_exit_may_interrupt_delivery(reason))
        keep_interrupted_event(v, reason);
    irq_enable();
    if (handle(v, reason) == EXIT_ADVANCE)
        advance(v);
}

void vmx_entry_failed(struct vcpu *v)
{
    irq_enable();
    vmx_dump(v);
    domain_crash(v->domain, "vCPU %u: VMX entry failed: error %lu", v->id,
                 vmread(VMCS_INSTRUCTION_ERROR));
}
