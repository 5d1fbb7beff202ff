/* SPDX-License-Identifier: BSD-2-Clause */
/* Arguments of 32-bit guests: structures widened and cut off, and seen through a view. */
/* sources: hypervisor/abi/compat.c hypervisor/p2m/compat_view.c */
#include "tests/unit/check.h"

#include <string.h>

#include "abi/compat.h"
#include "abi/errno.h"
#include "abi/xen.h"
#include "lib/types.h"
#include "p2m/compat_view.h"

#include <xen/grant_table.h>
#include <xen/memory.h>
#include <xen/vcpu.h>

/* The guest's memory: what guest_copy() reaches. */
static uint8_t memory[4096];
#define MEMORY_AT 0x10000u

int guest_copy(void *ours, uint64_t gva, size_t bytes, enum guest_copy_way way)
{
    if (gva < MEMORY_AT || gva + bytes > MEMORY_AT + sizeof(memory))
        return -EFAULT;
    if (way == GUEST_COPY_FROM)
        memcpy(ours, memory + (gva - MEMORY_AT), bytes);
    else if (way == GUEST_COPY_TO)
        memcpy(memory + (gva - MEMORY_AT), ours, bytes);
    else
        memset(memory + (gva - MEMORY_AT), 0, bytes);
    return 0;
}

/* As a 32-bit compiler lays it out, by hand from xen/memory.h. */
struct reservation32 {
    uint32_t extent_start, nr_extents, extent_order, mem_flags;
    uint16_t domid;
};

TEST(a_reservation_is_widened)
{
    const struct reservation32 guest = {0xfedcba98, 0xffffffff, 9, 0x80000001, DOMID_SELF};
    struct xen_memory_reservation r;

    CHECK_EQ(compat_guest_bytes(COMPAT_xen_memory_reservation), sizeof(guest));
    CHECK_EQ(compat_native_bytes(COMPAT_xen_memory_reservation), sizeof(r));
    memset(&r, 0xa5, sizeof(r));
    compat_widen(COMPAT_xen_memory_reservation, &r, &guest);
    CHECK_EQ((uint64_t)(uintptr_t)r.extent_start.p, 0xfedcba98);
    CHECK_EQ(r.nr_extents, 0xffffffff); /* zero-extended */
    CHECK_EQ(r.extent_order, 9);
    CHECK_EQ(r.mem_flags, 0x80000001);
    CHECK_EQ(r.domid, DOMID_SELF);
}

TEST(a_copy_comes_back_with_its_status)
{
    struct gnttab_copy c = {.source.u.ref = 7,
                            .source.domid = 1,
                            .source.offset = 100,
                            .dest.u.gmfn = 0x123456789,
                            .dest.domid = 2,
                            .dest.offset = 200,
                            .len = 300,
                            .flags = GNTCOPY_source_gref,
                            .status = GNTST_bad_gntref};
    uint8_t guest[COMPAT_BYTES_MAX] = {0};
    struct gnttab_copy again;

    CHECK_EQ(compat_guest_bytes(COMPAT_gnttab_copy), 24);
    compat_narrow(COMPAT_gnttab_copy, guest, &c);
    compat_widen(COMPAT_gnttab_copy, &again, guest);
    CHECK_EQ(again.source.u.ref, 7);
    CHECK_EQ(again.dest.u.gmfn, 0x23456789); /* cut off */
    CHECK_EQ(again.dest.offset, 200);
    CHECK_EQ(again.status, GNTST_bad_gntref);
}

TEST(nothing_is_written_beyond_either_layout)
{
    for (unsigned int s = 0; s < COMPAT_COUNT; s++) {
        uint8_t guest[COMPAT_BYTES_MAX + 16], native[COMPAT_BYTES_MAX + 16];

        for (size_t i = 0; i < sizeof(guest); i++)
            guest[i] = native[i] = (uint8_t)check_random();
        memset(native + compat_native_bytes(s), 0x5a, 16);
        compat_widen(s, native, guest);
        for (unsigned int i = 0; i < 16; i++)
            CHECK_EQ(native[compat_native_bytes(s) + i], 0x5a);
        memset(guest + compat_guest_bytes(s), 0x5a, 16);
        compat_narrow(s, guest, native);
        for (unsigned int i = 0; i < 16; i++)
            CHECK_EQ(guest[compat_guest_bytes(s) + i], 0x5a);
    }
}

/* What the guest wrote comes back bit for bit, in all its fields. */
TEST(wide_and_narrow_is_the_same)
{
    for (unsigned int s = 0; s < COMPAT_COUNT; s++) {
        uint8_t guest[COMPAT_BYTES_MAX], once[COMPAT_BYTES_MAX] = {0},
                                         twice[COMPAT_BYTES_MAX] = {0};
        uint8_t native[COMPAT_BYTES_MAX];

        for (size_t i = 0; i < sizeof(guest); i++)
            guest[i] = (uint8_t)(check_random() | 1);
        compat_widen(s, native, guest);
        compat_narrow(s, once, native);
        compat_widen(s, native, once);
        compat_narrow(s, twice, native);
        CHECK(!memcmp(once, twice, sizeof(once)));
        for (unsigned int i = 0; i < compat_guest_bytes(s); i++)
            CHECK(once[i] == guest[i] || !once[i]); /* (padding) */
    }
}

TEST(a_view_has_bounds)
{
    uint8_t bytes[16] = {1, 2, 3};
    const struct compat_view view = {
        .bytes = bytes, .size = sizeof(bytes), .lists = {MEMORY_AT, 0xfffffff8}};
    uint64_t word[2] = {0};
    uint32_t in_guest[2] = {0x89abcdef, 0xffffffff};

    CHECK_EQ(compat_view_copy(&view, word, COMPAT_VA, 16, GUEST_COPY_FROM), 0);
    CHECK_EQ(word[0], 0x030201);
    CHECK_EQ(compat_view_copy(&view, word, COMPAT_VA + 8, 16, GUEST_COPY_FROM), -EFAULT);
    CHECK_EQ(compat_view_copy(&view, word, COMPAT_VA + 17, 0, GUEST_COPY_FROM), -EFAULT);
    CHECK_EQ(compat_view_copy(&view, word, COMPAT_VA - 8, 8, GUEST_COPY_FROM), -EFAULT);
    CHECK_EQ(compat_view_copy(&view, word, COMPAT_LIST_VA(2), 8, GUEST_COPY_FROM), -EFAULT);
    CHECK_EQ(compat_view_copy(&view, word, ~0ULL - 15, 16, GUEST_COPY_FROM), -EFAULT);

    memcpy(memory, in_guest, sizeof(in_guest));
    CHECK_EQ(compat_view_copy(&view, word, COMPAT_LIST_VA(0), 16, GUEST_COPY_FROM), 0);
    CHECK_EQ(word[0], 0x89abcdef);
    CHECK_EQ(word[1], 0xffffffff);
    CHECK_EQ(compat_view_copy(&view, word, COMPAT_LIST_VA(0) + 4, 8, GUEST_COPY_FROM), -EFAULT);
    CHECK_EQ(compat_view_copy(&view, word, COMPAT_LIST_VA(0), 4, GUEST_COPY_FROM), -EFAULT);
    word[0] = 0x1122334455667788;
    CHECK_EQ(compat_view_copy(&view, word, COMPAT_LIST_VA(0) + 24, 8, GUEST_COPY_TO), 0);
    memcpy(in_guest, memory + 12, 4);
    CHECK_EQ(in_guest[0], 0x55667788);
    /* a list that runs beyond 4 GiB does not begin anew at 0 */
    CHECK_EQ(compat_view_copy(&view, word, COMPAT_LIST_VA(1) + 16, 8, GUEST_COPY_FROM), -EFAULT);
}
