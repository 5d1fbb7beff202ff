/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Into a VMX guest and back. The vCPU waits at the top of the CPU's stack: HOST_RSP points just
 * below it. The processor loads all of the host's state itself; interrupts stay off.
 */
#include "asm_offsets.h"
#include "cpu/gate.inc"
#include "cpu/gprs.inc"

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
    LOAD_GPRS_OF_RAX
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
    STORE_GPRS_OF_RAX
    popq %rbx
    movq %rbx, R(RAX)
    movq %rax, %rbx
    movq %rax, %rdi
    addq $16, %rsp
    CLEAR_GPRS_BUT_RBX_RDI
    call vmx_exit
    GATE gate_busy
    jmp vmx_enter

    .section .note.GNU-stack, "", @progbits
