/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Deferred work by number.
 *
 * What is always true here: a pending bit is cleared before its work begins, so whatever becomes
 * due during the work sets the bit again and is seen by the next look. Every way to a guest and to
 * HLT looks at the bits with interrupts off; so a bit set by an interrupt handler is never slept
 * over, and one set by another CPU comes with an IPI that ends the sleep or the guest's run.
 */
#include "sched/softirq.h"

#include "cpu/insn.h"
#include "cpu/percpu.h"
#include "irq/irq.h"
#include "mm/page.h"
#include "sched/private.h"
#include "sched/sched.h"
#include "time/timer.h"

void softirq_raise(enum softirq nr)
{
    __atomic_fetch_or(&cpu_self()->softirq_pending, 1u << nr, __ATOMIC_SEQ_CST);
}

void softirq_raise_on(unsigned int cpu, enum softirq nr)
{
    uint32_t bit = 1u << nr;

    /* Who set the bit first also sent the IPI, or is that CPU itself and will pass the gate. */
    if (__atomic_fetch_or(&cpu_of(cpu)->softirq_pending, bit, __ATOMIC_SEQ_CST) & bit)
        return;
    if (cpu != cpu_id())
        irq_send_ipi(cpu, VECTOR_EVENT);
}

void softirq_queue(struct softirq_work *w)
{
    struct sched_cpu *sc = cpu_self()->sched;
    uint64_t flags;

    if (__atomic_exchange_n(&w->queued, true, __ATOMIC_ACQ_REL))
        return;
    flags = irq_save();
    w->next = NULL;
    *sc->work_end = w;
    sc->work_end = &w->next;
    irq_restore(flags);
    softirq_raise(SOFTIRQ_WORK);
}

static __attribute__((__noinline__)) void run_work(void)
{
    struct sched_cpu *sc = cpu_self()->sched;
    struct softirq_work *w, *next;

    irq_disable();
    w = sc->work_first;
    sc->work_first = NULL;
    sc->work_end = &sc->work_first;
    irq_enable();
    for (; w; w = next) {
        next = w->next;
        __atomic_store_n(&w->queued, false, __ATOMIC_RELEASE);
        w->run(w->data);
    }
}

void softirq_run(void)
{
    uint32_t *pending = &cpu_self()->softirq_pending, now;

    while (READ_ONCE(*pending)) {
        now = __atomic_exchange_n(pending, 0, __ATOMIC_SEQ_CST);
        if (now & (1u << SOFTIRQ_TIMER))
            timer_run_expired();
        if (now & (1u << SOFTIRQ_WORK))
            run_work();
        if (now & (1u << SOFTIRQ_PAGES))
            page_limbo_drain();
        if (now & (1u << SOFTIRQ_SCHED))
            sched_run();
    }
}
