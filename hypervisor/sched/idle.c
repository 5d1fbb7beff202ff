/* SPDX-License-Identifier: BSD-2-Clause */
/* What a CPU does that has nothing to do. */
#include "cpu/entry.h"
#include "cpu/insn.h"
#include "cpu/percpu.h"
#include "domain/vcpu.h"
#include "sched/private.h"
#include "sched/sched.h"
#include "sched/softirq.h"

/* No tick runs here: the clock event is armed only for timers that exist. */
void sched_idle_loop(void)
{
    struct percpu *cpu = cpu_self();

    if (!cpumask_test(&sched_idle, cpu->id)) /* the first time: be seen to be idle */
        softirq_raise(SOFTIRQ_SCHED);
    for (;;) {
        irq_enable();
        softirq_run();
        if (!cpu->current->is_idle)
            gate_return();
        irq_disable();
        if (!READ_ONCE(cpu->softirq_pending)) {
            WRITE_ONCE(cpu->sched->halts, cpu->sched->halts + 1);
            irq_enable_halt(); /* an interrupt between the look and HLT ends the HLT */
        }
    }
}
