/* SPDX-License-Identifier: BSD-2-Clause */
/* 16550 by port (National Semiconductor PC16550D data sheet: register numbers and bits). */
#include "console/uart.h"

#include "console/log.h"
#include "cpu/insn.h"
#include "lib/types.h"

enum {
    UART_DATA = 0,
    UART_IER = 1,
    UART_FCR = 2, /* written */
    UART_IIR = 2, /* read */
    UART_LCR = 3,
    UART_MCR = 4,
    UART_LSR = 5,
};
#define LSR_RECEIVED 0x01
#define LSR_SEND_READY 0x20
#define LCR_TWO_STOP 0x04
#define LCR_PARITY 0x08
#define LCR_PARITY_EVEN 0x10
#define LCR_PARITY_STICK 0x20
#define LCR_DIVISOR 0x80
#define CLOCK_HZ 115200 /* 1.8432 MHz / 16 */

#define FIFO_BYTES 16
#define IER_RECEIVED 0x01
#define IER_SENT 0x02

#define BUFFER_BYTES 16384

/*
 * At 115200 baud a character takes 87 us, so text is sent from here by interrupts. Guarded by the
 * console lock. A writer that finds it full sends the oldest characters itself: nothing is lost.
 */
struct uart {
    struct console_device device;
    uint16_t port;       /* (c) 0: none */
    unsigned int irq;    /* (c) 0: none */
    uint32_t head, tail; /* free-running */
    bool buffered, sending;
    char buffer[BUFFER_BYTES];
};

static struct uart uarts[UART_MAX];

static struct uart *uart_of(struct console_device *device)
{
    return container_of(device, struct uart, device);
}

static void put_now(struct uart *u, char c)
{
    /* a port that is not there reads all ones and is always "ready"; a stuck one is given up on */
    for (unsigned int spins = 0; spins < 100000; spins++) {
        if (inb(u->port + UART_LSR) & LSR_SEND_READY)
            break;
        cpu_relax();
    }
    outb(u->port + UART_DATA, (uint8_t)c);
}

static char take(struct uart *u)
{
    return u->buffer[u->tail++ % BUFFER_BYTES];
}

static void put(struct console_device *device, char c)
{
    struct uart *u = uart_of(device);

    if (!u->buffered) {
        put_now(u, c);
        return;
    }
    if (u->head - u->tail >= BUFFER_BYTES)
        put_now(u, take(u));
    u->buffer[u->head++ % BUFFER_BYTES] = c;
}

static void kick(struct console_device *device)
{
    struct uart *u = uart_of(device);
    bool more;

    if (!u->buffered)
        return;
    if (inb(u->port + UART_LSR) & LSR_SEND_READY)
        for (unsigned int n = 0; n < FIFO_BYTES && u->head != u->tail; n++)
            outb(u->port + UART_DATA, (uint8_t)take(u));
    more = u->head != u->tail;
    if (more != u->sending) {
        u->sending = more;
        outb(u->port + UART_IER, IER_RECEIVED | (more ? IER_SENT : 0));
    }
}

static void sync(struct console_device *device)
{
    struct uart *u = uart_of(device);

    for (uint32_t n = 0; n < BUFFER_BYTES && u->head != u->tail; n++)
        put_now(u, take(u));
    u->buffered = false;
}

/* The line control register (data sheet, 8.1). */
static uint8_t line_control(const struct uart_line *line)
{
    uint8_t value = (uint8_t)((line->data_bits - 5) & 3);

    if (line->stop_bits == 2)
        value |= LCR_TWO_STOP;
    switch (line->parity) {
    case 'o':
        return value | LCR_PARITY;
    case 'e':
        return value | LCR_PARITY | LCR_PARITY_EVEN;
    case 'm':
        return value | LCR_PARITY | LCR_PARITY_STICK;
    case 's':
        return value | LCR_PARITY | LCR_PARITY_EVEN | LCR_PARITY_STICK;
    default:
        return value;
    }
}

static void set_baud(uint16_t port, const struct uart_line *line)
{
    uint32_t base = line->base_baud ? line->base_baud : CLOCK_HZ;
    uint32_t divisor = line->baud ? max(base / line->baud, 1U) : 0;

    if (!divisor)
        return;
    outb(port + UART_LCR, LCR_DIVISOR);
    outb(port + UART_DATA, (uint8_t)divisor);
    outb(port + UART_IER, (uint8_t)(divisor >> 8));
}

void uart_init(const struct uart_line *line)
{
    struct uart *u = uarts[0].port ? &uarts[1] : &uarts[0];

    if (u->port || uarts[0].port == line->base || inb(line->base + UART_LSR) == 0xff)
        return;
    u->port = line->base;
    u->irq = (unsigned int)line->irq;
    if (line->irq < 0)
        u->irq = u->port == 0x2f8 || u->port == 0x2e8 ? 3 : 4; /* COM2, COM4; COM1, COM3 */
    outb(u->port + UART_IER, 0);
    set_baud(u->port, line);
    outb(u->port + UART_LCR, line_control(line));
    outb(u->port + UART_FCR, 0x07); /* enable and clear the FIFOs, interrupt at one byte */
    outb(u->port + UART_MCR, 0x0b); /* DTR, RTS, interrupts to the bus */
    u->device = (struct console_device){.name = "serial", .put = put, .kick = kick, .sync = sync};
    console_add(&u->device);
}

uint16_t uart_base(unsigned int n)
{
    return n < UART_MAX ? uarts[n].port : 0;
}

unsigned int uart_irq(unsigned int n)
{
    return uarts[n].irq;
}

bool uart_get(unsigned int n, char *c)
{
    uint16_t port = uarts[n].port;
    uint8_t status;

    if (!port)
        return false;
    status = inb(port + UART_LSR);
    if (status == 0xff || !(status & LSR_RECEIVED))
        return false;
    *c = (char)inb(port + UART_DATA);
    return true;
}

void uart_use_interrupts(unsigned int n, bool buffered)
{
    outb(uarts[n].port + UART_IER, IER_RECEIVED);
    uarts[n].buffered = buffered;
}

void uart_rearm(unsigned int n)
{
    outb(uarts[n].port + UART_IER, 0);
    outb(uarts[n].port + UART_IER, IER_RECEIVED | (uarts[n].sending ? IER_SENT : 0));
}

bool uart_interrupt_pending(unsigned int n)
{
    return uarts[n].port && !(inb(uarts[n].port + UART_IIR) & 1);
}
