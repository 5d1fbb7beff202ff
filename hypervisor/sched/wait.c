/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sleeping and waking of vCPUs.
 *
 * What is always true here: who goes to sleep sets its bit in `blocked` with a full barrier and
 * then looks for a reason to stay awake; who makes a reason makes it visible with a full barrier
 * and then looks at `blocked`. One of the two sees the other. Whoever takes the bits away (one
 * atomic exchange) does what ending that sleep needs.
 */
#include "cpu/percpu.h"
#include "domain/domain.h"
#include "domain/kind.h"
#include "event/event.h"
#include "irq/irq.h"
#include "sched/private.h"
#include "sched/sched.h"

/* Take away all reasons to sleep; false when there were none. */
static bool clear_blocked(struct vcpu *v)
{
    uint32_t was = __atomic_exchange_n(&v->sched.blocked, BLOCK_NONE, __ATOMIC_SEQ_CST);

    if (was & BLOCK_POLL)
        __atomic_fetch_sub(&v->domain->sched.pollers, 1, __ATOMIC_RELAXED);
    return was != BLOCK_NONE;
}

bool sched_end_sleep(struct vcpu *v)
{
    if (!clear_blocked(v))
        return false;
    sched_wake(v);
    return true;
}

void sched_kick(struct vcpu *v)
{
    uint32_t cpu;

    if (READ_ONCE(v->sched.blocked) && sched_end_sleep(v))
        return;
    if (!READ_ONCE(v->sched.running))
        return; /* it will pass the gate before it runs */
    cpu = READ_ONCE(v->sched.cpu);
    if (cpu != cpu_id())
        irq_send_ipi(cpu, VECTOR_EVENT);
}

/* @v is current; it stays awake when there is something for it to do already. */
static void fall_asleep(struct vcpu *v, enum vcpu_block why)
{
    if (why == BLOCK_POLL)
        __atomic_fetch_add(&v->domain->sched.pollers, 1, __ATOMIC_RELAXED);
    __atomic_fetch_or(&v->sched.blocked, why, __ATOMIC_SEQ_CST);
    if (READ_ONCE(v->work) || v->kind->upcall_deliverable(v))
        clear_blocked(v);
    else
        softirq_raise(SOFTIRQ_SCHED);
}

void sched_block(struct vcpu *v)
{
    WRITE_ONCE(v->info->evtchn_upcall_mask, 0);
    fall_asleep(v, BLOCK_EVENT);
}

void sched_wait_for(struct vcpu *v, bool (*arrived)(const struct vcpu *v))
{
    __atomic_fetch_or(&v->sched.blocked, BLOCK_WAIT, __ATOMIC_SEQ_CST);
    if (arrived(v))
        clear_blocked(v);
    else
        softirq_raise(SOFTIRQ_SCHED);
}

void sched_give_way(struct vcpu *v)
{
    if (!READ_ONCE(cpu_self()->sched->queue.count))
        return;
    v->sched.yielded = true;
    softirq_raise(SOFTIRQ_SCHED);
}

static bool polls(const struct vcpu *v, uint32_t port)
{
    uint32_t wanted = READ_ONCE(v->sched.poll_port);

    return (READ_ONCE(v->sched.blocked) & BLOCK_POLL) && (wanted == port || wanted == 0);
}

void sched_poll_wake(struct vcpu *v, uint32_t port)
{
    struct domain *d = v->domain;
    struct vcpu *poller;

    if (likely(!READ_ONCE(d->sched.pollers)))
        return;
    for_each_vcpu(d, poller)
        if (polls(poller, port))
            sched_end_sleep(poller);
}

void sched_poll_timeout(void *data)
{
    struct vcpu *v = data;

    if (READ_ONCE(v->sched.blocked) & BLOCK_POLL)
        sched_end_sleep(v);
}

static bool any_pending(struct domain *d, const uint32_t *ports, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        if (event_port_pending(d, ports[i]))
            return true;
    return false;
}

void sched_poll(struct vcpu *v, const uint32_t *ports, uint32_t count, uint64_t timeout_ns)
{
    WRITE_ONCE(v->sched.poll_port, count == 1 ? ports[0] : 0);
    timer_stop(&v->poll);
    fall_asleep(v, BLOCK_POLL);
    if (any_pending(v->domain, ports, count))
        clear_blocked(v);
    else if (timeout_ns && READ_ONCE(v->sched.blocked))
        timer_set_here(&v->poll, timeout_ns);
}
