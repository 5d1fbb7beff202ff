/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whether costs stay as they are when there are many domains: rows `WHAT_beside_N`, N idle domains
 * beside the test's own.
 */
#include "tests/guest/bench/bench.h"

#define MOST 256

static domid_t made[MOST];

static void row(unsigned int count, const char *what, uint64_t ticks, unsigned int rounds)
{
    print("BENCH %s_beside_%u %lu\n", what, count, (ticks + rounds / 2) / rounds);
}

static bool one_more(unsigned int count)
{
    uint64_t create = 0, destroy = 0;

    for (unsigned int i = 0; i < 8; i++) {
        struct xen_domctl op = {.cmd = XEN_DOMCTL_destroydomain,
                                .interface_version = XEN_DOMCTL_INTERFACE_VERSION};
        uint64_t start = tsc();

        if (bench_create(&op.domain, false))
            return false;
        create += tsc() - start;
        start = tsc();
        CHECK_EQ(hc_domctl(&op), 0);
        destroy += tsc() - start;
        sleep_us(3000);
    }
    row(count, "create", create, 8);
    row(count, "destroy_call", destroy, 8);
    return true;
}

static void beside(unsigned int count)
{
    struct xen_domctl info = {.cmd = XEN_DOMCTL_getdomaininfo,
                              .interface_version = XEN_DOMCTL_INTERFACE_VERSION,
                              .domain = made[count - 1]};
    uint64_t start;

    NEED(one_more(count));
    start = tsc();
    for (unsigned int i = 0; i < ROUNDS; i++)
        (void)hc_sched_op(SCHEDOP_yield, NULL);
    row(count, "yield", tsc() - start, ROUNDS);
    CHECK_EQ(hc_domctl(&info), 0);
    start = tsc();
    for (unsigned int i = 0; i < ROUNDS; i++)
        (void)hc_domctl(&info);
    row(count, "getdomaininfo", tsc() - start, ROUNDS);
}

TEST_FLAGS(bench, scale, TEST_ONLY_ASKED)
{
    struct xen_domctl op = {.cmd = XEN_DOMCTL_destroydomain,
                            .interface_version = XEN_DOMCTL_INTERFACE_VERSION};
    unsigned int count = 0;

    for (unsigned int want = 1; want <= MOST; want *= 4) {
        while (count < want && bench_create(&made[count], false) == 0)
            count++;
        CHECK_EQ(count, want);
        if (count != want)
            break;
        beside(count);
    }
    while (count) {
        op.domain = made[--count];
        CHECK_EQ(hc_domctl(&op), 0);
        if (count % 16 == 0)
            sleep_us(3000);
    }
    sleep_us(20000);
}
