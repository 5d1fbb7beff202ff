/* SPDX-License-Identifier: BSD-2-Clause */
/* What guests see of time: the record, its second copy, timers. */
/* sources: hypervisor/time/guest_time.c hypervisor/time/scale.c hypervisor/time/timer.c */
/* sources: hypervisor/lib/rbtree.c hypervisor/time/guest_tsc.c */
/* cflags: -Itests/unit/fake -DFAKE_TSC=tsc */
#include "tests/unit/check.h"

#include "abi/errno.h"
#include "cpu/percpu.h"
#include "domain/domain.h"
#include "event/event.h"
#include "hypercall/table.h"
#include "irq/irq.h"
#include "mm/pool.h"
#include "p2m/copy.h"
#include "sched/softirq.h"
#include "time/private.h"
#include "time/time.h"

#define GUEST_VA_BASE 0x10000

struct percpu fake_percpu[2];
unsigned int fake_cpu;
uint64_t tsc;
static uint64_t event_tsc, khz;
static bool reliable;
static struct time_cpu clocks[2];
static struct domain domain;
static struct vcpu vcpu, *vcpus[] = {&vcpu};
static vcpu_info_t info;
static struct vcpu_time_info second;
static unsigned int virqs, second_writes;
static bool second_was_odd;
static unsigned int raised_elsewhere;

uint64_t time_now_ns(void)
{
    return scale_to_ns(&cpu_self()->time->scale, tsc);
}

uint64_t time_to_tsc(uint64_t ns)
{
    uint64_t now = time_now_ns();

    return tsc + (ns > now ? scale_to_ticks(&cpu_self()->time->scale, ns - now) : 0);
}

uint64_t time_tsc_khz(void)
{
    return khz;
}

bool time_tsc_reliable(void)
{
    return reliable;
}

void irq_timer_arm(uint64_t at)
{
    event_tsc = at;
}

void softirq_raise(enum softirq nr)
{
    (void)nr;
}

void softirq_raise_on(unsigned int cpu, enum softirq nr)
{
    (void)nr;
    raised_elsewhere += cpu != fake_cpu;
}

void event_raise_virq(struct vcpu *v, uint32_t virq)
{
    CHECK(v == &vcpu && virq == VIRQ_TIMER);
    virqs++;
}

void *pool_alloc(size_t bytes)
{
    return calloc(1, bytes);
}

int copy_to_guest(uint64_t gva, const void *from, size_t bytes)
{
    uint64_t offset = gva - GUEST_VA_BASE;

    if (offset + bytes > sizeof(second))
        return -EFAULT;
    /* The body may change only while the version is odd. */
    if (bytes > 4)
        second_was_odd = second.version & 1;
    memcpy((char *)&second + offset, from, bytes);
    second_writes++;
    return 0;
}

static void start(uint64_t hz)
{
    memset(&vcpu, 0, sizeof(vcpu));
    memset(&info, 0, sizeof(info));
    memset(&second, 0, sizeof(second));
    memset(clocks, 0, sizeof(clocks));
    for (int i = 1; i >= 0; i--) {
        fake_cpu = (unsigned int)i;
        fake_percpu[i].id = (uint32_t)i;
        scale_set_rate(&clocks[i].scale, hz);
        clocks[i].scale.tsc_base = 1000000;
        fake_percpu[i].time = &clocks[i];
        fake_percpu[i].current = NULL;
        free(fake_percpu[i].timer);
        CHECK_EQ(timer_cpu_init(), 0);
    }
    tsc = 1000000;
    event_tsc = ~0ULL;
    reliable = true;
    virqs = second_writes = 0;
    khz = hz / 1000;
    domain = (struct domain){.vcpus = vcpus, .max_vcpus = 1};
    guest_tsc_scaling = (struct guest_tsc_scaling){0};
    vcpu.domain = &domain;
    vcpu.info = &info;
    time_vcpu_init(&vcpu);
}

/* System time as xen/xen.h tells guests to compute it. */
static uint64_t guest_now(const struct vcpu_time_info *t)
{
    uint64_t delta = tsc - t->tsc_timestamp;

    delta = t->tsc_shift < 0 ? delta >> -t->tsc_shift : delta << t->tsc_shift;
    return t->system_time + (uint64_t)((__uint128_t)delta * t->tsc_to_system_mul >> 32);
}

TEST(record_gives_our_time)
{
    static const uint64_t rates[] = {4000000, 1000000000, 2096006000, 5200000000};

    for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
        start(rates[i]);
        fake_percpu[0].current = &vcpu;
        time_publish(&vcpu);
        CHECK(info.time.version && !(info.time.version & 1));
        CHECK_EQ(info.time.flags, XEN_PVCLOCK_TSC_STABLE_BIT);
        for (int n = 0; n < 1000; n++) {
            tsc += check_random() >> 30;
            CHECK_EQ(guest_now(&info.time), time_now_ns());
        }
    }
}

/* ---- a domain's TSC ---- */

static uint64_t distance(uint64_t a, uint64_t b)
{
    return a > b ? a - b : b - a;
}

static void set_tsc(uint32_t mode, uint32_t gtsc_khz, uint64_t elapsed_ns)
{
    const struct xen_domctl_tsc_info info = {.tsc_mode = mode,
                                             .gtsc_khz = gtsc_khz,
                                             .incarnation = 3,
                                             .elapsed_nsec = elapsed_ns};

    CHECK_EQ(guest_tsc_set(&domain, &info), 0);
    time_publish(&vcpu);
}

/* What a guest makes of its record and of the TSC that it reads. */
static uint64_t seen_now(void)
{
    uint64_t delta = guest_tsc_now(&domain) + vcpu.tsc_offset - info.time.tsc_timestamp;
    const struct vcpu_time_info *t = &info.time;

    delta = t->tsc_shift < 0 ? delta >> -t->tsc_shift : delta << t->tsc_shift;
    return t->system_time + (uint64_t)((__uint128_t)delta * t->tsc_to_system_mul >> 32);
}

/* Whatever reads the TSC, and at whatever rate: its guest knows the time after a year, too. */
static void check_time_and_rate(uint32_t guest_khz, uint64_t error_ns)
{
    uint64_t before = guest_tsc_now(&domain), at = time_now_ns(), ticks, ns;
    uint32_t year_s = 365 * 86400;

    for (int n = 0; n < 1000; n++) {
        tsc += check_random() >> 30;
        ticks = guest_tsc_now(&domain) + vcpu.tsc_offset;
        CHECK(distance(guest_tsc_ns(&vcpu, ticks), seen_now()) <= 1);
        CHECK(distance(seen_now(), time_now_ns()) <= 2 + error_ns / 1000 + 1000000 / guest_khz);
    }
    tsc += khz * 1000 * year_s;
    ns = time_now_ns();
    CHECK(distance(seen_now(), ns) <= error_ns + 1000000 / guest_khz);
    ticks = guest_tsc_now(&domain) - before;
    CHECK(distance(ticks / guest_khz, (ns - at) / 1000000) <= 20); /* 1 ms in 18 days */
}

TEST(an_emulated_tsc_is_its_guests_clock)
{
    static const uint32_t rates[] = {1000000, 2096006, 5200000, 33000};

    for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
        start(2096006000);
        fake_percpu[0].current = &vcpu;
        tsc += 77777777777;
        vcpu.tsc_offset = 0x123456789abcdef;
        set_tsc(GUEST_TSC_ALWAYS_EMULATE, rates[i], 5 * NS_PER_S);
        CHECK(domain.tsc.emulated && domain.tsc.khz == rates[i] && domain.tsc.incarnation == 3);
        CHECK(distance(guest_tsc_now(&domain), rates[i] * 5000ULL) <= 100);
        check_time_and_rate(rates[i], 2);
    }
}

TEST(an_emulated_tsc_goes_on_from_more_than_the_host_has_been_up)
{
    start(2096006000);
    fake_percpu[0].current = &vcpu;
    set_tsc(GUEST_TSC_ALWAYS_EMULATE, 0, 1000 * NS_PER_S);
    CHECK_EQ(domain.tsc.khz, 2096006);
    CHECK(distance(guest_tsc_now(&domain) / 2096006000, 1000) <= 1);
    check_time_and_rate(2096006, 2);
    set_tsc(GUEST_TSC_ALWAYS_EMULATE, 1, ~0ULL / 2); /* nonsense does nothing worse */
    (void)guest_tsc_now(&domain);
    set_tsc(GUEST_TSC_ALWAYS_EMULATE, ~0u, ~0ULL);
    (void)guest_tsc_now(&domain);
}

TEST(a_scaled_tsc_is_its_guests_clock)
{
    static const struct guest_tsc_scaling vendors[] = {{32, 8}, {48, 16}};
    static const uint32_t rates[] = {1000000, 2096005, 2500000, 5200000};

    for (size_t i = 0; i < sizeof(vendors) / sizeof(vendors[0]); i++)
        for (size_t k = 0; k < sizeof(rates) / sizeof(rates[0]); k++) {
            start(2096006000);
            fake_percpu[0].current = &vcpu;
            domain.is_translated = true;
            guest_tsc_scaling = vendors[i];
            set_tsc(GUEST_TSC_DEFAULT, rates[k], 0);
            CHECK(!domain.tsc.emulated && domain.tsc.ratio);
            /* the ratio is what drifts: 2^-32 of a year is 8 ms */
            check_time_and_rate(rates[k], vendors[i].fraction == 32 ? 20 * NS_PER_MS : 1000000);
        }
}

TEST(the_default_mode_emulates_only_where_it_must)
{
    struct xen_domctl_tsc_info got;

    start(2000000000);
    fake_percpu[0].current = &vcpu;
    set_tsc(GUEST_TSC_DEFAULT, 0, 0);
    CHECK(!domain.tsc.emulated && !domain.tsc.ratio);
    CHECK_EQ(guest_tsc_now(&domain), tsc);
    set_tsc(GUEST_TSC_DEFAULT, 2000000, 0);
    CHECK(!domain.tsc.emulated);
    set_tsc(GUEST_TSC_DEFAULT, 1000000, 0); /* another rate, and nothing scales */
    CHECK(domain.tsc.emulated);
    guest_tsc_scaling = (struct guest_tsc_scaling){32, 8};
    set_tsc(GUEST_TSC_DEFAULT, 1000000, 0);
    CHECK(domain.tsc.emulated); /* PV guests cannot be scaled */
    domain.is_translated = true;
    set_tsc(GUEST_TSC_DEFAULT, 1000000, 0);
    CHECK(!domain.tsc.emulated);
    CHECK_EQ(domain.tsc.ratio, 1ULL << 31);
    set_tsc(GUEST_TSC_DEFAULT, ~0u, 0); /* 2147 times as fast is too much for 8 bits */
    CHECK(domain.tsc.emulated);
    reliable = false;
    set_tsc(GUEST_TSC_DEFAULT, 0, 0);
    CHECK(domain.tsc.emulated);
    CHECK_EQ(info.time.flags, XEN_PVCLOCK_TSC_STABLE_BIT); /* as emulated it is one clock */
    set_tsc(GUEST_TSC_NEVER_EMULATE, 1234, 55);
    CHECK(!domain.tsc.emulated && domain.tsc.khz == 2000000);
    CHECK_EQ(info.time.flags, 0);
    guest_tsc_get(&domain, &got);
    CHECK(got.tsc_mode == 2 && !got.gtsc_khz && !got.elapsed_nsec && got.incarnation == 3);
    domain.is_control = true;
    set_tsc(GUEST_TSC_ALWAYS_EMULATE, 1000, 0);
    CHECK(!domain.tsc.emulated && !domain.tsc.mode && domain.tsc.khz == 2000000);
    CHECK_EQ(guest_tsc_set(&domain, &(struct xen_domctl_tsc_info){.tsc_mode = 3}), -EINVAL);
}

/* Another machine goes on where this one was: a native TSC counts from when the machine started. */
TEST(what_is_told_of_a_tsc_makes_it_go_on)
{
    struct xen_domctl_tsc_info got;
    uint64_t before;

    start(2000000000);
    tsc += 123 * 2000000000ULL;
    set_tsc(GUEST_TSC_DEFAULT, 0, 0);
    guest_tsc_get(&domain, &got);
    CHECK_EQ(got.gtsc_khz, 2000000);
    before = guest_tsc_now(&domain);
    reliable = false;
    CHECK_EQ(guest_tsc_set(&domain, &got), 0);
    CHECK(domain.tsc.emulated);
    CHECK(distance(guest_tsc_now(&domain), before) <= 4);
    tsc += 4000000;
    guest_tsc_get(&domain, &got);
    before = guest_tsc_now(&domain);
    CHECK_EQ(guest_tsc_set(&domain, &got), 0);
    CHECK(distance(guest_tsc_now(&domain), before) <= 4);
}

TEST(written_when_it_changes)
{
    uint32_t version;

    start(2096006000);
    fake_percpu[0].current = &vcpu;
    time_publish(&vcpu);
    version = info.time.version;
    time_publish(&vcpu);
    CHECK_EQ(info.time.version, version);
    /* The other CPU's TSC is ahead: another record there. */
    reliable = false;
    clocks[1].scale.tsc_base += 5000;
    fake_cpu = 1;
    time_publish(&vcpu);
    CHECK(info.time.version > version && !(info.time.version & 1));
    CHECK_EQ(info.time.flags, 0);
    CHECK_EQ(info.time.tsc_timestamp, 1005000);
    version = info.time.version;
    /* A new vcpu_info: now if it runs, else when it will. */
    memset(&info, 0, sizeof(info));
    time_publish_always(&vcpu);
    CHECK_EQ(info.time.version, 0);
    CHECK(vcpu.time.tsc_to_system_mul != 0); /* its CPU may be writing it out just now */
    fake_cpu = 0;
    time_publish_always(&vcpu);
    CHECK(info.time.version > version);
    CHECK_EQ(info.time.tsc_timestamp, 1000000);
    /* The guest's firmware clears it: there again when it is switched in next. */
    memset(&info, 0, sizeof(info));
    time_publish(&vcpu);
    CHECK_EQ(info.time.tsc_timestamp, 1000000);
    CHECK(info.time.tsc_to_system_mul);
}

TEST(second_record)
{
    start(2096006000);
    fake_percpu[0].current = &vcpu;
    vcpu.time_gva = GUEST_VA_BASE;
    time_publish(&vcpu);
    CHECK(second_was_odd);
    CHECK(!memcmp(&second, &info.time, sizeof(second)));
    time_publish(&vcpu);
    CHECK_EQ(second_writes, 3);
    vcpu.time_gva = 1; /* unmapped: only it is left out */
    clocks[0].scale.ns_base = 77;
    time_publish_always(&vcpu);
    CHECK_EQ(info.time.system_time, 77);
}

static void pass(uint64_t ns)
{
    uint64_t end = time_now_ns() + ns;

    while (event_tsc <= time_to_tsc(end)) {
        tsc = event_tsc > tsc ? event_tsc : tsc;
        event_tsc = ~0ULL;
        time_interrupt();
        timer_run_expired();
    }
    tsc = time_to_tsc(end);
}

TEST(singleshot)
{
    start(2096006000);
    fake_percpu[0].current = &vcpu;
    CHECK_EQ(hc_set_timer_op(5000), 0);
    pass(4000);
    CHECK_EQ(virqs, 0);
    pass(1100);
    CHECK_EQ(virqs, 1);
    pass(100000);
    CHECK_EQ(virqs, 1);
    hc_set_timer_op(1); /* the past fires at once */
    pass(10);
    CHECK_EQ(virqs, 2);
    hc_set_timer_op(time_now_ns() + 1000);
    hc_set_timer_op(0);
    pass(10000);
    CHECK_EQ(virqs, 2);
    hc_set_timer_op(~0ULL); /* never */
    pass(1000 * NS_PER_S);
    CHECK_EQ(virqs, 2);
    time_vcpu_free(&vcpu);
    hc_set_timer_op(5000);
    pass(10000);
    CHECK_EQ(virqs, 2);
}

TEST(periodic)
{
    uint64_t first;

    start(2096006000);
    time_set_periodic(&vcpu, 10 * NS_PER_MS);
    pass(NS_PER_S + NS_PER_MS);
    CHECK_EQ(virqs, 100);
    first = vcpu.periodic.expires_ns;
    /* Nobody looked for 35 ms: one event for all that, and the phase is kept. */
    tsc = time_to_tsc(time_now_ns() + 35 * NS_PER_MS);
    timer_run_expired();
    CHECK_EQ(virqs, 101);
    CHECK_EQ((vcpu.periodic.expires_ns - first) % (10 * NS_PER_MS), 0);
    CHECK(vcpu.periodic.expires_ns > time_now_ns());
    time_set_periodic(&vcpu, 0);
    pass(NS_PER_S);
    CHECK_EQ(virqs, 101);
    fake_cpu = 1; /* whoever sets it has its interrupts */
    raised_elsewhere = 0;
    time_set_periodic(&vcpu, 10 * NS_PER_MS);
    CHECK_EQ(raised_elsewhere, 0);
    CHECK_EQ(vcpu.periodic.cpu, 1);
    fake_cpu = 0;
}

TEST(timers_follow_their_vcpu)
{
    start(2096006000);
    fake_percpu[0].current = &vcpu;
    hc_set_timer_op(5000);
    time_set_periodic(&vcpu, 10 * NS_PER_MS);
    CHECK_EQ(timer_count(0), 2);
    fake_cpu = 1;
    raised_elsewhere = 0;
    time_vcpu_here(&vcpu);
    CHECK_EQ(timer_count(0), 0);
    CHECK_EQ(timer_count(1), 2);
    CHECK_EQ(raised_elsewhere, 0);
    pass(6000);
    CHECK_EQ(virqs, 1);
    pass(10 * NS_PER_MS);
    CHECK_EQ(virqs, 2);
    time_vcpu_here(&vcpu);
    CHECK_EQ(timer_count(1), 1);
    time_set_periodic(&vcpu, 0);
    fake_cpu = 0;
}
