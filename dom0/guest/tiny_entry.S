/* SPDX-License-Identifier: BSD-2-Clause */
/* The tiny PV guest's entry, its hypercall page and its ELF notes (numbers from xen/elfnote.h). */
#define __ASSEMBLY__
#include <xen/elfnote.h>

    .text
    .globl _start
_start: /* RSI: start_info; RSP: the boot stack the toolstack made */
    mov %rsi, %rdi
    call tiny_main
1:  jmp 1b

    .bss
    .balign 4096
    .globl hypercall_page
hypercall_page:
    .skip 4096

    .macro note type, desc:vararg
    .balign 4
    .long 4, 3f - 2f, \type
    .asciz "Xen"
2:  \desc
3:  .balign 4
    .endm

    .section .note.Xen, "a", @note
    note XEN_ELFNOTE_GUEST_OS, .asciz "tiny"
    note XEN_ELFNOTE_XEN_VERSION, .asciz "xen-3.0"
    note XEN_ELFNOTE_LOADER, .asciz "generic"
    note XEN_ELFNOTE_PAE_MODE, .asciz "yes"
    note XEN_ELFNOTE_VIRT_BASE, .quad 0xffffffff80000000
    note XEN_ELFNOTE_PADDR_OFFSET, .quad 0xffffffff80000000
    note XEN_ELFNOTE_ENTRY, .quad _start
    note XEN_ELFNOTE_HYPERCALL_PAGE, .quad hypercall_page

    .section .note.GNU-stack, "", @progbits
