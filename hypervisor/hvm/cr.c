/* SPDX-License-Identifier: BSD-2-Clause */
/* Control registers: what a guest may set, by its policy. */
#include "hvm/cr.h"

#include "cpu/policy.h"
#include "cpu/regs.h"
#include "lib/types.h"
#include "p2m/walk.h"

#define F(name) XEN_X86_FEATURE_##name

#define CR0_BITS                                                                              \
    (CR0_PE | CR0_MP | CR0_EM | CR0_TS | CR0_ET | CR0_NE | CR0_WP | CR0_AM | CR0_NW | CR0_CD |     \
     CR0_PG)

/* What of a debug register a guest decides (SDM vol. 3, 18.2) */
#define DR6_GUEST    0x0000e00fULL
#define DR7_GUEST    0xffff23ffULL

uint64_t hvm_cr4_bits(const struct cpu_policy *p)
{
    static const struct {
        uint32_t feature;
        uint64_t bits;
    } table[] = {
        {F(VME), CR4_VME | CR4_PVI}, {F(TSC), CR4_TSD},         {F(DE), CR4_DE},
        {F(PSE), CR4_PSE},           {F(PAE), CR4_PAE},         {F(MCE), CR4_MCE},
        {F(PGE), CR4_PGE},           {F(FXSR), CR4_OSFXSR},     {F(SSE), CR4_OSXMMEXCPT},
        {F(UMIP), CR4_UMIP},         {F(FSGSBASE), CR4_FSGSBASE}, {F(PCID), CR4_PCIDE},
        {F(XSAVE), CR4_OSXSAVE},     {F(SMEP), CR4_SMEP},       {F(SMAP), CR4_SMAP},
        {F(PKU), CR4_PKE},
    };
    uint64_t bits = CR4_PCE; /* as old as the counters; those fault by themselves */

    for (size_t i = 0; i < ARRAY_SIZE(table); i++)
        if (cpu_policy_has(p, table[i].feature))
            bits |= table[i].bits;
    return bits;
}

bool hvm_cr4_may_become(const struct cpu_policy *p, const struct walk_mode *m, uint64_t value)
{
    if (value & ~hvm_cr4_bits(p))
        return false;
    if ((m->efer & EFER_LMA) && !(value & CR4_PAE)) /* SDM vol. 2, MOV to control registers */
        return false;
    /* PCIDs begin in long mode and with number 0 (SDM vol. 3, 4.10.1) */
    return !(value & ~m->cr4 & CR4_PCIDE) || ((m->efer & EFER_LMA) && !(m->cr3 & 0xfff));
}

uint64_t hvm_efer_bits(const struct cpu_policy *p)
{
    return (cpu_policy_has(p, F(SYSCALL)) ? EFER_SCE : 0) |
           (cpu_policy_has(p, F(LM)) ? EFER_LME | EFER_LMA : 0) |
           (cpu_policy_has(p, F(NX)) ? EFER_NXE : 0) |
           (cpu_policy_has(p, F(FFXSR)) ? EFER_FFXSE : 0);
}

bool hvm_registers_fit(const struct cpu_policy *p, const struct walk_mode *m)
{
    bool paging = m->cr0 & CR0_PG, long_mode = paging && (m->efer & EFER_LME);

    if ((m->cr0 & ~CR0_BITS) || (m->cr4 & ~hvm_cr4_bits(p)) || (m->efer & ~hvm_efer_bits(p)))
        return false;
    if ((paging && !(m->cr0 & CR0_PE)) || ((m->cr0 & CR0_NW) && !(m->cr0 & CR0_CD)))
        return false;
    if ((m->efer & EFER_LMA) != (long_mode ? EFER_LMA : 0))
        return false;
    if (long_mode && !(m->cr4 & CR4_PAE))
        return false;
    return !(m->cr4 & CR4_PCIDE) || long_mode;
}

void hvm_registers_settle(struct hvm_hw_cpu *c)
{
    c->rflags = (c->rflags & HVM_RFLAGS_GUEST) | RFLAGS_FIXED;
    if (c->msr_efer & EFER_LMA)
        c->rflags &= ~X86_VM;
    c->dr6 = (c->dr6 & DR6_GUEST) | DR6_FIXED;
    c->dr7 = (c->dr7 & DR7_GUEST) | DR7_FIXED;
}
