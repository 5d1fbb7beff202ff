/* SPDX-License-Identifier: BSD-2-Clause */
/* Last words of the multiboot2 loader. */
#pragma once

#include "boot/handover.h"

/* The screen to use besides the serial port; text screens only, others are ignored. */
void console_screen(const struct boot_screen *screen);

/*
 * Prints "zendo: WHAT: REASON" on the first serial port (115200 8n1) and on the text screen, and
 * stops for good: GRUB is gone, there is nothing to return to.
 */
__attribute__((noreturn)) void console_die(const char *what, const char *reason);
