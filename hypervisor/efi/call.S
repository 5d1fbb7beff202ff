/* SPDX-License-Identifier: BSD-2-Clause */
/* Calling firmware: another stack and another calling convention (UEFI 2.10, 2.3.4.2). */

    .text
/*
 * uint64_t efi_call(uint64_t function, const uint64_t args[6], void *stack_top)
 * RDI, RSI, RDX. The firmware gets RCX, RDX, R8, R9 and two arguments above 32 bytes of shadow
 * space; it preserves RBX, RBP, RDI, RSI, R12-R15.
 */
    .globl efi_call
    .type efi_call, @function
efi_call:
    push %rbp
    mov %rsp, %rbp
    mov %rdx, %rsp
    sub $48, %rsp
    mov %rdi, %rax
    mov %rsi, %r10
    mov 32(%r10), %r11
    mov %r11, 32(%rsp)
    mov 40(%r10), %r11
    mov %r11, 40(%rsp)
    mov 0(%r10), %rcx
    mov 8(%r10), %rdx
    mov 16(%r10), %r8
    mov 24(%r10), %r9
    cld
    call *%rax
    mov %rbp, %rsp
    pop %rbp
    ret
    .size efi_call, . - efi_call
