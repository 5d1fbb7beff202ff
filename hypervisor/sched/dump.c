/* SPDX-License-Identifier: BSD-2-Clause */
/* Debug key: what runs and waits where. */
#include "console/log.h"
#include "cpu/percpu.h"
#include "domain/domain.h"
#include "sched/private.h"
#include "sched/sched.h"
#include "time/time.h"

#define WAITERS_SHOWN 8 /* per CPU: the lock is held meanwhile */

static void dump_one(const char *what, const struct vcpu *v)
{
    log_info("  %s d%uv%u weight %u blocked %x down %u paused %u work %x", what, v->domain->id,
             v->id, v->sched.weight, v->sched.blocked, v->down, v->pause_count, v->work);
}

static void dump_cpu(unsigned int cpu)
{
    struct sched_cpu *sc = cpu_of(cpu)->sched;
    uint64_t flags = spin_lock_irqsave(&sc->lock);
    const struct credit_queue *q = &sc->queue;
    unsigned int shown = 0;

    log_info("CPU %u: load %lu, %u waiting, softirqs %x, %u timers%s", cpu, q->load, q->count,
             cpu_of(cpu)->softirq_pending, timer_count(cpu),
             cpumask_test(&sched_idle, cpu) ? ", idle" : "");
    if (q->curr)
        dump_one("runs ", container_of(q->curr, struct vcpu, sched));
    for (struct rb_node *n = rb_first(&q->waiting); n && shown < WAITERS_SHOWN; n = rb_next(n)) {
        dump_one("waits", container_of(rb_entry(n, struct sched_vcpu, node), struct vcpu, sched));
        shown++;
    }
    spin_unlock_irqrestore(&sc->lock, flags);
}

void sched_dump(void)
{
    unsigned int cpu;

    log_info("Scheduler at %lu ns, rate limit %lu ns", time_now_ns(), sched_params.ratelimit_ns);
    for_each_cpu(cpu, &cpus_online)
        dump_cpu(cpu);
}
