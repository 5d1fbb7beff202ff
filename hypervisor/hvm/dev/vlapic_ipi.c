/* SPDX-License-Identifier: BSD-2-Clause */
/* Interrupts that vCPUs send each other, INIT and start-up among them (SDM vol. 3, 10.6). */
#include "hvm/dev/vlapic_ipi.h"

#include "cpu/percpu.h"
#include "domain/domain.h"
#include "hvm/dev/vlapic.h"
#include "hvm/dev/vlapic_regs.h"
#include "hvm/dev/vmsi.h"
#include "hvm/hvm.h"
#include "hvm/start.h"
#include "sched/sched.h"

enum mode { FIXED = 0, LOWEST = 1, NMI = 4, INIT = 5, STARTUP = 6 };

#define LOGICAL        (1u << 11)
#define LEVEL_ASSERT   (1u << 14)
#define SHORTHAND(low) (((low) >> 18) & 3)
enum shorthand { TO_DEST = 0, TO_SELF = 1, TO_ALL = 2, TO_OTHERS = 3 };

static bool is_x2apic(const struct vcpu *v)
{
    return v->hvm->lapic.base_msr & (1u << 10);
}

static bool matches_logical(struct vcpu *v, uint32_t dest)
{
    uint32_t ldr = vlapic_read(v, LDR);

    if (is_x2apic(v))
        return dest == ~0u || (ldr >> 16 == dest >> 16 && (ldr & dest & 0xffff));
    if (vlapic_read(v, DFR) >> 28 == 0xf) /* flat */
        return (ldr >> 24) & dest;
    return (ldr >> 28 == (dest & 0xff) >> 4 || (dest & 0xff) >> 4 == 0xf) &&
           ((ldr >> 24) & dest & 0xf);
}

static bool matches(struct vcpu *from, struct vcpu *v, uint32_t low, uint32_t dest)
{
    switch ((enum shorthand)SHORTHAND(low)) {
    case TO_SELF:
        return v == from;
    case TO_ALL:
        return true;
    case TO_OTHERS:
        return v != from;
    case TO_DEST:
        break;
    }
    if (low & LOGICAL)
        return matches_logical(v, dest);
    return dest == (is_x2apic(from) ? ~0u : 0xffu) || dest == v->id * 2;
}

/* Wait-for-SIPI is how a vCPU is "down": it has to be told where to begin. Any context. */
static bool init(struct vcpu *v)
{
    if (!READ_ONCE(v->initialised))
        return false; /* that is how it is */
    hvm_await_startup(v);
    sched_sleep(v);
    return true;
}

/* It starts where it is told when it is next about to run: waiting here until it has stopped would
 * be waiting for one that may be waiting for us. */
static void startup(struct vcpu *v, uint8_t vector)
{
    uint16_t old = READ_ONCE(v->hvm->startup);

    /* (a vCPU that VCPUOP_down took down keeps its state and hears nothing) */
    if (READ_ONCE(v->down) != VPF_DOWN || READ_ONCE(v->initialised) || v == vcpu_current())
        return;
    do {
        if (old & HVM_STARTUP_HELD)
            return; /* another way of starting it was faster */
    } while (!__atomic_compare_exchange_n(&v->hvm->startup, &old,
                                          (uint16_t)(HVM_STARTUP_WAITS | vector), false,
                                          __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST));
    WRITE_ONCE(v->initialised, true);
    vcpu_raise(v, VCPU_WORK_STATE);
    vcpu_bring_up(v);
}

static void deliver(struct vcpu *v, uint32_t low)
{
    switch ((enum mode)((low >> 8) & 7)) {
    case FIXED:
    case LOWEST:
        vlapic_accept(v, (uint8_t)low);
        break;
    case NMI:
        vcpu_nmi(v);
        break;
    case INIT:
        if ((low & LEVEL_ASSERT) && init(v))
            vcpu_take_down(v, 0); /* the last one: nobody is left to start it */
        break;
    case STARTUP:
        startup(v, (uint8_t)low);
        break;
    }
}

void vlapic_ipi(struct vcpu *from, uint32_t low, uint32_t dest)
{
    bool one = ((low >> 8) & 7) == LOWEST;
    struct vcpu *v;

    if (SHORTHAND(low) == TO_SELF) {
        deliver(from, low);
        return;
    }
    for_each_vcpu(from->domain, v)
    {
        if (!matches(from, v, low, dest))
            continue;
        deliver(v, low);
        if (one)
            return;
    }
}

/* May @v be the one that takes an interrupt of lowest priority? */
static bool takes(struct vcpu *v, const struct vmsi_message *m)
{
    bool match = m->logical ? matches_logical(v, m->dest) : m->dest == 0xff || m->dest == v->id * 2;

    return match && (vlapic_read(v, SVR) & SVR_ENABLED);
}

bool vlapic_message(struct domain *d, const struct vmsi_message *m)
{
    bool one = m->delivery == VMSI_LOWEST, any = false;
    struct vcpu *v;

    for_each_vcpu(d, v) {
        if (!takes(v, m) || (one && any))
            continue;
        any = true;
        if (m->delivery == VMSI_FIXED || m->delivery == VMSI_LOWEST)
            vlapic_accept_from(v, m->vector, m->level);
        else if (m->delivery == VMSI_NMI)
            vcpu_nmi(v);
        else if (m->delivery == VMSI_INIT)
            (void)init(v);
    }
    return any;
}
