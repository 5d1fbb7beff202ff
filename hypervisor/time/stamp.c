/* SPDX-License-Identifier: BSD-2-Clause */
/* The time in front of log lines, in the forms of console_timestamps=. */
#include "console/log.h"
#include "lib/format.h"
#include "time/calendar.h"
#include "time/private.h"
#include "time/time.h"

static void write_stamp(enum log_stamp stamp, char *to, size_t bytes)
{
    uint64_t ns = time_now_ns(), wall;
    struct calendar c;
    size_t at;

    if (stamp == LOG_STAMP_BOOT) {
        snprintf(to, bytes, "[%6llu.%06llu] ", ns / NS_PER_S, ns % NS_PER_S / 1000);
        return;
    }
    wall = time_wallclock_ns();
    calendar_from_seconds(&c, wall / NS_PER_S);
    at = format_append(to, bytes, 0, "[%04lu-%02u-%02u %02u:%02u:%02u", c.year, c.month, c.day,
                       c.hour, c.minute, c.second);
    if (stamp == LOG_STAMP_DATEMS)
        at = format_append(to, bytes, at, ".%03llu", wall % NS_PER_S / NS_PER_MS);
    format_append(to, bytes, at, "] ");
}

void stamp_init(void)
{
    log_stamp_text = write_stamp;
}
