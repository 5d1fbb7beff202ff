/* SPDX-License-Identifier: BSD-2-Clause */
/* Hardware-assisted domains and vCPUs: creation, end, moving on and off a CPU. */
#include "hvm/hvm.h"

#include "abi/errno.h"
#include "console/log.h"
#include "cpu/features.h"
#include "cpu/insn.h"
#include "cpu/mitigation.h"
#include "cpu/percpu.h"
#include "cpu/regs.h"
#include "cpu/smp.h"
#include "cpu/xstate.h"
#include "debug/trace.h"
#include "domain/domain.h"
#include "domain/kind.h"
#include "domain/shared.h"
#include "domain/translated.h"
#include "hvm/cr.h"
#include "hvm/grant_map.h"
#include "hvm/log.h"
#include "hvm/mtrr.h"
#include "hvm/start.h"
#include "hvm/io.h"
#include "hvm/vendor.h"
#include "hypercall/hypercall.h"
#include "lib/string.h"
#include "mm/heap.h"
#include "mm/hvmap.h"
#include "mm/pool.h"
#include "mm/tlb.h"
#include "sched/softirq.h"
#include "time/time.h"

#include <xen/sched.h>

/* The paging pool before the toolstack says how big it shall be: room to begin with. */
#define POOL_PAGES_AT_FIRST 256

bool hvm_enabled, hvm_is_vmx;

void hvm_init(bool use_pml, bool use_apicv)
{
    hvm_is_vmx = vmx_probe(use_apicv);
    hvm_pml = hvm_pml && use_pml;
    hvm_enabled = hvm_is_vmx || svm_probe();
    if (hvm_cpu_enable())
        hvm_enabled = false;
    log_info("HVM and PVH guests: %s%s",
             !hvm_enabled ? "no"
             : hvm_is_vmx ? "VMX with EPT"
                          : "SVM with nested paging",
             hvm_enabled && hvm_pml ? ", log of modified pages" : "");
}

int hvm_cpu_enable(void)
{
    int rc = hvm_enabled ? vendor_cpu_enable() : 0;

    if (!rc)
        cpu_ends_hook = hvm_cpu_disable;
    else
        hvm_enabled = false; /* for all: a guest may be moved to any CPU */
    return rc;
}

void hvm_cpu_disable(void)
{
    if (cpu_self()->hvm)
        vendor_cpu_disable();
}

static int hvm_domain_init(struct domain *d, const struct xen_domctl_createdomain *config)
{
    struct hvm_domain *h;

    if (!hvm_enabled)
        return -EOPNOTSUPP;
    if (d->max_vcpus > IOREQ_VCPUS)
        return -EINVAL;
    h = pool_new(struct hvm_domain);
    if (!h)
        return -ENOMEM;
    d->hvm = h;
    d->p2m = &h->p2m;
    h->params[HVM_PARAM_TRIPLE_FAULT_REASON] = SHUTDOWN_reboot;
    h->params[HVM_PARAM_X87_FIP_WIDTH] = 8;
    ioreq_domain_init(d);
    board_init(d, config->arch.emulation_flags);
    return p2m_init(&h->p2m, hvm_is_vmx, vendor_page_1g(), POOL_PAGES_AT_FIRST);
}

static int hvm_domain_relinquish(struct domain *d)
{
    bool done;
    int rc;

    ioreq_domain_relinquish(d);
    rc = translated_relinquish(d);
    if (rc)
        return rc;
    spin_lock(&d->hvm->p2m.lock);
    done = p2m_free(&d->hvm->p2m, 16);
    spin_unlock(&d->hvm->p2m.lock);
    return done ? 0 : -ERESTART;
}

static void hvm_domain_free(struct domain *d)
{
    if (!d->hvm)
        return;
    while (!p2m_free(&d->hvm->p2m, 64))
        ;
    heap_free_hyp(d->hvm->apic_page, 0);
    board_free(d);
    ioreq_domain_free(d);
    pool_free(d->hvm);
    d->hvm = NULL;
    d->p2m = NULL;
}

static int hvm_vcpu_init(struct vcpu *v)
{
    int rc;

    v->hvm = pool_new(struct hvm_vcpu);
    if (!v->hvm)
        return -ENOMEM;
    v->quick = &v->hvm->quick;
    v->hvm->asid_cpu = CPU_NONE;
    v->hvm->gpa_bits = 48;
    mtrr_init(&v->hvm->mtrr);
    viridian_vcpu_init(v);
    rc = vlapic_init(v) ? -ENOMEM : vendor_vcpu_init(v);
    if (rc)
        return rc;
    hvm_set_pat(v, PAT_RESET);
    rc = hvm_log_join(v);
    return rc ? rc : ioreq_vcpu_init(v);
}

static void hvm_vcpu_free(struct vcpu *v)
{
    if (v->hvm) {
        viridian_vcpu_free(v);
        vlapic_free(v);
        vendor_vcpu_free(v);
    }
    pool_free(v->hvm);
    v->hvm = NULL;
    v->quick = NULL;
}

static void hvm_switch_out(struct vcpu *v)
{
    vendor_switch_out(v);
    xstate_save(v);
}

static void hvm_switch_in(struct vcpu *v)
{
    struct percpu *cpu = cpu_self();
    uint64_t cr3 = mfn_paddr(hvmap_idle_l4()).a;

    mitigation_switch(v->domain->id);
    if (cpu->cr3 != cr3)
        tlb_load_cr3(cr3);
    if (cpu->tsc_aux != v->tsc_aux && cpu_features.rdtscp) {
        wrmsr(MSR_TSC_AUX, v->tsc_aux);
        cpu->tsc_aux = v->tsc_aux;
    }
    xstate_load(v);
    vendor_switch_in(v);
}

static void start_up(struct vcpu *v)
{
    uint16_t startup = __atomic_exchange_n(&v->hvm->startup, 0, __ATOMIC_SEQ_CST);

    if (!(startup & HVM_STARTUP_WAITS))
        return;
    hvm_forget(v);
    hvm_start_real_mode(v, (uint16_t)((startup & 0xff) << 8),
                        startup & HVM_STARTUP_RESET ? 0xfff0 : 0);
    if (v->id)
        hvm_set_tsc_offset(v, v->domain->vcpus[0]->tsc_offset);
}

static TRACE_ASIDE void trace_entry(void)
{
    TRACE(TRC_HVM_VMENTRY);
}

/* Upcalls become interrupts of the local APIC here; NMIs wait until the guest can take them. */
static bool hvm_before_entry(struct vcpu *v)
{
    const uint32_t done = 1u << VCPU_WORK_EVENT | 1u << VCPU_WORK_STATE;
    uint32_t work = READ_ONCE(v->work);

    if (work & (1u << VCPU_WORK_DESTROY)) {
        softirq_raise(SOFTIRQ_SCHED);
        return true;
    }
    if (unlikely(work & (1u << VCPU_WORK_CONTINUE))) {
        irq_enable();
        hvm_io_resume(v);
        return true;
    }
    board_callback(v);
    if (unlikely(READ_ONCE(trace_mask)))
        trace_entry();
    if (!(work & done))
        return false;
    work = __atomic_fetch_and(&v->work, ~done, __ATOMIC_SEQ_CST);
    if (work & (1u << VCPU_WORK_STATE))
        start_up(v);
    if ((work & (1u << VCPU_WORK_EVENT)) && READ_ONCE(v->info->evtchn_upcall_pending) &&
        v->hvm->upcall_vector)
        vlapic_accept_upcall(v, v->hvm->upcall_vector);
    if (unlikely(READ_ONCE(v->hvm->viridian.expired)))
        viridian_synic_due(v);
    return false;
}

static bool hvm_upcall_deliverable(const struct vcpu *v)
{
    return (v->regs.rflags & X86_IF) && hvm_interrupt_next(v) >= 0;
}

/* What debuggers change: general and debug registers, and those of the FPU. Segments and what
 * translates addresses are in records (save.c). */
static int hvm_context_set(struct vcpu *v, const struct vcpu_guest_context *c)
{
    const struct cpu_user_regs *r = &c->user_regs;
    struct hvm_hw_cpu s;

    vendor_state_get(v, &s);
    s.rax = r->rax, s.rbx = r->rbx, s.rcx = r->rcx, s.rdx = r->rdx;
    s.rbp = r->rbp, s.rsi = r->rsi, s.rdi = r->rdi, s.rsp = r->rsp;
    s.r8 = r->r8, s.r9 = r->r9, s.r10 = r->r10, s.r11 = r->r11;
    s.r12 = r->r12, s.r13 = r->r13, s.r14 = r->r14, s.r15 = r->r15;
    s.rip = r->rip, s.rflags = r->rflags;
    s.dr0 = c->debugreg[0], s.dr1 = c->debugreg[1];
    s.dr2 = c->debugreg[2], s.dr3 = c->debugreg[3];
    s.dr6 = c->debugreg[6], s.dr7 = c->debugreg[7];
    if (c->flags & VGCF_i387_valid)
        memcpy(s.fpu_regs, &c->fpu_ctxt, sizeof(s.fpu_regs));
    hvm_registers_settle(&s);
    vendor_state_set(v, &s);
    return 0;
}

/* What debuggers and core dumps show: registers and where address translation begins. */
static void hvm_context_get(struct vcpu *v, struct vcpu_guest_context *c)
{
    struct hvm_hw_cpu s;

    vendor_state_get(v, &s);
    memcpy(&c->fpu_ctxt, s.fpu_regs, sizeof(c->fpu_ctxt));
    c->flags = VGCF_i387_valid;
    c->user_regs = v->regs;
    c->user_regs.cs = (uint16_t)s.cs_sel;
    c->user_regs.ss = (uint16_t)s.ss_sel;
    c->user_regs.ds = (uint16_t)s.ds_sel;
    c->user_regs.es = (uint16_t)s.es_sel;
    c->user_regs.fs = (uint16_t)s.fs_sel;
    c->user_regs.gs = (uint16_t)s.gs_sel;
    c->fs_base = s.fs_base;
    c->gs_base_kernel = s.gs_base;
    c->gs_base_user = s.shadow_gs;
    c->ctrlreg[0] = s.cr0;
    c->ctrlreg[2] = s.cr2;
    c->ctrlreg[3] = s.cr3;
    c->ctrlreg[4] = s.cr4;
    for (unsigned int i = 0; i < 4; i++)
        c->debugreg[i] = v->debugreg[i];
    c->debugreg[6] = s.dr6;
    c->debugreg[7] = s.dr7;
}

void hvm_debug_load(struct vcpu *v)
{
    write_dr0(v->debugreg[0]);
    write_dr1(v->debugreg[1]);
    write_dr2(v->debugreg[2]);
    write_dr3(v->debugreg[3]);
    v->hvm->debug_loaded = true;
}

bool hvm_debug_save(struct vcpu *v)
{
    if (!v->hvm->debug_loaded)
        return false;
    v->debugreg[0] = read_dr0();
    v->debugreg[1] = read_dr1();
    v->debugreg[2] = read_dr2();
    v->debugreg[3] = read_dr3();
    v->hvm->debug_loaded = false;
    return true;
}

void hvm_set_tsc_offset(struct vcpu *v, uint64_t offset)
{
    v->tsc_offset = offset;
    vendor_set_tsc_offset(v, offset);
    time_publish_always(v);
}

void hvm_set_pat(struct vcpu *v, uint64_t value)
{
    v->hvm->mtrr.msr_pat_cr = value;
    vendor_set_pat(v, mtrr_pat_in_force(value, v->domain->hvm->hardware));
}

void hvm_move_tsc(struct domain *d, uint64_t by)
{
    struct vcpu *v;

    for_each_vcpu(d, v)
        hvm_set_tsc_offset(v, v->tsc_offset + by);
    viridian_tsc_changed(d);
}

void hvm_layout_choose(struct vcpu *v)
{
    shared_layout_set(v->domain, vendor_code_bits(v) != 64);
}

static void hvm_dump(struct vcpu *v)
{
    struct hvm_hw_cpu s;

    vendor_state_get(v, &s);
    log_error("  CR0 %#lx CR2 %#lx CR3 %#lx CR4 %#lx EFER %#lx", s.cr0, s.cr2, s.cr3, s.cr4,
              s.msr_efer);
    log_error("  CS %04x base %#lx attributes %#x, SS %04x, GDT %#lx, IDT %#lx", s.cs_sel,
              s.cs_base, s.cs_arbytes, s.ss_sel, s.gdtr_base, s.idtr_base);
}

static void hvm_walk_mode(const struct vcpu *v, struct walk_mode *mode)
{
    vendor_walk_mode(v, mode);
}

const struct guest_kind hvm_kind = {
    .name = "hvm",
    .domain_init = hvm_domain_init,
    .domain_relinquish = hvm_domain_relinquish,
    .domain_free = hvm_domain_free,
    .vcpu_init = hvm_vcpu_init,
    .vcpu_free = hvm_vcpu_free,
    .switch_out = hvm_switch_out,
    .switch_in = hvm_switch_in,
    .before_entry = hvm_before_entry,
    .upcall_deliverable = hvm_upcall_deliverable,
    .is_busy = ioreq_is_busy,
    .context_set = hvm_context_set,
    .start = hvm_start,
    .context_get = hvm_context_get,
    .dump = hvm_dump,
    .walk_mode = hvm_walk_mode,
    .grants = &hvm_grant_mapper,
    .ioreq_frames = 2, /* the slots, and the ring */
    .ioreq_frame = ioreq_resource_frame,
};
