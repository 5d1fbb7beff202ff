/* SPDX-License-Identifier: BSD-2-Clause */
/* Seconds since 1970 as a date. */
#include "time/calendar.h"

#define DAY_SECONDS 86400
#define DAYS_400_YEARS 146097 /* the calendar repeats */
#define DAYS_TO_1970 719468   /* from 0000-03-01 */

void calendar_from_seconds(struct calendar *c, uint64_t seconds)
{
    uint64_t days = seconds / DAY_SECONDS + DAYS_TO_1970, rest = seconds % DAY_SECONDS;
    uint64_t era = days / DAYS_400_YEARS;
    uint32_t day = (uint32_t)(days % DAYS_400_YEARS), year, month;

    /* Years begin in March here, so that the leap day is the last of its year. Without the leap
     * days that came before (one in 4 years, less one in 100, and one in 400) all have 365. */
    year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
    day -= 365 * year + year / 4 - year / 100;
    month = (5 * day + 2) / 153; /* months of 31, 30, 31, 30, 31 days, and again */
    c->day = day - (153 * month + 2) / 5 + 1;
    c->month = month < 10 ? month + 3 : month - 9;
    c->year = era * 400 + year + (c->month <= 2);
    c->hour = (unsigned int)(rest / 3600);
    c->minute = (unsigned int)(rest / 60 % 60);
    c->second = (unsigned int)(rest % 60);
}
