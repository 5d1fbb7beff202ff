/* SPDX-License-Identifier: BSD-2-Clause */
/* What exits mean, once for both vendors. */
#include "hvm/exit.h"

#include "abi/errno.h"
#include "console/log.h"
#include "cpu/insn.h"
#include "cpu/policy.h"
#include "cpu/regs.h"
#include "cpu/smp.h"
#include "cpu/xstate.h"
#include "domain/domain.h"
#include "domain/memory.h"
#include "domain/pod.h"
#include "hvm/emulate.h"
#include "hvm/hardware.h"
#include "hvm/hvm.h"
#include "hvm/msr.h"
#include "hvm/vendor.h"
#include "hypercall/dispatch.h"
#include "mm/tlb.h"
#include "p2m/written.h"
#include "sched/sched.h"

#include <xen/sched.h>

uint64_t *hvm_gpr(struct cpu_user_regs *r, unsigned int number)
{
    uint64_t *const table[16] = {&r->rax, &r->rcx, &r->rdx, &r->rbx, &r->rsp, &r->rbp,
                                 &r->rsi, &r->rdi, &r->r8,  &r->r9,  &r->r10, &r->r11,
                                 &r->r12, &r->r13, &r->r14, &r->r15};

    return table[number & 15];
}

enum exit_verdict hvm_exit_undefined(struct vcpu *v)
{
    hvm_inject_exception(v, VEC_UD, false, 0);
    return EXIT_INJECTED;
}

enum exit_verdict hvm_exit_protection(struct vcpu *v)
{
    hvm_inject_exception(v, VEC_GP, true, 0);
    return EXIT_INJECTED;
}

/* CPUID shows whether the guest has switched XSAVE on. */
static bool hvm_has_osxsave(const struct vcpu *v)
{
    struct walk_mode mode;

    vendor_walk_mode(v, &mode);
    return mode.cr4 & CR4_OSXSAVE;
}

enum exit_verdict hvm_exit_cpuid(struct vcpu *v)
{
    struct cpu_user_regs *r = &v->regs;
    uint64_t leaf = r->rax;
    struct cpuid_regs out;

    if (v->hvm->cpuid_faults && vendor_cpl(v))
        return hvm_exit_protection(v);
    if ((uint32_t)leaf >> 28 == VIRIDIAN_MSR_FIRST >> 28 && viridian_mask(v->domain))
        viridian_cpuid(v, (uint32_t)leaf, (uint32_t)r->rcx, &out);
    else
        cpu_policy_cpuid(v, (uint32_t)leaf, (uint32_t)r->rcx, &out);
    if ((uint32_t)leaf == 1 && hvm_has_osxsave(v))
        out.ecx |= 1u << (XEN_X86_FEATURE_OSXSAVE % 32);
    r->rax = out.eax;
    r->rbx = out.ebx;
    r->rcx = out.ecx;
    r->rdx = out.edx;
    return EXIT_ADVANCE;
}

enum exit_verdict hvm_exit_rdtsc(struct vcpu *v, bool with_aux)
{
    uint64_t tsc = guest_tsc_now(v->domain) + v->tsc_offset;

    if (with_aux && !cpu_policy_has(v->domain->policy, XEN_X86_FEATURE_RDTSCP))
        return hvm_exit_undefined(v);
    v->regs.rax = (uint32_t)tsc;
    v->regs.rdx = tsc >> 32;
    if (with_aux)
        v->regs.rcx = (uint32_t)v->tsc_aux;
    return EXIT_ADVANCE;
}

enum exit_verdict hvm_exit_rdmsr(struct vcpu *v)
{
    uint64_t value;

    if (hvm_rdmsr(v, (uint32_t)v->regs.rcx, &value))
        return hvm_exit_protection(v);
    v->regs.rax = (uint32_t)value;
    v->regs.rdx = value >> 32;
    return EXIT_ADVANCE;
}

enum exit_verdict hvm_exit_wrmsr(struct vcpu *v)
{
    uint64_t value = (uint32_t)v->regs.rax | v->regs.rdx << 32;

    return hvm_wrmsr(v, (uint32_t)v->regs.rcx, value) ? hvm_exit_protection(v) : EXIT_ADVANCE;
}

enum exit_verdict hvm_exit_xsetbv(struct vcpu *v)
{
    uint64_t value = (uint32_t)v->regs.rax | v->regs.rdx << 32;

    if ((uint32_t)v->regs.rcx || vendor_cpl(v) ||
        (value & ~cpu_policy_xcr0(v->domain->policy)) || xstate_set_xcr0(v, value))
        return hvm_exit_protection(v);
    return EXIT_ADVANCE;
}

enum exit_verdict hvm_exit_halt(struct vcpu *v)
{
    viridian_assist_check(v, &v->hvm->viridian);
    if (v->regs.rflags & X86_IF)
        sched_block(v);
    else /* for good but for an NMI or INIT: how kernels without ACPI switch off */
        vcpu_take_down(v, VPF_HALTED);
    return EXIT_ADVANCE;
}

/* Only devices of the machine look past the caches; the vCPU may have run on any CPU. */
enum exit_verdict hvm_exit_wbinvd(struct vcpu *v)
{
    if (v->domain->hvm->hardware)
        tlb_flush_mask(&cpus_online, TLB_FLUSH_CACHE, 0);
    return EXIT_ADVANCE;
}

enum exit_verdict hvm_exit_triple_fault(struct vcpu *v)
{
    struct domain *d = v->domain;

    log_guest(LOG_WARN, "d%u: vCPU %u: triple fault at %#lx", d->id, v->id, v->regs.rip);
    domain_shutdown(d, (int)READ_ONCE(d->hvm->params[HVM_PARAM_TRIPLE_FAULT_REASON]));
    return EXIT_RESUME;
}

/* Does the table allow by now what it refused? Another vCPU may have been faster. */
static bool is_allowed(const struct p2m_entry *e, const struct exit_memory *m)
{
    return p2m_type_is_present(e->type) && (!m->write || p2m_type_is_writable(e->type)) &&
           (!m->fetch || p2m_type_is_executable(e->type));
}

/* The first write to memory that somebody watches. */
static enum exit_verdict first_write(struct domain *d, uint64_t gfn)
{
    spin_lock(&d->p2m->lock);
    p2m_mark_written(d->p2m, gfn);
    spin_unlock(&d->p2m->lock);
    return EXIT_RESUME;
}

static enum exit_verdict promised_memory(struct domain *d, uint64_t gfn)
{
    if (pod_fault(d, gfn) != POD_OUT)
        return EXIT_RESUME;
    pod_crash(d, gfn);
    return EXIT_CRASH;
}

enum exit_verdict hvm_exit_device(struct vcpu *v, const struct exit_memory *m)
{
    if (!m->fetch && !m->in_walk && !m->in_delivery)
        return hvm_emulate(v, NULL);
    domain_crash(v->domain, "vCPU %u: %s of %#lx at %#lx, which is no memory%s", v->id,
                 m->fetch   ? "fetch"
                 : m->write ? "write"
                            : "read",
                 m->gpa, v->regs.rip, m->in_walk       ? " (walk of its page tables)"
                 : m->in_delivery ? " (delivery of an event)"
                                  : "");
    return EXIT_CRASH;
}

enum exit_verdict hvm_exit_memory(struct vcpu *v, const struct exit_memory *m)
{
    uint64_t gfn = m->gpa >> PAGE_SHIFT;
    struct p2m_entry e = p2m_lookup(v->domain->p2m, gfn);

    if (e.type == P2M_POD)
        return promised_memory(v->domain, gfn);
    if (e.type == P2M_RAM_LOGDIRTY && m->write)
        return first_write(v->domain, gfn);
    if (is_allowed(&e, m))
        return EXIT_RESUME;
    if (v->domain->hvm->hardware && !m->fetch && !m->in_walk && hardware_map(v->domain, m->gpa))
        return EXIT_RESUME;
    return hvm_exit_device(v, m);
}

/* ---- hypercalls ---- */

/* Does the call that @r makes give up frames? A device model may have them mapped. */
static bool gives_up_frames(const struct cpu_user_regs *r, bool is_64bit)
{
    uint64_t op = is_64bit ? r->rdi : r->rbx;

    return (uint32_t)r->rax == __HYPERVISOR_memory_op &&
           (op & MEMORY_CMD_MASK) == XENMEM_decrease_reservation;
}

enum exit_verdict hvm_exit_hypercall(struct vcpu *v, bool is_64bit, unsigned int cpl)
{
    bool forget = gives_up_frames(&v->regs, is_64bit), done;

    if (cpl) { /* programs may not, whatever they ask */
        v->regs.rax = (uint64_t)-EPERM;
        return EXIT_ADVANCE;
    }
    if (unlikely((uint32_t)v->regs.rax >> 31) && viridian_mask(v->domain)) {
        viridian_hypercall(v, is_64bit);
        return EXIT_ADVANCE;
    }
    viridian_assist_check(v, &v->hvm->viridian); /* the call may wait for an interrupt */
    done = hypercall_run_translated(v, is_64bit);
    if (forget)
        ioreq_invalidate(v);
    return done ? EXIT_ADVANCE : EXIT_RESUME;
}

TRACE_ASIDE void hvm_trace_exit(const struct vcpu *v, uint32_t reason)
{
    TRACE(TRC_HVM_VMEXIT64, reason, TRACE_64(v->regs.rip));
}

void hvm_debugger(struct domain *d)
{
    struct vcpu *v;

    for_each_vcpu(d, v)
        vendor_breakpoint_exits(v, d->debugger_attached);
}

bool hvm_debugger_takes(struct vcpu *v, uint8_t vector)
{
    if (likely(!READ_ONCE(v->domain->debugger_attached)) || vendor_cpl(v))
        return false;
    domain_pause_for_debugger(v, vector);
    return true;
}

void hvm_look_mode(struct vcpu *v, struct walk_mode *mode)
{
    struct hvm_hw_cpu s;

    vcpu_pause(v);
    vendor_state_get(v, &s);
    vcpu_unpause(v);
    mode->cr0 = s.cr0;
    mode->cr3 = s.cr3;
    mode->cr4 = s.cr4;
    mode->efer = s.msr_efer;
}
