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
#include "cpu/gate.inc"
#include "cpu/gprs.inc"

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
    LOAD_GPRS_OF_RAX
    popq %rax
    vmload %rax
    vmrun %rax
    vmsave %rax
    movq (%rsp), %rax
    STORE_GPRS_OF_RAX
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
    CLEAR_GPRS_BUT_RAX_RBX_RCX_RDX_RDI
    movq %rbx, %rdi
    call svm_exit
    GATE gate_busy
    jmp svm_enter

    .section .note.GNU-stack, "", @progbits
