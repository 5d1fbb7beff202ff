/* SPDX-License-Identifier: BSD-2-Clause */
/* The scheduler in a storm, each thread a CPU: no lost wake-up, no vCPU in two places. */
/* sources: hypervisor/sched/core.c hypervisor/sched/vcpu.c hypervisor/sched/wait.c */
/* sources: hypervisor/sched/cap.c hypervisor/sched/affinity.c hypervisor/sched/params.c */
/* sources: hypervisor/sched/watchdog.c hypervisor/sched/softirq.c hypervisor/sched/credit.c */
/* sources: hypervisor/sched/pool.c */
/* sources: hypervisor/sched/credit_place.c hypervisor/time/timer.c hypervisor/lib/rbtree.c */
/* sources: hypervisor/lib/cpumask.c hypervisor/lib/bitmap.c */
/* cflags: -Itests/unit/fake_threads -Itests/unit/fake */
/* libs: -lpthread */
#include "tests/unit/check.h"
#include "tests/unit/sched_world.h"

/*
 * vCPUs pass tokens; who has none sleeps, even-numbered ones by SCHEDOP_block, odd ones
 * by SCHEDOP_poll with upcalls masked. If a wake-up is lost, all CPUs become idle before enough
 * tokens were passed.
 */
#define PASSES 8000
#define MOVES 100
static uint64_t passed;
static struct vcpu *last_giver; /* racy on purpose: a hint */
static uint32_t idle_cpus;
static bool stop;
static bool in_pool; /* and CPUs leave the domain's pool and come back to it */
static uint64_t moves;

static bool polls_only(const struct vcpu *v)
{
    return v->id & 1;
}

static void give_token(struct vcpu *to)
{
    __atomic_fetch_add(&tokens[to->id], 1, __ATOMIC_SEQ_CST);
    dawdle();
    if (polls_only(to)) {
        sched_poll_wake(to, to->id + 1);
    } else {
        __atomic_exchange_n(&infos[to->id].evtchn_upcall_pending, 1, __ATOMIC_SEQ_CST);
        sched_kick(to);
    }
}

static uint64_t began_ns[VCPUS]; /* when its runstates began to be counted */

/* Runstates are read while they change: each moment belongs to one, and none is lost. */
static void look(struct vcpu *v)
{
    struct vcpu_runstate_info info;
    uint64_t ran = sched_cpu_time(v), before = time_now_ns(), sum = began_ns[v->id];

    sched_runstate_get(v, &info);
    for (int i = 0; i < 4; i++)
        sum += info.time[i];
    if (sum < before || sum > max(time_now_ns(), info.state_entry_time))
        __atomic_fetch_or(&broken, 16, __ATOMIC_RELAXED);
    if (info.time[RUNSTATE_running] < ran || sched_cpu_time(v) < info.time[RUNSTATE_running])
        __atomic_fetch_or(&broken, 32, __ATOMIC_RELAXED);
}

static void disturb(struct vcpu *curr)
{
    struct vcpu *v = vcpus[random_below(VCPUS)];
    struct cpumask mask;

    look(vcpus[random_below(VCPUS)]);
    switch (random_below(6)) {
    case 0:
        if (v == curr)
            break;
        __atomic_fetch_add(&v->pause_count, 1, __ATOMIC_ACQ_REL);
        sched_sleep(v);
        dawdle();
        __atomic_fetch_sub(&v->pause_count, 1, __ATOMIC_ACQ_REL);
        sched_wake(v);
        break;
    case 1:
        cpumask_clear_all(&mask);
        cpumask_set(&mask, random_below(CPUS));
        cpumask_set(&mask, random_below(CPUS));
        if (sched_set_affinity(v, &mask, NULL, false) && !in_pool)
            broken |= 8;
        break;
    case 2:
        sched_give_way(curr);
        break;
    case 3:
        sched_wake(v); /* for no reason */
        break;
    case 4:
        if (in_pool && !(random_below(2)
                             ? sched_pool_take_cpu(0, (uint32_t)random_below(CPUS))
                             : sched_pool_add_cpu(0, (uint32_t)random_below(CPUS))))
            __atomic_fetch_add(&moves, 1, __ATOMIC_RELAXED);
        break;
    default:
        break;
    }
}

static void guest_step(struct vcpu *curr)
{
    uint32_t port = curr->id + 1;
    struct vcpu *to;

    if (random_below(8) == 0)
        disturb(curr);
    if (__atomic_load_n(&tokens[curr->id], __ATOMIC_SEQ_CST)) {
        infos[curr->id].evtchn_upcall_mask = 1;
        __atomic_exchange_n(&infos[curr->id].evtchn_upcall_pending, 0, __ATOMIC_SEQ_CST);
        while (__atomic_load_n(&tokens[curr->id], __ATOMIC_SEQ_CST)) {
            __atomic_fetch_sub(&tokens[curr->id], 1, __ATOMIC_SEQ_CST);
            __atomic_fetch_add(&passed, 1, __ATOMIC_RELAXED);
            /* Back and forth finds whoever is just falling asleep. */
            to = random_below(4) && last_giver ? last_giver : vcpus[random_below(VCPUS)];
            last_giver = curr;
            give_token(to);
        }
        return;
    }
    for (int i = 0; i < 4; i++)
        dawdle(); /* a token may come between the look and the sleep */
    if (polls_only(curr)) {
        infos[curr->id].evtchn_upcall_mask = 1;
        sched_poll(curr, &port, 1, random_below(2) ? 0 : time_now_ns() + NS_PER_S * 3600);
    } else {
        sched_block(curr);
    }
}

/* All CPUs idle, nothing pending anywhere, no timer that would end a poll: it stays like this. */
static bool all_quiet(void)
{
    if (__atomic_load_n(&idle_cpus, __ATOMIC_SEQ_CST) != CPUS)
        return false;
    for (int i = 0; i < CPUS; i++)
        if (READ_ONCE(fake_percpu[i].softirq_pending) || READ_ONCE(event_ns[i]) <= time_now_ns())
            return false;
    return __atomic_load_n(&idle_cpus, __ATOMIC_SEQ_CST) == CPUS;
}

static void *cpu_thread(void *number)
{
    bool idle = false;
    unsigned int quiet = 0;

    fake_cpu = (unsigned int)(uintptr_t)number;
    random_state = 88172645463325252ULL + fake_cpu;
    while (!__atomic_load_n(&stop, __ATOMIC_ACQUIRE)) {
        if (event_ns[fake_cpu] <= time_now_ns()) {
            event_ns[fake_cpu] = ~0ULL;
            time_interrupt();
        }
        if (READ_ONCE(fake_percpu[fake_cpu].softirq_pending)) {
            if (idle)
                __atomic_fetch_sub(&idle_cpus, 1, __ATOMIC_SEQ_CST);
            idle = false;
            softirq_run();
        }
        if (!on(fake_cpu)->is_idle) {
            guest_step(on(fake_cpu));
            if (__atomic_load_n(&passed, __ATOMIC_RELAXED) >= PASSES &&
                (!in_pool || __atomic_load_n(&moves, __ATOMIC_RELAXED) > MOVES))
                __atomic_store_n(&stop, true, __ATOMIC_RELEASE);
            continue;
        }
        if (!idle)
            __atomic_fetch_add(&idle_cpus, 1, __ATOMIC_SEQ_CST);
        idle = true;
        /* Quiet for a thousand looks of ours, with time for others between them. */
        quiet = all_quiet() ? quiet + 1 : 0;
        if (quiet > 1000)
            __atomic_store_n(&stop, true, __ATOMIC_RELEASE);
        nanosleep(&(struct timespec){.tv_nsec = 1000}, NULL);
    }
    return NULL;
}

static void storm(uint32_t count, bool pool)
{
    pthread_t threads[CPUS];

    fake_ns = 0;
    stop = false;
    passed = 0;
    idle_cpus = 0;
    last_giver = NULL;
    in_pool = pool;
    moves = 0;
    world_start(CPUS, VCPUS);
    sched_params.ratelimit_ns = 0;
    if (pool) {
        domain.life = DOMAIN_ALIVE;
        spin_init(&domain.control_lock, LOCK_DOMAIN_CONTROL);
        sched_pool_init();
        CHECK_EQ(sched_pool_join(&domain, 0), 0);
        for (int i = 0; i < VCPUS; i++)
            sched_limit(vcpus[i]);
    }
    for (int i = 0; i < VCPUS; i++) {
        began_ns[i] = vcpus[i]->sched.runstate_since_ns;
        up(vcpus[i]);
    }
    for (uint32_t i = 0; i < count; i++)
        tokens[i * 3] = 1;
    for (int i = 0; i < CPUS; i++) {
        fake_cpu = i;
        softirq_raise(SOFTIRQ_SCHED);
    }
    for (uintptr_t i = 0; i < CPUS; i++)
        CHECK_EQ(pthread_create(&threads[i], NULL, cpu_thread, (void *)i), 0);
    for (int i = 0; i < CPUS; i++)
        CHECK_EQ(pthread_join(threads[i], NULL), 0);
    CHECK_EQ(broken, 0);
    CHECK(!pool || moves > MOVES || passed < PASSES);
    if (passed < PASSES) {
        for (int i = 0; i < VCPUS; i++)
            printf("vCPU %d: %u tokens, blocked %u, queued %d, running %d\n", i, tokens[i],
                   vcpus[i]->sched.blocked, vcpus[i]->sched.queued, vcpus[i]->sched.running);
        CHECK_FAIL("quiet after %" PRIu64 " passes: a wake-up was lost", passed);
    }
    fake_cpu = 0;
    world_end(CPUS, VCPUS);
}

/* With one token the first lost wake-up is the end; with more there is more going on. */
TEST(storm_of_one)
{
    storm(1, false);
}

TEST(storm_of_two)
{
    storm(2, false);
}

TEST(storm_over_a_pool)
{
    storm(2, true);
}
