/* SPDX-License-Identifier: BSD-2-Clause */
/* Where vCPUs may and like to run. */
#include "abi/errno.h"
#include "domain/domain.h"
#include "sched/private.h"
#include "sched/sched.h"

int sched_set_affinity(struct vcpu *v, const struct cpumask *hard, const struct cpumask *soft,
                       bool force)
{
    struct sched_cpu *sc;
    uint64_t flags;
    int rc = 0;

    if (hard && !cpumask_intersects(hard, &cpus_online))
        return -EINVAL;
    sc = sched_lock(v, &flags);
    if (force)
        v->sched.pinned = -1;
    if (hard && v->sched.pinned >= 0) {
        rc = -EBUSY;
    } else {
        if (hard)
            cpumask_copy(v->sched.hard, hard);
        if (soft)
            cpumask_copy(v->sched.soft, soft);
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
        cpumask_copy(hard, v->sched.hard);
    if (soft)
        cpumask_copy(soft, v->sched.soft);
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

    if (cpu >= 0 && ((uint32_t)cpu >= NR_CPUS || !cpumask_test(&cpus_online, (uint32_t)cpu)))
        return -EINVAL;
    sc = sched_lock(v, &flags);
    if (cpu < 0 && v->sched.pinned < 0)
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
