/* SPDX-License-Identifier: BSD-2-Clause */
/* Microsoft's hypervisor as a guest sees it that was created with HVM_PARAM_VIRIDIAN. */
#include "tests/guest/lib/hvm.h"

#include <xen/hvm/hvm_op.h>
#include <xen/hvm/params.h>

#define ALL     (HVMPV_feature_mask & ~HVMPV_no_freq)
#define OS_ID   0x40000000
#define CALL    0x40000001
#define TIME    0x40000020
#define TSC     0x40000021
#define EOI     0x40000070
#define ICR     0x40000071
#define ASSIST  0x40000073
#define SCTL    0x40000080
#define SIMP    0x40000083
#define EOM     0x40000084
#define SINT(n) (0x40000090 + (n))
#define STIMER  0x400000b0

struct regs4 {
    uint32_t a, b, c, d;
};

static struct regs4 cpuid(uint32_t leaf)
{
    struct regs4 r = {.a = leaf};

    __asm__ volatile("cpuid" : "+a"(r.a), "=b"(r.b), "+c"(r.c), "=d"(r.d));
    return r;
}

/* A page of ours with the register that places one there. */
static void *placed(uint32_t msr)
{
    void *page = page_alloc();

    hvm_wrmsr(msr, va_pfn(page) << PAGE_SHIFT | 1);
    return page;
}

static uint64_t hypercall_page;

static uint64_t call(uint64_t word, uint64_t input, uint64_t output)
{
    uint64_t result;
    register uint64_t r8 __asm__("r8") = output;

    __asm__ volatile("call *%3"
                     : "=a"(result), "+c"(word), "+d"(input)
                     : "r"(hypercall_page), "r"(r8)
                     : "memory");
    return result;
}

static void check_leaves(void)
{
    uint32_t low = 0, high = 0;

    CHECK_EQ(cpuid(0x40000000).b, 0x7263694d); /* Micr */
    CHECK_EQ(cpuid(0x40000001).a, 0x31237648); /* Hv#1 */
    CHECK_EQ(cpuid(0x40000003).a, 0xa7e);
    CHECK_EQ(cpuid(0x40000100).b, 0x566e6558); /* XenV */
    CHECK_EQ(cpuid(0x40000101).a, 0x40011);
    CHECK_EQ(cpuid(0x40000102).b, 0x40000200);
    CHECK_EQ(cpuid(0x40000104).c, env.domid);
    CHECK_EQ(hvm_rdmsr(0x40000002), 0);
    CHECK_EQ(TRY("rdmsr", OUT("=a"(low), "=d"(high)), IN("c"(EOI))), 13);
    CHECK_EQ(TRY("wrmsr", OUT(), IN("c"(TIME), "a"(0), "d"(0))), 13);
    CHECK_EQ(TRY("rdmsr", OUT("=a"(low), "=d"(high)), IN("c"(0x400000c0))), 13);
}

/* Xen's hypercall page is where its leaf says. */
static void check_xen_page(void)
{
    uint8_t *page = page_alloc();

    hvm_wrmsr(0x40000200, va_pfn(page) << PAGE_SHIFT);
    CHECK_EQ(page[__HYPERVISOR_sched_op * 32], 0xb8);
    hypercall_page = (uint64_t)placed(CALL);
    CHECK_EQ(hvm_rdmsr(CALL) & 1, 0);
    hvm_wrmsr(OS_ID, 0x8100000000000000);
    hvm_wrmsr(CALL, va_pfn((void *)hypercall_page) << PAGE_SHIFT | 1);
    CHECK_EQ(*(uint8_t *)hypercall_page, 0x0d);
}

/* The page and the register are one clock, and that is the guest's other one. */
static void check_time(void)
{
    volatile uint64_t *page = placed(TSC);
    uint64_t ns = now_ns(), first = hvm_rdmsr(TIME);

    for (unsigned int i = 0; i < 100; i++) {
        uint64_t before = hvm_rdmsr(TIME), after, told = before;
        uint32_t low, high;

        if ((uint32_t)page[0]) {
            __asm__ volatile("lfence\n rdtsc\n lfence" : "=a"(low), "=d"(high));
            told = (uint64_t)((unsigned __int128)((uint64_t)high << 32 | low) * page[1] >> 64) +
                   page[2];
        }
        after = hvm_rdmsr(TIME);
        if (told + 2 < before || told > after + 2)
            test_fail(__FILE__, __LINE__, "%lu is not in %lu to %lu", told, before, after);
    }
    sleep_us(2000);
    CHECK(hvm_rdmsr(TIME) - first >= 20000);
    first = hvm_rdmsr(TIME) - first;
    CHECK(first <= (now_ns() - ns) / 100 + 1);
}

static volatile uint32_t taken[4], spared;
static volatile uint32_t *assist;

static void plain_handler(void)
{
    taken[0]++;
    hvm_wrmsr(EOI, 0);
}

static void end(void)
{
    if (__atomic_fetch_and(assist, ~1u, __ATOMIC_SEQ_CST) & 1)
        spared++;
    else
        hvm_wrmsr(EOI, 0);
}

static void sparing_handler(void)
{
    taken[1]++;
    end();
}

/* While this one is in service a less urgent one comes, which must not wait for ever. */
static void nesting_handler(void)
{
    taken[2]++;
    hvm_wrmsr(X2APIC_SELF, 0x41);
    end();
}

static void wait_for(volatile uint32_t *count, uint32_t want)
{
    __asm__ volatile("sti");
    for (unsigned int i = 0; i < 10000000 && *count < want; i++)
        __asm__ volatile("pause");
    CHECK_EQ(*count, want);
}

static void check_interrupts(void)
{
    hvm_x2apic();
    hvm_vector(0x40, plain_handler);
    hvm_vector(0x41, sparing_handler);
    hvm_vector(0x42, nesting_handler);
    CHECK_EQ(call(0xb | 1 << 16, 0x40, 1), 0);
    wait_for(&taken[0], 1);
    CHECK_EQ(call(0xb | 1 << 16, 15, 1), 5);
    CHECK_EQ(call(0xb | 1 << 16, 0x40, 2), 0); /* a processor that does not exist */
    assist = placed(ASSIST);
    for (uint32_t i = 1; i <= 100; i++) {
        hvm_wrmsr(X2APIC_SELF, 0x41);
        wait_for(&taken[1], i);
    }
    CHECK(spared > 0);
    CHECK_EQ(*assist & 1, 0);
    hvm_wrmsr(X2APIC_SELF, 0x42);
    wait_for(&taken[1], 101);
    CHECK_EQ(taken[2], 1);
    hvm_wrmsr(ASSIST, 0);
    spared = 0;
    hvm_wrmsr(X2APIC_SELF, 0x41);
    wait_for(&taken[1], 102);
    CHECK_EQ(spared, 0);
}

static void timer_handler(void)
{
    taken[3]++;
    hvm_wrmsr(EOI, 0);
}

static void check_timer(void)
{
    volatile uint64_t *slots;
    uint64_t due, last = 0;

    hvm_vector(0x43, timer_handler);
    hvm_wrmsr(SCTL, 1);
    slots = placed(SIMP);
    hvm_wrmsr(SINT(2), 0x43);
    due = hvm_rdmsr(TIME) + 10000;
    hvm_wrmsr(STIMER + 1, due);
    __asm__ volatile("cli"); /* it comes once: not between the look and the HLT */
    hvm_wrmsr(STIMER, 0x20001);
    while (taken[3] < 1)
        __asm__ volatile("sti\n hlt\n cli" ::: "memory");
    CHECK_EQ((uint32_t)slots[2 * 32], 0x80000010);
    CHECK_EQ(slots[2 * 32 + 3], due);
    CHECK(hvm_rdmsr(TIME) >= due && slots[2 * 32 + 4] >= due);
    CHECK_EQ(hvm_rdmsr(STIMER), 0x20000);
    slots[2 * 32] = 0;
    hvm_wrmsr(EOM, 0);
    hvm_wrmsr(STIMER + 1, 5000);
    hvm_wrmsr(STIMER, 0x20003);
    for (uint32_t i = 2; i < 12; i++) {
        while (taken[3] < i)
            __asm__ volatile("sti\n hlt\n cli" ::: "memory");
        CHECK(slots[2 * 32 + 3] > last && (i == 2 || (slots[2 * 32 + 3] - last) % 5000 == 0));
        last = slots[2 * 32 + 3];
        __atomic_store_n(&slots[2 * 32], 0, __ATOMIC_SEQ_CST);
        hvm_wrmsr(EOM, 0);
    }
    hvm_wrmsr(STIMER, 0);
    hvm_wrmsr(SIMP, 0);
}

static uint64_t seed = 88172645463325252;

/* Any value in any register: #GP at most, as long as no page of ours is given away. */
static void check_fuzz(void)
{
    for (unsigned int i = 0; i < 5000; i++) {
        uint32_t msr = 0x40000000 + (uint32_t)(draw(&seed) & 0x1ff), low, high;
        uint64_t value = draw(&seed) >> (draw(&seed) & 63) | 0x7000000000000; /* no page is there */
        int vector;

        if (msr == ICR) /* it can send INIT and NMI, to us too */
            continue;
        vector = TRY("wrmsr", OUT(), IN("c"(msr), "a"((uint32_t)value), "d"(value >> 32)));
        if (vector != -1 && vector != 13)
            test_fail(__FILE__, __LINE__, "wrmsr %#x of %#lx: vector %d", msr, value, vector);
        vector = TRY("rdmsr", OUT("=a"(low), "=d"(high)), IN("c"(msr)));
        CHECK(vector == -1 || vector == 13);
        (void)call(draw(&seed) & 0x1f, value, draw(&seed));
    }
}

static void in_guest(void *arg unused)
{
    check_leaves();
    check_xen_page();
    check_time();
    check_interrupts();
    check_timer();
    __asm__ volatile("cli");
    check_fuzz();
    hvm_wrmsr(SCTL, 0);
}

static long set_viridian(const struct child *c, uint64_t value)
{
    struct xen_hvm_param p = {.domid = c->domid, .index = HVM_PARAM_VIRIDIAN, .value = value};

    return hc_hvm_op(HVMOP_set_param, &p);
}

TEST(hvm, viridian)
{
    const struct child_options options = {.hvm = true, .paused = true};
    struct child *c = child_make(in_guest, &options);
    struct host_state before;

    NEED(c);
    child_end(c); /* the first of its kind leaves pools behind */
    before = host_state();
    c = child_make(in_guest, &options);
    NEED(c);
    CHECK_EQ(set_viridian(c, HVMPV_synic), -EINVAL);
    CHECK_EQ(set_viridian(c, 1ULL << 40 | 1), -EINVAL);
    CHECK_EQ(set_viridian(c, ALL), 0);
    CHECK_EQ(set_viridian(c, 1), -EEXIST);
    child_start(c);
    CHECK_EQ(child_wait(c, 120), SHUTDOWN_poweroff);
    CHECK(c->box->finished);
    child_end(c);
    host_check(&before);
}

/* Every processor forgets what it knew, at once. */
static volatile uint32_t rounds, wrong;
static uint64_t *window;

static void read_window(void)
{
    for (;;) {
        uint32_t round = rounds;

        if (round && *window != round && rounds == round)
            wrong++;
        box.value[1]++;
        __asm__ volatile("pause");
    }
}

static void flusher(void *arg unused)
{
    uint64_t *pages[2] = {page_alloc(), page_alloc()}, *input = page_alloc();

    window = page_alloc();
    check_xen_page();
    input[1] = 1; /* all processors */
    hvm_second(read_window);
    for (uint32_t round = 1; round <= 200; round++) {
        uint64_t *page = pages[round & 1], seen = box.value[1];

        *page = round;
        rounds = 0;
        while (box.value[1] < seen + 2) /* it has seen that it is not to look */
            __asm__ volatile("pause");
        hvm_map(window, va_pfn(page), PTE_RW_FLAGS);
        CHECK_EQ(call(2, va_pfn(input) << PAGE_SHIFT, 0), 0);
        rounds = round;
        seen = box.value[1];
        while (box.value[1] < seen + 5)
            __asm__ volatile("pause");
    }
    CHECK_EQ(wrong, 0);
}

TEST(hvm, viridian_flush)
{
    struct child *c = child_make(
        flusher, &(const struct child_options){.hvm = true, .paused = true, .vcpus = 2});

    NEED(c);
    CHECK_EQ(set_viridian(c, ALL), 0);
    child_start(c);
    CHECK_EQ(child_wait(c, 120), SHUTDOWN_poweroff);
    child_end(c);
}
