/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The scheduler: who runs where, kept apart from the policy (credit.c) that decides it.
 *
 * What is always true here:
 * - Each CPU has one queue and one lock (LOCK_RUNQUEUE). A vCPU names its queue in sched.cpu, and
 *   that queue's lock guards its fields. `cpu` changes only under the lock of the queue it leaves,
 *   while the vCPU neither waits nor runs; whoever moved it then enters it into the new queue,
 *   unless another was faster (seen under the new lock).
 * - Two queues' locks are never held together, except that a CPU looking for work tries (and
 *   never waits for) another's.
 * - `running` is set under the lock when a vCPU is chosen and cleared under the lock when its
 *   state is saved. Whoever wakes it meanwhile need do nothing: the CPU that clears `running` asks
 *   then whether it is runnable. One that was preempted may wait in its CPU's queue already while
 *   its state is being saved; nobody takes it from there as long as `running` is set.
 * - Reasons to run or not (blocked, down, pause counts) are changed without the lock, before
 *   sched_wake() or sched_sleep(); both look again under the lock, so the last change counts.
 * - An idle CPU shows itself in sched_idle before it looks into other queues, and who enters a
 *   vCPU into a queue shows that in `waiting` before looking at sched_idle: one of them sees the
 *   other.
 */
#include "sched/sched.h"

#include "abi/errno.h"
#include "cpu/insn.h"
#include "cpu/percpu.h"
#include "debug/panic.h"
#include "debug/trace.h"
#include "domain/domain.h"
#include "mm/pool.h"
#include "sched/private.h"
#include "time/time.h"

struct credit_params sched_params = {.ratelimit_ns = CREDIT_RATELIMIT_DEFAULT_NS};
struct cpumask sched_idle;
static struct cpumask waiting; /* (a) CPUs in whose queues someone waits */
static struct credit_queue **queues; /* (c) one for each CPU number that is possible */

/* How often a CPU gives away work to less loaded ones. */
#define BALANCE_NS 20000000ULL
#define BALANCE_RETRY_NS (BALANCE_NS / 8) /* when there was nowhere to give it */

static struct vcpu *vcpu_of(struct sched_vcpu *e)
{
    return container_of(e, struct vcpu, sched);
}

struct sched_cpu *sched_lock(struct vcpu *v, uint64_t *flags)
{
    *flags = irq_save();
    for (;;) {
        uint32_t cpu = READ_ONCE(v->sched.cpu);
        struct sched_cpu *sc = cpu_of(cpu)->sched;

        spin_lock(&sc->lock);
        if (likely(v->sched.cpu == cpu))
            return sc;
        spin_unlock(&sc->lock);
    }
}

void sched_unlock(struct sched_cpu *sc, uint64_t flags)
{
    spin_unlock_irqrestore(&sc->lock, flags);
}

bool sched_runnable(const struct vcpu *v)
{
    return !(READ_ONCE(v->sched.blocked) | READ_ONCE(v->down) | READ_ONCE(v->pause_count) |
             READ_ONCE(v->domain->pause_count) | (READ_ONCE(v->work) & (1u << VCPU_WORK_DESTROY)));
}

bool sched_eligible(const struct vcpu *v)
{
    return sched_runnable(v) && !v->sched.parked;
}

/* The queue's lock is held: show to looking CPUs whether someone waits in it. */
static void show_waiting(struct sched_cpu *sc)
{
    uint32_t cpu = sc->queue.cpu;
    bool shown = cpumask_test(&waiting, cpu);

    if (sc->queue.count && !shown)
        cpumask_set_atomic(&waiting, cpu);
    else if (!sc->queue.count && shown)
        cpumask_clear_atomic(&waiting, cpu);
}

/* Is a CPU idle that @e may run on? Lock held. */
static bool anyone_idle(const struct sched_vcpu *e)
{
    for (uint32_t i = 0; i < cpumask_words; i++)
        if (READ_ONCE(sched_idle.bits[i]) & e->hard->bits[i])
            return true;
    return false;
}

/* Make the slice timer fire when the policy must be asked again. An earlier time that is already
 * set stays: it costs one look instead of a new setting at each switch. */
static void arm_slice(struct sched_cpu *sc, uint64_t now)
{
    struct credit_queue *q = &sc->queue;
    uint64_t at = credit_deadline(q, now, READ_ONCE(sc->params));

    if (q->curr && q->curr->cap)
        at = min(at, sched_cap_deadline(vcpu_of(q->curr), now));
    if (at == CREDIT_NEVER || (sc->slice_at_ns && sc->slice_at_ns <= at))
        return;
    sc->slice_at_ns = at;
    timer_set(&sc->slice, at);
}

static void slice_over(void *data)
{
    (void)data;
    softirq_raise(SOFTIRQ_SCHED);
}

/* Charge whoever runs on @sc; false: its domain has used up its cap. */
static bool charge_current(struct sched_cpu *sc, uint64_t now)
{
    struct sched_vcpu *curr = sc->queue.curr;
    uint64_t used = credit_charge(&sc->queue, now);

    return !curr || !curr->cap || sched_cap_charge(vcpu_of(curr), used, now);
}

/* @v is eligible and its queue's lock is held: it begins to wait there. */
static void begin_waiting(struct sched_cpu *sc, struct vcpu *v, bool woke, uint64_t now)
{
    bool open = charge_current(sc, now);

    sched_runstate_set(v, RUNSTATE_runnable, now);
    credit_rebase(&v->sched, &sc->queue, queues);
    credit_enqueue(&sc->queue, &v->sched, woke);
    show_waiting(sc);
    if (!open || credit_preempts(&sc->queue, &v->sched, now, READ_ONCE(sc->params)))
        softirq_raise_on(sc->queue.cpu, SOFTIRQ_SCHED);
    else
        arm_slice(sc, now);
}

/* May @v, whose queue's lock is held, be entered into a queue? */
static bool may_wait(const struct vcpu *v)
{
    return !v->sched.queued && !v->sched.running && sched_eligible(v);
}

/*
 * Enter @v, for which may_wait() holds, into the queue of @target; releases the lock of @sc, its
 * present queue. Interrupts are off.
 */
static void settle(struct sched_cpu *sc, struct vcpu *v, uint32_t target, bool woke)
{
    uint64_t now = time_now_ns();

    if (target != v->sched.cpu) {
        v->sched.arrived_ns = now;
        WRITE_ONCE(v->sched.cpu, target);
        spin_unlock(&sc->lock);
        sc = cpu_of(target)->sched;
        spin_lock(&sc->lock);
        /* Let what comes be for a while, or whoever is there would be sent away at once and would
         * never be the one that has a CPU for itself. */
        if (!woke)
            sc->balance_ns = now + BALANCE_NS;
    }
    if (v->sched.cpu == target && may_wait(v))
        begin_waiting(sc, v, woke, now);
    else if (!sc->queue.curr && !sc->queue.count)
        cpumask_set_atomic(&sched_idle, target); /* place() took it off for nothing */
    spin_unlock(&sc->lock);
}

/* Where @v shall go; a CPU found idle is taken off the list, for it will be busy. */
static uint32_t place(const struct vcpu *v)
{
    uint32_t target = credit_place(&v->sched, &cpus_online, &sched_idle, queues);

    if (target == NR_CPUS)
        return v->sched.cpu;
    if (cpumask_test(&sched_idle, target))
        cpumask_clear_atomic(&sched_idle, target);
    return target;
}

void sched_wake(struct vcpu *v)
{
    uint64_t flags;
    struct sched_cpu *sc = sched_lock(v, &flags);

    if (may_wait(v))
        settle(sc, v, place(v), true);
    else
        spin_unlock(&sc->lock);
    irq_restore(flags);
}

static uint32_t state_off_cpu(const struct vcpu *v)
{
    if (v->is_idle || sched_runnable(v))
        return RUNSTATE_runnable;
    return READ_ONCE(v->sched.blocked) ? RUNSTATE_blocked : RUNSTATE_offline;
}

void sched_sleep(struct vcpu *v)
{
    uint64_t flags;
    struct sched_cpu *sc = sched_lock(v, &flags);

    if (!sched_runnable(v)) {
        bool on_cpu = v->sched.running && !v->sched.queued;

        if (v->sched.queued) {
            credit_dequeue(&sc->queue, &v->sched);
            show_waiting(sc);
        }
        if (on_cpu)
            softirq_raise_on(sc->queue.cpu, SOFTIRQ_SCHED);
        else
            sched_runstate_set(v, state_off_cpu(v), time_now_ns());
    }
    sched_unlock(sc, flags);
}

void sched_sleep_sync(struct vcpu *v)
{
    sched_sleep(v);
    lock_check_wait();
    while (__atomic_load_n(&v->sched.running, __ATOMIC_ACQUIRE))
        cpu_relax();
}

/* A sleeping vCPU belongs to a queue it may enter, although waking will choose again: the
 * toolstack shows it. Lock held. */
static void rehome(struct vcpu *v)
{
    uint32_t target = credit_place(&v->sched, &cpus_online, &cpus_online, queues);

    if (target != NR_CPUS)
        WRITE_ONCE(v->sched.cpu, target);
}

void sched_replace(struct vcpu *v)
{
    uint64_t flags;
    struct sched_cpu *sc = sched_lock(v, &flags);
    bool leaves = !credit_may_run(&v->sched, v->sched.cpu);

    if (leaves && v->sched.queued) {
        credit_dequeue(&sc->queue, &v->sched);
        show_waiting(sc);
    } else if (leaves && v->sched.running) {
        softirq_raise_on(sc->queue.cpu, SOFTIRQ_SCHED);
    }
    if (leaves && may_wait(v)) { /* if it is running, release() will do it */
        settle(sc, v, place(v), false);
    } else {
        if (leaves && !v->sched.running)
            rehome(v);
        spin_unlock(&sc->lock);
    }
    irq_restore(flags);
}

/* Take the vCPU that we should run from @other, if there is one and nobody holds its lock. */
static struct sched_vcpu *steal_from(struct sched_cpu *sc, struct sched_cpu *other)
{
    struct sched_vcpu *e;

    if (!spin_trylock(&other->lock)) {
        softirq_raise(SOFTIRQ_SCHED); /* come back rather than sleep beside work */
        return NULL;
    }
    e = credit_steal(&other->queue, sc->queue.cpu);
    if (e) {
        credit_dequeue(&other->queue, e);
        show_waiting(other);
        credit_rebase(e, &sc->queue, queues);
        WRITE_ONCE(e->cpu, sc->queue.cpu);
    }
    spin_unlock(&other->lock);
    return e;
}

/* Look for work in the queues of others: those after us, then those before. */
static struct sched_vcpu *steal(struct sched_cpu *sc)
{
    uint32_t self = sc->queue.cpu;
    struct sched_vcpu *e = NULL;

    show_waiting(sc);
    for (uint32_t cpu = cpumask_next(&waiting, self); !e && cpu < NR_CPUS;
         cpu = cpumask_next(&waiting, cpu))
        e = steal_from(sc, cpu_of(cpu)->sched);
    for (uint32_t cpu = cpumask_first(&waiting); !e && cpu < self;
         cpu = cpumask_next(&waiting, cpu))
        e = steal_from(sc, cpu_of(cpu)->sched);
    return e;
}

/* The next for this CPU from any queue, NULL: none. @prev: who runs now if it may go on, or
 * NULL. */
static struct sched_vcpu *choose(struct sched_cpu *sc, struct sched_vcpu *prev, uint64_t now)
{
    for (;;) {
        struct sched_vcpu *e = credit_pick(&sc->queue, prev, now, READ_ONCE(sc->params));

        if (!e) {
            cpumask_set_atomic(&sched_idle, sc->queue.cpu);
            e = steal(sc);
            if (e)
                cpumask_clear_atomic(&sched_idle, sc->queue.cpu);
        }
        if (!e || e == prev || !e->cap || sched_cap_charge(vcpu_of(e), 0, now))
            return e;
        if (e->queued)
            credit_dequeue(&sc->queue, e);
        sched_cap_park(vcpu_of(e));
    }
}

/* @prev, which could go on, has lost this CPU: it waits here, unless it had better go elsewhere.
 * Lock held. */
static void wait_here(struct sched_cpu *sc, struct sched_vcpu *prev, uint64_t now)
{
    if (!anyone_idle(prev) && now < sc->balance_ns)
        credit_enqueue(&sc->queue, prev, false);
}

/* Decide what runs on this CPU after @prev, and enter it into the books. Lock held. */
static struct vcpu *decide(struct percpu *cpu, struct vcpu *prev, uint64_t now)
{
    struct sched_cpu *sc = cpu->sched;
    struct sched_vcpu *curr = prev->is_idle ? NULL : &prev->sched, *e;
    struct vcpu *next;

    if (sc->slice_at_ns && sc->slice_at_ns <= now)
        sc->slice_at_ns = 0;
    if (!charge_current(sc, now))
        sched_cap_park(prev);
    if (curr && (!sched_eligible(prev) || !credit_may_run(curr, cpu->id)))
        curr = NULL;
    e = choose(sc, curr, now);
    if (e && prev->is_idle)
        cpumask_clear_atomic(&sched_idle, cpu->id);
    prev->sched.yielded = false;
    credit_set_current(&sc->queue, e, now);
    next = e ? vcpu_of(e) : cpu->idle;
    if (next != prev) {
        if (curr)
            wait_here(sc, curr, now);
        sched_runstate_set(prev, state_off_cpu(prev), now);
        sched_runstate_set(next, RUNSTATE_running, now);
        /* A full barrier before the gate looks for pending events: who sets one either sees
         * `running` and sends an IPI, or did so early enough for the gate to see it. */
        __atomic_store_n(&next->sched.running, true, __ATOMIC_SEQ_CST);
        TRACE(TRC_SCHED_SWITCH, prev->domain->id, prev->id, next->domain->id, next->id);
    } else {
        TRACE(TRC_SCHED_CONTINUE_RUNNING, next->id | (uint32_t)next->domain->id << 16);
    }
    show_waiting(sc);
    arm_slice(sc, now);
    return next;
}

/* Where @v, which was preempted here, shall go: to an idle CPU, to a less loaded one now and then,
 * or nowhere else. Lock held. */
static uint32_t place_preempted(struct sched_cpu *sc, const struct vcpu *v)
{
    uint32_t better;
    uint64_t now = time_now_ns();

    if (!credit_may_run(&v->sched, sc->queue.cpu) || anyone_idle(&v->sched))
        return place(v);
    if (now < sc->balance_ns)
        return sc->queue.cpu;
    better = credit_balance(&sc->queue, &v->sched, &cpus_online, queues);
    sc->balance_ns = now + (better == NR_CPUS ? BALANCE_RETRY_NS : BALANCE_NS);
    return better == NR_CPUS ? sc->queue.cpu : better;
}

/* @prev's state is saved: others may have it. Interrupts off. */
static void release(struct sched_cpu *sc, struct vcpu *prev)
{
    spin_lock(&sc->lock);
    __atomic_store_n(&prev->sched.running, false, __ATOMIC_RELEASE);
    /* A CPU that became idle since the decision could not take it yet. */
    if (prev->sched.queued && anyone_idle(&prev->sched)) {
        credit_dequeue(&sc->queue, &prev->sched);
        show_waiting(sc);
    }
    if (may_wait(prev))
        settle(sc, prev, place_preempted(sc, prev), false);
    else
        spin_unlock(&sc->lock);
}

void sched_run(void)
{
    struct percpu *cpu = cpu_self();
    struct sched_cpu *sc = cpu->sched;
    struct vcpu *prev = cpu->current, *next;

    irq_disable();
    spin_lock(&sc->lock);
    next = decide(cpu, prev, time_now_ns());
    spin_unlock(&sc->lock);
    if (next != prev) {
        sched_switch(prev, next);
        if (!prev->is_idle)
            release(sc, prev);
    }
    irq_enable();
}

int sched_cpu_init(unsigned int cpu)
{
    struct sched_cpu *sc = pool_new(struct sched_cpu);

    if (!queues)
        queues = pool_array(struct credit_queue *, cpumask_words * BITS_PER_WORD);
    if (!sc || !queues) {
        pool_free(sc);
        return -ENOMEM;
    }
    spin_init(&sc->lock, LOCK_RUNQUEUE);
    credit_queue_init(&sc->queue, cpu);
    timer_init(&sc->slice, slice_over, NULL, cpu);
    sc->work_end = &sc->work_first;
    sc->params = &sched_params;
    queues[cpu] = &sc->queue;
    __atomic_store_n(&cpu_of(cpu)->sched, sc, __ATOMIC_RELEASE);
    return 0;
}

void sched_init(void)
{
    if (sched_cpu_init(cpu_id()))
        panic("no memory for the scheduler");
}
