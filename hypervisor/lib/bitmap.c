/* SPDX-License-Identifier: BSD-2-Clause */
/* Bitmaps of a size known at run time. */
#include "lib/bitmap.h"

/* `flip` is 0 to look for ones and ~0 to look for zeros. */
static size_t next_bit(const uint64_t *map, size_t size, size_t from, uint64_t flip)
{
    size_t word = from / BITS_PER_WORD;
    uint64_t bits;

    if (from >= size)
        return size;
    bits = (map[word] ^ flip) & ~bits_low(from % BITS_PER_WORD);
    while (!bits) {
        word++;
        if (word >= WORDS_FOR_BITS(size))
            return size;
        bits = map[word] ^ flip;
    }
    return min(word * BITS_PER_WORD + bit_first(bits), size);
}

size_t bitmap_next_set(const uint64_t *map, size_t size, size_t from)
{
    return next_bit(map, size, from, 0);
}

size_t bitmap_next_zero(const uint64_t *map, size_t size, size_t from)
{
    return next_bit(map, size, from, ~0ULL);
}

size_t bitmap_next_zero_run(const uint64_t *map, size_t size, size_t from, size_t count)
{
    for (;;) {
        size_t first = bitmap_next_zero(map, size, from);
        size_t end;

        if (first >= size || size - first < count)
            return size;
        end = bitmap_next_set(map, first + count, first);
        if (end - first >= count)
            return first;
        from = end;
    }
}

/* The bits of [first, first + count) that lie in word `word`. */
static uint64_t range_in_word(size_t word, size_t first, size_t count)
{
    size_t start = word * BITS_PER_WORD;
    size_t low = first > start ? first - start : 0;
    size_t high = min(first + count - start, (size_t)BITS_PER_WORD);

    return bits_low((unsigned int)high) & ~bits_low((unsigned int)low);
}

void bitmap_set_range(uint64_t *map, size_t first, size_t count)
{
    size_t end = WORDS_FOR_BITS(first + count);

    for (size_t word = first / BITS_PER_WORD; count && word < end; word++)
        map[word] |= range_in_word(word, first, count);
}

void bitmap_clear_range(uint64_t *map, size_t first, size_t count)
{
    size_t end = WORDS_FOR_BITS(first + count);

    for (size_t word = first / BITS_PER_WORD; count && word < end; word++)
        map[word] &= ~range_in_word(word, first, count);
}

void bitmap_zero(uint64_t *map, size_t size)
{
    for (size_t word = 0; word < WORDS_FOR_BITS(size); word++)
        map[word] = 0;
}

void bitmap_copy(uint64_t *to, const uint64_t *from, size_t size)
{
    for (size_t word = 0; word < WORDS_FOR_BITS(size); word++)
        to[word] = from[word];
}

void bitmap_and(uint64_t *to, const uint64_t *a, const uint64_t *b, size_t size)
{
    for (size_t word = 0; word < WORDS_FOR_BITS(size); word++)
        to[word] = a[word] & b[word];
}

void bitmap_or(uint64_t *to, const uint64_t *a, const uint64_t *b, size_t size)
{
    for (size_t word = 0; word < WORDS_FOR_BITS(size); word++)
        to[word] = a[word] | b[word];
}

void bitmap_and_not(uint64_t *to, const uint64_t *a, const uint64_t *b, size_t size)
{
    for (size_t word = 0; word < WORDS_FOR_BITS(size); word++)
        to[word] = a[word] & ~b[word];
}

/* The valid bits of word `word` in a map of `size` bits. */
static uint64_t valid_bits(size_t word, size_t size)
{
    size_t rest = size - word * BITS_PER_WORD;

    return bits_low((unsigned int)min(rest, (size_t)BITS_PER_WORD));
}

size_t bitmap_weight(const uint64_t *map, size_t size)
{
    size_t weight = 0;

    for (size_t word = 0; word < WORDS_FOR_BITS(size); word++)
        weight += bit_count(map[word] & valid_bits(word, size));
    return weight;
}

bool bitmap_is_empty(const uint64_t *map, size_t size)
{
    return bitmap_next_set(map, size, 0) == size;
}

bool bitmap_is_full(const uint64_t *map, size_t size)
{
    return bitmap_next_zero(map, size, 0) == size;
}

bool bitmap_is_equal(const uint64_t *a, const uint64_t *b, size_t size)
{
    for (size_t word = 0; word < WORDS_FOR_BITS(size); word++)
        if ((a[word] ^ b[word]) & valid_bits(word, size))
            return false;
    return true;
}
