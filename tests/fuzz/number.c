/* SPDX-License-Identifier: BSD-2-Clause */
/* Any text as a number or size, against the C library's reading of it. */
/* sources: hypervisor/lib/number.c */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/chars.h"
#include "lib/number.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1), *end;
    const char *at = text;
    uint64_t value = 0, bytes = 0;
    unsigned long long wanted;
    bool yes, hexadecimal;

    memcpy(text, data, size);
    text[size] = '\0';
    hexadecimal = text[0] == '0' && to_lower(text[1]) == 'x';
    errno = 0;
    wanted = strtoull(text, &end, hexadecimal ? 16 : 10);
    if (number_scan(&at, &value)) {
        if (errno || value != wanted || at != end || at == text)
            abort();
    } else if (at != text || (!errno && is_digit(text[0]) && (!hexadecimal || end > text + 2))) {
        abort();
    }
    if (number_parse(text, &value) && value != wanted)
        abort();
    at = text;
    if (number_scan_size(&at, 10, &bytes) && (!number_scan(&(const char *){text}, &value) ||
                                              bytes < value))
        abort();
    (void)!number_parse_bool(text, size, &yes);
    free(text);
    return 0;
}
