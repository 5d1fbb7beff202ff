/* SPDX-License-Identifier: BSD-2-Clause */
/* Ticks: their times over hours, the floor, and what becomes of those that were missed. */
/* sources: hypervisor/hvm/dev/vtick.c */
#include "tests/unit/check.h"

#include "abi/xen.h"
#include "hvm/dev/vtick.h"
#include "lib/muldiv.h"

#include <xen/hvm/params.h>

#define HZ 1193182
#define HOUR (3600 * VTICK_NS_PER_S)

TEST(muldiv_is_exact_and_saturates)
{
    CHECK_EQ(muldiv(10, 10, 3), 33);
    CHECK_EQ(muldiv_up(10, 10, 3), 34);
    CHECK_EQ(muldiv(5, 5, 0), -1);
    CHECK_EQ(muldiv(UINT64_MAX, 2, 1), -1);
    CHECK_EQ(muldiv_up(UINT64_MAX, UINT64_MAX, UINT64_MAX), -1);
    for (int i = 0; i < 200000; i++) {
        uint64_t a = check_random() >> check_random_below(64);
        uint64_t b = check_random() >> check_random_below(64);
        uint64_t c = (check_random() >> check_random_below(64)) | 1;
        unsigned __int128 q = (unsigned __int128)a * b / c;

        CHECK_EQ(muldiv(a, b, c), q > UINT64_MAX ? UINT64_MAX : (uint64_t)q);
    }
}

TEST(a_deadline_is_never_early)
{
    for (int i = 0; i < 100000; i++) {
        uint64_t hz = 1 + check_random_below(1000000000), clock = check_random() >> 20;
        uint64_t ns = vtick_ns(hz, clock);

        if (ns != VTICK_NEVER)
            CHECK(vtick_clock(hz, ns) >= clock);
        if (ns != VTICK_NEVER && ns > 0)
            CHECK(vtick_clock(hz, ns - 1) < clock || clock == 0);
    }
    CHECK_EQ(vtick_ns(1, UINT64_MAX - 1), VTICK_NEVER);
}

/* Takes each tick at once; returns how many came until @end. */
static uint64_t run(struct vtick *t, struct vtick_policy *policy, uint64_t end)
{
    uint64_t ticks = 0, last = 0;

    while (t->deadline <= end) {
        uint64_t now = t->deadline;

        CHECK(now > last);
        last = now;
        if (!vtick_expire(t, policy, now))
            continue;
        CHECK(t->deadline > now);
        do {
            ticks++;
            vtick_raised(t, true);
        } while (vtick_taken(t, policy, now));
    }
    return ticks;
}

TEST(no_drift_in_ten_hours)
{
    static const uint32_t periods[] = {65536, 11932, 1193, 299};

    for (unsigned int i = 0; i < sizeof periods / sizeof *periods; i++) {
        struct vtick_policy policy = {.mode = HVMPTM_no_delay_for_missed_ticks};
        struct vtick t;
        uint64_t hours = periods[i] > 5000 ? 10 : 1;

        vtick_start(&t, HZ, periods[i], periods[i]);
        CHECK_EQ(run(&t, &policy, hours * HOUR), hours * 3600 * HZ / periods[i]);
    }
}

TEST(a_period_below_the_floor_keeps_its_rate_where_missed_ticks_are_held)
{
    struct vtick_policy policy = {.mode = HVMPTM_no_delay_for_missed_ticks};
    struct vtick t;
    uint64_t looks = 0;

    vtick_start(&t, HZ, 12, 12); /* some 10 us */
    CHECK(run(&t, &policy, VTICK_NS_PER_S) >= HZ / 12 - 20);
    vtick_start(&t, HZ, 1, 1);
    while (t.deadline < VTICK_NS_PER_S) {
        uint64_t now = t.deadline;

        CHECK(vtick_expire(&t, &policy, now));
        CHECK(t.deadline >= now + VTICK_FLOOR_NS);
        CHECK(t.owed <= VTICK_OWED_MAX);
        vtick_raised(&t, true);
        looks++;
    }
    CHECK(looks <= VTICK_NS_PER_S / VTICK_FLOOR_NS + 1);
}

/* A vCPU sleeps through @missed periods of 1 ms; how many ticks it gets afterwards. */
static unsigned int after_sleep(struct vtick *t, struct vtick_policy *policy, unsigned int missed,
                                bool punctual)
{
    uint64_t start = 1000000000, now = start;
    unsigned int got = 0;

    vtick_start(t, 1000, 1001, 1);
    for (unsigned int i = 1; i <= missed; i++) {
        now = start + i * 1000000ULL;
        if (punctual || i == missed) { /* else the host's timer is late for all of them */
            CHECK(vtick_expire(t, policy, now));
            vtick_raised(t, true);
        }
    }
    do
        got++;
    while (vtick_taken(t, policy, now) && (vtick_raised(t, true), true));
    CHECK(!vtick_expire(t, policy, now));
    CHECK_EQ(t->due, 1000 + missed + 1);
    return got;
}

TEST(missed_ticks_by_mode)
{
    for (int punctual = 0; punctual < 2; punctual++) {
        static const unsigned int want[] = {50, 50, 1, 1};
        struct vtick t;

        for (uint8_t mode = 0; mode <= HVMPTM_one_missed_tick_pending; mode++) {
            struct vtick_policy policy = {.mode = mode};

            CHECK_EQ(after_sleep(&t, &policy, 50, punctual), want[mode]);
            CHECK_EQ(t.owed, 0);
        }
    }
}

TEST(not_too_many_are_made_up_for)
{
    struct vtick_policy policy = {.mode = HVMPTM_no_delay_for_missed_ticks};
    struct vtick t;

    CHECK_EQ(after_sleep(&t, &policy, 5000, false), VTICK_OWED_MAX + 1);
    CHECK_EQ(after_sleep(&t, &policy, 5000, true), VTICK_OWED_MAX + 1);
    vtick_start(&t, 1000000000, 1, 1);
    CHECK(vtick_expire(&t, &policy, UINT64_MAX >> 1)); /* no loop, no overflow */
    CHECK(t.owed <= VTICK_OWED_MAX);
}

TEST(masked_ticks_are_not_owed)
{
    struct vtick_policy policy = {.mode = HVMPTM_no_delay_for_missed_ticks};
    struct vtick t;

    vtick_start(&t, 1000, 1001, 1);
    for (uint64_t ms = 1001; ms < 1100; ms++) {
        CHECK(vtick_expire(&t, &policy, ms * 1000000));
        vtick_raised(&t, ms < 1050); /* and never taken */
        CHECK(ms >= 1050 || t.owed == ms - 1001);
    }
    CHECK_EQ(t.owed, 0);
    CHECK(!vtick_taken(&t, &policy, 1100 * 1000000ULL));
}

TEST(a_lost_tick_does_not_stop_the_clock)
{
    for (uint8_t mode = 0; mode <= HVMPTM_one_missed_tick_pending; mode++) {
        struct vtick_policy policy = {.mode = mode};
        struct vtick t;

        vtick_start(&t, 1000, 1001, 1);
        for (uint64_t ms = 1001; ms < 1010; ms++) {
            CHECK(vtick_expire(&t, &policy, ms * 1000000)); /* raised again each time */
            vtick_raised(&t, true);
        }
    }
}

TEST(guest_time_is_held_back_and_catches_up)
{
    struct vtick_policy policy = {.mode = HVMPTM_delay_for_missed_ticks};
    uint64_t now = 1000 * 1000000ULL, last;
    struct vtick t;

    vtick_start(&t, 1000, 1001, 1);
    last = vtick_guest_time(&policy, now);
    CHECK_EQ(last, now);
    now += 50 * 1000000ULL + 300000; /* sleeps through 50 ticks */
    CHECK(vtick_expire(&t, &policy, now));
    vtick_raised(&t, true);
    vtick_preempted(&policy, 50 * 1000000ULL + 300000);
    CHECK_EQ(vtick_guest_time(&policy, now), 1000 * 1000000ULL);
    for (unsigned int i = 1; i <= 50; i++) {
        bool more = vtick_taken(&t, &policy, now);

        CHECK_EQ(vtick_guest_time(&policy, now), (1000 + i) * 1000000ULL);
        CHECK_EQ(more, i < 50);
        if (more)
            vtick_raised(&t, true);
    }
    now += 700000; /* the next one comes in time, and time is right again */
    CHECK(vtick_expire(&t, &policy, now));
    vtick_raised(&t, true);
    CHECK(!vtick_taken(&t, &policy, now));
    CHECK_EQ(vtick_guest_time(&policy, now), now);

    policy.mode = HVMPTM_no_delay_for_missed_ticks;
    vtick_preempted(&policy, 1000000);
    CHECK_EQ(vtick_guest_time(&policy, now), now);
}

TEST(guest_time_never_goes_back)
{
    struct vtick_policy policy = {.mode = HVMPTM_delay_for_missed_ticks};

    CHECK_EQ(vtick_guest_time(&policy, 1000), 1000);
    vtick_preempted(&policy, 700);
    CHECK_EQ(vtick_guest_time(&policy, 1500), 1000);
    CHECK_EQ(vtick_guest_time(&policy, 1800), 1100);
    vtick_preempted(&policy, UINT64_MAX);
    vtick_preempted(&policy, UINT64_MAX);
    CHECK_EQ(vtick_guest_time(&policy, 2000), 1100);
}

TEST(one_shots_fire_once)
{
    struct vtick_policy policy = {.mode = HVMPTM_no_delay_for_missed_ticks};
    struct vtick t;

    vtick_start(&t, 1000, 1001, 0);
    CHECK(!vtick_expire(&t, &policy, 1001 * 1000000ULL - 1));
    CHECK(vtick_expire(&t, &policy, 5000 * 1000000ULL));
    CHECK_EQ(t.deadline, VTICK_NEVER);
    CHECK(!vtick_expire(&t, &policy, UINT64_MAX / 2));
    vtick_stop(&t);
    CHECK(!vtick_expire(&t, &policy, UINT64_MAX / 2));
}
