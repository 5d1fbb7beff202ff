/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where other CPUs start: copied to a page below 1 MiB by smp_start.c, which fills the block of
 * data at its end. A start-up IPI begins at offset 0 in real mode; from there by the book (SDM
 * vol. 3, 9.8.5)
 * to 64-bit mode, then onto the stack that the table holds for this CPU's APIC ID. Several CPUs may
 * be in here at once: nothing is written.
 */
#include "cpu/regs.h"

#define AT(label) (label - trampoline_start)
#define CR0_PE_ET 0x11
#define SEL_CODE32 0x08
#define SEL_DATA 0x10
#define SEL_CODE64 0x18

    .section .rodata.trampoline, "a", @progbits
    .balign 16
    .globl trampoline_start, trampoline_end
    .globl trampoline_gdt_base, trampoline_far32, trampoline_far64, trampoline_cr3
    .globl trampoline_efer, trampoline_cpus, trampoline_cpu_count, trampoline_entry

    .code16
trampoline_start:
    cli
    cld
    xorl %ebx, %ebx
    movw %cs, %bx
    movw %bx, %ds
    shll $4, %ebx /* EBX: our physical address, from now on */
    lgdtl AT(gdt_pointer)
    movl $(CR0_PE_ET), %eax
    movl %eax, %cr0
    ljmpl *AT(trampoline_far32)

    .code32
protected_mode:
    movw $SEL_DATA, %ax
    movw %ax, %ds
    movw %ax, %es
    movw %ax, %ss
    movl $(1 << 5), %eax /* CR4.PAE */
    movl %eax, %cr4
    movl AT(trampoline_cr3)(%ebx), %eax
    movl %eax, %cr3
    movl $MSR_EFER, %ecx
    movl AT(trampoline_efer)(%ebx), %eax
    xorl %edx, %edx
    wrmsr
    movl $(0x80000000 | CR0_PE_ET), %eax /* and CR0.PG */
    movl %eax, %cr0
    ljmpl *AT(trampoline_far64)(%ebx)

    .code64
long_mode:
    xorl %eax, %eax
    movw %ax, %fs
    movw %ax, %gs
    movl %ebx, %ebp
    /* Our APIC ID: leaf 0xB has all 32 bits; a CPU without it has only 8 (SDM vol. 2, CPUID). */
    cpuid
    cmpl $0xb, %eax
    jb 1f
    movl $0xb, %eax
    xorl %ecx, %ecx
    cpuid
    movl %edx, %eax
    testl %ebx, %ebx
    jnz 2f
1:  movl $1, %eax
    cpuid
    shrl $24, %ebx
    movl %ebx, %eax
2:  movq AT(trampoline_cpus)(%rbp), %rsi
    movl AT(trampoline_cpu_count)(%rbp), %ecx
3:  testl %ecx, %ecx
    jz 5f
    cmpl %eax, (%rsi)
    je 4f
    addq $16, %rsi
    decl %ecx
    jmp 3b
4:  movq 8(%rsi), %rsp
    movq AT(trampoline_entry)(%rbp), %rax
    xorl %ebp, %ebp
    pushq %rbp
    jmp *%rax
5:  cli /* not a CPU we asked for */
    hlt
    jmp 5b

    .balign 8
gdt:
    .quad 0
    .quad 0x00cf9b000000ffff /* code, 32 bits, 4 GiB */
    .quad 0x00cf93000000ffff /* data */
    .quad 0x00af9b000000ffff /* code, 64 bits */
    .word 0
gdt_pointer:
    .word gdt_pointer - gdt - 3
trampoline_gdt_base:
    .long AT(gdt)
trampoline_far32:
    .long AT(protected_mode)
    .word SEL_CODE32
trampoline_far64:
    .long AT(long_mode)
    .word SEL_CODE64
    .balign 8
trampoline_cr3:
    .long 0
trampoline_efer:
    .long 0
trampoline_cpus:
    .quad 0
trampoline_entry:
    .quad 0
trampoline_cpu_count:
    .long 0
trampoline_end:

    .section .note.GNU-stack, "", @progbits
