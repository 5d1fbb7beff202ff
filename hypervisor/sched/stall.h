/* SPDX-License-Identifier: BSD-2-Clause */
/* The machine's watchdog: a CPU that no longer does the hypervisor's work is found out. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/*
 * watchdog, watchdog_timeout=: panic, on the CPU itself where that is possible, when a CPU has
 * handled no timer for @timeout seconds. By performance counters and NMIs where the machine has
 * them, else by the CPUs watching each other. Boot CPU, all CPUs online, interrupts on.
 */
void stall_watch_start(uint32_t timeout);

/* Not between these: the caller will keep a CPU, or the console, for long. May nest. Any
 * context. */
void stall_suspend(void);
void stall_resume(void);

/* One look by a watcher that comes once a second: is @beats, the watched CPU's, still what was
 * *@seen, more than @timeout times in a row (counted in *@silent)? Pure. */
bool stall_look(uint64_t beats, uint64_t *seen, uint32_t *silent, uint32_t timeout);
