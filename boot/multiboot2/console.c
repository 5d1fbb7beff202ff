/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Printing one line.
 *
 * What is always true here: this runs at most once, in an unknown state of the machine, so it sets
 * up what it uses and never waits without a limit.
 */
#include "boot/multiboot2/console.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* A 16550 (National PC16550D data sheet, table 2) at the PC's first serial port. */
enum {
    COM1 = 0x3f8,
    UART_DATA = 0,
    UART_INTERRUPTS = 1,
    UART_FIFO = 2,
    UART_LINE = 3,
    UART_MODEM = 4,
    UART_STATUS = 5,
    UART_DIVISOR_LATCH = 0x80,
    UART_8N1 = 0x03,
    UART_DTR_RTS = 0x03,
    UART_SPACE = 0x20,
    UART_DIVISOR_115200 = 1,
    UART_PATIENCE = 100000,
};

enum { TEXT_WHITE = 0x0f };

static struct boot_screen text_screen;

static void port_write(unsigned port, uint8_t value)
{
    __asm__ volatile("outb %0, %w1" : : "a"(value), "Nd"((uint16_t)port));
}

static uint8_t port_read(unsigned port)
{
    uint8_t value;

    __asm__ volatile("inb %w1, %0" : "=a"(value) : "Nd"((uint16_t)port));
    return value;
}

static void serial_start(void)
{
    port_write(COM1 + UART_INTERRUPTS, 0);
    port_write(COM1 + UART_LINE, UART_DIVISOR_LATCH | UART_8N1);
    port_write(COM1 + UART_DATA, UART_DIVISOR_115200);
    port_write(COM1 + UART_INTERRUPTS, 0);
    port_write(COM1 + UART_LINE, UART_8N1);
    port_write(COM1 + UART_FIFO, 1);
    port_write(COM1 + UART_MODEM, UART_DTR_RTS);
}

static void serial_put(char letter)
{
    int patience = UART_PATIENCE;

    while (!(port_read(COM1 + UART_STATUS) & UART_SPACE) && --patience)
        ;
    port_write(COM1 + UART_DATA, (uint8_t)letter);
}

/* Everything goes to the last line of the screen, after the screen has moved up by one. */
static void screen_scroll(void)
{
    uint8_t *cells = (uint8_t *)(uintptr_t)text_screen.base;
    size_t line = text_screen.pitch_bytes, i;

    memmove(cells, cells + line, line * (text_screen.height - 1));
    for (i = 0; i < text_screen.width; i++) {
        cells[line * (text_screen.height - 1) + 2 * i] = ' ';
        cells[line * (text_screen.height - 1) + 2 * i + 1] = TEXT_WHITE;
    }
}

static void text_put(const char *text, size_t *column)
{
    uint8_t *last;

    for (; *text; text++) {
        serial_put(*text);
        if (text_screen.kind != BOOT_SCREEN_TEXT)
            continue;
        if (*column == text_screen.width) {
            screen_scroll();
            *column = 0;
        }
        last = (uint8_t *)(uintptr_t)text_screen.base +
               (size_t)text_screen.pitch_bytes * (text_screen.height - 1);
        last[2 * *column] = (uint8_t)*text;
        ++*column;
    }
}

void console_screen(const struct boot_screen *screen)
{
    if (screen->kind == BOOT_SCREEN_TEXT && screen->height && screen->width &&
        screen->base + screen->bytes <= 1ULL << 32)
        text_screen = *screen;
}

void console_die(const char *what, const char *reason)
{
    size_t column = 0;

    serial_start();
    if (text_screen.kind == BOOT_SCREEN_TEXT)
        screen_scroll();
    text_put("zendo: ", &column);
    text_put(what, &column);
    text_put(": ", &column);
    text_put(reason, &column);
    serial_put('\r');
    serial_put('\n');
    for (;;)
        __asm__ volatile("cli; hlt");
}
