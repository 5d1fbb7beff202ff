/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * struct vcpu_guest_context in and out of a PV vCPU.
 *
 * What is always true here: everything is checked before the first part is stored; the page tables,
 * whose check may be preempted, come last, and until they are in place the vCPU is not initialised.
 */
#include "abi/errno.h"
#include "cpu/regs.h"
#include "cpu/xstate.h"
#include "domain/domain.h"
#include "lib/string.h"
#include "mm/layout.h"
#include "pv/bounce.h"
#include "pv/kind.h"
#include "pv/pv.h"

static int check(const struct vcpu_guest_context *c)
{
    if (!is_canonical(c->user_regs.rip) || !is_canonical(c->event_callback_eip) ||
        !is_canonical(c->failsafe_callback_eip) || !is_canonical(c->syscall_callback_eip) ||
        !is_canonical(c->fs_base) || !is_canonical(c->gs_base_kernel) ||
        !is_canonical(c->gs_base_user))
        return -EINVAL;
    for (unsigned int n = 0; n < ARRAY_SIZE(c->trap_ctxt); n++)
        if (!is_canonical(c->trap_ctxt[n].address))
            return -EINVAL;
    if (c->gdt_ents > PV_GDT_GUEST_ENTRIES || c->ldt_ents > 8192)
        return -EINVAL;
    return 0;
}

static int check_debug(struct vcpu *v, const struct vcpu_guest_context *c)
{
    uint64_t value[8];

    for (unsigned int n = 0; n < 8; n++) {
        value[n] = c->debugreg[n];
        if (n == 4 || n == 5)
            continue;
        if (pv_check_debugreg(n, &value[n]))
            return -EINVAL;
    }
    for (unsigned int n = 0; n < 8; n++)
        v->debugreg[n] = n == 4 || n == 5 ? 0 : value[n];
    return 0;
}

static void set_registers(struct vcpu *v, const struct vcpu_guest_context *c)
{
    struct cpu_user_regs *r = &v->regs;

    *r = c->user_regs;
    r->entry_vector = 0;
    r->error_code = 0;
    r->cs |= 3;
    r->ss |= 3;
    r->saved_upcall_mask = 0;
    r->rflags = (r->rflags & ~(X86_IOPL | X86_VM | X86_VIF | X86_VIP | X86_NT | X86_RF)) | X86_IF |
                2;
    v->pv->iopl = (c->user_regs.rflags & X86_IOPL) >> 12;
}

static void set_pv(struct vcpu *v, const struct vcpu_guest_context *c)
{
    struct pv_vcpu *p = v->pv;

    p->in_kernel = c->flags & VGCF_in_kernel;
    for (unsigned int n = 0; n < ARRAY_SIZE(p->traps); n++) {
        p->traps[n] = c->trap_ctxt[n];
        p->traps[n].vector = (uint8_t)n;
    }
    p->kernel_ss = (uint16_t)(c->kernel_ss | 3);
    p->kernel_sp = c->kernel_sp;
    p->event.rip = c->event_callback_eip;
    p->failsafe.rip = c->failsafe_callback_eip;
    p->failsafe.mask_events = c->flags & VGCF_failsafe_disables_events;
    p->syscall.rip = c->syscall_callback_eip;
    p->syscall.mask_events = c->flags & VGCF_syscall_disables_events;
    p->fs_base = c->fs_base;
    p->gs_base_kernel = c->gs_base_kernel;
    p->gs_base_user = c->gs_base_user;
    p->cr4 = c->ctrlreg[4];
    p->cr0_ts = c->ctrlreg[0] & CR0_TS;
}

int pv_context_set(struct vcpu *v, const struct vcpu_guest_context *c)
{
    int rc = check(c);

    if (!rc)
        rc = check_debug(v, c);
    if (rc)
        return rc;
    /* From here on a failure leaves it half set: it must not run. The caller brings it up again. */
    v->initialised = false;
    __atomic_fetch_or(&v->down, VPF_DOWN, __ATOMIC_SEQ_CST);
    set_registers(v, c);
    set_pv(v, c);
    if (c->flags & VGCF_I387_VALID)
        xstate_set_legacy(v, &c->fpu_ctxt);
    rc = pv_set_ldt(v, c->ldt_base, (uint32_t)c->ldt_ents);
    if (!rc)
        rc = pv_set_gdt(v, c->gdt_frames, (uint32_t)c->gdt_ents);
    if (!rc)
        rc = pv_new_kernel_l4(v, MFN(xen_cr3_to_pfn(c->ctrlreg[3])));
    if (!rc)
        rc = pv_new_user_l4(v, MFN(xen_cr3_to_pfn(c->ctrlreg[1])));
    if (!rc && !v->pv->in_kernel && mfn_eq(v->pv->l4_user, MFN_NONE))
        rc = -EINVAL;
    if (!rc) {
        v->domain->vm_assist |= c->vm_assist;
        v->initialised = true;
    }
    return rc;
}

void pv_context_get(struct vcpu *v, struct vcpu_guest_context *c)
{
    const struct pv_vcpu *p = v->pv;

    memset(c, 0, sizeof(*c));
    xstate_get_legacy(v, &c->fpu_ctxt);
    c->flags = VGCF_I387_VALID | (p->in_kernel ? VGCF_in_kernel : 0) |
               (p->failsafe.mask_events ? VGCF_failsafe_disables_events : 0) |
               (p->syscall.mask_events ? VGCF_syscall_disables_events : 0) |
               (v->down & VPF_DOWN ? 0 : VGCF_online);
    c->user_regs = v->regs;
    c->user_regs.entry_vector = 0;
    c->user_regs.rflags = (v->regs.rflags & ~X86_IOPL) | (uint64_t)p->iopl << 12;
    memcpy(c->trap_ctxt, p->traps, sizeof(c->trap_ctxt));
    c->ldt_base = p->ldt_base;
    c->ldt_ents = p->ldt_entries;
    for (unsigned int i = 0; i < DIV_ROUND_UP(p->gdt_entries, 512); i++)
        c->gdt_frames[i] = p->gdt_frames[i].n;
    c->gdt_ents = p->gdt_entries;
    c->kernel_ss = p->kernel_ss;
    c->kernel_sp = p->kernel_sp;
    c->ctrlreg[0] = CR0_PE | CR0_MP | CR0_ET | CR0_NE | CR0_WP | CR0_AM | CR0_PG | p->cr0_ts;
    c->ctrlreg[1] = mfn_eq(p->l4_user, MFN_NONE) ? 0 : xen_pfn_to_cr3(p->l4_user.n);
    c->ctrlreg[3] = mfn_eq(p->l4_kernel, MFN_NONE) ? 0 : xen_pfn_to_cr3(p->l4_kernel.n);
    c->ctrlreg[4] = p->cr4;
    for (unsigned int n = 0; n < 8; n++)
        c->debugreg[n] = v->debugreg[n];
    c->event_callback_eip = p->event.rip;
    c->failsafe_callback_eip = p->failsafe.rip;
    c->syscall_callback_eip = p->syscall.rip;
    c->vm_assist = v->domain->vm_assist;
    c->fs_base = p->fs_base;
    c->gs_base_kernel = p->gs_base_kernel;
    c->gs_base_user = p->gs_base_user;
}
