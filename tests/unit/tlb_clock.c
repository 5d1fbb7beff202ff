/* SPDX-License-Identifier: BSD-2-Clause */
/* The TLB clock is 32 bits wide and goes round; what a CPU may still hold is known all the same. */
/* sources: hypervisor/lib/cpumask.c hypervisor/lib/bitmap.c */
/* cflags: -Itests/unit/fake */
#include "tests/unit/check.h"

#include "lib/types.h"

static void write_cr3(uint64_t value);
static inline void write_cr4(uint64_t value unused) {}
static inline void invlpg(uint64_t va unused) {}

#include "mm/tlb.c" /* for its clock */

#define CPUS 2

struct percpu fake_percpu[CPUS];
unsigned int fake_cpu, fake_clflushes;
struct cpumask cpus_online;
static bool holds[CPUS]; /* CPU n may hold an old translation */
static bool asked[CPUS]; /* VECTOR_FLUSH is on its way to CPU n */

static void write_cr3(uint64_t value unused)
{
    holds[fake_cpu] = false;
}

/* Interrupts that are sent are taken now. */
static void take(void)
{
    unsigned int self = fake_cpu;

    for (fake_cpu = 0; fake_cpu < CPUS; fake_cpu++)
        if (asked[fake_cpu]) {
            asked[fake_cpu] = false;
            tlb_flush_interrupt();
        }
    fake_cpu = self;
}

void irq_send_ipi_mask(const struct cpumask *mask, unsigned int vector)
{
    for (unsigned int cpu = 0; cpu < CPUS; cpu++)
        asked[cpu] |= vector == VECTOR_FLUSH && cpumask_test(mask, cpu);
}

void irq_send_ipi(unsigned int cpu, unsigned int vector)
{
    asked[cpu] |= vector == VECTOR_FLUSH;
    take(); /* whoever asked waits for it */
}

static void reset(uint32_t clock)
{
    clock_now = clock;
    for (fake_cpu = 0; fake_cpu < CPUS; fake_cpu++) {
        cpumask_set(&cpus_online, fake_cpu);
        asked[fake_cpu] = false;
        tlb_load_cr3(0x1000);
        holds[fake_cpu] = true; /* as after walking the tables there */
    }
    fake_cpu = 0;
}

/* CPU 0 loads CR3 @steps times; only the loads around the interesting clocks are really made. */
static void run(uint64_t steps)
{
    while (steps) {
        uint32_t left = 0x08000000 - clock_now % 0x08000000;
        uint32_t skip = left > 8 ? left - 4 : 0;

        if (skip > steps)
            skip = (uint32_t)steps;
        clock_now += skip;
        steps -= skip;
        for (unsigned int i = 0; i < 8 && steps; i++, steps--)
            tlb_load_cr3(0x1000);
        take();
    }
}

TEST(a_cpu_that_never_flushes_is_never_thought_to_have)
{
    static const uint64_t spans[] = {0x10, 0x40000000, 0x7ffffff0, 0x80000010, 0xc0000000,
                                     0xfffffff0, 0x100000010, 0x180000010, 0x2c0000000};

    for (uint64_t from = 1; from < 1ULL << 32; from += 0x20000000)
        for (unsigned int i = 0; i < ARRAY_SIZE(spans); i++) {
            uint32_t stamp;

            reset((uint32_t)from);
            run(spans[i]);
            stamp = tlb_clock(); /* now a translation is removed, which CPU 1 may hold */
            holds[1] = true;
            CHECK(tlb_is_stale(1, stamp));
            tlb_flush_stale(&cpus_online, stamp);
            CHECK(!holds[1]);
            run(spans[i] / 2);
            CHECK(!holds[1]);
        }
}

TEST(the_round_is_not_lost_in_another_request)
{
    reset(0x7ffffff8 - CPUS);
    fake_percpu[1].tlb_stamp = 0x10; /* long ago */
    while (clock_now % CLOCK_ROUND)
        tlb_load_cr3(0x1000);
    CHECK(asked[1]);
    /* before it is taken, another request comes with the same vector */
    tlb_flush_mask(&cpus_online, TLB_FLUSH_PAGE, 0x1000);
    CHECK(!asked[1]);
    CHECK(!holds[1]);
    CHECK(!tlb_is_stale(1, 0x10));
}

TEST(only_the_stale_are_flushed)
{
    uint32_t stamp;

    reset(5);
    stamp = tlb_clock();
    tlb_load_cr3(0x2000);
    CHECK(!tlb_is_stale(0, stamp));
    CHECK(tlb_is_stale(1, stamp));
    tlb_flush_stale(&cpus_online, stamp);
    CHECK(!tlb_is_stale(1, stamp));
    stamp = tlb_clock();
    tlb_flush_mask(&cpus_online, TLB_FLUSH_PAGE, 0);
    CHECK_EQ(tlb_clock(), stamp); /* one page: no full flush */
}
