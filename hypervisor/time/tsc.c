/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The rate of the TSC, and whether all CPUs agree on it.
 *
 * What CPUID says about the rate is exact where it is true, but emulators copy it from real CPUs
 * while their TSC counts something else. So the TSC is always measured, shortly, and CPUID's word
 * is taken when the measurement agrees.
 */
#include "cpu/insn.h"
#include "lib/types.h"
#include "time/private.h"
#include "time/time.h"

#define SAMPLE_TRIES 8
/* Steps of 4 ms up to 40 ms: a 16-bit counter at the PIT's rate wraps after 55 ms. */
#define MEASURE_STEPS_PER_S 250
#define MEASURE_STEPS_MAX 10
/* A measurement that takes longer than this (some seconds) has met a counter that stopped. */
#define MEASURE_TICKS_MAX (1ULL << 34)
/* A counter of no more bits wraps while a host or SMI handler has our CPU: measured again until two
 * measurements agree, at most so often. */
#define SHORT_COUNTER 0xffff
#define MEASURE_TRIES 5
/* CPUID's rate must be this near to the measured one: 1/200. */
#define RATE_TOLERANCE 200
#define CPUID_HYPERVISOR (1u << 31) /* leaf 1, ECX: leaves from 0x40000000 on exist */
#define CPUID_HTT (1u << 28)        /* leaf 1, EDX: EBX tells logical CPUs per package */
#define CPUID_POWER 0x80000007      /* SDM vol. 2; APM vol. 3, E.4.6 */
#define CPUID_POWER_TSC_INVARIANT (1u << 8) /* EDX */
#define SYNC_ROUNDS 16
#define SYNC_WAIT_TICKS 100000000ULL

/* Good enough: 1/20000, 50 parts per million. */
#define MEASURE_PRECISION 20000

struct sample {
    uint64_t tsc, count;
    uint64_t took; /* the count was read within so many ticks */
};

/* TSC and reference counter at one time: the best of some tries, for an interruption between the
 * reads (SMI, host scheduling) makes only its own try bad. */
static struct sample take_sample(void)
{
    struct sample best = {0, 0, ~0ULL};

    for (int i = 0; i < SAMPLE_TRIES; i++) {
        uint64_t before = rdtsc(), count = source_read(), took = rdtsc() - before;

        if (took < best.took)
            best = (struct sample){before + took / 2, count, took};
    }
    return best;
}

static uint64_t counts_since(const struct sample *start, uint64_t count)
{
    return (count - start->count) & source_mask();
}

/* The next sample after @counts; sooner only if the counter has stopped. */
static struct sample sample_after(const struct sample *start, uint64_t counts)
{
    while (counts_since(start, source_read()) < counts &&
           rdtsc() - start->tsc < MEASURE_TICKS_MAX)
        cpu_relax();
    return take_sample();
}

/* Measure for the shortest time that gives the precision wanted, in steps; how long that is
 * depends on how long reading the counter takes. 0: the counter has stopped. */
static uint64_t measure_once(void)
{
    uint64_t step = source_hz() / MEASURE_STEPS_PER_S, counts = 0, ticks = 0;
    struct sample start = take_sample(), end;

    for (int i = 1; i <= MEASURE_STEPS_MAX; i++) {
        end = sample_after(&start, step * (uint64_t)i);
        ticks = end.tsc - start.tsc;
        if (ticks >= MEASURE_TICKS_MAX)
            return 0;
        counts = max(counts_since(&start, end.count), 1UL);
        if ((start.took + end.took + ticks / counts) / 2 * MEASURE_PRECISION <= ticks)
            break;
    }
    /* In two steps, for ticks * hz may exceed 64 bits. */
    return ticks / counts * source_hz() + ticks % counts * source_hz() / counts;
}

static bool agrees(uint64_t told, uint64_t measured)
{
    uint64_t apart = told > measured ? told - measured : measured - told;

    return told && apart <= measured / RATE_TOLERANCE;
}

static uint64_t measure(void)
{
    uint64_t rate = measure_once(), again;

    if (source_mask() > SHORT_COUNTER)
        return rate;
    for (int i = 1; i < MEASURE_TRIES && rate; i++, rate = min(rate, again)) {
        again = measure_once();
        if (agrees(again, rate))
            break;
    }
    return rate; /* a lost round of the counter makes the TSC seem too fast */
}

/* SDM vol. 2, CPUID leaf 15H: TSC ticks per crystal tick, crystal's Hz. 0: not told. */
static uint64_t rate_from_leaf_15(void)
{
    struct cpuid_regs r;

    if (cpuid(0, 0).eax < 0x15)
        return 0;
    r = cpuid(0x15, 0);
    return r.eax && r.ebx && r.ecx ? (uint64_t)r.ecx * r.ebx / r.eax : 0;
}

/* A hypervisor's leaf 0x40000010, EAX: TSC kHz (a convention of VMware's that others keep). */
static uint64_t rate_from_hypervisor(void)
{
    uint32_t last;

    if (!(cpuid(1, 0).ecx & CPUID_HYPERVISOR))
        return 0;
    last = cpuid(0x40000000, 0).eax;
    if (last < 0x40000010 || last > 0x4000ffff)
        return 0;
    return cpuid(0x40000010, 0).eax * 1000ULL;
}

uint64_t tsc_measure_hz(void)
{
    uint64_t measured = source_hz() ? measure() : 0;
    uint64_t crystal = rate_from_leaf_15(), told = rate_from_hypervisor();

    if (!measured) /* nothing to doubt it by */
        return crystal ? crystal : told;
    if (agrees(crystal, measured))
        return crystal;
    return agrees(told, measured) ? told : measured;
}

/* This CPU's physical package, from its APIC id (SDM vol. 3, 9.9: leaf 0BH, else leaf 1). */
static uint32_t package(void)
{
    struct cpuid_regs r;
    uint32_t shift = 0;

    if (cpuid(0, 0).eax >= 0xb && cpuid(0xb, 0).ebx) {
        for (uint32_t level = 0; level < 8; level++) {
            r = cpuid(0xb, level);
            if (!(r.ecx >> 8 & 0xff)) /* level type 0: no more */
                break;
            shift = r.eax & 0x1f;
        }
        return cpuid(0xb, 0).edx >> shift;
    }
    r = cpuid(1, 0);
    if (r.edx & CPUID_HTT)
        while (1u << shift < (r.ebx >> 16 & 0xff))
            shift++;
    return r.ebx >> 24 >> shift;
}

bool tsc_shares_clock(void)
{
    static uint32_t boot_package = ~0u;
    uint32_t here = package();

    if (boot_package == ~0u)
        boot_package = here;
    if (here == boot_package)
        return true;
    return cpuid(0x80000000, 0).eax >= CPUID_POWER &&
           (cpuid(CPUID_POWER, 0).edx & CPUID_POWER_TSC_INVARIANT);
}

/* A new CPU asks by raising `asked`; the boot CPU answers with its TSC and then `answered`. */
static struct {
    uint32_t asked, answered;
    uint64_t tsc;
} sync;

void time_sync_serve(void)
{
    uint32_t asked = __atomic_load_n(&sync.asked, __ATOMIC_ACQUIRE);

    if (asked == sync.answered)
        return;
    sync.tsc = rdtsc();
    __atomic_store_n(&sync.answered, asked, __ATOMIC_RELEASE);
}

/* The boot CPU's TSC, read between our *@before and *@after; false: nobody answers. */
static bool ask(uint64_t *before, uint64_t *theirs, uint64_t *after)
{
    uint32_t number = sync.asked + 1;

    *before = rdtsc();
    __atomic_store_n(&sync.asked, number, __ATOMIC_SEQ_CST);
    while (__atomic_load_n(&sync.answered, __ATOMIC_ACQUIRE) != number) {
        if (rdtsc() - *before > SYNC_WAIT_TICKS)
            return false;
        cpu_relax();
    }
    *after = rdtsc();
    *theirs = sync.tsc;
    return true;
}

int64_t tsc_skew_measure(void)
{
    uint64_t before, theirs, after, least = ~0ULL;
    int64_t ahead = 0;
    bool apart = false;

    for (int i = 0; i < SYNC_ROUNDS; i++) {
        if (!ask(&before, &theirs, &after))
            return 0;
        /* Theirs outside of ours is a proof; inside, the two may agree. */
        apart |= (int64_t)(theirs - before) < 0 || (int64_t)(after - theirs) < 0;
        if (after - before < least) {
            least = after - before;
            ahead = (int64_t)(before + least / 2 - theirs);
        }
    }
    return apart ? ahead : 0;
}
