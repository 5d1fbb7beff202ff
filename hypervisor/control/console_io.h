/* SPDX-License-Identifier: BSD-2-Clause */
/* Input of the hypervisor's console. */
#pragma once

/* Begin to pass on input and news of the log (VIRQ_CONSOLE, VIRQ_CON_RING). Boot CPU, once timers
 * work and the control domain exists. */
void console_io_init(void);

/* One character arrived: to the control domain, or to the debug keys after Ctrl-A three times.
 * Any context. */
void console_input(char c);
