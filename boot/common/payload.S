/* SPDX-License-Identifier: BSD-2-Clause */
/* The hypervisor's ELF file inside the loader; the assembler finds it by its include path. */
    .section .rodata.payload, "a"
    .balign 4096
    .globl payload_start, payload_end
    .hidden payload_start, payload_end
payload_start:
    .incbin "zendo.stripped"
payload_end:

    .section .note.GNU-stack, "", @progbits
