/* SPDX-License-Identifier: BSD-2-Clause */
/* The end: our own state is wrong and going on could leak or grant privilege. */
#pragma once

#include <stdbool.h>

struct cpu_user_regs;

/* Print the reason, registers and a backtrace on every console, stop all CPUs, reboot if asked.
 * Never reachable from a guest. Any context. */
void panic(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));

/* Reboot after a panic (noreboot= clears it), and how (acpi/power.c sets it). */
extern bool panic_reboot;
extern void (*panic_reboot_hook)(void);

/* panic() with the registers of a fault. */
void panic_regs(const struct cpu_user_regs *regs, const char *format, ...)
    __attribute__((noreturn, format(printf, 2, 3)));

/* A stated precondition. Checked in all builds for now: they are cheap. */
#define assert(cond)                                                                               \
    do {                                                                                           \
        if (__builtin_expect(!(cond), 0))                                                          \
            panic("assertion failed: %s, %s:%d", #cond, __FILE__, __LINE__);                       \
    } while (0)
