/* SPDX-License-Identifier: BSD-2-Clause */
/* The hypervisor's log: every line goes to the ring (xl dmesg) and to the consoles. */
#pragma once

enum log_level { LOG_ERR, LOG_WARN, LOG_INFO, LOG_DEBUG };

/*
 * Log one line (a newline is added unless the text ends in one), prefixed "(XEN) ". Lines above the level set by loglvl=
 * are dropped. Any context, also NMI (then without the lock). Formats as lib/format.h.
 */
void log_line(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The same for lines a guest can cause: subject to guest_loglvl= and to a rate limit per domain. */
void log_guest(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

#define log_error(...) log_line(LOG_ERR, __VA_ARGS__)
#define log_warn(...) log_line(LOG_WARN, __VA_ARGS__)
#define log_info(...) log_line(LOG_INFO, __VA_ARGS__)
#define log_debug(...) log_line(LOG_DEBUG, __VA_ARGS__)
