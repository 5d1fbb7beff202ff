/* SPDX-License-Identifier: BSD-2-Clause */
/* Where vCPUs may and like to run. */
#include "abi/errno.h"
#include "domain/domain.h"
#include "sched/private.h"
#include "sched/sched.h"

static const struct cpumask *pool_cpus(const struct vcpu *v)
{
    const struct sched_pool *pool = v->domain->sched.pool;

    return pool ? &pool->cpus : &cpus_online;
}

/* Queue lock held. */
static void limit(struct vcpu *v)
{
    struct sched_vcpu *s = &v->sched;
    const struct sched_pool *pool = v->domain->sched.pool;

    cpumask_copy(s->hard, s->affinity);
    if (!pool)
        return;
    cpumask_and(s->hard, s->hard, &pool->cpus);
    if (cpumask_empty(s->hard))
        cpumask_copy(s->hard, &pool->cpus);
    if (s->pinned >= 0 && !cpumask_test(&pool->cpus, (uint32_t)s->pinned))
        s->pinned = -1; /* that CPU is not there for it any more */
}

void sched_limit(struct vcpu *v)
{
    uint64_t flags;
    struct sched_cpu *sc = sched_lock(v, &flags);

    limit(v);
    sched_unlock(sc, flags);
}

int sched_set_affinity(struct vcpu *v, const struct cpumask *hard, const struct cpumask *soft,
                       bool force)
{
    struct sched_cpu *sc;
    uint64_t flags;
    int rc = 0;

    if (hard && !cpumask_intersects(hard, pool_cpus(v)))
        return -EINVAL;
    sc = sched_lock(v, &flags);
    if (force)
        v->sched.pinned = -1;
    if (hard && v->sched.pinned >= 0) {
        rc = -EBUSY;
    } else {
        if (hard)
            cpumask_copy(v->sched.affinity, hard);
        if (soft)
            cpumask_copy(v->sched.soft, soft);
        limit(v);
    }
    sched_unlock(sc, flags);
    if (!rc)
        sched_replace(v);
    return rc;
}

void sched_get_affinity(struct vcpu *v, struct cpumask *hard, struct cpumask *soft)
{
    uint64_t flags;
    struct sched_cpu *sc = sched_lock(v, &flags);

    if (hard)
        cpumask_copy(hard, v->sched.affinity);
    if (soft)
        cpumask_copy(soft, v->sched.soft);
    sched_unlock(sc, flags);
}

void sched_affinity_in_force(struct vcpu *v, struct cpumask *hard, struct cpumask *soft)
{
    uint64_t flags;
    struct sched_cpu *sc = sched_lock(v, &flags);

    cpumask_and(hard, v->sched.hard, &cpus_online);
    cpumask_and(soft, v->sched.soft, hard);
    sched_unlock(sc, flags);
}

int32_t sched_pinned_cpu(struct vcpu *v)
{
    uint64_t flags;
    struct sched_cpu *sc = sched_lock(v, &flags);
    int32_t cpu = v->sched.pinned;

    if (cpu < 0 && cpumask_weight(v->sched.hard) == 1)
        cpu = (int32_t)cpumask_first(v->sched.hard);
    sched_unlock(sc, flags);
    return cpu;
}

int sched_pin(struct vcpu *v, int32_t cpu)
{
    struct sched_cpu *sc;
    uint64_t flags;
    int rc = 0;

    if (cpu >= 0 && (uint32_t)cpu >= NR_CPUS)
        return -EINVAL;
    sc = sched_lock(v, &flags);
    if (cpu >= 0 && !cpumask_test(pool_cpus(v), (uint32_t)cpu))
        rc = -EINVAL;
    else if (cpu < 0 && v->sched.pinned < 0)
        rc = -EINVAL;
    else if (cpu < 0)
        v->sched.pinned = -1;
    else if (v->sched.pinned >= 0)
        rc = -EBUSY;
    else
        v->sched.pinned = cpu;
    sched_unlock(sc, flags);
    if (!rc)
        sched_replace(v);
    return rc;
}
