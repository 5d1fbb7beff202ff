/* SPDX-License-Identifier: BSD-2-Clause */
/* Seconds since 1970 as a date. Pure. */
#pragma once

#include <stdint.h>

struct calendar {
    uint64_t year;
    unsigned int month, day, hour, minute, second; /* month and day from 1 */
};

/* The Gregorian date and UTC time of @seconds since 1970-01-01 00:00. */
void calendar_from_seconds(struct calendar *c, uint64_t seconds);
