/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * System time.
 *
 * What is always true here: system time is a function of the TSC alone, with constants that do not
 * change after a CPU came up. While all TSCs agree, every CPU has the same constants, so guests
 * can compute system time themselves, on any CPU, from one record. Where they do not agree each
 * CPU's base makes up for the difference and readers are kept from going back by a common maximum.
 */
#include "time/time.h"

#include "abi/errno.h"
#include "console/log.h"
#include "cpu/insn.h"
#include "cpu/percpu.h"
#include "debug/panic.h"
#include "lib/string.h"
#include "mm/pool.h"
#include "time/private.h"

/* Nobody arms an event further ahead (73 minutes): the sum with the TSC must not overflow. */
#define FAR_NS (1UL << 42)

/* Skews beyond this are made up for; less is what reading takes. */
#define SKEW_NS_MAX 500

static struct time_cpu boot_time;
static uint64_t tsc_hz;
static bool tsc_differ;    /* (a) some CPU's TSC was found apart */
static bool tsc_may_drift; /* (a) nothing says that the TSCs will stay together */
static uint64_t latest_ns; /* (a) with tsc_differ: the latest time told */
static const char *wanted_source;
static enum time_tsc trust;

static const struct time_scale *scale_here(void)
{
    const struct time_cpu *t = cpu_self()->time;

    return t ? &t->scale : &boot_time.scale;
}

void time_trust_tsc(enum time_tsc wanted)
{
    trust = wanted;
}

/* May this CPU's TSC drift away from the boot CPU's? */
static bool may_drift(void)
{
    switch (trust) {
    case TIME_TSC_UNSTABLE:
        return true;
    case TIME_TSC_STABLE:
        return false;
    case TIME_TSC_AUTO:
    case TIME_TSC_SKEWED:
        break;
    }
    return !tsc_shares_clock();
}

bool time_choose_source(const char *name)
{
    static const char *const names[] = {"hpet", "acpi", "pit"};

    for (unsigned int i = 0; i < ARRAY_SIZE(names); i++) {
        if (!strcmp(name, names[i])) {
            wanted_source = names[i];
            return true;
        }
    }
    return false;
}

/* One clock for all CPUs although they differ: nobody is told less than was told before. */
static uint64_t not_before_latest(uint64_t now)
{
    uint64_t latest = __atomic_load_n(&latest_ns, __ATOMIC_ACQUIRE);

    do {
        if (latest >= now)
            return latest;
    } while (!__atomic_compare_exchange_n(&latest_ns, &latest, now, true, __ATOMIC_ACQ_REL,
                                          __ATOMIC_ACQUIRE));
    return now;
}

uint64_t time_now_ns(void)
{
    uint64_t now = scale_to_ns(scale_here(), rdtsc());

    return unlikely(READ_ONCE(tsc_differ)) ? not_before_latest(now) : now;
}

uint64_t time_to_tsc(uint64_t ns)
{
    const struct time_scale *s = scale_here();
    uint64_t tsc = rdtsc(), now = scale_to_ns(s, tsc);

    /* From now rather than from the base: the error of the rate grows with the distance. */
    return tsc + (ns > now ? scale_to_ticks(s, min(ns - now, FAR_NS)) : 0);
}

uint64_t time_tsc_khz(void)
{
    return tsc_hz / 1000;
}

bool time_tsc_reliable(void)
{
    return !READ_ONCE(tsc_differ) && !READ_ONCE(tsc_may_drift);
}

void time_delay_us(uint64_t us)
{
    uint64_t start = rdtsc(), ticks;

    if (!tsc_hz) {
        for (; us; us--)
            outb(0x80, 0); /* a bus cycle of about 1 us; the POST code port has no other effect */
        return;
    }
    ticks = us * (tsc_hz / 1000) / 1000;
    while (rdtsc() - start <= ticks)
        cpu_relax();
}

void time_init(void)
{
    source_init(wanted_source);
    tsc_hz = tsc_measure_hz();
    if (!tsc_hz)
        panic("no HPET, PM timer or PIT counts, and CPUID does not tell the rate of the TSC");
    tsc_may_drift = may_drift();
    tsc_differ = trust == TIME_TSC_UNSTABLE || trust == TIME_TSC_SKEWED;
    scale_set_rate(&boot_time.scale, tsc_hz);
    boot_time.scale.tsc_base = rdtsc();
    cpu_self()->time = &boot_time;
    if (timer_cpu_init())
        panic("no memory for timers");
    log_info("TSC: %llu.%03llu MHz by %s", (unsigned long long)(tsc_hz / 1000000),
             (unsigned long long)(tsc_hz / 1000 % 1000), source_hz() ? source_name() : "CPUID");
    wallclock_init();
}

int time_cpu_init(void)
{
    struct time_cpu *t = pool_new(struct time_cpu);
    int64_t ahead;
    uint64_t apart_ns;

    if (!t)
        return -ENOMEM;
    *t = boot_time;
    if (may_drift())
        WRITE_ONCE(tsc_may_drift, true);
    ahead = tsc_skew_measure();
    apart_ns = scale_delta(&t->scale, (uint64_t)(ahead < 0 ? -ahead : ahead));
    if (apart_ns > SKEW_NS_MAX || (apart_ns && trust == TIME_TSC_SKEWED)) {
        t->scale.tsc_base += (uint64_t)ahead;
        WRITE_ONCE(tsc_differ, true);
        log_warn("TSC of CPU %u is %llu ns apart", cpu_id(), (unsigned long long)apart_ns);
    }
    cpu_self()->time = t;
    return timer_cpu_init();
}
