/* SPDX-License-Identifier: BSD-2-Clause */
/* A trace buffer, read as xentrace and xenalyze read it, by a reader that may also lie. */
/* sources: hypervisor/debug/trace_ring.c */
#include "tests/unit/check.h"

#include "debug/trace_ring.h"

#define BYTES 4096

static uint64_t memory[BYTES / 8 + 1];
static struct trace_ring ring;
static uint32_t next_word, lost_seen, records, wraps;

static struct t_buf *begin(void)
{
    memset(memory, 0xee, sizeof(memory));
    trace_ring_init(&ring, memory, BYTES);
    next_word = lost_seen = records = wraps = 0;
    return (struct t_buf *)memory;
}

static bool put(uint32_t value, unsigned int count)
{
    uint32_t words[TRACE_EXTRA_MAX];

    for (unsigned int i = 0; i < count; i++)
        words[i] = value;
    return trace_ring_put(&ring, TRC_SCHED_SWITCH, 0x123456789abcdefUL + value, words, count);
}

/* Take out all records: values rise by one, or by as many as were lost. */
static void drain(struct t_buf *shared)
{
    const uint8_t *data = (const uint8_t *)(shared + 1);
    uint32_t size = (BYTES - sizeof(*shared)) & ~3u;

    while (shared->cons != shared->prod) {
        struct t_rec rec;
        const uint32_t *extra;
        uint32_t offset = shared->cons % size, bytes;

        memcpy(&rec, data + offset, 4);
        bytes = 4 + rec.cycles_included * 8u + rec.extra_u32 * 4u;
        CHECK(offset + bytes <= size);
        extra = (const uint32_t *)(data + offset + (rec.cycles_included ? 12 : 4));
        if (rec.event == TRC_LOST_RECORDS) {
            CHECK_EQ(rec.extra_u32, 4);
            lost_seen += extra[0];
            next_word += extra[0];
        } else if (rec.event == TRC_TRACE_WRAP_BUFFER) {
            CHECK_EQ(offset + bytes, size);
            wraps++;
        } else {
            uint64_t tsc;

            CHECK_EQ(rec.event, TRC_SCHED_SWITCH);
            CHECK(rec.cycles_included);
            memcpy(&tsc, data + offset + 4, 8);
            next_word = (uint32_t)(tsc - 0x123456789abcdefUL) == next_word ? next_word + 1 : ~0u;
            for (unsigned int i = 0; i < rec.extra_u32; i++)
                CHECK_EQ(extra[i], next_word - 1);
            records++;
        }
        shared->cons = (shared->cons + bytes) % (2 * size);
    }
}

TEST(all_that_is_put_comes_out)
{
    struct t_buf *shared = begin();

    for (uint32_t i = 0; i < 100000; i++) {
        put(i, (unsigned int)(check_random() % (TRACE_EXTRA_MAX + 1)));
        if (check_random() % 8 == 0)
            drain(shared);
    }
    drain(shared);
    CHECK_EQ(next_word, 100000);
    CHECK_EQ(records, 100000);
    CHECK_EQ(lost_seen, 0);
    CHECK(wraps > 100);
    CHECK_EQ(((uint8_t *)memory)[BYTES], 0xee);
}

TEST(what_does_not_fit_is_counted)
{
    struct t_buf *shared = begin();
    uint32_t n = 0;

    for (unsigned int round = 0; round < 2000; round++) {
        for (uint32_t i = check_random() % 400; i; i--)
            put(n++, (unsigned int)(check_random() % (TRACE_EXTRA_MAX + 1)));
        drain(shared);
    }
    put(n++, 1);
    drain(shared);
    CHECK_EQ(next_word, n);
    CHECK_EQ(records + lost_seen, n);
    CHECK(lost_seen > 1000);
    CHECK_EQ(((uint8_t *)memory)[BYTES], 0xee);
}

TEST(half_full_is_said_once)
{
    struct t_buf *shared = begin();
    unsigned int said = 0;

    for (uint32_t i = 0; i < 500; i++)
        said += put(i, 3);
    CHECK_EQ(said, 1);
    drain(shared);
    for (uint32_t i = 0; i < 50; i++)
        CHECK(!put(1000 + i, 3));
}

TEST(a_lying_reader_harms_nobody)
{
    struct t_buf *shared = begin();

    for (uint32_t i = 0; i < 100000; i++) {
        put(i, (unsigned int)(check_random() % (TRACE_EXTRA_MAX + 1)));
        if (check_random() % 4 == 0)
            shared->cons = (uint32_t)check_random() % (check_random() % 2 ? 10000 : ~0u);
        if (check_random() % 16 == 0)
            shared->prod = (uint32_t)check_random();
        CHECK(ring.prod < 2 * ring.bytes && ring.prod % 4 == 0);
    }
    CHECK_EQ(((uint8_t *)memory)[BYTES], 0xee);
}
