/* SPDX-License-Identifier: BSD-2-Clause */
/* The firmware's graphics screen. */
#pragma once

#include "boot/handover.h"

/*
 * Selects the mode asked for (numbers that are 0 do not matter) when there is one; wanted == NULL
 * leaves the mode as it is. Before anything is printed that should be seen.
 */
void video_select(const unsigned wanted[3]);

/* Describes the screen as it is now; kind BOOT_SCREEN_NONE when there is no linear one. */
void video_describe(struct boot_screen *screen);
