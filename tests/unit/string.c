/* SPDX-License-Identifier: BSD-2-Clause */
/* Our memory and string functions against the C library's; renamed, so that both are linked. */
/* sources: hypervisor/lib/string.c hypervisor/lib/strlcpy.c */
/* cflags: -fno-builtin -Dmemcpy=our_memcpy -Dmemmove=our_memmove -Dmemset=our_memset */
/* cflags: -Dmemcmp=our_memcmp -Dmemchr=our_memchr -Dstrlen=our_strlen -Dstrnlen=our_strnlen */
/* cflags: -Dstrcmp=our_strcmp -Dstrncmp=our_strncmp -Dstrcasecmp=our_strcasecmp */
/* cflags: -Dstrncasecmp=our_strncasecmp -Dstrchr=our_strchr -Dstrrchr=our_strrchr */
/* cflags: -Dstrstr=our_strstr -Dstrlcpy=our_strlcpy */
#include "tests/unit/check.h"

#include "lib/chars.h"
#include "lib/string.h"

int libc_memcmp(const void *a, const void *b, size_t bytes) __asm__("memcmp");
void *libc_memmove(void *to, const void *from, size_t bytes) __asm__("memmove");
void *libc_memchr(const void *block, int value, size_t bytes) __asm__("memchr");
int libc_strcmp(const char *a, const char *b) __asm__("strcmp");
int libc_strncmp(const char *a, const char *b, size_t limit) __asm__("strncmp");
int libc_strcasecmp(const char *a, const char *b) __asm__("strcasecmp");
int libc_strncasecmp(const char *a, const char *b, size_t limit) __asm__("strncasecmp");
char *libc_strchr(const char *text, int wanted) __asm__("strchr");
char *libc_strrchr(const char *text, int wanted) __asm__("strrchr");
char *libc_strstr(const char *text, const char *wanted) __asm__("strstr");
size_t libc_strnlen(const char *text, size_t limit) __asm__("strnlen");

static int sign(int x)
{
    return (x > 0) - (x < 0);
}

static void fill_random(unsigned char *block, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        block[i] = (unsigned char)check_random();
}

TEST(memmove)
{
    unsigned char ours[256], theirs[256];

    for (int round = 0; round < 5000; round++) {
        size_t bytes = check_random_below(129), to = check_random_below(128),
               from = round & 1 ? check_random_below(128) : to + check_random_below(9) - 4;

        if (from > 127)
            from = 0;
        fill_random(ours, sizeof(ours));
        libc_memmove(theirs, ours, sizeof(ours));
        CHECK(memmove(ours + to, ours + from, bytes) == ours + to);
        libc_memmove(theirs + to, theirs + from, bytes);
        CHECK(!libc_memcmp(ours, theirs, sizeof(ours)));
    }
}

TEST(memcpy_and_memset)
{
    unsigned char from[64], to[64], all[66];

    for (size_t bytes = 0; bytes <= 64; bytes++) {
        fill_random(from, sizeof(from));
        libc_memmove(to, from, 64);
        fill_random(to, bytes);
        CHECK(memcpy(to, from, bytes) == to);
        CHECK(!libc_memcmp(to, from, 64));
        fill_random(all, sizeof(all));
        all[0] = all[bytes + 1] = 7;
        CHECK(memset(all + 1, 0x1a5, bytes) == all + 1);
        CHECK(all[0] == 7 && all[bytes + 1] == 7);
        for (size_t i = 1; i <= bytes; i++)
            CHECK_EQ(all[i], 0xa5);
    }
}

TEST(memcmp_and_memchr)
{
    unsigned char a[16], b[16];

    for (int round = 0; round < 5000; round++) {
        size_t bytes = check_random_below(17);

        fill_random(a, 16);
        libc_memmove(b, a, 16);
        b[check_random_below(16)] ^= (unsigned char)(check_random() & 0x81);
        CHECK_EQ(sign(memcmp(a, b, bytes)), sign(libc_memcmp(a, b, bytes)));
        CHECK(memchr(a, b[3] + 256, bytes) == libc_memchr(a, b[3], bytes));
    }
}

/* Short strings over a few letters, so that equal parts, prefixes and hits are common. */
static void random_text(char *text, size_t limit)
{
    static const char letters[] = "aAbB\x80";
    size_t length = check_random_below(limit);

    for (size_t i = 0; i < length; i++)
        text[i] = letters[check_random_below(5)];
    text[length] = '\0';
}

TEST(strings)
{
    char a[12], b[12];

    for (int round = 0; round < 20000; round++) {
        size_t limit = check_random_below(12);
        int wanted = round % 16 ? "aAbB"[check_random_below(4)] : 0;

        random_text(a, round & 1 ? 12 : 4);
        random_text(b, round & 2 ? 12 : 4);
        CHECK_EQ(strlen(a), libc_strnlen(a, 12));
        CHECK_EQ(strnlen(a, limit), libc_strnlen(a, limit));
        CHECK_EQ(sign(strcmp(a, b)), sign(libc_strcmp(a, b)));
        CHECK_EQ(sign(strncmp(a, b, limit)), sign(libc_strncmp(a, b, limit)));
        CHECK_EQ(sign(strcasecmp(a, b)), sign(libc_strcasecmp(a, b)));
        CHECK_EQ(sign(strncasecmp(a, b, limit)), sign(libc_strncasecmp(a, b, limit)));
        CHECK(strchr(a, wanted) == libc_strchr(a, wanted));
        CHECK(strrchr(a, wanted) == libc_strrchr(a, wanted));
        CHECK(strstr(a, b) == libc_strstr(a, b));
    }
}

TEST(strlcpy)
{
    char to[8];

    memset(to, 'x', sizeof(to));
    CHECK_EQ(strlcpy(to, "abc", 8), 3);
    CHECK_STR(to, "abc");
    CHECK_EQ(to[4], 'x');
    CHECK_EQ(strlcpy(to, "12345678", 8), 8);
    CHECK_STR(to, "1234567");
    CHECK_EQ(strlcpy(to, "abc", 1), 3);
    CHECK_STR(to, "");
    to[0] = 'y';
    CHECK_EQ(strlcpy(to, "abc", 0), 3);
    CHECK_EQ(to[0], 'y');
    CHECK_EQ(strlcpy(to, "1234567", 8), 7);
    CHECK_STR(to, "1234567");
}

TEST(chars)
{
    int spaces = 0, digits = 0, alphas = 0, prints = 0;

    for (int c = -128; c < 128; c++) {
        spaces += is_space((char)c);
        digits += is_digit((char)c);
        alphas += is_alpha((char)c);
        prints += is_print((char)c);
    }
    CHECK(spaces == 6 && digits == 10 && alphas == 52 && prints == 95);
    CHECK(is_space('\v') && is_alnum('0') && is_alnum('z') && !is_alnum('_'));
    CHECK(to_lower('Q') == 'q' && to_lower('[') == '[' && to_upper('z') == 'Z');
    CHECK(digit_value('9') == 9 && digit_value('f') == 15 && digit_value('A') == 10);
    CHECK(digit_value('g') == -1 && digit_value('/') == -1 && digit_value(':') == -1);
}
