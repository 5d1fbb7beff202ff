/* SPDX-License-Identifier: BSD-2-Clause */
/* Stands in for hypervisor/p2m/guest_word.h: a test's memory is the guest's, but for address 0. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static inline bool guest_range_ok(uint64_t gva, uint64_t bytes)
{
    (void)bytes;
    return gva != 0;
}

static inline bool guest_get(uint64_t *value, uint64_t gva)
{
    memcpy(value, (const void *)(uintptr_t)gva, sizeof(*value));
    return true;
}

static inline bool guest_get_u32(uint32_t *value, uint64_t gva)
{
    memcpy(value, (const void *)(uintptr_t)gva, sizeof(*value));
    return true;
}

static inline bool guest_put(uint64_t gva, uint64_t value)
{
    memcpy((void *)(uintptr_t)gva, &value, sizeof(value));
    return true;
}

static inline bool guest_get_words(uint64_t *to, uint64_t gva, unsigned int words)
{
    memcpy(to, (const void *)(uintptr_t)gva, words * sizeof(*to));
    return true;
}
