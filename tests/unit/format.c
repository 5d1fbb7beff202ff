/* SPDX-License-Identifier: BSD-2-Clause */
/* Our vsnprintf against the C library's, over generated formats. */
/* sources: hypervisor/lib/format.c hypervisor/lib/string.c */
/* cflags: -Dvsnprintf=our_vsnprintf -Dsnprintf=our_snprintf -Wno-format -Wno-format-security */
/* cflags: -Wno-format-nonliteral -fno-builtin */
#include "tests/unit/check.h"

#include "lib/format.h"

int libc_snprintf(char *to, size_t size, const char *format, ...) __asm__("snprintf");

/* Both functions must agree on text, length and what is not written, for several buffer sizes. */
#define SAME(...)                                                        \
    do {                                                                 \
        static const size_t sizes[] = {200, 0, 1, 5, 17};                \
        for (size_t n = 0; n < 5; n++) {                                 \
            char ours[200], theirs[200];                                 \
            int length;                                                  \
            memset(ours, '~', 199);                                      \
            memset(theirs, '~', 199);                                    \
            ours[199] = theirs[199] = 0;                                 \
            length = libc_snprintf(theirs, sizes[n], __VA_ARGS__);       \
            CHECK_EQ(snprintf(ours, sizes[n], __VA_ARGS__), length);     \
            CHECK_STR(ours, theirs);                                     \
        }                                                                \
    } while (0)

static void random_spec(char *format, const char *length, char letter)
{
    char *p = format;

    *p++ = '[';
    *p++ = '%';
    for (const char *flag = letter == 'd' ? "-+0 " : letter == 'u' ? "-0" : "-#0"; *flag; flag++)
        if (check_random() % 3 == 0)
            *p++ = *flag;
    if (check_random() & 1)
        p += sprintf(p, "%d", (int)check_random_below(24));
    if (check_random() % 3 == 0)
        p += sprintf(p, ".%d", (int)check_random_below(24));
    p += sprintf(p, "%s%c]", length, letter);
}

static uint64_t random_value(void)
{
    static const uint64_t edges[] = {0, 1, 9, 10, 127, 128, 255, 32767, 32768, 65535, INT32_MAX,
                                     0x80000000, UINT32_MAX, INT64_MAX, 1ULL << 63, UINT64_MAX};

    return check_random() & 1 ? edges[check_random_below(16)]
                              : check_random() >> check_random_below(64);
}

TEST(integers)
{
    static const char lengths[][3] = {"", "h", "hh", "l", "ll", "z", "j", "t"};
    char format[64];

    for (int round = 0; round < 20000; round++) {
        int kind = (int)check_random_below(8);
        uint64_t value = random_value();

        random_spec(format, lengths[kind], "diuxXo"[check_random_below(6)]);
        if (kind < 3)
            SAME(format, (int)value);
        else
            SAME(format, value);
    }
}

TEST(strings)
{
    SAME("%s|%s", "", "abc");
    SAME("%10s|%-10s|%.2s|%10.2s|%-10.1s|", "abc", "abc", "abc", "abc", "abc");
    SAME("%.0s|%.*s|%*s|%-*s|%*s", "abc", 2, "abc", 6, "abc", 6, "abc", -6, "abc");
    SAME("%.*s", -1, "whole");
    SAME("%s", (char *)NULL);
    SAME("%c%c%3c%-3c|", 'a', 'b', 'c', 'd');
}

TEST(precision_bounds_the_read)
{
    char unterminated[3] = {'a', 'b', 'c'}, to[8];

    CHECK_EQ(snprintf(to, sizeof(to), "%.3s", unterminated), 3);
    CHECK_STR(to, "abc");
}

TEST(stars)
{
    SAME("%*d|%-*d|%*d|%.*d|%.*d|%*.*x", 5, 1, 5, 1, -5, 1, 3, 7, -3, 7, 8, 4, 0xab);
}

TEST(pointers_and_percent)
{
    SAME("%p %20p|%-20p|", (void *)0x1234, (void *)0xffff800000000000, (void *)1);
    SAME("100%% %d%%", 5);
}

TEST(unknown_is_shown)
{
    char to[32];

    CHECK_EQ(snprintf(to, sizeof(to), "a%qb%d", 7), 5);
    CHECK_STR(to, "a%qb7");
    snprintf(to, sizeof(to), "end%");
    CHECK_STR(to, "end%");
    snprintf(to, sizeof(to), "%5");
    CHECK_STR(to, "%5");
}

TEST(huge_width_is_bounded)
{
    char to[16];

    CHECK_EQ(snprintf(to, sizeof(to), "%999999999d", 1), 4096);
    CHECK_EQ(snprintf(to, sizeof(to), "%*d", INT32_MIN, 1), 4096);
    CHECK_EQ(snprintf(to, sizeof(to), "%.99999999999999d", 1), 4096);
}

TEST(append)
{
    char to[10];
    size_t at = 0;

    at = format_append(to, sizeof(to), at, "%s", "abc");
    CHECK_EQ(at, 3);
    at = format_append(to, sizeof(to), at, "-%d-", 42);
    CHECK_EQ(at, 7);
    CHECK_STR(to, "abc-42-");
    at = format_append(to, sizeof(to), at, "%s", "xyz");
    CHECK_EQ(at, 9);
    CHECK_STR(to, "abc-42-xy");
    at = format_append(to, sizeof(to), at, "more");
    CHECK_EQ(at, 9);
    CHECK_STR(to, "abc-42-xy");
}
