/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * xz and .lzma files around Debian's LZMA decoder.
 *
 * What is always true here: LZMA itself is decoded by the LZMA SDK (package lzma-dev, which ships
 * it as source), straight into the caller's buffer, which is also its dictionary: nothing is
 * copied and distances are checked against what was written. What is ours is the wrapping: the
 * headers and LZMA2's chunks (xz-file-format.txt; LZMA2 as liblzma reads it) and the x86 filter.
 * Every chunk must end with its coder at rest and use up exactly the bytes it was said to have.
 */
#include "boot/common/unpack.h"

#include <emmintrin.h>
#include <stdlib.h>
#include <string.h>

#include <zlib.h>

/* 32-bit probabilities: fewer instructions than the SDK's default of 16 bits. */
#define _LZMA_PROB32
#include <lzma/LzmaDec.c>

/* More literal bits than this no encoder uses (liblzma's LZMA_LCLP_MAX); it bounds the tables. */
#define LITERAL_BITS_MOST 4

enum {
    STREAM_HEADER_BYTES = 12,
    FILTER_X86 = 0x04,
    FILTER_LZMA2 = 0x21,
};

struct input {
    const uint8_t *at;
    size_t left;
};

/* What is being made: the decoder's dictionary is the output. */
struct unpacking {
    CLzmaDec lzma;
    int need_dictionary, need_properties;
};

struct block {
    int x86;            /* the x86 filter comes after LZMA2 */
    uint32_t x86_start; /* the address it gives to the first byte */
};

static void *table_alloc(void *unused_heap, size_t bytes)
{
    (void)unused_heap;
    return malloc(bytes);
}

static void table_free(void *unused_heap, void *start)
{
    (void)unused_heap;
    free(start);
}

static ISzAlloc table_heap = {table_alloc, table_free};

static uint32_t word32(const uint8_t *at)
{
    return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static void begin(struct unpacking *u, uint8_t *out, size_t out_bytes)
{
    LzmaDec_Construct(&u->lzma);
    u->lzma.dic = out;
    u->lzma.dicBufSize = out_bytes;
    u->lzma.dicPos = 0;
}

/* Takes LZMA's byte of properties: how literals and positions choose their probabilities. */
static const char *properties_set(struct unpacking *u, uint8_t byte)
{
    /* The largest dictionary: all that was written may be referred to. */
    const Byte properties[LZMA_PROPS_SIZE] = {byte, 0xff, 0xff, 0xff, 0xff};

    if (byte >= 9 * 5 * 5 || byte % 9 + byte / 9 % 5 > LITERAL_BITS_MOST)
        return unpack_damaged;
    if (LzmaDec_AllocateProbs(&u->lzma, properties, sizeof properties, &table_heap) != SZ_OK)
        return unpack_no_memory;
    return NULL;
}

/* ---- the x86 filter ---- */

/* The first byte 0xe8 or 0xe9 (near call and jump) of [at, end), or end. */
static uint8_t *opcode_find(uint8_t *at, uint8_t *end)
{
    const __m128i lowest = _mm_set1_epi8(1), jump = _mm_set1_epi8((char)0xe9);

    for (; end - at >= 16; at += 16) {
        __m128i bytes = _mm_or_si128(_mm_loadu_si128((const __m128i *)at), lowest);
        unsigned found = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, jump));

        if (found)
            return at + __builtin_ctz(found);
    }
    while (at < end && (*at | 1) != 0xe9)
        at++;
    return at;
}

/* Calls within 16 MiB: the top byte of their distance is all zeros or all ones. */
static int is_near(uint32_t top)
{
    return (top & 0xff) == 0 || (top & 0xff) == 0xff;
}

/*
 * The encoder made call distances absolute, so that calls of one function look alike; this turns
 * them back. Opcode bytes less than 4 bytes before, which were left as they were, make it doubtful
 * that this one is an instruction: `doubt` has a bit for each, the nearest lowest. One of them, or
 * two in a row at the far end, is borne if the byte that it would have had for its top is not near.
 */
static uint32_t distance_of(uint32_t absolute, uint32_t next, unsigned skip)
{
    for (;;) {
        uint32_t distance = absolute - next;

        if (skip == 0 || !is_near(distance >> (24 - skip)))
            return distance;
        absolute = distance ^ ((1U << (32 - skip)) - 1);
    }
}

static void x86_undo(uint8_t *start, size_t bytes, uint32_t address)
{
    /* By doubt: the distance in bytes to its farthest opcode byte, and the doubts too grave. */
    static const uint8_t farthest[8] = {0, 1, 2, 2, 3, 3, 3, 3}, grave = 0xe8;
    uint8_t *at = start, *before = NULL, *end;
    unsigned doubt = 0;

    if (bytes < 5)
        return;
    end = start + bytes - 4;
    while ((at = opcode_find(at, end)) < end) {
        uint32_t word = word32(at + 1);

        doubt = before && at - before <= 3 ? doubt << (at - before - 1) & 7 : 0;
        before = at;
        if (is_near(word >> 24) &&
            (!doubt || (!(grave >> doubt & 1) && !is_near(at[4 - farthest[doubt]])))) {
            word = distance_of(word, address + (uint32_t)(at - start) + 5, 8U * farthest[doubt]);
            /* 25 bits count, the highest as the sign. */
            word = (word & 0x1ffffff) | -(word & 0x1000000);
            memcpy(at + 1, &word, 4);
            at += 5;
        } else {
            doubt = doubt << 1 | 1;
            at++;
        }
    }
}

/* ---- LZMA2 ---- */

/* One LZMA chunk's `packed` bytes to `bytes` of output. */
static const char *chunk_decode(struct unpacking *u, const uint8_t *from, size_t packed,
                                size_t bytes, int reset)
{
    SizeT used = packed;
    ELzmaStatus status;

    LzmaDec_InitDicAndState(&u->lzma, 0, reset);
    if (LzmaDec_DecodeToDic(&u->lzma, u->lzma.dicPos + bytes, from, &used, LZMA_FINISH_ANY,
                            &status) != SZ_OK ||
        status != LZMA_STATUS_MAYBE_FINISHED_WITHOUT_MARK || used != packed)
        return unpack_damaged;
    return NULL;
}

static const char *chunk_compressed(struct unpacking *u, struct input *in, uint8_t control)
{
    size_t head = control >= 0xc0 ? 6 : 5, bytes, packed;
    const char *reason = NULL;

    if (in->left < head)
        return unpack_truncated;
    bytes = ((size_t)(control & 0x1f) << 16 | (size_t)in->at[1] << 8 | in->at[2]) + 1;
    packed = ((size_t)in->at[3] << 8 | in->at[4]) + 1;
    if (packed > in->left - head)
        return unpack_truncated;
    if (bytes > u->lzma.dicBufSize - u->lzma.dicPos)
        return unpack_damaged;
    if (control >= 0xc0) {
        reason = properties_set(u, in->at[5]);
        u->need_properties = 0;
    } else if (u->need_properties) {
        reason = unpack_damaged;
    }
    if (!reason)
        reason = chunk_decode(u, in->at + head, packed, bytes, control >= 0xa0);
    in->at += head + packed;
    in->left -= head + packed;
    return reason;
}

static const char *chunk_plain(struct unpacking *u, struct input *in)
{
    size_t bytes;

    if (in->left < 3)
        return unpack_truncated;
    bytes = ((size_t)in->at[1] << 8 | in->at[2]) + 1;
    if (bytes > in->left - 3)
        return unpack_truncated;
    if (in->at[0] > 2 || bytes > u->lzma.dicBufSize - u->lzma.dicPos)
        return unpack_damaged;
    memcpy(u->lzma.dic + u->lzma.dicPos, in->at + 3, bytes);
    u->lzma.dicPos += bytes;
    u->lzma.processedPos += (UInt32)bytes;
    in->at += 3 + bytes;
    in->left -= 3 + bytes;
    return NULL;
}

static const char *lzma2_decode(struct unpacking *u, struct input *in)
{
    const char *reason = NULL;

    u->need_dictionary = u->need_properties = 1;
    while (!reason) {
        uint8_t control;

        if (!in->left)
            return unpack_truncated;
        control = in->at[0];
        if (control == 0) {
            in->at++;
            in->left--;
            return NULL;
        }
        if (control >= 0xe0 || control == 1) {
            LzmaDec_InitDicAndState(&u->lzma, 1, 1);
            u->need_dictionary = 0;
            u->need_properties = 1;
        } else if (u->need_dictionary) {
            return unpack_damaged;
        }
        reason = control >= 0x80 ? chunk_compressed(u, in, control) : chunk_plain(u, in);
    }
    return reason;
}

/* ---- the xz file ---- */

/* A number in groups of 7 bits, the lowest first (section 1.2). Returns non-zero on nonsense. */
static int number_read(struct input *in, uint64_t *value)
{
    unsigned shift;

    *value = 0;
    for (shift = 0; shift < 63; shift += 7) {
        uint8_t byte;

        if (!in->left)
            return -1;
        byte = *in->at;
        in->at++;
        in->left--;
        *value |= (uint64_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80))
            return 0;
    }
    return -1;
}

static int filter_read(struct input *in, struct block *block, int is_last)
{
    uint64_t id, bytes;

    if (number_read(in, &id) || number_read(in, &bytes) || bytes > in->left)
        return -1;
    if (id != (is_last ? FILTER_LZMA2 : FILTER_X86))
        return -1;
    if (!is_last) {
        if (block->x86 || (bytes != 0 && bytes != 4))
            return -1;
        block->x86 = 1;
        block->x86_start = bytes ? word32(in->at) : 0;
    }
    in->at += bytes;
    in->left -= bytes;
    return 0;
}

/* Section 3.1; the block's sizes, which may be stated, follow from the data anyway. */
static const char *block_header_read(struct input *in, struct block *block)
{
    size_t bytes = ((size_t)in->at[0] + 1) * 4;
    struct input header = {in->at + 2, bytes - 6};
    unsigned flags, i;
    uint64_t size;

    memset(block, 0, sizeof *block);
    if (bytes > in->left)
        return unpack_truncated;
    flags = in->at[1];
    if ((flags & 0x3c) || crc32(0, in->at, (uInt)(bytes - 4)) != word32(in->at + bytes - 4))
        return unpack_damaged;
    in->at += bytes;
    in->left -= bytes;
    if ((flags & 0x40) && number_read(&header, &size))
        return unpack_damaged;
    if ((flags & 0x80) && number_read(&header, &size))
        return unpack_damaged;
    for (i = 0; i <= (flags & 3); i++)
        if (filter_read(&header, block, i == (flags & 3)))
            return unpack_damaged;
    return NULL;
}

static const char *block_decode(struct unpacking *u, struct input *in, size_t check_bytes)
{
    size_t first = u->lzma.dicPos, skip;
    const uint8_t *start;
    struct block block;
    const char *reason;

    reason = block_header_read(in, &block);
    if (reason)
        return reason;
    start = in->at;
    reason = lzma2_decode(u, in);
    if (reason)
        return reason;
    if (block.x86)
        x86_undo(u->lzma.dic + first, u->lzma.dicPos - first, block.x86_start);
    skip = (size_t)(start - in->at) % 4 + check_bytes;
    if (skip >= in->left)
        return unpack_truncated;
    in->at += skip;
    in->left -= skip;
    return NULL;
}

const char *unpack_xz(const uint8_t *in, size_t in_bytes, uint8_t *out, size_t out_bytes)
{
    struct input input = {in + STREAM_HEADER_BYTES, in_bytes - STREAM_HEADER_BYTES};
    const char *reason = NULL;
    size_t check_bytes = 0;
    struct unpacking u;

    if (in_bytes <= STREAM_HEADER_BYTES)
        return unpack_truncated;
    if (memcmp(in, "\xfd" "7zXZ", 6) || in[6] || in[7] > 15 ||
        crc32(0, in + 6, 2) != word32(in + 8))
        return unpack_damaged;
    /* 4, 8, 16, 32 or 64 bytes for three kinds of check each (section 2.1.1.2). */
    if (in[7])
        check_bytes = 4U << (in[7] - 1) / 3;
    begin(&u, out, out_bytes);
    /* After the last block comes the index, whose first byte is 0. */
    while (!reason && input.at[0] != 0)
        reason = block_decode(&u, &input, check_bytes);
    LzmaDec_FreeProbs(&u.lzma, &table_heap);
    if (!reason && u.lzma.dicPos != out_bytes)
        reason = unpack_damaged;
    return reason;
}

/* ---- the .lzma file ---- */

const char *unpack_lzma(const uint8_t *in, size_t in_bytes, uint8_t *out, size_t out_bytes)
{
    const size_t head = 13; /* properties, dictionary's size, size or all ones */
    const char *reason;
    ELzmaStatus status;
    struct unpacking u;
    SizeT used;

    if (in_bytes <= head)
        return unpack_truncated;
    begin(&u, out, out_bytes);
    reason = properties_set(&u, in[0]);
    if (reason)
        return reason;
    LzmaDec_Init(&u.lzma);
    used = in_bytes - head;
    if (LzmaDec_DecodeToDic(&u.lzma, out_bytes, in + head, &used, LZMA_FINISH_END, &status) !=
        SZ_OK)
        reason = unpack_damaged;
    else if (status == LZMA_STATUS_NEEDS_MORE_INPUT)
        reason = unpack_truncated;
    else if (u.lzma.dicPos != out_bytes)
        reason = unpack_damaged;
    LzmaDec_FreeProbs(&u.lzma, &table_heap);
    return reason;
}
