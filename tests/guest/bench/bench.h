/* SPDX-License-Identifier: BSD-2-Clause */
/* Timing by the TSC: in an emulator whose TSC counts instructions these are instructions. */
#pragma once

#include "tests/guest/lib/child.h"

#define ROUNDS 1000

static inline uint64_t tsc(void)
{
    uint32_t low, high;

    __asm__ volatile("lfence\n rdtsc" : "=a"(low), "=d"(high)::"memory");
    return (uint64_t)high << 32 | low;
}

static inline void report(const char *name, uint64_t ticks, uint64_t rounds)
{
    print("BENCH %s %lu\n", name, (ticks + rounds / 2) / rounds);
}

/* createdomain and max_vcpus: a domain without memory, into *domid; 0 or minus errno. */
long bench_create(domid_t *domid, bool hvm, uint32_t vcpus);
/* decrease_reservation and populate_physmap of one of our own pages: ticks of 100 of each. */
void bench_reservation(uint64_t ticks[2]);

/* Time ROUNDS repetitions of a statement, after a few to get everything mapped and cached. */
#define MEASURE(name, statement)                                                                   \
    do {                                                                                           \
        uint64_t start_;                                                                           \
                                                                                                   \
        for (unsigned int i = 0; i < 8; i++) {                                                     \
            statement;                                                                             \
        }                                                                                          \
        start_ = tsc();                                                                            \
        for (unsigned int i = 0; i < ROUNDS; i++) {                                                \
            statement;                                                                             \
        }                                                                                          \
        report(name, tsc() - start_, ROUNDS);                                                      \
    } while (0)
