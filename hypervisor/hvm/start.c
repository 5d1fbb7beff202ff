/* SPDX-License-Identifier: BSD-2-Clause */
/* How vCPUs begin: by a start-up interrupt, or as their kernel says with VCPUOP_initialise. */
#include "hvm/start.h"

#include "abi/errno.h"
#include "cpu/percpu.h"
#include "cpu/regs.h"
#include "domain/domain.h"
#include "hvm/cr.h"
#include "hvm/hvm.h"
#include "hvm/mtrr.h"
#include "hvm/vendor.h"
#include "hypercall/hypercall.h"
#include "p2m/copy.h"
#include "p2m/walk.h"
#include "sched/sched.h"

#include <xen/hvm/hvm_vcpu.h>

/* Rights of a segment in 12 bits (SDM vol. 3, 3.4.5) */
#define AR_TYPE    0x00fu
#define AR_CODE    0x008u
#define AR_WRITE   0x002u /* data; readable if code */
#define AR_SYSTEM  0x010u /* clear for those of the system */
#define AR_DPL     0x060u
#define AR_PRESENT 0x080u
#define AR_UNUSED  0xf000u

#define CODE64 0xa9bu
#define CODE32 0xc9bu
#define DATA32 0xc93u
#define CODE16 0x09bu
#define DATA16 0x093u
#define TSS32  0x08bu

#define RESET_SELECTOR 0xf000u /* the reset vector is at f000:fff0 (SDM vol. 3, 9.1.4) */

void hvm_start_real_mode(struct vcpu *v, uint16_t selector, uint16_t ip)
{
    struct hvm_hw_cpu s = {
        .rip = ip,
        .rflags = RFLAGS_FIXED,
        .cr0 = CR0_CD | CR0_NW | CR0_ET,
        .dr6 = DR6_FIXED,
        .dr7 = DR7_FIXED,
        .cs_sel = selector,
        .cs_base = (uint64_t)selector << 4,
        .cs_limit = 0xffff,
        .cs_arbytes = CODE16,
        .ds_limit = 0xffff,
        .ds_arbytes = DATA16,
        .es_limit = 0xffff,
        .es_arbytes = DATA16,
        .fs_limit = 0xffff,
        .fs_arbytes = DATA16,
        .gs_limit = 0xffff,
        .gs_arbytes = DATA16,
        .ss_limit = 0xffff,
        .ss_arbytes = DATA16,
        .tr_limit = 0xffff,
        .tr_arbytes = TSS32,
        .ldtr_limit = 0xffff,
        .ldtr_arbytes = 0x82,
        .gdtr_limit = 0xffff,
        .idtr_limit = 0xffff,
        .rdx = 0xf00,
    };

    vendor_state_set(v, &s);
}

void hvm_await_startup(struct vcpu *v)
{
    const uint16_t start = HVM_STARTUP_RESET | HVM_STARTUP_WAITS | 0xff;

    WRITE_ONCE(v->initialised, false); /* who sees it down below sees this, too */
    __atomic_fetch_or(&v->hvm->startup, HVM_STARTUP_INIT, __ATOMIC_SEQ_CST);
    __atomic_fetch_and(&v->hvm->startup, (uint16_t)~start, __ATOMIC_SEQ_CST);
    __atomic_store_n(&v->down, VPF_DOWN, __ATOMIC_SEQ_CST);
}

void hvm_forget(struct vcpu *v)
{
    ioreq_abandon(v);
    v->hvm->event.valid = false;
    v->nmi_blocked = false;
    vlapic_reset(v);
    viridian_vcpu_reset(v);
}

/* ---- ACPI S3 ---- */

enum sleep { AWAKE, FALLING_ASLEEP, ASLEEP };

/* vCPU 0 takes its new state itself when it runs again, the others wait for a start-up interrupt:
 * what they have asked a device model for is forgotten on that way. */
static void reset(struct domain *d)
{
    struct vcpu *v;

    platform_reset(&d->hvm->board.platform);
    for_each_vcpu(d, v) {
        hvm_await_startup(v);
        sched_sleep(v);
    }
    v = domain_vcpu(d, 0);
    if (!v)
        return;
    WRITE_ONCE(v->initialised, true);
    WRITE_ONCE(v->hvm->startup, HVM_STARTUP_WAITS | HVM_STARTUP_RESET | RESET_SELECTOR >> 8);
    vcpu_raise(v, VCPU_WORK_STATE);
    vcpu_bring_up(v);
}

void hvm_sleep(struct domain *d)
{
    uint8_t state = AWAKE;

    domain_pause(d);
    if (!__atomic_compare_exchange_n(&d->hvm->sleep, &state, FALLING_ASLEEP, false,
                                     __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) {
        domain_unpause(d);
        return;
    }
    reset(d);
    __atomic_store_n(&d->hvm->sleep, ASLEEP, __ATOMIC_SEQ_CST);
}

/* The TSC of a processor that comes from S3 begins anew. */
void hvm_wake(struct domain *d)
{
    uint8_t state = ASLEEP;

    if (!__atomic_compare_exchange_n(&d->hvm->sleep, &state, AWAKE, false, __ATOMIC_SEQ_CST,
                                     __ATOMIC_SEQ_CST))
        return;
    if (domain_vcpu(d, 0))
        hvm_set_tsc_offset(domain_vcpu(d, 0), -guest_tsc_now(d));
    domain_unpause(d);
}

void hvm_start_pvh(struct vcpu *v, uint32_t entry, uint32_t info)
{
    const struct hvm_hw_cpu s = {
        .rip = entry, .rbx = info, .rflags = RFLAGS_FIXED, .cr0 = CR0_PE | CR0_ET,
        .dr6 = DR6_FIXED, .dr7 = DR7_FIXED,
        .cs_limit = ~0u, .cs_arbytes = CODE32,
        .ds_limit = ~0u, .ds_arbytes = DATA32,
        .es_limit = ~0u, .es_arbytes = DATA32,
        .ss_limit = ~0u, .ss_arbytes = DATA32,
        .tr_limit = 0x67, .tr_arbytes = TSS32,
        .ldtr_arbytes = 0x82,
    };

    v->hvm->mtrr.msr_mtrr_def_type = MTRR_ALL_WB;
    vendor_state_set(v, &s);
    v->initialised = true;
}

/* A data segment: none, or present, of the kernel and, for the stack, writable. */
static bool data_fits(uint32_t ar, bool stack)
{
    if (ar & AR_UNUSED)
        return false;
    if (!(ar & AR_PRESENT))
        return !stack;
    return (ar & AR_SYSTEM) && !(ar & AR_DPL) && (!stack || (!(ar & AR_CODE) && (ar & AR_WRITE)));
}

static bool segments_fit(const struct vcpu_hvm_x86_32 *r)
{
    uint32_t tss = r->tr_ar & AR_TYPE;

    if ((r->cs_ar & AR_UNUSED) || !(r->cs_ar & AR_PRESENT) || !(r->cs_ar & AR_SYSTEM) ||
        !(r->cs_ar & AR_CODE) || (r->cs_ar & AR_DPL))
        return false;
    if ((r->tr_ar & AR_UNUSED) || !(r->tr_ar & AR_PRESENT) || (r->tr_ar & AR_SYSTEM) ||
        (tss != 3 && tss != 0xb)) /* busy, of 16 or 32 bits */
        return false;
    return data_fits(r->ds_ar, false) && data_fits(r->es_ar, false) && data_fits(r->ss_ar, true);
}

static bool take_32(const struct vcpu_hvm_context *c, struct hvm_hw_cpu *s)
{
    const struct vcpu_hvm_x86_32 *r = &c->cpu_regs.x86_32;

    if (r->pad1 || r->pad2[0] || r->pad2[1] || r->pad2[2] || !segments_fit(r))
        return false;
    *s = (struct hvm_hw_cpu){
        .rax = r->eax, .rcx = r->ecx, .rdx = r->edx, .rbx = r->ebx, .rsp = r->esp, .rbp = r->ebp,
        .rsi = r->esi, .rdi = r->edi, .rip = r->eip, .rflags = r->eflags, .cr0 = r->cr0,
        .cr3 = r->cr3, .cr4 = r->cr4, .msr_efer = r->efer,
        .cs_base = r->cs_base, .cs_limit = r->cs_limit, .cs_arbytes = r->cs_ar,
        .ds_base = r->ds_base, .ds_limit = r->ds_limit, .ds_arbytes = r->ds_ar,
        .es_base = r->es_base, .es_limit = r->es_limit, .es_arbytes = r->es_ar,
        .ss_base = r->ss_base, .ss_limit = r->ss_limit, .ss_arbytes = r->ss_ar,
        .tr_base = r->tr_base, .tr_limit = r->tr_limit, .tr_arbytes = r->tr_ar,
    };
    return true;
}

static void take_64(const struct vcpu_hvm_context *c, struct hvm_hw_cpu *s)
{
    const struct vcpu_hvm_x86_64 *r = &c->cpu_regs.x86_64;

    *s = (struct hvm_hw_cpu){
        .rax = r->rax, .rcx = r->rcx, .rdx = r->rdx, .rbx = r->rbx, .rsp = r->rsp, .rbp = r->rbp,
        .rsi = r->rsi, .rdi = r->rdi, .rip = r->rip, .rflags = r->rflags, .cr0 = r->cr0,
        .cr3 = r->cr3, .cr4 = r->cr4, .msr_efer = r->efer,
        .cs_limit = ~0u, .cs_arbytes = CODE64,
        .ds_limit = ~0u, .ds_arbytes = DATA32,
        .es_limit = ~0u, .es_arbytes = DATA32,
        .ss_limit = ~0u, .ss_arbytes = DATA32,
        .tr_limit = 0x67, .tr_arbytes = TSS32,
    };
}

static int start_context(struct vcpu *v, const struct vcpu_hvm_context *c)
{
    struct walk_mode mode = {0};
    struct hvm_hw_cpu s;

    if (c->pad || c->mode > VCPU_HVM_MODE_64B)
        return -EINVAL;
    if (c->mode == VCPU_HVM_MODE_64B)
        take_64(c, &s);
    else if (!take_32(c, &s))
        return -EINVAL;
    s.cr0 |= CR0_ET;
    if ((s.cr0 & CR0_PG) && (s.msr_efer & EFER_LME)) /* as the processor would */
        s.msr_efer |= EFER_LMA;
    mode.cr0 = s.cr0, mode.cr4 = s.cr4, mode.efer = s.msr_efer;
    if (!hvm_registers_fit(v->domain->policy, &mode) ||
        (c->mode == VCPU_HVM_MODE_64B && !(s.msr_efer & EFER_LMA)))
        return -EINVAL;
    s.rflags = (s.rflags & HVM_RFLAGS_GUEST & ~X86_VM) | RFLAGS_FIXED;
    s.dr6 = DR6_FIXED;
    s.dr7 = DR7_FIXED;
    vendor_state_set(v, &s);
    return 0;
}

/* @v does not run and will not: it is paused. */
static int start_stopped(struct vcpu *v, const struct vcpu_hvm_context *c)
{
    uint16_t done = HVM_STARTUP_HELD, was;
    int rc;

    /* a start-up interrupt that has come makes it run; one that comes now finds it held */
    was = __atomic_fetch_or(&v->hvm->startup, HVM_STARTUP_HELD, __ATOMIC_SEQ_CST);
    rc = (was & HVM_STARTUP_WAITS) || READ_ONCE(v->initialised) ? -EEXIST : start_context(v, c);
    if (!rc && (was & HVM_STARTUP_INIT)) {
        hvm_forget(v);
        sched_kick(v); /* INIT ends HLT, too */
        done |= HVM_STARTUP_INIT;
    }
    if (!rc)
        WRITE_ONCE(v->initialised, true);
    __atomic_fetch_and(&v->hvm->startup, (uint16_t)~done, __ATOMIC_SEQ_CST);
    return rc;
}

int hvm_start(struct vcpu *v, uint64_t gva)
{
    struct vcpu_hvm_context c;
    int rc;

    if (copy_from_guest(&c, gva, sizeof(c)))
        return -EFAULT;
    if (READ_ONCE(v->initialised) || v == vcpu_current())
        return -EEXIST;
    /* After INIT it may run a moment longer; it is not waited for, as it may be waiting for us. */
    vcpu_pause_nowait(v);
    rc = sched_vcpu_running(v) ? -ERESTART : start_stopped(v, &c);
    vcpu_unpause(v);
    return rc;
}
