/* SPDX-License-Identifier: BSD-2-Clause */
/* Numbers, sizes and yes/no words. */
/* sources: hypervisor/lib/number.c */
#include "tests/unit/check.h"

#include "lib/number.h"
#include "lib/types.h"

static bool parses(const char *text, uint64_t wanted)
{
    uint64_t value = 1234567;

    return number_parse(text, &value) && value == wanted;
}

static bool refuses(const char *text)
{
    uint64_t value;

    return !number_parse(text, &value);
}

TEST(decimal_and_hexadecimal)
{
    CHECK(parses("0", 0));
    CHECK(parses("007", 7));
    CHECK(parses("18446744073709551615", UINT64_MAX));
    CHECK(parses("0x0", 0));
    CHECK(parses("0XffFF", 0xffff));
    CHECK(parses("0xffffffffffffffff", UINT64_MAX));
    CHECK(refuses(""));
    CHECK(refuses("x"));
    CHECK(refuses("0x"));
    CHECK(refuses("0xg"));
    CHECK(refuses("1a"));
    CHECK(refuses("-1"));
    CHECK(refuses("+1"));
    CHECK(refuses(" 1"));
    CHECK(refuses("1 "));
    CHECK(refuses("18446744073709551616"));
    CHECK(refuses("99999999999999999999999"));
    CHECK(refuses("0x10000000000000000"));
}

TEST(scan_stops_behind)
{
    const char *text = "12,0x3-z", *at = text;
    uint64_t value;

    CHECK(number_scan(&at, &value) && value == 12 && at == text + 2);
    CHECK(!number_scan(&at, &value) && at == text + 2);
    at++;
    CHECK(number_scan(&at, &value) && value == 3 && *at == '-');
}

static bool sizes(const char *text, unsigned int shift, uint64_t wanted)
{
    uint64_t bytes = 7;

    return number_parse_size(text, shift, &bytes) && bytes == wanted;
}

TEST(sizes)
{
    uint64_t bytes;

    CHECK(sizes("5", 0, 5));
    CHECK(sizes("5", 10, 5 * KiB));
    CHECK(sizes("5b", 10, 5));
    CHECK(sizes("5k", 0, 5 * KiB));
    CHECK(sizes("768M", 10, 768 * MiB));
    CHECK(sizes("0x2g", 10, 2 * GiB));
    CHECK(sizes("3T", 10, 3 * TiB));
    CHECK(sizes("16777215T", 0, 16777215 * TiB));
    CHECK(!number_parse_size("16777216T", 0, &bytes));
    CHECK(!number_parse_size("18446744073709551615", 10, &bytes));
    CHECK(!number_parse_size("5MB", 10, &bytes));
    CHECK(!number_parse_size("M", 10, &bytes));
}

static int truth(const char *word)
{
    bool value;

    return number_parse_bool(word, strlen(word), &value) ? value : -1;
}

TEST(words)
{
    bool value;

    CHECK(truth("yes") == 1 && truth("on") == 1 && truth("true") == 1 && truth("1") == 1);
    CHECK(truth("no") == 0 && truth("off") == 0 && truth("false") == 0 && truth("0") == 0);
    CHECK(truth("enable") == 1 && truth("disable") == 0 && truth("YES") == 1 && truth("oFf") == 0);
    CHECK(truth("") == -1 && truth("y") == -1 && truth("onn") == -1 && truth("10") == -1);
    CHECK(number_parse_bool("on,more", 2, &value) && value);
    CHECK(!number_parse_bool("on,more", 3, &value));
}
