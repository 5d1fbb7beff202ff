/* SPDX-License-Identifier: BSD-2-Clause */
/* Ticks to nanoseconds, and what the CMOS clock says, against slow and obvious versions. */
/* sources: hypervisor/time/scale.c hypervisor/time/rtc.c */
#include "tests/unit/check.h"

#include <time.h>

#include "time/rtc.h"
#include "time/scale.h"

static const uint64_t rates[] = {
    1000000,    3579545,    4000000,    50000000,   999999999,  1000000000, 1000000001,
    1999999999, 2000000000, 2000000001, 2399987654, 3000000000, 4000000000, 4000000001,
    5200000000, 7999999999, 8000000000,
};

TEST(rates)
{
    for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
        struct time_scale s = {.tsc_base = 12345, .ns_base = 777};
        uint64_t hz = rates[i], khz;

        scale_set_rate(&s, hz);
        CHECK(s.mul >> 31); /* all 32 bits are precision */
        CHECK_EQ(scale_to_ns(&s, 12345), 777);
        CHECK_EQ(scale_to_ns(&s, 12344), 777); /* another CPU's TSC just behind the base */
        for (int n = 0; n < 2000; n++) {
            uint64_t ticks = check_random() >> (16 + check_random_below(40));
            __uint128_t exact = (__uint128_t)ticks * 1000000000 / hz;
            uint64_t ns = scale_delta(&s, ticks);
            uint64_t apart = ns > exact ? ns - (uint64_t)exact : (uint64_t)exact - ns;

            CHECK(apart <= 2 + (uint64_t)exact / 1000000000); /* a thousandth of a ppm */
            if (ns < 3600 * 1000000000ULL) {
                uint64_t back = scale_delta(&s, scale_to_ticks(&s, ns));

                CHECK(back + 1 + ns / 1000000000 >= ns);
                CHECK(back <= ns + 2 + ns / 500000 + 2000000000 / hz);
            }
        }
        /* What Linux makes of it (contract: khz = (10^6 << 32) / mul, shifted back). */
        khz = (1000000ULL << 32) / s.mul;
        khz = s.shift < 0 ? khz << -s.shift : khz >> s.shift;
        CHECK(khz + 3 > hz / 1000 && khz < hz / 1000 + 3);
    }
}

TEST(monotonic)
{
    struct time_scale s = {.tsc_base = 0};
    uint64_t last = 0;

    scale_set_rate(&s, 2399987654);
    for (uint64_t tsc = 1ULL << 50; tsc < (1ULL << 50) + 100000; tsc++) {
        uint64_t ns = scale_to_ns(&s, tsc);

        CHECK(ns >= last);
        last = ns;
    }
}

static uint8_t bcd(int value)
{
    return (uint8_t)(value / 10 << 4 | value % 10);
}

static struct rtc_registers registers(const struct tm *t, bool binary, bool day24, bool century)
{
    int hour = t->tm_hour, pm = 0;
    struct rtc_registers r = {.has_century = century};

    if (!day24) {
        pm = hour >= 12 ? 0x80 : 0;
        hour = hour % 12 ? hour % 12 : 12;
    }
    r.second = binary ? t->tm_sec : bcd(t->tm_sec);
    r.minute = binary ? t->tm_min : bcd(t->tm_min);
    r.hour = (uint8_t)((binary ? hour : bcd(hour)) | pm);
    r.day = binary ? t->tm_mday : bcd(t->tm_mday);
    r.month = binary ? t->tm_mon + 1 : bcd(t->tm_mon + 1);
    r.year = binary ? t->tm_year % 100 : bcd(t->tm_year % 100);
    r.century = binary ? 19 + t->tm_year / 100 : bcd(19 + t->tm_year / 100);
    r.status_b = (uint8_t)((binary ? RTC_B_BINARY : 0) | (day24 ? RTC_B_24_HOURS : 0));
    return r;
}

TEST(clock_registers)
{
    for (int n = 0; n < 20000; n++) {
        /* 1970 to 2069: the years that two digits tell; more with a century */
        bool century = check_random() & 1;
        time_t when = (time_t)check_random_below(century ? 8000000000ULL : 3155760000ULL);
        struct rtc_registers r;
        struct tm t;

        CHECK(gmtime_r(&when, &t));
        r = registers(&t, check_random() & 1, check_random() & 1, century);
        CHECK_EQ(rtc_seconds(&r), when);
    }
}

TEST(clock_without_date)
{
    struct rtc_registers r;

    memset(&r, 0, sizeof(r));
    CHECK_EQ(rtc_seconds(&r), 0);
    memset(&r, 0xff, sizeof(r)); /* no clock at all */
    CHECK_EQ(rtc_seconds(&r), 0);
    r.status_b = RTC_B_24_HOURS;
    CHECK_EQ(rtc_seconds(&r), 0);
}
