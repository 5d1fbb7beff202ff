/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sets of CPUs. Every mask has room for NR_CPUS, but only the words that hold possible CPUs are
 * ever read or written, so a small machine pays for a few words. Masks are passed by pointer.
 */
#pragma once

#include "lib/bits.h"

#define NR_CPUS 4096U
#define CPUMASK_WORDS (NR_CPUS / BITS_PER_WORD)

struct cpumask {
    uint64_t bits[CPUMASK_WORDS];
};

/* Words in use. Set once while one CPU runs, before any mask that is copied or compared. */
extern unsigned int cpumask_words;

/* Tells how many CPU numbers (1..NR_CPUS) are possible; until then NR_CPUS are. */
void cpumask_set_limit(unsigned int cpus);

static inline bool cpumask_test(const struct cpumask *mask, unsigned int cpu)
{
    return bit_test(mask->bits, cpu);
}

static inline void cpumask_set(struct cpumask *mask, unsigned int cpu)
{
    bit_set(mask->bits, cpu);
}

static inline void cpumask_clear(struct cpumask *mask, unsigned int cpu)
{
    bit_clear(mask->bits, cpu);
}

/* The atomic forms return the bit's former value and are full barriers. */
static inline bool cpumask_set_atomic(struct cpumask *mask, unsigned int cpu)
{
    uint64_t bit = BIT(cpu % BITS_PER_WORD);

    return __atomic_fetch_or(&mask->bits[cpu / BITS_PER_WORD], bit, __ATOMIC_SEQ_CST) & bit;
}

static inline bool cpumask_clear_atomic(struct cpumask *mask, unsigned int cpu)
{
    uint64_t bit = BIT(cpu % BITS_PER_WORD);

    return __atomic_fetch_and(&mask->bits[cpu / BITS_PER_WORD], ~bit, __ATOMIC_SEQ_CST) & bit;
}

void cpumask_clear_all(struct cpumask *mask);
void cpumask_copy(struct cpumask *to, const struct cpumask *from);
void cpumask_and(struct cpumask *to, const struct cpumask *a, const struct cpumask *b);
void cpumask_or(struct cpumask *to, const struct cpumask *a, const struct cpumask *b);
void cpumask_and_not(struct cpumask *to, const struct cpumask *a, const struct cpumask *b);

/* Exactly one CPU; the CPUs 0..count-1. */
void cpumask_set_only(struct cpumask *mask, unsigned int cpu);
void cpumask_set_first(struct cpumask *mask, unsigned int count);

bool cpumask_empty(const struct cpumask *mask);
bool cpumask_equal(const struct cpumask *a, const struct cpumask *b);
bool cpumask_subset(const struct cpumask *part, const struct cpumask *whole);
bool cpumask_intersects(const struct cpumask *a, const struct cpumask *b);
bool cpumask_intersects_beside_many(const struct cpumask *a, const struct cpumask *b,
                                    unsigned int cpu);
/* Is any CPU but @cpu in both? */
static inline bool cpumask_intersects_beside(const struct cpumask *a, const struct cpumask *b,
                                             unsigned int cpu)
{
    if (likely(cpumask_words == 1))
        return a->bits[0] & b->bits[0] & ~BIT(cpu);
    return cpumask_intersects_beside_many(a, b, cpu);
}
unsigned int cpumask_weight(const struct cpumask *mask);

/* Lowest CPU in the set; lowest above `cpu`; NR_CPUS when there is none. */
unsigned int cpumask_first(const struct cpumask *mask);
unsigned int cpumask_next(const struct cpumask *mask, unsigned int cpu);

/* As cpumask_next, going round to the lowest; NR_CPUS only for the empty set. */
unsigned int cpumask_cycle(const struct cpumask *mask, unsigned int cpu);

#define for_each_cpu(cpu, mask)                                \
    for ((cpu) = cpumask_first(mask); (cpu) < NR_CPUS; \
         (cpu) = cpumask_next(mask, cpu))
