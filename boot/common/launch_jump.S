/* SPDX-License-Identifier: BSD-2-Clause */
/* From the loader's world into the hypervisor's: page tables, descriptors, jump. */

/* CR4 as the hypervisor finds it: PAE, OSFXSR, OSXMMEXCPT (Intel SDM volume 3, 2.5). */
#define CR4_AT_ENTRY 0x620
/* CR0: PG, NE, ET, MP, PE. */
#define CR0_AT_ENTRY 0x80000033

    .text
    .code64
    .globl launch_jump
    .type launch_jump, @function
/* launch_jump(RDI = cr3, RSI = gdt of three entries, RDX = entry, RCX = handover, R8 = stack) */
launch_jump:
    cli
    cld
    mov %r8, %rsp
    sub $16, %rsp
    movw $23, (%rsp)
    mov %rsi, 2(%rsp)
    lgdt (%rsp)
    /* No interrupt table: a fault before the hypervisor has its own must not run old firmware. */
    movw $0, (%rsp)
    lidt (%rsp)
    add $16, %rsp
    /* CR3 first: bits that need PCID 0 or no global pages may only go with the new tables. */
    mov %rdi, %cr3
    mov $CR4_AT_ENTRY, %eax
    mov %rax, %cr4
    mov $CR0_AT_ENTRY, %eax
    mov %rax, %cr0
    mov %rdi, %cr3
    mov $16, %eax
    mov %eax, %ds
    mov %eax, %es
    mov %eax, %ss
    xor %eax, %eax
    mov %eax, %fs
    mov %eax, %gs
    mov %rcx, %rdi
    push $8
    push %rdx
    xor %ebp, %ebp
    lretq
    .size launch_jump, . - launch_jump

    .section .note.GNU-stack, "", @progbits
