/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the compiler and the decompressors' libraries expect of a C library.
 *
 * What is always true here: there is one thread, nothing is reentered, and a loader needs memory
 * only while it unpacks one kernel, so an arena that only grows is enough.
 */
#include "boot/common/libc.h"

#include <emmintrin.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static struct {
    uint8_t *next;
    size_t left;
} arena;

void libc_arena(void *start, size_t bytes)
{
    size_t skip = -(uintptr_t)start & 15;

    arena.next = (uint8_t *)start + skip;
    arena.left = start && bytes > skip ? bytes - skip : 0;
}

void *malloc(size_t bytes)
{
    uint8_t *start = arena.next;

    if (bytes > arena.left || arena.left - bytes < 16)
        return NULL;
    bytes = (bytes + 15) & ~(size_t)15;
    arena.next += bytes;
    arena.left -= bytes;
    return start;
}

void *calloc(size_t count, size_t bytes)
{
    void *start;

    if (bytes && count > SIZE_MAX / bytes)
        return NULL;
    start = malloc(count * bytes);
    return start ? memset(start, 0, count * bytes) : NULL;
}

void free(void *start)
{
    (void)start;
}

/* Forward copy, 16 bytes at a time: also right for overlap when `to` is below `from`. */
static void copy_up(uint8_t *to, const uint8_t *from, size_t bytes)
{
    for (; bytes >= 64; bytes -= 64, to += 64, from += 64) {
        __m128i a = _mm_loadu_si128((const __m128i *)from);
        __m128i b = _mm_loadu_si128((const __m128i *)(from + 16));
        __m128i c = _mm_loadu_si128((const __m128i *)(from + 32));
        __m128i d = _mm_loadu_si128((const __m128i *)(from + 48));

        _mm_storeu_si128((__m128i *)to, a);
        _mm_storeu_si128((__m128i *)(to + 16), b);
        _mm_storeu_si128((__m128i *)(to + 32), c);
        _mm_storeu_si128((__m128i *)(to + 48), d);
    }
    for (; bytes >= 8; bytes -= 8, to += 8, from += 8) {
        uint64_t word;

        __builtin_memcpy(&word, from, 8);
        __builtin_memcpy(to, &word, 8);
    }
    while (bytes--)
        *to++ = *from++;
}

void *memcpy(void *restrict to, const void *restrict from, size_t bytes)
{
    copy_up(to, from, bytes);
    return to;
}

void *memmove(void *to, const void *from, size_t bytes)
{
    uint8_t *end = (uint8_t *)to + bytes;
    const uint8_t *source = (const uint8_t *)from + bytes;

    if ((uintptr_t)to - (uintptr_t)from >= bytes) {
        copy_up(to, from, bytes);
        return to;
    }
    while (bytes--)
        *--end = *--source;
    return to;
}

void *memset(void *start, int value, size_t bytes)
{
    __m128i wide = _mm_set1_epi8((char)value);
    uint8_t *to = start;

    for (; bytes >= 32; bytes -= 32, to += 32) {
        _mm_storeu_si128((__m128i *)to, wide);
        _mm_storeu_si128((__m128i *)(to + 16), wide);
    }
    while (bytes--)
        *to++ = (uint8_t)value;
    return start;
}

int memcmp(const void *left, const void *right, size_t bytes)
{
    const uint8_t *a = left, *b = right;

    for (; bytes; bytes--, a++, b++)
        if (*a != *b)
            return *a < *b ? -1 : 1;
    return 0;
}

void *memchr(const void *start, int value, size_t bytes)
{
    const uint8_t *at = start;

    for (; bytes; bytes--, at++)
        if (*at == (uint8_t)value)
            return (void *)at;
    return NULL;
}

size_t strlen(const char *text)
{
    size_t bytes = 0;

    while (text[bytes])
        bytes++;
    return bytes;
}

/* The libraries are built with stack protection; a broken stack can only be stopped. */
__attribute__((noreturn)) void __stack_chk_fail(void);
void __stack_chk_fail(void)
{
    for (;;)
        __asm__ volatile("cli; hlt");
}
