/* SPDX-License-Identifier: BSD-2-Clause */
/* VMX on each CPU: is it there with all we need, on and off (SDM vol. 3, 23.6 and appendix A). */
#include "hvm/vmx/vmx.h"

#include "abi/errno.h"
#include "console/log.h"
#include "cpu/extable.h"
#include "cpu/insn.h"
#include "cpu/regs.h"
#include "hvm/log.h"
#include "mm/heap.h"
#include "mm/hvmap.h"
#include "mm/pool.h"

#define MSR_FEATURE_CONTROL 0x3a
#define FEATURE_LOCKED      1u
#define FEATURE_VMX         (1u << 2)
#define MSR_VMX_BASIC       0x480
#define BASIC_TRUE_CONTROLS (1ULL << 55)
#define MSR_VMX_PIN         0x481
#define MSR_VMX_CPU         0x482
#define MSR_VMX_EXIT        0x483
#define MSR_VMX_ENTRY       0x484
#define MSR_VMX_MISC        0x485
#define MSR_VMX_CR0_FIXED0  0x486
#define MSR_VMX_CR4_FIXED0  0x488
#define MSR_VMX_CR4_FIXED1  0x489
#define MSR_VMX_CPU2        0x48b
#define MSR_VMX_EPT_VPID    0x48c
#define TRUE_OFFSET         0xc /* of the "true" variants of the four control MSRs */
#define CPUID_VMX           (1u << 5) /* leaf 1 ECX */
#define CR4_VMXE            (1ULL << 13)

struct vmx_controls vmx_controls;
static bool uses_apicv;

/* An MSR whose existence other MSRs announce: nothing allowed where it is missing. */
static uint64_t capability(uint32_t msr)
{
    uint64_t value;

    return rdmsr_safe(msr, &value) ? value : 0;
}

static void read_capability(struct vmx_capability *c)
{
    uint32_t offset;

    c->basic = capability(MSR_VMX_BASIC);
    offset = c->basic & BASIC_TRUE_CONTROLS ? TRUE_OFFSET : 0;
    c->pin = capability(MSR_VMX_PIN + offset);
    c->cpu = capability(MSR_VMX_CPU + offset);
    c->exit = capability(MSR_VMX_EXIT + offset);
    c->entry = capability(MSR_VMX_ENTRY + offset);
    c->cpu2 = capability(MSR_VMX_CPU2);
    if (!uses_apicv) /* the upper half is what may be set */
        c->cpu2 &= ~((uint64_t)(CPU2_X2APIC | CPU2_APIC_REGISTERS | CPU2_VIRTUAL_INTERRUPTS) << 32);
    c->cr0_fixed0 = capability(MSR_VMX_CR0_FIXED0);
    c->cr4_fixed0 = capability(MSR_VMX_CR4_FIXED0);
    c->cr4_fixed1 = capability(MSR_VMX_CR4_FIXED1);
    c->ept_vpid = capability(MSR_VMX_EPT_VPID);
    c->misc = capability(MSR_VMX_MISC);
}

/* Not switched off by the firmware. */
static bool is_permitted(void)
{
    uint64_t control = capability(MSR_FEATURE_CONTROL);

    return !(control & FEATURE_LOCKED) || (control & FEATURE_VMX);
}

bool vmx_probe(bool use_apicv)
{
    struct vmx_capability c;
    struct vmx_lack lack;

    uses_apicv = use_apicv;
    if (!(cpuid(1, 0).ecx & CPUID_VMX))
        return false;
    if (!is_permitted()) {
        log_warn("VMX is switched off by the firmware: no HVM and PVH guests");
        return false;
    }
    read_capability(&c);
    if (!vmx_choose_controls(&c, &vmx_controls, &lack)) {
        log_warn("VMX: %s (%#lx): no HVM and PVH guests", lack.what, lack.bits);
        return false;
    }
    hvm_pml = vmx_controls.pml;
    if (vmx_controls.tsc_scaling) /* SDM vol. 3, 24.6.5 */
        guest_tsc_scaling = (struct guest_tsc_scaling){.fraction = 48, .whole = 16};
    return true;
}

/* Does this CPU, too, take what was chosen on the first one? */
static bool is_like_the_first(void)
{
    struct vmx_capability c;

    read_capability(&c);
    return is_permitted() && vmx_controls_fit(&vmx_controls, &c);
}

static bool vmxon(uint64_t address)
{
    uint8_t failed = 1;

    __asm__ volatile("1: vmxon %1\n setna %0\n2:\n" EXTABLE("1b", "2b")
                     : "+q"(failed) : "m"(address) : "cc", "memory");
    return !failed;
}

int vmx_cpu_enable(void)
{
    struct percpu *self = cpu_self();
    struct vmx_cpu *cpu = pool_new(struct vmx_cpu);
    uint32_t *region = heap_alloc_hyp(0);

    if (!cpu || !region) {
        pool_free(cpu);
        heap_free_hyp(region, 0);
        return -ENOMEM;
    }
    region[0] = vmx_controls.revision;
    *cpu = (struct vmx_cpu){.region = region, .vpid_next = 1, .vpid_generation = 1};
    self->hvm = cpu;
    if (is_like_the_first()) {
        if (!(rdmsr(MSR_FEATURE_CONTROL) & FEATURE_LOCKED))
            wrmsr(MSR_FEATURE_CONTROL,
                  rdmsr(MSR_FEATURE_CONTROL) | FEATURE_VMX | FEATURE_LOCKED);
        write_cr0(read_cr0() | vmx_controls.cr0_fixed);
        self->cr4 |= CR4_VMXE;
        write_cr4(self->cr4);
        cpu->on = vmxon(direct_pa(region).a);
    }
    if (!cpu->on)
        log_error("CPU %u does not go into VMX operation: no HVM and PVH guests", self->id);
    return cpu->on ? 0 : -ENODEV;
}

/* VMXOFF can come at any moment, in an NMI too: nothing of VMX is used afterwards. INIT signals,
 * by which firmware starts CPUs, are blocked in VMX operation. */
void vmx_cpu_disable(void)
{
    struct vmx_cpu *cpu = vmx_cpu();

    if (!cpu || !cpu->on)
        return;
    cpu->on = false;
    __asm__ volatile("vmxoff" ::: "cc", "memory");
    write_cr4(read_cr4() & ~CR4_VMXE);
}

bool vmx_page_1g(void)
{
    return vmx_controls.ept_1g;
}
