/* SPDX-License-Identifier: BSD-2-Clause */
/* What the CMOS clock's registers mean. Pure. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Registers as read, in the clock's own format (MC146818: 0, 2, 4, 7, 8, 9, century, B). */
struct rtc_registers {
    uint8_t second, minute, hour, day, month, year, century, status_b;
    bool has_century;
};

#define RTC_B_24_HOURS 0x02
#define RTC_B_BINARY 0x04

/* Seconds since 1970-01-01 00:00 UTC; 0 when the registers hold no date. */
uint64_t rtc_seconds(const struct rtc_registers *r);
