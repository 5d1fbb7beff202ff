/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A vCPU's control block: what it is made with, moving between CPUs, ASIDs.
 *
 * What is always true here: RIP, RSP, RFLAGS and RAX of the guest are in vcpu.regs while it does
 * not run; entry.S carries them over. Everything else of the state save area stays in the block.
 */
#include "hvm/svm/vmcb.h"

#include "abi/errno.h"
#include "cpu/insn.h"
#include "cpu/percpu.h"
#include "cpu/policy.h"
#include "cpu/regs.h"
#include "domain/domain.h"
#include "hvm/cr.h"
#include "hvm/registers.h"
#include "hvm/svm/svm.h"
#include "lib/string.h"
#include "mm/heap.h"
#include "mm/hvmap.h"
#include "p2m/copy.h"

#define IO_MAP_ORDER  2 /* 12 KiB */
#define MSR_MAP_ORDER 1 /* 8 KiB */
#define OPCODE_HLT    0xf4
#define CR4_WRITES    (1u << 4) /* always: what its policy hides is not there */
#define CR8_WRITES    (1u << 8) /* while an interrupt waits for the task priority to sink */
#define DR7_ENABLED   0xff /* any breakpoint */

/* A spinning guest is taken for one after so many PAUSEs, at most a gap (of TSC ticks, where the
 * processor has this threshold) apart (APM vol. 2, 15.14.4): about as on VMX. */
#define PAUSE_GAP   128
#define PAUSE_COUNT 1000

/* All ports and all MSRs are intercepted, by everybody: one map each. */
static void *io_map, *msr_map;

/* Two bits an MSR, read and write; 2 KiB for each range of 0x2000 (APM vol. 2, 15.11). */
static void msr_allow(uint32_t msr)
{
    uint32_t bit = (msr & 0x1fff) * 2 + (msr >= 0xc0010000   ? 0x8000
                                         : msr >= 0xc0000000 ? 0x4000
                                                             : 0);
    uint8_t *map = msr_map;

    map[bit / 8] &= (uint8_t) ~(3u << (bit % 8));
}

static int maps_init(void)
{
    /* switched by VMLOAD, VMSAVE or the control block: the guest's own */
    static const uint32_t own[] = {
        MSR_SYSENTER_CS, MSR_SYSENTER_ESP, MSR_SYSENTER_EIP, MSR_STAR,    MSR_LSTAR,
        MSR_CSTAR,       MSR_FMASK,        MSR_FS_BASE,      MSR_GS_BASE, MSR_KERNEL_GS_BASE};

    if (msr_map)
        return 0;
    io_map = heap_alloc_hyp(IO_MAP_ORDER);
    msr_map = heap_alloc_hyp(MSR_MAP_ORDER);
    if (!io_map || !msr_map)
        return -ENOMEM;
    memset(io_map, 0xff, PAGE_BYTES << IO_MAP_ORDER);
    memset(msr_map, 0xff, PAGE_BYTES << MSR_MAP_ORDER);
    for (size_t i = 0; i < ARRAY_SIZE(own); i++)
        msr_allow(own[i]);
    return 0;
}

int svm_vcpu_init(struct vcpu *v)
{
    struct vmcb *c;

    if (maps_init())
        return -ENOMEM;
    c = heap_alloc_hyp(0);
    if (!c)
        return -ENOMEM;
    v->hvm->vmcb = c;
    v->hvm->vmcb_address = direct_pa(c).a;
    /* #DB and #AC: a guest could make endless chains of them inside an event's delivery, which
     * nothing else ends */
    c->exceptions = 1u << VEC_MC | 1u << VEC_DB | 1u << VEC_AC;
    c->cr_write = CR4_WRITES;
    c->intercepts1 = SVM_I1_INTR | SVM_I1_NMI | SVM_I1_SMI | SVM_I1_INIT | SVM_I1_CPUID |
                     SVM_I1_INVD | SVM_I1_HLT | SVM_I1_INVLPGA | SVM_I1_IO | SVM_I1_MSR |
                     SVM_I1_FERR_FREEZE | SVM_I1_SHUTDOWN | SVM_I1_RDPMC;
    c->intercepts2 = SVM_I2_VMRUN | SVM_I2_VMMCALL | SVM_I2_VMLOAD | SVM_I2_VMSAVE | SVM_I2_STGI |
                     SVM_I2_CLGI | SVM_I2_SKINIT | SVM_I2_WBINVD | SVM_I2_MONITOR | SVM_I2_MWAIT |
                     SVM_I2_XSETBV;
    if (svm_features.pause_filter) {
        c->intercepts1 |= SVM_I1_PAUSE;
        c->pause_count = PAUSE_COUNT;
        c->pause_threshold = PAUSE_GAP;
    }
    c->io_map = direct_pa(io_map).a;
    c->msr_map = direct_pa(msr_map).a;
    c->virtual_interrupt = SVM_V_INTR_MASKING;
    c->nested_control = 1;
    c->nested_cr3 = v->domain->p2m->root.n << PAGE_SHIFT;
    c->efer = EFER_SVME; /* VMRUN insists; the guest is not shown it */
    c->cr0 = CR0_ET;
    c->dr6 = DR6_FIXED;
    c->dr7 = DR7_FIXED;
    v->regs.rflags = RFLAGS_FIXED;
    return 0;
}

void svm_vcpu_free(struct vcpu *v)
{
    heap_free_hyp(v->hvm->vmcb, 0);
    v->hvm->vmcb = NULL;
}

/* Who reads the TSC, and at what rate it counts. RDTSCP that the policy hides does not exist. */
static void choose_tsc(struct vcpu *v)
{
    const struct guest_tsc *t = &v->domain->tsc;
    uint64_t ratio = t->ratio ? t->ratio : SVM_TSC_SAME;
    struct vmcb *c = v->hvm->vmcb;
    bool hidden = !cpu_policy_has(v->domain->policy, XEN_X86_FEATURE_RDTSCP);

    c->intercepts1 = (c->intercepts1 & ~(uint32_t)SVM_I1_RDTSC) | (t->emulated ? SVM_I1_RDTSC : 0);
    c->intercepts2 = (c->intercepts2 & ~(uint32_t)SVM_I2_RDTSCP) |
                     (t->emulated || hidden ? SVM_I2_RDTSCP : 0);
    if (ratio == svm_cpu()->tsc_ratio)
        return;
    svm_cpu()->tsc_ratio = ratio;
    wrmsr(MSR_SVM_TSC_RATIO, ratio);
}

void svm_switch_in(struct vcpu *v)
{
    v->hvm->host_address = svm_cpu()->host_address;
    if (v->hvm->asid_cpu != cpu_id())
        v->hvm->asid_generation = 0;
    v->hvm->asid_cpu = cpu_id();
    choose_tsc(v);
    svm_debug_hide(v);
    if (v->hvm->vmcb->dr7 & DR7_ENABLED)
        svm_debug_show(v);
}

void svm_debug_hide(struct vcpu *v)
{
    v->hvm->vmcb->dr_read = v->hvm->vmcb->dr_write = 0xffff;
}

void svm_debug_show(struct vcpu *v)
{
    v->hvm->vmcb->dr_read = v->hvm->vmcb->dr_write = 0;
    hvm_debug_load(v);
}

void svm_switch_out(struct vcpu *v)
{
    (void)hvm_debug_save(v);
}

/* A tag under which the TLB holds nothing old of this vCPU. */
static void asid_renew(struct vcpu *v)
{
    struct svm_cpu *cpu = svm_cpu();

    if (cpu->asid_next >= svm_features.asids) {
        cpu->asid_next = 1;
        cpu->asid_generation++;
        v->hvm->vmcb->tlb_control = SVM_TLB_FLUSH_ALL;
    }
    v->hvm->vmcb->asid = cpu->asid_next++;
    v->hvm->asid_generation = cpu->asid_generation;
}

/*
 * QEMU 7.2 keeps an interrupt that it was given by event injection until the next exit, and if its
 * loop comes around before that, delivers it once more, whatever the guest's IF. As a virtual
 * interrupt it comes once; one that was not taken before the exit is taken back. (A CPU with
 * next-RIP is none of QEMU's.)
 */
static bool offer_interrupt(struct vcpu *v)
{
    struct vmcb *c = v->hvm->vmcb;

    if (svm_features.next_rip || v->hvm->event.type != HVM_EVENT_INTERRUPT)
        return false;
    c->intercepts1 &= ~(uint32_t)SVM_I1_VINTR;
    c->virtual_interrupt &= ~SVM_V_VECTOR;
    c->virtual_interrupt |= SVM_V_IRQ | SVM_V_IGNORE_TPR | SVM_V_PRIORITY |
                            (uint64_t)v->hvm->event.vector << SVM_V_VECTOR_SHIFT;
    v->hvm->event.valid = false;
    v->hvm->vmcb_offers = true;
    return true;
}

void svm_take_back(struct vcpu *v)
{
    struct vmcb *c = v->hvm->vmcb;

    v->hvm->vmcb_offers = false;
    if (!(c->virtual_interrupt & SVM_V_IRQ))
        return;
    c->virtual_interrupt &= ~SVM_V_IRQ;
    v->hvm->event = (struct hvm_event){
        .valid = true,
        .type = HVM_EVENT_INTERRUPT,
        .vector = (uint8_t)(c->virtual_interrupt >> SVM_V_VECTOR_SHIFT)};
}

static void hand_over_event(struct vcpu *v)
{
    struct hvm_event *e = &v->hvm->event;

    if (!e->valid || offer_interrupt(v))
        return;
    v->hvm->vmcb->event_inject = e->vector | (uint64_t)e->type << SVM_EVENT_TYPE_SHIFT |
                                 SVM_EVENT_VALID | (e->has_error ? SVM_EVENT_ERROR : 0) |
                                 (uint64_t)e->error << 32;
    e->valid = false;
}

/*
 * QEMU 7.2 forgets the shadow at VMRUN. Between STI and HLT that would let an interrupt in whose
 * handler wakes nobody: the HLT behind it sleeps for ever. The HLT exits anyhow, so there the
 * interrupt waits for that. (A CPU with next-RIP is none of QEMU's.)
 */
static bool shadow_of_halt(const struct vcpu *v)
{
    uint64_t gva;
    uint8_t opcode;

    if (svm_features.next_rip || !(v->hvm->vmcb->interrupt_shadow & 1))
        return false;
    gva = v->regs.rip + (svm_code_bits(v) == 64 ? 0 : svm_segment_base(v, 1));
    return !copy_from_guest(&opcode, gva, 1) && opcode == OPCODE_HLT;
}

/*
 * An NMI or the next interrupt, now or as soon as the guest can take it. There is no exit at the
 * moment when an NMI becomes possible; in an interrupt shadow it waits like an interrupt, or (with
 * interrupts off) for whatever exit comes next.
 */
static off_path void choose_interrupt(struct vcpu *v)
{
    struct vmcb *c = v->hvm->vmcb;
    bool free = !v->hvm->event.valid && !(c->interrupt_shadow & 1), nmi = hvm_nmi_waits(v);
    int vector;

    c->intercepts1 &= ~(uint32_t)(SVM_I1_VINTR | SVM_I1_IRET);
    c->virtual_interrupt &= ~SVM_V_IRQ;
    c->cr_write = CR4_WRITES | (vlapic_waits_for_tpr(v) ? CR8_WRITES : 0);
    if (nmi && free) {
        hvm_nmi_take(v);
        nmi = free = false;
    }
    if (v->nmi_blocked)
        c->intercepts1 |= SVM_I1_IRET;
    vector = hvm_interrupt_next(v);
    if ((vector < 0 && !nmi) || shadow_of_halt(v))
        return;
    if (vector >= 0 && free && (v->regs.rflags & X86_IF)) {
        hvm_interrupt_take(v, (uint8_t)vector);
        return;
    }
    c->intercepts1 |= SVM_I1_VINTR;
    c->virtual_interrupt |= SVM_V_IRQ | SVM_V_IGNORE_TPR | SVM_V_PRIORITY;
    if (!svm_features.next_rip) /* QEMU's emulation aborts when CR8 is written meanwhile */
        c->cr_write |= CR8_WRITES;
}

/* Is there no event, no window and nothing posted? Then the block is right as it is. */
static bool nothing_waits(const struct vcpu *v)
{
    const struct hvm_vcpu *h = v->hvm;

    return !(h->event.valid | h->vmcb_asks | v->nmi_blocked |
             (READ_ONCE(v->work) & 1u << VCPU_WORK_NMI) |
             READ_ONCE(v->info->evtchn_upcall_pending) | vlapic_anything_waits(&h->lapic) |
             READ_ONCE(v->domain->hvm->board.pic_asks));
}

static void prepare_events(struct vcpu *v)
{
    const struct vmcb *c = v->hvm->vmcb;

    choose_interrupt(v);
    hand_over_event(v);
    v->hvm->vmcb_asks = (c->intercepts1 & (SVM_I1_VINTR | SVM_I1_IRET)) ||
                        c->cr_write != CR4_WRITES || c->tlb_control != SVM_TLB_NOTHING;
}

static bool asid_is_good(const struct vcpu *v, uint32_t generation)
{
    return v->hvm->p2m_seen == generation &&
           v->hvm->asid_generation == svm_cpu()->asid_generation;
}

/* What an entry needs now and then only. */
static off_path void prepare(struct vcpu *v, uint32_t generation)
{
    v->hvm->vmcb->tlb_control = SVM_TLB_NOTHING;
    viridian_assist_check(v, &v->hvm->viridian);
    if (!asid_is_good(v, generation)) {
        v->hvm->p2m_seen = generation;
        asid_renew(v);
    }
    prepare_events(v);
}

void svm_before_entry(struct vcpu *v)
{
    uint32_t generation = READ_ONCE(v->domain->p2m->generation);
    struct vmcb *c = v->hvm->vmcb;

    c->virtual_interrupt = (c->virtual_interrupt & ~0xffULL) | vlapic_cr8(&v->hvm->lapic);
    if (unlikely(v->hvm->viridian.assist_pending || !asid_is_good(v, generation) ||
                 !nothing_waits(v)))
        prepare(v, generation);
}

void svm_walk_mode(const struct vcpu *v, struct walk_mode *mode)
{
    const struct vmcb *c = v->hvm->vmcb;

    *mode = (struct walk_mode){.cr0 = c->cr0,
                               .cr3 = c->cr3,
                               .cr4 = c->cr4,
                               .efer = c->efer,
                               .rflags = v->regs.rflags,
                               .physical_bits = 48,
                               .page_1g = true};
}

unsigned int svm_cpl(const struct vcpu *v)
{
    return v->hvm->vmcb->cpl;
}

unsigned int svm_code_bits(const struct vcpu *v)
{
    const struct vmcb *c = v->hvm->vmcb;

    if (!(c->cr0 & CR0_PE) || (v->regs.rflags & X86_VM))
        return 16;
    if (svm_in_64bit_code(c))
        return 64;
    return c->cs.attributes & 0x400 ? 32 : 16; /* D */
}

uint64_t svm_segment_base(const struct vcpu *v, unsigned int segment)
{
    const struct vmcb_segment *all = &v->hvm->vmcb->es;

    return all[segment].base;
}

/* The public record packs attributes as SVM does. */
static void segment_get(const struct vmcb_segment *s, uint32_t *sel, uint64_t *base,
                        uint32_t *limit, uint32_t *ar)
{
    *sel = s->selector;
    *base = s->base;
    *limit = s->limit;
    *ar = s->attributes;
}

static void segment_set(struct vmcb_segment *s, uint32_t sel, uint64_t base, uint32_t limit,
                        uint32_t ar)
{
    s->selector = (uint16_t)sel;
    s->base = base;
    s->limit = limit;
    s->attributes = ar & 0xfff;
}

#define EACH_SEGMENT(do) \
    do                   \
    (es) do(cs) do(ss) do(ds) do(fs) do(gs) do(tr) do(ldtr)

void svm_state_get(struct vcpu *v, struct hvm_hw_cpu *s)
{
    const struct vmcb *c = v->hvm->vmcb;

    hvm_registers_get(v, s);
    s->cr0 = c->cr0, s->cr2 = c->cr2, s->cr3 = c->cr3, s->cr4 = c->cr4;
    s->dr6 = c->dr6, s->dr7 = c->dr7;
    s->idtr_base = c->idtr.base, s->idtr_limit = c->idtr.limit;
    s->gdtr_base = c->gdtr.base, s->gdtr_limit = c->gdtr.limit;
    s->sysenter_cs = c->sysenter_cs, s->sysenter_esp = c->sysenter_esp;
    s->sysenter_eip = c->sysenter_eip, s->shadow_gs = c->kernel_gs_base;
    s->msr_lstar = c->lstar, s->msr_star = c->star, s->msr_cstar = c->cstar;
    s->msr_syscall_mask = c->sfmask, s->msr_efer = c->efer & ~EFER_SVME;
#define GET(x) segment_get(&c->x, &s->x##_sel, &s->x##_base, &s->x##_limit, &s->x##_arbytes);
    EACH_SEGMENT(GET)
#undef GET
}

void svm_state_set(struct vcpu *v, const struct hvm_hw_cpu *s)
{
    struct vmcb *c = v->hvm->vmcb;

    hvm_registers_set(v, s);
    c->cr0 = s->cr0 | CR0_ET, c->cr2 = s->cr2, c->cr3 = s->cr3, c->cr4 = s->cr4;
    c->dr6 = s->dr6, c->dr7 = s->dr7;
    c->idtr = (struct vmcb_segment){.limit = s->idtr_limit, .base = s->idtr_base};
    c->gdtr = (struct vmcb_segment){.limit = s->gdtr_limit, .base = s->gdtr_base};
    c->sysenter_cs = s->sysenter_cs, c->sysenter_esp = s->sysenter_esp;
    c->sysenter_eip = s->sysenter_eip, c->kernel_gs_base = s->shadow_gs;
    c->lstar = s->msr_lstar, c->star = s->msr_star, c->cstar = s->msr_cstar;
    c->sfmask = s->msr_syscall_mask, c->efer = s->msr_efer | EFER_SVME;
#define SET(x) segment_set(&c->x, s->x##_sel, s->x##_base, s->x##_limit, s->x##_arbytes);
    EACH_SEGMENT(SET)
#undef SET
    c->cpl = (s->ss_arbytes >> 5) & 3;
    c->interrupt_shadow = 0;
    v->hvm->debug_loaded = false; /* where it is not current it was so already */
    svm_debug_hide(v);
}

uint64_t svm_efer(const struct vcpu *v)
{
    return v->hvm->vmcb->efer & ~EFER_SVME;
}

void svm_set_efer(struct vcpu *v, uint64_t value)
{
    v->hvm->vmcb->efer = value | EFER_SVME;
}

void svm_set_cr4(struct vcpu *v, uint64_t value)
{
    struct vmcb *c = v->hvm->vmcb;

    if ((c->cr4 ^ value) & HVM_CR4_TRANSLATION)
        v->hvm->asid_generation = 0;
    c->cr4 = value;
}

void svm_set_pat(struct vcpu *v, uint64_t value)
{
    v->hvm->vmcb->pat = value;
}

void svm_breakpoint_exits(struct vcpu *v, bool on)
{
    uint32_t bit = 1u << VEC_BP, now = v->hvm->vmcb->exceptions;

    v->hvm->vmcb->exceptions = on ? now | bit : now & ~bit;
}

void svm_set_tsc_offset(struct vcpu *v, uint64_t offset)
{
    v->hvm->vmcb->tsc_offset = offset;
}

void svm_set_cr2(struct vcpu *v, uint64_t value)
{
    v->hvm->vmcb->cr2 = value;
}

void svm_segment_read(struct vcpu *v, enum insn_segment segment, struct insn_segment_state *out)
{
    const struct vmcb_segment *all = &v->hvm->vmcb->es, *s = &all[segment];

    *out = (struct insn_segment_state){.base = s->base,
                                       .limit = s->limit,
                                       .selector = s->selector,
                                       .attributes = s->attributes};
}

#define DR6_SINGLE_STEP (1u << 14)

void svm_retired(struct vcpu *v)
{
    v->hvm->vmcb->interrupt_shadow = 0;
    if (v->regs.rflags & X86_TF) {
        v->hvm->vmcb->dr6 |= DR6_SINGLE_STEP;
        hvm_inject_exception(v, VEC_DB, false, 0);
    }
}
