/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Guests that make their own going on impossible: each must end as a crash of that guest alone
 * (XSA-106, 186, 202, 204, 260, 339 are ways in which entries and exits went wrong).
 */
#include "tests/guest/lib/child.h"

#define CRASHES(id, ...)                                                                           \
    static void crash_##id(void *arg unused)                                                       \
    {                                                                                              \
        box.step = 1;                                                                              \
        __VA_ARGS__                                                                                \
        box.step = 2;                                                                              \
        child_fail("it went on");                                                                  \
    }                                                                                              \
    TEST(hostile, id)                                                                              \
    {                                                                                              \
        child_run(crash_##id, NULL, SHUTDOWN_crash);                                               \
    }

/* A trap with no table, with a stack that is unmapped, read-only, the hypervisor's, or nowhere. */
CRASHES(crash_no_trap_table, {
    (void)hc_set_trap_table(NULL);
    __asm__ volatile("ud2");
})

CRASHES(crash_unmapped_stack, {
    __asm__ volatile("movq %0, %%rsp\n int3" ::"r"(0x700000001000UL));
})

CRASHES(crash_hypervisor_stack, {
    __asm__ volatile("movq %0, %%rsp\n int3" ::"r"(HV_POINTER + 0x1000));
})

CRASHES(crash_noncanonical_stack, {
    __asm__ volatile("movq %0, %%rsp\n int3" ::"r"(NONCANONICAL + 0x1000));
})

CRASHES(crash_stack_at_zero, {
    __asm__ volatile("xorl %%esp, %%esp\n int3" ::: "memory");
})

CRASHES(crash_readonly_stack, {
    char *page = page_alloc();

    (void)page_protect(page, PTE_RO_FLAGS);
    __asm__ volatile("movq %0, %%rsp\n int3" ::"r"(page + PAGE_BYTES));
})

CRASHES(crash_table_as_stack, {
    /* the frame of a trap must not end up in a page table */
    uint64_t table = (uint64_t)mfn_va(pte_machine(0, (uint64_t)image_start, 1) >> PAGE_SHIFT);

    __asm__ volatile("movq %0, %%rsp\n int3" ::"r"(table + PAGE_BYTES));
})

/* An iret frame that cannot be read. */
CRASHES(crash_iret_no_stack, {
    __asm__ volatile("movq %0, %%rsp\n movl $23, %%eax\n syscall" ::"r"(BAD_POINTER));
})

CRASHES(crash_iret_hypervisor_stack, {
    __asm__ volatile("movq %0, %%rsp\n movl $23, %%eax\n syscall" ::"r"(HV_POINTER));
})

/* User mode without a user page table. */
CRASHES(crash_iret_to_no_user, {
    uint64_t frame[9] = {0, 0, 0, 0, (uint64_t)image_start, USER_CS, 0x202, 0x1000, FLAT_SS};

    (void)mmuext(MMUEXT_NEW_USER_BASEPTR, 0, 0);
    raw_iret(frame);
})

/* Into user mode with a kernel stack that does not work, then a trap. */
CRASHES(crash_bad_kernel_stack, {
    struct user_start start = {.rip = (uint64_t)image_start, .cs = USER_CS, .rflags = 0x202,
                               .ss = FLAT_SS};

    (void)user_prepare();
    (void)hc_stack_switch(FLAT_SS, HV_POINTER + 0x800);
    start.rsp = env.user_stack + PAGE_BYTES;
    start.rip = BAD_POINTER;
    user_enter(&start);
})

CRASHES(crash_unmapped_kernel_stack, {
    struct user_start start = {.rip = BAD_POINTER, .cs = USER_CS, .rflags = 0x202, .ss = FLAT_SS};

    (void)user_prepare();
    (void)hc_stack_switch(FLAT_SS, 0x700000001000UL);
    start.rsp = env.user_stack + PAGE_BYTES;
    user_enter(&start);
})

/* Shutdown codes are the guest's word. */
CRASHES(crash_by_request, {
    struct sched_shutdown s = {.reason = SHUTDOWN_crash};

    (void)hc_sched_op(SCHEDOP_shutdown, &s);
})

/* It unmaps the ground under its feet: its own code and trap handlers. */
CRASHES(crash_unmaps_itself, {
    uint64_t own = va_mfn((void *)env.l4_va) << PAGE_SHIFT;

    (void)pt_write(own + 511 * 8, 0);
})

/* ---- bad returns: the failsafe callback, and life goes on ---- */

static bool on_failsafe(struct trap_frame *f)
{
    struct cpu *cpu = cpu_self();

    cpu->last = *f;
    cpu->trapped = true;
    f->rip = cpu->user_rip;
    f->rsp = cpu->user_rsp;
    f->cs = KERNEL_CS;
    f->ss = FLAT_SS;
    f->rflags = 2;
    return true;
}

static int enter(uint64_t rip, uint64_t cs, uint64_t rflags, uint64_t ss)
{
    struct user_start start = {.rip = rip, .cs = cs, .rflags = rflags, .ss = ss};

    start.rsp = env.user_stack + PAGE_BYTES;
    trap_clear();
    user_enter(&start);
    return cpu_self()->trapped ? (int)cpu_self()->last.vector : -1;
}

static void user_trap(void)
{
    __asm__ volatile("int3");
}

static void user_flags(void)
{
    __asm__ volatile("pushfq\n popq %rax\n int3");
}

static bool is_refusal(int vector)
{
    return vector == VECTOR_FAILSAFE || vector == 13 || vector == 14 || vector == 11 ||
           vector == 12;
}

static void bad_returns(void *arg unused)
{
    static const uint64_t bad_cs[] = {0xe00b, 0xe043, 0xe04b, 0xfff3, 0x0003, 0xe02b, 0xe053,
                                      0xe07b, 0x0007};
    static const uint64_t bad_ss[] = {0xe00b, 0xe033, 0xfff3, 0xe043, 0x0007};
    static const uint64_t odd_flags[] = {~0UL, 0, 0x3000, X86_NT, X86_AC, X86_RF, 0x20000, 0x180000,
                                         0x7202, 1UL << 40};

    trap_hooks[VECTOR_FAILSAFE] = on_failsafe;
    NEED(user_prepare());
    CHECK_EQ(enter((uint64_t)user_trap, USER_CS, 0x202, FLAT_SS), 3);
    for (unsigned int i = 0; i < ARRAY_SIZE(bad_cs); i++) {
        box.step = 100 + i;
        CHECK(is_refusal(enter((uint64_t)user_trap, bad_cs[i], 0x202, FLAT_SS)));
    }
    for (unsigned int i = 0; i < ARRAY_SIZE(bad_ss); i++) {
        box.step = 200 + i;
        CHECK(is_refusal(enter((uint64_t)user_trap, USER_CS, 0x202, bad_ss[i])));
    }
    for (unsigned int i = 0; i < ARRAY_SIZE(odd_flags); i++) {
        int vector;

        box.step = 300 + i;
        vector = enter((uint64_t)user_flags, USER_CS, odd_flags[i], FLAT_SS);
        CHECK(vector == 3 || vector == 1 || is_refusal(vector));
        /* no I/O privilege, interrupts on: those are the hypervisor's */
        if (vector == 3) {
            CHECK_EQ(cpu_self()->last.rax & 0x3000, 0);
            CHECK_EQ(cpu_self()->last.rax & X86_IF, X86_IF);
        }
    }
    box.step = 400;
    CHECK(is_refusal(enter(NONCANONICAL, USER_CS, 0x202, FLAT_SS)));
    box.step = 401;
    CHECK(is_refusal(enter(0x0000800000000000, USER_CS, 0x202, FLAT_SS)));
    box.step = 402;
    CHECK(is_refusal(enter(HV_POINTER, USER_CS, 0x202, FLAT_SS)));
    CHECK_EQ(enter((uint64_t)user_trap, USER_CS, 0x202, FLAT_SS), 3);
}

TEST(hostile, xsa202_bad_returns)
{
    child_run(bad_returns, NULL, SHUTDOWN_poweroff);
}

/* A hypercall by the last two bytes of the lower half: RIP behind it is not canonical; SYSRET to
 * it would fault in ring 0 on the guest's stack (CVE-2012-0217; in Bochs, not in QEMU). */
CHILD_TEST(hostile, syscall_below_hole, SHUTDOWN_poweroff)
{
    const uint64_t last = 511 * sizeof(uint64_t), va = 0x0000800000000000 - PAGE_BYTES;
    uint8_t *page = page_alloc();
    uint64_t rax = __HYPERVISOR_xen_version;
    struct branch b;

    page[PAGE_BYTES - 2] = 0x0f;
    page[PAGE_BYTES - 1] = 0x05;
    NEED(branch_make(&b, 255));
    CHECK_EQ(pt_write((va_mfn(b.l3) << PAGE_SHIFT) + last, pte(va_mfn(b.l2), PTE_RW_FLAGS)), 0);
    CHECK_EQ(pt_write((va_mfn(b.l2) << PAGE_SHIFT) + last, pte(va_mfn(b.l1), PTE_RW_FLAGS)), 0);
    CHECK_EQ(pt_write((va_mfn(b.l1) << PAGE_SHIFT) + last, pte(va_mfn(page), PTE_RO_FLAGS)), 0);
    CHECK(is_refusal(TRY("jmp *%1", OUT("+a"(rax)),
                         IN("r"(va + PAGE_BYTES - 2), "D"((uint64_t)XENVER_version), "S"(0UL)))));
    CHECK_EQ(rax >> 16, 4); /* the call was made */
}

/* Handlers, callbacks and bases where no handler can be. */
static void bad_handlers(void *arg unused)
{
    static const uint64_t bad[] = {NONCANONICAL, 0x0000800000000000, 0xffff7fffffffffff};

    for (unsigned int i = 0; i < ARRAY_SIZE(bad); i++) {
        struct trap_info t[2] = {{.vector = 6, .cs = 0xffff, .address = bad[i]}};
        struct callback_register r = {.type = CALLBACKTYPE_event,
                                      .address = (xen_callback_t)bad[i]};

        CHECK(hc_set_trap_table(t) < 0);
        CHECK(hc_callback_op(CALLBACKOP_register, &r) < 0);
        CHECK_EQ(hc_set_callbacks(bad[i], bad[i], bad[i]), 0); /* without effect */
        CHECK(hc_set_segment_base(SEGBASE_FS, bad[i]) < 0);
        CHECK(hc_set_segment_base(SEGBASE_GS_USER, bad[i]) < 0);
    }
    {
        /* a selector that is none of its: the flat one is used, or the guest dies of it */
        struct trap_info t[2] = {{.vector = 6, .flags = 4, .cs = 0xe008,
                                  .address = trap_stub(6)}};

        box.step = 1;
        (void)hc_set_trap_table(t);
        CHECK_EQ(TRY("ud2", OUT(), IN()), 6);
        CHECK_EQ(cpu_self()->last.cs & 3, 0);
    }
}

TEST(hostile, bad_handlers)
{
    struct child *c = child_make(bad_handlers, NULL);
    int code;

    NEED(c);
    code = child_wait(c, 20);
    CHECK(code == SHUTDOWN_poweroff || (code == SHUTDOWN_crash && c->box->step == 1));
    child_end(c);
}
