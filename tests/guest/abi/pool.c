/* SPDX-License-Identifier: BSD-2-Clause */
/* Pools of CPUs: every operation on pools, CPUs and domains that exist and that do not. */
#include "tests/guest/lib/rows.h"

#define ANY XEN_SYSCTL_CPUPOOL_PAR_ANY
#define POOL 5

static struct xen_sysctl op;
static uint64_t cpus;

static long pool_op(uint32_t what, uint32_t pool, uint32_t cpu, uint32_t domid)
{
    memset(&op, 0, sizeof(op));
    op.cmd = XEN_SYSCTL_cpupool_op;
    op.interface_version = XEN_SYSCTL_INTERFACE_VERSION;
    op.u.cpupool_op.op = what;
    op.u.cpupool_op.cpupool_id = pool;
    op.u.cpupool_op.sched_id = XEN_SCHEDULER_CREDIT2;
    op.u.cpupool_op.cpu = cpu;
    op.u.cpupool_op.domid = domid;
    op.u.cpupool_op.cpumap.nr_bits = 64;
    cpus = 0;
    set_xen_guest_handle(op.u.cpupool_op.cpumap.bitmap, (uint8_t *)&cpus);
    return hc_sysctl(&op);
}

static long create(uint32_t pool, uint32_t scheduler)
{
    memset(&op, 0, sizeof(op));
    op.cmd = XEN_SYSCTL_cpupool_op;
    op.interface_version = XEN_SYSCTL_INTERFACE_VERSION;
    op.u.cpupool_op.op = XEN_SYSCTL_CPUPOOL_OP_CREATE;
    op.u.cpupool_op.cpupool_id = pool;
    op.u.cpupool_op.sched_id = scheduler;
    return hc_sysctl(&op) ?: (long)op.u.cpupool_op.cpupool_id;
}

#define destroy(pool) pool_op(XEN_SYSCTL_CPUPOOL_OP_DESTROY, pool, 0, 0)
#define add(pool, cpu) pool_op(XEN_SYSCTL_CPUPOOL_OP_ADDCPU, pool, cpu, 0)
#define take(pool, cpu) pool_op(XEN_SYSCTL_CPUPOOL_OP_RMCPU, pool, cpu, 0)
#define move(pool, domid) pool_op(XEN_SYSCTL_CPUPOOL_OP_MOVEDOMAIN, pool, 0, domid)
#define info(pool) pool_op(XEN_SYSCTL_CPUPOOL_OP_INFO, pool, 0, 0)

/* Number, domains beside dom0's, CPUs. */
static void info_row(const char *key, uint32_t pool)
{
    long rc = info(pool);

    row(key);
    row_result("rc", rc);
    if (!rc) {
        row_result("pool", op.u.cpupool_op.cpupool_id);
        row_result("scheduler", op.u.cpupool_op.sched_id);
        row_result("domains", op.u.cpupool_op.n_dom);
        row_result("cpus", (long)cpus);
    }
    row_end();
}

static long params(uint32_t pool, uint32_t scheduler, uint32_t cmd, uint32_t us)
{
    memset(&op, 0, sizeof(op));
    op.cmd = XEN_SYSCTL_scheduler_op;
    op.interface_version = XEN_SYSCTL_INTERFACE_VERSION;
    op.u.scheduler_op.cpupool_id = pool;
    op.u.scheduler_op.sched_id = scheduler;
    op.u.scheduler_op.cmd = cmd;
    op.u.scheduler_op.u.sched_credit2.ratelimit_us = us;
    return hc_sysctl(&op) ?: (long)op.u.scheduler_op.u.sched_credit2.ratelimit_us;
}

static long pin(struct child *c, uint64_t hard)
{
    struct xen_domctl d = {.cmd = 0};

    d.u.vcpuaffinity.flags = XEN_VCPUAFFINITY_HARD;
    d.u.vcpuaffinity.cpumap_hard.nr_bits = 64;
    set_xen_guest_handle(d.u.vcpuaffinity.cpumap_hard.bitmap, (uint8_t *)&hard);
    return child_domctl(c, XEN_DOMCTL_setvcpuaffinity, &d) ?: (long)hard;
}

static long pinned(struct child *c)
{
    struct xen_domctl d = {.cmd = 0};
    uint64_t hard = 0;

    d.u.vcpuaffinity.flags = XEN_VCPUAFFINITY_HARD;
    d.u.vcpuaffinity.cpumap_hard.nr_bits = 2;
    set_xen_guest_handle(d.u.vcpuaffinity.cpumap_hard.bitmap, (uint8_t *)&hard);
    return child_domctl(c, XEN_DOMCTL_getvcpuaffinity, &d) ?: (long)hard;
}

/* A domain made in @pool: it or why not. */
static long born(uint32_t pool)
{
    struct xen_domctl d = {.cmd = XEN_DOMCTL_createdomain,
                           .interface_version = XEN_DOMCTL_INTERFACE_VERSION};
    long rc;

    d.u.createdomain.max_vcpus = 1;
    d.u.createdomain.max_evtchn_port = 1023;
    d.u.createdomain.max_grant_frames = 4;
    d.u.createdomain.max_maptrack_frames = 4;
    d.u.createdomain.grant_opts = XEN_DOMCTL_GRANT_version(1);
    d.u.createdomain.cpupool_id = pool;
    rc = hc_domctl(&d);
    if (rc)
        return rc;
    info_row("born", pool);
    d.cmd = XEN_DOMCTL_destroydomain;
    return hc_domctl(&d);
}

static void wrong_ones(void)
{
    SWEEP("op", (void)0, pool_op((uint32_t)v, 0, 0, 0), 0, 8, 9, 0x7fffffff, 0xffffffff);
    SWEEP("create.scheduler", (void)destroy(POOL), create(POOL, (uint32_t)v), 0, 1, 2, 3, 4, 6, 9,
          11, 0xffffffff);
    SWEEP("create.id", (void)destroy((uint32_t)rc), create((uint32_t)v, XEN_SCHEDULER_CREDIT2), 0,
          1, 9, 0xfffffffe, 0xffffffff);
    SWEEP("destroy", (void)0, destroy((uint32_t)v), 0, 1, 7, 0xffffffff);
    SWEEP("add", (void)0, add(0, (uint32_t)v), 0, 1, 2, 127, 4095, 4096, 0x7fffffff, 0xffffffff);
    SWEEP("add.nowhere", (void)0, add(7, (uint32_t)v), 0, 1, 2, 4096, 0xffffffff);
    SWEEP("take", (void)0, take(0, (uint32_t)v), 2, 127, 4095, 4096, 0x7fffffff);
    SWEEP("take.nowhere", (void)0, take(7, (uint32_t)v), 0, 1, 2, 4096, 0xffffffff);
    DOMIDS("move.nowhere", (void)0, move(7, v));
    DOMIDS("move.where_it_is", (void)0, move(0, v));
    ROW("move", "big", move(0, 0x10000 + cast_live()->domid));
    SWEEP("params.pool", (void)0, params((uint32_t)v, XEN_SCHEDULER_CREDIT2,
                                        XEN_SYSCTL_SCHEDOP_getinfo, 0), 0, 1, 7, 0xffffffff);
    SWEEP("params.scheduler", (void)0, params(0, (uint32_t)v, XEN_SYSCTL_SCHEDOP_getinfo, 0), 4, 5,
          6, 7, 8, 9, 10, 11);
    SWEEP("born", (void)0, born((uint32_t)v), 1, 7, 0xffffffff);
    info_row("info.0", 0);
    info_row("info.any", ANY);
    info_row("info.1", 1);
}

TEST(abi, pools)
{
    struct child *c;

    NEED(cast_begin());
    c = cast_live();
    wrong_ones();
    ROW("create", "rc", create(POOL, XEN_SCHEDULER_CREDIT2));
    ROW("create.again", "rc", create(POOL, XEN_SCHEDULER_CREDIT2));
    ROW("create.next", "rc", create(ANY, XEN_SCHEDULER_CREDIT2));
    ROW("destroy.next", "rc", destroy(op.u.cpupool_op.cpupool_id));
    info_row("empty", POOL);
    info_row("empty.by1", 1);
    ROW("empty.born", "rc", born(POOL));
    ROW("empty.move", "rc", move(POOL, c->domid));
    ROW("pin.1", "rc", pin(c, 2));
    ROW("take.1", "rc", take(0, 1));
    ROW("pinned.1", "rc", pinned(c));
    info_row("taken.0", 0);
    ROW("free", "rc", pool_op(XEN_SYSCTL_CPUPOOL_OP_FREEINFO, 0, 0, 0));
    ROW("free.cpus", "cpus", (long)cpus);
    ROW("pin.outside", "rc", pin(c, 2));
    ROW("pin.both", "rc", pin(c, 3));
    ROW("take.last", "0", take(0, 0));
    ROW("take.last.any", "rc", take(0, ANY));
    ROW("add.any", "rc", add(POOL, ANY));
    ROW("add.taken", "5", add(POOL, 1));
    ROW("add.taken.0", "rc", add(0, 1));
    info_row("added", POOL);
    ROW("destroy.cpus", "rc", destroy(POOL));
    ROW("move.there", "rc", move(POOL, c->domid));
    info_row("moved", POOL);
    info_row("moved.0", 0);
    ROW("moved.pinned", "rc", pinned(c));
    ROW("moved.pin", "0", pin(c, 1));
    ROW("moved.pin.1", "rc", pin(c, 2));
    ROW("destroy.busy", "rc", destroy(POOL));
    ROW("take.busy", "rc", take(POOL, 1));
    ROW("params.5", "rc", params(POOL, XEN_SCHEDULER_CREDIT2, XEN_SYSCTL_SCHEDOP_putinfo, 500));
    ROW("params.5.now", "us", params(POOL, XEN_SCHEDULER_CREDIT2, XEN_SYSCTL_SCHEDOP_getinfo, 0));
    ROW("params.0.now", "us", params(0, XEN_SCHEDULER_CREDIT2, XEN_SYSCTL_SCHEDOP_getinfo, 0));
    ROW("full.born", "rc", born(POOL));
    cast_end(); /* its end leaves the pool */
    info_row("left", POOL);
    ROW("take.any", "rc", take(POOL, ANY));
    ROW("destroy.empty", "rc", destroy(POOL));
    ROW("back", "rc", add(0, 1));
    info_row("back.0", 0);
}
