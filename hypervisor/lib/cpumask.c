/* SPDX-License-Identifier: BSD-2-Clause */
/* Sets of CPUs. */
#include "lib/cpumask.h"

#include "lib/bitmap.h"

unsigned int cpumask_words = CPUMASK_WORDS;

static size_t size_in_use(void)
{
    return (size_t)cpumask_words * BITS_PER_WORD;
}

void cpumask_set_limit(unsigned int cpus)
{
    cpumask_words = WORDS_FOR_BITS(min(max(cpus, 1U), NR_CPUS));
}

void cpumask_clear_all(struct cpumask *mask)
{
    bitmap_zero(mask->bits, size_in_use());
}

void cpumask_copy(struct cpumask *to, const struct cpumask *from)
{
    bitmap_copy(to->bits, from->bits, size_in_use());
}

void cpumask_and(struct cpumask *to, const struct cpumask *a, const struct cpumask *b)
{
    bitmap_and(to->bits, a->bits, b->bits, size_in_use());
}

void cpumask_or(struct cpumask *to, const struct cpumask *a, const struct cpumask *b)
{
    bitmap_or(to->bits, a->bits, b->bits, size_in_use());
}

void cpumask_and_not(struct cpumask *to, const struct cpumask *a, const struct cpumask *b)
{
    bitmap_and_not(to->bits, a->bits, b->bits, size_in_use());
}

void cpumask_set_only(struct cpumask *mask, unsigned int cpu)
{
    cpumask_clear_all(mask);
    cpumask_set(mask, cpu);
}

void cpumask_set_first(struct cpumask *mask, unsigned int count)
{
    cpumask_clear_all(mask);
    bitmap_set_range(mask->bits, 0, min((size_t)count, size_in_use()));
}

bool cpumask_empty(const struct cpumask *mask)
{
    return bitmap_is_empty(mask->bits, size_in_use());
}

bool cpumask_equal(const struct cpumask *a, const struct cpumask *b)
{
    return bitmap_is_equal(a->bits, b->bits, size_in_use());
}

bool cpumask_subset(const struct cpumask *part, const struct cpumask *whole)
{
    for (unsigned int word = 0; word < cpumask_words; word++)
        if (part->bits[word] & ~whole->bits[word])
            return false;
    return true;
}

bool cpumask_intersects(const struct cpumask *a, const struct cpumask *b)
{
    for (unsigned int word = 0; word < cpumask_words; word++)
        if (a->bits[word] & b->bits[word])
            return true;
    return false;
}

bool cpumask_intersects_beside_many(const struct cpumask *a, const struct cpumask *b,
                                    unsigned int cpu)
{
    for (unsigned int word = 0; word < cpumask_words; word++) {
        uint64_t both = a->bits[word] & b->bits[word];

        if (word == cpu / BITS_PER_WORD)
            both &= ~BIT(cpu % BITS_PER_WORD);
        if (both)
            return true;
    }
    return false;
}

unsigned int cpumask_weight(const struct cpumask *mask)
{
    return (unsigned int)bitmap_weight(mask->bits, size_in_use());
}

static unsigned int first_from(const struct cpumask *mask, size_t from)
{
    size_t cpu = bitmap_next_set(mask->bits, size_in_use(), from);

    return cpu < size_in_use() ? (unsigned int)cpu : NR_CPUS;
}

unsigned int cpumask_first(const struct cpumask *mask)
{
    return first_from(mask, 0);
}

unsigned int cpumask_next(const struct cpumask *mask, unsigned int cpu)
{
    return first_from(mask, (size_t)cpu + 1);
}

unsigned int cpumask_cycle(const struct cpumask *mask, unsigned int cpu)
{
    unsigned int next = cpumask_next(mask, cpu);

    return next < NR_CPUS ? next : cpumask_first(mask);
}
