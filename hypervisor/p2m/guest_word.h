/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copying to and from the memory of the calling guest, word by word: for paths so short that
 * copy_from_guest() would be most of them. The same door as p2m/copy.h, and the same rules.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cpu/extable.h"
#include "lib/types.h"
#include "mm/layout.h"

/*
 * May the guest name the @bytes bytes (at most some MiB) at @gva? Neither in the hypervisor's
 * range nor beyond the lower half; what wraps at the top is the guest's own again. To be asked
 * before guest_get() and guest_put(), once for all words of a structure.
 */
static inline bool guest_range_ok(uint64_t gva, uint64_t bytes)
{
    const uint64_t first_bad = 0x0000800000000000 - bytes + 1;

    return likely(gva - first_bad >= VA_HYPERVISOR_END - first_bad);
}

/* One word, in one access; false when it cannot be accessed. */
static inline bool must_check guest_get(uint64_t *value, uint64_t gva)
{
    uint64_t v;

    __asm__ goto volatile("1: movq %1, %0\n" EXTABLE("1b", "%l[fault]")
                          : "=r"(v)
                          : "m"(*(const uint64_t *)gva)
                          :
                          : fault);
    *value = v;
    return true;
fault:
    return false;
}

/* The same with four bytes. */
static inline bool must_check guest_get_u32(uint32_t *value, uint64_t gva)
{
    uint32_t v;

    __asm__ goto volatile("1: movl %1, %0\n" EXTABLE("1b", "%l[fault]")
                          : "=r"(v)
                          : "m"(*(const uint32_t *)gva)
                          :
                          : fault);
    *value = v;
    return true;
fault:
    return false;
}

static inline bool must_check guest_put(uint64_t gva, uint64_t value)
{
    __asm__ goto volatile("1: movq %1, %0\n" EXTABLE("1b", "%l[fault]")
                          :
                          : "m"(*(uint64_t *)gva), "er"(value)
                          : "memory"
                          : fault);
    return true;
fault:
    return false;
}

/* The first @words words of a structure: a constant, at most five. */
static inline __attribute__((__always_inline__)) bool must_check
guest_get_words(uint64_t *to, uint64_t gva, unsigned int words)
{
    return guest_get(to, gva) && (words < 2 || guest_get(to + 1, gva + 8)) &&
           (words < 3 || guest_get(to + 2, gva + 16)) &&
           (words < 4 || guest_get(to + 3, gva + 24)) &&
           (words < 5 || guest_get(to + 4, gva + 32));
}
