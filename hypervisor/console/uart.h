/* SPDX-License-Identifier: BSD-2-Clause */
/* 16550 serial ports as consoles. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define UART_MAX 2 /* com1 and com2 */

/* How a line is set, as com1= says it. */
struct uart_line {
    uint16_t base;      /* I/O address */
    uint32_t baud;      /* 0: as the firmware left it */
    uint32_t base_baud; /* of divisor 1; 0: 115200, the PC's */
    uint8_t data_bits;  /* 5..8 */
    uint8_t stop_bits;  /* 1 or 2 */
    char parity;        /* n o e m s */
    int irq;            /* ISA interrupt or GSI; 0: it is polled; -1: the usual one */
};

/* Set up a port and add it to the consoles; nothing happens when there is none at its address. */
void uart_init(const struct uart_line *line);

/* I/O address of the @n-th port in use, 0 when there is none: dom0 is kept away from it. */
uint16_t uart_base(unsigned int n);
/* Its interrupt; 0: it is to be polled. */
unsigned int uart_irq(unsigned int n);

/* A character received by port @n, if there is one. */
bool uart_get(unsigned int n, char *c);
/* The port's interrupts are on from now on: its line's owner calls console_kick() and reads with
 * uart_get() on each. @buffered: characters are sent from a buffer by interrupts, too. */
void uart_use_interrupts(unsigned int n, bool buffered);
/* Has the port a reason to interrupt that has not been dealt with? */
bool uart_interrupt_pending(unsigned int n);
/* Take its interrupt line down and up again, for a new edge if there is still a reason. */
void uart_rearm(unsigned int n);
