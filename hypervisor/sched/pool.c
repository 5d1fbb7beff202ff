/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Pools: sets of CPUs that run some of the domains and no others.
 *
 * What is always true here:
 * - A CPU is in one pool or in none (then nothing runs on it); a domain is in one pool.
 * - Pool 0 exists always and has all CPUs at first.
 * - A pool with domains that may run has a CPU.
 * - Who changes a pool's CPUs then goes through its domains, with each one's control lock held, and
 *   sets anew where their vCPUs may run; a vCPU made or changed meanwhile (under that lock too) has
 *   seen either the new set, or is met by the walk. A walk may take several calls: `change` keeps
 *   its place, and any later operation on pools first ends it.
 */
#include "sched/pool.h"

#include "abi/errno.h"
#include "cpu/percpu.h"
#include "cpu/smp.h"
#include "domain/domain.h"
#include "hypercall/hypercall.h"
#include "mm/pool.h"
#include "sched/private.h"
#include "sched/sched.h"

#define POOLS_MAX 1024U

static struct spinlock pool_lock = SPINLOCK_INIT(LOCK_CPU_POOL);
static struct list_node pools = LIST_INIT(pools);
static struct sched_pool first = {.params = &sched_params};
static uint32_t count;

/* A CPU that came to a pool or left one, and how far that has been told to domains. */
static struct {
    struct sched_pool *pool; /* (r) [pool_lock] NULL: who asked for it knows that it is done */
    uint32_t cpu;
    bool added, unfinished;
    domid_t from; /* first domain that was not told */
} change;

static struct sched_pool *find(uint32_t id)
{
    struct sched_pool *p;

    list_for_each_entry(p, &pools, link)
        if (p->id == id)
            return p;
    return NULL;
}

/* The CPUs in no pool. pool_lock held. */
static void free_cpus(struct cpumask *out)
{
    struct sched_pool *p;

    cpumask_copy(out, &cpus_online);
    list_for_each_entry(p, &pools, link)
        cpumask_and_not(out, out, &p->cpus);
}

static bool is_free(uint32_t cpu)
{
    struct sched_pool *p;

    if (cpu >= NR_CPUS || !cpumask_test(&cpus_online, cpu))
        return false;
    list_for_each_entry(p, &pools, link)
        if (cpumask_test(&p->cpus, cpu))
            return false;
    return true;
}

/* Control lock held. */
static void tell(struct domain *d)
{
    struct vcpu *v;

    for_each_vcpu(d, v) {
        sched_limit(v);
        sched_replace(v);
    }
}

/* pool_lock held. */
static int finish_change(void)
{
    while (change.unfinished) {
        struct domain *d = domain_next(change.from);
        bool told = true;

        if (!d) {
            change.unfinished = false;
            break;
        }
        if (d->sched.pool == change.pool && d->life == DOMAIN_ALIVE) {
            told = spin_trylock(&d->control_lock);
            if (told) {
                tell(d);
                spin_unlock(&d->control_lock);
            }
        }
        if (told)
            change.from = (domid_t)(d->id + 1);
        domain_put(d);
        if (!told || hypercall_preempt())
            return -ERESTART;
    }
    return 0;
}

static int begin_change(struct sched_pool *p, uint32_t cpu, bool added)
{
    WRITE_ONCE(cpu_of(cpu)->sched->params, added ? p->params : &sched_params);
    if (added)
        (void)cpumask_set_atomic(&p->cpus, cpu);
    else
        (void)cpumask_clear_atomic(&p->cpus, cpu);
    change.pool = p;
    change.cpu = cpu;
    change.added = added;
    change.unfinished = true;
    change.from = 0;
    return 0;
}

/* Is this call the continuation of the one that began the change? */
static bool continues(const struct sched_pool *p, uint32_t cpu, bool added)
{
    return change.pool == p && change.cpu == cpu && change.added == added;
}

static int add_cpu(struct sched_pool *p, uint32_t cpu)
{
    if (cpu >= cpu_count)
        return cpu == SCHED_POOL_ANY ? -ENODEV : -EINVAL;
    return is_free(cpu) ? begin_change(p, cpu, true) : -ENODEV;
}

static int take_cpu(struct sched_pool *p, uint32_t cpu)
{
    if (cpu >= NR_CPUS || !cpumask_test(&p->cpus, cpu))
        return -EINVAL;
    if (READ_ONCE(p->domains) && cpumask_weight(&p->cpus) == 1)
        return -EBUSY;
    return begin_change(p, cpu, false);
}

/* Which CPU: the one that the call began with, the first free, the last that is there. */
static uint32_t any_cpu(const struct sched_pool *p, bool added)
{
    uint32_t cpu, last = SCHED_POOL_ANY;

    if (change.pool == p && change.added == added)
        return change.cpu;
    for_each_cpu(cpu, added ? &cpus_online : &p->cpus) {
        if (added && is_free(cpu))
            return cpu;
        last = added ? SCHED_POOL_ANY : cpu;
    }
    return last;
}

static int change_cpu(uint32_t id, uint32_t cpu, bool added)
{
    struct sched_pool *p;
    int rc = 0;

    spin_lock(&pool_lock);
    p = find(id);
    if (p && cpu == SCHED_POOL_ANY)
        cpu = any_cpu(p, added);
    if (!p)
        rc = -ENOENT;
    else if (!continues(p, cpu, added))
        rc = finish_change() ?: added ? add_cpu(p, cpu) : take_cpu(p, cpu);
    if (!rc)
        rc = finish_change();
    if (!rc)
        change.pool = NULL;
    spin_unlock(&pool_lock);
    /* it looks into other queues for work */
    if (!rc && added)
        softirq_raise_on(cpu, SOFTIRQ_SCHED);
    return rc;
}

int sched_pool_add_cpu(uint32_t id, uint32_t cpu)
{
    return change_cpu(id, cpu, true);
}

int sched_pool_take_cpu(uint32_t id, uint32_t cpu)
{
    return change_cpu(id, cpu, false);
}

/* Enter @p by its number, which is taken care to be free. */
static void enter(struct sched_pool *p)
{
    struct list_node *at;

    for (at = pools.next; at != &pools; at = at->next)
        if (list_entry(at, struct sched_pool, link)->id > p->id)
            break;
    list_add_tail(&p->link, at);
    count++;
}

int sched_pool_create(uint32_t *id)
{
    struct sched_pool *p = pool_new(struct sched_pool), *last;
    int rc = 0;

    if (!p)
        return -ENOMEM;
    p->own.ratelimit_ns = CREDIT_RATELIMIT_DEFAULT_NS;
    p->params = &p->own;
    spin_lock(&pool_lock);
    last = list_last(&pools, struct sched_pool, link);
    p->id = *id == SCHED_POOL_ANY ? last->id + 1 : *id;
    if (count >= POOLS_MAX || p->id == SCHED_POOL_ANY)
        rc = -ENOSPC;
    else if (find(p->id))
        rc = -EEXIST;
    else
        enter(p);
    *id = p->id;
    spin_unlock(&pool_lock);
    if (rc)
        pool_free(p);
    return rc;
}

int sched_pool_destroy(uint32_t id)
{
    struct sched_pool *p;
    int rc;

    spin_lock(&pool_lock);
    rc = finish_change();
    p = find(id);
    if (!rc && !p)
        rc = -ENOENT;
    else if (!rc && (p == &first || READ_ONCE(p->domains) || !cpumask_empty(&p->cpus)))
        rc = -EBUSY;
    if (!rc) {
        if (change.pool == p)
            change.pool = NULL;
        list_del(&p->link);
        count--;
    }
    spin_unlock(&pool_lock);
    if (!rc)
        pool_free(p);
    return rc;
}

bool sched_pool_info(uint32_t from, struct sched_pool_info *out)
{
    struct sched_pool *p;
    bool found = false;

    spin_lock(&pool_lock);
    list_for_each_entry(p, &pools, link) {
        if (p->id < from)
            continue;
        out->id = p->id;
        out->domains = READ_ONCE(p->domains);
        cpumask_and(&out->cpus, &p->cpus, &cpus_online);
        found = true;
        break;
    }
    spin_unlock(&pool_lock);
    return found;
}

void sched_pool_free_cpus(struct cpumask *out)
{
    spin_lock(&pool_lock);
    free_cpus(out);
    spin_unlock(&pool_lock);
}

/* pool_lock held. */
static void put_into(struct domain *d, struct sched_pool *p)
{
    struct sched_pool *before = d->sched.pool;

    __atomic_fetch_add(&p->domains, 1, __ATOMIC_RELAXED);
    d->sched.pool = p;
    WRITE_ONCE(d->cpupool, p->id);
    if (before)
        __atomic_fetch_sub(&before->domains, 1, __ATOMIC_RELEASE);
}

int sched_pool_join(struct domain *d, uint32_t id)
{
    struct sched_pool *p;
    int rc = 0;

    spin_lock(&pool_lock);
    p = find(id);
    if (!p)
        rc = -ESRCH;
    else if (cpumask_empty(&p->cpus))
        rc = -ENODEV;
    else
        put_into(d, p);
    spin_unlock(&pool_lock);
    return rc;
}

static int move_to(struct domain *d, struct sched_pool *p)
{
    int rc = 0;

    if (!spin_trylock(&d->control_lock))
        return -ERESTART;
    if (d->life != DOMAIN_ALIVE) {
        rc = -EINVAL;
    } else if (cpumask_empty(&p->cpus)) {
        rc = -ENOENT;
    } else {
        put_into(d, p);
        tell(d);
    }
    spin_unlock(&d->control_lock);
    return rc;
}

int sched_pool_move(struct domain *d, uint32_t id)
{
    struct sched_pool *p;
    int rc;

    spin_lock(&pool_lock);
    rc = finish_change();
    p = find(id);
    if (!rc && !p)
        rc = -ENOENT;
    else if (!rc && p != d->sched.pool)
        rc = move_to(d, p);
    spin_unlock(&pool_lock);
    return rc;
}

void sched_pool_leave(struct domain *d)
{
    spin_lock(&pool_lock);
    put_into(d, &first);
    spin_unlock(&pool_lock);
}

void sched_pool_forget(struct domain *d)
{
    if (d->sched.pool)
        __atomic_fetch_sub(&d->sched.pool->domains, 1, __ATOMIC_RELEASE);
    d->sched.pool = NULL;
}

int sched_pool_params(uint32_t id, uint64_t *ratelimit_ns, bool set)
{
    struct sched_pool *p;

    spin_lock(&pool_lock);
    p = find(id);
    if (p && set)
        WRITE_ONCE(p->params->ratelimit_ns, *ratelimit_ns);
    else if (p)
        *ratelimit_ns = p->params->ratelimit_ns;
    spin_unlock(&pool_lock);
    return p ? 0 : -ESRCH;
}

void sched_pool_init(void)
{
    cpumask_copy(&first.cpus, &cpus_online);
    enter(&first);
}
