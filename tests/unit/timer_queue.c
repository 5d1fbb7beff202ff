/* SPDX-License-Identifier: BSD-2-Clause */
/* One-shot timers against a plain list, on CPUs of one thread. */
/* sources: hypervisor/time/timer.c hypervisor/lib/rbtree.c */
/* cflags: -Itests/unit/fake */
#include "tests/unit/check.h"

#include "abi/errno.h"
#include "cpu/percpu.h"
#include "irq/irq.h"
#include "mm/pool.h"
#include "sched/softirq.h"
#include "time/private.h"
#include "time/time.h"
#include "time/timer.h"

#define CPUS 3
#define TIMERS 40

struct percpu fake_percpu[CPUS];
unsigned int fake_cpu;
static uint64_t now, event[CPUS];
static unsigned int arms;

uint64_t time_now_ns(void)
{
    return now;
}

uint64_t time_to_tsc(uint64_t ns)
{
    return ns;
}

void irq_timer_arm(uint64_t tsc)
{
    event[fake_cpu] = tsc;
    arms++;
}

void *pool_alloc(size_t bytes)
{
    return calloc(1, bytes);
}

void softirq_raise(enum softirq nr)
{
    fake_percpu[fake_cpu].softirq_pending |= 1u << nr;
}

void softirq_raise_on(unsigned int cpu, enum softirq nr)
{
    fake_percpu[cpu].softirq_pending |= 1u << nr;
}

static void start(void)
{
    for (unsigned int i = 0; i < CPUS; i++) {
        free(fake_percpu[i].timer);
        fake_cpu = i;
        fake_percpu[i].id = i;
        fake_percpu[i].softirq_pending = 0;
        event[i] = ~0ULL;
        CHECK_EQ(timer_cpu_init(), 0);
    }
    fake_cpu = 0;
    now = 1000;
    arms = 0;
}

/* Let time pass on all CPUs up to @until, from event to event. */
static void pass(uint64_t until)
{
    for (;;) {
        uint64_t next = until;
        unsigned int cpu;

        for (cpu = 0; cpu < CPUS; cpu++)
            if (fake_percpu[cpu].softirq_pending)
                break;
        if (cpu < CPUS) {
            fake_cpu = cpu;
            fake_percpu[cpu].softirq_pending = 0;
            timer_run_expired();
            continue;
        }
        for (cpu = 0; cpu < CPUS; cpu++)
            next = event[cpu] < next ? event[cpu] : next;
        if (next >= until)
            break;
        now = next > now ? next : now;
        for (cpu = 0; cpu < CPUS; cpu++) {
            if (event[cpu] > now)
                continue;
            fake_cpu = cpu;
            event[cpu] = ~0ULL;
            time_interrupt();
        }
    }
    now = until;
    fake_cpu = 0;
}

struct probe {
    struct timer timer;
    uint64_t due;      /* 0: not armed */
    uint64_t fired_at, expected;
    unsigned int fired, cpu;
};
static struct probe probe[TIMERS];

static void fire(void *data)
{
    struct probe *p = data;

    p->fired++;
    p->fired_at = now;
    p->cpu = fake_cpu;
    p->expected = p->due;
    p->due = 0;
}

static void prepare(void)
{
    start();
    memset(probe, 0, sizeof(probe));
    for (unsigned int i = 0; i < TIMERS; i++)
        timer_init(&probe[i].timer, fire, &probe[i], i % CPUS);
}

TEST(one_timer)
{
    prepare();
    timer_set(&probe[0].timer, 5000);
    CHECK_EQ(event[0], 5000);
    CHECK_EQ(timer_count(0), 1);
    pass(5000);
    CHECK_EQ(probe[0].fired, 0);
    pass(5001);
    CHECK_EQ(probe[0].fired, 1);
    CHECK_EQ(probe[0].fired_at, 5000);
    CHECK(!probe[0].timer.active);
    pass(100000);
    CHECK_EQ(probe[0].fired, 1);
    timer_set(&probe[0].timer, 3); /* the past: at once */
    pass(100001);
    CHECK_EQ(probe[0].fired, 2);
}

TEST(arming_only_for_the_first)
{
    prepare();
    timer_set(&probe[0].timer, 5000);
    timer_set(&probe[3].timer, 6000);
    CHECK_EQ(arms, 1);
    timer_set(&probe[6].timer, 4000);
    CHECK_EQ(arms, 2);
    CHECK_EQ(event[0], 4000);
    timer_stop(&probe[6].timer); /* stays armed early: a look that finds nothing */
    CHECK_EQ(arms, 2);
    pass(10000);
    CHECK_EQ(probe[0].fired_at, 5000);
    CHECK_EQ(probe[3].fired_at, 6000);
    CHECK_EQ(probe[6].fired, 0);
}

TEST(an_event_that_never_comes)
{
    prepare();
    timer_set(&probe[0].timer, 5000);
    event[0] = ~0ULL; /* lost */
    now = 4999;
    time_interrupt_missed();
    CHECK(!fake_percpu[0].softirq_pending);
    now = 5000;
    timer_set(&probe[3].timer, 6000); /* whoever comes later relies on the first */
    CHECK_EQ(event[0], ~0ULL);
    time_interrupt_missed();
    pass(7000);
    CHECK_EQ(probe[0].fired_at, 5000);
    CHECK_EQ(probe[3].fired_at, 6000);
    time_interrupt_missed();
    CHECK(!fake_percpu[0].softirq_pending);
}

TEST(remote)
{
    prepare();
    timer_set(&probe[1].timer, 5000); /* CPU 1 must arm for itself */
    CHECK_EQ(event[1], ~0ULL);
    CHECK(fake_percpu[1].softirq_pending);
    pass(6000);
    CHECK_EQ(probe[1].fired, 1);
    CHECK_EQ(probe[1].cpu, 1);
    timer_set(&probe[1].timer, 7000);
    timer_migrate(&probe[1].timer, 2);
    CHECK_EQ(timer_count(1), 0);
    CHECK_EQ(timer_count(2), 1);
    pass(8000);
    CHECK_EQ(probe[1].fired, 2);
    CHECK_EQ(probe[1].cpu, 2);
    timer_set_here(&probe[1].timer, 9000);
    pass(10000);
    CHECK_EQ(probe[1].cpu, 0);
    timer_kill(&probe[1].timer);
    timer_set(&probe[1].timer, 11000);
    pass(12000);
    CHECK_EQ(probe[1].fired, 3);
    CHECK_EQ(timer_count(0), 0);
}

static struct timer again;
static unsigned int rounds;

static void set_again(void *data)
{
    (void)data;
    rounds++;
    if (rounds == 50)
        timer_kill(&again); /* from its own function: does not wait for itself */
    timer_set(&again, rounds % 2 ? 1 : now);
}

TEST(sets_itself_to_the_past)
{
    start();
    rounds = 0;
    timer_init(&again, set_again, NULL, 0);
    timer_set(&again, 2000);
    now = 2000;
    timer_run_expired();
    CHECK(rounds >= 1 && rounds < 50); /* one call does not run for ever */
    pass(3000);
    CHECK_EQ(rounds, 50);
    CHECK(!again.active);
}

TEST(random_operations)
{
    unsigned int total = 0, fired;

    prepare();
    for (int step = 0; step < 20000; step++) {
        struct probe *p = &probe[check_random_below(TIMERS)];

        fake_cpu = (unsigned int)check_random_below(CPUS);
        switch (check_random_below(6)) {
        case 0:
            timer_stop(&p->timer);
            p->due = 0;
            break;
        case 1:
            timer_migrate(&p->timer, (unsigned int)check_random_below(CPUS));
            break;
        case 2:
            p->due = now + check_random_below(5000);
            timer_set_here(&p->timer, p->due);
            CHECK_EQ(p->timer.cpu, fake_cpu);
            break;
        default:
            p->due = check_random_below(8) ? now + check_random_below(5000) : 1;
            timer_set(&p->timer, p->due);
            break;
        }
        if (check_random_below(4) == 0)
            pass(now + check_random_below(1500));
        fired = 0;
        for (unsigned int i = 0; i < TIMERS; i++) {
            fired += probe[i].fired;
            CHECK_EQ(probe[i].timer.active, probe[i].due != 0);
            /* With the softirqs of all CPUs run at each event, nothing is late. */
            CHECK(!probe[i].fired || probe[i].fired_at >= probe[i].expected);
        }
        CHECK(fired >= total);
        total = fired;
    }
    pass(now + 10000);
    for (unsigned int i = 0; i < TIMERS; i++)
        CHECK_EQ(probe[i].due, 0);
    CHECK_EQ(timer_count(0) + timer_count(1) + timer_count(2), 0);
}
