/* SPDX-License-Identifier: BSD-2-Clause */
/* Structures as 32-bit guests lay them out: one table of fields, made from the headers twice. */
#include "abi/compat.h"

#include "abi/xen.h"
#include "lib/string.h"
#include "lib/types.h"

#include <xen/grant_table.h>
#include <xen/memory.h>
#include <xen/physdev.h>
#include <xen/sched.h>
#include <xen/vcpu.h>
#include <xen/version.h>

struct row {
    uint8_t structure; /* enum compat_struct */
    uint8_t at, bytes; /* with us */
    uint8_t guest_at, guest_bytes;
};

#define ROW(s, name, field)                                                                        \
    {COMPAT_##s, offsetof(struct s, field), sizeof(((struct s *)0)->field), C32_##s##_##name##_AT, \
     C32_##s##_##name##_BYTES},
static const struct row rows[] = {COMPAT_FIELDS(ROW)};
#undef ROW

#define SIZES(s)                                                                               \
    static_assert(sizeof(struct s) <= COMPAT_BYTES_MAX && C32_##s##_BYTES <= COMPAT_BYTES_MAX, \
                  "compat");
COMPAT_STRUCTS(SIZES)
#undef SIZES

#define GUEST(s)  C32_##s##_BYTES,
#define NATIVE(s) sizeof(struct s),
static const uint8_t guest_bytes[] = {COMPAT_STRUCTS(GUEST)};
static const uint8_t native_bytes[] = {COMPAT_STRUCTS(NATIVE)};
#undef GUEST
#undef NATIVE

uint32_t compat_guest_bytes(enum compat_struct s)
{
    return guest_bytes[s];
}

uint32_t compat_native_bytes(enum compat_struct s)
{
    return native_bytes[s];
}

void compat_widen(enum compat_struct s, void *native, const void *guest)
{
    memset(native, 0, native_bytes[s]);
    for (unsigned int i = 0; i < ARRAY_SIZE(rows); i++)
        if (rows[i].structure == s)
            memcpy((char *)native + rows[i].at, (const char *)guest + rows[i].guest_at,
                   min(rows[i].bytes, rows[i].guest_bytes));
}

void compat_narrow(enum compat_struct s, void *guest, const void *native)
{
    for (unsigned int i = 0; i < ARRAY_SIZE(rows); i++)
        if (rows[i].structure == s)
            memcpy((char *)guest + rows[i].guest_at, (const char *)native + rows[i].at,
                   min(rows[i].bytes, rows[i].guest_bytes));
}
