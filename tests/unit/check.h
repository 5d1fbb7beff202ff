/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A test program in one header: TEST(name) { CHECK(...); } and no main().
 *
 * Include it first and in exactly one file. It prints `ok NAME` or `FAIL NAME file:line: why` for
 * each test and `N passed, N failed` at the end. A failed check ends its test, not the program.
 * Give words to run only the tests whose name contains one of them. CHECK and CHECK_EQ may stand
 * only in the test itself and in functions it calls, not in code that must not be jumped out of.
 */
#pragma once

#include <inttypes.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct check_test {
    const char *name;
    void (*run)(void);
    struct check_test *next;
};

static struct check_test *check_first, **check_last = &check_first;
static jmp_buf check_escape;
static const char *check_current;

#define TEST(test_name)                                                            \
    static void test_##test_name(void);                                            \
    static struct check_test check_entry_##test_name = {#test_name, test_##test_name, NULL}; \
    __attribute__((constructor)) static void check_register_##test_name(void)      \
    {                                                                              \
        *check_last = &check_entry_##test_name;                                    \
        check_last = &check_entry_##test_name.next;                                \
    }                                                                              \
    static void test_##test_name(void)

#define CHECK_FAIL(...)                                                      \
    do {                                                                     \
        printf("FAIL %s %s:%d: ", check_current, __FILE__, __LINE__);        \
        printf(__VA_ARGS__);                                                 \
        printf("\n");                                                        \
        longjmp(check_escape, 1);                                            \
    } while (0)

/* The condition holds. */
#define CHECK(condition)                      \
    do {                                      \
        if (!(condition))                     \
            CHECK_FAIL("%s", #condition);     \
    } while (0)

/* Two integers, booleans or pointers are equal; shows both when not. */
#define CHECK_EQ(a, b)                                                                        \
    do {                                                                                      \
        long long check_a = (long long)(a), check_b = (long long)(b);                         \
        if (check_a != check_b)                                                               \
            CHECK_FAIL("%s == %s: %lld (0x%llx) is not %lld (0x%llx)", #a, #b, check_a,       \
                       (unsigned long long)check_a, check_b, (unsigned long long)check_b);    \
    } while (0)

/* Two strings are equal. */
#define CHECK_STR(a, b)                                                              \
    do {                                                                             \
        const char *check_a = (a), *check_b = (b);                                   \
        if (strcmp(check_a, check_b))                                                \
            CHECK_FAIL("%s == %s: \"%s\" is not \"%s\"", #a, #b, check_a, check_b);  \
    } while (0)

/* A repeatable stream of random numbers (xorshift64*), the same in every run. */
__attribute__((unused)) static uint64_t check_random_state = 0x9e3779b97f4a7c15ULL;

__attribute__((unused)) static uint64_t check_random(void)
{
    check_random_state ^= check_random_state >> 12;
    check_random_state ^= check_random_state << 25;
    check_random_state ^= check_random_state >> 27;
    return check_random_state * 0x2545f4914f6cdd1dULL;
}

/* A random number in 0..limit-1. */
__attribute__((unused)) static uint64_t check_random_below(uint64_t limit)
{
    return check_random() % limit;
}

static bool check_wanted(const char *name, int words, char **word)
{
    for (int i = 0; i < words; i++)
        if (strstr(name, word[i]))
            return true;
    return words == 0;
}

int main(int argc, char **argv)
{
    static unsigned int passed, failed; /* static: they must survive longjmp */

    setvbuf(stdout, NULL, _IOLBF, 0);
    for (struct check_test *volatile test = check_first; test; test = test->next) {
        if (!check_wanted(test->name, argc - 1, argv + 1))
            continue;
        check_current = test->name;
        if (setjmp(check_escape)) {
            failed++;
            continue;
        }
        test->run();
        passed++;
        printf("ok %s\n", test->name);
    }
    printf("%u passed, %u failed\n", passed, failed);
    return failed || !passed;
}
