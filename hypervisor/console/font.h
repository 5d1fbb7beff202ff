/* SPDX-License-Identifier: BSD-2-Clause */
/* The font of the framebuffer console, made at build time from a packaged one (console/font.py). */
#pragma once

#include <stdint.h>

#define FONT_WIDTH 8
#define FONT_HEIGHT 16

/* 95 printable ASCII characters from the space on, leftmost pixel in bit 7. */
extern const uint8_t font_bits[95][FONT_HEIGHT];

static inline const uint8_t *font_glyph(uint8_t c)
{
    return font_bits[c >= 0x20 && c < 0x7f ? c - 0x20 : '?' - 0x20];
}
