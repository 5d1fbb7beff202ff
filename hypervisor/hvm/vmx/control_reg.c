/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Control registers.
 *
 * What is always true here: a bit in a mask is ours, the guest sees the shadow's; every other bit
 * is the guest's own and never exits. So an exit means that a bit of ours changes, and then all
 * that the processor would have done for the write is done here.
 */
#include "cpu/regs.h"
#include "domain/domain.h"
#include "hvm/cr.h"
#include "hvm/vmx/cr0.h"
#include "hvm/vmx/vmx.h"

#define CR0_OURS (vmx_controls.cr0_fixed | CR0_CD | CR0_NW)

/* Bits of CR4 that the guest sets by itself. */
static uint64_t cr4_of_guest(const struct vcpu *v)
{
    return hvm_cr4_bits(v->domain->policy) & vmx_controls.cr4_allowed & ~vmx_controls.cr4_fixed;
}

void vmx_choose_cr_masks(struct vcpu *v)
{
    uint64_t ours = ~cr4_of_guest(v);
    uint64_t seen = vmx_cr4();

    vmwrite(VMCS_CR0_MASK, CR0_OURS);
    vmwrite(VMCS_CR4_MASK, ours);
    vmwrite(VMCS_CR4_SHADOW, seen);
}

uint64_t vmx_cr0(void)
{
    return (vmread(VMCS_GUEST_CR0) & ~CR0_OURS) | (vmread(VMCS_CR0_SHADOW) & CR0_OURS);
}

uint64_t vmx_cr4(void)
{
    uint64_t ours = vmread(VMCS_CR4_MASK);

    return (vmread(VMCS_GUEST_CR4) & ~ours) | (vmread(VMCS_CR4_SHADOW) & ours);
}

void vmx_set_cr0(struct vcpu *v, uint64_t value)
{
    uint64_t efer = efer_with_cr0(vmread(VMCS_GUEST_EFER), value);

    value |= CR0_ET;
    vmwrite(VMCS_CR0_SHADOW, value);
    vmwrite(VMCS_GUEST_CR0, (value | vmx_controls.cr0_fixed) & ~(CR0_CD | CR0_NW));
    vmx_set_efer(v, efer);
    vmx_flush_own(v);
}

void vmx_set_cr4(struct vcpu *v, uint64_t value)
{
    vmwrite(VMCS_CR4_SHADOW, value);
    vmwrite(VMCS_GUEST_CR4, value | vmx_controls.cr4_fixed);
    vmx_flush_own(v);
}

/* The processor keeps them with the structure and loads them itself at MOV to CR3; only a write
 * that we carry out does not (26.3.1.6). */
bool vmx_load_pdptes(struct vcpu *v)
{
    uint64_t table = vmread(VMCS_GUEST_CR3) & 0xffffffe0;
    uint64_t reserved = ~0ULL << v->hvm->gpa_bits | 0x1e6; /* figure 4-7 */
    uint64_t entries[4];

    if (!cr_has_pdptes(vmx_cr0(), vmx_cr4(), vmread(VMCS_GUEST_EFER)))
        return true;
    for (unsigned int i = 0; i < 4; i++)
        if (!walk_entry_read(v, table + 8 * i, 8, &entries[i]) ||
            ((entries[i] & 1) && (entries[i] & reserved)))
            return false;
    for (unsigned int i = 0; i < 4; i++)
        vmwrite(VMCS_GUEST_PDPTE + 2 * i, entries[i]);
    return true;
}

bool vmx_write_cr0(struct vcpu *v, uint64_t value)
{
    struct walk_mode old;

    vmx_walk_mode(v, &old);
    if (!cr0_may_become(&old, vmread(VMCS_GUEST_ES_RIGHTS + 2 * SEG_CS) & RIGHTS_LONG, value))
        return false;
    vmx_set_cr0(v, value);
    if (vmx_load_pdptes(v))
        return true;
    vmx_set_cr0(v, old.cr0); /* nothing has happened */
    return false;
}

bool vmx_write_cr4(struct vcpu *v, uint64_t value)
{
    struct walk_mode old;

    vmx_walk_mode(v, &old);
    if (!hvm_cr4_may_become(v->domain->policy, &old, value) || (value & ~cr4_of_guest(v)))
        return false;
    vmx_set_cr4(v, value);
    if (vmx_load_pdptes(v))
        return true;
    vmx_set_cr4(v, old.cr4);
    return false;
}

/* ---- what others ask ---- */

void vmx_walk_mode(const struct vcpu *v, struct walk_mode *mode)
{
    *mode = (struct walk_mode){.cr0 = vmx_cr0(),
                               .cr3 = vmread(VMCS_GUEST_CR3),
                               .cr4 = vmx_cr4(),
                               .efer = vmread(VMCS_GUEST_EFER),
                               .rflags = v->regs.rflags,
                               .physical_bits = v->hvm->gpa_bits,
                               .page_1g = true};
}

unsigned int vmx_cpl(const struct vcpu *v)
{
    (void)v;
    return (vmread(VMCS_GUEST_ES_RIGHTS + 2 * SEG_SS) >> 5) & 3;
}

unsigned int vmx_code_bits(const struct vcpu *v)
{
    uint64_t rights = vmread(VMCS_GUEST_ES_RIGHTS + 2 * SEG_CS);

    if ((rights & RIGHTS_LONG) && (vmread(VMCS_GUEST_EFER) & EFER_LMA))
        return 64;
    if (!(vmread(VMCS_GUEST_CR0) & CR0_PE) || (v->regs.rflags & X86_VM))
        return 16;
    return rights & RIGHTS_BIG ? 32 : 16;
}

uint64_t vmx_segment_base(const struct vcpu *v, unsigned int segment)
{
    (void)v;
    return vmread(VMCS_GUEST_ES_BASE + 2 * segment);
}

uint64_t vmx_efer(const struct vcpu *v)
{
    (void)v;
    return vmread(VMCS_GUEST_EFER);
}

void vmx_set_efer(struct vcpu *v, uint64_t value)
{
    uint64_t entry = vmread(VMCS_ENTRY_CONTROLS) & ~(uint64_t)ENTRY_IA32E;

    (void)v;
    vmwrite(VMCS_GUEST_EFER, value);
    vmwrite(VMCS_ENTRY_CONTROLS, entry | (value & EFER_LMA ? ENTRY_IA32E : 0));
}

void vmx_set_pat(struct vcpu *v, uint64_t value)
{
    uint64_t flags = vmx_borrow(v);

    vmwrite(VMCS_GUEST_PAT, value);
    vmx_give_back(v, flags);
}

void vmx_set_tsc_offset(struct vcpu *v, uint64_t offset)
{
    uint64_t flags = vmx_borrow(v);

    vmwrite(VMCS_TSC_OFFSET, offset);
    vmx_give_back(v, flags);
}
