/* SPDX-License-Identifier: BSD-2-Clause */
/* All of a vCPU's state between the public record and the control structure. */
#include "cpu/insn.h"
#include "cpu/percpu.h"
#include "cpu/regs.h"
#include "domain/domain.h"
#include "hvm/registers.h"
#include "hvm/vmx/vmx.h"

#define DPL 0x60u /* of SS it is the CPL, usable or not */

/* The public record packs rights into 12 bits; here there is a gap, and a bit for "unusable". */
static void segment_get(unsigned int n, uint32_t *sel, uint64_t *base, uint32_t *limit,
                        uint32_t *ar)
{
    uint64_t rights = vmread(VMCS_GUEST_ES_RIGHTS + 2 * n);

    *sel = (uint32_t)vmread(VMCS_GUEST_ES_SELECTOR + 2 * n);
    *base = vmread(VMCS_GUEST_ES_BASE + 2 * n);
    *limit = (uint32_t)vmread(VMCS_GUEST_ES_LIMIT + 2 * n);
    *ar = (uint32_t)(rights & RIGHTS_UNUSABLE ? rights & DPL
                                              : (rights & 0xff) | (rights >> 4 & 0xf00));
}

static void segment_set(unsigned int n, uint32_t sel, uint64_t base, uint32_t limit, uint32_t ar)
{
    vmwrite(VMCS_GUEST_ES_SELECTOR + 2 * n, sel & 0xffff);
    vmwrite(VMCS_GUEST_ES_BASE + 2 * n, base);
    vmwrite(VMCS_GUEST_ES_LIMIT + 2 * n, limit);
    vmwrite(VMCS_GUEST_ES_RIGHTS + 2 * n,
            ar & RIGHTS_PRESENT ? (ar & 0xff) | (uint64_t)(ar & 0xf00) << 4
                                : RIGHTS_UNUSABLE | (ar & DPL));
}

#define EACH_SEGMENT(do)                                                                        \
    do                                                                                          \
    (es, SEG_ES) do(cs, SEG_CS) do(ss, SEG_SS) do(ds, SEG_DS) do(fs, SEG_FS) do(gs, SEG_GS) do( \
        ldtr, SEG_LDTR) do(tr, SEG_TR)

static void get(struct vcpu *v, struct hvm_hw_cpu *s)
{
    const struct vmx_vcpu *x = v->hvm->vmx;
    struct walk_mode m;

    vmx_read_rsp(v);
    if (v->hvm->debug_loaded)
        v->debugreg[6] = read_dr6();
    vmx_walk_mode(v, &m);
    hvm_registers_get(v, s);
    s->cr0 = m.cr0, s->cr2 = v->hvm->vmx->cr2, s->cr3 = m.cr3, s->cr4 = m.cr4;
    s->dr6 = v->debugreg[6], s->dr7 = vmread(VMCS_GUEST_DR7);
    s->idtr_base = vmread(VMCS_GUEST_IDTR_BASE);
    s->idtr_limit = (uint32_t)vmread(VMCS_GUEST_IDTR_LIMIT);
    s->gdtr_base = vmread(VMCS_GUEST_GDTR_BASE);
    s->gdtr_limit = (uint32_t)vmread(VMCS_GUEST_GDTR_LIMIT);
    s->sysenter_cs = vmread(VMCS_GUEST_SYSENTER_CS);
    s->sysenter_esp = vmread(VMCS_GUEST_SYSENTER_ESP);
    s->sysenter_eip = vmread(VMCS_GUEST_SYSENTER_EIP);
    s->msr_star = x->msrs[VMX_STAR], s->msr_lstar = x->msrs[VMX_LSTAR];
    s->msr_cstar = x->msrs[VMX_CSTAR], s->msr_syscall_mask = x->msrs[VMX_FMASK];
    s->shadow_gs = x->msrs[VMX_KERNEL_GS], s->msr_efer = m.efer;
#define GET(x, n) segment_get(n, &s->x##_sel, &s->x##_base, &s->x##_limit, &s->x##_arbytes);
    EACH_SEGMENT(GET)
#undef GET
}

static uint64_t canonical(uint64_t address)
{
    return (uint64_t)((int64_t)(address << 16) >> 16);
}

/* They go into the processor by WRMSR, which must not fault. */
static void set_msrs(struct vmx_vcpu *x, const struct hvm_hw_cpu *s)
{
    x->msrs[VMX_STAR] = s->msr_star;
    x->msrs[VMX_LSTAR] = canonical(s->msr_lstar);
    x->msrs[VMX_CSTAR] = canonical(s->msr_cstar);
    x->msrs[VMX_FMASK] = (uint32_t)s->msr_syscall_mask;
    x->msrs[VMX_KERNEL_GS] = canonical(s->shadow_gs);
}

static void set(struct vcpu *v, const struct hvm_hw_cpu *s)
{
    v->hvm->vmx->rsp = vmread(VMCS_GUEST_RSP); /* of the current one it may be anything */
    hvm_registers_set(v, s);
    vmx_set_cr0(v, s->cr0 | CR0_ET);
    vmx_set_cr4(v, s->cr4);
    vmwrite(VMCS_GUEST_CR3, s->cr3);
    v->hvm->vmx->cr2 = s->cr2;
    v->debugreg[6] = (uint32_t)s->dr6 | DR6_FIXED;
    vmwrite(VMCS_GUEST_DR7, s->dr7 | DR7_FIXED);
    vmwrite(VMCS_GUEST_IDTR_BASE, s->idtr_base);
    vmwrite(VMCS_GUEST_IDTR_LIMIT, s->idtr_limit);
    vmwrite(VMCS_GUEST_GDTR_BASE, s->gdtr_base);
    vmwrite(VMCS_GUEST_GDTR_LIMIT, s->gdtr_limit);
    vmwrite(VMCS_GUEST_SYSENTER_CS, s->sysenter_cs);
    vmwrite(VMCS_GUEST_SYSENTER_ESP, s->sysenter_esp);
    vmwrite(VMCS_GUEST_SYSENTER_EIP, s->sysenter_eip);
    set_msrs(v->hvm->vmx, s);
    vmx_set_efer(v, s->msr_efer);
#define SET(x, n) segment_set(n, s->x##_sel, s->x##_base, s->x##_limit, s->x##_arbytes);
    EACH_SEGMENT(SET)
#undef SET
    vmwrite(VMCS_GUEST_INTERRUPTIBILITY, 0);
    vmwrite(VMCS_GUEST_PENDING_DEBUG, 0);
    if (!vmx_load_pdptes(v)) /* the processor will find them bad, too, and the domain ends */
        vmwrite(VMCS_GUEST_PDPTE, ~0ULL);
}

void vmx_state_get(struct vcpu *v, struct hvm_hw_cpu *s)
{
    uint64_t flags = vmx_borrow(v);

    get(v, s);
    vmx_give_back(v, flags);
}

void vmx_state_set(struct vcpu *v, const struct hvm_hw_cpu *s)
{
    uint64_t flags = vmx_borrow(v);

    set(v, s);
    vmx_give_back(v, flags);
}

void vmx_set_cr2(struct vcpu *v, uint64_t value)
{
    v->hvm->vmx->cr2 = value;
}

void vmx_segment_read(struct vcpu *v, enum insn_segment segment, struct insn_segment_state *out)
{
    uint32_t selector, attributes;

    (void)v;
    segment_get(segment, &selector, &out->base, &out->limit, &attributes);
    out->selector = (uint16_t)selector;
    out->attributes = (uint16_t)attributes;
}
