/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The log.
 *
 * What is always true here: a line is formatted on the caller's stack without a lock; the console
 * lock (the innermost) is held only while its characters go to the ring and the devices. A CPU that
 * comes here while it holds the lock itself (an NMI, a fault on the way) writes without it. Lines
 * that guests cause are counted per domain and in all, so no guest can fill a serial line unless
 * guest_loglvl= asks for all that it says.
 */
#include "console/log.h"

#include <stdarg.h>

#include "cpu/insn.h"
#include "cpu/percpu.h"
#include "lib/format.h"
#include "lib/ring.h"
#include "lib/string.h"
#include "mm/pool.h"
#include "sync/spinlock.h"

#define LINE_BYTES 256
#define STAMP_BYTES 40
#define RING_BYTES_MAX (64 * MiB)

/*
 * Lines of levels that loglvl= and guest_loglvl= call rate-limited, in each window of 2^32 TSC
 * ticks (about two seconds): 115200 baud carry about 200 lines of usual length in that time.
 */
#define LIMITED_LINES 10 /* of the hypervisor itself, and that one guest causes */
#define GUEST_LINES 100  /* that all guests cause */
#define DOMAIN_BUDGETS 32

static char first_ring[16384];
static struct ring ring = {.data = first_ring, .size = sizeof(first_ring)};
static struct spinlock console_lock = SPINLOCK_INIT(LOCK_CONSOLE);
static bool lock_broken;
static char last; /* character written */
static struct console_device *devices;
static struct log_levels own_levels = {LOG_INFO, LOG_INFO}, guest_levels = {LOG_ALWAYS, LOG_WARN};
static uint32_t dumps; /* (a) under way: everything is shown */
static enum log_stamp stamp_kind;

/* What may still be said in this window; races between CPUs cost a line more or less. */
struct budget {
    uint64_t window;
    uint32_t lines;
};
static struct budget own_budget, guest_budget;
static struct budget domain_budget[DOMAIN_BUDGETS]; /* by log_guest_id() */
static uint32_t dropped;                            /* (a) lines since it was last told */

void (*log_ring_hook)(void);
void (*log_stamp_text)(enum log_stamp stamp, char *to, size_t bytes);
uint32_t (*log_guest_id)(void);

/* Take the console; false: it is this CPU's already, or nobody waits for locks any more. */
static bool enter(uint64_t *flags)
{
    bool free;

    *flags = irq_save();
    free = !lock_broken && !cpu_self()->in_console;
    if (free) {
        cpu_self()->in_console = true; /* first: an NMI must not wait for a ticket behind ours */
        spin_lock(&console_lock);
    }
    return free;
}

static void leave(bool entered, uint64_t flags)
{
    if (entered) {
        spin_unlock(&console_lock);
        cpu_self()->in_console = false;
    }
    irq_restore(flags);
}

void console_add(struct console_device *device)
{
    device->next = devices;
    devices = device;
}

void console_replay(struct console_device *device)
{
    uint64_t flags;
    bool entered = enter(&flags);

    for (uint64_t at = ring.tail; at < ring.head; at++)
        device->put(device, ring_at(&ring, at));
    leave(entered, flags);
}

void console_replay_all(void)
{
    char chunk[128];
    uint64_t at = 0;
    uint32_t bytes;

    /* In pieces, for the lock is taken with interrupts off; what comes meanwhile is not chased. */
    for (uint64_t end = READ_ONCE(ring.head); at < end;) {
        bytes = log_ring_read(&at, chunk, sizeof(chunk));
        if (!bytes)
            break;
        console_text(chunk, bytes);
    }
}

void console_remove(struct console_device *device)
{
    uint64_t flags;
    bool entered = enter(&flags);

    for (struct console_device **d = &devices; *d; d = &(*d)->next) {
        if (*d == device) {
            *d = device->next;
            break;
        }
    }
    leave(entered, flags);
}

void console_force(void)
{
    lock_broken = true;
    for (struct console_device *d = devices; d; d = d->next)
        if (d->sync)
            d->sync(d);
}

static void kick_all(void)
{
    for (struct console_device *d = devices; d; d = d->next)
        if (d->kick)
            d->kick(d);
}

void console_kick(void)
{
    uint64_t flags;
    bool entered;

    if (lock_broken)
        return;
    entered = enter(&flags);
    kick_all();
    leave(entered, flags);
}

/* Lock held, or nobody else can come. */
static void write_text(const char *text, uint32_t bytes, bool to_ring)
{
    for (uint32_t i = 0; i < bytes; i++) {
        if (to_ring)
            ring_put_over(&ring, text[i]);
        for (struct console_device *d = devices; d; d = d->next) {
            if (text[i] == '\n' && last != '\r') /* dom0's terminal has done it already */
                d->put(d, '\r');
            d->put(d, text[i]);
        }
        last = text[i];
    }
    kick_all();
}

static void put_text(const char *text, uint32_t bytes, bool to_ring)
{
    uint64_t flags;
    bool entered = enter(&flags);

    write_text(text, bytes, to_ring);
    leave(entered, flags);
    if (to_ring && log_ring_hook && entered)
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
    char line[LINE_BYTES], stamp[STAMP_BYTES] = "";
    size_t at = 0;

    if (stamp_kind == LOG_STAMP_RAW)
        snprintf(stamp, sizeof(stamp), "[%016lx] ", rdtsc());
    else if (stamp_kind != LOG_STAMP_NONE && log_stamp_text)
        log_stamp_text(stamp_kind, stamp, sizeof(stamp));
    at = format_append(line, sizeof(line), at, "(XEN) %s", stamp);
    vsnprintf(line + at, sizeof(line) - at - 1, format, args);
    at = strlen(line);
    if (at == 0 || line[at - 1] != '\n')
        line[at++] = '\n';
    log_text(line, (uint32_t)at);
}

/* May one more line of @most in this window be said? */
static bool spend(struct budget *budget, uint32_t most)
{
    uint64_t window = rdtsc() >> 32;

    if (READ_ONCE(budget->window) != window) {
        WRITE_ONCE(budget->window, window);
        WRITE_ONCE(budget->lines, 0);
    }
    if (READ_ONCE(budget->lines) >= most)
        return false;
    __atomic_fetch_add(&budget->lines, 1, __ATOMIC_RELAXED);
    return true;
}

static bool own_line_allowed(enum log_level level)
{
    if (level <= own_levels.shown || lock_broken || READ_ONCE(dumps))
        return true;
    return level <= own_levels.limited && spend(&own_budget, LIMITED_LINES);
}

void log_line(enum log_level level, const char *format, ...)
{
    va_list args;

    if (!own_line_allowed(level))
        return;
    va_start(args, format);
    log_args(format, args);
    va_end(args);
}

static bool guest_line_allowed(enum log_level level)
{
    uint32_t id = log_guest_id ? log_guest_id() : 0;

    if (level <= guest_levels.shown)
        return true;
    return spend(&domain_budget[id % DOMAIN_BUDGETS], LIMITED_LINES) &&
           spend(&guest_budget, GUEST_LINES);
}

void log_guest(enum log_level level, const char *format, ...)
{
    va_list args;
    uint32_t lost;

    if (!log_guest_enabled(level))
        return;
    if (!guest_line_allowed(level)) {
        __atomic_fetch_add(&dropped, 1, __ATOMIC_RELAXED);
        return;
    }
    lost = READ_ONCE(dropped) ? __atomic_exchange_n(&dropped, 0, __ATOMIC_RELAXED) : 0;
    if (lost)
        log_line(LOG_WARN, "%u lines about guests were dropped", lost);
    va_start(args, format);
    log_args(format, args);
    va_end(args);
}

bool log_guest_enabled(enum log_level level)
{
    return level <= max(guest_levels.shown, guest_levels.limited);
}

void log_set_levels(struct log_levels own, struct log_levels guest)
{
    own_levels = own;
    guest_levels = guest;
}

void log_dump_begin(void)
{
    __atomic_fetch_add(&dumps, 1, __ATOMIC_RELAXED);
}

void log_dump_end(void)
{
    __atomic_fetch_sub(&dumps, 1, __ATOMIC_RELAXED);
}

void log_set_stamp(enum log_stamp stamp)
{
    stamp_kind = stamp;
}

void log_ring_resize(uint64_t bytes)
{
    uint32_t size = ring.size;
    struct ring old = ring;
    uint64_t flags, at;
    bool entered;
    char *data;

    while (size < min(bytes, (uint64_t)RING_BYTES_MAX))
        size *= 2;
    if (size == ring.size)
        return;
    data = pool_alloc(size);
    if (!data) {
        log_warn("conring_size=%lu: not that much memory", bytes);
        return;
    }
    entered = enter(&flags);
    for (at = ring.tail; at < ring.head; at++)
        data[at & (size - 1)] = ring_at(&old, at);
    ring.data = data;
    ring.size = size;
    leave(entered, flags);
}

uint32_t log_ring_read(uint64_t *index, char *to, uint32_t max)
{
    uint64_t flags;
    bool entered = enter(&flags);
    uint32_t count = (uint32_t)ring_read(&ring, index, to, max);

    leave(entered, flags);
    return count;
}

void log_ring_clear(void)
{
    uint64_t flags;
    bool entered = enter(&flags);

    ring.tail = ring.head;
    leave(entered, flags);
}
