/* SPDX-License-Identifier: BSD-2-Clause */
/* Hypercalls, one function each, named as in xen/xen.h: by SYSCALL, or as the first byte of `env`
 * says by VMMCALL or VMCALL (enum hypercall_way). */
#pragma once

#include "abi/errno.h"
#include "abi/xen.h"
#include "lib/types.h"

#include <xen/callback.h>
#include <xen/domctl.h>
#include <xen/event_channel.h>
#include <xen/grant_table.h>
#include <xen/memory.h>
#include <xen/nmi.h>
#include <xen/physdev.h>
#include <xen/platform.h>
#include <xen/sched.h>
#include <xen/sysctl.h>
#include <xen/vcpu.h>
#include <xen/version.h>

enum hypercall_way { WAY_SYSCALL, WAY_VMMCALL, WAY_VMCALL };

static inline long hypercall(uint64_t number, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4,
                             uint64_t a5)
{
    register uint64_t r10 __asm__("r10") = a4;
    register uint64_t r8 __asm__("r8") = a5;
    long result;

    __asm__ volatile("cmpb $1, env(%%rip)\n je 1f\n ja 2f\n syscall\n jmp 3f\n"
                     "1: vmmcall\n jmp 3f\n 2: vmcall\n 3:"
                     : "=a"(result), "+D"(a1), "+S"(a2), "+d"(a3), "+r"(r10), "+r"(r8)
                     : "0"(number)
                     : "rcx", "r11", "memory", "cc");
    return result;
}

#define AS_ARG(x) ((uint64_t)(x))
#define HC1(n, a) hypercall(__HYPERVISOR_##n, AS_ARG(a), 0, 0, 0, 0)
#define HC2(n, a, b) hypercall(__HYPERVISOR_##n, AS_ARG(a), AS_ARG(b), 0, 0, 0)
#define HC3(n, a, b, c) hypercall(__HYPERVISOR_##n, AS_ARG(a), AS_ARG(b), AS_ARG(c), 0, 0)
#define HC4(n, a, b, c, d)                                                                         \
    hypercall(__HYPERVISOR_##n, AS_ARG(a), AS_ARG(b), AS_ARG(c), AS_ARG(d), 0)

/* The argument may be a pointer or a number: bad pointers are what many tests are about. */
#define hc_xen_version(cmd, arg) HC2(xen_version, cmd, arg)
#define hc_console_io(cmd, count, text) HC3(console_io, cmd, count, text)
#define hc_set_trap_table(table) HC1(set_trap_table, table)
#define hc_set_gdt(frames, entries) HC2(set_gdt, frames, entries)
#define hc_update_descriptor(ma, value) HC2(update_descriptor, ma, value)
#define hc_set_callbacks(e, f, s) HC3(set_callbacks, e, f, s)
#define hc_callback_op(cmd, arg) HC2(callback_op, cmd, arg)
#define hc_nmi_op(cmd, arg) HC2(nmi_op, cmd, arg)
#define hc_stack_switch(ss, sp) HC2(stack_switch, ss, sp)
#define hc_set_segment_base(which, base) HC2(set_segment_base, which, base)
#define hc_set_debugreg(n, value) HC2(set_debugreg, n, value)
#define hc_get_debugreg(n) HC1(get_debugreg, n)
#define hc_fpu_taskswitch(set) HC1(fpu_taskswitch, set)
#define hc_multicall(list, count) HC2(multicall, list, count)
#define hc_update_va_mapping(va, pte, flags) HC3(update_va_mapping, va, pte, flags)
#define hc_update_va_mapping_otherdomain(va, pte, flags, domid)                                    \
    HC4(update_va_mapping_otherdomain, va, pte, flags, domid)
#define hc_mmu_update(req, count, done, dom) HC4(mmu_update, req, count, done, dom)
#define hc_mmuext_op(ops, count, done, dom) HC4(mmuext_op, ops, count, done, dom)
#define hc_memory_op(cmd, arg) HC2(memory_op, cmd, arg)
#define hc_event_channel_op(cmd, arg) HC2(event_channel_op, cmd, arg)
#define hc_grant_table_op(cmd, arg, count) HC3(grant_table_op, cmd, arg, count)
#define hc_vcpu_op(cmd, vcpu, arg) HC3(vcpu_op, cmd, vcpu, arg)
#define hc_sched_op(cmd, arg) HC2(sched_op, cmd, arg)
#define hc_vm_assist(cmd, type) HC2(vm_assist, cmd, type)
#define hc_set_timer_op(when) HC2(set_timer_op, when, AS_ARG(when) >> 32)
#define hc_physdev_op(cmd, arg) HC2(physdev_op, cmd, arg)
#define hc_platform_op(arg) HC1(platform_op, arg)
#define hc_sysctl(arg) HC1(sysctl, arg)
#define hc_domctl(arg) HC1(domctl, arg)
#define hc_hvm_op(cmd, arg) HC2(hvm_op, cmd, arg)
#define hc_dm_op(domid, count, buffers) HC3(dm_op, domid, count, buffers)
