/* SPDX-License-Identifier: BSD-2-Clause */
/* The screen as console until dom0 takes it: VGA text mode, or a linear framebuffer. */
#pragma once

struct boot_screen;

/* Show the log on the screen the loader described (and what the log holds so far). Boot CPU, once
 * device_map() works. Nothing happens without a usable screen. */
void screen_init(const struct boot_screen *screen);

/* Say that the screen is dom0's from now on, and stop writing to it. */
void screen_release(void);

/* Write to it again, from a clean screen, although it is dom0's: the machine is lost. Any
 * context. */
void screen_reclaim(void);
