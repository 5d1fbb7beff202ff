/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory blocks and C strings. */
#include "lib/string.h"

#include "lib/chars.h"

/*
 * Compilers turn loops and assignments into calls of memcpy, memset, memmove and memcmp; those
 * four therefore must not contain loops a compiler could recognise as themselves. The string
 * instructions are also the fastest way for blocks on every CPU with ERMS (SDM volume 1, 7.3.9.3);
 * eight bytes at a time, because emulators and older CPUs take a step for each.
 */
static inline void copy_up(void *to, const void *from, size_t bytes)
{
    size_t words = bytes / 8;

    bytes %= 8;
    asm volatile("rep movsq" : "+D"(to), "+S"(from), "+c"(words) : : "memory");
    if (bytes)
        asm volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(bytes) : : "memory");
}

void *memcpy(void *restrict to, const void *restrict from, size_t bytes)
{
    copy_up(to, from, bytes);
    return to;
}

void *memset(void *to, int value, size_t bytes)
{
    void *end = to;
    size_t words = bytes / 8;

    bytes %= 8;
    asm volatile("rep stosq"
                 : "+D"(end), "+c"(words)
                 : "a"((unsigned char)value * 0x0101010101010101ULL)
                 : "memory");
    if (bytes)
        asm volatile("rep stosb" : "+D"(end), "+c"(bytes) : "a"(value) : "memory");
    return to;
}

void *memmove(void *to, const void *from, size_t bytes)
{
    /* Forward is right unless the target starts inside the source; the test wraps on purpose. */
    if ((uintptr_t)to - (uintptr_t)from >= bytes) {
        copy_up(to, from, bytes);
    } else {
        unsigned char *end = to;
        const unsigned char *from_end = from;

        /* By hand rather than with the direction flag set, which an NMI handler would inherit. */
        while (bytes) {
            bytes--;
            end[bytes] = from_end[bytes];
            asm volatile("" : : : "memory");
        }
    }
    return to;
}

int memcmp(const void *a, const void *b, size_t bytes)
{
    const unsigned char *x = a, *y = b;

    for (; bytes; bytes--, x++, y++)
        if (*x != *y)
            return *x - *y;
    return 0;
}

void *memchr(const void *block, int value, size_t bytes)
{
    const unsigned char *p = block;

    for (; bytes; bytes--, p++)
        if (*p == (unsigned char)value)
            return (void *)(uintptr_t)p;
    return NULL;
}

size_t strlen(const char *text)
{
    const char *end = text;

    /* The barrier keeps the compiler from seeing a strlen here and calling it. */
    for (; *end; end++)
        asm volatile("");
    return (size_t)(end - text);
}

size_t strnlen(const char *text, size_t limit)
{
    size_t n = 0;

    while (n < limit && text[n])
        n++;
    return n;
}

int strcmp(const char *a, const char *b)
{
    for (; *a && *a == *b; a++, b++)
        ;
    return (unsigned char)*a - (unsigned char)*b;
}

int strncmp(const char *a, const char *b, size_t limit)
{
    for (; limit; limit--, a++, b++)
        if (*a != *b || !*a)
            return (unsigned char)*a - (unsigned char)*b;
    return 0;
}

int strcasecmp(const char *a, const char *b)
{
    return strncasecmp(a, b, SIZE_MAX);
}

int strncasecmp(const char *a, const char *b, size_t limit)
{
    for (; limit; limit--, a++, b++) {
        unsigned char x = (unsigned char)to_lower(*a), y = (unsigned char)to_lower(*b);

        if (x != y || !x)
            return x - y;
    }
    return 0;
}

char *strchr(const char *text, int wanted)
{
    for (;; text++) {
        if (*text == (char)wanted)
            return (char *)(uintptr_t)text;
        if (!*text)
            return NULL;
    }
}

char *strrchr(const char *text, int wanted)
{
    const char *found = NULL;

    for (;; text++) {
        if (*text == (char)wanted)
            found = text;
        if (!*text)
            return (char *)(uintptr_t)found;
    }
}

char *strstr(const char *text, const char *wanted)
{
    size_t bytes = strlen(wanted);

    for (;; text++) {
        if (!strncmp(text, wanted, bytes))
            return (char *)(uintptr_t)text;
        if (!*text)
            return NULL;
    }
}
