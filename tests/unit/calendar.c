/* SPDX-License-Identifier: BSD-2-Clause */
/* Dates of log lines: every day of some centuries against the C library. */
/* sources: hypervisor/time/calendar.c */
#include "tests/unit/check.h"

#include <time.h>

#include "time/calendar.h"

static void check(uint64_t seconds)
{
    time_t t = (time_t)seconds;
    struct calendar c;
    struct tm tm;

    gmtime_r(&t, &tm);
    calendar_from_seconds(&c, seconds);
    CHECK_EQ(c.year, (uint64_t)tm.tm_year + 1900);
    CHECK_EQ(c.month, tm.tm_mon + 1);
    CHECK_EQ(c.day, tm.tm_mday);
    CHECK_EQ(c.hour, tm.tm_hour);
    CHECK_EQ(c.minute, tm.tm_min);
    CHECK_EQ(c.second, tm.tm_sec);
}

TEST(every_day_of_five_centuries)
{
    for (uint64_t day = 0; day < 500 * 366; day++) {
        check(day * 86400);
        check(day * 86400 + 86399);
        check(day * 86400 + day % 86400);
    }
}
