/* SPDX-License-Identifier: BSD-2-Clause */
/* The small hypercalls: versions, console, traps and segments, vCPUs, scheduling, timers,
 * batches. */
#include "tests/guest/lib/rows.h"

static void version(void)
{
    static const struct {
        const char *name;
        unsigned int cmd, bytes;
    } rows[] = {
        {"extraversion", XENVER_extraversion, sizeof(xen_extraversion_t)},
        {"compile_info", XENVER_compile_info, sizeof(xen_compile_info_t)},
        {"capabilities", XENVER_capabilities, sizeof(xen_capabilities_info_t)},
        {"changeset", XENVER_changeset, sizeof(xen_changeset_info_t)},
        {"parameters", XENVER_platform_parameters, sizeof(xen_platform_parameters_t)},
        {"features", XENVER_get_features, sizeof(xen_feature_info_t)},
        {"handle", XENVER_guest_handle, 16},
        {"commandline", XENVER_commandline, sizeof(xen_commandline_t)},
    };
    static char buffer[1024];
    xen_capabilities_info_t caps = {0};
    xen_platform_parameters_t parameters = {0};

    for (unsigned int i = 0; i < ARRAY_SIZE(rows); i++)
        pointers(rows[i].name,
                 &(const struct shape){__HYPERVISOR_xen_version, 1, {rows[i].cmd}}, buffer,
                 rows[i].bytes, true);
    row("features");
    for (uint32_t i = 0; i < 4; i++) {
        xen_feature_info_t f = {.submap_idx = i};
        char name[8];

        format_append(name, sizeof(name), 0, "%u", i);
        row_text(name, "%ld/%#x", hc_xen_version(XENVER_get_features, &f), f.submap);
    }
    row_end();
    (void)hc_xen_version(XENVER_capabilities, caps);
    for (char *at = caps; *at; at++)
        if (*at == ' ')
            *at = '+';
    row("capabilities");
    row_text("text", "%s", caps);
    row_end();
    (void)hc_xen_version(XENVER_platform_parameters, &parameters);
    ROW("parameters", "virt_start", (long)parameters.virt_start);
    {
        xen_build_id_t id = {.len = 0};

        ROW("build_id", "len0", hc_xen_version(XENVER_build_id, &id) >= 0);
        id.len = 4;
        ROW("build_id", "len4", hc_xen_version(XENVER_build_id, &id));
        ROW("build_id", "low", hc_xen_version(XENVER_build_id, BAD_POINTER));
        ROW("build_id", "null", hc_xen_version(XENVER_build_id, NULL) >= 0);
    }
}

static void console(void)
{
    char text[16] = "";

#define CONSOLE(cmd, n, p) hypercall(__HYPERVISOR_console_io, cmd, n, (uint64_t)(p), 0, 0)
    SWEEP("console.write.count", (void)0, CONSOLE(CONSOLEIO_write, v, text), 0, 1UL << 32);
    SWEEP("console.write.bad", (void)0, CONSOLE(CONSOLEIO_write, v, BAD_POINTER), 0, 1, 128, 129,
          0x7fffffff, 0x80000000, 0xffffffff, 1UL << 32, ~0UL);
    SWEEP("console.write.hv", (void)0, CONSOLE(CONSOLEIO_write, v, HV_POINTER), 0, 1, 0x80000000);
    SWEEP("console.read.count", (void)0, CONSOLE(CONSOLEIO_read, v, text), 0, 1, 16, 0x7fffffff,
          0x80000000, 0xffffffff, 1UL << 32);
    SWEEP("console.read.bad", (void)0, CONSOLE(CONSOLEIO_read, v, BAD_POINTER), 0, 1, 0x80000000);
    SWEEP("console.cmd", (void)0, CONSOLE(v, 0, text), 2, 3, 0x7fffffff, 0x80000000, 0xffffffff,
          1UL << 32, (1UL << 32) + 2);
}

static void traps(void)
{
    static const uint64_t addresses[] = {0,          BAD_POINTER,        0x00007fffffffffff,
                                         1UL << 47,  NONCANONICAL,       M2P_BASE - 1,
                                         HV_POINTER, 0xffff880000000000, ~0UL};
    static const uint16_t selectors[] = {0, 3, 0xe008, 0xe010, 0xe023, 0xe02b, 0xe030, 0xe033,
                                         0xfff3, 0x10, 0x33};
    struct trap_info t[2];

    for (unsigned int i = 0; i < ARRAY_SIZE(addresses); i++) {
        char name[24];
        struct callback_register r = {.address = (xen_callback_t)addresses[i]};

        format_append(name, sizeof(name), 0, "%#lx", addresses[i]);
        memset(t, 0, sizeof(t));
        t[0] = (struct trap_info){.vector = 0x30, .cs = KERNEL_CS, .address = addresses[i]};
        ROW("set_trap_table.address", name, hc_set_trap_table(t));
        for (uint16_t type = 0; type < 10; type++) {
            if (type == CALLBACKTYPE_event)
                continue;
            r.type = type;
            row("callback_register.%u", type);
            row_result(name, hc_callback_op(CALLBACKOP_register, &r));
            row_end();
        }
        ROW("set_callbacks.failsafe", name,
            hc_set_callbacks(entry_event, addresses[i], entry_syscall));
        ROW("set_callbacks.syscall", name,
            hc_set_callbacks(entry_event, entry_failsafe, addresses[i]));
        ROW("set_segment_base.fs", name, hc_set_segment_base(SEGBASE_FS, addresses[i]));
        ROW("set_segment_base.gs", name, hc_set_segment_base(SEGBASE_GS_KERNEL, addresses[i]));
        ROW("set_segment_base.gs_user", name, hc_set_segment_base(SEGBASE_GS_USER, addresses[i]));
        ROW("stack_switch.sp", name, hc_stack_switch(FLAT_SS, addresses[i]));
        for (unsigned int n = 0; n < 8; n++) {
            row("set_debugreg.%u", n);
            row_result(name, hc_set_debugreg(n, addresses[i]));
            row_end();
            if (n == 7)
                (void)hc_set_debugreg(7, 0);
        }
    }
    for (unsigned int i = 0; i < ARRAY_SIZE(selectors); i++) {
        char name[24];

        format_append(name, sizeof(name), 0, "%#x", selectors[i]);
        t[0] = (struct trap_info){.vector = 0x30, .cs = selectors[i], .address = trap_stub(6)};
        ROW("set_trap_table.cs", name, hc_set_trap_table(t));
        ROW("stack_switch.ss", name, hc_stack_switch(selectors[i], image_start));
        ROW("set_segment_base.sel", name, hc_set_segment_base(SEGBASE_GS_USER_SEL, selectors[i]));
    }
    for (unsigned int n = 0; n < 8; n++)
        (void)hc_set_debugreg(n, 0);
    trap_init();
    (void)hc_set_segment_base(SEGBASE_FS, 0);
    (void)hc_set_segment_base(SEGBASE_GS_KERNEL, 0);
    (void)hc_set_segment_base(SEGBASE_GS_USER, 0);
}

static void trap_misc(void)
{
    struct callback_register r = {.type = CALLBACKTYPE_syscall32,
                                  .address = (xen_callback_t)entry_syscall32};
    struct callback_unregister u = {.type = CALLBACKTYPE_nmi};
    struct trap_info t[2] = {{.vector = 0x30, .cs = KERNEL_CS, .address = trap_stub(6)}};

    POINTERS_ALL("set_trap_table", __HYPERVISOR_set_trap_table, 0, t);
    pointers("set_trap_table", &(const struct shape){__HYPERVISOR_set_trap_table, 0, {0}}, t,
             sizeof(t), true);
    trap_init();
    SWEEP("set_segment_base.which", (void)0, hc_set_segment_base(v, 0), 4, 5, 0x80000000, ~0UL);
    SWEEP("get_debugreg", (void)0, hc_get_debugreg(v), 0, 1, 2, 3, 4, 5, 6, 7, 8, 0x7fffffff,
          0xffffffff);
    SWEEP("debugreg7", (void)0, hc_set_debugreg(7, v) ?: hc_get_debugreg(7), 0, 0x55, 0xaa, 0x1ff,
          0x300, 0x400, 0x800, 0x1000, 0x2000, 0x4000, 0x8000, 0xf0001, 0x20001, 0x80001,
          1UL << 32);
    (void)hc_set_debugreg(7, 0);
    SWEEP("debugreg6", (void)0, hc_set_debugreg(6, v) ?: hc_get_debugreg(6), 0, 0xf, 0xe00f, 0x1000,
          0xffffffff, 1UL << 32);
    RANGE("callback_register.type", 1, 12, (void)0, ({
              r.type = (uint16_t)v;
              hc_callback_op(CALLBACKOP_register, &r);
          }));
    SWEEP("callback_register.flags", (void)0, ({
              r.type = CALLBACKTYPE_syscall32;
              r.flags = (uint16_t)v;
              hc_callback_op(CALLBACKOP_register, &r);
          }), 0, 1, 2, 3, 0x8000, 0xffff);
    RANGE("callback_unregister.type", 0, 12, (void)0, ({
              u.type = (uint16_t)v;
              hc_callback_op(CALLBACKOP_unregister, &u);
          }));
    POINTERS("callback_register", __HYPERVISOR_callback_op, CALLBACKOP_register, r);
    POINTERS("callback_unregister", __HYPERVISOR_callback_op, CALLBACKOP_unregister, u);
    trap_init();
    {
        struct xennmi_callback n = {.handler_address = (unsigned long)entry_nmi};

        POINTERS_ALL("nmi_register", __HYPERVISOR_nmi_op, XENNMI_register_callback, n);
        n.handler_address = NONCANONICAL;
        ROW("nmi_register", "noncanonical", hc_nmi_op(XENNMI_register_callback, &n));
        ROW("nmi_unregister", "null", hc_nmi_op(XENNMI_unregister_callback, NULL));
        ROW("nmi_unregister", "twice", hc_nmi_op(XENNMI_unregister_callback, NULL));
    }
}

static void assists(void)
{
    for (uint64_t cmd = 0; cmd < 4; cmd++) {
        row("vm_assist.%lu", cmd);
        for (uint64_t type = 0; type < 66; type++)
            row_at(type, hc_vm_assist(cmd, type));
        row_end();
    }
    for (uint64_t type = 0; type < 64; type++)
        if (type != VMASST_TYPE_writable_pagetables)
            (void)hc_vm_assist(VMASST_CMD_disable, type);
    SWEEP("vm_assist.big", (void)0, hc_vm_assist(VMASST_CMD_enable, v), 0x7fffffff, 0x80000000,
          0xffffffff, 1UL << 32);
    SWEEP("fpu_taskswitch", (void)0, hc_fpu_taskswitch(v), 0, 1, 2, 0x80000000, 1UL << 32);
    (void)hc_fpu_taskswitch(0);
    SWEEP("set_timer", (void)hc_set_timer_op(0),
          hypercall(__HYPERVISOR_set_timer_op, v, 0, 0, 0, 0), 0, 1, 0x7fffffffffffffff,
          0x8000000000000000, ~0UL);
}

TEST(abi, misc)
{
    version();
    console();
    traps();
    trap_misc();
    assists();
}

static void misc_child(void *arg unused)
{
    version();
    console();
    traps();
    trap_misc();
    assists();
}

TEST(abi, misc_of_child)
{
    child_run(misc_child, NULL, SHUTDOWN_poweroff);
}
