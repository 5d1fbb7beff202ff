/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From an SVM exit to what it means.
 *
 * What is always true here: entry.S has turned the guest's stop into registers in vcpu.regs; the
 * rest is in the control block. The instruction pointer moves in one place, advance().
 */
#include "hvm/exit.h"
#include "console/log.h"
#include "cpu/insn.h"
#include "cpu/regs.h"
#include "cpu/xstate.h"
#include "debug/trace.h"
#include "domain/domain.h"
#include "hvm/cr.h"
#include "hvm/svm/svm.h"
#include "lib/string.h"
#include "p2m/copy.h"
#include "sched/sched.h"
#include "time/time.h"

/* Lengths of what has one length. A guest that puts prefixes before them on a processor that does
 * not tell where the next instruction is (no NRIPS) hurts only itself. */
#define BYTES_CPUID   2
#define BYTES_MSR     2
#define BYTES_HLT     1
#define BYTES_PAUSE   2
#define BYTES_VMMCALL 3
#define BYTES_XSETBV  3
#define BYTES_INVD    2
#define BYTES_INT3    1
#define BYTES_RDTSC   2
#define BYTES_RDTSCP  3

#define INSN_BYTES_MAX 15

/* EXITINFO1 of a port access (APM vol. 2, 15.10.2) */
#define IO_IN            (1u << 0)
#define IO_STRING        (1u << 2)
#define IO_REP           (1u << 3)
#define IO_SIZE_SHIFT    4
#define IO_ADDRESS_SHIFT 7
#define IO_SEGMENT_SHIFT 10
#define IO_PORT_SHIFT    16

/* EXITINFO1 of a nested page fault: a page-fault error code and where it arose (15.25.6) */
#define NESTED_WRITE   (1ULL << 1)
#define NESTED_FETCH   (1ULL << 4)
#define NESTED_IN_WALK (1ULL << 33)

static void advance(struct vcpu *v, unsigned int bytes)
{
    struct vmcb *c = v->hvm->vmcb;

    v->regs.rip = svm_features.next_rip && c->next_rip ? c->next_rip : v->regs.rip + bytes;
    svm_retired(v);
}

static enum exit_verdict port(struct vcpu *v)
{
    uint32_t info = (uint32_t)v->hvm->vmcb->exit_info1;
    struct exit_io io = {
        .port = (uint16_t)(info >> IO_PORT_SHIFT),
        .bytes = (info >> IO_SIZE_SHIFT) & 7,
        .address_bits = (uint8_t)(((info >> IO_ADDRESS_SHIFT) & 7) << 4),
        .in = info & IO_IN,
        .string = info & IO_STRING,
        .rep = info & IO_REP,
        .segment = info & IO_IN ? 0 : 3, /* ES for input; DS unless overridden */
    };
    enum exit_verdict verdict;

    /* QEMU's emulation does not tell the address size: a string without prefix has its code's */
    if (!io.address_bits)
        io.address_bits = (uint8_t)svm_code_bits(v);
    verdict = hvm_exit_io(v, &io);

    if (verdict == EXIT_ADVANCE) {
        v->regs.rip = v->hvm->vmcb->exit_info2; /* always told for ports */
        svm_retired(v);
        verdict = EXIT_RESUME;
    }
    return verdict;
}

static enum exit_verdict nested_fault(struct vcpu *v)
{
    uint64_t info = v->hvm->vmcb->exit_info1;
    const struct exit_memory m = {.gpa = v->hvm->vmcb->exit_info2,
                                  .write = info & NESTED_WRITE,
                                  .fetch = info & NESTED_FETCH,
                                  .in_walk = info & NESTED_IN_WALK};

    return hvm_exit_memory(v, &m);
}

/*
 * MOV to control register @cr of a general register: which one, and how many bytes. A processor
 * without decode assists tells neither. Of the prefixes REX means something, and LOCK, by which
 * CR0 means CR8 (APM vol. 3, MOV CRn). False: another vCPU changed the code meanwhile.
 */
static bool decode_mov_cr(struct vcpu *v, unsigned int cr, unsigned int *gpr, unsigned int *bytes)
{
    unsigned int bits = svm_code_bits(v), at = 0, reg;
    uint64_t gva = v->regs.rip + (bits == 64 ? 0 : svm_segment_base(v, 1));
    uint8_t rex = 0, lock = 0, b = 0, modrm;

    for (; at < INSN_BYTES_MAX - 2; at++) {
        if (copy_from_guest(&b, gva + at, 1))
            return false;
        if (b == 0x0f)
            break;
        lock |= b == 0xf0;
        rex = bits == 64 && (b & 0xf0) == 0x40 ? b : 0;
    }
    if (b != 0x0f || copy_from_guest(&b, gva + at + 1, 1) || b != 0x22 ||
        copy_from_guest(&modrm, gva + at + 2, 1))
        return false;
    reg = (modrm >> 3 & 7u) | (rex & 4u) << 1 | (lock ? 8 : 0);
    *gpr = (modrm & 7u) | (rex & 1u) << 3;
    *bytes = at + 3;
    return reg == cr;
}

static enum exit_verdict mov_to_cr(struct vcpu *v, unsigned int cr, unsigned int *bytes)
{
    struct walk_mode mode;
    unsigned int gpr;
    uint64_t value;

    if (!decode_mov_cr(v, cr, &gpr, bytes))
        return EXIT_RESUME;
    value = *hvm_gpr(&v->regs, gpr);
    if (svm_code_bits(v) != 64)
        value = (uint32_t)value;
    svm_walk_mode(v, &mode);
    if (cr == 8 ? value > 0xf : !hvm_cr4_may_become(v->domain->policy, &mode, value)) {
        hvm_inject_exception(v, VEC_GP, true, 0);
        return EXIT_INJECTED;
    }
    if (cr == 8)
        vlapic_write(v, VLAPIC_TPR, (uint32_t)value << 4);
    else
        svm_set_cr4(v, value);
    return EXIT_ADVANCE;
}

/* An event whose delivery was cut short by this exit is delivered anew, unless an instruction made
 * it (INT n; INT3 and INTO by their vectors): that simply runs again (APM vol. 2, 15.7.2).
 * QEMU 7.2 calls a virtual interrupt an exception here; it was taken back already. */
static void keep_interrupted_event(struct vcpu *v)
{
    uint64_t info = v->hvm->vmcb->exit_int_info;
    uint8_t type = (info >> SVM_EVENT_TYPE_SHIFT) & 7;

    uint8_t vector = info & SVM_EVENT_VECTOR;

    if (!(info & SVM_EVENT_VALID) || type == HVM_EVENT_SOFTWARE ||
        (v->hvm->event.valid && v->hvm->event.vector == vector) ||
        (type == HVM_EVENT_EXCEPTION && (vector == VEC_BP || vector == VEC_OF)))
        return;
    v->hvm->event = (struct hvm_event){.valid = true,
                                       .type = type,
                                       .vector = vector,
                                       .has_error = info & SVM_EVENT_ERROR,
                                       .error = (uint32_t)(info >> 32)};
}

/* The guest's own exceptions that we look at (vmcb.c says why) go on to it. The control block's DR6
 * tells their cause already. */
static enum exit_verdict exception(struct vcpu *v, uint8_t vector)
{
    struct vmcb *c = v->hvm->vmcb;

    if (vector == VEC_DB) {
        c->dr7 &= ~(uint64_t)DR7_GENERAL_DETECT;
        c->interrupt_shadow = 0;
        if (hvm_debugger_takes(v, VEC_DB))
            return EXIT_RESUME;
    }
    hvm_inject_exception(v, vector, vector == VEC_AC, 0);
    return EXIT_INJECTED;
}

/*
 * QEMU's emulation reports RDTSCP as RDTSC (and has no next-RIP, by which it is known): then the
 * opcode decides. A third byte that cannot be read was none.
 */
static bool is_rdtscp(const struct vcpu *v)
{
    static const uint8_t rdtscp[BYTES_RDTSCP] = {0x0f, 0x01, 0xf9};
    uint64_t gva = v->regs.rip + (svm_code_bits(v) == 64 ? 0 : svm_segment_base(v, 1));
    uint8_t bytes[BYTES_RDTSCP];

    return !svm_features.next_rip && !copy_from_guest(bytes, gva, sizeof(bytes)) &&
           !memcmp(bytes, rdtscp, sizeof(bytes));
}

static enum exit_verdict rdtsc_exit(struct vcpu *v, bool with_aux, unsigned int *bytes)
{
    *bytes = with_aux ? BYTES_RDTSCP : BYTES_RDTSC;
    return hvm_exit_rdtsc(v, with_aux);
}

static enum exit_verdict unexpected(struct vcpu *v, uint64_t code)
{
    const struct vmcb *c = v->hvm->vmcb;

    domain_crash(v->domain, "vCPU %u: SVM exit %#lx (%#lx, %#lx) at %04x:%#lx", v->id, code,
                 c->exit_info1, c->exit_info2, c->cs.selector, v->regs.rip);
    return EXIT_CRASH;
}

static enum exit_verdict handle(struct vcpu *v, uint64_t code, unsigned int *bytes)
{
    switch (code) {
    case SVM_EXIT_WRITE_CR4:
        return mov_to_cr(v, 4, bytes);
    case SVM_EXIT_WRITE_CR8:
        return mov_to_cr(v, 8, bytes);
    case SVM_EXIT_READ_DR ... SVM_EXIT_WRITE_DR_LAST:
        svm_debug_show(v);
        return EXIT_RESUME;
    case SVM_EXIT_INTR:
    case SVM_EXIT_NMI: /* taken by the host as soon as its interrupts were on */
    case SVM_EXIT_SMI:
    case SVM_EXIT_INIT:
    case SVM_EXIT_FERR_FREEZE:
        return EXIT_RESUME;
    case SVM_EXIT_VINTR: /* the window is open: the way in chooses again */
        return EXIT_RESUME;
    case SVM_EXIT_IRET: /* it ends the block; the shadow keeps the next NMI off until it is done */
        v->nmi_blocked = false;
        v->hvm->vmcb->interrupt_shadow |= 1;
        return EXIT_RESUME;
    case SVM_EXIT_EXCEPTION + VEC_BP: /* a trap: what is pushed is behind the instruction */
        *bytes = BYTES_INT3;
        if (!hvm_debugger_takes(v, VEC_BP))
            hvm_inject_exception(v, VEC_BP, false, 0);
        return EXIT_ADVANCE;
    case SVM_EXIT_EXCEPTION + VEC_DB:
    case SVM_EXIT_EXCEPTION + VEC_AC:
        return exception(v, (uint8_t)(code - SVM_EXIT_EXCEPTION));
    case SVM_EXIT_EXCEPTION + VEC_MC: /* intercepted, it has not come to our own handler yet */
        __asm__ volatile("int %0" ::"i"(VEC_MC));
        return EXIT_RESUME;
    case SVM_EXIT_CPUID:
        *bytes = BYTES_CPUID;
        return hvm_exit_cpuid(v);
    case SVM_EXIT_INVD:
    case SVM_EXIT_WBINVD:
        *bytes = BYTES_INVD;
        return hvm_exit_wbinvd(v);
    case SVM_EXIT_HLT:
        *bytes = BYTES_HLT;
        return hvm_exit_halt(v);
    case SVM_EXIT_PAUSE: /* many of them */
        *bytes = BYTES_PAUSE;
        sched_give_way(v);
        return EXIT_ADVANCE;
    case SVM_EXIT_IO:
        return port(v);
    case SVM_EXIT_MSR:
        *bytes = BYTES_MSR;
        return v->hvm->vmcb->exit_info1 ? hvm_exit_wrmsr(v) : hvm_exit_rdmsr(v);
    case SVM_EXIT_RDTSC:
        return rdtsc_exit(v, is_rdtscp(v), bytes);
    case SVM_EXIT_RDTSCP:
        return rdtsc_exit(v, true, bytes);
    case SVM_EXIT_SHUTDOWN:
        return hvm_exit_triple_fault(v);
    case SVM_EXIT_VMMCALL:
        *bytes = BYTES_VMMCALL;
        return hvm_exit_hypercall(v, svm_in_64bit_code(v->hvm->vmcb), v->hvm->vmcb->cpl);
    case SVM_EXIT_XSETBV:
        *bytes = BYTES_XSETBV;
        return hvm_exit_xsetbv(v);
    case SVM_EXIT_RDPMC: /* there are no counters */
        hvm_inject_exception(v, VEC_GP, true, 0);
        return EXIT_INJECTED;
    case SVM_EXIT_INVLPGA:
    case SVM_EXIT_VMRUN:
    case SVM_EXIT_VMMCALL + 1 ... SVM_EXIT_SKINIT:
    case SVM_EXIT_MONITOR:
    case SVM_EXIT_MWAIT:
        return hvm_exit_undefined(v);
    case SVM_EXIT_NESTED_FAULT:
        return nested_fault(v);
    default:
        return unexpected(v, code);
    }
}

void svm_exit_again(struct vcpu *v)
{
    unsigned int bytes = 0;

    if (handle(v, v->hvm->vmcb->exit_code, &bytes) == EXIT_ADVANCE)
        advance(v, bytes);
}

void svm_exit(struct vcpu *v)
{
    uint8_t cr8 = v->hvm->vmcb->virtual_interrupt & 0xf;

    v->hvm->vmcb->event_inject = 0; /* once is enough */
    if (!svm_features.next_rip) /* QEMU's emulation lets XSETBV through */
        xstate_adopt_xcr0(v);
    if (unlikely(v->hvm->vmcb_offers))
        svm_take_back(v);
    keep_interrupted_event(v);
    if (unlikely(READ_ONCE(trace_mask)))
        hvm_trace_exit(v, (uint32_t)v->hvm->vmcb->exit_code);
    if (unlikely(cr8 != vlapic_cr8(&v->hvm->lapic))) /* it does not know the low bits */
        vlapic_write(v, VLAPIC_TPR, (uint32_t)cr8 << 4);
    irq_enable();
    if (!svm_features.next_rip)
        time_interrupt_missed();
    svm_exit_again(v);
}
