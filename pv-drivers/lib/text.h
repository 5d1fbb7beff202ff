/* SPDX-License-Identifier: BSD-2-Clause */
/* Blocks, strings and formatted text, with the C library's names: the library links the
 * hypervisor's (hypervisor/lib), a host program the system's. For the library's own sources. */
#pragma once

#include <stdarg.h>
#include <stddef.h>

void *memcpy(void *restrict to, const void *restrict from, size_t bytes);
void *memset(void *to, int value, size_t bytes);
int memcmp(const void *a, const void *b, size_t bytes);
size_t strlen(const char *text);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t limit);
int vsnprintf(char *restrict to, size_t size, const char *restrict format, va_list args)
    __attribute__((__format__(__printf__, 3, 0)));
int snprintf(char *restrict to, size_t size, const char *restrict format, ...)
    __attribute__((__format__(__printf__, 3, 4)));
