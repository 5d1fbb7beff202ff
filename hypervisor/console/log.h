/* SPDX-License-Identifier: BSD-2-Clause */
/* The hypervisor's log: every line goes to the ring (xl dmesg) and to the consoles. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum log_level { LOG_ERR, LOG_WARN, LOG_INFO, LOG_DEBUG };

/*
 * Log one line (a newline is added unless the text ends in one), prefixed "(XEN) ". Lines above the
 * level set by loglvl= are dropped. Any context, also NMI. Formats as lib/format.h.
 */
void log_line(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The same for lines a guest can cause: subject to guest_loglvl= and to a rate limit. */
void log_guest(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

#define log_error(...) log_line(LOG_ERR, __VA_ARGS__)
#define log_warn(...) log_line(LOG_WARN, __VA_ARGS__)
#define log_info(...) log_line(LOG_INFO, __VA_ARGS__)
#define log_debug(...) log_line(LOG_DEBUG, __VA_ARGS__)

/* Text as it is to ring and devices: guests' own console output. Any context. */
void log_text(const char *text, uint32_t bytes);

/* The same to the devices only: what the control domain writes is not our log. */
void console_text(const char *text, uint32_t bytes);

/* Levels up to which lines are kept (loglvl=, guest_loglvl=). */
void log_set_levels(enum log_level own, enum log_level guest);
bool log_guest_enabled(enum log_level level);

/* console_timestamps=: what stands in front of each line. */
enum log_stamp { LOG_STAMP_NONE, LOG_STAMP_BOOT, LOG_STAMP_RAW };
void log_set_stamp(enum log_stamp stamp);

/* Replace the built-in 16 KiB ring by one of @bytes (power of two, from the pool). */
void log_ring_resize(uint32_t bytes);

/*
 * Copy up to @max bytes of the ring from stream position *@index on (moved up to the oldest kept)
 * and advance it; returns the count. For XEN_SYSCTL_readconsole.
 */
uint32_t log_ring_read(uint64_t *index, char *to, uint32_t max);
/* Forget what the ring holds. */
void log_ring_clear(void);

/* Called (if set) when the ring got new text: VIRQ_CON_RING. */
extern void (*log_ring_hook)(void);

/* Devices: the console's sinks, written one character at a time under the console lock. */
struct console_device {
    const char *name;
    void (*put)(char c);
    void (*kick)(void); /* after a piece of text: send what put() kept back; NULL: nothing is */
    void (*sync)(void); /* send everything now, and from now on each character at once; NULL */
    struct console_device *next;
};
void console_add(struct console_device *device);
/* Write what the log holds already to @device, just added. */
void console_replay(struct console_device *device);
/* Stop writing to devices dom0 now owns (the screen). */
void console_remove(struct console_device *device);
/* Break the lock and write synchronously from now on: panic, power-off. */
void console_force(void);
/* Let devices go on sending (@name's interrupt says it has room). Interrupt context. */
void console_kick(void);
