/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A trace buffer.
 *
 * What is always true here: a record lies in one piece, so what is left at the end is filled with a
 * record of its own that readers skip; `prod` is ours alone and published behind what it covers;
 * `cons` is the reader's, read once for each record, and if it makes no sense nothing is free.
 */
#include "debug/trace_ring.h"

#define HEAD_BYTES 4u
#define TSC_BYTES 8u

void trace_ring_init(struct trace_ring *r, void *page, uint32_t bytes)
{
    *r = (struct trace_ring){
        .shared = page,
        .data = (uint8_t *)page + sizeof(struct t_buf),
        .bytes = (bytes - (uint32_t)sizeof(struct t_buf)) & ~3u,
    };
    r->shared->cons = r->shared->prod = 0;
}

static uint32_t used(const struct trace_ring *r)
{
    uint32_t cons = READ_ONCE(r->shared->cons), n;

    if (cons >= 2 * r->bytes || cons % 4)
        return r->bytes;
    n = r->prod >= cons ? r->prod - cons : r->prod + 2 * r->bytes - cons;
    return min(n, r->bytes);
}

static uint32_t offset(const struct trace_ring *r)
{
    return r->prod >= r->bytes ? r->prod - r->bytes : r->prod;
}

static uint32_t size_of(unsigned int count, bool timed)
{
    return HEAD_BYTES + (timed ? TSC_BYTES : 0) + count * 4;
}

/* It fits at `prod`, and there is room. */
static void write(struct trace_ring *r, uint32_t event, bool timed, uint64_t tsc,
                  const uint32_t *words, unsigned int count)
{
    uint32_t *at = (uint32_t *)(r->data + offset(r));

    *at++ = (event & 0x0fffffff) | count << TRACE_EXTRA_SHIFT |
            (timed ? (uint32_t)TRC_HD_CYCLE_FLAG : 0);
    if (timed) {
        *at++ = (uint32_t)tsc;
        *at++ = (uint32_t)(tsc >> 32);
    }
    for (unsigned int i = 0; i < count; i++)
        *at++ = words ? words[i] : 0;
    r->prod += size_of(count, timed);
    if (r->prod >= 2 * r->bytes)
        r->prod -= 2 * r->bytes;
}

/* Bytes that a record of @bytes needs: also what is left before the end, if it is longer. */
static uint32_t needed(const struct trace_ring *r, uint32_t bytes)
{
    uint32_t left = r->bytes - offset(r);

    return bytes > left ? left + bytes : bytes;
}

/* Room was found: fill up the end if @bytes do not fit there. */
static void wrap(struct trace_ring *r, uint32_t bytes)
{
    uint32_t left = r->bytes - offset(r);
    bool timed;

    if (bytes <= left)
        return;
    timed = left > size_of(TRACE_EXTRA_MAX, false);
    write(r, TRC_TRACE_WRAP_BUFFER, timed, 0, NULL, (left - size_of(0, timed)) / 4);
}

/* Tell how many were lost, if that and the record after it fit. */
static bool tell_lost(struct trace_ring *r, uint64_t tsc, uint32_t after)
{
    uint32_t words[] = {r->lost, 0, (uint32_t)r->lost_tsc, (uint32_t)(r->lost_tsc >> 32)};
    uint32_t bytes = size_of(ARRAY_SIZE(words), true);

    /* (a second end cannot come between them: both are smaller than a buffer by far) */
    if (used(r) + needed(r, bytes) + after + size_of(TRACE_EXTRA_MAX, true) > r->bytes)
        return false;
    wrap(r, bytes);
    write(r, TRC_LOST_RECORDS, true, tsc, words, ARRAY_SIZE(words));
    r->lost = 0;
    return true;
}

bool trace_ring_put(struct trace_ring *r, uint32_t event, uint64_t tsc, const uint32_t *words,
                    unsigned int count)
{
    uint32_t before = used(r), bytes;

    count = min(count, (unsigned int)TRACE_EXTRA_MAX);
    bytes = size_of(count, true);
    if ((r->lost && !tell_lost(r, tsc, bytes)) || used(r) + needed(r, bytes) > r->bytes) {
        if (!r->lost++)
            r->lost_tsc = tsc;
        return false;
    }
    wrap(r, bytes);
    write(r, event, true, tsc, words, count);
    __atomic_store_n(&r->shared->prod, r->prod, __ATOMIC_RELEASE);
    return before < r->bytes / 2 && used(r) >= r->bytes / 2;
}
