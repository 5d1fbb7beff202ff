/* SPDX-License-Identifier: BSD-2-Clause */
/* The scheduling policy, driven by a simulated machine: shares, caps, latency, affinity,
 * stealing. */
/* sources: hypervisor/sched/credit.c hypervisor/sched/credit_place.c hypervisor/lib/rbtree.c */
/* sources: hypervisor/lib/cpumask.c hypervisor/lib/bitmap.c */
#include "tests/unit/check.h"

#include "sched/credit.h"

#define CPUS 8
#define VCPUS 32
#define MS 1000000UL
#define NEVER (~0UL)

/* A vCPU of the simulation: computes for `burst` ns, sleeps for `nap` ns; burst 0: always runs. */
struct sim_vcpu {
    struct sched_vcpu e;
    struct cpumask hard, soft;
    struct credit_cap *cap;
    uint64_t burst, nap;
    uint64_t burst_left;
    uint64_t wake_at;     /* NEVER: awake */
    uint64_t ready_since; /* waits since */
    uint64_t used, longest_wait, switches;
    bool exists, parked;
};

static struct sim {
    struct credit_queue queue[CPUS], *queues[CPUS];
    uint64_t look_at[CPUS], balance_at[CPUS];
    struct cpumask online, idle;
    struct sim_vcpu v[VCPUS];
    unsigned int cpus;
    uint64_t now;
    struct credit_params params;
    uint64_t steals, moves;
} sim;

static void sim_start(unsigned int cpus)
{
    memset(&sim, 0, sizeof(sim));
    cpumask_set_limit(CPUS);
    sim.cpus = cpus;
    sim.now = 1;
    sim.params.ratelimit_ns = CREDIT_RATELIMIT_DEFAULT_NS;
    for (unsigned int i = 0; i < cpus; i++) {
        credit_queue_init(&sim.queue[i], i);
        sim.queues[i] = &sim.queue[i];
        sim.look_at[i] = NEVER;
        cpumask_set(&sim.online, i);
        cpumask_set(&sim.idle, i);
    }
}

static struct sim_vcpu *of(struct sched_vcpu *e)
{
    return container_of(e, struct sim_vcpu, e);
}

static void arm(unsigned int cpu)
{
    struct sched_vcpu *curr = sim.queue[cpu].curr;
    uint64_t at = credit_deadline(&sim.queue[cpu], sim.now, &sim.params);

    if (curr && of(curr)->cap)
        at = min(at, credit_cap_used_up(of(curr)->cap, sim.now));
    sim.look_at[cpu] = at;
}

static void account(unsigned int cpu)
{
    struct sched_vcpu *curr = sim.queue[cpu].curr;
    uint64_t used = credit_charge(&sim.queue[cpu], sim.now);

    if (!curr)
        return;
    of(curr)->used += used;
    if (of(curr)->burst)
        of(curr)->burst_left -= min(used, of(curr)->burst_left);
    if (of(curr)->cap)
        credit_cap_charge(of(curr)->cap, used, sim.now);
}

static void make_ready(struct sim_vcpu *v, bool woke);

static void look(unsigned int cpu)
{
    struct credit_queue *q = &sim.queue[cpu];
    struct sched_vcpu *prev, *e;
    bool keep;

    account(cpu);
    prev = q->curr;
    keep = prev && !(of(prev)->burst && !of(prev)->burst_left) &&
           (!of(prev)->cap || credit_cap_open(of(prev)->cap));
    while ((e = credit_pick(q, keep ? prev : NULL, sim.now, &sim.params)) != NULL && e != prev &&
           of(e)->cap && !credit_cap_open(of(e)->cap)) {
        credit_dequeue(q, e);
        of(e)->parked = true;
        of(e)->wake_at = credit_cap_opens(of(e)->cap);
    }
    if (!e) {
        for (unsigned int from = 0; from < sim.cpus && !e; from++) {
            if (from == cpu || !(e = credit_steal(&sim.queue[from], cpu)))
                continue;
            credit_dequeue(&sim.queue[from], e);
            credit_rebase(e, q, sim.queues);
            e->cpu = cpu;
            sim.steals++;
        }
    }
    if (e && e != prev) {
        CHECK(credit_may_run(e, cpu));
        CHECK(!e->running);
        of(e)->switches++;
        of(e)->longest_wait = max(of(e)->longest_wait, sim.now - of(e)->ready_since);
        e->running = true;
    }
    credit_set_current(q, e, sim.now);
    if (e)
        cpumask_clear(&sim.idle, cpu);
    else
        cpumask_set(&sim.idle, cpu);
    if (prev && prev != e) {
        struct sim_vcpu *v = of(prev);

        prev->running = false;
        prev->yielded = false;
        if (keep) {
            make_ready(v, false);
        } else if (v->burst && !v->burst_left) {
            v->burst_left = v->burst;
            v->wake_at = sim.now + v->nap;
        } else {
            v->parked = true;
            v->wake_at = credit_cap_opens(v->cap);
        }
    }
    arm(cpu);
}

static void make_ready(struct sim_vcpu *v, bool woke)
{
    uint32_t cpu = v->e.cpu, to = cpu;

    if (woke || !cpumask_empty(&sim.idle)) {
        to = credit_place(&v->e, &sim.online, &sim.idle, sim.queues);
    } else if (sim.now >= sim.balance_at[cpu]) {
        to = credit_balance(&sim.queue[cpu], &v->e, &sim.online, sim.queues);
        if (to == NR_CPUS)
            to = cpu;
        else
            sim.balance_at[cpu] = sim.now + 20 * MS;
    }
    CHECK(to < sim.cpus);
    CHECK(credit_may_run(&v->e, to));
    if (to != cpu) {
        v->e.cpu = to;
        v->e.arrived_ns = sim.now;
        sim.moves++;
        if (!woke)
            sim.balance_at[to] = sim.now + 20 * MS;
    }
    account(to);
    credit_rebase(&v->e, &sim.queue[to], sim.queues);
    v->ready_since = sim.now;
    credit_enqueue(&sim.queue[to], &v->e, woke);
    if (credit_preempts(&sim.queue[to], &v->e, sim.now, &sim.params))
        sim.look_at[to] = sim.now;
    else
        arm(to);
}

static uint64_t next_event(void)
{
    uint64_t at = NEVER;

    for (unsigned int i = 0; i < sim.cpus; i++) {
        struct sched_vcpu *curr = sim.queue[i].curr;

        at = min(at, sim.look_at[i]);
        if (curr && of(curr)->burst)
            at = min(at, (curr->charged_ns + of(curr)->burst_left));
    }
    for (int i = 0; i < VCPUS; i++)
        if (sim.v[i].exists)
            at = min(at, sim.v[i].wake_at);
    return at;
}

static void run_until(uint64_t end)
{
    uint64_t stuck = 0;

    while (next_event() <= end) {
        uint64_t at = max(next_event(), sim.now);

        stuck = at == sim.now ? stuck + 1 : 0;
        CHECK(stuck < 1000); /* no endless looking at one instant */
        sim.now = at;
        for (int i = 0; i < VCPUS; i++) {
            struct sim_vcpu *v = &sim.v[i];

            if (!v->exists || v->wake_at > sim.now)
                continue;
            v->wake_at = NEVER;
            if (v->parked) {
                v->parked = false;
                credit_cap_charge(v->cap, 0, sim.now);
            }
            make_ready(v, true);
        }
        for (unsigned int i = 0; i < sim.cpus; i++) {
            struct sched_vcpu *curr = sim.queue[i].curr;

            if (sim.look_at[i] <= sim.now ||
                (curr && of(curr)->burst && curr->charged_ns + of(curr)->burst_left <= sim.now))
                look(i);
        }
    }
    sim.now = end;
    for (unsigned int i = 0; i < sim.cpus; i++)
        account(i);
}

static struct sim_vcpu *add(unsigned int i, uint32_t weight, uint64_t burst, uint64_t nap)
{
    struct sim_vcpu *v = &sim.v[i];

    memset(v, 0, sizeof(*v));
    v->exists = true;
    v->e.weight = weight;
    v->e.pinned = -1;
    v->e.hard = &v->hard;
    v->e.soft = &v->soft;
    v->e.cpu = 0;
    cpumask_set_first(&v->hard, NR_CPUS);
    cpumask_set_first(&v->soft, NR_CPUS);
    v->burst = v->burst_left = burst;
    v->nap = nap;
    v->wake_at = sim.now;
    return v;
}

static void check_share(uint64_t used, uint64_t total, uint64_t part, uint64_t whole)
{
    /* within 5 per cent of what it should be */
    uint64_t want = total * part / whole, apart = used > want ? used - want : want - used;

    if (apart * 20 > want)
        CHECK_FAIL("used %" PRIu64 " of %" PRIu64 ", should be %" PRIu64, used, total, want);
}

TEST(weights_share_one_cpu)
{
    static const uint32_t weights[][2] = {{512, 256}, {256, 256}, {1024, 128}, {65535, 65535},
                                          {2, 1},     {3, 65535}};

    for (size_t i = 0; i < ARRAY_SIZE(weights); i++) {
        uint32_t a = weights[i][0], b = weights[i][1];
        uint64_t time = a / b + b / a > 1000 ? 200000000 * MS : 10000 * MS;

        sim_start(1);
        add(0, a, 0, 0);
        add(1, b, 0, 0);
        run_until(time);
        CHECK(sim.v[0].used + sim.v[1].used >= time - MS);
        check_share(sim.v[0].used, time, a, a + b);
        check_share(sim.v[1].used, time, b, a + b);
    }
}

TEST(slices_are_long_enough)
{
    sim_start(1);
    for (int i = 0; i < 4; i++)
        add(i, 256, 0, 0);
    run_until(10000 * MS);
    for (int i = 0; i < 4; i++) {
        check_share(sim.v[i].used, 10000 * MS, 1, 4);
        CHECK(sim.v[i].switches < 1000); /* slices of 2.5 ms or more */
    }
}

TEST(waker_overtakes_hogs)
{
    sim_start(1);
    for (int i = 0; i < 8; i++)
        add(i, 256, 0, 0);
    add(8, 256, 100000, 20 * MS); /* 0.1 ms of work every 20 ms */
    run_until(1000 * MS);
    sim.v[8].longest_wait = 0; /* at the start all were equal */
    run_until(20000 * MS);
    CHECK(sim.v[8].switches > 900);
    CHECK(sim.v[8].longest_wait <= CREDIT_RATELIMIT_DEFAULT_NS + MS / 10);
}

/* As a back end, and a guest that wakes in the middle of the work for it and has used less. */
TEST(wakers_finish_what_they_woke_for)
{
    sim_start(1);
    add(0, 256, 3 * MS, 2 * MS);
    add(1, 256, MS, 3 * MS / 2);
    run_until(10000 * MS);
    CHECK(sim.v[0].switches <= sim.v[0].used / (3 * MS) + 2); /* in one go */
    CHECK(sim.v[1].longest_wait <= 3 * MS);
    sim_start(1);
    add(0, 256, 50 * MS, MS); /* but not for as long as it likes */
    add(1, 256, MS / 2, 20 * MS);
    run_until(1000 * MS);
    sim.v[1].longest_wait = 0; /* at the start both were equal */
    run_until(10000 * MS);
    CHECK(sim.v[1].longest_wait <= 4 * CREDIT_RATELIMIT_DEFAULT_NS + MS / 10);
    sim_start(1);
    sim.params.ratelimit_ns = 0; /* who wants it at once gets it */
    add(0, 256, 3 * MS, 2 * MS);
    add(1, 256, MS / 10, 3 * MS);
    run_until(1000 * MS);
    sim.v[1].longest_wait = 0;
    run_until(10000 * MS);
    CHECK(sim.v[1].longest_wait <= MS / 10);
}

TEST(sleeping_hoards_nothing)
{
    sim_start(1);
    add(0, 256, 0, 0);
    add(1, 256, 0, 0);
    sim.v[1].wake_at = 60000 * MS; /* sleeps for a minute, then wants everything */
    run_until(61000 * MS);
    check_share(sim.v[1].used, 1000 * MS, 1, 2);
}

TEST(alone_for_long_owes_nothing)
{
    sim_start(1);
    add(0, 1, 0, 0);
    run_until(100000ULL * 1000 * MS); /* a day and more */
    add(1, 256, 0, 0);
    sim.v[0].used = 0;
    sim.v[0].longest_wait = 0;
    run_until(sim.now + 60000 * MS);
    check_share(sim.v[0].used, 60000 * MS, 1, 257);
}

TEST(caps_hold)
{
    static struct credit_cap cap;
    static const uint32_t percents[] = {1, 10, 25, 50, 90, 150, 250};

    for (size_t i = 0; i < ARRAY_SIZE(percents); i++) {
        uint64_t used = 0;

        sim_start(4);
        memset(&cap, 0, sizeof(cap));
        credit_cap_set(&cap, percents[i], 0);
        for (int n = 0; n < 3; n++)
            add(n, 256, 0, 0)->cap = &cap;
        run_until(10000 * MS);
        for (int n = 0; n < 3; n++)
            used += sim.v[n].used;
        check_share(used, 10000 * MS, percents[i], 100);
    }
}

TEST(cap_is_no_hoard)
{
    static struct credit_cap cap;

    credit_cap_set(&cap, 50, 0);
    credit_cap_charge(&cap, 0, 10000 * MS); /* ten seconds unused */
    CHECK_EQ(cap.left_ns, 5 * MS);
    credit_cap_charge(&cap, 7 * MS, 10000 * MS + 1);
    CHECK(!credit_cap_open(&cap));
    CHECK_EQ(credit_cap_opens(&cap), 10010 * MS);
    CHECK_EQ(credit_cap_used_up(&cap, 10000 * MS + 1), 10000 * MS + 1);
    credit_cap_charge(&cap, 0, 10010 * MS);
    CHECK_EQ(cap.left_ns, 3 * MS);
    credit_cap_set(&cap, 0, 0);
    credit_cap_charge(&cap, 1000 * MS, 0);
    CHECK(credit_cap_open(&cap));
    CHECK_EQ(credit_cap_used_up(&cap, 0), CREDIT_NEVER);
}

TEST(idle_cpus_steal)
{
    sim_start(4);
    for (int i = 0; i < 4; i++) {
        add(i, 256, 0, 0);
        cpumask_set_only(&sim.v[i].hard, 0);
    }
    run_until(100 * MS);
    CHECK_EQ(sim.steals, 0);
    /* The affinity is lifted behind the policy's back: idle CPUs come for the work. */
    for (int i = 0; i < 4; i++)
        cpumask_set_first(&sim.v[i].hard, NR_CPUS);
    for (unsigned int i = 1; i < 4; i++)
        look(i);
    for (int i = 0; i < 4; i++)
        sim.v[i].used = 0;
    CHECK_EQ(sim.steals, 3);
    run_until(1100 * MS);
    for (int i = 0; i < 4; i++)
        check_share(sim.v[i].used, 1000 * MS, 1, 1);
}

TEST(steal_prefers_who_likes_it)
{
    sim_start(2);
    add(0, 256, 0, 0);
    add(1, 256, 0, 0);
    cpumask_clear(&sim.v[0].soft, 1);
    sim.v[0].e.vruntime = 1;
    sim.v[1].e.vruntime = 2;
    CHECK(!credit_steal(&sim.queue[0], 1));
    credit_enqueue(&sim.queue[0], &sim.v[0].e, false);
    CHECK(credit_steal(&sim.queue[0], 1) == &sim.v[0].e);
    credit_enqueue(&sim.queue[0], &sim.v[1].e, false);
    CHECK(credit_steal(&sim.queue[0], 1) == &sim.v[1].e);
    cpumask_clear(&sim.v[1].hard, 1);
    CHECK(credit_steal(&sim.queue[0], 1) == &sim.v[0].e);
    sim.v[0].e.pinned = 0;
    CHECK(!credit_steal(&sim.queue[0], 1));
}

TEST(odd_numbers_share_cpus)
{
    uint64_t time = 20000 * MS;

    sim_start(2);
    for (int i = 0; i < 3; i++)
        add(i, 256, 0, 0);
    run_until(time);
    for (int i = 0; i < 3; i++)
        check_share(sim.v[i].used, time, 2, 3);
    sim_start(4);
    for (int i = 0; i < 7; i++)
        add(i, 256, 0, 0);
    run_until(time);
    for (int i = 0; i < 7; i++) /* nobody far below the fair share */
        CHECK(sim.v[i].used * 7 > time * 4 * 85 / 100);
}

TEST(placing)
{
    struct sim_vcpu *v;

    sim_start(4);
    v = add(0, 256, 0, 0);
    v->e.cpu = 2;
    CHECK_EQ(credit_place(&v->e, &sim.online, &sim.idle, sim.queues), 2); /* warm and idle */
    cpumask_clear(&sim.idle, 2);
    CHECK_EQ(credit_place(&v->e, &sim.online, &sim.idle, sim.queues), 3);
    cpumask_clear_all(&v->soft);
    cpumask_set(&v->soft, 1);
    CHECK_EQ(credit_place(&v->e, &sim.online, &sim.idle, sim.queues), 1);
    cpumask_clear(&sim.idle, 1); /* rather run at once on a CPU it does not prefer */
    CHECK_EQ(credit_place(&v->e, &sim.online, &sim.idle, sim.queues), 3);
    cpumask_clear_all(&sim.idle);
    CHECK_EQ(credit_place(&v->e, &sim.online, &sim.idle, sim.queues), 1);
    cpumask_set_first(&v->soft, NR_CPUS);
    for (int i = 0; i < 4; i++)
        sim.queue[i].load = 1000 - i;
    CHECK_EQ(credit_place(&v->e, &sim.online, &sim.idle, sim.queues), 3);
    sim.queue[3].load = 998;
    CHECK_EQ(credit_place(&v->e, &sim.online, &sim.idle, sim.queues), 2);
    cpumask_clear_all(&v->hard);
    CHECK_EQ(credit_place(&v->e, &sim.online, &sim.idle, sim.queues), NR_CPUS);
    v->e.pinned = 0; /* the pin counts, whatever the hard affinity */
    CHECK_EQ(credit_place(&v->e, &sim.online, &sim.idle, sim.queues), 0);
    v->e.pinned = 5;
    CHECK_EQ(credit_place(&v->e, &sim.online, &sim.idle, sim.queues), NR_CPUS);
}

TEST(yield_lets_another_go_first)
{
    sim_start(1);
    add(0, 256, 0, 0);
    add(1, 256, 0, 0);
    run_until(1);
    CHECK(sim.queue[0].curr);
    for (int i = 0; i < 100; i++) {
        struct sched_vcpu *was = sim.queue[0].curr;

        sim.now += 10;
        was->yielded = true;
        look(0);
        CHECK(sim.queue[0].curr != was);
        CHECK(!was->yielded);
    }
}

/* Anything may happen; affinity holds (checked at each switch) and nobody starves. */
TEST(random_machines)
{
    for (int round = 0; round < 15; round++) {
        unsigned int cpus = 1 + check_random_below(CPUS), count = 1 + check_random_below(VCPUS);
        uint64_t time = 20000 * MS, used = 0;

        sim_start(cpus);
        for (unsigned int i = 0; i < count; i++) {
            bool hog = check_random_below(3) == 0;
            struct sim_vcpu *v = add(i, 64 + check_random_below(1000),
                                     hog ? 0 : 1000 + check_random_below(30 * MS),
                                     1000 + check_random_below(50 * MS));

            v->e.cpu = check_random_below(cpus);
            if (check_random_below(3) == 0) {
                cpumask_clear_all(&v->hard);
                for (int n = 0; n < 3; n++)
                    cpumask_set(&v->hard, check_random_below(cpus));
            }
            if (check_random_below(3) == 0)
                cpumask_set_only(&v->soft, check_random_below(cpus));
        }
        run_until(time);
        for (unsigned int i = 0; i < count; i++) {
            used += sim.v[i].used;
            CHECK(sim.v[i].used > 0);
            CHECK(sim.v[i].longest_wait < 2000 * MS);
        }
        CHECK(used <= time * cpus);
    }
}
