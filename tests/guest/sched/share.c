/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who gets how much of a CPU, and how soon: hogs of different weight and a sleeper on one CPU. What
 * is compared is the hypervisor's own account of CPU time, the same on every machine; in Bochs
 * (`exact`), where nothing but instructions makes time pass, also the work done and the delays.
 */
#include "tests/guest/lib/child.h"

#define CPU 0
#define WARM_US 50000
#define WINDOW_US 1000000
#define MOST_WINDOWS 10
#define NS_PER_US 1000

static void hog(void *arg unused)
{
    while (box.step != 2)
        box.value[0]++;
}

static long pin(domid_t domid, bool to_cpu)
{
    static uint8_t map[8];
    struct xen_domctl op = {.cmd = XEN_DOMCTL_setvcpuaffinity,
                            .interface_version = XEN_DOMCTL_INTERFACE_VERSION,
                            .domain = domid};

    memset(map, to_cpu ? 0 : 0xff, sizeof(map));
    map[0] |= 1u << CPU;
    op.u.vcpuaffinity.flags = XEN_VCPUAFFINITY_HARD;
    op.u.vcpuaffinity.cpumap_hard.nr_bits = 64;
    set_xen_guest_handle(op.u.vcpuaffinity.cpumap_hard.bitmap, map);
    return hc_domctl(&op);
}

static struct child *hog_make(uint16_t weight, uint16_t cap)
{
    static const struct child_options paused = {.paused = true};
    struct child *c = child_make(hog, &paused);
    struct xen_domctl op = {.cmd = 0};

    if (!c)
        return NULL;
    op.u.scheduler_op.sched_id = XEN_SCHEDULER_CREDIT2;
    op.u.scheduler_op.cmd = XEN_DOMCTL_SCHEDOP_putinfo;
    op.u.scheduler_op.u.credit2.weight = weight;
    op.u.scheduler_op.u.credit2.cap = cap;
    CHECK_EQ(child_domctl(c, XEN_DOMCTL_scheduler_op, &op), 0);
    CHECK_EQ(pin(c->domid, true), 0);
    return c;
}

static void hog_end(struct child *c)
{
    c->box->step = 2;
    CHECK_EQ(child_wait(c, 20), SHUTDOWN_poweroff);
    child_end(c);
}

/* What a hog has had so far. */
struct account {
    uint64_t ns, rounds;
};

static struct account account(const struct child *c)
{
    struct xen_domctl_getdomaininfo info = {.cpu_time = 0};

    CHECK_EQ(child_info(c, &info), 0);
    return (struct account){info.cpu_time, c->box->value[0]};
}

/* Is @part of @whole @percent, within @slack percent of that? */
static bool about(uint64_t part, uint64_t whole, uint64_t percent, uint64_t slack)
{
    uint64_t want = whole / 100 * percent;

    return part >= want - want / 100 * slack && part <= want + want / 100 * slack;
}

TEST(sched, weights)
{
    struct account a[2], b[2];
    struct child *heavy, *light;
    unsigned int windows = 0, most = option("exact", 0) ? 1 : MOST_WINDOWS;
    uint64_t slack = option("exact", 0) ? 5 : 30;

    CHECK_EQ(pin(env.domid, true), 0);
    heavy = hog_make(512, 0);
    light = hog_make(256, 0);
    NEED(heavy && light);
    child_start(heavy);
    child_start(light);
    sleep_us(WARM_US);
    a[0] = account(heavy), b[0] = account(light);
    /* A busy host stops the machine within somebody's turn: that is in the account too, and is paid
     * back in the turns that follow. */
    do {
        sleep_us(WINDOW_US);
        a[1] = account(heavy), b[1] = account(light);
    } while (!about(a[1].ns - a[0].ns, b[1].ns - b[0].ns, 200, slack) && ++windows < most);
    print("# weights 512:256, ns %lu:%lu, rounds %lu:%lu\n", a[1].ns - a[0].ns,
          b[1].ns - b[0].ns, a[1].rounds - a[0].rounds, b[1].rounds - b[0].rounds);
    CHECK(windows < most);
    if (option("exact", 0))
        CHECK(about(a[1].rounds - a[0].rounds, b[1].rounds - b[0].rounds, 200, 5));
    hog_end(heavy);
    hog_end(light);
    CHECK_EQ(pin(env.domid, false), 0);
}

TEST(sched, cap)
{
    struct account before, after;
    struct child *c = hog_make(256, 30);
    unsigned int windows = 0, most = option("exact", 0) ? 1 : MOST_WINDOWS;
    uint64_t start, length;

    NEED(c);
    child_start(c);
    sleep_us(WARM_US);
    start = now_ns();
    before = account(c);
    /* What a busy host adds to a turn is owed and paid back in the windows that follow. */
    do {
        sleep_us(WINDOW_US);
        after = account(c);
        length = now_ns() - start;
    } while (after.ns - before.ns > length / 100 * 35 && ++windows < most);
    print("# cap 30, ns %lu of %lu\n", after.ns - before.ns, length);
    /* no more than that however slow the machine; no less where it is not */
    CHECK(windows < most);
    if (option("exact", 0))
        CHECK(about(after.ns - before.ns, length, 30, 10));
    hog_end(c);
}

/* Hogs do not keep a sleeper from its CPU, and whatever it is kept from is in its account. */
TEST(sched, wakes_among_hogs)
{
    vcpu_runstate_info_t first, last;
    uint64_t before, between[2], after, sum = 0, most = 0;
    struct child *hogs[2];

    CHECK_EQ(pin(env.domid, true), 0);
    hogs[0] = hog_make(256, 0);
    hogs[1] = hog_make(256, 0);
    NEED(hogs[0] && hogs[1]);
    child_start(hogs[0]);
    child_start(hogs[1]);
    sleep_us(WARM_US);
    before = now_ns();
    CHECK_EQ(hc_vcpu_op(VCPUOP_get_runstate_info, 0, &first), 0);
    between[0] = now_ns();
    for (unsigned int i = 0; i < 50; i++) {
        uint64_t wanted = now_ns() + 3000 * NS_PER_US, late;

        sleep_us(3000);
        late = now_ns() - wanted;
        sum += late;
        most = max(most, late);
    }
    between[1] = now_ns();
    CHECK_EQ(hc_vcpu_op(VCPUOP_get_runstate_info, 0, &last), 0);
    after = now_ns();
    print("# woken %lu ns late among hogs, at most %lu\n", sum / 50, most);
    if (option("exact", 0)) /* a hog keeps its CPU for a millisecond (the rate limit) */
        CHECK(most < 1500 * NS_PER_US);
    for (unsigned int i = 0; i < 4; i++)
        last.time[0] += (i ? last.time[i] : 0) - first.time[i];
    CHECK(last.time[0] + 100 >= between[1] - between[0]);
    CHECK(last.time[0] <= after - before + 100);
    hog_end(hogs[0]);
    hog_end(hogs[1]);
    CHECK_EQ(pin(env.domid, false), 0);
}
