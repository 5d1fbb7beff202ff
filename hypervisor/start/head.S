/* SPDX-License-Identifier: BSD-2-Clause */
/* The image's entry: long mode, interrupts off, RDI = physical address of the handover. */
#include "cpu/regs.h"

    .section .text.start, "ax", @progbits
    .globl start_entry
start_entry:
    cli
    cld
    leaq boot_block + 0x5000(%rip), %rsp
    xorl %ebp, %ebp
    call start_main
    ud2

    .section .note.GNU-stack, "", @progbits
