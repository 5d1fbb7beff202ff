/* SPDX-License-Identifier: BSD-2-Clause */
/* LZMA2 against liblzma's encoder. */
/* sources: boot/common/lzma2.c */
/* libs: -llzma */
#include "tests/unit/check.h"

#include <lzma.h>

#include "boot/common/lzma2.h"

#define MOST (5U << 20) /* more than one chunk of output */

static uint8_t *plain, *packed, *result;
static size_t packed_bytes;

static void begin(void)
{
    if (plain)
        return;
    plain = malloc(MOST);
    packed = malloc(2 * MOST);
    result = malloc(MOST);
}

/* Text-like, run-like and noise-like stretches, so that every kind of symbol occurs. */
static void fill(size_t bytes)
{
    size_t at = 0;

    while (at < bytes) {
        size_t part = 1 + check_random_below(3000), back = 1 + check_random_below(at + 1);
        unsigned kind = (unsigned)check_random_below(5);

        for (; part && at < bytes; part--, at++) {
            if (kind == 0)
                plain[at] = (uint8_t)check_random();
            else if (kind == 1)
                plain[at] = "etaoin shrdlu"[check_random_below(13)];
            else if (kind == 2)
                plain[at] = at >= 3 ? plain[at - 1 - at % 3] : 7;
            else
                plain[at] = at >= back ? plain[at - back] ^ !check_random_below(40) : 0;
        }
    }
}

static void encode(size_t bytes, unsigned lc, unsigned lp, unsigned pb)
{
    lzma_options_lzma options;
    lzma_filter filters[] = {{LZMA_FILTER_LZMA2, &options}, {LZMA_VLI_UNKNOWN, NULL}};

    lzma_lzma_preset(&options, 1);
    options.lc = lc;
    options.lp = lp;
    options.pb = pb;
    options.dict_size = MOST;
    packed_bytes = 0;
    CHECK_EQ(lzma_raw_buffer_encode(filters, NULL, plain, bytes, packed, &packed_bytes, 2 * MOST),
             LZMA_OK);
}

/* Unpacks from and to memory of exactly the right size, so that the sanitizer sees every slip. */
static enum lzma2_status decode(size_t in_bytes, size_t out_bytes, struct lzma2_result *r)
{
    uint8_t *in = malloc(in_bytes + !in_bytes), *out = malloc(out_bytes + !out_bytes);
    enum lzma2_status status;

    memcpy(in, packed, in_bytes);
    status = lzma2_unpack(in, in_bytes, out, out_bytes, r);
    memcpy(result, out, out_bytes);
    free(in);
    free(out);
    return status;
}

static void round_trip(size_t bytes, unsigned lc, unsigned lp, unsigned pb)
{
    struct lzma2_result r;

    begin();
    fill(bytes);
    encode(bytes, lc, lp, pb);
    CHECK_EQ(decode(packed_bytes, bytes, &r), LZMA2_DONE);
    CHECK_EQ(r.in_used, packed_bytes);
    CHECK_EQ(r.out_made, bytes);
    CHECK(memcmp(result, plain, bytes) == 0);
}

TEST(lzma2_all_properties)
{
    for (unsigned lc = 0; lc <= 4; lc++)
        for (unsigned lp = 0; lc + lp <= 4; lp++)
            for (unsigned pb = 0; pb <= 4; pb += 2)
                round_trip(20000, lc, lp, pb);
}

TEST(lzma2_all_small_sizes)
{
    for (size_t bytes = 1; bytes < 300; bytes++)
        round_trip(bytes, 3, 0, 2);
}

TEST(lzma2_many_chunks)
{
    round_trip(MOST, 3, 0, 2);
    begin();
    memset(plain, 0, MOST);
    encode(MOST, 3, 0, 2);
    CHECK_EQ(decode(packed_bytes, MOST, &(struct lzma2_result){0}), LZMA2_DONE);
    CHECK(memcmp(result, plain, MOST) == 0);
}

TEST(lzma2_every_truncation)
{
    struct lzma2_result r;

    begin();
    fill(5000);
    encode(5000, 3, 0, 2);
    for (size_t bytes = 0; bytes < packed_bytes; bytes++)
        CHECK_EQ(decode(bytes, 5000, &r), LZMA2_TRUNCATED);
    for (size_t bytes = 0; bytes < 5000; bytes += 7)
        CHECK_EQ(decode(packed_bytes, bytes, &r), LZMA2_DAMAGED);
    CHECK_EQ(decode(packed_bytes, 6000, &r), LZMA2_DONE);
    CHECK_EQ(r.out_made, 5000);
}

TEST(lzma2_damage_does_no_harm)
{
    struct lzma2_result r;

    begin();
    for (int round = 0; round < 3000; round++) {
        size_t bytes = 500 + check_random_below(1500);

        if (round % 30 == 0) {
            fill(2000);
            encode(2000, 3, 0, 2);
        }
        packed[check_random_below(packed_bytes)] ^= (uint8_t)(1 << check_random_below(8));
        decode(packed_bytes, bytes, &r);
    }
}

TEST(lzma2_chunks_out_of_order_are_refused)
{
    /* No dictionary yet; no properties yet; unknown kinds. */
    static const uint8_t firsts[] = {0x02, 0x80, 0xa0, 0xc0, 0x03, 0x7f};
    struct lzma2_result r;

    begin();
    memset(packed, 0, 64);
    for (size_t i = 0; i < sizeof firsts; i++) {
        packed[0] = firsts[i];
        packed[4] = 20;
        CHECK_EQ(decode(64, 100, &r), LZMA2_DAMAGED);
    }
    packed[0] = 0;
    CHECK_EQ(decode(1, 0, &r), LZMA2_DONE);
    CHECK_EQ(r.in_used, 1);
}
