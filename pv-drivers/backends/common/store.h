/* SPDX-License-Identifier: BSD-2-Clause */
/* Reading and writing xenstore. Paths are DIRECTORY/NAME, the name may be a format. */
#pragma once

#include <stdbool.h>
#include <xenstore.h>

/* The node's text, for free(); NULL when there is none. */
char *store_read(struct xs_handle *xs, const char *dir, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The node's text is a decimal number up to `most`. A missing node gives `otherwise` when that is
 * not negative. False: neither. */
bool store_number(struct xs_handle *xs, unsigned int *value, unsigned int most, long long otherwise,
                  const char *dir, const char *format, ...) __attribute__((format(printf, 6, 7)));

/* The same for a node that exists: what the toolstack has removed does not come back. */
bool store_change(struct xs_handle *xs, const char *dir, const char *name, unsigned int value);

bool store_write(struct xs_handle *xs, const char *dir, const char *name, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
