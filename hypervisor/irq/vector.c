/* SPDX-License-Identifier: BSD-2-Clause */
/* Which of one CPU's device vectors are taken. */
#include "irq/vector.h"

#include "lib/bits.h"

void vector_map_init(struct vector_map *m)
{
    *m = (struct vector_map){.next = VECTOR_ALLOC_FIRST};
    bit_set(m->used, VECTOR_GUEST_INT80);
}

/* Are the @count vectors from @first free and ours to give? */
static bool vectors_free(const struct vector_map *m, unsigned int first, unsigned int count)
{
    if (first < VECTOR_ALLOC_FIRST || first + count - 1 > VECTOR_ALLOC_LAST)
        return false;
    for (unsigned int v = first; v < first + count; v++)
        if (bit_test(m->used, v))
            return false;
    return true;
}

static unsigned int vectors_mark(struct vector_map *m, unsigned int first, unsigned int count)
{
    for (unsigned int v = first; v < first + count; v++)
        bit_set(m->used, v);
    m->count = (uint16_t)(m->count + count);
    return first;
}

unsigned int vector_take(struct vector_map *m, unsigned int count, unsigned int wanted)
{
    unsigned int v;

    if (wanted)
        return vectors_free(m, wanted, count) ? vectors_mark(m, wanted, count) : 0;
    v = ROUND_UP((unsigned int)m->next, count);
    for (unsigned int tries = 0; tries < 256; tries++, v += count) {
        if (v > VECTOR_ALLOC_LAST)
            v = ROUND_UP((unsigned int)VECTOR_ALLOC_FIRST, count);
        if (!vectors_free(m, v, count))
            continue;
        /* The next one starts a priority class (16 vectors) higher. */
        m->next =
            (uint8_t)(v + 16 > VECTOR_ALLOC_LAST ? VECTOR_ALLOC_FIRST + (v + 1) % 16 : v + 16);
        return vectors_mark(m, v, count);
    }
    return 0;
}

void vector_give(struct vector_map *m, unsigned int first, unsigned int count)
{
    for (unsigned int v = first; v < first + count; v++)
        bit_clear(m->used, v);
    m->count = (uint16_t)(m->count - count);
}
