/* SPDX-License-Identifier: BSD-2-Clause */
/* 16550 by port (National Semiconductor PC16550D data sheet: register numbers and bits). */
#include "console/uart.h"

#include "console/log.h"
#include "cpu/insn.h"

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
#define LCR_8N1 0x03
#define LCR_DIVISOR 0x80
#define CLOCK_HZ 115200 /* 1.8432 MHz / 16 */

#define FIFO_BYTES 16
#define IER_RECEIVED 0x01
#define IER_SENT 0x02

static uint16_t port;

/*
 * At 115200 baud a character takes 87 us, so text is sent from here by interrupts. Guarded by the
 * console lock. A writer that finds it full sends the oldest characters itself: nothing is lost.
 */
static char buffer[16384];
static uint32_t head, tail; /* free-running */
static bool buffered, sending;

static void put_now(char c)
{
    /* a port that is not there reads all ones and is always "ready"; a stuck one is given up on */
    for (unsigned int spins = 0; spins < 100000; spins++) {
        if (inb(port + UART_LSR) & LSR_SEND_READY)
            break;
        cpu_relax();
    }
    outb(port + UART_DATA, (uint8_t)c);
}

static char take(void)
{
    return buffer[tail++ % sizeof(buffer)];
}

static void put(char c)
{
    if (!buffered) {
        put_now(c);
        return;
    }
    if (head - tail == sizeof(buffer))
        put_now(take());
    buffer[head++ % sizeof(buffer)] = c;
}

static void kick(void)
{
    bool more;

    if (!buffered)
        return;
    if (inb(port + UART_LSR) & LSR_SEND_READY)
        for (unsigned int n = 0; n < FIFO_BYTES && head != tail; n++)
            outb(port + UART_DATA, (uint8_t)take());
    more = head != tail;
    if (more != sending) {
        sending = more;
        outb(port + UART_IER, IER_RECEIVED | (more ? IER_SENT : 0));
    }
}

static void sync(void)
{
    while (head != tail)
        put_now(take());
    buffered = false;
}

static struct console_device device = {.name = "serial", .put = put, .kick = kick, .sync = sync};

void uart_init(uint16_t base, uint32_t baud)
{
    uint32_t divisor = baud ? CLOCK_HZ / baud : 1;

    if (port || inb(base + UART_LSR) == 0xff)
        return;
    if (divisor == 0)
        divisor = 1;
    port = base;
    outb(port + UART_IER, 0);
    outb(port + UART_LCR, LCR_DIVISOR | LCR_8N1);
    outb(port + UART_DATA, (uint8_t)divisor);
    outb(port + UART_IER, (uint8_t)(divisor >> 8));
    outb(port + UART_LCR, LCR_8N1);
    outb(port + UART_FCR, 0x07); /* enable and clear the FIFOs, interrupt at one byte */
    outb(port + UART_MCR, 0x0b); /* DTR, RTS, interrupts to the bus */
    console_add(&device);
}

bool uart_get(char *c)
{
    uint8_t status;

    if (!port)
        return false;
    status = inb(port + UART_LSR);
    if (status == 0xff || !(status & LSR_RECEIVED))
        return false;
    *c = (char)inb(port + UART_DATA);
    return true;
}

uint16_t uart_base(void)
{
    return port;
}

void uart_use_interrupts(void)
{
    if (!port)
        return;
    outb(port + UART_IER, IER_RECEIVED);
    buffered = true;
}

void uart_rearm(void)
{
    outb(port + UART_IER, 0);
    outb(port + UART_IER, IER_RECEIVED | (sending ? IER_SENT : 0));
}

bool uart_interrupt_pending(void)
{
    return port && !(inb(port + UART_IIR) & 1);
}
