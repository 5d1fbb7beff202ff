/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whether costs stay as they are when there is much of something: rows `WHAT_beside_N`, N idle
 * domains beside the test's own; `WHAT_vcpus_N`, of a domain with N vCPUs; `WHAT_mib_N`, on a
 * machine with N MiB.
 */
#include "tests/guest/bench/bench.h"

#define MOST       256
#define MOST_VCPUS 64

static domid_t made[MOST];

static void row(const char *what, const char *axis, uint64_t count, uint64_t ticks,
                unsigned int rounds)
{
    print("BENCH %s_%s_%lu %lu\n", what, axis, count, (ticks + rounds / 2) / rounds);
}

static bool one_more(const char *axis, uint64_t count, uint32_t vcpus)
{
    uint64_t create = 0, destroy = 0;

    for (unsigned int i = 0; i < 8; i++) {
        struct xen_domctl op = {.cmd = XEN_DOMCTL_destroydomain,
                                .interface_version = XEN_DOMCTL_INTERFACE_VERSION};
        uint64_t start = tsc();

        if (bench_create(&op.domain, false, vcpus))
            return false;
        create += tsc() - start;
        start = tsc();
        CHECK_EQ(hc_domctl(&op), 0);
        destroy += tsc() - start;
        sleep_us(3000);
    }
    row("create", axis, count, create, 8);
    row("destroy_call", axis, count, destroy, 8);
    return true;
}

static void info_and_yield(const char *axis, uint64_t count, domid_t domid)
{
    struct xen_domctl info = {.cmd = XEN_DOMCTL_getdomaininfo,
                              .interface_version = XEN_DOMCTL_INTERFACE_VERSION,
                              .domain = domid};
    uint64_t start = tsc();

    for (unsigned int i = 0; i < ROUNDS; i++)
        (void)hc_sched_op(SCHEDOP_yield, NULL);
    row("yield", axis, count, tsc() - start, ROUNDS);
    CHECK_EQ(hc_domctl(&info), 0);
    start = tsc();
    for (unsigned int i = 0; i < ROUNDS; i++)
        (void)hc_domctl(&info);
    row("getdomaininfo", axis, count, tsc() - start, ROUNDS);
}

static void destroy(domid_t domid)
{
    struct xen_domctl op = {.cmd = XEN_DOMCTL_destroydomain,
                            .interface_version = XEN_DOMCTL_INTERFACE_VERSION,
                            .domain = domid};

    CHECK_EQ(hc_domctl(&op), 0);
}

TEST_FLAGS(bench, scale, TEST_ONLY_ASKED)
{
    unsigned int count = 0;

    for (unsigned int want = 1; want <= MOST; want *= 4) {
        while (count < want && bench_create(&made[count], false, 1) == 0)
            count++;
        CHECK_EQ(count, want);
        if (count != want || !one_more("beside", count, 1))
            break;
        info_and_yield("beside", count, made[count - 1]);
    }
    while (count) {
        destroy(made[--count]);
        if (count % 16 == 0)
            sleep_us(3000);
    }
    sleep_us(20000);
}

TEST_FLAGS(bench, scale_vcpus, TEST_ONLY_ASKED)
{
    for (uint32_t vcpus = 1; vcpus <= MOST_VCPUS; vcpus *= 4) {
        domid_t domid;

        CHECK(one_more("vcpus", vcpus, vcpus));
        NEED(bench_create(&domid, false, vcpus) == 0);
        info_and_yield("vcpus", vcpus, domid);
        destroy(domid);
        sleep_us(20000);
    }
}

/* MiB of the machine, as they were asked for: some are the firmware's, and no memory. */
static uint64_t machine_mib(void)
{
    struct xen_sysctl op = {.cmd = XEN_SYSCTL_physinfo,
                            .interface_version = XEN_SYSCTL_INTERFACE_VERSION};
    uint64_t mib = 256;

    CHECK_EQ(hc_sysctl(&op), 0);
    while (mib < op.u.physinfo.total_pages >> 8)
        mib *= 2;
    return mib;
}

/* One point of the curves: who boots this gives the machine its memory (bench/sources.py). */
TEST_FLAGS(curve, memory, TEST_ONLY_ASKED)
{
    uint64_t booted = tsc(), mib = machine_mib(), ticks[2];
    domid_t domid;

    row("boot", "mib", mib, booted, 1000000);
    CHECK(one_more("mib", mib, 1));
    NEED(bench_create(&domid, false, 1) == 0);
    info_and_yield("mib", mib, domid);
    destroy(domid);
    bench_reservation(ticks);
    row("decrease_reservation", "mib", mib, ticks[0], 100);
    row("populate_physmap", "mib", mib, ticks[1], 100);
}
