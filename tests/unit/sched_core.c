/* SPDX-License-Identifier: BSD-2-Clause */
/* The scheduler on simulated CPUs, one step at a time. */
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

TEST(wake_and_sleep)
{
    struct vcpu_runstate_info info;

    fake_ns = 1000;
    world_start(2, 2);
    gate(0);
    gate(1);
    CHECK(cpumask_test(&sched_idle, 0) && cpumask_test(&sched_idle, 1));
    fake_cpu = 0;
    sched_wake(vcpus[0]); /* still down */
    CHECK(!vcpus[0]->sched.queued);
    up(vcpus[0]);
    CHECK(vcpus[0]->sched.queued);
    gate(0);
    CHECK(on(0) == vcpus[0] && vcpus[0]->sched.running && !vcpus[0]->sched.queued);
    up(vcpus[1]); /* goes to the other CPU, which is told */
    CHECK_EQ(vcpus[1]->sched.cpu, 1);
    CHECK_EQ(ipis[1], 1);
    fake_ns = 2000;
    gate(1);
    CHECK(on(1) == vcpus[1]);
    CHECK(cpumask_empty(&sched_idle));
    fake_ns = 5000;
    sched_runstate_get(vcpus[1], &info);
    CHECK_EQ(info.state, RUNSTATE_running);
    CHECK_EQ(info.state_entry_time, 2000);
    CHECK_EQ(info.time[RUNSTATE_running], 3000);
    CHECK_EQ(info.time[RUNSTATE_runnable], 1000);
    fake_cpu = 0;
    vcpus[1]->pause_count++;
    sched_sleep(vcpus[1]);
    CHECK_EQ(ipis[1], 2);
    gate(1);
    CHECK(on(1) == idlers[1] && !vcpus[1]->sched.running);
    fake_ns = 9000;
    sched_runstate_get(vcpus[1], &info);
    CHECK_EQ(info.state, RUNSTATE_offline);
    CHECK_EQ(info.time[RUNSTATE_offline], 4000);
    CHECK_EQ(info.time[0] + info.time[1] + info.time[2] + info.time[3], 8000);
    vcpus[1]->pause_count--;
    sched_wake(vcpus[1]);
    gate(1);
    CHECK(on(1) == vcpus[1]);
    world_end(2, 2);
}

TEST(block_and_kick)
{
    fake_ns = 1000;
    world_start(2, 1);
    gate(1);
    up(vcpus[0]);
    CHECK_EQ(vcpus[0]->sched.cpu, 1); /* CPU 0 has not shown itself idle yet */
    gate(1);
    CHECK(on(1) == vcpus[0]);
    infos[0].evtchn_upcall_mask = 1;
    infos[0].evtchn_upcall_pending = 1;
    sched_block(vcpus[0]); /* something is there: no sleep, but upcalls are on */
    CHECK_EQ(infos[0].evtchn_upcall_mask, 0);
    CHECK_EQ(vcpus[0]->sched.blocked, 0);
    infos[0].evtchn_upcall_pending = 0;
    sched_block(vcpus[0]);
    CHECK_EQ(vcpus[0]->sched.blocked, BLOCK_EVENT);
    gate(1);
    CHECK(on(1) == idlers[1]);
    CHECK_EQ(vcpus[0]->sched.runstate, RUNSTATE_blocked);
    sched_wake(vcpus[0]); /* a wake-up for another reason does not end it */
    CHECK(!vcpus[0]->sched.queued);
    fake_cpu = 0;
    infos[0].evtchn_upcall_pending = 1;
    sched_kick(vcpus[0]);
    CHECK(vcpus[0]->sched.queued);
    gate(1);
    CHECK(on(1) == vcpus[0]);
    fake_cpu = 0;
    ipis[1] = 0;
    sched_kick(vcpus[0]); /* runs on another CPU: must pass the gate */
    CHECK_EQ(ipis[1], 1);
    fake_cpu = 1;
    sched_kick(vcpus[0]); /* runs here: will pass it anyway */
    CHECK_EQ(ipis[1], 1);
    vcpus[0]->work = 1u << VCPU_WORK_NMI;
    infos[0].evtchn_upcall_pending = 0;
    sched_block(vcpus[0]);
    CHECK_EQ(vcpus[0]->sched.blocked, 0);
    vcpus[0]->work = 0;
    /* An event between block and switch: the vCPU just goes on. */
    sched_block(vcpus[0]);
    fake_cpu = 0;
    sched_kick(vcpus[0]);
    gate(1);
    CHECK(on(1) == vcpus[0]);
    world_end(2, 1);
}

TEST(poll)
{
    uint32_t one[] = {3}, set[] = {4, 5};

    fake_ns = 1000;
    world_start(1, 1);
    domain.max_vcpus = 1;
    up(vcpus[0]);
    gate(0);
    infos[0].evtchn_upcall_mask = 1;
    tokens[2] = 1;
    sched_poll(vcpus[0], one, 1, 0);
    CHECK(!vcpus[0]->sched.blocked && !domain.sched.pollers); /* pending already */
    tokens[2] = 0;
    sched_poll(vcpus[0], one, 1, 0);
    CHECK_EQ(domain.sched.pollers, 1);
    gate(0);
    CHECK(on(0) == idlers[0]);
    sched_poll_wake(vcpus[0], 4);
    CHECK(vcpus[0]->sched.blocked);
    sched_poll_wake(vcpus[0], 3);
    CHECK(!vcpus[0]->sched.blocked && !domain.sched.pollers);
    gate(0);
    CHECK(on(0) == vcpus[0]);
    sched_poll(vcpus[0], set, 2, 5000);
    gate(0);
    CHECK(on(0) == idlers[0]);
    sched_poll_wake(vcpus[0], 5);
    gate(0);
    CHECK(on(0) == vcpus[0]);
    sched_poll(vcpus[0], set, 2, 9000);
    fake_ns = 8999;
    gate(0);
    CHECK(on(0) == idlers[0]);
    fake_ns = 9000;
    gate(0);
    CHECK(on(0) == vcpus[0]);
    sched_poll(vcpus[0], set, 0, 0); /* nothing to wait for but events */
    gate(0);
    CHECK(on(0) == idlers[0]);
    sched_kick(vcpus[0]);
    gate(0);
    CHECK(on(0) == vcpus[0] && !domain.sched.pollers);
    world_end(1, 1);
}

TEST(affinity_and_pin)
{
    static struct cpumask only, none;

    fake_ns = 1000;
    world_start(3, 2);
    for (int i = 0; i < 3; i++)
        gate(i);
    fake_cpu = 0;
    up(vcpus[0]);
    gate(0);
    CHECK_EQ(sched_set_affinity(vcpus[0], &none, NULL, false), -EINVAL);
    cpumask_set_only(&only, 40); /* not online */
    CHECK_EQ(sched_set_affinity(vcpus[0], &only, NULL, false), -EINVAL);
    cpumask_set_only(&only, 2);
    CHECK_EQ(sched_set_affinity(vcpus[0], &only, NULL, false), 0);
    gate(0);
    CHECK(on(0) == idlers[0]);
    gate(2);
    CHECK(on(2) == vcpus[0]);
    CHECK_EQ(sched_pinned_cpu(vcpus[0]), 2);
    CHECK_EQ(sched_pin(vcpus[0], 64), -EINVAL);
    CHECK_EQ(sched_pin(vcpus[0], 1), 0);
    CHECK_EQ(sched_pin(vcpus[0], 0), -EBUSY);
    CHECK_EQ(sched_set_affinity(vcpus[0], &only, NULL, false), -EBUSY);
    gate(2);
    gate(1);
    CHECK(on(1) == vcpus[0]);
    CHECK_EQ(sched_set_affinity(vcpus[0], &only, NULL, true), 0);
    gate(1);
    gate(2);
    CHECK(on(2) == vcpus[0]);
    /* A waiting one is moved too. */
    up(vcpus[1]);
    CHECK(vcpus[1]->sched.queued);
    cpumask_set_only(&only, (vcpus[1]->sched.cpu + 1) % 3);
    CHECK_EQ(sched_set_affinity(vcpus[1], &only, NULL, false), 0);
    CHECK(vcpus[1]->sched.queued);
    CHECK(cpumask_test(&only, vcpus[1]->sched.cpu));
    /* A sleeping one belongs to where it may run. */
    vcpus[1]->pause_count++;
    sched_sleep(vcpus[1]);
    cpumask_set_only(&only, (vcpus[1]->sched.cpu + 1) % 3);
    CHECK_EQ(sched_set_affinity(vcpus[1], &only, NULL, false), 0);
    CHECK(!vcpus[1]->sched.queued && cpumask_test(&only, vcpus[1]->sched.cpu));
    vcpus[1]->pause_count--;
    sched_wake(vcpus[1]);
    CHECK(vcpus[1]->sched.queued && cpumask_test(&only, vcpus[1]->sched.cpu));
    CHECK_EQ(broken, 0);
    world_end(3, 2);
}

TEST(slices_and_cap)
{
    uint64_t ran[2] = {0, 0}, start;

    fake_ns = start = NS_PER_S;
    world_start(1, 2);
    up(vcpus[0]);
    gate(0);
    CHECK_EQ(event_ns[0], ~0ULL); /* alone: no tick */
    up(vcpus[1]);
    CHECK(event_ns[0] != ~0ULL);
    while (fake_ns < start + NS_PER_S) {
        fake_ns = event_ns[0];
        gate(0);
    }
    for (int i = 0; i < 2; i++)
        ran[i] = sched_cpu_time(vcpus[i]);
    CHECK(ran[0] > 450 * NS_PER_MS && ran[1] > 450 * NS_PER_MS);
    /* A cap for both together. */
    CHECK_EQ(sched_cap_set(&domain, 25), 0);
    start = fake_ns;
    gate(0);
    while (fake_ns < start + NS_PER_S) {
        fake_ns = event_ns[0];
        gate(0);
    }
    ran[0] = sched_cpu_time(vcpus[0]) + sched_cpu_time(vcpus[1]) - ran[0] - ran[1];
    CHECK(ran[0] > 240 * NS_PER_MS && ran[0] < 262 * NS_PER_MS);
    CHECK_EQ(sched_cap_set(&domain, 0), 0);
    gate(0);
    CHECK(on(0) != idlers[0]);
    world_end(1, 2);
}

TEST(toolstack_knobs)
{
    struct xen_domctl_scheduler_op op = {.sched_id = XEN_SCHEDULER_CREDIT2,
                                         .cmd = XEN_DOMCTL_SCHEDOP_getinfo};
    struct xen_sysctl_scheduler_op sys = {.sched_id = XEN_SCHEDULER_CREDIT2,
                                          .cmd = XEN_SYSCTL_SCHEDOP_getinfo};

    fake_ns = 1000;
    world_start(1, 2);
    sched_pool_init();
    up(vcpus[0]);
    gate(0);
    up(vcpus[1]);
    CHECK_EQ(sched_domctl(&domain, &op), 0);
    CHECK_EQ(op.u.credit2.weight, 256);
    CHECK_EQ(op.u.credit2.cap, 0);
    op.cmd = XEN_DOMCTL_SCHEDOP_putinfo;
    op.u.credit2.weight = 512;
    op.u.credit2.cap = 150;
    CHECK_EQ(sched_domctl(&domain, &op), 0);
    CHECK_EQ(fake_percpu[0].sched->queue.load, 1024);
    op.u.credit2.weight = 0; /* leave it */
    op.u.credit2.cap = 0;
    CHECK_EQ(sched_domctl(&domain, &op), 0);
    op.cmd = XEN_DOMCTL_SCHEDOP_getinfo;
    CHECK_EQ(sched_domctl(&domain, &op), 0);
    CHECK_EQ(op.u.credit2.weight, 512);
    CHECK_EQ(op.u.credit2.cap, 0);
    op.cmd = XEN_DOMCTL_SCHEDOP_getvcpuinfo;
    CHECK_EQ(sched_domctl(&domain, &op), -EINVAL);
    op.sched_id = XEN_SCHEDULER_CREDIT;
    CHECK_EQ(sched_domctl(&domain, &op), -EINVAL);
    CHECK_EQ(sched_sysctl(&sys), 0);
    CHECK_EQ(sys.u.sched_credit2.ratelimit_us, 1000);
    sys.cmd = XEN_SYSCTL_SCHEDOP_putinfo;
    sys.u.sched_credit2.ratelimit_us = 99;
    CHECK_EQ(sched_sysctl(&sys), -EINVAL);
    sys.u.sched_credit2.ratelimit_us = 0;
    CHECK_EQ(sched_sysctl(&sys), 0);
    CHECK_EQ(sched_params.ratelimit_ns, 0);
    world_end(1, 2);
}

TEST(what_guests_set_disturbs_no_other_cpu)
{
    fake_ns = 1000;
    world_start(2, 1);
    domain.max_vcpus = 1;
    up(vcpus[0]);
    gate(0);
    CHECK(on(0) == vcpus[0]);
    fake_cpu = 1;
    CHECK_EQ(sched_watchdog(&domain, 0, 5), 1);
    fake_cpu = 0;
    ipis[0] = ipis[1] = 0;
    for (int i = 0; i < 3; i++)
        CHECK_EQ(sched_watchdog(&domain, 1, 2), 0);
    timer_init(&vcpus[0]->poll, sched_poll_timeout, vcpus[0], 1); /* it began on the other one */
    sched_poll(vcpus[0], NULL, 0, 5000);
    CHECK(ipis[0] == 0 && ipis[1] == 0);
    CHECK_EQ(vcpus[0]->poll.cpu, 0);
    fake_ns = 5000;
    gate(0);
    CHECK(on(0) == vcpus[0]);
    world_end(2, 1);
}

TEST(watchdogs)
{
    fake_ns = 1000;
    world_start(1, 1);
    CHECK_EQ(sched_watchdog(&domain, 3, 1), -EINVAL);
    CHECK_EQ(sched_watchdog(&domain, 1, 1), -EINVAL); /* not given out */
    CHECK_EQ(sched_watchdog(&domain, 0, 2), 1);
    CHECK_EQ(sched_watchdog(&domain, 0, 5), 2);
    CHECK_EQ(sched_watchdog(&domain, 0, 5), -ENOSPC);
    fake_ns += NS_PER_S;
    CHECK_EQ(sched_watchdog(&domain, 1, 2), 0); /* poked in time */
    fake_ns += NS_PER_S + 1;
    gate(0);
    CHECK_EQ(shutdowns, 0);
    CHECK_EQ(sched_watchdog(&domain, 2, 0), 0);
    CHECK_EQ(sched_watchdog(&domain, 2, 1), -EINVAL);
    fake_ns += NS_PER_S;
    gate(0);
    CHECK_EQ(shutdowns, 1);
    fake_ns += 10 * NS_PER_S;
    gate(0);
    CHECK_EQ(shutdowns, 1);
    world_end(1, 1);
}
