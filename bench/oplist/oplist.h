/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The list of operations that dom0, guests of every kind and bare Linux run alike. An item does its
 * operation a number of times and says how many nanoseconds of this system's clock that took.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#define NO_SUCH_THING UINT64_MAX /* an item's answer where the system has no such operation */

struct item {
    const char *name;
    uint64_t (*run)(unsigned long rounds); /* nanoseconds, or NO_SUCH_THING */
};

extern const struct item process_items[], pair_items[], memory_items[], device_items[], xen_items[];

static inline uint64_t now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* Defines the item's function NAME, whose rounds do STATEMENT. */
#define ITEM(name, statement)                        \
    static uint64_t name(unsigned long rounds)       \
    {                                                \
        uint64_t begun = now();                      \
                                                     \
        for (unsigned long i = 0; i < rounds; i++) { \
            statement;                               \
        }                                            \
        return now() - begun;                        \
    }

/* Go on with this CPU alone. False when the system has it not. */
bool run_on(int cpu);
/* Memory of whole pages, of small ones, with something in each. NULL without memory. */
char *touched(unsigned long bytes);

/*
 * A partner for an item of two: partner_run starts it as a process on @cpu, where it does
 * turn(false) for each turn(true) that the caller does, then ends. Nanoseconds of all rounds. A
 * turn waits for the other's and hands over.
 */
uint64_t partner_run(unsigned long rounds, int cpu, void (*turn)(bool first));
