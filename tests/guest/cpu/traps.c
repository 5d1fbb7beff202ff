/* SPDX-License-Identifier: BSD-2-Clause */
/* Exceptions as they reach the guest's handlers, from kernel and from user mode. */
#include "tests/guest/lib/guest.h"

#define LAST (&cpu_self()->last)

TEST(cpu, trap_breakpoint)
{
    uint64_t rip;

    CHECK_EQ(TRY("leaq 1f(%%rip), %[rip]\n int3\n 1:", OUT([rip] "=&r"(rip)), IN()), 3);
    CHECK_EQ(LAST->rip, rip);
    CHECK_EQ(LAST->cs, KERNEL_CS);
    CHECK_EQ(LAST->ss, FLAT_SS);
    CHECK_EQ(cpu_self()->last_mask, 1);
    CHECK_EQ(LAST->rflags & X86_IF, 0); /* events were masked before */
    CHECK_EQ(TRY(".byte 0xcd, 3", OUT(), IN()), 3);
    CHECK_EQ(TRY("int $0x80", OUT(), IN()), 0x80);
}

TEST(cpu, trap_flags_show_mask)
{
    vcpu_info()->evtchn_upcall_pending = 0;
    vcpu_info()->evtchn_pending_sel = 0;
    vcpu_info()->evtchn_upcall_mask = 0;
    CHECK_EQ(TRY("int3", OUT(), IN()), 3);
    CHECK_EQ(LAST->rflags & X86_IF, X86_IF);
    CHECK_EQ(cpu_self()->last_mask, 1);
    CHECK_EQ(vcpu_info()->evtchn_upcall_mask, 1); /* the harness comes back with it set */
    vcpu_info()->evtchn_upcall_mask = 1;
}

TEST(cpu, trap_invalid_opcode)
{
    uint64_t rip;

    CHECK_EQ(TRY("leaq 1f(%%rip), %[rip]\n 1: ud2", OUT([rip] "=&r"(rip)), IN()), 6);
    CHECK_EQ(LAST->rip, rip);
    /* a prefix of forced emulation before something else */
    CHECK_EQ(TRY(".byte 0x0f, 0x0b, 0x78, 0x65, 0x6e\n nop", OUT(), IN()), 6);
}

TEST(cpu, trap_divide)
{
    uint64_t zero = 0;

    CHECK_EQ(TRY("divq %[zero]", OUT(), IN([zero] "r"(zero), "a"(1UL), "d"(0UL))),
             0);
}

TEST(cpu, trap_page_fault)
{
    char *page = page_alloc();

    /* kernel mode: no user bit in the error code although all code runs in ring 3 */
    CHECK_EQ(TRY("movb (%[p]), %%r14b", OUT(), IN([p] "r"(BAD_POINTER))), 14);
    CHECK_EQ(LAST->error, 0);
    CHECK_EQ(cpu_self()->last_cr2, BAD_POINTER);
    CHECK_EQ(TRY("movb $1, (%[p])", OUT(), IN([p] "r"(BAD_POINTER + 8))), 14);
    CHECK_EQ(LAST->error, 2);
    CHECK_EQ(cpu_self()->last_cr2, BAD_POINTER + 8);
    CHECK_EQ(page_protect(page, PTE_RO_FLAGS), 0);
    CHECK_EQ(TRY("movb $1, (%[p])", OUT(), IN([p] "r"(page))), 14);
    CHECK_EQ(LAST->error, 3);
    CHECK_EQ(TRY("movb (%[p]), %%r14b", OUT(), IN([p] "r"(page))), -1);
    /* the hypervisor's range looks like any other mapped, forbidden memory */
    CHECK_EQ(TRY("movb (%[p]), %%r14b", OUT(), IN([p] "r"(HV_POINTER))), 14);
    CHECK_EQ(TRY("movb $1, (%[p])", OUT(), IN([p] "r"(M2P_BASE))), 14);
    CHECK_EQ(LAST->error, 3);
    /* no execution from a page that says so */
    CHECK_EQ(page_protect(page, PTE_RW_FLAGS), 0);
    page[0] = (char)0xc3;
    CHECK_EQ(TRY("call *%[p]", OUT(), IN([p] "r"(page))), -1);
    CHECK_EQ(page_protect(page, PTE_RW_FLAGS | PTE_NX), 0);
    CHECK_EQ(TRY("call *%[p]", OUT(), IN([p] "r"(page))), 14);
    CHECK_EQ(LAST->error, 0x11);
    CHECK_EQ(cpu_self()->last_cr2, page);
}

TEST(cpu, trap_general_protection)
{
    CHECK_EQ(TRY("movb (%[p]), %%r14b", OUT(), IN([p] "r"(NONCANONICAL))), 13);
    CHECK_EQ(LAST->error, 0);
    CHECK_EQ(TRY("movl %[s], %%ds", OUT(), IN([s] "r"(0xe008))), 13);
    CHECK_EQ(LAST->error, 0xe008);
    /* INT of a gate that is not there */
    CHECK_EQ(TRY("int $0x55", OUT(), IN()), 13);
}

/* ---- user mode ---- */

static void user_int3(void)
{
    __asm__ volatile("int3");
}
static void user_int80(void)
{
    __asm__ volatile("int $0x80");
}
static void user_int81(void)
{
    __asm__ volatile("int $0x81");
}
static void user_ud(void)
{
    __asm__ volatile("ud2");
}
static void user_read(void)
{
    __asm__ volatile("movb (%%rdi), %%al" ::: "rax");
}
static void user_write(void)
{
    __asm__ volatile("movb $1, (%rdi)");
}
static void user_syscall(void)
{
    __asm__ volatile("movl $0x1234, %%eax\n syscall" ::: "rax");
}
static void user_cli(void)
{
    __asm__ volatile("cli");
}
static void user_hlt(void)
{
    __asm__ volatile("hlt");
}
static void user_in(void)
{
    __asm__ volatile("inb $0x80, %%al" ::: "rax");
}

TEST(cpu, user_traps)
{
    char *page = page_alloc();

    CHECK_EQ(user_run(user_int3, 0), 3);
    CHECK_EQ(LAST->cs, USER_CS);
    CHECK_EQ(LAST->ss, FLAT_SS);
    CHECK_EQ(LAST->rip, (uint64_t)user_int3 + 1);
    CHECK_EQ(LAST->rflags & (X86_IF | 0x3000), X86_IF);
    CHECK_EQ(LAST->rsp, env.user_stack + PAGE_BYTES);
    CHECK_EQ(user_run(user_int80, 0), 0x80);
    CHECK_EQ(LAST->rip, (uint64_t)user_int80 + 2);
    /* a gate of DPL 0 */
    CHECK_EQ(user_run(user_int81, 0), 13);
    CHECK_EQ(LAST->rip, (uint64_t)user_int81);
    CHECK_EQ(user_run(user_ud, 0), 6);
    CHECK_EQ(user_run(user_read, BAD_POINTER), 14);
    CHECK_EQ(LAST->error, 4);
    CHECK_EQ(cpu_self()->last_cr2, BAD_POINTER);
    CHECK_EQ(user_run(user_write, BAD_POINTER), 14);
    CHECK_EQ(LAST->error, 6);
    CHECK_EQ(page_protect(page, PTE_RO_FLAGS), 0);
    CHECK_EQ(user_run(user_write, (uint64_t)page), 14);
    CHECK_EQ(LAST->error, 7);
    CHECK_EQ(user_run(user_read, HV_POINTER), 14);
    CHECK_EQ(LAST->error & 4, 4);
    CHECK_EQ(user_run(user_read, NONCANONICAL), 13);
    CHECK_EQ(user_run(user_cli, 0), 13);
    CHECK_EQ(user_run(user_hlt, 0), 13);
    CHECK_EQ(user_run(user_in, 0), 13);
}

TEST(cpu, user_syscall)
{
    CHECK_EQ(user_run(user_syscall, 0x77), VECTOR_SYSCALL);
    CHECK_EQ(LAST->rax, 0x1234);
    CHECK_EQ(LAST->rdi, 0x77);
    CHECK_EQ(LAST->rip, LAST->rcx);
    CHECK_EQ(LAST->r11 & X86_IF, X86_IF);
    CHECK_EQ(LAST->cs & 3, 3);
    CHECK_EQ(cpu_self()->last_mask, 1);
}

static const uint8_t code32[] = {0xb8, 0x34, 0x12, 0, 0, /* mov eax, 0x1234 */
                                 0x48,                   /* dec eax: a REX prefix in 64-bit code */
                                 0x90, 0xcd, 0x80};      /* int 0x80 */

TEST(cpu, user_32bit)
{
    struct branch b;
    uint64_t page;
    struct user_start start = {.cs = USER_CS32, .rflags = X86_IF | 2, .ss = FLAT_SS};
    uint8_t *code = page_alloc();
    uint64_t *l4;

    memcpy(code, code32, sizeof(code32));
    NEED(user_prepare());
    NEED(branch_make(&b, 0));
    page = 0x1000;
    CHECK_EQ(pt_write(pte_machine(0, page, 1), pte(va_mfn(code), PTE_RO_FLAGS)), 0);
    l4 = mfn_va(env.user_l4_mfn);
    (void)l4;
    CHECK_EQ(pt_write(env.user_l4_mfn << PAGE_SHIFT, pte(va_mfn(b.l3), PTE_RW_FLAGS)), 0);
    start.rip = page;
    start.rsp = page + 0x800;
    trap_clear();
    user_enter(&start);
    CHECK(cpu_self()->trapped);
    CHECK_EQ(LAST->vector, 0x80);
    CHECK_EQ(LAST->cs, USER_CS32);
    CHECK_EQ(LAST->rax, 0x1233);
    CHECK_EQ(LAST->rip, page + sizeof(code32));
    CHECK_EQ(pt_write(env.user_l4_mfn << PAGE_SHIFT, 0), 0);
    branch_drop(&b);
}

TEST(cpu, user_single_step)
{
    struct user_start start = {.rip = (uint64_t)user_syscall, .cs = USER_CS,
                               .rflags = X86_IF | X86_TF | 2, .ss = FLAT_SS};

    NEED(user_prepare());
    start.rsp = env.user_stack + PAGE_BYTES;
    trap_clear();
    user_enter(&start);
    CHECK_EQ(LAST->vector, 1);
    CHECK_EQ(LAST->rip, (uint64_t)user_syscall + 5);
    CHECK_EQ(hc_get_debugreg(6) & 0x4000, 0x4000);
    CHECK_EQ(LAST->rflags & X86_TF, X86_TF);
    CHECK_EQ(hc_set_debugreg(6, 0), 0);
}

TEST(cpu, kernel_single_step)
{
    CHECK_EQ(TRY("pushfq\n orq $0x100, (%%rsp)\n popfq\n nop\n nop", OUT(), IN()), 1);
    CHECK_EQ(hc_get_debugreg(6) & 0x4000, 0x4000);
    CHECK_EQ(hc_set_debugreg(6, 0), 0);
}

TEST(cpu, breakpoint_registers)
{
    static volatile uint64_t watched;

    CHECK_EQ(hc_set_debugreg(0, (uint64_t)&watched), 0);
    CHECK_EQ(hc_set_debugreg(7, 0xd0001), 0); /* write, 8 bytes... length 4 */
    CHECK_EQ(TRY("movl $1, (%[p])\n nop", OUT(), IN([p] "r"(&watched))), 1);
    CHECK_EQ(hc_get_debugreg(6) & 0xf, 1);
    CHECK_EQ(hc_set_debugreg(6, 0), 0);
    CHECK_EQ(TRY("movl (%[p]), %%r14d\n nop", OUT(), IN([p] "r"(&watched))), -1);
    /* the hypervisor reads and writes there on our behalf: no trap of its own */
    CHECK_EQ(hc_xen_version(XENVER_extraversion, &watched), 0);
    CHECK_EQ(hc_set_debugreg(7, 0), 0);
    CHECK_EQ(hc_set_debugreg(0, 0), 0);
    CHECK_EQ(hc_set_debugreg(6, 0), 0);
    CHECK_EQ(TRY("movl $1, (%[p])\n nop", OUT(), IN([p] "r"(&watched))), -1);
}
