/* SPDX-License-Identifier: BSD-2-Clause */
/* Heapsort. */
#include "lib/sort.h"

static void swap(uint8_t *a, uint8_t *b, size_t size)
{
    for (; size; size--, a++, b++) {
        uint8_t old = *a;

        *a = *b;
        *b = old;
    }
}

/* Element `at` may be smaller than a child: moves it down until it is not. */
static void sift_down(uint8_t *base, size_t at, size_t count, size_t size,
                      int (*compare)(const void *a, const void *b))
{
    for (;;) {
        size_t child = 2 * at + 1;

        if (child >= count)
            return;
        if (child + 1 < count && compare(base + child * size, base + (child + 1) * size) < 0)
            child++;
        if (compare(base + at * size, base + child * size) >= 0)
            return;
        swap(base + at * size, base + child * size, size);
        at = child;
    }
}

void sort(void *base, size_t count, size_t size, int (*compare)(const void *a, const void *b))
{
    uint8_t *bytes = base;

    for (size_t at = count / 2; at-- > 0;)
        sift_down(bytes, at, count, size, compare);
    for (size_t last = count; last-- > 1;) {
        swap(bytes, bytes + last * size, size);
        sift_down(bytes, 0, last, size, compare);
    }
}
