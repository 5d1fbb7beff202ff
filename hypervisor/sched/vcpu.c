/* SPDX-License-Identifier: BSD-2-Clause */
/* The scheduler's part of a vCPU: creation, runstate accounting, questions about it. */
#include "abi/errno.h"
#include "cpu/percpu.h"
#include "debug/trace.h"
#include "domain/domain.h"
#include "lib/string.h"
#include "mm/pool.h"
#include "sched/pool.h"
#include "sched/private.h"
#include "sched/sched.h"
#include "time/time.h"

static struct cpumask *all_cpus(void)
{
    /* Only the words in use are ever touched (lib/cpumask.h). */
    struct cpumask *mask = pool_alloc(cpumask_words * sizeof(mask->bits[0]));

    if (mask)
        cpumask_set_first(mask, NR_CPUS);
    return mask;
}

static void free_masks(struct sched_vcpu *s)
{
    pool_free(s->affinity);
    pool_free(s->hard);
    pool_free(s->soft);
    s->affinity = s->hard = s->soft = NULL;
}

/* The CPU a new vCPU begins on: the n-th of its pool for the n-th vCPU, so that a domain's vCPUs
 * start spread out. */
static uint32_t first_cpu(const struct vcpu *v)
{
    const struct sched_pool *pool = v->domain->sched.pool;
    const struct cpumask *cpus = pool ? &pool->cpus : &cpus_online;
    uint32_t cpu = cpumask_first(cpus);

    if (v->is_idle)
        return v->id;
    for (uint32_t i = v->id % max(cpumask_weight(cpus), 1U); i; i--)
        cpu = cpumask_cycle(cpus, cpu);
    return cpu < NR_CPUS ? cpu : cpu_id();
}

int sched_vcpu_init(struct vcpu *v)
{
    struct sched_vcpu *s = &v->sched;

    s->weight = v->domain->sched.weight ? v->domain->sched.weight : CREDIT_WEIGHT_DEFAULT;
    s->cpu = s->clock = first_cpu(v);
    s->pinned = -1;
    s->runstate = v->is_idle ? RUNSTATE_running : RUNSTATE_offline;
    s->runstate_since_ns = time_now_ns();
    if (v->is_idle) {
        s->running = true;
        return 0;
    }
    s->cap = v->domain->sched.budget;
    s->affinity = all_cpus();
    s->hard = all_cpus();
    s->soft = all_cpus();
    if (!s->affinity || !s->hard || !s->soft) {
        free_masks(s);
        return -ENOMEM;
    }
    sched_limit(v);
    timer_init(&v->poll, sched_poll_timeout, v, s->cpu);
    return 0;
}

void sched_vcpu_free(struct vcpu *v)
{
    struct sched_cpu *sc;
    uint64_t flags;

    if (!v->sched.hard)
        return;
    timer_kill(&v->poll);
    v->down |= VPF_DOWN;
    sched_sleep_sync(v);
    sc = sched_lock(v, &flags); /* who saved its state has let go of it */
    sched_unlock(sc, flags);
    free_masks(&v->sched);
}

void sched_domain_free(struct domain *d)
{
    sched_pool_forget(d);
    sched_cap_free(d);
    sched_watchdogs_free(d);
}

void sched_runstate_set(struct vcpu *v, uint32_t state, uint64_t now)
{
    struct sched_vcpu *s = &v->sched;

    if (s->runstate == state)
        return;
    TRACE(TRC_SCHED_RUNSTATE_CHANGE | (s->runstate & 3) << 8 | (state & 3) << 4,
          v->id | (uint32_t)v->domain->id << 16);
    WRITE_ONCE(s->runstate_version, s->runstate_version + 1);
    __atomic_thread_fence(__ATOMIC_RELEASE);
    /* Times of different CPUs may differ by less than they can measure; never count backwards. */
    if (now > s->runstate_since_ns) {
        uint64_t *ns = &s->runstate_ns[s->runstate];

        WRITE_ONCE(*ns, *ns + now - s->runstate_since_ns);
        WRITE_ONCE(s->runstate_since_ns, now);
    }
    WRITE_ONCE(s->runstate, state);
    __atomic_store_n(&s->runstate_version, s->runstate_version + 1, __ATOMIC_RELEASE);
}

void sched_runstate_get(struct vcpu *v, struct vcpu_runstate_info *out)
{
    const struct sched_vcpu *s = &v->sched;
    /* Who runs is changed by its own CPU only, between this vCPU and the next. */
    bool is_mine = v == vcpu_current() && READ_ONCE(s->runstate) == RUNSTATE_running;
    struct sched_cpu *sc = NULL;
    uint64_t flags = 0, now;

    memset(out, 0, sizeof(*out)); /* guests see what is between its fields, too */
    if (!is_mine)
        sc = sched_lock(v, &flags);
    out->state = (int)s->runstate;
    out->state_entry_time = s->runstate_since_ns;
    for (unsigned int i = 0; i < ARRAY_SIZE(out->time); i++)
        out->time[i] = s->runstate_ns[i];
    now = time_now_ns();
    if (!is_mine)
        sched_unlock(sc, flags);
    if (now > out->state_entry_time)
        out->time[out->state] += now - out->state_entry_time;
}

/* CPU time of @v, if it does not run now: then it stands still, and no lock is needed. */
static bool time_at_rest(const struct sched_vcpu *s, uint64_t *ns)
{
    uint32_t version = __atomic_load_n(&s->runstate_version, __ATOMIC_ACQUIRE);

    if (READ_ONCE(s->runstate) == RUNSTATE_running)
        return false;
    *ns = READ_ONCE(s->runstate_ns[RUNSTATE_running]);
    __atomic_thread_fence(__ATOMIC_ACQUIRE);
    return !(version & 1) && READ_ONCE(s->runstate_version) == version;
}

/* CPU time of @v, and whether it runs now. */
static uint64_t running_ns(struct vcpu *v, bool *running)
{
    struct vcpu_runstate_info info;
    uint64_t ns;

    *running = false;
    if (time_at_rest(&v->sched, &ns))
        return ns;
    sched_runstate_get(v, &info);
    *running = info.state == RUNSTATE_running;
    return info.time[RUNSTATE_running];
}

uint64_t sched_cpu_time(struct vcpu *v)
{
    bool running;

    return running_ns(v, &running);
}

uint64_t sched_cpu_halts(uint32_t cpu)
{
    return READ_ONCE(cpu_of(cpu)->sched->halts);
}

bool sched_cpu_idle(uint32_t cpu)
{
    return cpumask_test(&sched_idle, cpu);
}

bool sched_vcpu_running(const struct vcpu *v)
{
    return __atomic_load_n(&v->sched.running, __ATOMIC_ACQUIRE);
}

uint32_t sched_vcpu_cpu(const struct vcpu *v)
{
    return READ_ONCE(v->sched.cpu);
}

void sched_vcpu_info(struct vcpu *v, struct xen_domctl_getvcpuinfo *out)
{
    bool running;

    out->cpu_time = running_ns(v, &running);
    out->running = running;
    out->online = !(READ_ONCE(v->down) & VPF_DOWN);
    out->blocked = READ_ONCE(v->sched.blocked) != 0;
    out->cpu = READ_ONCE(v->sched.cpu);
}
