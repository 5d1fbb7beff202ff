/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every way into the hypervisor, and the PV way out.
 *
 * From a guest, the hardware's stack pointer for ring 0 is &current->regs.es, so registers land in
 * struct vcpu itself; then the code moves to the CPU's own stack (vcpu.host_stack). From the
 * hypervisor (an interrupt, or a fault with a fix-up) registers land on the stack in use.
 * The GPR part of struct cpu_user_regs is, from low addresses: r15 r14 r13 r12 rbp rbx r11 r10 r9
 * r8 rax rcx rdx rsi rdi, then error code and vector (32 bits each), then what the CPU pushes.
 */
#include "asm_offsets.h"
#include "cpu/gate.inc"
#include "cpu/gprs.inc"
#include "cpu/regs.h"

.macro SAVE_GPRS
    pushq %rdi
    pushq %rsi
    pushq %rdx
    pushq %rcx
    pushq %rax
    pushq %r8
    pushq %r9
    pushq %r10
    pushq %r11
    pushq %rbx
    pushq %rbp
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
.endm

/* The guest's registers have been pushed: RBX becomes its vCPU, RSP the CPU's own stack. */
.macro LEAVE_FRAME
    leaq -VCPU_REGS(%rsp), %rbx
    movq VCPU_HOST_STACK(%rbx), %rsp
.endm

.macro POP_GPRS
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %rbp
    popq %rbx
    popq %r11
    popq %r10
    popq %r9
    popq %r8
    popq %rax
    popq %rcx
    popq %rdx
    popq %rsi
    popq %rdi
    addq $8, %rsp
.endm

/* A field of the guest's registers, while RBX is its vCPU. */
#define R(field) (VCPU_REGS + REGS_##field)(%rbx)

.macro LOAD_GPRS_BUT_RAX_RBX_RCX_R11
    movq R(R15), %r15
    movq R(R14), %r14
    movq R(R13), %r13
    movq R(R12), %r12
    movq R(RBP), %rbp
    movq R(R10), %r10
    movq R(R9), %r9
    movq R(R8), %r8
    movq R(RDX), %rdx
    movq R(RSI), %rsi
    movq R(RDI), %rdi
.endm

/* Leave by SYSRET with RAX as it is. */
.macro SYSRET_TO_GUEST
    LOAD_GPRS_BUT_RAX_RBX_RCX_R11
    movq R(RIP), %rcx
    movq R(RFLAGS), %r11
    movq R(RSP), %rsp
    movq R(RBX), %rbx
    sysretq
.endm

    .section .text.entry, "ax", @progbits

/*
 * SYSCALL from 64-bit guest code. The CPU's stub (cpu/descriptor.c) has moved to the frame of the
 * current vCPU and pushed SS and the guest's RSP; RCX holds its RIP, R11 its RFLAGS. IF is clear.
 *
 * From a guest's kernel it is a hypercall: number in RAX, arguments in RDI, RSI, RDX and R10. These
 * stay where the handler wants them, all other registers are cleared.
 */
    .globl entry_syscall
entry_syscall:
    pushq %r11
    pushq $0xe033
    pushq %rcx
    pushq $-1 /* VEC_SYSCALL above an error code that nobody looks at */
    SAVE_GPRS
    LEAVE_FRAME
    /* RIP is canonical or 2^47, just past the lower half: there SYSRET would fault, in ring 0 */
    sarq $47, %rcx
    decq %rcx
    jz 3f
1:  movq VCPU_PV(%rbx), %r9
    movq %r10, %rcx
    movq %rax, %r8
    xorl %eax, %eax
    xorl %r10d, %r10d
    xorl %r11d, %r11d
    xorl %ebp, %ebp
    xorl %r12d, %r12d
    xorl %r13d, %r13d
    xorl %r14d, %r14d
    xorl %r15d, %r15d
    cmpb $0, PV_IN_KERNEL(%r9)
    je 4f
    movw $0, VCPU_HC_FLAGS(%rbx)
    sti
    call hypercall_run
    cmpq $-ERESTART, %rax
    je 5f
    GATE 2f
    cmpl $VEC_SYSCALL, R(VECTOR)
    jne 6f
    SYSRET_TO_GUEST

2:  movq %rax, R(RAX)
    jmp gate_busy

3:  movl $0, R(VECTOR)
    jmp 1b

4:  xorl %ecx, %ecx
    xorl %edx, %edx
    xorl %esi, %esi
    xorl %r8d, %r8d
    movq %rbx, %rdi
    call pv_syscall
    jmp gate

5:  movq %rbx, %rdi
    call hypercall_restart
    jmp gate

6:  movq %rax, R(RAX)
    jmp return_by_iret

/* SYSCALL from compatibility mode (AMD): as above, but the selector is the 32-bit one. */
    .globl entry_syscall32
entry_syscall32:
    pushq %r11
    pushq $0xe023
    pushq %rcx
    pushq $0
    SAVE_GPRS
    LEAVE_FRAME
    CLEAR_GPRS_BUT_RBX_RDI
    movq %rbx, %rdi
    call pv_syscall32
    jmp gate

/* SYSENTER: RSP came from the MSR and points at percpu.syscall_frame_top. */
    .globl entry_sysenter
entry_sysenter:
    movq (%rsp), %rsp
    pushq $0xe02b
    pushq $0
    pushfq
    pushq $0xe023
    pushq $0
    pushq $0
    movl $VEC_SYSENTER, 4(%rsp)
    SAVE_GPRS
    LEAVE_FRAME
    /* SYSENTER leaves TF, NT and AC as the guest had them */
    pushq $2
    popfq
    CLEAR_GPRS_BUT_RBX_RDI
    movq %rbx, %rdi
    call pv_sysenter
    jmp gate

/* Exceptions and interrupts. */
entry_common:
    SAVE_GPRS
    cld
    testb $3, REGS_CS(%rsp)
    jz exception_within
    LEAVE_FRAME
    CLEAR_GPRS_BUT_RBX_RDI
    movq %rbx, %rdi
    call exception_guest

/* RBX is the vCPU that entered, and still current. */
    .globl gate
gate:
    GATE gate_busy

/* Into the guest whose struct vcpu is in RBX; interrupts are off and nothing is pending. */
return_to_guest:
    cmpl $VEC_SYSCALL, R(VECTOR)
    jne 1f
    movq R(RAX), %rax
    SYSRET_TO_GUEST
1:  cmpq $0, VCPU_HVM(%rbx)
    jne hvm_enter
return_by_iret:
    pushq R(SS)
    pushq R(RSP)
    pushq R(RFLAGS)
    pushq R(CS)
    pushq R(RIP)
    LOAD_GPRS_BUT_RAX_RBX_RCX_R11
    movq R(RCX), %rcx
    movq R(R11), %r11
    movq R(RAX), %rax
    movq R(RBX), %rbx
    .globl entry_iret_guest
entry_iret_guest: /* may fault on the guest's selectors: exception_host() sends it on */
    iretq

/* An exception of the hypervisor's own, or an interrupt while it ran. */
exception_within:
    movq %rsp, %rdi
    xorl %ebx, %ebx
    CLEAR_GPRS_BUT_RBX_RDI
    movq %rsp, %rbp
    andq $~15, %rsp
    call exception_host
    movq %rbp, %rsp
    POP_GPRS
    iretq

/* Abandon the stack and continue whatever vCPU is current: the end of the idle loop, and of a
 * failed IRET to a guest. */
    .globl gate_return
gate_return:
    movq %rsp, %rax
    andq $-PERCPU_BLOCK_BYTES, %rax
    leaq PERCPU_STACK_TOP(%rax), %rsp
    .globl gate_busy
gate_busy:
    call exit_work
    movq %rax, %rbx
    jmp return_to_guest

hvm_enter:
    cmpb $0, hvm_is_vmx(%rip)
    jne vmx_enter
    jmp svm_enter

/* Start the idle loop afresh on this CPU's own stack. */
    .globl idle_restart
idle_restart:
    movq %rsp, %rax
    andq $-PERCPU_BLOCK_BYTES, %rax
    leaq PERCPU_STACK_TOP(%rax), %rsp
    xorl %ebp, %ebp
    call sched_idle_loop
    ud2

/* Call RDI(RSI) on this CPU's stack from the top; never returns. */
    .globl cpu_call_on_stack
cpu_call_on_stack:
    movq %rdx, %rsp
    xorl %ebp, %ebp
    movq %rdi, %rax
    movq %rsi, %rdi
    call *%rax
    ud2

/* NMI, machine check and double fault have stacks of their own and only report. */
.macro IST_ENTRY name, vector, handler, has_error
    .globl \name
\name:
    .if !\has_error
    pushq $0
    .endif
    movl $\vector, 4(%rsp)
    SAVE_GPRS
    cld
    movq %rsp, %rdi
    movq %rsp, %rbp
    andq $~15, %rsp
    call \handler
    movq %rbp, %rsp
    POP_GPRS
    iretq
.endm

    IST_ENTRY entry_nmi, VEC_NMI, nmi_handle, 0
    IST_ENTRY entry_machine_check, VEC_MC, machine_check_handle, 0
    IST_ENTRY entry_double_fault, VEC_DF, double_fault_handle, 1

/*
 * Debug exceptions have their own stack because one held back by MOV SS arrives right after
 * SYSCALL, still on the guest's stack pointer. From a guest the frame is moved where it belongs.
 */
    .globl entry_debug
entry_debug:
    pushq $0
    movl $VEC_DB, 4(%rsp)
    testb $3, 16(%rsp)
    jz entry_common
    pushq %rax
    pushq %rcx
    movq %rsp, %rax
    andq $-PERCPU_BLOCK_BYTES, %rax
    movq PERCPU_SYSCALL_FRAME_TOP(%rax), %rax
    .irp offset, 8, 16, 24, 32, 40, 48
    movq (16 + 48 - \offset)(%rsp), %rcx
    movq %rcx, -\offset(%rax)
    .endr
    popq %rcx
    xchgq %rax, (%rsp)
    /* (rsp) = frame top, rax restored */
    movq (%rsp), %rsp
    subq $48, %rsp
    jmp entry_common

/* One stub a vector, 16 bytes apart: even out the error code, note the vector. */
    .balign 16
    .globl entry_stubs
entry_stubs:
    .set vector, 0
    .rept 256
    .balign 16
    /* exceptions 8, 10-14, 17, 21, 29, 30 come with an error code (SDM vol. 3, table 6-1) */
    .if vector > 31
    pushq $0
    .elseif !((0x60227d00 >> vector) & 1)
    pushq $0
    .endif
    movl $vector, 4(%rsp)
    jmp entry_common
    .set vector, vector + 1
    .endr

    .section .note.GNU-stack, "", @progbits
