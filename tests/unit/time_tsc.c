/* SPDX-License-Identifier: BSD-2-Clause */
/* The rate of a TSC that exists only here, measured against counters with every defect. */
/* sources: hypervisor/time/tsc.c */
/* cflags: -Itests/unit/fake_tsc */
#include "tests/unit/check.h"

#include "cpu/insn.h"
#include "time/private.h"
#include "time/time.h"

#define HZ 2500000000ULL

static uint64_t now; /* TSC */
static uint64_t counter_hz, counter_mask, counter_stops_at, stall_at, stall_ticks;
static uint32_t leaf_15_hz;

uint64_t rdtsc(void)
{
    return now += 25;
}

struct cpuid_regs cpuid(uint32_t leaf, uint32_t subleaf)
{
    (void)subleaf;
    if (leaf == 0)
        return (struct cpuid_regs){.eax = 0x15};
    if (leaf == 0x15 && leaf_15_hz)
        return (struct cpuid_regs){.eax = 1, .ebx = 100, .ecx = leaf_15_hz / 100};
    return (struct cpuid_regs){0};
}

uint64_t source_hz(void)
{
    return counter_hz;
}

uint64_t source_mask(void)
{
    return counter_mask;
}

uint64_t source_read(void)
{
    uint64_t at;

    now += 2500; /* a microsecond on the bus */
    if (stall_at && now >= stall_at) { /* someone else has our CPU meanwhile */
        now += stall_ticks;
        stall_at = 0;
    }
    at = counter_stops_at && now > counter_stops_at ? counter_stops_at : now;
    return (uint64_t)((unsigned __int128)at * counter_hz / HZ) & counter_mask;
}

static void machine(uint64_t hz, uint64_t mask)
{
    counter_hz = hz;
    counter_mask = mask;
    now = 1000000;
    counter_stops_at = stall_at = stall_ticks = 0;
    leaf_15_hz = 0;
}

static bool near(uint64_t hz)
{
    return hz > HZ - HZ / 5000 && hz < HZ + HZ / 5000;
}

TEST(each_counter_measures_it)
{
    machine(14318180, 0xffffffff);
    CHECK(near(tsc_measure_hz()));
    machine(3579545, 0xffffff);
    CHECK(near(tsc_measure_hz()));
    machine(1193182, 0xffff);
    CHECK(near(tsc_measure_hz()));
}

TEST(stalls_do_not_count)
{
    /* 55 ms and more: the counter has gone round unseen */
    for (uint64_t at = 2000000; at < 120000000; at += 3000000) {
        machine(1193182, 0xffff);
        stall_at = at;
        stall_ticks = HZ / 10;
        CHECK(near(tsc_measure_hz()));
        machine(14318180, 0xffffffff);
        stall_at = at;
        stall_ticks = HZ;
        CHECK(near(tsc_measure_hz()));
    }
}

TEST(a_stopped_counter_is_not_believed)
{
    machine(14318180, 0xffffffff);
    counter_stops_at = 2000000;
    CHECK_EQ(tsc_measure_hz(), 0);
    machine(14318180, 0xffffffff);
    counter_stops_at = 2000000;
    leaf_15_hz = 2400000000U;
    CHECK_EQ(tsc_measure_hz(), 2400000000U);
    machine(0, 0xffff); /* none at all */
    CHECK_EQ(tsc_measure_hz(), 0);
    leaf_15_hz = 2400000000U;
    CHECK_EQ(tsc_measure_hz(), 2400000000U);
}

TEST(cpuid_is_believed_when_it_agrees)
{
    machine(14318180, 0xffffffff);
    leaf_15_hz = 2500000000U;
    CHECK_EQ(tsc_measure_hz(), 2500000000U);
    machine(14318180, 0xffffffff);
    leaf_15_hz = 2400000000U;
    CHECK(near(tsc_measure_hz()));
}
