/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The scheduling policy.
 *
 * What is always true here:
 * - Each vCPU has a virtual clock that advances while it runs, the slower the greater its weight.
 *   The waiting vCPU whose clock is furthest behind is the next to run; so over time the clocks of
 *   those who want to run advance together, which is what "shares by weight" means.
 * - A queue's own clock (min_vruntime) follows the furthest-behind of its vCPUs and never goes
 *   back. Who wakes may be behind it by WAKE_CREDIT at most: enough to overtake whoever hogs the
 *   CPU, too little to hoard. An account that moves between queues keeps its distance from the
 *   queue's clock, not its value.
 * - Clocks wrap: they are compared by the sign of their difference. Charges are bounded, so no
 *   two clocks of one queue are ever half the range apart.
 * - A vCPU waits in exactly one queue or none; the running one is in `curr`, not in the tree. A
 *   queue's load is the sum of the weights of both.
 */
#include "sched/credit.h"

#include "lib/bits.h"

/* vruntime units per ns at weight 1: vruntime is 1/256 ns at the default weight, so that even the
 * greatest weight is charged about one unit per ns and cannot run for nothing. */
#define UNITS_PER_NS 65536UL
/* More than this is never charged at once; a vCPU that ran alone for long owes nobody. */
#define CHARGE_MAX_NS (1UL << 40)
/* How far behind its queue's clock a waking vCPU may be, in time at the default weight. */
#define WAKE_CREDIT_NS 4000000UL
#define WAKE_CREDIT (WAKE_CREDIT_NS * UNITS_PER_NS / CREDIT_WEIGHT_DEFAULT)
/* Everyone who waits should run once in this time, but for no less than SLICE_MIN_NS each. */
#define ROUND_NS 12000000UL
#define SLICE_MIN_NS 1000000UL
/* Who woke is not overtaken by another that woke for so many times the rate limit: it works off
 * what it was woken for. */
#define BURST_LIMITS 4
/* Added to the time when two clocks meet, lest a switch decision falls just short of it. */
#define MEET_SLACK_NS 50000UL

static int64_t behind(uint64_t a, uint64_t b)
{
    return (int64_t)(b - a);
}

static uint64_t scaled(uint64_t ns, uint32_t weight)
{
    return ns * UNITS_PER_NS / weight;
}

static struct sched_vcpu *entity(const struct rb_node *node)
{
    return rb_entry(node, struct sched_vcpu, node);
}

static inline bool stands_before(const struct rb_node *a, const struct rb_node *b)
{
    return behind(entity(a)->vruntime, entity(b)->vruntime) > 0;
}

static struct sched_vcpu *first(const struct credit_queue *q)
{
    struct rb_node *node = rb_first(&q->waiting);

    return node ? entity(node) : NULL;
}

void credit_queue_init(struct credit_queue *q, uint32_t cpu)
{
    *q = (struct credit_queue){.cpu = cpu};
}

/* The queue's clock follows the furthest-behind of the running and the waiting. */
static void advance(struct credit_queue *q)
{
    const struct sched_vcpu *e = first(q);
    uint64_t least;

    if (q->curr) {
        least = q->curr->vruntime;
        if (e && behind(e->vruntime, least) > 0)
            least = e->vruntime;
    } else if (e) {
        least = e->vruntime;
    } else {
        return;
    }
    if (behind(q->min_vruntime, least) > 0)
        q->min_vruntime = least;
}

uint64_t credit_charge(struct credit_queue *q, uint64_t now)
{
    struct sched_vcpu *e = q->curr;
    uint64_t used;

    if (!e || now <= e->charged_ns)
        return 0;
    used = now - e->charged_ns;
    e->charged_ns = now;
    e->vruntime += scaled(min(used, CHARGE_MAX_NS), e->weight);
    advance(q);
    return used;
}

void credit_enqueue(struct credit_queue *q, struct sched_vcpu *e, bool woke)
{
    if (woke && behind(e->vruntime, q->min_vruntime) > (int64_t)WAKE_CREDIT)
        e->vruntime = q->min_vruntime - WAKE_CREDIT;
    rb_insert(&q->waiting, &e->node, stands_before);
    e->queued = true;
    e->woke = woke;
    q->count++;
    q->load += e->weight;
}

void credit_dequeue(struct credit_queue *q, struct sched_vcpu *e)
{
    rb_erase(&q->waiting, &e->node);
    e->queued = false;
    q->count--;
    q->load -= e->weight;
}

void credit_rebase(struct sched_vcpu *e, const struct credit_queue *to,
                   struct credit_queue *const *queues)
{
    if (e->clock == to->cpu)
        return;
    e->vruntime += to->min_vruntime - READ_ONCE(queues[e->clock]->min_vruntime);
    e->clock = to->cpu;
}

/* What @curr may run for before @e overtakes it. A back end and its guest wake each other at every
 * batch: were the guest, which has used less, to come back in the middle of the work for it, it
 * would make more before the first is done (and Linux, which takes in before it works off, would
 * drop it). */
static uint64_t kept_ns(const struct sched_vcpu *curr, const struct sched_vcpu *e,
                        const struct credit_params *p)
{
    return p->ratelimit_ns * (curr->woke && e->woke ? BURST_LIMITS : 1);
}

/* What @e may run for when others wait. */
static uint64_t slice(const struct credit_queue *q, const struct sched_vcpu *e,
                      const struct credit_params *p)
{
    uint64_t ns = ROUND_NS * e->weight / max(q->load, (uint64_t)e->weight);

    return max(max(ns, SLICE_MIN_NS), p->ratelimit_ns);
}

struct sched_vcpu *credit_pick(struct credit_queue *q, struct sched_vcpu *prev, uint64_t now,
                               const struct credit_params *p)
{
    struct sched_vcpu *e = first(q);

    if (!prev || !e)
        return prev ? prev : e;
    if (prev->yielded) {
        /* Behind one other, not behind all: a yield is a hint, not a punishment. */
        if (behind(prev->vruntime, e->vruntime) >= 0)
            prev->vruntime = e->vruntime + 1;
        return e;
    }
    if (credit_preempts(q, e, now, p))
        return e;
    if (now - prev->started_ns >= slice(q, prev, p) && behind(e->vruntime, prev->vruntime) > 0)
        return e;
    return prev;
}

void credit_set_current(struct credit_queue *q, struct sched_vcpu *next, uint64_t now)
{
    if (next && next == q->curr)
        return;
    if (q->curr)
        q->load -= q->curr->weight;
    if (next) {
        if (next->queued)
            credit_dequeue(q, next);
        next->started_ns = now;
        next->charged_ns = now;
        q->load += next->weight;
    }
    q->curr = next;
    advance(q);
}

/* A waking vCPU overtakes when it is behind by more than a quarter of its credit: less is not
 * worth a switch. */
bool credit_preempts(const struct credit_queue *q, const struct sched_vcpu *e, uint64_t now,
                     const struct credit_params *p)
{
    if (!q->curr)
        return true;
    if (now - q->curr->started_ns < kept_ns(q->curr, e, p))
        return false;
    return behind(e->vruntime, q->curr->vruntime) > (int64_t)(WAKE_CREDIT / 4);
}

uint64_t credit_deadline(const struct credit_queue *q, uint64_t now,
                         const struct credit_params *p)
{
    const struct sched_vcpu *curr = q->curr, *e = first(q);
    uint64_t at;
    int64_t lead;

    if (!curr || !e)
        return CREDIT_NEVER;
    lead = behind(e->vruntime, curr->vruntime);
    if (lead > (int64_t)(WAKE_CREDIT / 4))
        return max(curr->started_ns + kept_ns(curr, e, p), now);
    at = curr->started_ns + slice(q, curr, p);
    if (lead <= 0) /* not before the clocks have met */
        at = max(at, now + (uint64_t)-lead * curr->weight / UNITS_PER_NS + MEET_SLACK_NS);
    return max(at, now);
}
