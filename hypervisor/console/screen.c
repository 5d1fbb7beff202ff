/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The screen console: a grid of characters that is drawn as it changes.
 *
 * What is always true here: `cells` is what the screen shows. Scrolling compares old and new rows
 * and draws the characters that differ, because reading a framebuffer back, or writing all of it,
 * is slow everywhere. Called under the console lock.
 */
#include "console/screen.h"

#include <stdint.h>

#include "boot/handover.h"
#include "console/font.h"
#include "console/log.h"
#include "lib/string.h"
#include "lib/types.h"
#include "mm/hvmap.h"

#define COLUMNS_MAX 240
#define ROWS_MAX 100
#define TEXT_ATTRIBUTE 0x0700 /* light grey on black (IBM VGA, attribute byte) */

static uint8_t cells[ROWS_MAX][COLUMNS_MAX];
static unsigned int columns, rows, column, row;
static struct boot_screen screen;
static volatile uint8_t *pixels;
static uint32_t foreground;
static bool released; /* to dom0 */

static void draw_text(unsigned int x, unsigned int y, uint8_t c)
{
    ((volatile uint16_t *)pixels)[y * screen.width + x] = (uint16_t)(TEXT_ATTRIBUTE | c);
}

static void put_pixel(volatile uint8_t *at, uint32_t colour)
{
    for (unsigned int b = 0; b < screen.bits_per_pixel / 8; b++)
        at[b] = (uint8_t)(colour >> (8 * b));
}

static void draw_pixels(unsigned int x, unsigned int y, uint8_t c)
{
    const uint8_t *glyph = font_glyph(c);
    unsigned int bytes = screen.bits_per_pixel / 8;

    for (unsigned int line = 0; line < FONT_HEIGHT; line++) {
        volatile uint8_t *at = pixels + (uint64_t)(y * FONT_HEIGHT + line) * screen.pitch_bytes +
                               (uint64_t)x * FONT_WIDTH * bytes;

        for (unsigned int bit = 0; bit < FONT_WIDTH; bit++, at += bytes) {
            uint32_t colour = glyph[line] & (0x80 >> bit) ? foreground : 0;

            if (bytes == 4)
                *(volatile uint32_t *)at = colour;
            else
                put_pixel(at, colour);
        }
    }
}

static void set_cell(unsigned int x, unsigned int y, uint8_t c)
{
    if (cells[y][x] == c)
        return;
    cells[y][x] = c;
    if (screen.kind == BOOT_SCREEN_TEXT)
        draw_text(x, y, c);
    else
        draw_pixels(x, y, c);
}

static void new_line(void)
{
    column = 0;
    if (row + 1 < rows) {
        row++;
        return;
    }
    for (unsigned int y = 0; y < rows; y++)
        for (unsigned int x = 0; x < columns; x++)
            set_cell(x, y, y + 1 < rows ? cells[y + 1][x] : ' ');
}

static void put(struct console_device *self, char c)
{
    (void)self;
    if (c == '\n') {
        new_line();
    } else if (c == '\r') {
        column = 0;
    } else {
        if (column == columns)
            new_line();
        set_cell(column++, row, c >= ' ' ? (uint8_t)c : '?');
    }
}

static struct console_device device = {.name = "screen", .put = put};

static bool geometry_ok(void)
{
    uint64_t needed = (uint64_t)screen.pitch_bytes * screen.height;

    if (screen.kind == BOOT_SCREEN_TEXT) {
        columns = screen.width;
        rows = screen.height;
        needed = (uint64_t)screen.width * screen.height * 2;
    } else {
        if (screen.bits_per_pixel < 16 || screen.bits_per_pixel > 32 ||
            screen.pitch_bytes < (uint64_t)screen.width * screen.bits_per_pixel / 8)
            return false;
        columns = screen.width / FONT_WIDTH;
        rows = screen.height / FONT_HEIGHT;
    }
    columns = min(columns, (unsigned int)COLUMNS_MAX);
    rows = min(rows, (unsigned int)ROWS_MAX);
    return columns >= 20 && rows >= 2 && needed <= 256 * MiB && (screen.bytes >= needed);
}

static uint32_t colour_part(uint8_t position, uint8_t bits)
{
    /* light grey: two thirds of full intensity */
    return bits && bits < 16 ? (((1U << bits) - 1) * 2 / 3) << position : 0;
}

/* Whatever is on the screen, nothing of it is known. */
static void clear(void)
{
    memset(cells, 0, sizeof(cells));
    for (unsigned int y = 0; y < rows; y++)
        for (unsigned int x = 0; x < columns; x++)
            set_cell(x, y, ' ');
    column = row = 0;
}

void screen_init(const struct boot_screen *given)
{
    screen = *given;
    if (screen.kind == BOOT_SCREEN_NONE || !geometry_ok())
        return;
    pixels = device_map(PADDR(screen.base), screen.bytes, MAP_WC);
    if (!pixels)
        return;
    foreground = colour_part(screen.red_pos, screen.red_bits) |
                 colour_part(screen.green_pos, screen.green_bits) |
                 colour_part(screen.blue_pos, screen.blue_bits);
    clear();
    console_add(&device);
    console_replay(&device);
}

void screen_release(void)
{
    if (!pixels)
        return;
    log_info("The screen is domain 0's from now on (vga=keep to stay on it)");
    console_remove(&device);
    released = true;
}

void screen_reclaim(void)
{
    if (!released)
        return;
    released = false;
    clear();
    console_add(&device);
}
