/* SPDX-License-Identifier: BSD-2-Clause */
/* The gate's common case, inline: nothing is pending. */
#pragma once

#include "cpu/entry.h"
#include "cpu/insn.h"
#include "cpu/percpu.h"
#include "domain/vcpu.h"
#include "sync/lock_check.h"

/* An upcall is due when the pending byte is set and the mask byte (the next one) is clear: as one
 * little-endian 16-bit value, when it lies in 1..255. */
static inline bool exit_upcall_due(const struct vcpu *v)
{
    uint16_t both = READ_ONCE(*(const uint16_t *)&v->info->evtchn_upcall_pending);

    return (uint16_t)(both - 1) < 0xff;
}

/* exit_work() for an entry by guest vCPU @v, which is still current. */
static inline struct vcpu *exit_work_for(struct vcpu *v)
{
    lock_check_none();
    irq_disable();
    if (likely(!READ_ONCE(cpu_self()->softirq_pending) && !READ_ONCE(v->work) &&
               !exit_upcall_due(v)))
        return v;
    return exit_work();
}
