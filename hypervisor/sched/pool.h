/* SPDX-License-Identifier: BSD-2-Clause */
/* Pools of CPUs (xl cpupool-*). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/cpumask.h"
#include "lib/types.h"

struct domain;

#define SCHED_POOL_ANY (~0U) /* XEN_SYSCTL_CPUPOOL_PAR_ANY */

struct sched_pool_info {
    uint32_t id, domains;
    struct cpumask cpus;
};

/* All CPUs that are online become pool 0. Boot, before the first domain. */
void sched_pool_init(void);

/* A pool without CPUs, number *@id or (SCHED_POOL_ANY) the one after the last. -EEXIST, -ENOSPC,
 * -ENOMEM. */
int must_check sched_pool_create(uint32_t *id);
/* -ENOENT; -EBUSY: it has CPUs or domains, or is pool 0. */
int must_check sched_pool_destroy(uint32_t id);

/* SCHED_POOL_ANY is the first free CPU, or the last of the pool. Whoever runs there leaves it soon
 * after. -ENOENT: no such pool. Adding: -EINVAL: no such CPU;
 * -ENODEV: not free. Taking: -EINVAL: not in it; -EBUSY: the last one, and there are domains.
 * -ERESTART: call again with the same arguments. */
int must_check sched_pool_add_cpu(uint32_t id, uint32_t cpu);
int must_check sched_pool_take_cpu(uint32_t id, uint32_t cpu);

/* About the first pool numbered @from or higher. False: there is none. */
bool sched_pool_info(uint32_t from, struct sched_pool_info *out);
void sched_pool_free_cpus(struct cpumask *out);

/* A domain being made begins in pool @id. -ESRCH: there is none; -ENODEV: without CPUs. */
int must_check sched_pool_join(struct domain *d, uint32_t id);
/* -ENOENT: no such pool, or none with CPUs; -EINVAL: @d is dying; -ERESTART. Control lock
 * not held. */
int must_check sched_pool_move(struct domain *d, uint32_t id);
/* @d is dying and does not run any more: it holds up no pool (it counts in pool 0). */
void sched_pool_leave(struct domain *d);
/* @d goes away. Any context. */
void sched_pool_forget(struct domain *d);

/* Read or @set the rate limit. -ESRCH. */
int must_check sched_pool_params(uint32_t id, uint64_t *ratelimit_ns, bool set);
