/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the modes of XEN_DOMCTL_settscinfo make of a guest's TSC, PV and hardware-assisted. The
 * hypervisor's clock, which the guest asks by hypercall, is what all is compared with: readings
 * taken between two of its answers must lie between them, however slow the machine is.
 */
#include "tests/guest/lib/hvm.h"

#include <xen/vcpu.h>

#define MODE_DEFAULT 0
#define MODE_EMULATE 1
#define MODE_NATIVE  2
#define CR4_TSD      4UL
#define MSR_TSC      0x10

struct tsc_case {
    uint32_t mode, khz;
    bool hvm;
    bool may_scale; /* the processor does it or it is emulated */
};

struct regs4 {
    uint32_t a, b, c, d;
};

static struct regs4 xen_leaf(uint32_t leaf, uint32_t subleaf)
{
    struct regs4 r = {.a = leaf, .c = subleaf};

    if (env.way)
        __asm__ volatile("cpuid" : "+a"(r.a), "=b"(r.b), "+c"(r.c), "=d"(r.d));
    else
        __asm__ volatile("ud2\n .ascii \"xen\"\n cpuid"
                         : "+a"(r.a), "=b"(r.b), "+c"(r.c), "=d"(r.d));
    return r;
}

static bool has_rdtscp(void)
{
    return xen_leaf(0x80000001, 0).d >> 27 & 1;
}

static uint64_t rdtsc(void)
{
    uint32_t low, high;

    __asm__ volatile("lfence\n rdtsc\n lfence" : "=a"(low), "=d"(high)::"memory");
    return (uint64_t)high << 32 | low;
}

static uint64_t rdtscp(uint32_t *aux)
{
    uint32_t low, high;

    __asm__ volatile("rdtscp\n lfence" : "=a"(low), "=d"(high), "=c"(*aux)::"memory");
    return (uint64_t)high << 32 | low;
}

/* The hypervisor's time, from an arbitrary start. */
static uint64_t clock_ns(void)
{
    struct vcpu_runstate_info r;

    if (hc_vcpu_op(VCPUOP_get_runstate_info, 0, &r))
        test_fail(__FILE__, __LINE__, "no runstate");
    return r.time[0] + r.time[1] + r.time[2] + r.time[3];
}

struct reading {
    uint64_t before, tsc, ns, after;
};

static struct reading read_clocks(void)
{
    struct reading r;

    r.before = clock_ns();
    r.tsc = rdtsc();
    r.ns = now_ns();
    r.after = clock_ns();
    return r;
}

/* @ns has passed between two readings, by a clock that may be @slack off. */
static void check_between(const char *what, uint64_t ns, const struct reading *a,
                          const struct reading *b, uint64_t slack)
{
    if (ns + slack < b->before - a->after || ns > b->after - a->before + slack)
        test_fail(__FILE__, __LINE__, "%s: %lu ns, not %lu to %lu", what, ns,
                  b->before - a->after, b->after - a->before);
}

static void check_rates(uint32_t khz)
{
    struct reading first = read_clocks();

    for (unsigned int i = 0; i < 20; i++) {
        struct reading r;

        sleep_us(i * 100);
        r = read_clocks();
        check_between("record", r.ns - first.ns, &first, &r, 1000);
        /* the rate is told in whole kHz */
        check_between("TSC", (r.tsc - first.tsc) * 1000 / khz * 1000, &first, &r,
                      5000 + (r.tsc - first.tsc) / khz / 10);
    }
}

static void check_order(void)
{
    uint64_t last = rdtsc();
    uint32_t aux;

    for (unsigned int i = 0; i < 1000; i++) {
        uint64_t tsc = i & 1 && has_rdtscp() ? rdtscp(&aux) : rdtsc();

        if (tsc < last)
            test_fail(__FILE__, __LINE__, "the TSC goes back from %#lx to %#lx", last, tsc);
        last = tsc;
    }
    CHECK(hvm_rdmsr(MSR_TSC) >= last);
}

/* A program of the guest, too, reads it, but not when its kernel says so. */
static void user_rdtsc(void)
{
    __asm__ volatile("rdtsc\n ud2");
}

static void user_rdtscp(void)
{
    __asm__ volatile("rdtscp\n ud2");
}

static void check_user(void)
{
    uint64_t cr4;

    if (!user_prepare())
        return;
    CHECK_EQ(user_run(user_rdtsc, 0), 6);
    CHECK(!has_rdtscp() || user_run(user_rdtscp, 0) == 6);
    __asm__ volatile("movq %%cr4, %0" : "=r"(cr4));
    __asm__ volatile("movq %0, %%cr4" ::"r"(cr4 | CR4_TSD));
    CHECK_EQ(user_run(user_rdtsc, 0), 13);
    CHECK(!has_rdtscp() || user_run(user_rdtscp, 0) == 13);
    check_order(); /* the kernel goes on reading it */
    sleep_us(100); /* another has the processor */
    CHECK_EQ(user_run(user_rdtsc, 0), 13);
    __asm__ volatile("movq %0, %%cr4" ::"r"(cr4));
    CHECK_EQ(user_run(user_rdtsc, 0), 6);
}

static void in_guest(void *arg)
{
    struct tsc_case want = *(struct tsc_case *)arg;
    struct regs4 told = xen_leaf(0x40000003, 0), rate = xen_leaf(0x40000003, 1),
                 host = xen_leaf(0x40000003, 2);
    bool emulated = told.a & 1;
    uint32_t aux;

    CHECK_EQ(told.b, want.mode);
    CHECK_EQ(told.c, want.khz ? want.khz : host.a);
    CHECK_EQ(told.d, 7);
    CHECK_EQ(rate.c, vcpu_info()->time.tsc_to_system_mul);
    CHECK_EQ((int8_t)rate.d, vcpu_info()->time.tsc_shift);
    if (want.mode == MODE_EMULATE)
        CHECK(emulated);
    if (want.mode == MODE_NATIVE)
        CHECK(!emulated);
    if (want.mode == MODE_DEFAULT && want.khz && !want.may_scale)
        CHECK(emulated);
    child_say(emulated ? "emulated" : want.khz ? "scaled" : "native");
    check_order();
    check_rates(told.c);
    if (has_rdtscp() && env.way) { /* a PV guest writes the register only by its policy's leave */
        hvm_wrmsr(0xc0000103, 0x1234);
        (void)rdtscp(&aux);
        CHECK_EQ(aux, 0x1234);
    }
    if (!env.way)
        check_user();
}

static bool set_mode(struct child *c, const struct tsc_case *want)
{
    struct xen_domctl op = {.u.tsc_info = {.tsc_mode = want->mode,
                                           .gtsc_khz = want->khz,
                                           .incarnation = 7,
                                           .elapsed_nsec = 1000000}};

    if (child_domctl(c, XEN_DOMCTL_settscinfo, &op) ||
        child_domctl(c, XEN_DOMCTL_gettscinfo, &op))
        return false;
    CHECK_EQ(op.u.tsc_info.tsc_mode, want->mode);
    CHECK_EQ(op.u.tsc_info.incarnation, 7);
    if (want->khz)
        CHECK_EQ(op.u.tsc_info.gtsc_khz, want->khz);
    return true;
}

static void run_case(const struct tsc_case *want)
{
    struct child_options options = {.hvm = want->hvm, .paused = true, .arg = (void *)want};
    struct child *c = child_make(in_guest, &options);

    NEED(c);
    CHECK(set_mode(c, want));
    child_start(c);
    CHECK_EQ(child_wait(c, 60), SHUTDOWN_poweroff);
    CHECK(c->box->finished);
    child_end(c);
}

static uint32_t host_khz(void)
{
    return xen_leaf(0x40000003, 2).a;
}

static void run_modes(bool hvm)
{
    static struct tsc_case wanted; /* the child has its own copy of the image */

    for (uint32_t mode = MODE_DEFAULT; mode <= MODE_NATIVE; mode++) {
        wanted = (struct tsc_case){.mode = mode, .hvm = hvm};
        run_case(&wanted);
    }
    wanted = (struct tsc_case){.mode = MODE_EMULATE, .khz = 1000000, .hvm = hvm};
    run_case(&wanted);
    wanted = (struct tsc_case){
        .mode = MODE_DEFAULT, .khz = host_khz() / 2, .hvm = hvm, .may_scale = hvm};
    run_case(&wanted);
}

TEST(hvm, tsc_modes)
{
    run_modes(true);
}

TEST(hvm, tsc_modes_of_pv)
{
    run_modes(false);
}

/* While it runs the mode changes: its TSC goes on from where it was. */
static void watch(void *arg unused)
{
    uint64_t last = rdtsc();

    while (box.step < 6) {
        uint64_t tsc = rdtsc();

        if (tsc < last || tsc - last > 60000000000)
            test_fail(__FILE__, __LINE__, "TSC %#lx, then %#lx", last, tsc);
        last = tsc;
        box.value[0]++;
        __asm__ volatile("pause");
    }
}

TEST(hvm, tsc_goes_on_when_the_mode_changes)
{
    struct child *c = child_make(watch, &(const struct child_options){.hvm = true});

    NEED(c);
    for (uint32_t step = 1; step <= 6; step++) {
        const struct tsc_case now = {.mode = step % 3};
        uint64_t seen = c->box->value[0];

        while (c->box->value[0] < seen + 10 && !c->box->failures && !c->box->finished)
            sleep_us(1000);
        CHECK(set_mode(c, &now));
        c->box->step = step;
    }
    CHECK_EQ(child_wait(c, 60), SHUTDOWN_poweroff);
    child_end(c);
}
