/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The last steps before an entry: what is delivered, which old translations go, what the guest's
 * registers are.
 *
 * What is always true here: interrupts are off. An entry carries one event at most; what has to
 * wait opens a window, an exit as soon as the guest can take it.
 */
#include "cpu/insn.h"
#include "cpu/mitigation.h"
#include "domain/domain.h"
#include "hvm/vmx/event.h"
#include "hvm/vmx/vmx.h"

#define VPIDS 0x10000u

/* ---- old translations (SDM vol. 3, 28.3) ---- */

struct inv_descriptor {
    uint64_t context, address;
};

static void invept(uint64_t type, uint64_t ept_pointer)
{
    const struct inv_descriptor d = {ept_pointer, 0};

    __asm__ volatile("invept %0, %1" ::"m"(d), "r"(type) : "cc", "memory");
}

static void invvpid_all(void)
{
    const struct inv_descriptor none = {0, 0};

    __asm__ volatile("invvpid %0, %1" ::"m"(none), "r"((uint64_t)INV_ALL) : "cc", "memory");
}

void vmx_flush_own(struct vcpu *v)
{
    v->hvm->asid_generation = 0;
}

/* A tag that no translation on this CPU has. */
static void renew_tag(struct vcpu *v)
{
    struct vmx_cpu *cpu = vmx_cpu();

    v->hvm->asid_generation = cpu->vpid_generation;
    if (!(vmx_controls.cpu2 & CPU2_VPID)) /* every entry and exit flushes */
        return;
    if (cpu->vpid_next == VPIDS) {
        cpu->vpid_next = 1;
        v->hvm->asid_generation = ++cpu->vpid_generation;
        invvpid_all();
    }
    vmwrite(VMCS_VPID, cpu->vpid_next++);
}

static bool has_old_translations(const struct vcpu *v)
{
    return v->hvm->asid_generation != vmx_cpu()->vpid_generation ||
           v->hvm->p2m_seen != READ_ONCE(v->domain->p2m->generation);
}

static off_path void flush(struct vcpu *v)
{
    uint32_t generation = READ_ONCE(v->domain->p2m->generation);

    if (v->hvm->asid_generation != vmx_cpu()->vpid_generation)
        renew_tag(v);
    /* translations through EPT are found by the table's address, whatever the tag */
    if (v->hvm->p2m_seen != generation) {
        v->hvm->p2m_seen = generation;
        invept(vmx_controls.invept_type, vmread(VMCS_EPT_POINTER));
    }
}

/* ---- events ---- */

static void hand_over_event(struct vcpu *v, uint64_t blocked)
{
    struct hvm_event *e = &v->hvm->event;
    uint32_t info = vmx_entry_info(e, vmread(VMCS_GUEST_CR0) & CR0_PE);

    if (info & VMX_EVENT_ERROR)
        vmwrite(VMCS_ENTRY_ERROR, e->error);
    if (vmx_event_is_software(e->type))
        vmwrite(VMCS_ENTRY_LENGTH, e->length);
    /* one that was cut short has blocked NMIs already; its delivery does so again (26.3.1.5) */
    if (e->type == HVM_EVENT_NMI && (blocked & BLOCKED_NMI))
        vmwrite(VMCS_GUEST_INTERRUPTIBILITY, blocked & ~(uint64_t)BLOCKED_NMI);
    vmwrite(VMCS_ENTRY_EVENT, info);
    e->valid = false;
}

static bool nmi_waits(const struct vcpu *v)
{
    return READ_ONCE(v->work) & (1u << VCPU_WORK_NMI);
}

/* What waits gets in, or a window for it. */
static void choose_event(struct vcpu *v, bool interrupts)
{
    struct hvm_event *e = &v->hvm->event;
    uint64_t blocked = vmread(VMCS_GUEST_INTERRUPTIBILITY);
    uint32_t windows = 0;
    int vector;

    if (nmi_waits(v)) {
        if (e->valid || !vmx_takes_nmi(blocked)) {
            windows |= CPU_NMI_WINDOW;
        } else { /* the processor notes that it blocks others */
            *e = (struct hvm_event){.valid = true, .type = HVM_EVENT_NMI, .vector = VEC_NMI};
            __atomic_fetch_and(&v->work, ~(1u << VCPU_WORK_NMI), __ATOMIC_SEQ_CST);
        }
    }
    vector = interrupts ? hvm_interrupt_next(v) : -1;
    if (vector >= 0) {
        if (e->valid || !vmx_takes_interrupt(v->regs.rflags, blocked))
            windows |= CPU_INTERRUPT_WINDOW;
        else
            hvm_interrupt_take(v, (uint8_t)vector);
    }
    vmx_set_cpu_controls(v, (v->hvm->vmx->cpu_controls &
                             ~(CPU_INTERRUPT_WINDOW | CPU_NMI_WINDOW)) | windows);
    if (e->valid)
        hand_over_event(v, blocked);
}

/* Without virtual-interrupt delivery: an exit when the guest lowers its priority below what waits
 * (SDM vol. 3, 29.1.2). */
static void set_threshold(struct vcpu *v)
{
    struct vmx_vcpu *x = v->hvm->vmx;
    uint32_t threshold = vlapic_tpr_threshold(&v->hvm->lapic);

    if (threshold == x->threshold)
        return;
    x->threshold = threshold;
    vmwrite(VMCS_TPR_THRESHOLD, threshold);
}

/* With it: what others have posted goes to where the processor looks. */
static void update_interrupt_status(struct vcpu *v)
{
    struct vmx_vcpu *x = v->hvm->vmx;
    uint64_t watched[4];
    uint32_t status;

    if (!vlapic_hand_over(&v->hvm->lapic, &status))
        return;
    vmwrite(VMCS_GUEST_INTERRUPT_STATUS, status);
    vlapic_watched_vectors(v, watched);
    for (unsigned int i = 0; i < ARRAY_SIZE(watched); i++)
        if (unlikely(watched[i] != x->eoi_exits[i]))
            vmwrite(VMCS_EOI_EXITS + 2 * i, x->eoi_exits[i] = watched[i]);
}

/* Is there no event, no window and nothing posted? Then the structure is right as it is. */
static bool nothing_waits(const struct vcpu *v)
{
    const struct vlapic *l = &v->hvm->lapic;
    const struct vmx_vcpu *x = v->hvm->vmx;

    return !(v->hvm->event.valid | v->hvm->viridian.assist_pending | l->changed | x->threshold |
             nmi_waits(v) | (x->cpu_controls & (CPU_INTERRUPT_WINDOW | CPU_NMI_WINDOW)) |
             READ_ONCE(v->info->evtchn_upcall_pending) | vlapic_anything_waits(l) |
             READ_ONCE(v->domain->hvm->board.pic_asks));
}

static off_path void prepare_events(struct vcpu *v)
{
    bool waits;

    viridian_assist_check(v, &v->hvm->viridian);
    if (vmx_delivers_itself(v)) {
        update_interrupt_status(v);
        waits = hvm_callback_waits(v) || board_pic_waits(v); /* these know no IRR */
    } else {
        waits = hvm_callback_waits(v) || vlapic_anything_waits(&v->hvm->lapic) ||
                board_pic_waits(v);
        if (vmx_controls.tpr_shadow)
            set_threshold(v);
    }
    if (unlikely(waits || v->hvm->event.valid || nmi_waits(v) ||
                 (v->hvm->vmx->cpu_controls & (CPU_INTERRUPT_WINDOW | CPU_NMI_WINDOW))))
        choose_event(v, waits);
}

static void write_registers(struct vcpu *v)
{
    struct vmx_vcpu *x = v->hvm->vmx;

    if (v->regs.rip != x->rip)
        vmwrite(VMCS_GUEST_RIP, v->regs.rip);
    if (unlikely(v->regs.rsp != x->rsp))
        vmwrite(VMCS_GUEST_RSP, x->rsp = v->regs.rsp);
    if (unlikely(v->regs.rflags != x->rflags))
        vmwrite(VMCS_GUEST_RFLAGS, v->regs.rflags);
    if (unlikely(read_cr2() != x->cr2))
        write_cr2(x->cr2);
}

bool vmx_before_entry(struct vcpu *v)
{
    if (unlikely(has_old_translations(v)))
        flush(v);
    if (unlikely(!nothing_waits(v)))
        prepare_events(v);
    write_registers(v);
    mitigation_before_entry();
    return !v->hvm->vmx->launched;
}
