/* SPDX-License-Identifier: BSD-2-Clause */
/* The guest's clock computes what the hypervisor's does from the record that it publishes. */
/* sources: pv-drivers/lib/clock.c hypervisor/time/scale.c */
#include "tests/unit/check.h"

#include "pv-drivers/lib/clock.h"
#include "pv-drivers/lib/hypercall.h"
#include "pv-drivers/lib/start.h"
#include "time/scale.h"

struct pv_guest pv_guest;

long pv_hypercall(unsigned int number, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e)
{
    (void)number, (void)a, (void)b, (void)c, (void)d, (void)e;
    return 0;
}

static unsigned int cpu;

unsigned int pv_cpu(void)
{
    return cpu;
}

TEST(as_the_hypervisor_counts)
{
    for (int i = 0; i < 200000; i++) {
        struct time_scale scale = {.tsc_base = check_random() >> check_random_below(64),
                                   .ns_base = check_random() >> 8};
        struct vcpu_time_info record;
        uint64_t tsc;

        scale_set_rate(&scale, 1000 + check_random_below(8000000000ull));
        if (check_random() & 1) /* a guest's counter may have begun later than the host's */
            scale.tsc_base = -scale.tsc_base;
        record = (struct vcpu_time_info){.tsc_timestamp = scale.tsc_base,
                                         .system_time = scale.ns_base,
                                         .tsc_to_system_mul = scale.mul,
                                         .tsc_shift = scale.shift};
        tsc = scale.tsc_base + (check_random() >> (check_random_below(40) + 20)) - 1000;
        CHECK_EQ(pv_clock_at(&record, tsc), scale_to_ns(&scale, tsc));
    }
}

TEST(wall_clock_is_start_and_system_time)
{
    static shared_info_t info;

    pv_guest.shared_info = &info;
    info.vcpu_info[0].time = (struct vcpu_time_info){.version = 2, .system_time = 5,
                                                     .tsc_timestamp = -1ull >> 1};
    info.wc_version = 4;
    info.wc_sec = 7;
    info.wc_sec_hi = 1;
    info.wc_nsec = 9;
    CHECK_EQ(pv_clock_ns(), 5);
    CHECK_EQ(pv_clock_wall_ns(), ((1ull << 32) + 7) * PV_SECOND_NS + 14);
    cpu = 1; /* each vCPU has a record of its own */
    info.vcpu_info[1].time = info.vcpu_info[0].time;
    info.vcpu_info[1].time.system_time = 6;
    CHECK_EQ(pv_clock_ns(), 6);
}
