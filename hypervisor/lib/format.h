/* SPDX-License-Identifier: BSD-2-Clause */
/* Formatted text into a buffer. */
#pragma once

#include <stdarg.h>

#include "lib/types.h"

/*
 * The standard functions (C17 7.21.6.5, .12) for %d %i %u %x %X %o %c %s %p %% with the flags
 * "-+ #0", width and precision (also as *), and the lengths hh h l ll j z t. No floating point and
 * no %n: an unknown conversion is copied to the output as it stands. Writes at most size - 1
 * characters and a terminator (nothing when size is 0); returns the length the whole text has.
 */
int vsnprintf(char *restrict to, size_t size, const char *restrict format, va_list args)
    printf_like(3, 0);
int snprintf(char *restrict to, size_t size, const char *restrict format, ...) printf_like(3, 4);

/*
 * As snprintf at to + at, for building a text in pieces: returns the new length `at`, which never
 * exceeds size - 1, so a cut text stays cut. `size` must not be 0.
 */
size_t format_append(char *to, size_t size, size_t at, const char *format, ...) printf_like(4, 5);
