/* SPDX-License-Identifier: BSD-2-Clause */
/* What the CMOS clock's registers mean. */
#include "time/rtc.h"

#define HOUR_PM 0x80

static unsigned int number(const struct rtc_registers *r, uint8_t value)
{
    return r->status_b & RTC_B_BINARY ? value : (value >> 4) * 10u + (value & 15);
}

static unsigned int hours(const struct rtc_registers *r)
{
    unsigned int hour = number(r, r->hour & (uint8_t)~HOUR_PM);

    if (r->status_b & RTC_B_24_HOURS)
        return number(r, r->hour);
    hour %= 12; /* 12 AM is midnight */
    return r->hour & HOUR_PM ? hour + 12 : hour;
}

static unsigned int full_year(const struct rtc_registers *r)
{
    unsigned int year = number(r, r->year), century = number(r, r->century);

    if (r->has_century && century >= 19 && century <= 99)
        return century * 100 + year;
    return year < 70 ? 2000 + year : 1900 + year;
}

/* Days from 1970-01-01 in the Gregorian calendar, counted in years that begin in March, so that
 * the leap day is the last of its year. */
static uint64_t days_since_1970(unsigned int year, unsigned int month, unsigned int day)
{
    uint64_t y = month > 2 ? year : year - 1, m = month > 2 ? month - 3 : month + 9;

    return y * 365 + y / 4 - y / 100 + y / 400 + (m * 153 + 2) / 5 + day - 1 - 719468;
}

uint64_t rtc_seconds(const struct rtc_registers *r)
{
    unsigned int month = number(r, r->month), day = number(r, r->day), hour = hours(r);
    unsigned int minute = number(r, r->minute), second = number(r, r->second);

    if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60 ||
        full_year(r) < 1970)
        return 0;
    return ((days_since_1970(full_year(r), month, day) * 24 + hour) * 60 + minute) * 60 + second;
}
