/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The gate to every guest.
 *
 * What is always true here: interrupts are off between the last look at pending work and the
 * instruction that enters the guest, so nothing can become pending unseen; an interrupt that
 * arrives in between is taken as soon as the guest runs and comes back here.
 */
#include "cpu/entry.h"

#include "cpu/insn.h"
#include "cpu/percpu.h"
#include "domain/kind.h"
#include "domain/vcpu.h"
#include "sched/softirq.h"
#include "sync/lock_check.h"

/* An upcall is due when the pending byte is set and the mask byte (the next one) is clear: as one
 * little-endian 16-bit value, when it lies in 1..255. */
static bool upcall_due(const struct vcpu *v)
{
    uint16_t both = READ_ONCE(*(const uint16_t *)&v->info->evtchn_upcall_pending);

    return (uint16_t)(both - 1) < 0xff;
}

struct vcpu *exit_work(void)
{
    lock_check_none();
    for (;;) {
        struct percpu *cpu = cpu_self();
        struct vcpu *v;

        irq_disable();
        if (unlikely(READ_ONCE(cpu->softirq_pending))) {
            irq_enable();
            softirq_run();
            continue;
        }
        v = cpu->current;
        if (unlikely(v->is_idle))
            idle_restart();
        if (likely(!READ_ONCE(v->work) && !upcall_due(v)))
            return v;
        if (v->kind->before_entry(v))
            continue;
        return v;
    }
}
