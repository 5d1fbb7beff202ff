/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The log.
 *
 * What is always true here: a line is formatted on the caller's stack without a lock; the console
 * lock (the innermost) is held only while its characters go to the ring and the devices.
 */
#include "console/log.h"

#include <stdarg.h>

#include "lib/format.h"
#include "lib/ring.h"
#include "lib/string.h"
#include "mm/pool.h"
#include "sync/spinlock.h"

#define LINE_BYTES 256
#define BURST_LINES 64 /* of guest-caused text before the rate limit bites */

static char first_ring[16384];
static struct ring ring = {.data = first_ring, .size = sizeof(first_ring)};
static struct spinlock console_lock = SPINLOCK_INIT(LOCK_CONSOLE);
static bool lock_broken;
static char last; /* character written */
static struct console_device *devices;
static enum log_level own_level = LOG_INFO, guest_level = LOG_WARN;
static enum log_stamp stamp_kind;
static uint64_t guest_window_tsc;
static uint32_t guest_lines, guest_dropped;

void (*log_ring_hook)(void);

void console_add(struct console_device *device)
{
    device->next = devices;
    devices = device;
}

void console_replay(struct console_device *device)
{
    uint64_t flags = spin_lock_irqsave(&console_lock);

    for (uint64_t at = ring.tail; at < ring.head; at++)
        device->put(ring_at(&ring, at));
    spin_unlock_irqrestore(&console_lock, flags);
}

void console_remove(struct console_device *device)
{
    uint64_t flags = spin_lock_irqsave(&console_lock);

    for (struct console_device **d = &devices; *d; d = &(*d)->next) {
        if (*d == device) {
            *d = device->next;
            break;
        }
    }
    spin_unlock_irqrestore(&console_lock, flags);
}

void console_force(void)
{
    lock_broken = true;
    for (struct console_device *d = devices; d; d = d->next)
        if (d->sync)
            d->sync();
}

static void kick_all(void)
{
    for (struct console_device *d = devices; d; d = d->next)
        if (d->kick)
            d->kick();
}

void console_kick(void)
{
    uint64_t flags;

    if (lock_broken)
        return;
    flags = spin_lock_irqsave(&console_lock);
    kick_all();
    spin_unlock_irqrestore(&console_lock, flags);
}

static void put_text(const char *text, uint32_t bytes, bool to_ring)
{
    uint64_t flags = irq_save();
    bool locked = !lock_broken;

    if (locked)
        spin_lock(&console_lock);
    for (uint32_t i = 0; i < bytes; i++) {
        if (to_ring)
            ring_put_over(&ring, text[i]);
        for (struct console_device *d = devices; d; d = d->next) {
            if (text[i] == '\n' && last != '\r') /* dom0's terminal has done it already */
                d->put('\r');
            d->put(text[i]);
        }
        last = text[i];
    }
    kick_all();
    if (locked)
        spin_unlock(&console_lock);
    irq_restore(flags);
    if (to_ring && log_ring_hook && !lock_broken)
        log_ring_hook();
}

void log_text(const char *text, uint32_t bytes)
{
    put_text(text, bytes, true);
}

void console_text(const char *text, uint32_t bytes)
{
    put_text(text, bytes, false);
}

static void log_args(const char *format, va_list args)
{
    char line[LINE_BYTES];
    size_t at = 0;

    at = format_append(line, sizeof(line), at, "(XEN) ");
    if (stamp_kind == LOG_STAMP_RAW)
        at = format_append(line, sizeof(line), at, "[%016lx] ", rdtsc());
    vsnprintf(line + at, sizeof(line) - at - 1, format, args);
    at = strlen(line);
    if (at == 0 || line[at - 1] != '\n')
        line[at++] = '\n';
    log_text(line, (uint32_t)at);
}

void log_line(enum log_level level, const char *format, ...)
{
    va_list args;

    if (level > own_level)
        return;
    va_start(args, format);
    log_args(format, args);
    va_end(args);
}

/* A guest may cause BURST_LINES lines in each window of 2^32 TSC ticks (about a second). */
static bool guest_line_allowed(void)
{
    uint64_t window = rdtsc() >> 32;

    if (window != guest_window_tsc) {
        uint32_t dropped = guest_dropped;

        guest_window_tsc = window;
        guest_lines = 0;
        guest_dropped = 0;
        if (dropped)
            log_line(LOG_WARN, "%u lines about guests were dropped", dropped);
    }
    if (guest_lines >= BURST_LINES) {
        guest_dropped++;
        return false;
    }
    guest_lines++;
    return true;
}

void log_guest(enum log_level level, const char *format, ...)
{
    va_list args;

    if (level > guest_level || !guest_line_allowed())
        return;
    va_start(args, format);
    log_args(format, args);
    va_end(args);
}

bool log_guest_enabled(enum log_level level)
{
    return level <= guest_level;
}

void log_set_levels(enum log_level own, enum log_level guest)
{
    own_level = own;
    guest_level = guest;
}

void log_set_stamp(enum log_stamp stamp)
{
    stamp_kind = stamp;
}

void log_ring_resize(uint32_t bytes)
{
    char *data;
    uint64_t flags, at;
    struct ring old = ring;

    if (bytes <= ring.size || (bytes & (bytes - 1)))
        return;
    data = pool_alloc(bytes);
    if (!data) {
        log_warn("conring_size=%u: not that much memory", bytes);
        return;
    }
    flags = spin_lock_irqsave(&console_lock);
    for (at = ring.tail; at < ring.head; at++)
        data[at & (bytes - 1)] = ring_at(&old, at);
    ring.data = data;
    ring.size = bytes;
    spin_unlock_irqrestore(&console_lock, flags);
}

uint32_t log_ring_read(uint64_t *index, char *to, uint32_t max)
{
    uint64_t flags = spin_lock_irqsave(&console_lock);
    uint32_t count = (uint32_t)ring_read(&ring, index, to, max);

    spin_unlock_irqrestore(&console_lock, flags);
    return count;
}

void log_ring_clear(void)
{
    uint64_t flags = spin_lock_irqsave(&console_lock);

    ring.tail = ring.head;
    spin_unlock_irqrestore(&console_lock, flags);
}
