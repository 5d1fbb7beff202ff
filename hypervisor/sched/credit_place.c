/* SPDX-License-Identifier: BSD-2-Clause */
/* The scheduling policy across CPUs: where a vCPU goes, who takes over from whom; and caps. */
#include "sched/credit.h"

#include "lib/bits.h"

/* How many CPUs are compared when none is idle: bounds the cost of a wake-up. */
#define PLACE_LOOKS 16

bool credit_may_run(const struct sched_vcpu *e, uint32_t cpu)
{
    return e->pinned >= 0 ? (uint32_t)e->pinned == cpu : cpumask_test(e->hard, cpu);
}

bool credit_likes(const struct sched_vcpu *e, uint32_t cpu)
{
    return credit_may_run(e, cpu) && cpumask_test(e->soft, cpu);
}

/* The first CPU after @e's last one, going round, that is in @set (online or idle) and allowed;
 * with @soft also preferred. Whole words at a time. */
static uint32_t find_allowed(const struct sched_vcpu *e, const struct cpumask *set, bool soft)
{
    uint32_t start = e->cpu / BITS_PER_WORD % cpumask_words, shift = e->cpu % BITS_PER_WORD;

    for (uint32_t i = 0; i <= cpumask_words; i++) {
        uint32_t w = (start + i) % cpumask_words;
        uint64_t bits = READ_ONCE(set->bits[w]) & e->hard->bits[w];

        if (soft)
            bits &= e->soft->bits[w];
        if (i == 0) /* the part from the last CPU on; the rest of this word comes at the end */
            bits &= ~bits_low(shift);
        if (bits)
            return w * BITS_PER_WORD + bit_first(bits);
    }
    return NR_CPUS;
}

/* The least loaded of the first few allowed CPUs; the last one wins a draw, its caches are warm. */
static uint32_t least_loaded(const struct sched_vcpu *e, const struct cpumask *online,
                             struct credit_queue *const *queues)
{
    uint32_t best = NR_CPUS, looks = 0, cpu = e->cpu;
    uint64_t least = ~0ULL;
    bool best_liked = false;

    if (!cpumask_test(online, cpu))
        cpu = cpumask_cycle(online, cpu);
    for (uint32_t first = cpu; cpu < NR_CPUS && looks < cpumask_words * BITS_PER_WORD; looks++) {
        if (credit_may_run(e, cpu)) {
            uint64_t load = READ_ONCE(queues[cpu]->load);
            bool liked = cpumask_test(e->soft, cpu);

            if (best == NR_CPUS || liked > best_liked || (liked == best_liked && load < least)) {
                best = cpu;
                least = load;
                best_liked = liked;
            }
        }
        cpu = cpumask_cycle(online, cpu);
        if (cpu == first || (looks >= PLACE_LOOKS && best != NR_CPUS))
            break;
    }
    return best;
}

uint32_t credit_place(const struct sched_vcpu *e, const struct cpumask *online,
                      const struct cpumask *idle, struct credit_queue *const *queues)
{
    uint32_t cpu;

    if (e->pinned >= 0)
        return cpumask_test(online, (uint32_t)e->pinned) ? (uint32_t)e->pinned : NR_CPUS;
    /* Most often: where it ran last. */
    if (cpumask_test(idle, e->cpu) && cpumask_test(e->hard, e->cpu) &&
        cpumask_test(e->soft, e->cpu))
        return e->cpu;
    /* An idle CPU it likes, then any idle CPU it may use: running beats preferring. */
    cpu = find_allowed(e, idle, true);
    if (cpu == NR_CPUS)
        cpu = find_allowed(e, idle, false);
    if (cpu == NR_CPUS)
        cpu = least_loaded(e, online, queues);
    return cpu;
}

struct sched_vcpu *credit_steal(const struct credit_queue *from, uint32_t cpu)
{
    struct sched_vcpu *allowed = NULL;

    for (struct rb_node *n = rb_first(&from->waiting); n; n = rb_next(n)) {
        struct sched_vcpu *e = rb_entry(n, struct sched_vcpu, node);

        if (e->running || !credit_may_run(e, cpu))
            continue;
        if (cpumask_test(e->soft, cpu))
            return e;
        if (!allowed)
            allowed = e;
    }
    return allowed;
}

/*
 * When one queue is heavier than another, moving any waiting vCPU brings their loads closer or
 * swaps which is heavier. The latter is wanted too: three equal vCPUs on two CPUs get two thirds
 * each only if the pair that shares a CPU keeps changing. Hence also: who has been here longer
 * goes first, or the last to come would be sent on each time while others never move.
 */
uint32_t credit_balance(const struct credit_queue *q, const struct sched_vcpu *e,
                        const struct cpumask *online, struct credit_queue *const *queues)
{
    uint64_t least = q->load + e->weight;
    uint32_t best = NR_CPUS, looks = 0;

    if (q->curr && q->curr->arrived_ns < e->arrived_ns)
        return NR_CPUS;

    for (uint32_t cpu = cpumask_cycle(online, q->cpu); cpu != q->cpu && cpu < NR_CPUS;
         cpu = cpumask_cycle(online, cpu)) {
        uint64_t load;

        if (looks++ == PLACE_LOOKS)
            break;
        if (!credit_may_run(e, cpu) || (credit_likes(e, q->cpu) && !credit_likes(e, cpu)))
            continue;
        load = READ_ONCE(queues[cpu]->load);
        if (load < least) {
            least = load;
            best = cpu;
        }
    }
    return best;
}

void credit_cap_set(struct credit_cap *c, uint32_t percent, uint64_t now)
{
    c->quota_ns = CREDIT_CAP_PERIOD_NS / 100 * percent;
    c->left_ns = (int64_t)c->quota_ns;
    c->refilled_ns = now;
}

void credit_cap_charge(struct credit_cap *c, uint64_t used_ns, uint64_t now)
{
    uint64_t periods;

    if (!c->quota_ns)
        return;
    c->left_ns -= (int64_t)min(used_ns, 1UL << 40);
    if (now < c->refilled_ns + CREDIT_CAP_PERIOD_NS)
        return;
    periods = (now - c->refilled_ns) / CREDIT_CAP_PERIOD_NS;
    c->refilled_ns += periods * CREDIT_CAP_PERIOD_NS;
    /* Unused allowance is not kept, debt is. */
    c->left_ns += (int64_t)(min(periods, 1UL << 24) * c->quota_ns);
    c->left_ns = min(c->left_ns, (int64_t)c->quota_ns);
}

bool credit_cap_open(const struct credit_cap *c)
{
    return !c->quota_ns || c->left_ns > 0;
}

uint64_t credit_cap_used_up(const struct credit_cap *c, uint64_t now)
{
    if (!c->quota_ns)
        return CREDIT_NEVER;
    return now + (c->left_ns > 0 ? (uint64_t)c->left_ns : 0);
}

uint64_t credit_cap_opens(const struct credit_cap *c)
{
    if (credit_cap_open(c))
        return 0;
    return c->refilled_ns +
           ((uint64_t)-c->left_ns / c->quota_ns + 1) * CREDIT_CAP_PERIOD_NS;
}
