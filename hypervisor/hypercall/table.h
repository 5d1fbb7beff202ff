/* SPDX-License-Identifier: BSD-2-Clause */
/* THE list of hypercalls: name (xen/xen.h __HYPERVISOR_*), number of arguments, who may call. */
#pragma once

#include <stdint.h>

/*
 * H(name, arguments, flags): handler is long hc_<name>(uint64_t a0, ...) with that many arguments.
 * PV: classic PV guests only. ALL: every kind. dispatch.c expands this into one switch of direct
 * calls (no function pointers to aim at, no table to index wrongly).
 */
#define HYPERCALL_LIST(H)                                                                          \
    H(set_trap_table, 1, PV)                                                                       \
    H(mmu_update, 4, PV)                                                                           \
    H(set_gdt, 2, PV)                                                                              \
    H(stack_switch, 2, PV)                                                                         \
    H(set_callbacks, 3, PV)                                                                        \
    H(fpu_taskswitch, 1, PV)                                                                       \
    H(sched_op_compat, 2, PV)                                                                      \
    H(platform_op, 1, ALL)                                                                         \
    H(set_debugreg, 2, PV)                                                                         \
    H(get_debugreg, 1, PV)                                                                         \
    H(update_descriptor, 2, PV)                                                                    \
    H(memory_op, 2, ALL)                                                                           \
    H(multicall, 2, ALL)                                                                           \
    H(update_va_mapping, 3, PV)                                                                    \
    H(set_timer_op, 1, ALL)                                                                        \
    H(event_channel_op_compat, 1, PV)                                                              \
    H(xen_version, 2, ALL)                                                                         \
    H(console_io, 3, ALL)                                                                          \
    H(physdev_op_compat, 1, PV)                                                                    \
    H(grant_table_op, 3, ALL)                                                                      \
    H(vm_assist, 2, ALL)                                                                           \
    H(update_va_mapping_otherdomain, 4, PV)                                                        \
    H(iret, 0, PV)                                                                                 \
    H(vcpu_op, 3, ALL)                                                                             \
    H(set_segment_base, 2, PV)                                                                     \
    H(mmuext_op, 4, PV)                                                                            \
    H(nmi_op, 2, PV)                                                                               \
    H(sched_op, 2, ALL)                                                                            \
    H(callback_op, 2, PV)                                                                          \
    H(event_channel_op, 2, ALL)                                                                    \
    H(physdev_op, 2, ALL)                                                                          \
    H(hvm_op, 2, ALL)                                                                              \
    H(sysctl, 1, ALL)                                                                              \
    H(domctl, 1, ALL)                                                                              \
    H(xenpmu_op, 2, PV)                                                                            \
    H(dm_op, 3, ALL)                                                                               \
    H(mca, 1, ALL)

#define HC_ARGS_0 void
#define HC_ARGS_1 uint64_t a0
#define HC_ARGS_2 uint64_t a0, uint64_t a1
#define HC_ARGS_3 uint64_t a0, uint64_t a1, uint64_t a2
#define HC_ARGS_4 uint64_t a0, uint64_t a1, uint64_t a2, uint64_t a3
#define HC_DECLARE(name, args, flags) long hc_##name(HC_ARGS_##args);
HYPERCALL_LIST(HC_DECLARE)

/* mmuext_op for a translated control domain: it pins and unpins tables of guests that it builds,
 * as on Xen. -ENOSYS for others. */
long mmuext_op_translated(uint64_t a0, uint64_t a1, uint64_t a2, uint64_t a3);
