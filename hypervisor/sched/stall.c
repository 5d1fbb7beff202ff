/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The machine's watchdog.
 *
 * What is always true here: each online CPU has a timer that counts its beats, once a second. A
 * CPU whose beats stand still is looked at by its own counter's NMI where there is one, and else
 * by the CPU before it, from that one's timer. Guests cannot keep a CPU from its beats: their
 * interrupt flag is virtual. CPUs only ever come, at boot.
 */
#include "sched/stall.h"

#include "console/log.h"
#include "cpu/nmi.h"
#include "cpu/percpu.h"
#include "cpu/smp.h"
#include "debug/panic.h"
#include "irq/pmu.h"
#include "mm/pool.h"
#include "time/time.h"
#include "time/timer.h"

struct watched {
    struct timer timer;
    uint64_t beats;           /* (o) */
    uint64_t seen_self;       /* (o) by our NMI */
    uint64_t seen_next;       /* (o) by our timer: the next CPU's */
    uint32_t silent_self, silent_next;
    bool counting;            /* (o) our counter runs */
};

static struct watched *cpus; /* (c) one per CPU number; NULL: no watchdog */
static uint32_t timeout_looks;
static uint32_t nmi_looks;   /* the same in NMIs; 0: there are none */
static uint32_t suspended;   /* (a) */

void stall_suspend(void)
{
    __atomic_fetch_add(&suspended, 1, __ATOMIC_RELAXED);
}

void stall_resume(void)
{
    __atomic_fetch_sub(&suspended, 1, __ATOMIC_RELAXED);
}

static void bite(const struct cpu_user_regs *regs)
{
    panic_regs(regs, "watchdog: CPU %u is stuck", cpu_id());
}

/* Our counter's NMI. */
static void nmi_tick(const struct cpu_user_regs *regs)
{
    struct watched *w = &cpus[cpu_id()];

    if (!w->counting)
        return;
    if (READ_ONCE(suspended))
        w->silent_self = 0;
    else if (stall_look(w->beats, &w->seen_self, &w->silent_self, nmi_looks))
        bite(regs);
}

static void look_at_next(struct watched *w)
{
    unsigned int next = cpumask_cycle(&cpus_online, cpu_id());

    if (next == cpu_id())
        return;
    if (READ_ONCE(suspended)) {
        w->silent_next = 0;
        return;
    }
    if (!stall_look(READ_ONCE(cpus[next].beats), &w->seen_next, &w->silent_next, timeout_looks))
        return;
    if (!nmi_run_on(next, bite))
        panic("watchdog: CPU %u is stuck and takes no NMI", next);
}

static void beat(void *data)
{
    struct watched *w = data;

    w->beats++;
    if (!nmi_looks) {
        look_at_next(w);
    } else if (!w->counting) {
        w->counting = true;
        pmu_start();
    }
    timer_set(&w->timer, time_now_ns() + NS_PER_S);
}

void stall_watch_start(uint32_t timeout)
{
    uint64_t second = time_tsc_khz() * 1000, cycles;
    unsigned int cpu;

    cpus = pool_array(struct watched, cpu_count);
    if (!cpus) {
        log_warn("watchdog: no memory");
        return;
    }
    timeout_looks = timeout;
    cycles = pmu_init(second, nmi_tick);
    if (cycles)
        nmi_looks = (uint32_t)min(second / cycles * timeout + timeout, (uint64_t)UINT32_MAX);
    if (!cycles && cpumask_weight(&cpus_online) == 1) {
        log_warn("watchdog: no performance counter, and no other CPU to watch this one: off");
        return;
    }
    log_info("watchdog: after %u s, by %s", timeout,
             cycles ? "performance counters" : "the CPUs watching each other (no counter)");
    for_each_online_cpu(cpu) {
        timer_init(&cpus[cpu].timer, beat, &cpus[cpu], cpu);
        timer_set(&cpus[cpu].timer, time_now_ns() + NS_PER_S);
    }
}
