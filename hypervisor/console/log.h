/* SPDX-License-Identifier: BSD-2-Clause */
/* The hypervisor's log: every line goes to the ring (xl dmesg) and to the consoles. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The numbers are those of enum option_level (start/cmdline.h), which count levels from "none". */
enum log_level { LOG_ALWAYS, LOG_ERR, LOG_WARN, LOG_INFO, LOG_DEBUG };

/*
 * Log one line (a newline is added unless the text ends in one), prefixed "(XEN) ". Lines above the
 * levels set by loglvl= are dropped. Any context, also NMI. Formats as lib/format.h.
 */
void log_line(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The same for lines a guest can cause: subject to guest_loglvl=, with its rate limit. */
void log_guest(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

#define log_always(...) log_line(LOG_ALWAYS, __VA_ARGS__)
#define log_error(...) log_line(LOG_ERR, __VA_ARGS__)
#define log_warn(...) log_line(LOG_WARN, __VA_ARGS__)
#define log_info(...) log_line(LOG_INFO, __VA_ARGS__)
#define log_debug(...) log_line(LOG_DEBUG, __VA_ARGS__)

/* Text as it is to ring and devices: guests' own console output. Any context. */
void log_text(const char *text, uint32_t bytes);

/* The same to the devices only: what the control domain writes is not our log. */
void console_text(const char *text, uint32_t bytes);

/* loglvl= and guest_loglvl=: lines up to `shown` are kept, those up to `limited` at a low rate. */
struct log_levels {
    enum log_level shown, limited;
};
void log_set_levels(struct log_levels own, struct log_levels guest);
bool log_guest_enabled(enum log_level level);

/* Between these two every line of our own is shown, whatever loglvl= says: somebody asked for it
 * with a debug key. May nest. */
void log_dump_begin(void);
void log_dump_end(void);

/* Whose rate limit a guest's line counts for: any number, the same for one domain (domain/ sets it;
 * NULL: all have one limit). */
extern uint32_t (*log_guest_id)(void);

/* console_timestamps=: what stands in front of each line. All but RAW need a clock: log_stamp_text
 * (time/stamp.c) writes them, up to @bytes with the NUL, and is NULL before there is one. */
enum log_stamp { LOG_STAMP_NONE, LOG_STAMP_DATE, LOG_STAMP_DATEMS, LOG_STAMP_BOOT, LOG_STAMP_RAW };
void log_set_stamp(enum log_stamp stamp);
extern void (*log_stamp_text)(enum log_stamp stamp, char *to, size_t bytes);

/* Replace the built-in 16 KiB ring by one of at least @bytes, rounded up to a power of two. */
void log_ring_resize(uint64_t bytes);

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
    void (*put)(struct console_device *self, char c);
    /* after a piece of text: send what put() kept back; NULL: nothing is */
    void (*kick)(struct console_device *self);
    /* send everything now, and from now on each character at once; NULL: it is always so */
    void (*sync)(struct console_device *self);
    struct console_device *next;
};
void console_add(struct console_device *device);
/* Write what the log holds already to @device, just added. */
void console_replay(struct console_device *device);
/* Write what the log holds to all devices again (a debug key). */
void console_replay_all(void);
/* Stop writing to devices dom0 now owns (the screen). */
void console_remove(struct console_device *device);
/* Break the lock and write synchronously from now on: panic, power-off. */
void console_force(void);
/* Let devices go on sending (@name's interrupt says it has room). Interrupt context. */
void console_kick(void);
