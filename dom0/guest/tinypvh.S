/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The smallest PVH guest: a line through the debug port, a line through the hypercall page, then
 * what the first letter of its command line says: nothing (power off), block, crash, fault (a
 * triple fault), halt (with interrupts off, which powers off as well), reboot, spin. 32-bit code,
 * as PVH starts it (xen-doc, misc/pvh).
 */
#include <xen/elfnote.h>

#define CONSOLEIO_WRITE 0
#define HC_CONSOLE_IO 18
#define HC_SCHED_OP 29
#define SCHEDOP_SHUTDOWN 2
#define CMDLINE 24 /* hvm_start_info.cmdline_paddr */
#define XEN_LEAVES 0x40000000
#define DEBUG_PORT 0xe9

    .code32
    .text
    .globl _start
_start:
    movl $stack_top, %esp
    movl CMDLINE(%ebx), %ebp
    movl $up, %esi
    movl $(up_end - up), %ecx
    movw $DEBUG_PORT, %dx
    rep outsb
    movl $(XEN_LEAVES + 2), %eax
    cpuid
    movl %ebx, %ecx /* the MSR that asks for a hypercall page */
    movl $hypercalls, %eax
    xorl %edx, %edx
    wrmsr
    movl $CONSOLEIO_WRITE, %ebx
    movl $(call_end - call), %ecx
    movl $call, %edx
    movl $(hypercalls + HC_CONSOLE_IO * 32), %eax
    calll *%eax
    xorl %eax, %eax
    testl %ebp, %ebp
    jz shut_down
    movb (%ebp), %al
    cmpb $'h', %al
    je off
    cmpb $'b', %al
    je block
    cmpb $'s', %al
    je .
    cmpb $'f', %al
    je fault
    cmpb $'r', %al
    sete reason
    cmpb $'c', %al
    jne shut_down
    movb $3, reason
shut_down:
    movl $SCHEDOP_SHUTDOWN, %ebx
    movl $reason, %ecx
    movl $(hypercalls + HC_SCHED_OP * 32), %eax
    calll *%eax
off:
    hlt
    jmp off
block:
    sti
    hlt
    jmp block
fault:
    lidt reason /* an empty table */
    int3

    .data
up: .ascii "TINY-GUEST-UP\n"
up_end:
call: .ascii "TINY-GUEST-CALLS\n"
call_end:
    .balign 4
reason: .quad 0 /* SHUTDOWN_poweroff, _reboot, _crash */

    .bss
    .balign 4096
hypercalls: .skip 4096
    .skip 4096
stack_top:

    .section .note.Xen, "a", @note
    .balign 4
    .long 4, 4, XEN_ELFNOTE_PHYS32_ENTRY
    .asciz "Xen"
    .long _start
    .section .note.GNU-stack, "", @progbits
