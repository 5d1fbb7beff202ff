/* SPDX-License-Identifier: BSD-2-Clause */
/* The 16550 serial port as console. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Set up the port at I/O address @base at @baud, 8n1, and add it to the consoles. */
void uart_init(uint16_t base, uint32_t baud);
/* A received character, if there is one. */
bool uart_get(char *c);
/* I/O address in use, 0 when none: dom0 is kept away from it. */
uint16_t uart_base(void);
/* Characters are sent from a buffer and announced by interrupts from now on: the owner of the
 * port's line calls console_kick() and reads with uart_get() on each. */
void uart_use_interrupts(void);
/* Has the port a reason to interrupt that has not been dealt with? */
bool uart_interrupt_pending(void);
/* Take its interrupt line down and up again, for a new edge if there is still a reason. */
void uart_rearm(void);
