/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Into a VMX guest and back. The vCPU waits at the top of the CPU's stack: HOST_RSP points just
 * below it. The processor loads all of the host's state itself; interrupts stay off.
 */
#include "asm_offsets.h"

#define R(field) (VCPU_REGS + REGS_##field)(%rax)

    .section .text.entry, "ax", @progbits

/* Run the vCPU in RBX. Interrupts are off, nothing is pending, RSP is the CPU's stack top. */
    .globl vmx_enter
vmx_enter:
    pushq %rbx
    subq $8, %rsp
    movq %rbx, %rdi
    call vmx_before_entry
    testb %al, %al /* the flags last until the jump: moves leave them alone */
    movq 8(%rsp), %rax
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
    movq R(RAX), %rax
    jnz 1f
    vmresume
    jmp 2f
1:  vmlaunch
2:  movq 8(%rsp), %rbx
    addq $16, %rsp
    movq %rbx, %rdi
    call vmx_entry_failed
    jmp gate

    .globl vmx_exit_entry
vmx_exit_entry:
    pushq %rax
    movq 16(%rsp), %rax
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
    movq %rbx, R(RAX)
    movq %rax, %rbx
    movq %rax, %rdi
    addq $16, %rsp
    /* nothing of the guest's stays for speculation to use (safety rule 18) */
    xorl %eax, %eax
    xorl %ecx, %ecx
    xorl %edx, %edx
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
    call vmx_exit
    jmp gate

    .section .note.GNU-stack, "", @progbits
