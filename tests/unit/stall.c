/* SPDX-License-Identifier: BSD-2-Clause */
/* The watchdog: who beats is never stuck, who stops is found after the time and not before. */
/* sources: hypervisor/sched/stall_look.c */
#include "tests/unit/check.h"

#include "sched/stall.h"

TEST(a_beating_cpu_is_left_alone)
{
    uint64_t seen = 0;
    uint32_t silent = 0;

    for (uint64_t beats = 1; beats < 1000; beats++)
        for (int look = 0; look < 5; look++) /* four looks between beats are less than the limit */
            CHECK(!stall_look(beats, &seen, &silent, 5));
}

TEST(a_silent_cpu_is_found)
{
    for (uint32_t timeout = 1; timeout < 20; timeout++) {
        uint64_t seen = 0;
        uint32_t silent = 0, looks = 0;

        CHECK(!stall_look(7, &seen, &silent, timeout));
        while (!stall_look(7, &seen, &silent, timeout))
            looks++;
        CHECK_EQ(looks, timeout);
        CHECK(!stall_look(8, &seen, &silent, timeout)); /* it came back */
        CHECK_EQ(silent, 0);
    }
}
