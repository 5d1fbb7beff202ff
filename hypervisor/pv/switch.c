/* SPDX-License-Identifier: BSD-2-Clause */
/* The hardware state of a PV vCPU out of and into a CPU. */
#include "pv/kind.h"

#include "cpu/descriptor.h"
#include "cpu/extable.h"
#include "cpu/features.h"
#include "cpu/insn.h"
#include "cpu/mitigation.h"
#include "cpu/percpu.h"
#include "cpu/regs.h"
#include "cpu/xstate.h"
#include "domain/domain.h"
#include "lib/string.h"
#include "mm/layout.h"
#include "pv/pv.h"

#define DR7_ENABLED 0xff /* any local or global breakpoint enable bit */

static uint64_t read_base(uint32_t msr)
{
    uint64_t base;

    if (msr == MSR_KERNEL_GS_BASE || !cpu_features.fsgsbase)
        return rdmsr(msr);
    if (msr == MSR_FS_BASE)
        __asm__ volatile("rdfsbase %0" : "=r"(base));
    else
        __asm__ volatile("rdgsbase %0" : "=r"(base));
    return base;
}

static void write_base(uint32_t msr, uint64_t base)
{
    if (msr == MSR_KERNEL_GS_BASE || !cpu_features.fsgsbase)
        wrmsr(msr, base);
    else if (msr == MSR_FS_BASE)
        __asm__ volatile("wrfsbase %0" ::"r"(base));
    else
        __asm__ volatile("wrgsbase %0" ::"r"(base));
}

void pv_save_selectors(struct vcpu *v)
{
    __asm__ volatile("movw %%ds, %0" : "=m"(v->regs.ds));
    __asm__ volatile("movw %%es, %0" : "=m"(v->regs.es));
    __asm__ volatile("movw %%fs, %0" : "=m"(v->regs.fs));
    __asm__ volatile("movw %%gs, %0" : "=m"(v->regs.gs));
}

static void set_tsd(bool on)
{
    struct percpu *cpu = cpu_self();
    uint64_t cr4 = (cpu->cr4 & ~CR4_TSD) | (on ? CR4_TSD : 0);

    if (likely(cr4 == cpu->cr4))
        return;
    cpu->cr4 = cr4;
    write_cr4(cr4);
}

/* Kernels run outside ring 0, too: theirs are carried out for them (pv/privileged.c). */
void pv_load_tsd(const struct vcpu *v)
{
    set_tsd(v->domain->tsc.emulated || (v->pv->cr4 & CR4_TSD));
}

void pv_switch_out(struct vcpu *v)
{
    struct pv_vcpu *p = v->pv;
    uint64_t active = read_base(MSR_GS_BASE), other = read_base(MSR_KERNEL_GS_BASE);

    p->fs_base = read_base(MSR_FS_BASE);
    p->gs_base_kernel = p->in_kernel ? active : other;
    p->gs_base_user = p->in_kernel ? other : active;
    pv_save_selectors(v);
    if (v->debugreg[7] & DR7_ENABLED)
        write_dr7(DR7_FIXED);
    if (unlikely(p->cr0_ts)) /* the guest's, and a fault of ours while it is set */
        write_cr0(read_cr0() & ~CR0_TS);
    set_tsd(false);
    xstate_save(v);
    descriptor_allow_ports(false);
}

/* Load a guest's selector, or null when its tables no longer have it. */
#define LOAD_SELECTOR(name)                                                                        \
    static void load_##name(uint16_t selector)                                                     \
    {                                                                                              \
        __asm__ volatile("1: movl %k0, %%" #name "\n2:\n" FIXUP_BEGIN                              \
                         "3: xorl %k0, %k0\n movl %k0, %%" #name "\n jmp 2b\n" FIXUP_END           \
                         EXTABLE("1b", "3b")                                                       \
                         : "+r"(selector));                                                        \
    }
LOAD_SELECTOR(ds)
LOAD_SELECTOR(es)
LOAD_SELECTOR(fs)
LOAD_SELECTOR(gs)

static void load_segments(struct vcpu *v)
{
    struct pv_vcpu *p = v->pv;

    load_ds(v->regs.ds);
    load_es(v->regs.es);
    load_fs(v->regs.fs);
    load_gs(v->regs.gs);
    write_base(MSR_FS_BASE, p->fs_base);
    write_base(MSR_GS_BASE, p->in_kernel ? p->gs_base_kernel : p->gs_base_user);
    write_base(MSR_KERNEL_GS_BASE, p->in_kernel ? p->gs_base_user : p->gs_base_kernel);
}

static void load_debug_registers(struct vcpu *v)
{
    if (!(v->debugreg[7] & DR7_ENABLED))
        return;
    write_dr0(v->debugreg[0]);
    write_dr1(v->debugreg[1]);
    write_dr2(v->debugreg[2]);
    write_dr3(v->debugreg[3]);
    write_dr7(v->debugreg[7]);
}

/* This CPU's copy of a domain's I/O bitmap follows the domain. */
static void load_io_bitmap(struct vcpu *v)
{
    struct percpu *cpu = cpu_self();
    const struct pv_domain *pd = v->domain->pv;

    if (!pd->io_bitmap)
        return;
    if (cpu->io_bitmap_stamp != pd->io_bitmap_stamp) {
        memcpy(cpu->io_bitmap, pd->io_bitmap, 8192);
        cpu->io_bitmap_stamp = pd->io_bitmap_stamp;
    }
    pv_ports_update(v);
}

void pv_ports_update(struct vcpu *v)
{
    descriptor_allow_ports(v->domain->pv->io_bitmap && v->pv->in_kernel && v->pv->iopl >= 1);
}

/* What RDTSCP says besides the time: Linux keeps a CPU number there. */
static void load_tsc_aux(const struct vcpu *v)
{
    struct percpu *cpu = cpu_self();

    if (cpu->tsc_aux == v->tsc_aux || !cpu_features.rdtscp)
        return;
    wrmsr(MSR_TSC_AUX, v->tsc_aux);
    cpu->tsc_aux = v->tsc_aux;
}

void pv_switch_in(struct vcpu *v)
{
    mitigation_switch(v->domain->id);
    pv_load_cr3(v);
    descriptor_load_gdt(VA_PERDOMAIN + (uint64_t)v->id * PV_VCPU_SLOT_BYTES);
    pv_load_ldt(v);
    load_segments(v);
    load_debug_registers(v);
    load_tsc_aux(v);
    pv_load_tsd(v);
    xstate_load(v);
    if (unlikely(v->pv->cr0_ts))
        write_cr0(read_cr0() | CR0_TS);
    load_io_bitmap(v);
}
