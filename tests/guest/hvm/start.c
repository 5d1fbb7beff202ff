/* SPDX-License-Identifier: BSD-2-Clause */
/* What INIT, start-up interrupts and VCPUOP_initialise, _up and _down make of a vCPU. */
#include "tests/guest/lib/hvm.h"

#define VECTOR 8
#define CODE_GFN VECTOR
#define COUNT_AT 0x100
#define TO_SECOND (2UL << 32)
#define INIT (TO_SECOND | 0x4500)
#define STARTUP (TO_SECOND | 0x4600 | VECTOR)

/* What a start-up interrupt begins: it counts at cs:100 as long as it runs. */
static const uint8_t code16[] = {0x2e, 0xff, 0x06, COUNT_AT & 0xff, COUNT_AT >> 8,
                                 0xf3, 0x90,  /* pause */
                                 0xeb, 0xf7}; /* and again */

static volatile uint16_t *count16;
static volatile uint64_t count64;

static volatile bool halts;

static void second(void)
{
    for (;; count64++)
        if (halts)
            __asm__ volatile("sti\n hlt"); /* nothing comes */
        else
            __asm__ volatile("pause");
}

static struct vcpu_hvm_context *start(void)
{
    static struct vcpu_hvm_context c = {.mode = VCPU_HVM_MODE_64B};

    hvm_second_context(&c, second);
    return &c;
}

static void make_code(void)
{
    static xen_pfn_t gfn = CODE_GFN;
    struct xen_memory_reservation r = {.nr_extents = 1, .domid = DOMID_SELF};
    uint8_t *page = page_alloc();

    set_xen_guest_handle(r.extent_start, &gfn);
    if (hc_memory_op(XENMEM_populate_physmap, &r) != 1)
        test_fail(__FILE__, __LINE__, "no page for real mode");
    hvm_map(page, CODE_GFN, PTE_RW_FLAGS);
    memcpy(page, code16, sizeof(code16));
    count16 = (volatile uint16_t *)(page + COUNT_AT);
    *count16 = 0;
}

static bool counts16(void)
{
    uint16_t was = *count16;

    for (unsigned int i = 0; i < 200 && *count16 == was; i++)
        sleep_us(100);
    return *count16 != was;
}

static bool counts64(void)
{
    uint64_t was = count64;

    for (unsigned int i = 0; i < 200 && count64 == was; i++)
        sleep_us(100);
    return count64 != was;
}

static long initialise(void)
{
    return hc_vcpu_op(VCPUOP_initialise, 1, start());
}

static long up(void)
{
    return hc_vcpu_op(VCPUOP_up, 1, NULL);
}

static void down(void)
{
    CHECK_EQ(hc_vcpu_op(VCPUOP_down, 1, NULL), 0);
    CHECK_EQ(hc_vcpu_op(VCPUOP_is_up, 1, NULL), 0);
}

/* Then it waits for a start-up interrupt, and can be initialised again. */
static void init(void)
{
    hvm_wrmsr(X2APIC_ICR, INIT);
    CHECK_EQ(hc_vcpu_op(VCPUOP_is_up, 1, NULL), 0);
    CHECK(!counts64());
    CHECK(!counts16());
    CHECK_EQ(up(), -EINVAL);
}

static void starts64(void)
{
    CHECK_EQ(initialise(), 0);
    CHECK_EQ(initialise(), -EEXIST);
    CHECK(!counts64());
    CHECK_EQ(up(), 0);
    CHECK_EQ(initialise(), -EEXIST);
    CHECK(counts64());
}

static void starts16(void)
{
    hvm_wrmsr(X2APIC_ICR, STARTUP);
    CHECK_EQ(initialise(), -EEXIST);
    CHECK(counts16());
    CHECK(!counts64());
    CHECK_EQ(hc_vcpu_op(VCPUOP_is_up, 1, NULL), 1);
}

static void sleeps64(void)
{
    halts = true;
    CHECK(!counts64() || !counts64()); /* once round */
    halts = false;
}

static void anew(void)
{
    starts64();
    init();
    starts64();
    init();
    starts16();
    init();
    init(); /* twice is once */
    starts16();
    init();
    starts64();
    sleeps64();
    init();
    starts64();
    sleeps64();
    init();
    starts16();
    init();
}

/* VCPUOP_down leaves it what it is. */
static void beside_down(void)
{
    starts64();
    down();
    CHECK_EQ(initialise(), -EEXIST);
    hvm_wrmsr(X2APIC_ICR, STARTUP);
    CHECK(!counts16());
    CHECK_EQ(hc_vcpu_op(VCPUOP_is_up, 1, NULL), 0);
    CHECK_EQ(up(), 0);
    CHECK(counts64());
    hvm_wrmsr(X2APIC_ICR, STARTUP); /* nor while it runs */
    CHECK(!counts16());
    CHECK(counts64());
    down();
    init();
    starts16();
    down();
    init();
    starts64();
    init();
    CHECK_EQ(initialise(), 0); /* but not brought up */
    hvm_wrmsr(X2APIC_ICR, STARTUP);
    CHECK(!counts16());
    CHECK_EQ(up(), 0);
    CHECK(counts64());
}

static void body(void *arg unused)
{
    make_code();
    hvm_x2apic();
    CHECK_EQ(up(), -EINVAL);
    anew();
    beside_down();
}

TEST(hvm, init_and_startup)
{
    const struct child_options options = {.hvm = true, .vcpus = 2, .more_pages = 1};

    child_run_with(body, &options, SHUTDOWN_poweroff);
}

static void init_of_last(void *arg unused)
{
    hvm_x2apic();
    hvm_wrmsr(X2APIC_ICR, 0x4500);
    for (;;)
        __asm__ volatile("pause");
}

/* Nobody is left that could start it: the end. */
TEST(hvm, init_of_last)
{
    struct child *c = child_make(init_of_last, &(const struct child_options){.hvm = true});

    NEED(c);
    CHECK_EQ(child_wait(c, 20), SHUTDOWN_poweroff);
    child_end(c);
}
