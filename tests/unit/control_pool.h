/* SPDX-License-Identifier: BSD-2-Clause */
/* What control/ calls for pools of CPUs, tracing and debuggers; part of control_world.h. */
#pragma once

#include "cpu/regs.h"
#include "debug/trace.h"
#include "p2m/walk.h"
#include "sched/pool.h"

struct cpumask cpus_online;

/* Pool 0 with all CPUs and domains, and 5, which is empty. */
bool sched_pool_info(uint32_t from, struct sched_pool_info *out)
{
    if (from > 5)
        return false;
    out->id = from ? 5 : 0;
    out->domains = from ? 0 : DOMS;
    if (!from)
        cpumask_copy(&out->cpus, &cpus_online);
    return true;
}

void sched_pool_free_cpus(struct cpumask *out)
{
    cpumask_clear_all(out);
}

static int world_pool(uint32_t id)
{
    return id == 0 ? -EBUSY : id == 5 ? 0 : -ENOENT;
}

int sched_pool_create(uint32_t *id)
{
    if (*id == SCHED_POOL_ANY)
        *id = 6;
    return *id < 6 ? -EEXIST : 0;
}

int sched_pool_destroy(uint32_t id)
{
    return world_pool(id);
}

int sched_pool_add_cpu(uint32_t id, uint32_t cpu)
{
    return cpu < 2 ? -ENODEV : world_pool(id);
}

int sched_pool_take_cpu(uint32_t id, uint32_t cpu)
{
    return cpu < 2 ? world_pool(id) : -EINVAL;
}

int sched_pool_move(struct domain *d, uint32_t id)
{
    return d->id == 0 ? -EINVAL : world_pool(id);
}

void sched_affinity_in_force(struct vcpu *v, struct cpumask *hard, struct cpumask *soft)
{
    sched_get_affinity(v, hard, soft);
}

/* Guests' addresses are those of their frames. */
bool walk_look(struct vcpu *v, const struct walk_mode *mode, uint64_t va, uint64_t *gpa)
{
    (void)v;
    WORLD(mode->cr0 & CR0_PG);
    *gpa = va;
    return va < WORLD_FRAMES * PAGE_BYTES;
}

struct trace_info trace_info(void)
{
    return (struct trace_info){.mfn = 5, .mask = TRC_ALL, .bytes = PAGE_BYTES};
}

int trace_set_size(uint32_t pages)
{
    return pages == 32 ? 0 : -EINVAL;
}

int trace_enable(bool on)
{
    (void)on;
    return 0;
}

void trace_set_mask(uint32_t mask)
{
    (void)mask;
}

void trace_set_cpus(const struct cpumask *set)
{
    (void)set;
}

uint64_t sched_cpu_halts(uint32_t cpu)
{
    return 100 + cpu;
}

bool sched_cpu_idle(uint32_t cpu)
{
    return cpu == 1;
}
