/* SPDX-License-Identifier: BSD-2-Clause */
/* The x86 filter against liblzma's encoder and decoder. */
/* sources: boot/common/x86_filter.c */
/* libs: -llzma */
#include "tests/unit/check.h"

#include <lzma.h>

#include "boot/common/x86_filter.h"

#define MOST 65536

static uint8_t plain[MOST], coded[MOST], packed[2 * MOST];

/* Runs liblzma's x86 encoder alone: pack with both filters, unpack with LZMA2 only. */
static void encode(size_t bytes)
{
    lzma_options_lzma options;
    lzma_filter both[] = {
        {LZMA_FILTER_X86, NULL}, {LZMA_FILTER_LZMA2, &options}, {LZMA_VLI_UNKNOWN, NULL}};
    size_t in = 0, out = 0;

    lzma_lzma_preset(&options, 0);
    CHECK_EQ(lzma_raw_buffer_encode(both, NULL, plain, bytes, packed, &out, sizeof packed),
             LZMA_OK);
    CHECK_EQ(lzma_raw_buffer_decode(both + 1, NULL, packed, &in, out, coded, &(size_t){0}, bytes),
             LZMA_OK);
}

static void round_trip(size_t bytes)
{
    encode(bytes);
    x86_filter_undo(coded, bytes);
    CHECK(memcmp(coded, plain, bytes) == 0);
}

TEST(filter_undoes_dense_candidates)
{
    /* Few byte values, so that candidates and extensions stand next to each other all the time. */
    static const uint8_t values[] = {0xe8, 0xe9, 0x00, 0xff, 0x01, 0xfe, 0xe8, 0x00};

    for (int round = 0; round < 300; round++) {
        size_t bytes = check_random_below(2000);
        unsigned variety = 2 + (unsigned)check_random_below(7);

        for (size_t i = 0; i < bytes; i++)
            plain[i] = values[check_random_below(variety)];
        round_trip(bytes);
    }
}

TEST(filter_undoes_code)
{
    for (int round = 0; round < 50; round++) {
        for (size_t i = 0; i < MOST; i++)
            plain[i] = (uint8_t)check_random();
        for (size_t i = 0; i + 5 < MOST; i += check_random_below(12)) {
            plain[i] = 0xe8 | (check_random() & 1);
            plain[i + 4] = -(check_random() & 1);
        }
        round_trip(MOST);
    }
}

TEST(filter_undoes_any_length)
{
    for (size_t bytes = 0; bytes < 80; bytes++) {
        for (int round = 0; round < 20; round++) {
            for (size_t i = 0; i < bytes; i++)
                plain[i] = check_random() & 1 ? 0xe8 : -(check_random() & 1);
            round_trip(bytes);
        }
    }
}

/* What no encoder makes must still come out as liblzma says, and come out at all. */
TEST(filter_agrees_on_hostile_data)
{
    static uint8_t theirs[MOST];
    lzma_options_lzma options;
    lzma_filter both[] = {
        {LZMA_FILTER_X86, NULL}, {LZMA_FILTER_LZMA2, &options}, {LZMA_VLI_UNKNOWN, NULL}};

    lzma_lzma_preset(&options, 0);
    for (int round = 0; round < 400; round++) {
        size_t bytes = 1 + check_random_below(3000), in = 0, out = 0;

        for (size_t i = 0; i < bytes; i++)
            coded[i] = check_random_below(3) ? 0xe8 | (check_random() & 1)
                                             : (uint8_t)(check_random_below(4) - 2);
        CHECK_EQ(lzma_raw_buffer_encode(both + 1, NULL, coded, bytes, packed, &out, sizeof packed),
                 LZMA_OK);
        CHECK_EQ(lzma_raw_buffer_decode(both, NULL, packed, &in, out, theirs, &(size_t){0}, bytes),
                 LZMA_OK);
        x86_filter_undo(coded, bytes);
        CHECK(memcmp(coded, theirs, bytes) == 0);
    }
}
