/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From a hypercall number to its handler.
 *
 * What is always true here: arguments are in vcpu->hc before a handler runs; a handler that returns
 * -ERESTART has edited them, and the guest's instruction pointer then goes back over its two-byte
 * SYSCALL so that the call is made again with them, after whatever work was waiting.
 */
#include "hypercall/dispatch.h"

#include "cpu/percpu.h"
#include "debug/trace.h"
#include "domain/domain.h"
#include "hypercall/compat.h"
#include "hypercall/hypercall.h"
#include "hypercall/table.h"
#include "p2m/copy.h"
#include "sched/softirq.h"

#define SYSCALL_BYTES 2

#define CALL_0(name) hc_##name()
#define CALL_1(name) hc_##name(a0)
#define CALL_2(name) hc_##name(a0, a1)
#define CALL_3(name) hc_##name(a0, a1, a2)
#define CALL_4(name) hc_##name(a0, a1, a2, a3)

/* Number of the machine-check hypercall, whose header name is an architecture slot. */
#define __HYPERVISOR_mca __HYPERVISOR_arch_0

/* The number comes in the register where it is. */
static TRACE_ASIDE void trace_call(uint64_t a0 unused, uint64_t a1 unused, uint64_t a2 unused,
                                   uint64_t a3 unused, uint64_t number)
{
    const struct vcpu *v = vcpu_current();
    uint32_t word = (uint32_t)number & 0xfffff;

    if (v->domain->is_translated)
        TRACE(TRC_HVM_VMMCALL, word);
    else
        TRACE(v->hc.in_multicall ? TRC_PV_HYPERCALL_SUBCALL : TRC_PV_HYPERCALL_V2, word);
}

long hypercall_run(uint64_t a0, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t number)
{
    if (unlikely(READ_ONCE(trace_mask)))
        trace_call(a0, a1, a2, a3, number);
    /* the most frequent one: it ends every exception and system call of a guest */
    switch (__builtin_expect(number, __HYPERVISOR_iret)) {
#define HC_CASE(name, count, flags)                                                                \
    case __HYPERVISOR_##name:                                                                      \
        return CALL_##count(name);
        HYPERCALL_LIST(HC_CASE)
#undef HC_CASE
    default:
        return -ENOSYS;
    }
}

void hypercall_restart(struct vcpu *v)
{
    struct cpu_user_regs *r = &v->regs;
    uint64_t number = r->rax;
    const uint64_t *a;

    if (number == __HYPERVISOR_iret) { /* not an error but what RAX shall be */
        r->rax = (uint64_t)-ERESTART;
        return;
    }
    a = hypercall_args();
    r->rip -= SYSCALL_BYTES;
    r->rax = number;
    r->rdi = a[0];
    r->rsi = a[1];
    r->rdx = a[2];
    r->r10 = a[3];
    r->r8 = a[4];
}

/* Calls that only classic PV guests have do not exist for others. */
static inline bool serves_translated(uint64_t number)
{
    enum { PV, ALL };

    switch (number) {
#define HC_KIND(name, count, flags)                                                                \
    case __HYPERVISOR_##name:                                                                      \
        return flags == ALL;
        HYPERCALL_LIST(HC_KIND)
#undef HC_KIND
    default:
        return false;
    }
}

bool hypercall_serves_translated(uint64_t number)
{
    return serves_translated(number);
}

static off_path bool run_32bit(struct vcpu *v)
{
    struct cpu_user_regs *r = &v->regs;
    uint64_t *const in[COMPAT_ARGS] = {&r->rbx, &r->rcx, &r->rdx, &r->rsi, &r->rdi};
    uint32_t args[COMPAT_ARGS];
    long result;

    for (unsigned int i = 0; i < ARRAY_SIZE(in); i++)
        args[i] = (uint32_t)*in[i];
    result = compat_call((uint32_t)r->rax, args);
    if (result != -ERESTART) {
        r->rax = (uint32_t)result;
        return true;
    }
    for (unsigned int i = 0; i < ARRAY_SIZE(in); i++)
        *in[i] = args[i];
    return false;
}

bool hypercall_run_translated(struct vcpu *v, bool is_64bit)
{
    struct cpu_user_regs *r = &v->regs;
    uint64_t *args = v->hc.entry.args;
    uint32_t number = (uint32_t)r->rax;
    long result = -ENOSYS;

    if (!is_64bit)
        return run_32bit(v);
    args[0] = r->rdi;
    args[1] = r->rsi;
    args[2] = r->rdx;
    args[3] = r->r10;
    args[4] = r->r8;
    v->hc.in_multicall = false;
    v->hc.args_taken = true;
    if (serves_translated(number))
        result = hypercall_run(args[0], args[1], args[2], args[3], number);
    else if (number == __HYPERVISOR_mmuext_op)
        result = mmuext_op_translated(args[0], args[1], args[2], args[3]);
    if (result != -ERESTART) {
        r->rax = (uint64_t)result;
        return true;
    }
    r->rdi = args[0];
    r->rsi = args[1];
    r->rdx = args[2];
    r->r10 = args[3];
    r->r8 = args[4];
    return false;
}

bool hypercall_preempt(void)
{
    return (READ_ONCE(cpu_self()->softirq_pending) & ~(1u << SOFTIRQ_PAGES_FEW)) != 0;
}

uint64_t *hypercall_args(void)
{
    struct vcpu *v = vcpu_current();
    uint64_t *a = v->hc.entry.args;

    /* most calls never ask: only then are they copied from the registers */
    if (!v->hc.in_multicall && !v->hc.args_taken) {
        a[0] = v->regs.rdi;
        a[1] = v->regs.rsi;
        a[2] = v->regs.rdx;
        a[3] = v->regs.r10;
        a[4] = v->regs.r8;
        v->hc.args_taken = true;
    }
    return a;
}

bool caller_is_control(void)
{
    return vcpu_current()->domain->is_control;
}

long subop_run(const struct subop *table, unsigned int count, uint32_t number, uint64_t gva)
{
    union {
        uint64_t align;
        char bytes[SUBOP_MAX_BYTES];
    } arg;
    const struct subop *row = NULL;
    long rc;

    for (unsigned int i = 0; i < count && !row; i++)
        if (table[i].number == number)
            row = &table[i];
    if (!row)
        return -ENOSYS;
    if ((row->flags & SUBOP_ASK_FIRST) && !caller_is_control())
        return -EPERM;
    if (!(row->flags & SUBOP_NOARG) && copy_from_guest(arg.bytes, gva, row->bytes))
        return -EFAULT;
    if ((row->flags & SUBOP_CONTROL) && !caller_is_control())
        return -EPERM;
    if (row->flags & SUBOP_NOARG)
        return row->run(NULL);
    rc = row->run(arg.bytes);
    if (rc == -ERESTART)
        return rc;
    if (((row->flags & SUBOP_OUT) && rc >= 0) || (row->flags & SUBOP_OUT_ALWAYS))
        if (copy_to_guest(gva, arg.bytes, row->bytes))
            return -EFAULT;
    return rc;
}
