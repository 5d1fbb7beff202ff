/* SPDX-License-Identifier: BSD-2-Clause */
/* Start of the probing PVH guest, and its exceptions: 32-bit code without paging. */
#include <xen/elfnote.h>

    .code32
    .text
    .globl _start
_start:
    cli
    movl $stack_top, %esp
    lgdt gdt_register
    ljmp $8, $1f
1:  movl $16, %eax
    movl %eax, %ds
    movl %eax, %es
    movl %eax, %ss
    movl %eax, %fs
    movl %eax, %gs
    call probe
1:  hlt
    jmp 1b

/* One stub a vector, 16 bytes apart: an error code for all, then the vector. */
    .balign 16
    .globl stubs
stubs:
    .set vector, 0
    .rept 256
    .balign 16
    /* exceptions 8, 10-14, 17 and 21 come with an error code */
    .if vector > 31
    pushl $0
    .elseif !((0x00227d00 >> vector) & 1)
    pushl $0
    .endif
    pushl $vector
    jmp common
    .set vector, vector + 1
    .endr

common:
    pushal
    pushl %esp
    call caught
    addl $4, %esp
    popal
    addl $8, %esp
    iretl

/* Tasks that are called, by a call and by gates, and go back by IRET; one takes an error code, one
 * jumps. Each is behind its last instruction when it comes again. */
    .globl task_called, task_faulted, task_jumped
1:  iretl
task_called:
    incl task_runs
    pushfl
    popl task_flags
    movl %cr0, %eax
    movl %eax, task_cr0
    jmp 1b
2:  iretl
task_faulted:
    popl task_error
    addl $2, main_tss + 32 /* MOV to a segment register is to be skipped */
    jmp 2b
3:  ljmp $0x18, $0
task_jumped:
    incl task_runs
    jmp 3b

    .data
    .balign 8
    .globl gdt
gdt:
    .quad 0, 0x00cf9b000000ffff, 0x00cf93000000ffff
    .quad 0, 0, 0, 0                /* tasks: the main one, then task_* */
    .quad 0x00cf13000000ffff        /* not present */
gdt_register:
    .word gdt_register - gdt - 1
    .long gdt

    .bss
    .balign 4096
    .globl hypercalls
hypercalls:
    .skip 4096
    .skip 16384
stack_top:

    .section .note.Xen, "a", @note
    .balign 4
    .long 4, 4, XEN_ELFNOTE_PHYS32_ENTRY
    .asciz "Xen"
    .long _start
    .section .note.GNU-stack, "", @progbits
