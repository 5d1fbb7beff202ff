/* SPDX-License-Identifier: BSD-2-Clause */
/* Numbers, sizes and yes/no words in text. */
#include "lib/number.h"

#include "lib/chars.h"
#include "lib/string.h"

bool number_scan(const char **at, uint64_t *value)
{
    const char *p = *at;
    unsigned int base = 10;
    uint64_t sum = 0;

    if (p[0] == '0' && to_lower(p[1]) == 'x') {
        base = 16;
        p += 2;
    }
    if (digit_value(*p) < 0 || digit_value(*p) >= (int)base)
        return false;
    for (; digit_value(*p) >= 0 && digit_value(*p) < (int)base; p++) {
        if (__builtin_mul_overflow(sum, base, &sum) ||
            __builtin_add_overflow(sum, (unsigned int)digit_value(*p), &sum))
            return false;
    }
    *value = sum;
    *at = p;
    return true;
}

bool number_scan_size(const char **at, unsigned int default_shift, uint64_t *bytes)
{
    const char *p = *at;
    unsigned int shift = default_shift;
    uint64_t value;

    if (!number_scan(&p, &value))
        return false;
    switch (to_lower(*p)) {
    case 'b':
        shift = 0;
        p++;
        break;
    case 'k':
        shift = 10;
        p++;
        break;
    case 'm':
        shift = 20;
        p++;
        break;
    case 'g':
        shift = 30;
        p++;
        break;
    case 't':
        shift = 40;
        p++;
        break;
    default:
        break;
    }
    if (shift && value >> (64 - shift))
        return false;
    *bytes = value << shift;
    *at = p;
    return true;
}

bool number_parse(const char *text, uint64_t *value)
{
    return number_scan(&text, value) && !*text;
}

bool number_parse_size(const char *text, unsigned int default_shift, uint64_t *bytes)
{
    return number_scan_size(&text, default_shift, bytes) && !*text;
}

bool number_parse_bool(const char *text, size_t length, bool *value)
{
    static const char words[][9] = {"no",  "off", "false", "disable", "0",
                                    "yes", "on",  "true",  "enable",  "1"};

    for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
        if (strnlen(words[i], sizeof(words[i])) == length &&
            !strncasecmp(text, words[i], length)) {
            *value = i >= ARRAY_SIZE(words) / 2;
            return true;
        }
    }
    return false;
}
