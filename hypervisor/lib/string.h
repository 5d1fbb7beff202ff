/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory blocks and C strings, with the standard names, signatures and meanings (C17 7.24), so
 * that a host build may use the C library's instead of string.c.
 */
#pragma once

#include "lib/types.h"

void *memcpy(void *restrict to, const void *restrict from, size_t bytes);
void *memmove(void *to, const void *from, size_t bytes);
void *memset(void *to, int value, size_t bytes);
int memcmp(const void *a, const void *b, size_t bytes);
void *memchr(const void *block, int value, size_t bytes);

size_t strlen(const char *text);
size_t strnlen(const char *text, size_t limit);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t limit);
int strcasecmp(const char *a, const char *b);
int strncasecmp(const char *a, const char *b, size_t limit);
char *strchr(const char *text, int wanted);
char *strrchr(const char *text, int wanted);
char *strstr(const char *text, const char *wanted);

/*
 * Copies a string, cut to size - 1 characters and always terminated when size > 0. Returns the
 * length of `from`: a result >= size means it was cut. In a file of its own (strlcpy.c), because
 * not every C library has it.
 */
size_t strlcpy(char *restrict to, const char *restrict from, size_t size);
