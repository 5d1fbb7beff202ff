/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Into an SVM guest and back.
 *
 * From VMLOAD to the VMLOAD after the exit the guest's FS, GS, TR, LDTR and system call MSRs are in
 * the CPU, so nothing may interrupt: GIF is clear. The host's IF is set inside, because then an
 * interrupt that waits with GIF clear ends the guest at once; it is taken after STGI when C code
 * turns interrupts on.
 */
#include "asm_offsets.h"

#define R(field) (VCPU_REGS + REGS_##field)(%rax)

    .section .text.entry, "ax", @progbits

/* Run the vCPU in RBX. Interrupts are off, nothing is pending, RSP is the CPU's stack top. */
    .globl svm_enter
svm_enter:
    movq %rbx, %rdi
    call svm_before_entry
    movq %rbx, %rax
    clgi
    sti
    movq VCPU_HVM(%rax), %rcx
    movq HVM_VMCB(%rcx), %rdx
    movq R(RIP), %rbx
    movq %rbx, VMCB_RIP(%rdx)
    movq R(RFLAGS), %rbx
    movq %rbx, VMCB_RFLAGS(%rdx)
    movq R(RSP), %rbx
    movq %rbx, VMCB_RSP(%rdx)
    movq R(RAX), %rbx
    movq %rbx, VMCB_RAX(%rdx)
    pushq %rax
    pushq HVM_VMCB_ADDRESS(%rcx)
    movq R(R15), %r15
    movq R(R14), %r14
    movq R(R13), %r13
    movq R(R12), %r12
    movq R(RBP), %rbp
    movq R(RBX), %rbx
    movq R(R11), %r11
    movq R(R10), %r10
    movq R(R9), %r9
    movq R(R8), %r8
    movq R(RCX), %rcx
    movq R(RDX), %rdx
    movq R(RSI), %rsi
    movq R(RDI), %rdi
    popq %rax
    vmload %rax
    vmrun %rax
    vmsave %rax
    movq (%rsp), %rax
    movq %r15, R(R15)
    movq %r14, R(R14)
    movq %r13, R(R13)
    movq %r12, R(R12)
    movq %rbp, R(RBP)
    movq %rbx, R(RBX)
    movq %r11, R(R11)
    movq %r10, R(R10)
    movq %r9, R(R9)
    movq %r8, R(R8)
    movq %rcx, R(RCX)
    movq %rdx, R(RDX)
    movq %rsi, R(RSI)
    movq %rdi, R(RDI)
    popq %rbx
    movq VCPU_HVM(%rbx), %rcx
    movq HVM_VMCB(%rcx), %rdx
    movq VMCB_RIP(%rdx), %rsi
    movq %rsi, (VCPU_REGS + REGS_RIP)(%rbx)
    movq VMCB_RFLAGS(%rdx), %rsi
    movq %rsi, (VCPU_REGS + REGS_RFLAGS)(%rbx)
    movq VMCB_RSP(%rdx), %rsi
    movq %rsi, (VCPU_REGS + REGS_RSP)(%rbx)
    movq VMCB_RAX(%rdx), %rsi
    movq %rsi, (VCPU_REGS + REGS_RAX)(%rbx)
    movq HVM_HOST_ADDRESS(%rcx), %rax
    vmload %rax
    cli
    stgi
    /* nothing of the guest's stays for speculation to use (safety rule 18) */
    xorl %esi, %esi
    xorl %r8d, %r8d
    xorl %r9d, %r9d
    xorl %r10d, %r10d
    xorl %r11d, %r11d
    xorl %ebp, %ebp
    xorl %r12d, %r12d
    xorl %r13d, %r13d
    xorl %r14d, %r14d
    xorl %r15d, %r15d
    movq %rbx, %rdi
    call svm_exit
    jmp gate

    .section .note.GNU-stack, "", @progbits
