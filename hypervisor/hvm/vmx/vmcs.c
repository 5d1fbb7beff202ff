/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A vCPU's control structure: what it is made with, and moving between CPUs.
 *
 * What is always true here: VMREAD and VMWRITE reach the structure that is loaded on this CPU. It
 * is the current vCPU's from switch-in to switch-out; for another one (control path, not running)
 * it is loaded for the moment and written back. RIP, RFLAGS and general registers are in vcpu.regs
 * while the guest does not run, and struct vmx_vcpu says what the structure has; RSP is there only
 * after exits that may need it, state.c's readers among them.
 */
#include "hvm/vmx/vmcs.h"

#include "abi/errno.h"
#include "cpu/descriptor.h"
#include "cpu/insn.h"
#include "cpu/percpu.h"
#include "cpu/policy.h"
#include "cpu/regs.h"
#include "domain/domain.h"
#include "hvm/vmx/pml.h"
#include "hvm/vmx/vmx.h"
#include "lib/string.h"
#include "mm/heap.h"
#include "mm/hvmap.h"
#include "mm/pool.h"
#include "time/time.h"

#define EPT_WALK_4    (3u << 3) /* page-walk length less one */
#define EPT_MEMORY_WB 6u
#define EPT_MARKS     (1u << 6) /* the processor sets accessed and dirty bits */
#define DR7_ENABLED   0xff                  /* any breakpoint enable bit */

/* A spinning guest is taken for one after a window's time of PAUSEs at most a gap apart (24.6.13),
 * in TSC ticks. */
#define PAUSE_GAP    128
#define PAUSE_WINDOW 8192

/* One map of all MSRs for everybody (SDM vol. 3, 24.6.9): a set bit exits. The second one is for
 * vCPUs whose local APIC the processor serves in x2APIC mode. */
static uint8_t *msr_map, *msr_map_x2apic;

enum { MSR_READ = 0, MSR_WRITE = 0x800 };

static void msr_allow(uint8_t *map, uint32_t msr, unsigned int way)
{
    uint32_t bit = msr & 0x1fff, base = msr >= 0xc0000000 ? 0x400 : 0;

    map[way + base + bit / 8] &= (uint8_t) ~(1u << bit % 8);
}

/* In the structure, or switched with the vCPU: the guest's own. What is written once in a guest's
 * life may as well exit then: its value need not be read at each switch. */
static void allow_own(uint8_t *map)
{
    static const uint32_t read_only[] = {MSR_STAR, MSR_LSTAR, MSR_CSTAR, MSR_FMASK};
    static const uint32_t own[] = {MSR_SYSENTER_CS, MSR_SYSENTER_ESP, MSR_SYSENTER_EIP,
                                   MSR_FS_BASE,     MSR_GS_BASE,      MSR_KERNEL_GS_BASE};

    memset(map, 0xff, PAGE_BYTES);
    for (size_t i = 0; i < ARRAY_SIZE(read_only); i++)
        msr_allow(map, read_only[i], MSR_READ);
    for (size_t i = 0; i < ARRAY_SIZE(own); i++) {
        msr_allow(map, own[i], MSR_READ);
        msr_allow(map, own[i], MSR_WRITE);
    }
}

/* Registers of the x2APIC range that reading needs no help for: they exist and do not count down,
 * and are not in two halves as ICR is (SDM vol. 3, table 10-6). */
static void allow_x2apic(uint8_t *map)
{
    static const struct {
        uint16_t first, last;
    } plain[] = {{0x802, 0x803}, {0x80d, 0x80d}, {0x80f, 0x828}, {0x832, 0x838}, {0x83e, 0x83e}};

    allow_own(map);
    msr_allow(map, 0x808, MSR_READ); /* task priority */
    msr_allow(map, 0x808, MSR_WRITE);
    if (vmx_controls.apic_registers)
        for (size_t i = 0; i < ARRAY_SIZE(plain); i++)
            for (uint32_t msr = plain[i].first; msr <= plain[i].last; msr++)
                msr_allow(map, msr, MSR_READ);
    if (vmx_controls.virtual_interrupts) {
        msr_allow(map, 0x80a, MSR_READ);  /* processor priority */
        msr_allow(map, 0x80b, MSR_WRITE); /* end of interrupt */
        msr_allow(map, 0x83f, MSR_WRITE); /* interrupt to itself */
    }
}

static int maps_init(void)
{
    if (msr_map)
        return 0;
    msr_map = heap_alloc_hyp(0);
    msr_map_x2apic = heap_alloc_hyp(0);
    if (!msr_map || !msr_map_x2apic) {
        heap_free_hyp(msr_map, 0);
        heap_free_hyp(msr_map_x2apic, 0);
        msr_map = NULL;
        return -ENOMEM;
    }
    allow_own(msr_map);
    allow_x2apic(msr_map_x2apic);
    return 0;
}

void vmx_load(struct vcpu *v)
{
    __asm__ volatile("vmptrld %0" ::"m"(v->hvm->vmx->address) : "cc", "memory");
}

void vmx_clear(struct vcpu *v)
{
    __asm__ volatile("vmclear %0" ::"m"(v->hvm->vmx->address) : "cc", "memory");
    v->hvm->vmx->launched = false;
}

static bool is_loaded(const struct vcpu *v)
{
    return v == vcpu_current();
}

uint64_t vmx_borrow(struct vcpu *v)
{
    uint64_t flags = irq_save();

    if (!is_loaded(v))
        vmx_load(v);
    return flags;
}

void vmx_give_back(struct vcpu *v, uint64_t flags)
{
    if (!is_loaded(v)) {
        vmx_clear(v);
        if (vcpu_current()->hvm)
            vmx_load(vcpu_current());
    }
    irq_restore(flags);
}

void vmx_breakpoint_exits(struct vcpu *v, bool on)
{
    uint64_t flags = vmx_borrow(v), bit = 1u << VEC_BP, now = vmread(VMCS_EXCEPTIONS);

    vmwrite(VMCS_EXCEPTIONS, on ? now | bit : now & ~bit);
    vmx_give_back(v, flags);
}

static void write_controls(struct vcpu *v)
{
    vmwrite(VMCS_PIN_CONTROLS, vmx_controls.pin);
    vmwrite(VMCS_CPU_CONTROLS, v->hvm->vmx->cpu_controls = vmx_controls.cpu);
    vmwrite(VMCS_CPU_CONTROLS2, v->hvm->vmx->cpu2_controls = vmx_controls.cpu2);
    vmwrite(VMCS_EXIT_CONTROLS, vmx_controls.exit);
    vmwrite(VMCS_ENTRY_CONTROLS, vmx_controls.entry);
    /* debug and alignment exceptions, because a guest can make endless chains of them in the
     * middle of an event's delivery, where no interrupt gets in */
    vmwrite(VMCS_EXCEPTIONS, 1u << VEC_MC | 1u << VEC_DB | 1u << VEC_AC);
    vmwrite(VMCS_PAGE_FAULT_MASK, 0);
    vmwrite(VMCS_PAGE_FAULT_MATCH, 0);
    vmwrite(VMCS_CR3_TARGETS, 0);
    vmwrite(VMCS_EXIT_MSR_STORES, 0);
    vmwrite(VMCS_EXIT_MSR_LOADS, 0);
    vmwrite(VMCS_ENTRY_MSR_LOADS, 0);
    vmwrite(VMCS_ENTRY_EVENT, 0);
    vmwrite(VMCS_TSC_OFFSET, 0);
    vmwrite(VMCS_MSR_BITMAP, direct_pa(msr_map).a);
    vmwrite(VMCS_EPT_POINTER, v->domain->p2m->root.n << PAGE_SHIFT | EPT_WALK_4 | EPT_MEMORY_WB);
    if (vmx_controls.cpu2 & CPU2_PAUSE_LOOP) {
        vmwrite(VMCS_PAUSE_GAP, PAUSE_GAP);
        vmwrite(VMCS_PAUSE_WINDOW, PAUSE_WINDOW);
    }
    if (vmx_controls.cpu2 & CPU2_ENCLS)
        vmwrite(VMCS_ENCLS_EXITS, ~0ULL);
    if (vmx_controls.cpu2 & CPU2_XSAVES)
        vmwrite(VMCS_XSS_EXITS, ~0ULL);
}

/*
 * The host's timer interrupts a guest, whatever the guest's IF. Not so on Bochs 2.7, when IF is
 * clear at entry and stays so: there the processor's own timer ends what would spin for ever.
 * Elsewhere something else comes first.
 */
static void write_timer(void)
{
    uint64_t ticks = time_tsc_khz() * 20 >> vmx_controls.timer_shift;

    if (vmx_controls.pin & PIN_TIMER)
        vmwrite(VMCS_TIMER, min(ticks, (uint64_t)UINT32_MAX));
}

/* The page by which the processor knows accesses to the local APIC: the domain's own, because it is
 * memory as long as the APIC is switched off. Without it they are emulated. */
static void map_apic_page(struct domain *d)
{
    const uint64_t gfn = VLAPIC_PAGE >> PAGE_SHIFT;
    void *page = vmx_controls.apic_page && !d->hvm->apic_page ? heap_alloc_hyp(0) : NULL;
    struct p2m_entry e = {.type = P2M_MMIO_DIRECT, .cache = P2M_CACHE_WB}, old;

    if (!page)
        return;
    e.mfn = direct_mfn(page);
    spin_lock(&d->p2m->lock);
    if (p2m_lookup(d->p2m, gfn).type == P2M_HOLE && !p2m_set(d->p2m, gfn, &e, &old))
        d->hvm->apic_page = page;
    else
        heap_free_hyp(page, 0);
    spin_unlock(&d->p2m->lock);
}

static void write_apic(struct vcpu *v)
{
    if (v->domain->hvm->apic_page)
        vmwrite(VMCS_APIC_ACCESS, direct_pa(v->domain->hvm->apic_page).a);
    if (vmx_controls.tpr_shadow) {
        vmwrite(VMCS_VIRTUAL_APIC, direct_pa(v->hvm->lapic.page).a);
        vmwrite(VMCS_TPR_THRESHOLD, 0);
    }
    if (vmx_controls.virtual_interrupts) {
        vmwrite(VMCS_GUEST_INTERRUPT_STATUS, 0);
        for (uint32_t i = 0; i < 4; i++)
            vmwrite(VMCS_EOI_EXITS + 2 * i, 0);
    }
}

static void write_first_state(struct vcpu *v)
{
    vmwrite(VMCS_LINK_POINTER, ~0ULL);
    vmwrite(VMCS_GUEST_DEBUGCTL, 0);
    vmwrite(VMCS_GUEST_DR7, DR7_FIXED);
    vmwrite(VMCS_GUEST_INTERRUPTIBILITY, 0);
    vmwrite(VMCS_GUEST_ACTIVITY, 0);
    vmwrite(VMCS_GUEST_PENDING_DEBUG, 0);
    vmwrite(VMCS_GUEST_RIP, 0);
    vmwrite(VMCS_GUEST_RSP, 0);
    vmwrite(VMCS_GUEST_RFLAGS, RFLAGS_FIXED);
    vmwrite(VMCS_GUEST_EFER, 0);
    vmwrite(VMCS_GUEST_CR3, 0);
    vmwrite(VMCS_CR0_SHADOW, CR0_ET);
    vmwrite(VMCS_GUEST_CR0, CR0_ET | vmx_controls.cr0_fixed);
    vmwrite(VMCS_CR4_SHADOW, 0);
    vmwrite(VMCS_GUEST_CR4, vmx_controls.cr4_fixed);
    vmx_choose_cr_masks(v);
}

int vmx_vcpu_init(struct vcpu *v)
{
    struct vmx_vcpu *x = pool_new(struct vmx_vcpu);
    uint32_t *region = heap_alloc_hyp(0);
    uint64_t flags;

    if (!x || !region || maps_init()) {
        pool_free(x);
        heap_free_hyp(region, 0);
        return -ENOMEM;
    }
    region[0] = vmx_controls.revision;
    *x = (struct vmx_vcpu){.vmcs = region,
                           .address = direct_pa(region).a,
                           .rflags = RFLAGS_FIXED,
                           .host_cpu = CPU_NONE};
    v->hvm->vmx = x;
    v->regs.rflags = RFLAGS_FIXED;
    v->debugreg[6] = DR6_FIXED;
    flags = irq_save();
    vmx_clear(v);
    irq_restore(flags);
    map_apic_page(v->domain);
    flags = vmx_borrow(v);
    write_controls(v);
    write_timer();
    write_apic(v);
    write_first_state(v);
    vmx_give_back(v, flags);
    return 0;
}

void vmx_vcpu_free(struct vcpu *v)
{
    if (v->hvm->vmx) {
        heap_free_hyp(v->hvm->vmx->vmcs, 0);
        heap_free_hyp(v->hvm->vmx->pml, 0);
    }
    pool_free(v->hvm->vmx);
    v->hvm->vmx = NULL;
}

void vmx_set_cpu_controls(struct vcpu *v, uint32_t controls)
{
    if (controls == v->hvm->vmx->cpu_controls)
        return;
    v->hvm->vmx->cpu_controls = controls;
    vmwrite(VMCS_CPU_CONTROLS, controls);
}

static void set_cpu2_controls(struct vcpu *v, uint32_t controls)
{
    if (controls == v->hvm->vmx->cpu2_controls)
        return;
    v->hvm->vmx->cpu2_controls = controls;
    vmwrite(VMCS_CPU_CONTROLS2, controls);
}

/* Who reads the TSC, and at what rate it counts: a domain's rate can change while it is paused. */
static void choose_tsc(struct vcpu *v, uint32_t *controls2)
{
    const struct guest_tsc *t = &v->domain->tsc;
    uint32_t controls = v->hvm->vmx->cpu_controls & ~CPU_RDTSC;

    vmx_set_cpu_controls(v, controls | (t->emulated ? CPU_RDTSC : 0));
    if (!t->ratio)
        return;
    *controls2 |= CPU2_TSC_SCALING;
    vmwrite(VMCS_TSC_MULTIPLIER, t->ratio);
}

/* An instruction that the policy hides does not exist (24.6.2). */
void vmx_choose_features(struct vcpu *v)
{
    const struct cpu_policy *p = v->domain->policy;
    const uint32_t apic = CPU2_APIC_ACCESSES | CPU2_X2APIC | CPU2_APIC_REGISTERS;
    uint32_t c = vmx_controls.cpu2 | (v->hvm->vmx->cpu2_controls & (apic | CPU2_PML));

    choose_tsc(v, &c);
    if (!vmx_delivers_itself(v))
        c &= ~CPU2_VIRTUAL_INTERRUPTS;
    if (!cpu_policy_has(p, XEN_X86_FEATURE_RDTSCP) && !cpu_policy_has(p, XEN_X86_FEATURE_RDPID))
        c &= ~CPU2_RDTSCP;
    if (!cpu_policy_has(p, XEN_X86_FEATURE_INVPCID))
        c &= ~CPU2_INVPCID;
    if (!cpu_policy_has(p, XEN_X86_FEATURE_XSAVES))
        c &= ~CPU2_XSAVES;
    set_cpu2_controls(v, c);
    vmx_choose_cr_masks(v);
}

void vmx_choose_apic_mode(struct vcpu *v)
{
    bool x2apic = vlapic_is_x2apic(&v->hvm->lapic);
    /* as the bitmap says; and registers that the processor writes are no use without */
    bool as_chosen = vmx_delivers_itself(v) == vmx_controls.virtual_interrupts;
    uint32_t old = v->hvm->vmx->cpu2_controls, c;

    c = old & ~(CPU2_APIC_ACCESSES | CPU2_X2APIC | CPU2_APIC_REGISTERS);
    if (x2apic && vmx_controls.x2apic_mode && as_chosen)
        c |= CPU2_X2APIC | (vmx_controls.apic_registers ? CPU2_APIC_REGISTERS : 0);
    else if (v->domain->hvm->apic_page && vlapic_claims(v, VLAPIC_PAGE))
        c |= CPU2_APIC_ACCESSES | (as_chosen ? CPU2_APIC_REGISTERS : 0);
    if (c == old)
        return;
    set_cpu2_controls(v, c);
    vmwrite(VMCS_MSR_BITMAP, direct_pa(c & CPU2_X2APIC ? msr_map_x2apic : msr_map).a);
    /* what is known of the page may say that it is memory (28.3.3.4) */
    vmx_flush_own(v);
    v->hvm->p2m_seen = ~READ_ONCE(v->domain->p2m->generation);
}

/* ---- the log of modified pages ---- */

/* Dirty bits are set only while they are logged: it is work for the processor. */
static void switch_log(struct vcpu *v, bool on)
{
    struct vmx_vcpu *x = v->hvm->vmx;
    uint64_t flags = vmx_borrow(v), table = vmread(VMCS_EPT_POINTER) & ~(uint64_t)EPT_MARKS;

    vmwrite(VMCS_EPT_POINTER, table | (on ? EPT_MARKS : 0));
    set_cpu2_controls(v, (x->cpu2_controls & ~CPU2_PML) | (on ? CPU2_PML : 0));
    if (on) {
        vmwrite(VMCS_PML_ADDRESS, direct_pa(x->pml).a);
        vmwrite(VMCS_PML_INDEX, PML_EMPTY);
    }
    vmx_give_back(v, flags);
    /* what is cached may have come about without these bits (28.3.3.4) */
    v->hvm->p2m_seen = ~READ_ONCE(v->domain->p2m->generation);
}

int vmx_log_begin(struct vcpu *v)
{
    struct vmx_vcpu *x = v->hvm->vmx;

    x->pml = heap_alloc_hyp(0);
    if (!x->pml)
        return -ENOMEM;
    switch_log(v, true);
    return 0;
}

void vmx_log_take(struct vcpu *v)
{
    uint64_t flags = vmx_borrow(v), index = vmread(VMCS_PML_INDEX);

    vmwrite(VMCS_PML_INDEX, PML_EMPTY);
    vmx_give_back(v, flags);
    pml_take(v->domain->p2m, v->hvm->vmx->pml, index);
}

void vmx_log_end(struct vcpu *v)
{
    switch_log(v, false);
    heap_free_hyp(v->hvm->vmx->pml, 0);
    v->hvm->vmx->pml = NULL;
}

/* What the processor loads at each exit on this CPU. */
static void write_host_state(struct vcpu *v)
{
    struct {
        uint16_t limit;
        uint64_t base;
    } packed gdtr, idtr;

    __asm__ volatile("sgdt %0" : "=m"(gdtr));
    __asm__ volatile("sidt %0" : "=m"(idtr));
    vmwrite(VMCS_HOST_CR0, read_cr0());
    vmwrite(VMCS_HOST_CR3, read_cr3());
    vmwrite(VMCS_HOST_CR4, read_cr4());
    vmwrite(VMCS_HOST_EFER, rdmsr(MSR_EFER));
    vmwrite(VMCS_HOST_PAT, rdmsr(MSR_PAT));
    vmwrite(VMCS_HOST_ES_SELECTOR, 0);
    vmwrite(VMCS_HOST_ES_SELECTOR + 2 * SEG_CS, SEL_HV_CS);
    vmwrite(VMCS_HOST_ES_SELECTOR + 2 * SEG_SS, SEL_HV_DS);
    vmwrite(VMCS_HOST_ES_SELECTOR + 2 * SEG_DS, 0);
    vmwrite(VMCS_HOST_ES_SELECTOR + 2 * SEG_FS, 0);
    vmwrite(VMCS_HOST_ES_SELECTOR + 2 * SEG_GS, 0);
    vmwrite(VMCS_HOST_ES_SELECTOR + 12, SEL_TSS); /* TR follows GS here */
    vmwrite(VMCS_HOST_FS_BASE, 0);
    vmwrite(VMCS_HOST_GS_BASE, 0);
    vmwrite(VMCS_HOST_TR_BASE, (uint64_t)cpu_self()->tss);
    vmwrite(VMCS_HOST_GDTR_BASE, gdtr.base);
    vmwrite(VMCS_HOST_IDTR_BASE, idtr.base);
    vmwrite(VMCS_HOST_SYSENTER_CS, rdmsr(MSR_SYSENTER_CS));
    vmwrite(VMCS_HOST_SYSENTER_ESP, rdmsr(MSR_SYSENTER_ESP));
    vmwrite(VMCS_HOST_SYSENTER_EIP, rdmsr(MSR_SYSENTER_EIP));
    vmwrite(VMCS_HOST_RSP, v->host_stack - 16);
    vmwrite(VMCS_HOST_RIP, (uint64_t)vmx_exit_entry);
}

static const uint32_t switched[VMX_SWITCHED_MSRS] = {MSR_STAR, MSR_LSTAR, MSR_CSTAR, MSR_FMASK,
                                                     MSR_KERNEL_GS_BASE};

static bool is_canonical(uint64_t address)
{
    return (uint64_t)((int64_t)(address << 16) >> 16) == address;
}

int vmx_wrmsr(struct vcpu *v, uint32_t msr, uint64_t value)
{
    for (size_t i = 0; i < VMX_KERNEL_GS; i++)
        if (switched[i] == msr) {
            if ((msr == MSR_LSTAR || msr == MSR_CSTAR) && !is_canonical(value))
                return -EINVAL;
            if (msr == MSR_FMASK && value >> 32)
                return -EINVAL;
            v->hvm->vmx->msrs[i] = value;
            wrmsr(msr, value);
            return 0;
        }
    return -ENOENT;
}

/* ---- debug registers: the guest's are loaded when it first uses them ---- */

void vmx_debug_load(struct vcpu *v)
{
    if (v->hvm->debug_loaded)
        return;
    hvm_debug_load(v);
    write_dr6(v->debugreg[6]);
    vmx_set_cpu_controls(v, v->hvm->vmx->cpu_controls & ~CPU_MOV_DR);
}

/* An exit has set DR7 to nothing: what stays in the others does no harm. */
static void debug_save(struct vcpu *v)
{
    if (!hvm_debug_save(v))
        return;
    v->debugreg[6] = read_dr6();
    write_dr6(DR6_FIXED);
    vmx_set_cpu_controls(v, v->hvm->vmx->cpu_controls | CPU_MOV_DR);
}

/* ---- on and off a CPU ---- */

void vmx_switch_in(struct vcpu *v)
{
    struct vmx_vcpu *x = v->hvm->vmx;
    unsigned int cpu = cpu_id();

    vmx_load(v);
    if (x->host_cpu != cpu) {
        write_host_state(v);
        x->host_cpu = cpu;
        v->hvm->asid_generation = 0; /* old translations of it may be here, by another tag */
        v->hvm->p2m_seen = ~READ_ONCE(v->domain->p2m->generation);
    }
    for (size_t i = 0; i < VMX_SWITCHED_MSRS; i++)
        wrmsr(switched[i], x->msrs[i]);
    vmx_choose_features(v);
    vmx_choose_apic_mode(v);
    if (vmread(VMCS_GUEST_DR7) & DR7_ENABLED)
        vmx_debug_load(v);
}

void vmx_switch_out(struct vcpu *v)
{
    struct vmx_vcpu *x = v->hvm->vmx;

    debug_save(v);
    x->msrs[VMX_KERNEL_GS] = rdmsr(MSR_KERNEL_GS_BASE);
    vmx_read_rsp(v);
    descriptor_after_guest();
    vmx_clear(v);
}
