/* SPDX-License-Identifier: BSD-2-Clause */
/* Small PV hypercalls: traps, callbacks, stack, segment bases, FPU, debug registers, assists. */
#include "abi/errno.h"
#include "cpu/extable.h"
#include "cpu/features.h"
#include "cpu/insn.h"
#include "cpu/percpu.h"
#include "cpu/regs.h"
#include "domain/domain.h"
#include "hypercall/hypercall.h"
#include "hypercall/table.h"
#include "lib/string.h"
#include "mm/layout.h"
#include "p2m/copy.h"
#include "pv/bounce.h"
#include "pv/pv.h"

#include <xen/callback.h>
#include <xen/nmi.h>

long hc_set_trap_table(uint64_t traps)
{
    struct pv_vcpu *p = vcpu_current()->pv;
    struct trap_info t;

    if (!traps) {
        memset(p->traps, 0, sizeof(p->traps));
        return 0;
    }
    for (unsigned int n = 0; n < 256; n++, traps += sizeof(t)) {
        if (copy_from_guest(&t, traps, sizeof(t)))
            return -EFAULT;
        if (!t.address)
            break;
        if (!is_canonical(t.address))
            return -EINVAL;
        p->traps[t.vector] = t;
    }
    return 0;
}

long hc_set_callbacks(uint64_t event, uint64_t failsafe, uint64_t syscall)
{
    struct pv_vcpu *p = vcpu_current()->pv;

    /* an address that cannot be one is passed over in silence: so has this call always been */
    if (is_canonical(event))
        p->event.rip = event;
    if (is_canonical(failsafe))
        p->failsafe.rip = failsafe;
    if (is_canonical(syscall))
        p->syscall.rip = syscall;
    return 0;
}

static struct pv_callback *callback_of(struct pv_vcpu *p, unsigned int type)
{
    switch (type) {
    case CALLBACKTYPE_event:
        return &p->event;
    case CALLBACKTYPE_failsafe:
        return &p->failsafe;
    case CALLBACKTYPE_syscall:
        return &p->syscall;
    case CALLBACKTYPE_syscall32:
        return &p->syscall32;
    case CALLBACKTYPE_sysenter:
        return &p->sysenter;
    default:
        return NULL;
    }
}

static long callback_register(void *arg)
{
    const struct callback_register *r = arg;
    struct pv_vcpu *p = vcpu_current()->pv;
    struct pv_callback *c = callback_of(p, r->type);

    if (!is_canonical(r->address))
        return -EINVAL;
    if (r->type == CALLBACKTYPE_nmi) {
        p->traps[VEC_NMI].address = r->address;
        return 0;
    }
    if (!c)
        return -ENOSYS;
    c->rip = r->address;
    c->mask_events = r->flags & CALLBACKF_mask_events;
    return 0;
}

static long callback_unregister(void *arg)
{
    const struct callback_unregister *u = arg;
    struct pv_vcpu *p = vcpu_current()->pv;

    switch (u->type) {
    case CALLBACKTYPE_nmi:
        p->traps[VEC_NMI].address = 0;
        return 0;
    case CALLBACKTYPE_event:
    case CALLBACKTYPE_failsafe:
    case CALLBACKTYPE_syscall:
    case CALLBACKTYPE_syscall32:
    case CALLBACKTYPE_sysenter:
        return -EINVAL; /* these are replaced, never taken away */
    default:
        return -ENOSYS;
    }
}

long hc_callback_op(uint64_t cmd, uint64_t arg)
{
    static const struct subop table[] = {
        {CALLBACKOP_register, sizeof(struct callback_register), SUBOP_IN, callback_register},
        {CALLBACKOP_unregister, sizeof(struct callback_unregister), SUBOP_IN, callback_unregister},
    };

    return subop_run(table, ARRAY_SIZE(table), (uint32_t)cmd, arg);
}

static long nmi_register(void *arg)
{
    const struct xennmi_callback *c = arg;

    if (vcpu_current()->id != 0 || !is_canonical(c->handler_address))
        return -EINVAL;
    vcpu_current()->pv->traps[VEC_NMI].address = c->handler_address;
    return 0;
}

static long nmi_unregister(void *arg)
{
    (void)arg;
    vcpu_current()->pv->traps[VEC_NMI].address = 0;
    return 0;
}

long hc_nmi_op(uint64_t cmd, uint64_t arg)
{
    static const struct subop table[] = {
        {XENNMI_register_callback, sizeof(struct xennmi_callback), SUBOP_IN, nmi_register},
        {XENNMI_unregister_callback, 0, SUBOP_NOARG, nmi_unregister},
    };

    return subop_run(table, ARRAY_SIZE(table), (uint32_t)cmd, arg);
}

long hc_stack_switch(uint64_t ss, uint64_t sp)
{
    struct pv_vcpu *p = vcpu_current()->pv;

    p->kernel_ss = (uint16_t)(ss | 3);
    p->kernel_sp = sp;
    return 0;
}

void pv_set_ts(struct vcpu *v, bool on)
{
    v->pv->cr0_ts = on ? CR0_TS : 0;
    write_cr0((read_cr0() & ~CR0_TS) | v->pv->cr0_ts);
}

long hc_fpu_taskswitch(uint64_t set)
{
    pv_set_ts(vcpu_current(), set);
    return 0;
}

/* Load @selector as the user GS: the base it brings is the user's, whichever is active now. */
static void load_user_gs(uint16_t selector)
{
    __asm__ volatile("swapgs\n1: movl %k0, %%gs\n2: mfence\n swapgs\n" FIXUP_BEGIN
                     "3: xorl %k0, %k0\n movl %k0, %%gs\n jmp 2b\n" FIXUP_END
                     EXTABLE("1b", "3b")
                     : "+r"(selector));
}

long hc_set_segment_base(uint64_t which, uint64_t base)
{
    switch ((uint32_t)which) {
    case SEGBASE_FS:
        if (!is_canonical(base))
            return -EINVAL;
        wrmsr(MSR_FS_BASE, base);
        return 0;
    case SEGBASE_GS_USER: /* hypercalls come from kernel mode: the user's base is the inactive one
                           */
        if (!is_canonical(base))
            return -EINVAL;
        wrmsr(MSR_KERNEL_GS_BASE, base);
        return 0;
    case SEGBASE_GS_KERNEL:
        if (!is_canonical(base))
            return -EINVAL;
        wrmsr(MSR_GS_BASE, base);
        return 0;
    case SEGBASE_GS_USER_SEL:
        load_user_gs((uint16_t)base);
        return 0;
    default:
        return -EINVAL;
    }
}

/* DR7 (SDM vol. 3, 17.2.4): bits a guest may set, and the two kinds of breakpoint it may not. */
#define DR7_FREE 0xffff03ffULL

int pv_check_debugreg(unsigned int number, uint64_t *value)
{
    switch (number) {
    case 0:
    case 1:
    case 2:
    case 3:
        if (!is_canonical(*value) ||
            (*value >= VA_HYPERVISOR_START && *value < VA_HYPERVISOR_END))
            return -EPERM;
        return 0;
    case 6:
        if (*value >> 32)
            return -EINVAL;
        *value = (*value & 0xe00f) | DR6_FIXED;
        return 0;
    case 7:
        if (*value >> 32)
            return -EINVAL;
        if (*value & DR7_GENERAL_DETECT)
            return -EPERM;
        *value = (*value & DR7_FREE) | DR7_FIXED;
        for (unsigned int n = 0; n < 4; n++)
            if ((*value >> (16 + 4 * n) & 3) == 2) /* I/O breakpoints */
                return -EPERM;
        return 0;
    default:
        return -EINVAL;
    }
}

int pv_set_debugreg(struct vcpu *v, unsigned int number, uint64_t value)
{
    int rc;

    if (number == 4 || number == 5)
        number += 2;
    rc = pv_check_debugreg(number, &value);
    if (rc)
        return rc;
    v->debugreg[number] = value;
    if (number == 7 || (v->debugreg[7] & 0xff)) {
        write_dr0(v->debugreg[0]);
        write_dr1(v->debugreg[1]);
        write_dr2(v->debugreg[2]);
        write_dr3(v->debugreg[3]);
        write_dr7(v->debugreg[7] & 0xff ? v->debugreg[7] : DR7_FIXED);
    }
    return 0;
}

long hc_set_debugreg(uint64_t number, uint64_t value)
{
    if (number > 7)
        return -ENODEV;
    return pv_set_debugreg(vcpu_current(), (unsigned int)number, value);
}

long hc_get_debugreg(uint64_t number)
{
    if (number > 7)
        return -ENODEV;
    if (number == 4 || number == 5)
        number += 2;
    return (long)vcpu_current()->debugreg[number];
}

#define ASSISTS_PV                                                                                 \
    (BIT(VMASST_TYPE_4gb_segments) | BIT(VMASST_TYPE_4gb_segments_notify) |                        \
     BIT(VMASST_TYPE_writable_pagetables) | BIT(VMASST_TYPE_pae_extended_cr3) |                    \
     BIT(VMASST_TYPE_architectural_iopl) | BIT(VMASST_TYPE_runstate_update_flag))

long hc_vm_assist(uint64_t cmd, uint64_t arg)
{
    struct domain *d = vcpu_current()->domain;
    uint32_t type = (uint32_t)arg; /* unsigned int in the ABI */

    if (type >= 64 || !(ASSISTS_PV & BIT(type)))
        return -EINVAL;
    switch ((uint32_t)cmd) {
    case VMASST_CMD_enable:
        __atomic_fetch_or(&d->vm_assist, BIT(type), __ATOMIC_RELAXED);
        return 0;
    case VMASST_CMD_disable:
        __atomic_fetch_and(&d->vm_assist, ~BIT(type), __ATOMIC_RELAXED);
        return 0;
    default:
        return -ENOSYS;
    }
}
