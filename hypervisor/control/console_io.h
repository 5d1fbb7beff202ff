/* SPDX-License-Identifier: BSD-2-Clause */
/* Input of the hypervisor's console. */
#pragma once

#include <stdbool.h>

/* conswitch=, sync_console, console_to_ring. */
struct console_io_config {
    char switch_char; /* the letter: Ctrl with it, three times, moves the input */
    bool stay;        /* input begins at the hypervisor */
    bool sync;        /* each character is waited for */
    bool to_ring;     /* what the control domain prints is in the log, too */
};
/* Before console_io_init(). */
void console_io_configure(const struct console_io_config *config);

/* Begin to pass on input and news of the log (VIRQ_CONSOLE, VIRQ_CON_RING). Boot CPU, once timers
 * work and the control domain exists. */
void console_io_init(void);

/* One character arrived: to the control domain, or to the debug keys after Ctrl-A (conswitch=)
 * three times. Any context. */
void console_input(char c);
