/* SPDX-License-Identifier: BSD-2-Clause */
/* Notes for the domain builder, the first instructions, and the ways in from the hypervisor. */

#define HYPERCALL_IRET 23
#define FLAT_CS 0xe033
#define FLAT_SS 0xe02b

/* struct cpu at the bottom of each 16 KiB stack; offsets are checked in trap.c */
#define STACK_BYTES 0x4000
#define CPU_RESUME_RIP 0
#define CPU_RESUME_RSP 8
#define CPU_USER_RIP 16
#define CPU_USER_RSP 24

.macro note type, size:vararg
    .pushsection .note.Xen, "a", @note
    .balign 4
    .long 4, 2f - 1f, \type
    .asciz "Xen"
1:  \size
2:  .balign 4
    .popsection
.endm

    note 6, .asciz "zendo-test"                 /* GUEST_OS */
    note 7, .asciz "1"                          /* GUEST_VERSION */
    note 5, .asciz "xen-3.0"                    /* XEN_VERSION */
    note 3, .quad 0xffffffff80000000            /* VIRT_BASE */
    note 4, .quad 0                             /* PADDR_OFFSET */
    note 15, .quad 0x0000008000000000           /* INIT_P2M */
    note 1, .quad guest_entry                   /* ENTRY */
    note 17, .long 0x801                        /* SUPPORTED_FEATURES: writable tables, dom0 */
    note 9, .asciz "yes"                        /* PAE_MODE */
    note 8, .asciz "generic"                    /* LOADER */
    note 13, .quad 1, 1                         /* L1_MFN_VALID */
    note 16, .long 1                            /* MOD_START_PFN */

    .text

/* dom0: RSI is the address of start_info. */
    .globl guest_entry
guest_entry:
    cld
    leaq pool_start + STACK_BYTES(%rip), %rsp
    movq %rsi, %rdi
    xorl %ebp, %ebp
    call guest_main
    ud2

/* Children and secondary vCPUs: the stack is set, RDI and RSI are arguments, RAX the function. */
    .globl guest_thread
guest_thread:
    cld
    xorl %ebp, %ebp
    call *%rax
    ud2

/* From the hypervisor's frame to struct trap_frame: RCX, R11 back, error code, vector on top. */
.macro entry name, vector, has_error=0
\name:
    popq %rcx
    popq %r11
    .if !\has_error
    pushq $0
    .endif
    pushq $\vector
    jmp trap_common
.endm

trap_common:
    pushq %rax
    pushq %rcx
    pushq %rdx
    pushq %rbx
    pushq %rbp
    pushq %rsi
    pushq %rdi
    pushq %r8
    pushq %r9
    pushq %r10
    pushq %r11
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    movq %rsp, %rdi
    movq %rsp, %rbx
    andq $-16, %rsp
    cld
    call trap_entry
    movq %rbx, %rsp
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %r11
    popq %r10
    popq %r9
    popq %r8
    popq %rdi
    popq %rsi
    popq %rbp
    popq %rbx
    popq %rdx
    popq %rcx
    popq %rax
    addq $16, %rsp
    .globl return_by_way
return_by_way: /* to the frame on the stack: its RIP is on top */
    cmpb $0, env(%rip)
    je 1f
    iretq
1:  pushq $0
    pushq %rcx
    pushq %r11
    pushq %rax
    movl $HYPERCALL_IRET, %eax
    syscall
    ud2

.macro exception number, has_error=0
    entry trap_stub_\number, \number, \has_error
hvm_stub_\number:
    hvm_entry trap_stub_\number, \has_error
    .pushsection .rodata
    .quad trap_stub_\number
    .popsection
    .pushsection .rodata.hvm, "a"
    .quad hvm_stub_\number
    .popsection
.endm

/* What the processor pushed becomes what the hypervisor would have. */
.macro hvm_entry to, has_error=0
    pushq %r11
    pushq %rcx
    jmp \to
.endm

    .pushsection .rodata.hvm, "a"
    .balign 8
    .globl hvm_stubs
hvm_stubs:
    .popsection

    .pushsection .rodata
    .balign 8
    .globl trap_stubs
trap_stubs:
    .popsection

    exception 0
    exception 1
    exception 2
    exception 3
    exception 4
    exception 5
    exception 6
    exception 7
    exception 8, 1
    exception 9
    exception 10, 1
    exception 11, 1
    exception 12, 1
    exception 13, 1
    exception 14, 1
    exception 15
    exception 16
    exception 17, 1
    exception 18
    exception 19
    exception 0x80
    exception 0x81

    .globl hvm_stub_event
hvm_stub_event:
    hvm_entry entry_event

    .globl entry_event, entry_failsafe, entry_syscall, entry_sysenter, entry_syscall32, entry_nmi
    entry entry_event, 256
    entry entry_syscall, 258
    entry entry_sysenter, 259
    entry entry_syscall32, 260
    entry entry_nmi, 261

/* The failsafe frame has DS, ES, FS, GS between R11 and RIP. */
entry_failsafe:
    popq %rcx
    popq %r11
    popq failsafe_segments(%rip)
    popq failsafe_segments + 8(%rip)
    popq failsafe_segments + 16(%rip)
    popq failsafe_segments + 24(%rip)
    pushq $0
    pushq $257
    jmp trap_common

.macro save_callee
    pushq %rbx
    pushq %rbp
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
.endm
.macro restore_callee
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %rbp
    popq %rbx
.endm

/* int trap_call(void (*fn)(void *), void *arg): 0, or 1 when a trap nobody else wanted ended it. */
    .globl trap_call
trap_call:
    save_callee
    movq %rsp, %rbx
    andq $-STACK_BYTES, %rbx
    pushq CPU_RESUME_RIP(%rbx)
    pushq CPU_RESUME_RSP(%rbx)
    subq $8, %rsp
    leaq 1f(%rip), %rax
    movq %rax, CPU_RESUME_RIP(%rbx)
    movq %rsp, CPU_RESUME_RSP(%rbx)
    movq %rdi, %rax
    movq %rsi, %rdi
    call *%rax
    xorl %eax, %eax
    jmp 2f
1:  movl $1, %eax
2:  cld
    movq %rsp, %rbx
    andq $-STACK_BYTES, %rbx
    addq $8, %rsp
    popq CPU_RESUME_RSP(%rbx)
    popq CPU_RESUME_RIP(%rbx)
    restore_callee
    ret

/* void user_enter(const struct user_start *): iret to guest user mode; comes back with the first
 * trap from there, which is in struct cpu. Layout of user_start: rip, cs, rflags, rsp, ss, rdi. */
    .globl user_enter
user_enter:
    save_callee
    movq %rsp, %rbx
    andq $-STACK_BYTES, %rbx
    leaq 1f(%rip), %rax
    movq %rax, CPU_USER_RIP(%rbx)
    movq %rsp, CPU_USER_RSP(%rbx)
    pushq 32(%rdi)
    pushq 24(%rdi)
    pushq 16(%rdi)
    pushq 8(%rdi)
    pushq 0(%rdi)
    movq 40(%rdi), %rdi
    movl $0x1234, %ecx
    movl $0x5678, %r11d
    xorl %eax, %eax
    jmp return_by_way
1:  cld
    movq %rsp, %rbx
    andq $-STACK_BYTES, %rbx
    movq $0, CPU_USER_RIP(%rbx)
    restore_callee
    ret

/* void raw_iret(const uint64_t frame[9]): the iret hypercall with exactly this frame. */
    .globl raw_iret
raw_iret:
    subq $72, %rsp
    movq %rdi, %rsi
    movq %rsp, %rdi
    movl $9, %ecx
    rep movsq
    movl $HYPERCALL_IRET, %eax
    syscall
    ud2
