/* SPDX-License-Identifier: BSD-2-Clause */
/* Pools of CPUs: who runs where when CPUs and domains change pools. */
/* sources: hypervisor/sched/core.c hypervisor/sched/vcpu.c hypervisor/sched/wait.c */
/* sources: hypervisor/sched/cap.c hypervisor/sched/affinity.c hypervisor/sched/params.c */
/* sources: hypervisor/sched/watchdog.c hypervisor/sched/softirq.c hypervisor/sched/credit.c */
/* sources: hypervisor/sched/credit_place.c hypervisor/time/timer.c hypervisor/lib/rbtree.c */
/* sources: hypervisor/sched/pool.c hypervisor/lib/cpumask.c hypervisor/lib/bitmap.c */
/* cflags: -Itests/unit/fake_threads -Itests/unit/fake */
/* libs: -lpthread */
#include "tests/unit/check.h"
#include "tests/unit/sched_world.h"

#define ANY SCHED_POOL_ANY

static struct sched_pool_info info;

/* Three CPUs in pool 0 and a domain of @count vCPUs there, all up. Once for all tests: pool 0 is
 * never taken away. */
static void begin(unsigned int count)
{
    static bool made;

    fake_ns = 1000;
    preempt_always = false;
    world_start(CPUS, 0);
    if (!made)
        sched_pool_init();
    made = true;
    for (unsigned int i = 0; i < CPUS; i++)
        gate(i);
    fake_cpu = 0;
    domain.id = 1;
    domain.life = DOMAIN_ALIVE;
    spin_init(&domain.control_lock, LOCK_DOMAIN_CONTROL);
    CHECK_EQ(sched_pool_join(&domain, 0), 0);
    domain.max_vcpus = count;
    for (unsigned int i = 0; i < count; i++) {
        vcpus[i] = make_vcpu(&domain, i, false);
        up(vcpus[i]);
    }
    for (unsigned int i = 0; i < CPUS; i++)
        gate(i);
    fake_cpu = 0;
}

static void end(unsigned int count)
{
    uint32_t weight;

    CHECK(sched_pool_info(0, &info));
    weight = cpumask_weight(&info.cpus);
    CHECK_EQ(weight, CPUS);
    CHECK(!sched_pool_info(1, &info));
    world_end(CPUS, count);
    CHECK(sched_pool_info(0, &info));
    CHECK_EQ(info.domains, 0);
}

static uint32_t cpus_of(uint32_t id)
{
    CHECK(sched_pool_info(id, &info));
    CHECK_EQ(info.id, id);
    return (uint32_t)info.cpus.bits[0];
}

static uint32_t free_ones(void)
{
    static struct cpumask cpus;

    sched_pool_free_cpus(&cpus);
    return (uint32_t)cpus.bits[0];
}

TEST(a_cpu_leaves_with_nobody_on_it)
{
    begin(3);
    CHECK(!on(1)->is_idle);
    CHECK_EQ(sched_pool_take_cpu(0, 1), 0);
    CHECK_EQ(cpus_of(0), 5);
    CHECK_EQ(free_ones(), 2);
    fake_ns = 2000;
    gate(1);
    CHECK(on(1)->is_idle);
    for (unsigned int round = 0; round < 50; round++) { /* and nobody comes back there */
        fake_ns += 3000000;
        for (unsigned int i = 0; i < CPUS; i++)
            gate(i);
        CHECK(on(1)->is_idle);
        CHECK(!on(0)->is_idle && !on(2)->is_idle);
    }
    fake_cpu = 0;
    CHECK_EQ(sched_pool_take_cpu(0, 1), -EINVAL);
    CHECK_EQ(sched_pool_take_cpu(0, 3), -EINVAL);
    CHECK_EQ(sched_pool_take_cpu(0, 99999), -EINVAL);
    CHECK_EQ(sched_pool_take_cpu(4, 0), -ENOENT);
    CHECK_EQ(sched_pool_add_cpu(0, 0), -ENODEV);
    CHECK_EQ(sched_pool_add_cpu(0, 1), 0);
    gate(1);
    CHECK(!on(1)->is_idle); /* it took one that waited */
    CHECK_EQ(broken, 0);
    end(3);
}

TEST(the_last_cpu_stays_with_domains)
{
    begin(1);
    CHECK_EQ(sched_pool_take_cpu(0, ANY), 0);
    CHECK_EQ(cpus_of(0), 3);
    CHECK_EQ(sched_pool_take_cpu(0, ANY), 0);
    CHECK_EQ(cpus_of(0), 1);
    CHECK_EQ(sched_pool_take_cpu(0, ANY), -EBUSY);
    CHECK_EQ(sched_pool_add_cpu(0, ANY), 0);
    CHECK_EQ(cpus_of(0), 3);
    CHECK_EQ(sched_pool_add_cpu(0, ANY), 0);
    CHECK_EQ(sched_pool_add_cpu(0, ANY), -ENODEV);
    end(1);
}

TEST(a_domain_moves)
{
    uint32_t id = 7, other = 7;
    uint64_t ns = 500000;

    begin(2);
    CHECK_EQ(sched_pool_create(&id), 0);
    CHECK_EQ(sched_pool_create(&other), -EEXIST);
    other = ANY;
    CHECK_EQ(sched_pool_create(&other), 0);
    CHECK_EQ(other, 8);
    CHECK_EQ(sched_pool_destroy(8), 0);
    CHECK_EQ(sched_pool_destroy(8), -ENOENT);
    CHECK_EQ(sched_pool_destroy(0), -EBUSY);
    CHECK_EQ(sched_pool_move(&domain, 7), -ENOENT); /* nothing to run on */
    CHECK_EQ(sched_pool_move(&domain, 8), -ENOENT);
    CHECK_EQ(sched_pool_take_cpu(0, 2), 0);
    CHECK_EQ(sched_pool_add_cpu(7, 2), 0);
    CHECK_EQ(sched_pool_destroy(7), -EBUSY);
    CHECK_EQ(sched_pool_params(7, &ns, true), 0);
    CHECK_EQ(fake_percpu[2].sched->params->ratelimit_ns, 500000);
    CHECK_EQ(fake_percpu[1].sched->params->ratelimit_ns, CREDIT_RATELIMIT_DEFAULT_NS);
    CHECK_EQ(sched_pool_move(&domain, 7), 0);
    CHECK_EQ(domain.cpupool, 7);
    fake_ns += 1000;
    for (unsigned int i = 0; i < CPUS; i++)
        gate(i);
    CHECK(on(0)->is_idle && on(1)->is_idle && !on(2)->is_idle);
    CHECK_EQ(fake_percpu[2].sched->queue.count, 1);
    CHECK_EQ(sched_pool_take_cpu(7, 2), -EBUSY);
    CHECK_EQ(sched_pool_destroy(7), -EBUSY);
    sched_pool_leave(&domain); /* as one that dies */
    CHECK_EQ(sched_pool_take_cpu(7, 2), 0);
    CHECK_EQ(sched_pool_destroy(7), 0);
    CHECK_EQ(fake_percpu[2].sched->params->ratelimit_ns, CREDIT_RATELIMIT_DEFAULT_NS);
    CHECK_EQ(sched_pool_add_cpu(0, 2), 0);
    CHECK_EQ(broken, 0);
    end(2);
}

TEST(affinity_within_the_pool)
{
    static struct cpumask hard, soft, two;

    begin(1);
    cpumask_set_only(&two, 2);
    CHECK_EQ(sched_set_affinity(vcpus[0], &two, NULL, false), 0);
    gate(0);
    gate(1);
    gate(2);
    CHECK(on(2) == vcpus[0]);
    fake_cpu = 0;
    CHECK_EQ(sched_pool_take_cpu(0, 2), 0); /* it may run nowhere: then anywhere of the rest */
    gate(2);
    gate(0);
    gate(1);
    CHECK(on(2)->is_idle);
    CHECK(on(0) == vcpus[0] || on(1) == vcpus[0]);
    fake_cpu = 0;
    sched_get_affinity(vcpus[0], &hard, &soft);
    CHECK_EQ(hard.bits[0], 4);
    sched_affinity_in_force(vcpus[0], &hard, &soft);
    CHECK_EQ(hard.bits[0], 3);
    CHECK_EQ(sched_set_affinity(vcpus[0], &two, NULL, false), -EINVAL);
    CHECK_EQ(sched_pin(vcpus[0], 2), -EINVAL);
    CHECK_EQ(sched_pool_add_cpu(0, 2), 0); /* what was asked for holds again */
    sched_affinity_in_force(vcpus[0], &hard, &soft);
    CHECK_EQ(hard.bits[0], 4);
    CHECK_EQ(sched_pin(vcpus[0], 1), 0);
    CHECK_EQ(sched_pool_take_cpu(0, 1), 0); /* ends the override */
    CHECK_EQ(vcpus[0]->sched.pinned, -1);
    CHECK_EQ(sched_pool_add_cpu(0, 1), 0);
    end(1);
}

TEST(in_several_calls)
{
    begin(2);
    CHECK(spin_trylock(&domain.control_lock)); /* somebody works on the domain */
    CHECK_EQ(sched_pool_take_cpu(0, ANY), -ERESTART);
    CHECK_EQ(cpus_of(0), 3);
    CHECK_EQ(sched_pool_take_cpu(0, ANY), -ERESTART);
    CHECK_EQ(cpus_of(0), 3);
    CHECK_EQ(sched_pool_take_cpu(0, 1), -ERESTART); /* another: after that */
    CHECK_EQ(cpus_of(0), 3);
    CHECK_EQ(sched_pool_move(&domain, 0), -ERESTART);
    spin_unlock(&domain.control_lock);
    CHECK_EQ(sched_pool_destroy(0), -EBUSY); /* which ends what was begun */
    CHECK_EQ(sched_pool_take_cpu(0, ANY), 0); /* and this hears that it is done */
    CHECK_EQ(cpus_of(0), 3);
    preempt_always = true;
    CHECK_EQ(sched_pool_add_cpu(0, 2), -ERESTART);
    CHECK_EQ(sched_pool_add_cpu(0, 2), 0);
    preempt_always = false;
    end(2);
}
