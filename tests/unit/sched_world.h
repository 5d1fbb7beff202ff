/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The world around sched/ for tests: simulated CPUs and a domain. Include after check.h, in one
 * file; `fake_cpu` is a variable of each thread, so a thread can be a CPU.
 */
#pragma once

#include <pthread.h>
#include <time.h>

#include "abi/errno.h"
#include "console/log.h"
#include "cpu/percpu.h"
#include "debug/panic.h"
#include "debug/trace.h"
#include "domain/domain.h"
#include "domain/kind.h"
#include "event/event.h"
#include "hypercall/hypercall.h"
#include "irq/irq.h"
#include "mm/pool.h"
#include "sched/pool.h"
#include "sched/private.h"
#include "sched/sched.h"
#include "time/private.h"
#include "time/time.h"

#include <xen/sched.h>
#include <xen/sysctl.h>

#pragma GCC diagnostic ignored "-Wunused-function" /* not every program uses all of it */

#define CPUS 3
#define VCPUS 8

struct percpu fake_percpu[CPUS];
unsigned int cpu_count = CPUS;
__thread unsigned int fake_cpu;
struct cpumask cpus_online;

static uint64_t fake_ns; /* 0: the real clock */
static uint64_t event_ns[CPUS];
static unsigned int ipis[CPUS];
static unsigned int shutdowns;
static struct domain domain, idle_domain;
static struct vcpu *vcpus[VCPUS], *idlers[CPUS];
static vcpu_info_t infos[VCPUS];
static uint32_t owner[VCPUS]; /* CPU number + 1 that has the vCPU loaded */
static uint32_t tokens[VCPUS];
static uint64_t broken; /* a rule was found violated in a thread */

static __thread uint64_t random_state;

static uint64_t random_below(uint64_t limit)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state % limit;
}

/* Make interleavings likely that are otherwise rare. */
static void dawdle(void)
{
    if (random_state && random_below(4) == 0)
        for (volatile uint64_t i = random_below(300); i; i--)
            ;
}

/* The one domain, as the list of all. */
struct domain *domain_next(domid_t from)
{
    return from <= domain.id ? &domain : NULL;
}

void domain_put(struct domain *d)
{
    (void)d;
}

uint32_t trace_mask;

void trace_put(uint32_t event, const uint32_t *words, unsigned int count)
{
    (void)event, (void)words, (void)count;
}

static bool preempt_always;

bool hypercall_preempt(void)
{
    return preempt_always;
}

void page_limbo_drain(void)
{
}

uint64_t time_now_ns(void)
{
    struct timespec t;

    if (fake_ns)
        return fake_ns;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
}

uint64_t time_to_tsc(uint64_t ns)
{
    return ns;
}

void irq_timer_arm(uint64_t tsc)
{
    event_ns[fake_cpu] = tsc;
}

void irq_send_ipi(unsigned int cpu, unsigned int vector)
{
    (void)vector;
    __atomic_fetch_add(&ipis[cpu], 1, __ATOMIC_RELAXED);
}

void *pool_alloc(size_t bytes)
{
    return calloc(1, bytes);
}

void *pool_alloc_array(size_t n, size_t bytes)
{
    return pool_alloc(n * bytes);
}

void pool_free(void *p)
{
    free(p);
}

void panic(const char *format, ...)
{
    printf("panic: %s\n", format);
    abort();
}

void domain_shutdown(struct domain *d, int reason)
{
    (void)d;
    shutdowns += reason == SHUTDOWN_watchdog;
}

/* Port n + 1 is pending while vCPU n has a token. */
bool event_port_pending(struct domain *d, evtchn_port_t port)
{
    (void)d;
    dawdle();
    return __atomic_load_n(&tokens[port - 1], __ATOMIC_SEQ_CST) != 0;
}

static bool deliverable(const struct vcpu *v)
{
    dawdle();
    return READ_ONCE(v->info->evtchn_upcall_pending) && !READ_ONCE(v->info->evtchn_upcall_mask);
}

static const struct guest_kind kind = {.name = "test", .upcall_deliverable = deliverable};

void sched_switch(struct vcpu *prev, struct vcpu *next)
{
    if (!prev->is_idle) {
        dawdle();
        if (__atomic_exchange_n(&owner[prev->id], 0, __ATOMIC_SEQ_CST) != fake_cpu + 1)
            broken |= 1;
    }
    if (!next->is_idle) {
        if (__atomic_exchange_n(&owner[next->id], fake_cpu + 1, __ATOMIC_SEQ_CST) != 0)
            broken |= 2;
        if (!credit_may_run(&next->sched, fake_cpu) && fake_ns)
            broken |= 4;
        dawdle();
    }
    fake_percpu[fake_cpu].current = next;
}

static struct vcpu *make_vcpu(struct domain *d, uint32_t id, bool idle)
{
    struct vcpu *v = calloc(1, sizeof(*v));

    v->id = id;
    v->domain = d;
    v->is_idle = idle;
    v->down = VPF_DOWN;
    v->kind = idle ? NULL : &kind;
    v->info = idle ? NULL : &infos[id];
    CHECK_EQ(sched_vcpu_init(v), 0);
    return v;
}

static void world_start(unsigned int cpus, unsigned int count)
{
    cpumask_set_limit(64);
    memset(&domain, 0, sizeof(domain));
    memset(infos, 0, sizeof(infos));
    memset(owner, 0, sizeof(owner));
    memset(tokens, 0, sizeof(tokens));
    memset(fake_percpu, 0, sizeof(fake_percpu));
    memset(ipis, 0, sizeof(ipis));
    cpumask_clear_all(&cpus_online);
    cpumask_clear_all(&sched_idle);
    sched_params.ratelimit_ns = CREDIT_RATELIMIT_DEFAULT_NS;
    broken = 0;
    shutdowns = 0;
    for (unsigned int i = 0; i < cpus; i++) {
        fake_cpu = i;
        fake_percpu[i].id = i;
        event_ns[i] = ~0ULL;
        CHECK_EQ(timer_cpu_init(), 0);
        CHECK_EQ(sched_cpu_init(i), 0);
        idlers[i] = make_vcpu(&idle_domain, i, true);
        fake_percpu[i].idle = fake_percpu[i].current = idlers[i];
        cpumask_set(&cpus_online, i);
    }
    domain.max_vcpus = count;
    domain.vcpus = vcpus;
    spin_init(&domain.shutdown_lock, LOCK_DOMAIN_CONTROL + 1);
    for (unsigned int i = 0; i < count; i++)
        vcpus[i] = make_vcpu(&domain, i, false);
    fake_cpu = 0;
}

static void world_end(unsigned int cpus, unsigned int count)
{
    for (unsigned int n = 0; n < count; n++) {
        vcpus[n]->down |= VPF_DOWN;
        sched_sleep(vcpus[n]);
    }
    for (unsigned int i = 0; i < cpus; i++) { /* let go of what runs */
        fake_cpu = i;
        sched_run();
        CHECK(fake_percpu[i].current->is_idle);
    }
    sched_domain_free(&domain);
    for (unsigned int n = 0; n < count; n++) {
        sched_vcpu_free(vcpus[n]);
        free(vcpus[n]);
    }
    for (unsigned int i = 0; i < cpus; i++) {
        CHECK(cpumask_empty(&cpus_online) || fake_percpu[i].sched->queue.count == 0);
        free(idlers[i]);
        free(fake_percpu[i].sched);
        free(fake_percpu[i].timer);
    }
}

static void up(struct vcpu *v)
{
    __atomic_fetch_and(&v->down, ~VPF_DOWN, __ATOMIC_SEQ_CST);
    sched_wake(v);
}

/* What the gate does on @cpu. */
static void gate(unsigned int cpu)
{
    fake_cpu = cpu;
    if (event_ns[cpu] <= time_now_ns()) {
        event_ns[cpu] = ~0ULL;
        time_interrupt();
    }
    if (fake_percpu[cpu].current->is_idle && !cpumask_test(&sched_idle, cpu))
        softirq_raise(SOFTIRQ_SCHED); /* as the idle loop does */
    softirq_run();
}

static struct vcpu *on(unsigned int cpu)
{
    return fake_percpu[cpu].current;
}

