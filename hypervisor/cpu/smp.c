/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Cross-calls to other CPUs, and stopping them.
 *
 * Always true here: one call is under way at a time; its function and data do not change while any
 * CPU is in `call_waiting`; who waits for others has interrupts on, so two callers serve each
 * other.
 */
#include "cpu/smp.h"

#include "cpu/insn.h"
#include "cpu/ipi.h"
#include "cpu/percpu.h"
#include "debug/panic.h"
#include "sync/spinlock.h"

unsigned int cpu_count = 1;
struct cpumask cpus_online = {.bits = {1}};

static struct spinlock call_lock = SPINLOCK_INIT(LOCK_CROSS_CALL);
static struct cpumask call_waiting; /* (a) CPUs that have not run the function yet */
static void (*call_run)(void *data);
static void *call_data;

#define NOBODY (~0u)
static uint32_t stopper = NOBODY; /* (a) the CPU that stops the others */
static struct cpumask stopped;    /* (a) */

void smp_call_interrupt(void)
{
    unsigned int cpu = cpu_id();

    if (!cpumask_test(&call_waiting, cpu))
        return;
    call_run(call_data);
    cpumask_clear_atomic(&call_waiting, cpu); /* a full barrier: its effects come first */
}

void smp_call(const struct cpumask *mask, void (*run)(void *data), void *data)
{
    unsigned int self = cpu_id();
    unsigned int cpu;

    assert(irq_enabled());
    while (!spin_trylock(&call_lock))
        cpu_relax();
    call_run = run;
    call_data = data;
    for_each_cpu (cpu, mask) {
        if (cpu == self || !cpumask_test(&cpus_online, cpu))
            continue;
        cpumask_set_atomic(&call_waiting, cpu);
        irq_send_ipi(cpu, VECTOR_CALL);
    }
    if (cpumask_test(mask, self))
        run(data);
    while (!cpumask_empty(&call_waiting))
        cpu_relax();
    spin_unlock(&call_lock);
}

void (*cpu_ends_hook)(void);

/* The calling CPU runs nothing any more. */
static void cpu_ends(void)
{
    if (cpu_ends_hook)
        cpu_ends_hook();
}

static void stop_here(void)
{
    cpu_ends();
    cpumask_set_atomic(&stopped, cpu_id());
    for (;;) {
        irq_disable();
        halt();
    }
}

void smp_stop_if_asked(void)
{
    uint32_t by = __atomic_load_n(&stopper, __ATOMIC_ACQUIRE);

    if (by != NOBODY && by != cpu_id())
        stop_here();
}

void smp_stop_others(void)
{
    unsigned int self = cpu_id();
    uint32_t nobody = NOBODY;
    unsigned int cpu;

    if (!__atomic_compare_exchange_n(&stopper, &nobody, self, false, __ATOMIC_SEQ_CST,
                                     __ATOMIC_SEQ_CST)) {
        if (nobody == self)
            return; /* again, from a fault on the way down */
        stop_here();
    }
    for_each_online_cpu(cpu) if (cpu != self) irq_send_nmi(cpu);
    for_each_online_cpu(cpu)
    {
        /* A CPU deep in firmware may not come: about a second, then go on without it. */
        for (uint32_t spins = 0; cpu != self && spins < 10000000; spins++) {
            if (cpumask_test(&stopped, cpu))
                break;
            cpu_relax();
        }
    }
    cpu_ends();
}
