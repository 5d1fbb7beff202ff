/* SPDX-License-Identifier: BSD-2-Clause */
/* The words every source uses: fixed-width types, attributes and small arithmetic. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifndef static_assert
#define static_assert _Static_assert
#endif

/* Attributes. The inner names carry underscores so that these macros do not expand twice. */
#define must_check __attribute__((__warn_unused_result__))
#define packed __attribute__((__packed__))
#define aligned(n) __attribute__((__aligned__(n)))
#define off_path __attribute__((__noinline__)) /* keeps the short path short */
#define noreturn_fn __attribute__((__noreturn__))
#define unused __attribute__((__unused__))
#define section(x) __attribute__((__section__(x)))
#define printf_like(format_index, args_index) \
    __attribute__((__format__(__printf__, format_index, args_index)))

#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* The structure of `type` whose field `member` is at `pointer`, which may be const. */
#define container_of(pointer, type, member) \
    ((type *)((uintptr_t)(pointer) - offsetof(type, member)))

#define BIT(n) (1ULL << (n))
#define KiB 1024ULL
#define MiB (1024ULL * KiB)
#define GiB (1024ULL * MiB)
#define TiB (1024ULL * GiB)

/* `to` is a power of two; the result has the width of `x`. ROUND_UP wraps at the type's end. */
#define ROUND_DOWN(x, to) ((x) & ~((__typeof__(x))(to)-1))
#define ROUND_UP(x, to) (((x) + ((__typeof__(x))(to)-1)) & ~((__typeof__(x))(to)-1))
#define DIV_ROUND_UP(x, by) (((x) / (by)) + ((x) % (by) != 0))
#define IS_ALIGNED(x, to) (((x) & ((__typeof__(x))(to)-1)) == 0)

/* One load or one store, never split, merged or repeated by the compiler. No ordering. */
#define READ_ONCE(x) (*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, value) (*(volatile __typeof__(x) *)&(x) = (value))

/* Smaller and larger of two values of one type; each argument is evaluated once. */
#define min(a, b) MIN_NAMED(a, b, __COUNTER__)
#define max(a, b) MAX_NAMED(a, b, __COUNTER__)
#define MIN_NAMED(a, b, n) MIN_BODY(a, b, n)
#define MAX_NAMED(a, b, n) MAX_BODY(a, b, n)
#define MIN_BODY(a, b, n)                             \
    ({                                                \
        __typeof__((a) + 0) min_a_##n = (a);          \
        __typeof__((b) + 0) min_b_##n = (b);          \
        (void)(&min_a_##n == &min_b_##n);             \
        min_a_##n < min_b_##n ? min_a_##n : min_b_##n; \
    })
#define MAX_BODY(a, b, n)                             \
    ({                                                \
        __typeof__((a) + 0) max_a_##n = (a);          \
        __typeof__((b) + 0) max_b_##n = (b);          \
        (void)(&max_a_##n == &max_b_##n);             \
        max_a_##n > max_b_##n ? max_a_##n : max_b_##n; \
    })
