/* SPDX-License-Identifier: BSD-2-Clause */
#include "pv-drivers/backends/common/store.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool path_make(char *path, size_t size, const char *dir, const char *format, va_list args)
{
    int n = snprintf(path, size, "%s/", dir), m = -1;

    if (n > 0 && (size_t)n < size)
        m = vsnprintf(path + n, size - n, format, args);
    return m > 0 && (size_t)(n + m) < size;
}

char *store_read(struct xs_handle *xs, const char *dir, const char *format, ...)
{
    char path[XENSTORE_ABS_PATH_MAX];
    va_list args;
    bool fits;

    va_start(args, format);
    fits = path_make(path, sizeof(path), dir, format, args);
    va_end(args);
    return fits ? xs_read(xs, XBT_NULL, path, NULL) : NULL;
}

bool store_number(struct xs_handle *xs, unsigned int *value, unsigned int most, long long otherwise,
                  const char *dir, const char *format, ...)
{
    char path[XENSTORE_ABS_PATH_MAX], *text, *end;
    unsigned long long number;
    va_list args;
    bool good;

    va_start(args, format);
    good = path_make(path, sizeof(path), dir, format, args);
    va_end(args);
    text = good ? xs_read(xs, XBT_NULL, path, NULL) : NULL;
    if (!text) {
        *value = otherwise;
        return good && otherwise >= 0;
    }
    errno = 0;
    number = strtoull(text, &end, 10);
    good = *text >= '0' && *text <= '9' && !*end && !errno && number <= most;
    free(text);
    *value = number;
    return good;
}

bool store_write(struct xs_handle *xs, const char *dir, const char *name, const char *format, ...)
{
    char path[XENSTORE_ABS_PATH_MAX], text[1024];
    va_list args;
    int n;

    va_start(args, format);
    n = vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    return n >= 0 && (size_t)n < sizeof(text) &&
           snprintf(path, sizeof(path), "%s/%s", dir, name) < (int)sizeof(path) &&
           xs_write(xs, XBT_NULL, path, text, n);
}

bool store_change(struct xs_handle *xs, const char *dir, const char *name, unsigned int value)
{
    char path[XENSTORE_ABS_PATH_MAX], text[16], *old;
    int n = snprintf(text, sizeof(text), "%u", value);

    if (snprintf(path, sizeof(path), "%s/%s", dir, name) >= (int)sizeof(path))
        return false;
    for (;;) {
        xs_transaction_t t = xs_transaction_start(xs);
        bool there;

        if (t == XBT_NULL)
            return false;
        old = xs_read(xs, t, path, NULL);
        there = old && xs_write(xs, t, path, text, n);
        free(old);
        if (xs_transaction_end(xs, t, !there))
            return there;
        if (errno != EAGAIN)
            return false;
    }
}
