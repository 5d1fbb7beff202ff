/* SPDX-License-Identifier: BSD-2-Clause */
/* The console_io hypercall: the control domain's console, and debug text of other guests. */
#include "control/console_io.h"

#include "abi/errno.h"
#include "acpi/acpi.h"
#include "console/guest_text.h"
#include "console/log.h"
#include "console/uart.h"
#include "cpu/percpu.h"
#include "control/debug_keys.h"
#include "domain/domain.h"
#include "event/event.h"
#include "hypercall/hypercall.h"
#include "hypercall/table.h"
#include "irq/line.h"
#include "lib/ring.h"
#include "p2m/copy.h"
#include "sched/softirq.h"
#include "sync/spinlock.h"
#include "time/time.h"
#include "time/timer.h"

#define CHUNK_BYTES 128
#define POLL_NS \
    (20 * NS_PER_MS) /* shorter than a person notices, longer than 16 bytes at 9600 baud */
#define WATCH_NS (500 * NS_PER_MS) /* with interrupts: only in case one is lost */
#define UART_TURNS 64
#define ISA_IRQS 16
#define SWITCH_COUNT 3

/* Taken by interrupt handlers. */
static struct spinlock input_lock = SPINLOCK_INIT(LOCK_CONSOLE_INPUT);
/* The lines guests have begun: one lock for all, their logging is limited anyway. */
static struct spinlock line_lock = SPINLOCK_INIT(LOCK_CONSOLE_LINE);
static char input_data[1024];
static struct ring input = {.data = input_data, .size = sizeof(input_data)};
static unsigned int switch_seen;
static bool to_keys;
static struct console_io_config config = {.switch_char = 'a'};
static struct timer poll_timer;
static uint64_t poll_ns = POLL_NS;

static struct softirq_work ring_news;
static uint32_t ring_news_queued;

/* ---- input ---- */

static void tell_target(void)
{
    log_always("*** Serial input to %s (type Ctrl-%c three times to switch)",
               to_keys ? "the hypervisor" : "the control domain", config.switch_char);
}

void console_input(char c)
{
    uint64_t flags;
    bool is_switch = c == (config.switch_char & 0x1f); /* what Ctrl makes of a letter */

    switch_seen = is_switch ? switch_seen + 1 : 0;
    if (switch_seen == SWITCH_COUNT) {
        switch_seen = 0;
        to_keys = !to_keys;
        tell_target();
        return;
    }
    if (to_keys) {
        if (!is_switch)
            debug_key_typed(c);
        return;
    }
    flags = spin_lock_irqsave(&input_lock);
    (void)ring_put(&input, c); /* nobody reads: later characters are lost, as on a real line */
    spin_unlock_irqrestore(&input_lock, flags);
    event_raise_global_virq(VIRQ_CONSOLE);
}

static void poll_uart(void *data)
{
    uint64_t flags = irq_save(); /* the interrupt handler reads the same port */
    char c;

    (void)data;
    for (unsigned int n = 0; n < UART_MAX; n++)
        while (uart_get(n, &c))
            console_input(c);
    console_kick();
    irq_restore(flags);
    timer_set(&poll_timer, time_now_ns() + poll_ns);
}

static void uart_interrupt(struct irq_line *line, void *data)
{
    unsigned int port = (unsigned int)(uintptr_t)data;
    char c;

    (void)line;
    /* The line is edge-triggered: every reason must be gone, or there is no further edge. A port
     * that never runs out of reasons is made to give a new edge, so that others get their turn. */
    for (unsigned int n = 0; uart_interrupt_pending(port); n++) {
        if (n == UART_TURNS) {
            uart_rearm(port);
            return;
        }
        while (uart_get(port, &c))
            console_input(c);
        console_kick();
    }
}

/* ---- news of the log ---- */

static void ring_news_run(void *data)
{
    (void)data;
    __atomic_store_n(&ring_news_queued, 0, __ATOMIC_RELEASE);
    event_raise_global_virq(VIRQ_CON_RING);
}

/* Text may be logged under any lock, so the event is sent from the gate. */
static void ring_changed(void)
{
    if (!__atomic_exchange_n(&ring_news_queued, 1, __ATOMIC_ACQUIRE))
        softirq_queue(&ring_news);
}

void console_io_configure(const struct console_io_config *wanted)
{
    config = *wanted;
}

/* Let port @n send and receive by interrupts; false: it must be polled. */
static bool use_interrupts(unsigned int n)
{
    unsigned int irq = uart_irq(n);
    struct irq_line *line;

    if (!irq)
        return false;
    line = irq_gsi_line(irq < ISA_IRQS ? acpi_isa_gsi((uint8_t)irq) : irq);
    if (!line || irq_line_start(line, 0, uart_interrupt, (void *)(uintptr_t)n))
        return false;
    uart_use_interrupts(n, !config.sync);
    return true;
}

void console_io_init(void)
{
    bool all = true;

    ring_news.run = ring_news_run;
    log_ring_hook = ring_changed;
    timer_init(&poll_timer, poll_uart, NULL, 0);
    to_keys = config.stay;
    if (!uart_base(0))
        return;
    for (unsigned int n = 0; n < UART_MAX && uart_base(n); n++)
        all &= use_interrupts(n);
    if (all)
        poll_ns = WATCH_NS;
    tell_target();
    timer_set(&poll_timer, time_now_ns() + poll_ns);
}

/* ---- the hypercall ---- */

static void flush_line(struct domain *d)
{
    d->console_line[d->console_used] = '\0';
    d->console_used = 0;
    log_guest(LOG_DEBUG, "(d%u) %s", d->id, d->console_line);
}

/* A guest's text goes to the log a line at a time, without anything that moves a terminal. */
void console_guest_text(struct domain *d, const char *text, uint64_t bytes)
{
    spin_lock(&line_lock);
    for (uint64_t i = 0; i < bytes; i++) {
        char c = text[i];

        if (c == '\n' || d->console_used >= sizeof(d->console_line) - 1)
            flush_line(d);
        if (c == '\n' || c == '\r')
            continue;
        if (c != '\t' && (c < ' ' || c > '~'))
            c = '?';
        d->console_line[d->console_used++] = c;
    }
    spin_unlock(&line_lock);
}

static long console_write(uint64_t count, uint64_t gva)
{
    struct domain *d = vcpu_current()->domain;
    char chunk[CHUNK_BYTES];
    uint64_t done = 0;

    if (!d->is_control && !log_guest_enabled(LOG_DEBUG))
        return -EPERM;
    while (done < count) {
        uint64_t bytes = min(count - done, (uint64_t)CHUNK_BYTES);

        if (done && hypercall_preempt()) {
            hypercall_args()[1] = count - done;
            hypercall_args()[2] = gva + done;
            return -ERESTART;
        }
        if (copy_from_guest(chunk, gva + done, bytes))
            return -EFAULT;
        if (d->is_control && config.to_ring)
            log_text(chunk, (uint32_t)bytes);
        else if (d->is_control)
            console_text(chunk, (uint32_t)bytes);
        else
            console_guest_text(d, chunk, bytes);
        done += bytes;
    }
    return 0;
}

/* How many characters were read. */
static long console_read(uint64_t count, uint64_t gva)
{
    char chunk[CHUNK_BYTES];
    uint64_t bytes = 0, flags;

    if (!caller_is_control())
        return -EPERM;
    if (count > INT32_MAX)
        return -E2BIG;
    count = min(count, (uint64_t)CHUNK_BYTES);
    flags = spin_lock_irqsave(&input_lock);
    while (bytes < count && ring_get(&input, &chunk[bytes]))
        bytes++;
    spin_unlock_irqrestore(&input_lock, flags);
    if (copy_to_guest(gva, chunk, bytes))
        return -EFAULT;
    return (long)bytes;
}

long hc_console_io(uint64_t cmd, uint64_t arg, uint64_t gva)
{
    uint32_t count = (uint32_t)arg; /* unsigned int in the ABI */

    switch ((uint32_t)cmd) {
    case CONSOLEIO_write:
        return console_write(count, gva);
    case CONSOLEIO_read:
        return console_read(count, gva);
    default:
        return caller_is_control() ? -ENOSYS : -EPERM;
    }
}
