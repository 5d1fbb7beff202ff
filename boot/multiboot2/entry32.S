/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where a multiboot2 loader enters: the header it looks for, and the way from 32-bit protected mode
 * to C in long mode. The image may be moved by the loader, so all addresses here are relative to
 * the label `here`, whose place in memory is in EBP.
 */

#define MB2_HEADER_MAGIC 0xe85250d6
#define MB2_BOOT_MAGIC 0x36d76289
#define TAG_OPTIONAL 1

#define CPUID_LONG_MODE_BIT 29 /* CPUID 0x80000001 EDX (Intel SDM volume 2, CPUID) */
#define MSR_EFER 0xc0000080
#define EFER_LME 0x100
#define CR0_PG 0x80000000
#define CR0_EM 0x4
#define CR0_MP 0x2
#define CR0_NE 0x20
#define CR4_PAE_FXSR_XMM 0x620
#define PAGE_LARGE_RW 0x83
#define PAGE_TABLE_RW 0x03

#define COM1 0x3f8
#define VGA_TEXT 0xb8000

    .section .header, "a"
    .balign 8
header:
    .long MB2_HEADER_MAGIC, 0, header_end - header
    .long -(MB2_HEADER_MAGIC + 0 + (header_end - header))
    /*
     * Information we would like: memory map, framebuffer, EFI table and map, ACPI roots. There is
     * deliberately no framebuffer tag of our own: with one, GRUB on BIOS leaves text mode even when
     * asked to keep it; without, it still reports the EFI screen and any mode set by gfxpayload.
     */
    .balign 8
1:  .short 1, TAG_OPTIONAL
    .long 2f - 1b
    .long 6, 8, 12, 14, 15, 17
2:  .balign 8
    /* Modules on page borders. */
    .balign 8
    .short 6, 0
    .long 8
    /* Put us anywhere from 2 MiB to 4 GiB, on a page border, low rather than high. */
    .balign 8
    .short 10, TAG_OPTIONAL
    .long 24, 0x200000, 0xffffffff, 4096, 1
    .balign 8
    .short 0, 0
    .long 8
header_end:

    .section .text.entry, "ax"
    .code32
    .globl mb2_entry
    .type mb2_entry, @function
mb2_entry:
    cli
    cld
    mov %eax, %edi
    rdtsc
    mov %eax, %esi
    mov %edx, %ecx
    /* No stack yet: borrow the reserved word at offset 4 of the information block. */
    lea 8(%ebx), %esp
    call here
here:
    pop %ebp
    lea stack_top - here(%ebp), %esp
    push %ecx                       /* EBP has the base; the time of entry: high, low */
    push %esi
    push %ebx
    push %edi

    /* CPUID exists when bit 21 of EFLAGS can be changed (Intel SDM volume 1, 20.1). */
    pushf
    pop %eax
    mov %eax, %ecx
    xor $0x200000, %eax
    push %eax
    popf
    pushf
    pop %eax
    xor %ecx, %eax
    test $0x200000, %eax
    jz no_long_mode
    mov $0x80000000, %eax
    cpuid
    cmp $0x80000001, %eax
    jb no_long_mode
    mov $0x80000001, %eax
    cpuid
    bt $CPUID_LONG_MODE_BIT, %edx
    jnc no_long_mode

    /* Identity map of 4 GiB: one top table, one below it, four tables of 2 MiB pages. */
    lea tables - here(%ebp), %edi
    lea 0x1000 + PAGE_TABLE_RW(%edi), %eax
    mov %eax, (%edi)
    xor %ecx, %ecx
1:  add $0x1000, %eax
    mov %eax, 0x1000(%edi, %ecx, 8)
    inc %ecx
    cmp $4, %ecx
    jb 1b
    mov $PAGE_LARGE_RW, %eax
    xor %ecx, %ecx
1:  mov %eax, 0x2000(%edi, %ecx, 8)
    add $0x200000, %eax
    inc %ecx
    cmp $2048, %ecx
    jb 1b

    mov $CR4_PAE_FXSR_XMM, %eax     /* SSE is there: long mode implies it */
    mov %eax, %cr4
    mov %edi, %cr3
    mov $MSR_EFER, %ecx
    rdmsr
    or $EFER_LME, %eax
    wrmsr
    mov %cr0, %eax
    and $~CR0_EM, %eax
    or $(CR0_PG | CR0_NE | CR0_MP), %eax
    mov %eax, %cr0

    lea gdt - here(%ebp), %eax
    sub $8, %esp
    movw $23, (%esp)
    mov %eax, 2(%esp)
    lgdt (%esp)
    add $8, %esp
    pop %edi                        /* arguments: magic, block, time of entry */
    pop %esi
    pop %eax
    pop %edx
    lea long_mode - here(%ebp), %ecx
    push $8
    push %ecx
    lret

no_long_mode:
    lea no_long_mode_text - here(%ebp), %esi
    mov $VGA_TEXT, %edi
1:  lodsb
    test %al, %al
    jz 3f
    mov $0x0f, %ah
    cmp $32, %al
    jb 4f
    mov %ax, (%edi)
    add $2, %edi
4:  mov %al, %bl
    mov $100000, %ecx               /* give a slow or absent port up some time */
2:  mov $COM1 + 5, %dx
    in %dx, %al
    test $0x20, %al
    loopz 2b
    mov $COM1, %dx
    mov %bl, %al
    out %al, %dx
    jmp 1b
3:  cli
    hlt
    jmp 3b

    .code64
long_mode:
    mov $16, %ecx
    mov %ecx, %ds
    mov %ecx, %es
    mov %ecx, %ss
    xor %ecx, %ecx
    mov %ecx, %fs
    mov %ecx, %gs
    mov %eax, %eax
    shl $32, %rdx
    or %rax, %rdx
    mov %edi, %edi
    mov %esi, %esi
    mov %edi, %ebx
    mov %esi, %ebp
    mov %rdx, %r12
    lea stack_top(%rip), %rsp
    call relocate_self
    mov %ebx, %edi
    mov %ebp, %esi
    mov %r12, %rdx
    xor %ebp, %ebp
    call mb2_main
1:  cli
    hlt
    jmp 1b

    .section .rodata.entry, "a"
    .balign 8
gdt:
    .quad 0, 0x00af9b000000ffff, 0x00cf93000000ffff
no_long_mode_text:
    .asciz "zendo: this processor has no long mode (64-bit mode)\r\n"

    .bss
    .balign 4096
tables:
    .skip 6 * 4096
    .balign 16
    .skip 65536
stack_top:

    .section .note.GNU-stack, "", @progbits
