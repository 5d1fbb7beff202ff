/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The sysctl hypercall: one table of sub-operations, and the short ones.
 *
 * What is always true here: the guest's structure is copied in once and checked for its version,
 * and goes back as the table says.
 */
#include "control/sysctl.h"

#include "abi/errno.h"
#include "console/log.h"
#include "control/access.h"
#include "control/domctl.h"
#include "control/policy_op.h"
#include "cpu/percpu.h"
#include "control/debug_keys.h"
#include "domain/domain.h"
#include "hypercall/hypercall.h"
#include "hypercall/table.h"
#include "mm/pool.h"
#include "p2m/copy.h"
#include "sched/sched.h"

#define CONSOLE_CHUNK 1024
#define KEYS_MAX 256

/* Also incremental reading by index; what was overwritten meanwhile is skipped. */
static long sysctl_readconsole(struct xen_sysctl *op)
{
    struct xen_sysctl_readconsole *r = &op->u.readconsole;
    uint64_t index = r->incremental ? r->index : 0;
    char *chunk = pool_alloc(CONSOLE_CHUNK);
    uint32_t done = 0;
    long rc = 0;

    if (!chunk)
        return -ENOMEM;
    while (done < r->count) {
        uint32_t got = log_ring_read(&index, chunk, min(r->count - done, (uint32_t)CONSOLE_CHUNK));

        if (!got)
            break;
        rc = copy_to_guest(GUEST_VA(r->buffer) + done, chunk, got);
        if (rc)
            break;
        done += got;
    }
    pool_free(chunk);
    if (rc)
        return rc;
    if (r->clear)
        log_ring_clear();
    r->count = done;
    r->index = (uint32_t)index;
    return 0;
}

static long sysctl_sched_id(struct xen_sysctl *op)
{
    op->u.sched_id.sched_id = XEN_SCHEDULER_CREDIT2;
    return 0;
}

static long sysctl_scheduler_op(struct xen_sysctl *op)
{
    return sched_sysctl(&op->u.scheduler_op);
}

static long sysctl_getdomaininfolist(struct xen_sysctl *op)
{
    struct xen_sysctl_getdomaininfolist *l = &op->u.getdomaininfolist;
    uint32_t from = l->first_domain, n = 0;

    while (n < l->max_domains && from < DOMID_FIRST_RESERVED) {
        struct domain *d = domain_next((domid_t)from);
        struct xen_domctl_getdomaininfo info;

        if (!d)
            break;
        domain_info_fill(d, &info);
        from = d->id + 1u;
        domain_put(d);
        if (copy_to_guest(GUEST_ELEM(GUEST_VA(l->buffer), info, n), &info, sizeof(info)))
            return -EFAULT;
        n++;
    }
    l->num_domains = n;
    return 0;
}

static long sysctl_debug_keys(struct xen_sysctl *op)
{
    uint32_t count = op->u.debug_keys.nr_keys;

    if (count > KEYS_MAX)
        return -E2BIG;
    for (uint32_t i = 0; i < count; i++) {
        char key;

        if (copy_from_guest(&key, GUEST_VA(op->u.debug_keys.keys) + i, 1))
            return -EFAULT;
        debug_key(key);
    }
    return 0;
}

static long sysctl_get_cpu_levelling_caps(struct xen_sysctl *op)
{
    op->u.cpu_levelling_caps.caps = 0; /* CPUID in a PV guest's programs is the hardware's */
    return 0;
}

static long sysctl_get_cpu_featureset(struct xen_sysctl *op)
{
    return policy_sysctl_featureset(&op->u.cpu_featureset);
}

static long sysctl_get_cpu_policy(struct xen_sysctl *op)
{
    return policy_sysctl_get(&op->u.cpu_policy);
}

enum row_flags { IN = 0, OUT = 1, OUT_ALWAYS = 2 };

struct row {
    uint32_t cmd;
    uint32_t flags;
    long (*run)(struct xen_sysctl *op);
};

#define ROW(name, flags) {XEN_SYSCTL_##name, flags, sysctl_##name}
static const struct row rows[] = {
    ROW(readconsole, OUT),
    ROW(tbuf_op, OUT),
    ROW(physinfo, OUT),
    ROW(sched_id, OUT),
    ROW(getdomaininfolist, OUT),
    ROW(debug_keys, IN),
    ROW(getcpuinfo, OUT),
    ROW(availheap, OUT),
    ROW(get_pmstat, OUT),
    ROW(pm_op, OUT),
    ROW(cputopoinfo, OUT),
    ROW(numainfo, OUT),
    ROW(pcitopoinfo, OUT_ALWAYS),
    ROW(cpupool_op, OUT),
    ROW(scheduler_op, OUT),
    ROW(get_cpu_levelling_caps, OUT),
    ROW(get_cpu_featureset, OUT_ALWAYS),
    ROW(get_cpu_policy, OUT),
};

/* Known operations on things this hypervisor does not have. */
static long absent(uint32_t cmd)
{
    switch (cmd) {
    case XEN_SYSCTL_psr_cmt_op: /* no monitoring or partitioning of caches */
    case XEN_SYSCTL_psr_alloc:
        return -ENODEV;
    case XEN_SYSCTL_cpu_hotplug:
    case XEN_SYSCTL_page_offline_op:
    case XEN_SYSCTL_coverage_op:
        return -EOPNOTSUPP;
    default: /* and counters, lock profiles, patches: as in builds without them */
        return -ENOSYS;
    }
}

long hc_sysctl(uint64_t gva)
{
    const struct row *row = NULL;
    struct xen_sysctl op;
    long rc;

    if (copy_from_guest(&op, gva, sizeof(op)))
        return -EFAULT;
    if (op.interface_version != XEN_SYSCTL_INTERFACE_VERSION)
        return -EACCES;
    if (access_check(ACCESS_SYSCTL, NULL))
        return -EPERM;
    for (size_t i = 0; i < ARRAY_SIZE(rows) && !row; i++)
        if (rows[i].cmd == op.cmd)
            row = &rows[i];
    if (!row)
        return absent(op.cmd);
    rc = row->run(&op);
    if (((row->flags & OUT_ALWAYS) || ((row->flags & OUT) && rc >= 0)) &&
        copy_to_guest(gva, &op, sizeof(op)))
        return -EFAULT;
    return rc;
}
