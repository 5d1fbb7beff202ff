/* SPDX-License-Identifier: BSD-2-Clause */
/* Classes of ASCII characters; names differ from ctype.h, whose functions follow a locale. */
#pragma once

#include "lib/types.h"

static inline bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static inline bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static inline bool is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

static inline bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

static inline bool is_alpha(char c)
{
    return is_lower(c) || is_upper(c);
}

static inline bool is_alnum(char c)
{
    return is_alpha(c) || is_digit(c);
}

/* Printable, with the blank, without control characters and DEL. */
static inline bool is_print(char c)
{
    return c >= ' ' && c <= '~';
}

static inline char to_lower(char c)
{
    return is_upper(c) ? (char)(c + ('a' - 'A')) : c;
}

static inline char to_upper(char c)
{
    return is_lower(c) ? (char)(c - ('a' - 'A')) : c;
}

/* Value of a digit in bases up to 16, or -1. */
static inline int digit_value(char c)
{
    if (is_digit(c))
        return c - '0';
    c = to_lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}
