/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Domains: creation, the list, references.
 *
 * What is always true here: a domain on the list has one reference for being there, which
 * teardown.c drops at the very end; whoever finds a domain takes another before the list lock is
 * let go. Memory of a domain is freed when its last reference goes, never before.
 */
#include "domain/domain.h"

#include "abi/errno.h"
#include "cpu/percpu.h"
#include "cpu/policy.h"
#include "debug/panic.h"
#include "domain/kind.h"
#include "domain/shared.h"
#include "event/event.h"
#include "grant/grant.h"
#include "irq/irq.h"
#include "lib/range_set.h"
#include "lib/string.h"
#include "mm/pool.h"
#include "sched/pool.h"
#include "sched/sched.h"

struct domain *domain_control;
struct domain *domain_io;
struct domain *domain_xen;

static struct spinlock list_lock = SPINLOCK_INIT(LOCK_DOMAIN_LIST);
static struct rb_root domains; /* (r) by id, for the next one */

/* The same by the low bits of the id, for a certain one: among hundreds it is found as fast as
 * among few. */
#define BUCKETS 256
static struct domain *buckets[BUCKETS]; /* (r) chained by next_in_bucket */

static void rights_free(struct range_set *set)
{
    if (set)
        range_set_clear(set);
    pool_free(set);
}

static void free_parts(struct domain *d)
{
    sched_domain_free(d); /* its timers walk the vCPUs */
    for (uint32_t id = d->max_vcpus; id-- > 0;)
        if (d->vcpus && d->vcpus[id])
            vcpu_destroy(d->vcpus[id]);
    irq_domain_free(d);
    grant_domain_free(d);
    event_domain_free(d);
    if (d->kind)
        d->kind->domain_free(d);
    cpu_policy_free(d->policy);
    shared_info_free(d);
    rights_free(d->ioports);
    rights_free(d->iomem);
    rights_free(d->irqs);
    if (d->target)
        domain_put(d->target);
    pool_free(d->memory_map);
    pool_free(d->dirty_cpus);
    pool_free(d->vcpus);
    pool_free(d);
}

static struct domain *alloc_domain(domid_t id)
{
    struct domain *d = pool_new(struct domain);

    if (!d)
        return NULL;
    d->id = id;
    d->refs = 1;
    d->life = DOMAIN_BUILDING;
    d->shutdown_code = -1;
    d->lowest_mfn = ~0ULL;
    d->sched.weight = 256; /* credit2's default */
    spin_init(&d->control_lock, LOCK_DOMAIN_CONTROL);
    spin_init(&d->shutdown_lock, LOCK_SHUTDOWN);
    spin_init(&d->page_lock, LOCK_PAGE_LIST);
    return d;
}

static int create_parts(struct domain *d, const struct xen_domctl_createdomain *config)
{
    int rc;

    d->dirty_cpus = pool_new(struct cpumask);
    d->vcpus = pool_array(struct vcpu *, config->max_vcpus);
    d->ioports = pool_new(struct range_set);
    d->iomem = pool_new(struct range_set);
    d->irqs = pool_new(struct range_set);
    if (!d->dirty_cpus || !d->vcpus || !d->ioports || !d->iomem || !d->irqs)
        return -ENOMEM;
    d->max_vcpus = config->max_vcpus;
    guest_tsc_init(d);
    rc = shared_info_create(d);
    if (!rc)
        rc = cpu_policy_domain_init(d);
    if (!rc)
        rc = d->kind->domain_init(d, config);
    if (!rc)
        rc = event_domain_init(d, config->max_evtchn_port);
    if (!rc)
        rc = grant_domain_init(d, config->max_grant_frames, config->max_maptrack_frames,
                               config->grant_opts);
    if (!rc)
        rc = irq_domain_init(d);
    return rc;
}

int domain_create(domid_t id, const struct xen_domctl_createdomain *config, bool is_control,
                  struct domain **out)
{
    struct domain *d;
    int rc;

    if (config->max_vcpus == 0 || config->max_vcpus > 8192)
        return -EINVAL;
    d = alloc_domain(id);
    if (!d)
        return -ENOMEM;
    d->is_control = is_control;
    d->is_translated = config->flags & XEN_DOMCTL_CDF_hvm;
    d->kind = d->is_translated ? &hvm_kind : &pv_kind;
    d->create_flags = config->flags;
    d->ssidref = config->ssidref;
    memcpy(d->handle, config->handle, sizeof(d->handle));
    d->vm_assist = 0;
    rc = sched_pool_join(d, config->cpupool_id);
    if (!rc)
        rc = create_parts(d, config);
    if (rc) {
        free_parts(d);
        return rc;
    }
    /* until the toolstack (or dom0's builder) lets it go */
    d->controller_pauses = 1;
    d->pause_count = 1;
    *out = d;
    return 0;
}

static struct domain *domain_of(const struct rb_node *node)
{
    return rb_entry(node, struct domain, link);
}

static struct domain **bucket_of(domid_t id)
{
    return &buckets[id % BUCKETS];
}

static inline bool id_before(const struct rb_node *a, const struct rb_node *b)
{
    return domain_of(a)->id < domain_of(b)->id;
}

static inline bool id_below(const struct rb_node *node, const void *from)
{
    return domain_of(node)->id < *(const domid_t *)from;
}

void domain_publish(struct domain *d)
{
    spin_lock(&list_lock);
    rb_insert(&domains, &d->link, id_before);
    d->next_in_bucket = *bucket_of(d->id);
    *bucket_of(d->id) = d;
    __atomic_store_n(&d->life, DOMAIN_ALIVE, __ATOMIC_RELEASE);
    spin_unlock(&list_lock);
}

void domain_unpublish(struct domain *d)
{
    struct domain **at = bucket_of(d->id);

    spin_lock(&list_lock);
    while (*at != d)
        at = &(*at)->next_in_bucket;
    *at = d->next_in_bucket;
    rb_erase(&domains, &d->link);
    spin_unlock(&list_lock);
    domain_put(d);
}

struct domain *domain_next(domid_t from)
{
    struct rb_node *node;
    struct domain *found = NULL;

    spin_lock(&list_lock);
    node = rb_lower_bound(&domains, &from, id_below);
    if (node) {
        found = domain_of(node);
        domain_ref(found);
    }
    spin_unlock(&list_lock);
    return found;
}

struct domain *domain_get(domid_t id)
{
    struct domain *d;

    if (id == vcpu_current()->domain->id) {
        d = vcpu_current()->domain;
        domain_ref(d);
        return d;
    }
    spin_lock(&list_lock);
    for (d = *bucket_of(id); d && d->id != id;)
        d = d->next_in_bucket;
    if (d)
        domain_ref(d);
    spin_unlock(&list_lock);
    return d;
}

struct domain *domain_get_arg(domid_t id)
{
    return domain_get(id == DOMID_SELF ? vcpu_current()->domain->id : id);
}

void domain_ref(struct domain *d)
{
    __atomic_fetch_add(&d->refs, 1, __ATOMIC_RELAXED);
}

void domain_put(struct domain *d)
{
    if (__atomic_sub_fetch(&d->refs, 1, __ATOMIC_ACQ_REL) == 0)
        free_parts(d);
}

/* A domain that never runs: owner of device memory, of the hypervisor's frames, of idle vCPUs. */
static struct domain *system_domain(domid_t id)
{
    struct domain *d = alloc_domain(id);

    if (!d)
        panic("no memory for domain %u", id);
    d->is_system = true;
    d->life = DOMAIN_ALIVE;
    return d;
}

struct domain *domain_idle;

void domain_system_init(void)
{
    domain_io = system_domain(DOMID_IO);
    domain_xen = system_domain(DOMID_XEN);
    domain_idle = system_domain(DOMID_IDLE);
    domain_idle->max_vcpus = CPU_MAX;
    domain_idle->vcpus = pool_array(struct vcpu *, CPU_MAX);
    domain_idle->dirty_cpus = pool_new(struct cpumask);
    if (!domain_idle->vcpus || !domain_idle->dirty_cpus)
        panic("no memory for the idle domain");
}
