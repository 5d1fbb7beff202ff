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

    .data
    .balign 8
gdt:
    .quad 0, 0x00cf9b000000ffff, 0x00cf93000000ffff
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
