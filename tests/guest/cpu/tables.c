/* SPDX-License-Identifier: BSD-2-Clause */
/* Trap tables, callbacks, stacks, segment bases, descriptors: what is taken and what is refused. */
#include "tests/guest/lib/guest.h"

TEST(cpu, set_trap_table)
{
    struct trap_info t[2] = {{.vector = 0x81, .flags = 4 | 1, .cs = KERNEL_CS,
                              .address = trap_stub(0x81)}};

    CHECK_EQ(hc_set_trap_table(t), 0);
    CHECK_EQ(hc_set_trap_table(BAD_POINTER), -EFAULT);
    CHECK_EQ(hc_set_trap_table(HV_POINTER), -EFAULT);
    t[0].address = NONCANONICAL;
    CHECK_EQ(hc_set_trap_table(t), -EINVAL);
    t[0].address = 0x0000800000000000;
    CHECK_EQ(hc_set_trap_table(t), -EINVAL);
    /* the entry from before is still there; an empty pointer clears all */
    trap_clear();
    /* QEMU's own emulation reports another vector here than the instruction names */
    CHECK(TRY("int $0x81", OUT(), IN()) == 0x81 || cpu_self()->last.error == 0x81 * 16 + 2);
    CHECK_EQ(hc_set_trap_table(NULL), 0);
    trap_default_table();
    CHECK_EQ(TRY("ud2", OUT(), IN()), 6);
}

TEST(cpu, callbacks)
{
    struct callback_register r = {.type = CALLBACKTYPE_event, .flags = CALLBACKF_mask_events,
                                  .address = (xen_callback_t)entry_event};
    struct callback_unregister u = {.type = CALLBACKTYPE_event};

    CHECK_EQ(hc_callback_op(CALLBACKOP_register, &r), 0);
    CHECK_EQ(hc_callback_op(CALLBACKOP_register, BAD_POINTER), -EFAULT);
    CHECK_EQ(hc_callback_op(CALLBACKOP_register, HV_POINTER), -EFAULT);
    CHECK_EQ(hc_callback_op(77, &r), -ENOSYS);
    r.address = (xen_callback_t)NONCANONICAL;
    CHECK_EQ(hc_callback_op(CALLBACKOP_register, &r), -EINVAL);
    r.address = (xen_callback_t)entry_event;
    r.type = 99;
    CHECK_EQ(hc_callback_op(CALLBACKOP_register, &r), -ENOSYS);
    CHECK_EQ(hc_callback_op(CALLBACKOP_unregister, &u), -EINVAL);
    u.type = CALLBACKTYPE_failsafe;
    CHECK_EQ(hc_callback_op(CALLBACKOP_unregister, &u), -EINVAL);
    u.type = CALLBACKTYPE_syscall;
    CHECK_EQ(hc_callback_op(CALLBACKOP_unregister, &u), -EINVAL);
    u.type = 99;
    CHECK_EQ(hc_callback_op(CALLBACKOP_unregister, &u), -ENOSYS);
    CHECK_EQ(hc_set_callbacks(entry_event, entry_failsafe, entry_syscall), 0);
    CHECK_EQ(hc_set_callbacks(entry_event, entry_failsafe, NONCANONICAL), 0); /* passed over */
    trap_init();
}

TEST(cpu, segment_bases)
{
    uint64_t value = 0, word[2] = {0x1122334455667788, 0};

    CHECK_EQ(hc_set_segment_base(SEGBASE_FS, word), 0);
    __asm__ volatile("movq %%fs:0, %0" : "=r"(value));
    CHECK_EQ(value, 0x1122334455667788);
    word[1] = 77;
    CHECK_EQ(hc_set_segment_base(SEGBASE_GS_KERNEL, word), 0);
    __asm__ volatile("movq %%gs:8, %0" : "=r"(value));
    CHECK_EQ(value, 77);
    CHECK_EQ(hc_set_segment_base(SEGBASE_GS_USER, word), 0);
    CHECK_EQ(hc_set_segment_base(SEGBASE_FS, NONCANONICAL), -EINVAL);
    CHECK_EQ(hc_set_segment_base(SEGBASE_GS_KERNEL, NONCANONICAL), -EINVAL);
    CHECK_EQ(hc_set_segment_base(SEGBASE_GS_USER, 0x800000000000), -EINVAL);
    CHECK_EQ(hc_set_segment_base(SEGBASE_GS_USER_SEL, 0), 0);
    CHECK_EQ(hc_set_segment_base(SEGBASE_GS_USER_SEL, FLAT_SS), 0);
    CHECK_EQ(hc_set_segment_base(SEGBASE_GS_USER_SEL, 0xfff8), 0); /* null instead */
    CHECK_EQ(hc_set_segment_base(SEGBASE_GS_USER_SEL, 0xe008), 0); /* not the guest's */
    CHECK_EQ(hc_set_segment_base(4, 0), -EINVAL);
    CHECK_EQ(hc_set_segment_base(SEGBASE_FS, 0), 0);
    CHECK_EQ(hc_set_segment_base(SEGBASE_GS_KERNEL, 0), 0);
    CHECK_EQ(hc_set_segment_base(SEGBASE_GS_USER, 0), 0);
}

TEST(cpu, debug_registers)
{
    for (unsigned int n = 0; n < 4; n++) {
        CHECK_EQ(hc_set_debugreg(n, 0x1000 + n), 0);
        CHECK_EQ(hc_get_debugreg(n), 0x1000 + n);
        CHECK_EQ(hc_set_debugreg(n, HV_POINTER), -EPERM);
        CHECK_EQ(hc_set_debugreg(n, M2P_BASE), -EPERM);
        CHECK_EQ(hc_set_debugreg(n, NONCANONICAL), -EPERM);
        CHECK_EQ(hc_set_debugreg(n, 0), 0);
    }
    CHECK_EQ(hc_set_debugreg(8, 0), -ENODEV);
    CHECK_EQ(hc_set_debugreg(~0UL, 0), -ENODEV);
    CHECK_EQ(hc_get_debugreg(8), -ENODEV);
    CHECK_EQ(hc_set_debugreg(6, 0), 0);
    CHECK_EQ(hc_get_debugreg(6), 0xffff0ff0);
    CHECK_EQ(hc_set_debugreg(7, 0), 0);
    CHECK_EQ(hc_get_debugreg(7), 0x400);
    /* general detect is not a guest's */
    CHECK_EQ(hc_set_debugreg(7, 0x2000), -EPERM);
    CHECK_EQ(hc_get_debugreg(7) & 0x2000, 0);
    CHECK_EQ(hc_set_debugreg(7, 0), 0);
}

TEST(cpu, vm_assist)
{
    CHECK_EQ(hc_vm_assist(VMASST_CMD_enable, VMASST_TYPE_4gb_segments), 0);
    CHECK_EQ(hc_vm_assist(VMASST_CMD_disable, VMASST_TYPE_4gb_segments), 0);
    CHECK_EQ(hc_vm_assist(VMASST_CMD_enable, VMASST_TYPE_writable_pagetables), 0);
    CHECK_EQ(hc_vm_assist(VMASST_CMD_enable, VMASST_TYPE_runstate_update_flag), 0);
    CHECK_EQ(hc_vm_assist(VMASST_CMD_disable, VMASST_TYPE_runstate_update_flag), 0);
    CHECK_EQ(hc_vm_assist(2, VMASST_TYPE_4gb_segments), -ENOSYS);
    CHECK_EQ(hc_vm_assist(VMASST_CMD_enable, 63), -EINVAL);
    CHECK_EQ(hc_vm_assist(VMASST_CMD_enable, 64), -EINVAL);
    CHECK_EQ(hc_vm_assist(VMASST_CMD_enable, 6), -EINVAL);
}

/* A descriptor as the hardware keeps it: flat, of this type byte and flags nibble. */
static uint64_t descriptor(uint8_t access, uint8_t flags)
{
    return 0xffff | (uint64_t)access << 40 | 0xfULL << 48 | (uint64_t)flags << 52;
}

TEST(cpu, gdt)
{
    uint64_t *page = page_alloc(), frames[16] = {0}, *plain = page_alloc();
    uint32_t limit = 0;

    page[2] = descriptor(0x9b, 0xa); /* kernel code */
    page[3] = descriptor(0x93, 0xc); /* kernel data */
    page[4] = descriptor(0xfb, 0xa); /* user code */
    page[5] = descriptor(0xf3, 0xc);
    page[15] = 0x0040f50000000123;   /* read-only data with a number as limit */
    frames[0] = va_mfn(page);
    CHECK_EQ(page_protect(page, PTE_RO_FLAGS), 0);
    CHECK_EQ(hc_set_gdt(frames, 16), 0);
    __asm__ volatile("lsl %1, %0" : "+r"(limit) : "r"(0x7b));
    CHECK_EQ(limit, 0x123);
    /* DPL 0 entries are made usable in ring 3 */
    CHECK_EQ((page[2] >> 45) & 3, 3);
    CHECK_EQ((page[3] >> 45) & 3, 3);
    CHECK_EQ(TRY("movl %[s], %%es", OUT(), IN([s] "r"(0x18))), -1);
    CHECK_EQ(TRY("movl %[s], %%es", OUT(), IN([s] "r"(0))), -1);
    CHECK_EQ(TRY("movl %[s], %%es", OUT(), IN([s] "r"(0x38))), 13);
    CHECK_EQ(cpu_self()->last.error, 0x38);
    /* it is a descriptor page now: no writable mapping */
    CHECK(page_protect(page, PTE_RW_FLAGS) != 0);
    CHECK_EQ(hc_update_descriptor((va_mfn(page) << PAGE_SHIFT) + 6 * 8, descriptor(0xf3, 0xc)), 0);
    CHECK_EQ(page[6], descriptor(0xf3, 0xc));
    CHECK_EQ(TRY("movl %[s], %%es", OUT(), IN([s] "r"(0x33))), -1);
    CHECK_EQ(TRY("movl %[s], %%es", OUT(), IN([s] "r"(0))), -1);
    CHECK_EQ(hc_update_descriptor((va_mfn(page) << PAGE_SHIFT) + 6 * 8, 0), 0);
    CHECK_EQ(hc_update_descriptor((va_mfn(page) << PAGE_SHIFT) + 6 * 8, descriptor(0x8b, 0)),
             -EINVAL); /* TSS */
    CHECK_EQ(hc_update_descriptor((va_mfn(page) << PAGE_SHIFT) + 6 * 8, descriptor(0x82, 0)),
             -EINVAL); /* LDT */
    CHECK_EQ(hc_update_descriptor((va_mfn(page) << PAGE_SHIFT) + 3, 0), -EINVAL);
    CHECK_EQ(hc_update_descriptor(0xfffffffffff000, 0), -EINVAL);
    /* an ordinary writable page of ours may be written this way too */
    CHECK_EQ(hc_update_descriptor((va_mfn(plain) << PAGE_SHIFT) + 8, descriptor(0xf3, 0xc)), 0);
    CHECK_EQ(plain[1], descriptor(0xf3, 0xc));
    CHECK_EQ(hc_set_gdt(frames, 14 * 512 + 1), -EINVAL);
    CHECK_EQ(hc_set_gdt(BAD_POINTER, 16), -EFAULT);
    CHECK_EQ(hc_set_gdt(HV_POINTER, 16), -EFAULT);
    frames[1] = 0xffffffffff;
    CHECK_EQ(hc_set_gdt(frames, 1024), -EINVAL);
    CHECK_EQ(hc_set_gdt(NULL, 0), 0);
    CHECK_EQ(page_protect(page, PTE_RW_FLAGS), 0);
}

TEST(cpu, gdt_frame_types)
{
    uint64_t *page = page_alloc(), frame = va_mfn(page), l1 = pte_machine(0, (uint64_t)page, 1);

    /* writable elsewhere: refused; a page table: refused */
    CHECK_EQ(hc_set_gdt(&frame, 16), -EINVAL);
    frame = l1 >> PAGE_SHIFT;
    CHECK_EQ(hc_set_gdt(&frame, 16), -EINVAL);
    /* a page with a system segment in it */
    page[7] = descriptor(0x8b, 0); /* a TSS */
    frame = va_mfn(page);
    CHECK_EQ(page_protect(page, PTE_RO_FLAGS), 0);
    CHECK_EQ(hc_set_gdt(&frame, 16), -EINVAL);
    CHECK_EQ(page_protect(page, PTE_RW_FLAGS), 0);
}

static void user_stop(void)
{
    __asm__ volatile("ud2");
}

/* The first use of an LDT page may be the way to user mode itself. */
TEST(cpu, ldt_of_user_code)
{
    struct user_start start = {.rip = (uint64_t)user_stop, .cs = 0xf, .rflags = X86_IF | 2,
                               .ss = FLAT_SS};
    uint64_t *page = page_alloc();

    page[1] = descriptor(0xfb, 0xa);
    events_enable(true);
    events_enable(false);
    NEED(user_prepare());
    start.rsp = env.user_stack + PAGE_BYTES;
    CHECK_EQ(page_protect(page, PTE_RO_FLAGS), 0);
    for (unsigned int i = 0; i < 2; i++) {
        CHECK_EQ(mmuext(MMUEXT_SET_LDT, (uint64_t)page, 512), 0);
        trap_clear();
        user_enter(&start);
        CHECK(cpu_self()->trapped);
        CHECK_EQ(cpu_self()->last.vector, 6);
        CHECK_EQ(cpu_self()->last.cs, 0xf);
    }
    /* one that is not there is the guest's own fault, with the selectors it had */
    start.cs = 0x1f;
    CHECK_EQ(TRY("movl %[s], %%es", OUT(), IN([s] "r"(FLAT_SS))), -1);
    trap_clear();
    user_enter(&start);
    CHECK_EQ(cpu_self()->last.vector, VECTOR_FAILSAFE);
    CHECK_EQ(failsafe_segments[1], FLAT_SS);
    CHECK_EQ(TRY("movl %[s], %%es", OUT(), IN([s] "r"(0))), -1);
    CHECK_EQ(mmuext(MMUEXT_SET_LDT, 0, 0), 0);
    CHECK_EQ(page_protect(page, PTE_RW_FLAGS), 0);
}

static void user_load_es(void)
{
    __asm__ volatile("movl %edi, %es\n ud2");
}

/* Selectors behind the guest's GDT, and the hypervisor's: a program gets the fault it would get
 * from the CPU, not a page fault somewhere in the hypervisor. */
TEST(cpu, selectors_out_of_bounds)
{
    static const uint16_t bad[] = {0x1008, 0x7ff8, 0xdff8, 0xe008, 0xe010, 0xe040, 0xf000, 0xfff8};

    events_enable(true);
    events_enable(false);
    for (unsigned int i = 0; i < ARRAY_SIZE(bad); i++) {
        CHECK_CASE("program", user_run(user_load_es, bad[i] | 3), 13);
        CHECK_CASE("its error code", cpu_self()->last.error, bad[i]);
        CHECK_CASE("kernel", TRY("movl %[s], %%es", OUT(), IN([s] "r"(bad[i] | 3))), 13);
    }
    CHECK_EQ(user_run(user_load_es, FLAT_SS), 6);
    CHECK_EQ(TRY("movl %[s], %%es", OUT(), IN([s] "r"(0))), -1);
}

TEST(cpu, ldt)
{
    uint64_t *page = page_alloc();

    page[1] = descriptor(0xf3, 0xc);
    CHECK_EQ(page_protect(page, PTE_RO_FLAGS), 0);
    CHECK_EQ(mmuext(MMUEXT_SET_LDT, (uint64_t)page, 512), 0);
    CHECK_EQ(TRY("movl %[s], %%es", OUT(), IN([s] "r"(0xf))), -1);
    CHECK_EQ(TRY("movl %[s], %%es", OUT(), IN([s] "r"(0x17))), 13);
    CHECK_EQ(TRY("movl %[s], %%es", OUT(), IN([s] "r"(0))), -1);
    CHECK(page_protect(page, PTE_RW_FLAGS) != 0);
    CHECK_EQ(mmuext(MMUEXT_SET_LDT, (uint64_t)page + 8, 512), -EINVAL);
    CHECK_EQ(mmuext(MMUEXT_SET_LDT, (uint64_t)page, 8193), -EINVAL);
    CHECK_EQ(mmuext(MMUEXT_SET_LDT, 0, 0), 0);
    CHECK_EQ(TRY("movl %[s], %%es", OUT(), IN([s] "r"(0xf))), 13);
    CHECK_EQ(page_protect(page, PTE_RW_FLAGS), 0);
}

TEST(cpu, stack_switch)
{
    CHECK_EQ(hc_stack_switch(FLAT_SS, (uint64_t)cpu_self() + STACK_BYTES / 2), 0);
}

TEST(cpu, nmi_op)
{
    struct xennmi_callback c = {.handler_address = NONCANONICAL};

    CHECK_EQ(hc_nmi_op(XENNMI_register_callback, BAD_POINTER), -EFAULT);
    CHECK_EQ(hc_nmi_op(XENNMI_register_callback, &c), -EINVAL);
    CHECK_EQ(hc_nmi_op(99, &c), -ENOSYS);
    CHECK_EQ(hc_nmi_op(XENNMI_unregister_callback, NULL), 0);
    trap_default_table();
}

TEST(cpu, multicall)
{
    static multicall_entry_t list[70];

    for (unsigned int i = 0; i < 70; i++)
        list[i] = (multicall_entry_t){.op = __HYPERVISOR_xen_version, .result = 55};
    CHECK_EQ(hc_multicall(list, 70), 0);
    for (unsigned int i = 0; i < 70; i++)
        CHECK_EQ(list[i].result, 4 << 16 | 17);
    CHECK_EQ(hc_multicall(list, 0), 0);
    CHECK_EQ(hc_multicall(BAD_POINTER, 1), -EFAULT);
    CHECK_EQ(hc_multicall(HV_POINTER, 1), -EFAULT);
    CHECK_EQ(hc_multicall(NONCANONICAL, 1), -EFAULT);
    /* errors of entries are theirs; none ends the batch */
    list[0] = (multicall_entry_t){.op = 50};
    list[1] = (multicall_entry_t){.op = __HYPERVISOR_xen_version, .args = {99}};
    list[2] = (multicall_entry_t){.op = __HYPERVISOR_multicall, .args = {(uint64_t)list, 1}};
    list[3] = (multicall_entry_t){.op = __HYPERVISOR_xen_version};
    CHECK_EQ(hc_multicall(list, 4), 0);
    CHECK_EQ(list[0].result, -ENOSYS);
    CHECK_EQ(list[1].result, -ENOSYS);
    CHECK_EQ(list[2].result, -EINVAL);
    CHECK_EQ(list[3].result, 4 << 16 | 17);
}
