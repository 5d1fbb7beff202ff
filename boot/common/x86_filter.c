/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Undoing the x86 filter.
 *
 * What is always true here: a byte E8 or E9 is a candidate. Its operand was converted only if the
 * operand's top byte is 00 or FF and the three bytes before it make that plausible: none of them is
 * an unconverted candidate with such a top byte, and at most one is a candidate at all. If one is,
 * at distance d, the converter made sure that the byte of the result which lies where that
 * candidate's top byte is does not become 00 or FF. Candidates are found 16 bytes at a time; almost
 * all of the work is skipping what is none.
 */
#include "boot/common/x86_filter.h"

#include <emmintrin.h>
#include <string.h>

#define BLOCK             16U
#define OPERAND_BYTES     4U
#define INSTRUCTION_BYTES 5U
#define NEAR              4U /* candidates this far apart do not influence each other */

/* What lies before the next candidate: bit d stands for distance d from the last one. */
struct history {
    unsigned seen;     /* unconverted candidates */
    unsigned extended; /* those whose top byte is 00 or FF */
};

static int is_extension(uint8_t top)
{
    return top == 0 || top == 0xff;
}

/* One bit for each candidate among the next 16 bytes, or among those that are left. */
static unsigned candidates(const uint8_t *data, size_t bytes)
{
    unsigned found = 0, i;

    if (bytes >= BLOCK) {
        __m128i block = _mm_loadu_si128((const __m128i *)data);

        block = _mm_and_si128(block, _mm_set1_epi8((char)0xfe));
        return (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(block, _mm_set1_epi8((char)0xe8)));
    }
    for (i = 0; i < bytes; i++)
        found |= (unsigned)((data[i] & 0xfe) == 0xe8) << i;
    return found;
}

/* The distance for the operand at `data`; `place` is the address after it. */
static void operand_convert(uint8_t *data, uint32_t place, unsigned seen)
{
    uint32_t target, distance;

    memcpy(&target, data, sizeof target);
    distance = target - place;
    if (seen) {
        /*
         * One candidate, 1 to 3 bytes before: undo what kept its top byte unambiguous. In the
         * target that byte is neither 00 nor FF (else the candidate counted as extended), which
         * makes sure that the second distance, if there is one, passes.
         */
        unsigned shift = 32 - 8 * (unsigned)__builtin_ctz(seen);

        while (is_extension((uint8_t)(distance >> (shift - 8)))) {
            target = distance ^ (uint32_t)((1ULL << shift) - 1);
            distance = target - place;
        }
    }
    /* 25 bits with sign are stored. */
    distance = (distance & 0x1ffffff) | -(distance & 0x1000000);
    memcpy(data, &distance, sizeof distance);
}

/* Treats the candidate at `at`. Returns where the search goes on. */
static size_t candidate_take(uint8_t *data, size_t at, struct history *history)
{
    int extension = is_extension(data[at + OPERAND_BYTES]);
    unsigned seen = history->seen;

    if (extension && !history->extended && (seen & (seen - 1)) == 0) {
        operand_convert(data + at + 1, (uint32_t)at + INSTRUCTION_BYTES, seen);
        history->seen = history->extended = 0;
        return at + INSTRUCTION_BYTES;
    }
    history->seen |= 1;
    history->extended |= (unsigned)extension;
    return at + 1;
}

void x86_filter_undo(uint8_t *data, size_t bytes)
{
    struct history history = {0, 0};
    size_t block, next = 0, last = 0, end;

    if (bytes < INSTRUCTION_BYTES)
        return;
    end = bytes - OPERAND_BYTES;
    for (block = 0; block < end; block += BLOCK) {
        unsigned found = candidates(data + block, end - block);

        for (; found; found &= found - 1) {
            size_t at = block + (unsigned)__builtin_ctz(found);

            if (at < next)
                continue;
            if (at - last < NEAR) {
                history.seen = history.seen << (at - last) & 0xe;
                history.extended = history.extended << (at - last) & 0xe;
            } else {
                history.seen = history.extended = 0;
            }
            last = at;
            next = candidate_take(data, at, &history);
        }
    }
}
