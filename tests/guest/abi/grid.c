/* SPDX-License-Identifier: BSD-2-Clause */
/* Every hypercall number with every sub-operation and an argument that cannot be read. */
#include "tests/guest/lib/rows.h"

/* What would end or stop the caller, or is a test of its own. */
static bool is_left_out(unsigned int number, uint64_t sub)
{
    switch (number) {
    case __HYPERVISOR_sched_op:
        return sub == SCHEDOP_block;
    case __HYPERVISOR_sched_op_compat:
        return sub == SCHEDOP_block || sub == SCHEDOP_shutdown;
    case __HYPERVISOR_vcpu_op:
        return sub == VCPUOP_down || sub == VCPUOP_send_nmi;
    case __HYPERVISOR_set_callbacks:
    case __HYPERVISOR_set_trap_table:
    case __HYPERVISOR_stack_switch:
    case __HYPERVISOR_iret:
        return true;
    default:
        return false;
    }
}

static long call(unsigned int number, uint64_t sub)
{
    switch (number) {
    case __HYPERVISOR_mmu_update:
    case __HYPERVISOR_mmuext_op:
        return hypercall(number, BAD_POINTER, sub, 0, DOMID_SELF, 0);
    case __HYPERVISOR_multicall:
    case __HYPERVISOR_set_gdt:
        return hypercall(number, BAD_POINTER, sub, 0, 0, 0);
    case __HYPERVISOR_vcpu_op:
        return hypercall(number, sub, 0, BAD_POINTER, 0, 0);
    case __HYPERVISOR_grant_table_op:
        return hypercall(number, sub, BAD_POINTER, 1, 0, 0);
    case __HYPERVISOR_console_io:
        return hypercall(number, sub, 4, BAD_POINTER, 0, 0);
    case __HYPERVISOR_update_va_mapping:
    case __HYPERVISOR_update_va_mapping_otherdomain:
        return hypercall(number, BAD_POINTER, 0, sub, DOMID_SELF, 0);
    case __HYPERVISOR_set_timer_op:
        return hypercall(number, 0, 0, 0, 0, 0);
    case __HYPERVISOR_get_debugreg:
        return hypercall(number, sub == 6 || sub == 7 ? 0 : sub, 0, 0, 0, 0);
    default:
        return hypercall(number, sub, BAD_POINTER, 0, 0, 0);
    }
}

static void grid(void)
{
    for (unsigned int number = 0; number < 72; number++) {
        row("hypercall_%u", number);
        for (uint64_t sub = 0; sub < 64; sub++)
            if (!is_left_out(number, sub))
                row_at(sub, call(number, sub));
        row_end();
        if (number == __HYPERVISOR_fpu_taskswitch)
            (void)hc_fpu_taskswitch(0);
        if (number == __HYPERVISOR_set_debugreg)
            for (unsigned int n = 0; n < 8; n++)
                (void)hc_set_debugreg(n, 0);
    }
    trap_init();
}

TEST(abi, grid)
{
    grid();
    SWEEP("number", (void)0, hypercall(v, 0, 0, 0, 0, 0), 72, 127, 128, 255, 256, 1023, 0x7fffffff,
          0x80000000, 0xffffffff, 0x100000000, 0x100000011, 0x8000000000000011, ~0UL);
}

static void grid_child(void *arg unused)
{
    grid();
}

TEST(abi, grid_of_child)
{
    child_run(grid_child, NULL, SHUTDOWN_poweroff);
}
