/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One-shot timers.
 *
 * What is always true here: each CPU has a tree of its armed timers under one lock. A timer names
 * its CPU; that changes only under the lock of the CPU it leaves. The clock event of a CPU is
 * armed no later than for the first timer of its tree, or SOFTIRQ_TIMER is pending there. It may be
 * armed earlier, for a timer that was stopped since: that costs a look, not a wrong call.
 * A timer's function runs without the lock and may set, stop, or kill its timer.
 */
#include "time/timer.h"

#include "abi/errno.h"
#include "cpu/insn.h"
#include "cpu/percpu.h"
#include "irq/irq.h"
#include "mm/pool.h"
#include "sched/softirq.h"
#include "sync/spinlock.h"
#include "time/private.h"
#include "time/time.h"

#define NOT_ARMED (~0ULL)

struct timer_cpu {
    struct spinlock lock;   /* LOCK_TIMER */
    struct rb_root armed;   /* (r) struct timer by expires_ns */
    struct timer *running;  /* (r) whose function is being called */
    uint64_t event_ns;      /* (o) for when the clock event is armed, NOT_ARMED; interrupts off */
    uint32_t count;         /* (r) timers in the tree */
};

static struct timer *timer_of(const struct rb_node *node)
{
    return rb_entry(node, struct timer, node);
}

static inline bool expires_before(const struct rb_node *a, const struct rb_node *b)
{
    return timer_of(a)->expires_ns < timer_of(b)->expires_ns;
}

int timer_cpu_init(void)
{
    struct timer_cpu *tc = pool_new(struct timer_cpu);

    if (!tc)
        return -ENOMEM;
    spin_init(&tc->lock, LOCK_TIMER);
    tc->event_ns = NOT_ARMED;
    __atomic_store_n(&cpu_self()->timer, tc, __ATOMIC_RELEASE);
    return 0;
}

/* Lock the CPU that @t belongs to, interrupts off. */
static struct timer_cpu *lock_timer(struct timer *t, uint64_t *flags)
{
    *flags = irq_save();
    for (;;) {
        uint32_t cpu = READ_ONCE(t->cpu);
        struct timer_cpu *tc = cpu_of(cpu)->timer;

        spin_lock(&tc->lock);
        if (likely(t->cpu == cpu))
            return tc;
        spin_unlock(&tc->lock);
    }
}

/* Lock held, on the CPU of @tc itself: the clock event must come for the first timer. */
static void arm_event(struct timer_cpu *tc)
{
    struct rb_node *node = rb_first(&tc->armed);

    if (!node || tc->event_ns <= timer_of(node)->expires_ns)
        return;
    tc->event_ns = timer_of(node)->expires_ns;
    irq_timer_arm(time_to_tsc(tc->event_ns));
}

static void insert(struct timer_cpu *tc, struct timer *t)
{
    rb_insert(&tc->armed, &t->node, expires_before);
    t->active = true;
    tc->count++;
    if (rb_first(&tc->armed) != &t->node)
        return;
    if (t->cpu == cpu_id())
        arm_event(tc);
    else
        softirq_raise_on(t->cpu, SOFTIRQ_TIMER);
}

static void erase(struct timer_cpu *tc, struct timer *t)
{
    rb_erase(&tc->armed, &t->node);
    t->active = false;
    tc->count--;
}

void timer_init(struct timer *t, void (*run)(void *data), void *data, unsigned int cpu)
{
    *t = (struct timer){.run = run, .data = data, .cpu = cpu};
}

void timer_set(struct timer *t, uint64_t expires_ns)
{
    uint64_t flags;
    struct timer_cpu *tc = lock_timer(t, &flags);

    if (t->active)
        erase(tc, t);
    if (!t->dead) {
        t->expires_ns = expires_ns;
        insert(tc, t);
    }
    spin_unlock_irqrestore(&tc->lock, flags);
}

void timer_set_here(struct timer *t, uint64_t expires_ns)
{
    if (unlikely(READ_ONCE(t->cpu) != cpu_id())) {
        timer_stop(t);
        timer_migrate(t, cpu_id());
    }
    timer_set(t, expires_ns);
}

void timer_stop(struct timer *t)
{
    uint64_t flags;
    struct timer_cpu *tc;

    if (!READ_ONCE(t->active))
        return;
    tc = lock_timer(t, &flags);
    if (t->active)
        erase(tc, t);
    spin_unlock_irqrestore(&tc->lock, flags);
}

/* Is @t's function being called by another CPU than this? */
static bool runs_elsewhere(struct timer *t)
{
    uint64_t flags;
    struct timer_cpu *tc = lock_timer(t, &flags);
    bool elsewhere = tc->running == t && t->cpu != cpu_id();

    spin_unlock_irqrestore(&tc->lock, flags);
    return elsewhere;
}

void timer_kill(struct timer *t)
{
    uint64_t flags;
    struct timer_cpu *tc = lock_timer(t, &flags);

    t->dead = true;
    if (t->active)
        erase(tc, t);
    spin_unlock_irqrestore(&tc->lock, flags);
    lock_check_wait();
    while (runs_elsewhere(t))
        cpu_relax();
}

void timer_migrate(struct timer *t, unsigned int cpu)
{
    uint64_t flags;
    struct timer_cpu *from, *to = cpu_of(cpu)->timer;
    bool was_active;

    from = lock_timer(t, &flags);
    /* A running function's end is waited for through its CPU: it must stay there. */
    if (from == to || from->running == t) {
        spin_unlock_irqrestore(&from->lock, flags);
        return;
    }
    was_active = t->active;
    if (was_active)
        erase(from, t);
    WRITE_ONCE(t->cpu, cpu);
    spin_unlock(&from->lock);
    spin_lock(&to->lock);
    /* Someone may have set it, or moved it on, since the other lock was left. */
    if (was_active && t->cpu == cpu && !t->active && !t->dead)
        insert(to, t);
    spin_unlock_irqrestore(&to->lock, flags);
}

/* Take the first expired timer off the tree; NULL when there is none. Lock held. */
static struct timer *next_expired(struct timer_cpu *tc, uint64_t now)
{
    struct rb_node *node = rb_first(&tc->armed);

    if (!node || timer_of(node)->expires_ns > now)
        return NULL;
    erase(tc, timer_of(node));
    return timer_of(node);
}

void timer_run_expired(void)
{
    struct timer_cpu *tc = cpu_self()->timer;
    uint64_t now = time_now_ns(), flags = spin_lock_irqsave(&tc->lock);
    /* A timer that always sets itself to the past must not keep us here: the clock event, armed
     * for the past, comes at once and lets the CPU do other things in between. */
    uint32_t budget = tc->count;

    while (budget-- && (tc->running = next_expired(tc, now)) != NULL) {
        void (*run)(void *) = tc->running->run;
        void *data = tc->running->data;

        spin_unlock_irqrestore(&tc->lock, flags);
        run(data);
        flags = spin_lock_irqsave(&tc->lock);
        tc->running = NULL;
    }
    arm_event(tc);
    spin_unlock_irqrestore(&tc->lock, flags);
}

void time_interrupt(void)
{
    cpu_self()->timer->event_ns = NOT_ARMED;
    softirq_raise(SOFTIRQ_TIMER);
}

void time_interrupt_missed(void)
{
    uint64_t flags;

    if (likely(time_now_ns() < READ_ONCE(cpu_self()->timer->event_ns)))
        return;
    flags = irq_save();
    time_interrupt(); /* arms it anew */
    irq_restore(flags);
}

uint32_t timer_count(unsigned int cpu)
{
    return READ_ONCE(cpu_of(cpu)->timer->count);
}
