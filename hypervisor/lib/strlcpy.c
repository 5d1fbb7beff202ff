/* SPDX-License-Identifier: BSD-2-Clause */
/* The bounded string copy, apart from string.c so that host programs can link only this. */
#include "lib/string.h"

size_t strlcpy(char *restrict to, const char *restrict from, size_t size)
{
    size_t length = strlen(from);

    if (size) {
        size_t kept = min(length, size - 1);

        memcpy(to, from, kept);
        to[kept] = '\0';
    }
    return length;
}
