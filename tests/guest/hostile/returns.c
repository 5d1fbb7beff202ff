/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Ways back to the guest that must not be a way in: flags in the frame of an iret, SYSRET at the
 * edge of the address space (XSA-7), results that land in page tables. What the guest sees of them
 * is compared with the real Xen's answer, as a fact.
 */
#include "tests/guest/lib/rows.h"

#define LAST (&cpu_self()->last)

/* A bad return ends in the failsafe callback; go where a trap would have gone. */
static bool on_failsafe(struct trap_frame *f)
{
    struct cpu *cpu = cpu_self();

    cpu->last = *f;
    cpu->trapped = true;
    f->rip = cpu->user_rip ? cpu->user_rip : cpu->resume_rip;
    f->rsp = cpu->user_rip ? cpu->user_rsp : cpu->resume_rsp;
    f->cs = KERNEL_CS;
    f->ss = FLAT_SS;
    f->rflags = 2;
    return true;
}

static void user_flags(void)
{
    __asm__ volatile("pushfq\n popq %rax\n int3");
}

static void flags(void *arg unused)
{
    trap_hooks[VECTOR_FAILSAFE] = on_failsafe;
    NEED(user_prepare());
    row("iret_flag");
    for (unsigned int bit = 0; bit < 64; bit++) {
        struct user_start start = {.rip = (uint64_t)user_flags, .cs = USER_CS, .ss = FLAT_SS,
                                   .rflags = 0x202 ^ (1UL << bit),
                                   .rsp = env.user_stack + PAGE_BYTES};
        char name[8];

        box.step = bit;
        format_append(name, sizeof(name), 0, "%u", bit);
        trap_clear();
        user_enter(&start);
        if (LAST->vector == 3)
            row_text(name, "%#lx", LAST->rax);
        else
            row_text(name, "#%lu/%#lx", LAST->vector, LAST->rflags);
    }
    row_end();
    CHECK_EQ(hc_xen_version(XENVER_version, NULL), 4 << 16 | 17);
}

TEST(hostile, iret_odd_flags)
{
    child_run(flags, NULL, SHUTDOWN_poweroff);
}

/* SYSCALL as the last instruction below the hole: the address behind it is no address. */
static void at_the_hole(void *arg unused)
{
    static const uint64_t last = 0x0000800000000000 - 2;
    uint64_t *l3 = page_alloc(), *l2 = page_alloc(), *l1 = page_alloc();
    unsigned char *code = page_alloc();
    register uint64_t r11 __asm__("r11") = 0;
    int vector = 0;

    trap_hooks[VECTOR_FAILSAFE] = on_failsafe;
    code[4094] = 0x0f;
    code[4095] = 0x05;
    l3[511] = pte(va_mfn(l2), PTE_RW_FLAGS);
    l2[511] = pte(va_mfn(l1), PTE_RW_FLAGS);
    l1[511] = pte(va_mfn(code), PTE_RW_FLAGS);
    CHECK_EQ(page_protect(l3, PTE_RO_FLAGS), 0);
    CHECK_EQ(page_protect(l2, PTE_RO_FLAGS), 0);
    CHECK_EQ(page_protect(l1, PTE_RO_FLAGS), 0);
    NEED(pt_write((va_mfn((void *)env.l4_va) << PAGE_SHIFT) + 255 * 8,
                  pte(va_mfn(l3), PTE_RW_FLAGS)) == 0);
    for (unsigned int i = 0; i < 500; i++) {
        uint64_t a = __HYPERVISOR_xen_version, d = 0, c = 0;
        int got = TRY("jmp *%[to]", OUT("+a"(a), "+D"(d), "+c"(c), "+r"(r11)),
                      IN([to] "r"(last), "S"(0UL)));

        if (i && got != vector)
            test_fail(__FILE__, __LINE__, "vector %d, then %d", vector, got);
        vector = got;
        box.step = i;
    }
    row("syscall_at_hole");
    row_text("vector", "%d", vector);
    row_text("error", "%#lx", LAST->error);
    row_text("rip", "%#lx", LAST->rip);
    row_end();
    CHECK_EQ(pt_write((va_mfn((void *)env.l4_va) << PAGE_SHIFT) + 255 * 8, 0), 0);
}

TEST(hostile, xsa7_syscall_at_hole)
{
    child_run(at_the_hole, NULL, SHUTDOWN_poweroff);
}

/* The guest's own tables as the place for results: they are read-only to it, and so to whoever
 * writes on its behalf. */
static void results_in_tables(void *arg unused)
{
    struct branch b;
    struct mmu_update u;
    uint64_t *copy = page_alloc();
    struct vcpu_register_runstate_memory_area area;
    struct vcpu_register_time_memory_area time;
    void *at;

    NEED(branch_make(&b, 6));
    for (unsigned int i = 0; i < 512; i++) {
        u.ptr = (va_mfn(b.l1) << PAGE_SHIFT) + i * 8;
        u.val = pte(va_mfn(copy), PTE_RO_FLAGS);
        if (hc_mmu_update(&u, 1, NULL, DOMID_SELF))
            test_fail(__FILE__, __LINE__, "entry %u", i);
    }
    memcpy(copy, b.l1, PAGE_BYTES);
    at = b.l1 + 64;
    row("results_in_table");
    row_result("extraversion", hc_xen_version(XENVER_extraversion, at));
    row_result("commandline", hc_xen_version(XENVER_commandline, at));
    row_result("handle", hc_xen_version(XENVER_guest_handle, at));
    row_result("machphys_mapping", hc_memory_op(XENMEM_machphys_mapping, at));
    row_result("runstate", hc_vcpu_op(VCPUOP_get_runstate_info, 0, at));
    row_result("status", hc_event_channel_op(EVTCHNOP_alloc_unbound, at) < 0);
    u.ptr = (va_mfn(b.l1) << PAGE_SHIFT) + 8;
    row_result("mmu_update_done", hc_mmu_update(&u, 1, at, DOMID_SELF));
    row_end();
    area.addr.p = (uint64_t)at;
    (void)hc_vcpu_op(VCPUOP_register_runstate_memory_area, 0, &area);
    time.addr.p = (uint64_t)at;
    (void)hc_vcpu_op(VCPUOP_register_vcpu_time_memory_area, 0, &time);
    for (unsigned int i = 0; i < 20; i++)
        sleep_us(500);
    (void)hc_multicall(at, 1);
    CHECK_EQ(memcmp(copy, b.l1, PAGE_BYTES), 0);
    area.addr.p = 0;
    (void)hc_vcpu_op(VCPUOP_register_runstate_memory_area, 0, &area);
    time.addr.p = 0;
    (void)hc_vcpu_op(VCPUOP_register_vcpu_time_memory_area, 0, &time);
    branch_drop(&b);
}

TEST(hostile, results_in_tables)
{
    child_run(results_in_tables, NULL, SHUTDOWN_poweroff);
}
