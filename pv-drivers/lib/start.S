/* SPDX-License-Identifier: BSD-2-Clause */
/* Notes for the domain builder, all entries, the hypercall page, upcalls, and where traps end. */
#include <xen/elfnote.h>

#define VIRT_BASE 0xffffffff80000000
#define PHYS(symbol) ((symbol) - VIRT_BASE)
#define STACK_BYTES 0x8000
#define CPU_STACK 0             /* struct pv_cpu (smp.h) */
#define CPU_MAIN 8
#define HYPERCALL_IRET 23

#define CR0_PE 1
#define CR0_PG 0x80000000
#define CR4_PAE 0x20
#define MSR_EFER 0xc0000080
#define EFER_LME 0x100
#define PTE_TABLE 7             /* present, writable, user */
#define PTE_2M 0x83             /* present, writable, large */

    .macro note type, desc:vararg
    .balign 4
    .long 4, 3f - 2f, \type
    .asciz "Xen"
2:  \desc
3:  .balign 4
    .endm

    .section .note.Xen, "a", @note
    note XEN_ELFNOTE_GUEST_OS, .asciz "libzendo-pv"
    note XEN_ELFNOTE_XEN_VERSION, .asciz "xen-3.0"
    note XEN_ELFNOTE_LOADER, .asciz "generic"
    note XEN_ELFNOTE_PAE_MODE, .asciz "yes"
    note XEN_ELFNOTE_VIRT_BASE, .quad VIRT_BASE
    note XEN_ELFNOTE_PADDR_OFFSET, .quad 0
    note XEN_ELFNOTE_ENTRY, .quad pv_entry
    note XEN_ELFNOTE_HYPERCALL_PAGE, .quad pv_hypercall_page
    note XEN_ELFNOTE_PHYS32_ENTRY, .quad PHYS(pv_entry_32) /* (QEMU reads eight bytes) */

    .text
/* PV: RSI is the address of start_info, in the initial mapping. Here and below, vCPUs that are
 * started later (smp.c) come in by the same entries. */
    .globl pv_entry
pv_entry:
    movq %rsi, %rdi
    movl $1, %esi
enter: /* the main function of who is starting, with its arguments */
    cld
    movq pv_starting(%rip), %rax
    movq CPU_STACK(%rax), %rsp
    xorl %ebp, %ebp
    call *CPU_MAIN(%rax)
    ud2

/* PVH and HVM: EBX is the physical address of hvm_start_info; flat 32-bit segments, no paging. */
    .code32
    .globl pv_entry_32
pv_entry_32:
    movl $CR4_PAE, %eax
    movl %eax, %cr4
    movl $PHYS(pv_page_table), %eax
    movl %eax, %cr3
    movl $MSR_EFER, %ecx
    rdmsr
    orl $EFER_LME, %eax
    wrmsr
    movl $(CR0_PG | CR0_PE), %eax
    movl %eax, %cr0
    lgdt PHYS(gdt_register)
    ljmp $8, $PHYS(1f)
    .code64
1:  movq $pv_entry_64, %rax
    jmp *%rax

/* The same with paging, as vCPUs of PVH guests start: only the code segment is missing. */
    .globl pv_entry_64
pv_entry_64:
    lgdt gdt_register(%rip)
    movq pv_starting(%rip), %rax
    movq CPU_STACK(%rax), %rsp
    pushq $8
    pushq $1f
    lretq
1:  movl $16, %eax
    movl %eax, %ds
    movl %eax, %es
    movl %eax, %ss
    movl %ebx, %edi
    xorl %esi, %esi
    jmp enter

/* A vCPU that a start-up interrupt sent to a copy of this in low memory: real mode, to flat 32-bit
 * segments. */
    .code16
    .globl pv_trampoline, pv_trampoline_end
pv_trampoline:
    cli
    lgdtl %cs:(2f - pv_trampoline)
    movl %cr0, %eax
    orb $CR0_PE, %al
    movl %eax, %cr0
    ljmpl $24, $PHYS(1f)
2:  .word gdt_register - gdt - 1
    .long PHYS(gdt)
pv_trampoline_end:
    .code32
1:  movl $16, %eax
    movl %eax, %ds
    movl %eax, %es
    movl %eax, %ss
    jmp pv_entry_32
    .code64

/* long pv_hypercall(number, a, b, c, d, e): from C's registers to the hypercall's. */
    .globl pv_hypercall
pv_hypercall:
    movl %edi, %eax
    movq %rsi, %rdi
    movq %rdx, %rsi
    movq %rcx, %rdx
    movq %r8, %r10
    movq %r9, %r8
    shll $5, %eax               /* an entry has 32 bytes */
    leaq pv_hypercall_page(%rip), %r11
    addq %r11, %rax
    jmp *%rax

/* Every trap is the end: vector and frame go to C. 16 bytes each. */
    .balign 16
    .globl pv_trap_stubs
pv_trap_stubs:
    .set vector, 0
    .rept 32
    .balign 16
    movl $vector, %edi
    jmp 4f
    .set vector, vector + 1
    .endr
4:  movq %rsp, %rsi
    andq $-16, %rsp
    cld
    call pv_trap
    ud2

/* Call C from between any two instructions. */
    .macro upcall
    pushq %rax
    pushq %rcx
    pushq %rdx
    pushq %rsi
    pushq %rdi
    pushq %r8
    pushq %r9
    pushq %r10
    pushq %r11
    pushq %rbp
    movq %rsp, %rbp
    andq $-16, %rsp
    cld
    call pv_upcall
    movq %rbp, %rsp
    popq %rbp
    popq %r11
    popq %r10
    popq %r9
    popq %r8
    popq %rdi
    popq %rsi
    popq %rdx
    popq %rcx
    popq %rax
    .endm

    .globl pv_upcall_hvm
pv_upcall_hvm:
    upcall
    iretq

/* PV: RCX and R11 are on top of what a processor pushes; going back takes upcalls on again. */
    .globl pv_upcall_pv
pv_upcall_pv:
    popq %rcx
    popq %r11
    upcall
    pushq $0                    /* flags of struct iret_context: none */
    jmp pv_hypercall_page + HYPERCALL_IRET * 32

/* PV: segment registers could not be loaded, which we never do. */
    .globl pv_failsafe
pv_failsafe:
    movl $31, %edi              /* as a trap which no processor has */
    addq $32, %rsp              /* the selectors */
    jmp 4b

    .data
    .balign 4096
    .globl pv_page_table
pv_page_table:
    .quad PHYS(l3_low) + PTE_TABLE
    .skip 510 * 8
    .quad PHYS(l3_high) + PTE_TABLE
l3_low: /* the first 4 GiB where they are: special pages are below their end */
    .quad PHYS(l2) + PTE_TABLE, PHYS(l2) + 0x1000 + PTE_TABLE
    .quad PHYS(l2) + 0x2000 + PTE_TABLE, PHYS(l2) + 0x3000 + PTE_TABLE
    .skip 508 * 8
l3_high:                        /* and the first GiB at VIRT_BASE */
    .skip 510 * 8
    .quad PHYS(l2) + PTE_TABLE, 0
l2: .set frame, 0
    .rept 2048
    .quad (frame << 21) + PTE_2M
    .set frame, frame + 1
    .endr
gdt: .quad 0, 0x00af9b000000ffff, 0x00cf93000000ffff /* 64-bit code, data */
    .quad 0x00cf9b000000ffff    /* 32-bit code */
gdt_register:
    .word gdt_register - gdt - 1
    .quad PHYS(gdt)

    .bss
    .balign 4096
    .globl pv_hypercall_page
pv_hypercall_page:
    .skip 4096
    .skip STACK_BYTES
    .globl pv_boot_stack_end
pv_boot_stack_end:

    .section .note.GNU-stack, "", @progbits
