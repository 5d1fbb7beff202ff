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

/* Nothing a guest chose stays in a register that speculation could use (safety rule 18). */
.macro CLEAR_GPRS
    xorl %eax, %eax
    xorl %ecx, %ecx
    xorl %edx, %edx
    xorl %esi, %esi
    xorl %r8d, %r8d
    xorl %r9d, %r9d
    xorl %r10d, %r10d
    xorl %r11d, %r11d
    xorl %ebx, %ebx
    xorl %ebp, %ebp
    xorl %r12d, %r12d
    xorl %r13d, %r13d
    xorl %r14d, %r14d
    xorl %r15d, %r15d
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

#define R(field) (VCPU_REGS + REGS_##field)(%rax)

.macro LOAD_GPRS_BUT_RAX_RCX_R11
    movq R(R15), %r15
    movq R(R14), %r14
    movq R(R13), %r13
    movq R(R12), %r12
    movq R(RBP), %rbp
    movq R(RBX), %rbx
    movq R(R10), %r10
    movq R(R9), %r9
    movq R(R8), %r8
    movq R(RDX), %rdx
    movq R(RSI), %rsi
    movq R(RDI), %rdi
.endm

    .section .text.entry, "ax", @progbits

/*
 * SYSCALL from 64-bit guest code. The CPU's stub (cpu/descriptor.c) has moved to the frame of the
 * current vCPU and pushed SS and the guest's RSP; RCX holds its RIP, R11 its RFLAGS. IF is clear.
 */
    .globl entry_syscall
entry_syscall:
    pushq %r11
    pushq $0xe033
    pushq %rcx
    pushq $0
    movl $VEC_SYSCALL, 4(%rsp)
    SAVE_GPRS
    movq %rsp, %rdi
    movq (VCPU_HOST_STACK - VCPU_REGS)(%rsp), %rsp
    CLEAR_GPRS
    subq $VCPU_REGS, %rdi
    call pv_syscall
    jmp return_to_guest

/* SYSCALL from compatibility mode (AMD): as above, but the selector is the 32-bit one. */
    .globl entry_syscall32
entry_syscall32:
    pushq %r11
    pushq $0xe023
    pushq %rcx
    pushq $0
    SAVE_GPRS
    movq %rsp, %rdi
    movq (VCPU_HOST_STACK - VCPU_REGS)(%rsp), %rsp
    CLEAR_GPRS
    subq $VCPU_REGS, %rdi
    call pv_syscall32
    jmp return_to_guest

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
    movq %rsp, %rdi
    movq (VCPU_HOST_STACK - VCPU_REGS)(%rsp), %rsp
    /* SYSENTER leaves TF, NT and AC as the guest had them */
    pushq $2
    popfq
    CLEAR_GPRS
    subq $VCPU_REGS, %rdi
    call pv_sysenter
    jmp return_to_guest

/* Exceptions and interrupts. */
entry_common:
    SAVE_GPRS
    cld
    movq %rsp, %rdi
    testb $3, REGS_CS(%rsp)
    jz 1f
    movq (VCPU_HOST_STACK - VCPU_REGS)(%rsp), %rsp
    CLEAR_GPRS
    subq $VCPU_REGS, %rdi
    call exception_guest
    jmp return_to_guest
1:  CLEAR_GPRS
    movq %rsp, %rbp
    andq $~15, %rsp
    call exception_host
    movq %rbp, %rsp
    POP_GPRS
    iretq

/* Continue whatever vCPU is current: the end of the idle loop. */
    .globl gate_return
gate_return:
    call exit_work
    jmp return_to_guest

/* Into the guest whose struct vcpu is in RAX; interrupts are off and nothing is pending. */
return_to_guest:
    cmpl $VEC_SYSCALL, R(VECTOR)
    jne 1f
    LOAD_GPRS_BUT_RAX_RCX_R11
    movq R(RIP), %rcx
    movq R(RFLAGS), %r11
    movq R(RSP), %rsp
    movq R(RAX), %rax
    sysretq
1:  movq VCPU_HOST_STACK(%rax), %rsp
    pushq R(SS)
    pushq R(RSP)
    pushq R(RFLAGS)
    pushq R(CS)
    pushq R(RIP)
    LOAD_GPRS_BUT_RAX_RCX_R11
    movq R(RCX), %rcx
    movq R(R11), %r11
    movq R(RAX), %rax
    .globl entry_iret_guest
entry_iret_guest: /* may fault on the guest's selectors: exception_host() sends it on */
    iretq

/* Start the idle loop afresh on this CPU's own stack. */
    .globl idle_restart
idle_restart:
    movq %rsp, %rax
    andq $-0x8000, %rax
    leaq 0x5000(%rax), %rsp
    xorl %ebp, %ebp
    call sched_idle_loop
    ud2

/* Leave the frame on the CPU's stack after a failed IRET to a guest and go on at the gate. */
    .globl entry_resume_at_gate
entry_resume_at_gate:
    movq %rsp, %rax
    andq $-0x8000, %rax
    leaq 0x5000(%rax), %rsp
    call exit_work
    jmp return_to_guest

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
    andq $-0x8000, %rax
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
