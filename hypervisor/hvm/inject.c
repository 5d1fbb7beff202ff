/* SPDX-License-Identifier: BSD-2-Clause */
/* Events on their way into a guest. */
#include "abi/errno.h"
#include "cpu/regs.h"
#include "domain/domain.h"
#include "hvm/exit.h"
#include "hvm/hvm.h"
#include "hvm/vendor.h"

/* Exceptions that make a double fault when one follows another (SDM vol. 3, table 6-5). */
static bool is_contributory(uint8_t vector)
{
    return vector == VEC_DE || (vector >= VEC_TS && vector <= VEC_GP);
}

static bool makes_double_fault(uint8_t first, uint8_t second)
{
    if (is_contributory(first))
        return is_contributory(second);
    return first == VEC_PF && (is_contributory(second) || second == VEC_PF);
}

/*
 * The vector of HVM_PARAM_CALLBACK_IRQ is a line that is high while events wait: it has no place in
 * the local APIC, needs no end-of-interrupt, and its priority is above that of all others.
 */
bool hvm_callback_waits(const struct vcpu *v)
{
    return v->domain->hvm->callback_vector && READ_ONCE(v->info->evtchn_upcall_pending);
}

/* Stands for the vector that the 8259 tells when the interrupt is taken. No APIC has it. */
#define VECTOR_OF_PIC 0

int hvm_interrupt_next(const struct vcpu *v)
{
    if (hvm_callback_waits(v))
        return v->domain->hvm->callback_vector;
    return board_pic_waits(v) ? VECTOR_OF_PIC : vlapic_pending(v);
}

void hvm_interrupt_take(struct vcpu *v, uint8_t vector)
{
    if (vector == VECTOR_OF_PIC)
        vector = board_pic_take(v);
    else if (!hvm_callback_waits(v) || vector != v->domain->hvm->callback_vector)
        vlapic_take(v, vector);
    v->hvm->event =
        (struct hvm_event){.valid = true, .type = HVM_EVENT_INTERRUPT, .vector = vector};
}

bool hvm_nmi_waits(const struct vcpu *v)
{
    return (READ_ONCE(v->work) & (1u << VCPU_WORK_NMI)) && !v->nmi_blocked;
}

void hvm_nmi_take(struct vcpu *v)
{
    __atomic_fetch_and(&v->work, ~(1u << VCPU_WORK_NMI), __ATOMIC_SEQ_CST);
    v->nmi_blocked = true;
    v->hvm->event =
        (struct hvm_event){.valid = true, .type = HVM_EVENT_NMI, .vector = VEC_NMI};
}

void hvm_inject_exception(struct vcpu *v, uint8_t vector, bool has_error, uint32_t error)
{
    struct hvm_event *e = &v->hvm->event;
    bool nested = e->valid && e->type == HVM_EVENT_EXCEPTION;
    struct walk_mode mode;

    if (nested && e->vector == VEC_DF) {
        e->valid = false;
        (void)hvm_exit_triple_fault(v);
        return;
    }
    if (nested && makes_double_fault(e->vector, vector)) {
        vector = VEC_DF;
        has_error = true;
        error = 0;
    }
    vendor_walk_mode(v, &mode);
    if (!(mode.cr0 & CR0_PE)) /* real mode knows no error codes; VM entry refuses them */
        has_error = false;
    *e = (struct hvm_event){.valid = true,
                            .vector = vector,
                            .type = HVM_EVENT_EXCEPTION,
                            .has_error = has_error,
                            .error = error};
}

enum later { LATER_NONE, LATER_BEING_SET, LATER_SET };

int hvm_inject_later(struct vcpu *v, const struct xen_dm_op_inject_event *e)
{
    struct hvm_later *later = &v->hvm->later;
    uint32_t none = LATER_NONE;

    if (e->type == 1 || e->type > XEN_DMOP_EVENT_sw_exc ||
        (e->type == XEN_DMOP_EVENT_hw_exc && e->vector >= 32) || e->insn_len > 15)
        return -EINVAL;
    if (!__atomic_compare_exchange_n(&later->state, &none, LATER_BEING_SET, false, __ATOMIC_ACQUIRE,
                                     __ATOMIC_RELAXED))
        return -EBUSY;
    later->event = *e;
    __atomic_store_n(&later->state, LATER_SET, __ATOMIC_RELEASE);
    vcpu_raise(v, VCPU_WORK_CONTINUE);
    return 0;
}

/* What an instruction would have raised is delivered behind it, as an interrupt of its vector. */
static void inject(struct vcpu *v, const struct xen_dm_op_inject_event *e)
{
    struct hvm_event event = {.valid = true, .vector = e->vector, .type = HVM_EVENT_EXCEPTION};

    if (e->type == XEN_DMOP_EVENT_hw_exc) {
        if (e->vector == VEC_PF)
            vendor_set_cr2(v, e->cr2);
        hvm_inject_exception(v, e->vector, e->error_code != ~0u, e->error_code);
        return;
    }
    if (e->type == XEN_DMOP_EVENT_nmi) {
        vcpu_raise(v, VCPU_WORK_NMI);
        return;
    }
    if (e->vector >= 32 || e->type == XEN_DMOP_EVENT_ext_int) {
        if (!(v->regs.rflags & X86_IF))
            return; /* the processor would refuse to run */
        event.type = HVM_EVENT_INTERRUPT;
    }
    v->regs.rip += e->type >= XEN_DMOP_EVENT_sw_int ? e->insn_len : 0;
    v->hvm->event = event;
}

void hvm_inject_due(struct vcpu *v)
{
    struct hvm_later *later = &v->hvm->later;

    if (likely(__atomic_load_n(&later->state, __ATOMIC_ACQUIRE) != LATER_SET))
        return;
    if (!v->hvm->event.valid) /* else it is lost, as its sender must know what the vCPU does */
        inject(v, &later->event);
    __atomic_store_n(&later->state, LATER_NONE, __ATOMIC_RELEASE);
}
