/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * LZMA2, written for few instructions per bit.
 *
 * The coding: each chunk is a range coder's stream of binary decisions; a decision's probability
 * (of a 0, in 1/2048) is picked by what came before and moves by 1/32 of the way to what happened.
 * Decisions spell out literals, or matches: a length and a distance back into what was unpacked,
 * the distance either new or one of the last four.
 *
 * What is always true here: `out` never passes the end of the chunk's output, a distance never
 * reaches before the start of the output, and a chunk's input is readable for SYMBOL_BYTES beyond
 * its end, so that the input has to be compared with its end only once a symbol.
 */
#include "boot/common/lzma2.h"

#include <emmintrin.h>
#include <stdlib.h>
#include <string.h>

#define INLINE static inline __attribute__((always_inline))

/* A symbol is at most 48 decisions, and each takes at most one byte. */
#define SYMBOL_BYTES      64U
#define CHUNK_CODER_BYTES 5U

#define PROBABILITY_HALF 1024
#define RANGE_LOW        (1U << 24)
#define LITERAL_SET      0x300U
#define LITERAL_SETS     16U /* lc + lp is at most 4 */
#define MATCH_LEAST      2U

typedef uint16_t probability;

struct length_model {
    probability is_longer, is_longest;
    probability low[16][8], middle[16][8], high[256];
};

static struct {
    probability is_match[12][16], is_repeat[12], is_older[12], is_older_1[12], is_older_2[12];
    probability is_long[12][16];
    probability slot[4][64], near[128], align[16];
    struct length_model length, repeat_length;
    probability literal[LITERAL_SETS * LITERAL_SET];
} model;

/* What lives through the chunks of a stream. */
struct stream {
    const uint8_t *start; /* of the output */
    unsigned literal_bits, literal_mask, position_mask;
    unsigned state;
    uint32_t distance[4]; /* the last ones, less 1 */
};

/* The range coder and what changes with each symbol: a local copy, to stay in registers. */
struct coder {
    const uint8_t *in;
    uint32_t range, code;
    uint8_t *out;
    unsigned state;
    uint32_t distance, distance_1, distance_2, distance_3;
};

#define NORMALIZE(c)                                       \
    do {                                                   \
        if (__builtin_expect((c)->range < RANGE_LOW, 0)) { \
            (c)->range <<= 8;                              \
            (c)->code = (c)->code << 8 | *(c)->in++;       \
        }                                                  \
    } while (0)

/* One decision by `place`, an lvalue of type probability; then one of two statements. */
#define DECIDE(c, place, if_zero, if_one)                                  \
    do {                                                                   \
        uint32_t chance_, bound_;                                          \
                                                                           \
        NORMALIZE(c);                                                      \
        chance_ = (place);                                                 \
        bound_ = ((c)->range >> 11) * chance_;                             \
        if ((c)->code < bound_) {                                          \
            (c)->range = bound_;                                           \
            /* plus (2048 - chance) / 32 */                                \
            (place) -= (probability)((int32_t)(chance_ - 2048 + 31) >> 5); \
            if_zero;                                                       \
        } else {                                                           \
            (c)->range -= bound_;                                          \
            (c)->code -= bound_;                                           \
            (place) -= (probability)(chance_ >> 5);                        \
            if_one;                                                        \
        }                                                                  \
    } while (0)

/* One step down a tree of decisions: `node` starts as 1 and collects the bits. */
#define DESCEND(c, tree, node) \
    DECIDE(c, (tree)[node], (node) += (node), (node) = (node) + (node) + 1)

INLINE int decide(struct coder *c, probability *place)
{
    int bit;

    DECIDE(c, *place, bit = 0, bit = 1);
    return bit;
}

INLINE uint32_t length_get(struct coder *c, struct length_model *lengths, unsigned position)
{
    probability *tree = lengths->low[position];
    size_t node = 1, i;
    uint32_t base = MATCH_LEAST;

    if (decide(c, &lengths->is_longer)) {
        if (decide(c, &lengths->is_longest)) {
            for (i = 0; i < 8; i++)
                DESCEND(c, lengths->high, node);
            return (uint32_t)node - 256 + MATCH_LEAST + 16;
        }
        tree = lengths->middle[position];
        base += 8;
    }
    DESCEND(c, tree, node);
    DESCEND(c, tree, node);
    DESCEND(c, tree, node);
    return (uint32_t)node - 8 + base;
}

/* After a match the byte that would have continued it predicts the literal, up to a difference. */
INLINE size_t literal_after_match(struct coder *c, probability *set, unsigned predicted)
{
    size_t node = 1;

    do {
        unsigned bit = predicted >> 7 & 1;
        probability *tree = set + 0x100 + (bit << 8);

        predicted <<= 1;
        DECIDE(c, tree[node], node += node, node = node + node + 1);
        /* The last bit got differs from the predicted one: the rest is an ordinary literal. */
        if ((node & 1) != bit)
            break;
    } while (node < 0x100);
    return node;
}

INLINE void literal_put(struct coder *c, const struct stream *s)
{
    unsigned before = c->out > s->start ? c->out[-1] : 0;
    size_t where = ((size_t)(c->out - s->start) & s->literal_mask) << s->literal_bits;
    probability *set = model.literal + LITERAL_SET * (where + (before >> (8 - s->literal_bits)));
    size_t node = 1;

    if (c->state < 7) {
        DESCEND(c, set, node);
        DESCEND(c, set, node);
        DESCEND(c, set, node);
        DESCEND(c, set, node);
        DESCEND(c, set, node);
        DESCEND(c, set, node);
        DESCEND(c, set, node);
        DESCEND(c, set, node);
        c->state = c->state < 4 ? 0 : c->state - 3;
    } else {
        node = literal_after_match(c, set, *(c->out - c->distance - 1));
        while (node < 0x100)
            DESCEND(c, set, node);
        c->state = c->state < 10 ? c->state - 3 : c->state - 6;
    }
    *c->out++ = (uint8_t)node;
}

/* Bits that are equally likely to be 0 and 1. */
INLINE uint32_t direct_get(struct coder *c, uint32_t value, unsigned bits)
{
    do {
        uint32_t is_zero;

        NORMALIZE(c);
        c->range >>= 1;
        c->code -= c->range;
        is_zero = -(c->code >> 31);
        c->code += c->range & is_zero;
        value = value + value + 1 + is_zero;
    } while (--bits);
    return value;
}

/* A distance, less 1: a slot of six bits names its two top bits and how many follow. */
INLINE uint32_t distance_get(struct coder *c, uint32_t length)
{
    probability *tree = model.slot[length < 6 ? length - MATCH_LEAST : 3];
    size_t node = 1, slot;
    uint32_t value, add = 1;
    unsigned bits;

    DESCEND(c, tree, node);
    DESCEND(c, tree, node);
    DESCEND(c, tree, node);
    DESCEND(c, tree, node);
    DESCEND(c, tree, node);
    DESCEND(c, tree, node);
    slot = node - 64;
    if (slot < 4)
        return (uint32_t)slot;
    bits = (unsigned)(slot >> 1) - 1;
    value = 2 | (slot & 1);
    node = 1;
    if (slot < 14) {
        value <<= bits;
        tree = model.near + value - slot;
        do {
            DECIDE(c, tree[node], node += node, (node = node + node + 1, value += add));
            add += add;
        } while (--bits);
        return value;
    }
    /* The last four bits have a tree of their own, lowest bit first. */
    value = direct_get(c, value, bits - 4) << 4;
    DECIDE(c, model.align[node], node += node, (node = node + node + 1, value += 1));
    DECIDE(c, model.align[node], node += node, (node = node + node + 1, value += 2));
    DECIDE(c, model.align[node], node += node, (node = node + node + 1, value += 4));
    DECIDE(c, model.align[node], (void)0, value += 8);
    return value;
}

INLINE void distance_recall(struct coder *c)
{
    uint32_t chosen = c->distance_1;

    if (decide(c, &model.is_older_1[c->state])) {
        chosen = c->distance_2;
        if (decide(c, &model.is_older_2[c->state])) {
            chosen = c->distance_3;
            c->distance_3 = c->distance_2;
        }
        c->distance_2 = c->distance_1;
    }
    c->distance_1 = c->distance;
    c->distance = chosen;
}

/* Copies 16 bytes at a time, also beyond `end`, where there are at least 15 more. */
INLINE void copy_wide(uint8_t *to, const uint8_t *from, const uint8_t *end)
{
    do {
        _mm_storeu_si128((__m128i *)to, _mm_loadu_si128((const __m128i *)from));
        to += 16;
        from += 16;
    } while (to < end);
}

/* Repeats what lies distance + 1 bytes back; both have been checked against the borders. */
INLINE void match_copy(struct coder *c, uint32_t length, const uint8_t *chunk_end)
{
    size_t back = (size_t)c->distance + 1, i;
    uint8_t *to = c->out, *end = to + length;
    const uint8_t *from = to - back;

    c->out = end;
    if ((size_t)(chunk_end - end) < 16) {
        do
            *to++ = *from++;
        while (to < end);
        return;
    }
    if (back < 16) {
        /* Spread the pattern until it is 16 bytes long, then go on in steps of whole patterns. */
        for (i = 0; i < 16; i++)
            to[i] = from[i];
        to += 16;
        if (to >= end)
            return;
        from = to - back * ((15 + back) / back);
    }
    copy_wide(to, from, end);
}

/* Unpacks one chunk whose output ends at `end`. Returns 0, or -1 when it is damaged. */
static int chunk_unpack(struct stream *s, const uint8_t *in, const uint8_t *in_end, uint8_t *out,
                        uint8_t *end)
{
    struct coder coder = {.in = in + CHUNK_CODER_BYTES,
                          .range = ~0U,
                          .out = out,
                          .state = s->state,
                          .distance = s->distance[0],
                          .distance_1 = s->distance[1],
                          .distance_2 = s->distance[2],
                          .distance_3 = s->distance[3]};
    struct coder *c = &coder;

    c->code = (uint32_t)in[1] << 24 | (uint32_t)in[2] << 16 | (uint32_t)in[3] << 8 | in[4];
    while (c->out < end) {
        unsigned position = (unsigned)(c->out - s->start) & s->position_mask;
        uint32_t length;

        if (c->in > in_end)
            return -1;
        if (!decide(c, &model.is_match[c->state][position])) {
            literal_put(c, s);
            continue;
        }
        if (!decide(c, &model.is_repeat[c->state])) {
            c->distance_3 = c->distance_2;
            c->distance_2 = c->distance_1;
            c->distance_1 = c->distance;
            length = length_get(c, &model.length, position);
            c->state = c->state < 7 ? 7 : 10;
            c->distance = distance_get(c, length);
        } else if (decide(c, &model.is_older[c->state])) {
            distance_recall(c);
            length = length_get(c, &model.repeat_length, position);
            c->state = c->state < 7 ? 8 : 11;
        } else if (decide(c, &model.is_long[c->state][position])) {
            length = length_get(c, &model.repeat_length, position);
            c->state = c->state < 7 ? 8 : 11;
        } else {
            length = 1;
            c->state = c->state < 7 ? 9 : 11;
        }
        if (c->distance >= (size_t)(c->out - s->start) || length > (size_t)(end - c->out))
            return -1;
        match_copy(c, length, end);
    }
    NORMALIZE(c);
    s->state = c->state;
    s->distance[0] = c->distance;
    s->distance[1] = c->distance_1;
    s->distance[2] = c->distance_2;
    s->distance[3] = c->distance_3;
    /* A whole chunk leaves nothing in the coder and nothing of its input. */
    return c->code || c->in != in_end || in[0] ? -1 : 0;
}

static void model_reset(struct stream *s)
{
    probability *place = (probability *)&model;
    size_t i;

    for (i = 0; i < sizeof model / sizeof *place; i++)
        place[i] = PROBABILITY_HALF;
    s->state = 0;
    memset(s->distance, 0, sizeof s->distance);
}

/* Properties: lc + 9 * (lp + 5 * pb), with lc + lp at most 4. */
static int properties_set(struct stream *s, unsigned byte)
{
    unsigned position_bits = byte / 45, literal_position_bits = byte / 9 % 5;

    s->literal_bits = byte % 9;
    if (position_bits > 4 || s->literal_bits + literal_position_bits > 4)
        return -1;
    s->literal_mask = (1U << literal_position_bits) - 1;
    s->position_mask = (1U << position_bits) - 1;
    return 0;
}

/* What a chunk's first byte says (xz-file-format.txt leaves that to the implementations). */
enum {
    CHUNK_END = 0x00,
    CHUNK_PLAIN_FIRST = 0x01, /* not packed, and the dictionary starts anew */
    CHUNK_PLAIN = 0x02,
    CHUNK_PACKED = 0x80,
    CHUNK_RESET_STATE = 0xa0,
    CHUNK_RESET_PROPERTIES = 0xc0,
    CHUNK_RESET_ALL = 0xe0,
};

/* Where we are in input and output, and what the stream has set up so far. */
struct walk {
    const uint8_t *in, *in_end;
    uint8_t *out, *out_end;
    int has_dictionary, has_properties, has_state;
};

static unsigned word16(const uint8_t *at)
{
    return (unsigned)at[0] << 8 | at[1];
}

static enum lzma2_status plain_chunk(struct walk *w, unsigned control, struct stream *s)
{
    size_t bytes;

    if (control > CHUNK_PLAIN || (control == CHUNK_PLAIN && !w->has_dictionary))
        return LZMA2_DAMAGED;
    if (w->in_end - w->in < 3)
        return LZMA2_TRUNCATED;
    bytes = word16(w->in + 1) + 1;
    w->in += 3;
    if (bytes > (size_t)(w->in_end - w->in))
        return LZMA2_TRUNCATED;
    if (bytes > (size_t)(w->out_end - w->out))
        return LZMA2_DAMAGED;
    if (control == CHUNK_PLAIN_FIRST)
        s->start = w->out;
    memcpy(w->out, w->in, bytes);
    w->in += bytes;
    w->out += bytes;
    w->has_dictionary = 1;
    return LZMA2_DONE;
}

static enum lzma2_status packed_chunk(struct walk *w, unsigned control, struct stream *s)
{
    size_t head = control >= CHUNK_RESET_PROPERTIES ? 6 : 5, in_bytes, out_bytes;
    uint8_t *copy = NULL;
    const uint8_t *in;
    int failed;

    if ((size_t)(w->in_end - w->in) < head)
        return LZMA2_TRUNCATED;
    out_bytes = ((size_t)(control & 0x1f) << 16) + word16(w->in + 1) + 1;
    in_bytes = word16(w->in + 3) + 1;
    if (control >= CHUNK_RESET_PROPERTIES) {
        if (properties_set(s, w->in[5]))
            return LZMA2_DAMAGED;
        w->has_properties = 1;
    }
    w->in += head;
    if (control >= CHUNK_RESET_ALL) {
        w->has_dictionary = 1;
        s->start = w->out;
    }
    w->has_state |= control >= CHUNK_RESET_STATE;
    if (!w->has_dictionary || !w->has_properties || !w->has_state || in_bytes < CHUNK_CODER_BYTES ||
        out_bytes > (size_t)(w->out_end - w->out))
        return LZMA2_DAMAGED;
    if (in_bytes > (size_t)(w->in_end - w->in))
        return LZMA2_TRUNCATED;
    if (control >= CHUNK_RESET_STATE)
        model_reset(s);
    in = w->in;
    if ((size_t)(w->in_end - in) < in_bytes + SYMBOL_BYTES) {
        copy = malloc(in_bytes + SYMBOL_BYTES);
        if (!copy)
            return LZMA2_NO_MEMORY;
        memcpy(copy, in, in_bytes);
        memset(copy + in_bytes, 0, SYMBOL_BYTES);
        in = copy;
    }
    failed = chunk_unpack(s, in, in + in_bytes, w->out, w->out + out_bytes);
    free(copy);
    if (failed)
        return LZMA2_DAMAGED;
    w->in += in_bytes;
    w->out += out_bytes;
    return LZMA2_DONE;
}

enum lzma2_status lzma2_unpack(const uint8_t *in, size_t in_bytes, uint8_t *out, size_t out_bytes,
                               struct lzma2_result *result)
{
    struct walk w = {in, in + in_bytes, out, out + out_bytes, 0, 0, 0};
    enum lzma2_status status = LZMA2_DONE;
    struct stream s;

    memset(&s, 0, sizeof s);
    s.start = out;
    while (status == LZMA2_DONE) {
        unsigned control;

        if (w.in == w.in_end)
            return LZMA2_TRUNCATED;
        control = *w.in;
        if (control == CHUNK_END) {
            result->in_used = (size_t)(w.in - in) + 1;
            result->out_made = (size_t)(w.out - out);
            return LZMA2_DONE;
        }
        if (control < CHUNK_PACKED)
            status = plain_chunk(&w, control, &s);
        else
            status = packed_chunk(&w, control, &s);
    }
    return status;
}
