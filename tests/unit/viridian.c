/* SPDX-License-Identifier: BSD-2-Clause */
/* What a guest of HVM_PARAM_VIRIDIAN is told, and what its registers, pages and calls do. */
/* sources: hypervisor/hvm/viridian.c hypervisor/hvm/viridian_synic.c */
/* sources: hypervisor/hvm/viridian_hypercall.c */
/* cflags: -Itests/unit/fake */
#include "tests/unit/check.h"
#include "tests/unit/viridian_world.h"

#define BASE    ((uint64_t)HVMPV_base_freq)
#define ALL     ((uint64_t)(HVMPV_feature_mask & ~HVMPV_no_freq))
#define OS_ID   0x40000000
#define CALL    0x40000001
#define TIME    0x40000020
#define TSC     0x40000021
#define ASSIST  0x40000073
#define SCTL    0x40000080
#define SIMP    0x40000083
#define EOM     0x40000084
#define SINT(n) (0x40000090u + (n))
#define STIMER(n) (0x400000b0u + 2 * (n))
#define CRASH   0x40000100

static uint64_t get(struct vcpu *v, uint32_t msr)
{
    uint64_t value = ~0ULL;

    CHECK_EQ(viridian_rdmsr(v, msr, &value), 0);
    return value;
}

static void set(struct vcpu *v, uint32_t msr, uint64_t value)
{
    CHECK_EQ(viridian_wrmsr(v, msr, value), 0);
}

static struct cpuid_regs leaf(struct vcpu *v, uint32_t number)
{
    struct cpuid_regs r;

    viridian_cpuid(v, number, 0, &r);
    return r;
}

TEST(leaves_say_what_the_parameter_says)
{
    struct vcpu *v = world_start(BASE | HVMPV_no_freq);

    CHECK_EQ(leaf(v, 0x40000000).eax, 0x40000006);
    CHECK_EQ(leaf(v, 0x40000000).ebx, 0x7263694d);
    CHECK_EQ(leaf(v, 0x40000001).eax, 0x31237648);
    CHECK_EQ(leaf(v, 0x40000002).eax, 0);
    set(v, OS_ID, 1);
    CHECK(leaf(v, 0x40000002).eax);
    CHECK_EQ(leaf(v, 0x40000003).eax, 0x70);
    CHECK_EQ(leaf(v, 0x40000003).edx, 0);
    CHECK_EQ(leaf(v, 0x40000005).eax, 64);
    CHECK_EQ(leaf(v, 0x40000007).eax, 0);
    CHECK_EQ(leaf(v, 0x400000ff).eax, 0);
    /* Xen's, moved, with their numbers */
    CHECK_EQ(leaf(v, 0x40000100).eax, 0x40000100);
    CHECK_EQ(leaf(v, 0x40000102).ebx, 0x40000200);
    world_policy.hv_limit = 4; /* the toolstack's cuts */
    world_policy.hv2_limit = 3;
    CHECK_EQ(leaf(v, 0x40000000).eax, 0x40000004);
    CHECK_EQ(leaf(v, 0x40000005).eax, 0);
    (void)leaf(v, 0x40000100);
    CHECK_EQ(world_xen_limit, 3);
    world_policy.hv_limit = world_policy.hv2_limit = 0;
    v = world_start(ALL);
    CHECK_EQ(leaf(v, 0x40000003).eax, 0xa7e);
    CHECK_EQ(leaf(v, 0x40000003).edx, 0x20508);
    CHECK_EQ(leaf(v, 0x40000004).eax & 0xc04, 0xc04);
    CHECK_EQ(leaf(v, 0x40000005).eax, ~0u);
}

/* What is not offered is #GP, and so is every number that means nothing. */
TEST(registers_are_there_as_offered)
{
    struct vcpu *v = world_start(BASE | HVMPV_no_freq);
    unsigned int count = 0, all = 0;
    uint64_t value;

    for (uint32_t msr = 0x40000000; msr < 0x40000200; msr++)
        count += !viridian_rdmsr(v, msr, &value);
    CHECK_EQ(count, 6); /* id, call page, index, ICR, TPR, assist page */
    v = world_start(ALL);
    for (uint32_t msr = 0x40000000; msr < 0x40000200; msr++)
        all += !viridian_rdmsr(v, msr, &value);
    CHECK_EQ(all, 6 + 4 + 5 + 16 + 8 + 6);
    CHECK_EQ(get(&world_vcpu[7], 0x40000002), 7);
    CHECK_EQ(get(v, 0x40000022), 2000000000);
    CHECK_EQ(viridian_wrmsr(v, 0x40000002, 1), -EINVAL);
    CHECK_EQ(viridian_wrmsr(v, TIME, 1), -EINVAL);
    CHECK_EQ(viridian_wrmsr(v, 0x40000081, 1), -EINVAL);
}

TEST(the_hypercall_page_comes_when_the_guest_has_a_name)
{
    struct vcpu *v = world_start(ALL);

    set(v, CALL, 0x1001);
    CHECK_EQ(get(v, CALL), 0x1000);
    CHECK_EQ(world_memory[1][0], 0);
    set(v, OS_ID, 0x8100000000000000);
    set(v, CALL, 0x1001);
    CHECK_EQ(world_memory[1][0], 0x0d);
    CHECK_EQ(world_memory[1][7], 0xd9);
    CHECK_EQ(get(v, CALL), 0x1001);
    CHECK_EQ(viridian_wrmsr(v, CALL, 0x7777001), -EINVAL);
    CHECK_EQ(get(v, CALL), 0x1001);
    set(v, CALL, 0x1003); /* locked */
    set(v, CALL, 0x2001);
    CHECK_EQ(get(v, CALL), 0x1003);
    set(v, OS_ID, 0);
    CHECK_EQ(get(v, CALL), 0x1002);
}

/* The page gives the time that the register gives. */
TEST(the_tsc_page_tells_the_time)
{
    struct vcpu *v = world_start(ALL);
    uint64_t scale, offset;

    v->tsc_offset = 123456789;
    world_ns = 77777777777;
    world_reading_ns = 5000; /* as if something came between any two readings of the clock */
    set(v, TSC, 0x3001);
    world_reading_ns = 0;
    CHECK_EQ(*(uint32_t *)world_memory[3], 1);
    memcpy(&scale, &world_memory[3][8], 8);
    memcpy(&offset, &world_memory[3][16], 8);
    for (int i = 0; i < 100; i++) {
        uint64_t tsc = world_ns * 2 + v->tsc_offset, time = get(v, TIME);
        uint64_t told = (uint64_t)((unsigned __int128)tsc * scale >> 64) + offset;

        CHECK(told - time + 1 <= 2);
        world_ns += check_random() >> 24;
    }
    world.tsc.emulated = true;
    viridian_tsc_changed(&world);
    CHECK_EQ(*(uint32_t *)world_memory[3], 0);
    CHECK_EQ(viridian_wrmsr(v, TSC, 0x100001), -EINVAL);
    CHECK_EQ(get(v, TSC), 0x3001);
}

TEST(ends_of_interrupts_are_spared)
{
    struct vcpu *v = world_start(ALL);
    struct viridian_vcpu *s = &v->hvm->viridian;
    uint8_t *bit = world_memory[2];

    memset(bit, 0xff, 4096);
    set(v, ASSIST, 0x2001);
    CHECK_EQ(*bit, 0);
    (void)viridian_taken(v, 0x40);
    CHECK(*bit == 1 && s->assist_pending);
    viridian_assist_check(v, s);
    CHECK(*bit == 1 && s->assist_pending && !world_eois); /* still at it */
    *bit = 0;                                             /* done, as the guest says it */
    viridian_assist_check(v, s);
    CHECK(!s->assist_pending && world_eois == 1);
    (void)viridian_taken(v, 0x40);
    v->hvm->lapic.irr[2] = 1; /* another one comes: this end must be told */
    viridian_assist_check(v, s);
    CHECK(!*bit && !s->assist_pending && world_eois == 1);
    v->hvm->lapic.irr[2] = 0;
    (void)viridian_taken(v, 0x40);
    (void)viridian_taken(v, 0x80); /* one on top of it */
    CHECK(!*bit && !s->assist_pending);
    world_apic[0][(ISR + 0x10) / 4] = 1; /* another one is in service below */
    (void)viridian_taken(v, 0x40);
    CHECK(!*bit && !s->assist_pending);
    world_apic[0][(ISR + 0x10) / 4] = 0;
    world_apic[0][(TMR + 0x20) / 4] = 1; /* a level */
    (void)viridian_taken(v, 0x40);
    CHECK(!*bit && !s->assist_pending);
    world_apic[0][(TMR + 0x20) / 4] = 0;
    (void)viridian_taken(v, 0x40);
    viridian_assist_ended(v); /* the guest told although it need not */
    CHECK(!*bit && !s->assist_pending && world_eois == 1);
    (void)viridian_taken(v, 0x40);
    s->assist = 0x7777001; /* the page goes away */
    viridian_assist_check(v, s);
    CHECK(!s->assist_pending && world_eois == 2);
    set(v, ASSIST, 0x2001);
    (void)viridian_taken(v, 0x40);
    *bit = 0; /* ended silently, and then the page is taken away */
    set(v, ASSIST, 0);
    CHECK(!s->assist_pending && world_eois == 3);
    v = world_start(BASE);
    set(v, ASSIST, 0x2001);
    (void)viridian_taken(v, 0x40);
    CHECK_EQ(world_memory[2][0], 0); /* not offered */
}

static void synic_on(struct vcpu *v)
{
    set(v, SCTL, 1);
    set(v, SIMP, 0x4001);
    set(v, SINT(2), 0x51);
}

TEST(a_timer_sends_messages)
{
    struct vcpu *v = world_start(ALL);
    uint8_t *slot = &world_memory[4][2 * 256];
    uint64_t first;

    synic_on(v);
    set(v, STIMER(1), 0x20003);      /* periodic, source 2 */
    set(v, STIMER(1) + 1, 10000);    /* 1 ms */
    CHECK_EQ(get(v, STIMER(1)), 0x20002); /* without a count it was not on */
    set(v, STIMER(1), 0x20003);
    first = get(v, TIME) + 10000;
    world_pass(999999);
    CHECK_EQ(world_raised, 0);
    world_pass(1);
    CHECK_EQ(world_raised, 1);
    viridian_synic_due(v);
    CHECK_EQ(*(uint32_t *)slot, 0x80000010);
    CHECK_EQ(*(uint32_t *)&slot[16], 1);
    CHECK_EQ(*(uint64_t *)&slot[24], first);
    CHECK_EQ(world_accepted[0][0x51], 1);
    world_pass(5500000); /* the guest does not look for five periods and a half */
    viridian_synic_due(v);
    CHECK_EQ(world_raised, 2);
    CHECK_EQ(world_accepted[0][0x51], 1);
    CHECK_EQ(slot[5], 1); /* it is told that one waits */
    memset(slot, 0, 16);
    set(v, EOM, 0);
    CHECK_EQ(*(uint64_t *)&slot[24], first + 10000);
    CHECK_EQ(world_accepted[0][0x51], 2);
    memset(slot, 0, 16);
    world_pass(500000); /* in step with the first */
    viridian_synic_due(v);
    CHECK_EQ(world_accepted[0][0x51], 3);
    CHECK_EQ(*(uint64_t *)&slot[24], first + 60000);
    set(v, STIMER(1), 0);
    memset(slot, 0, 16);
    world_pass(50000000);
    viridian_synic_due(v);
    CHECK_EQ(*(uint32_t *)slot, 0);
}

TEST(a_timer_goes_off_once)
{
    struct vcpu *v = world_start(ALL);
    uint8_t *slot = &world_memory[4][2 * 256];

    synic_on(v);
    set(v, STIMER(0), 0x20008);              /* a count switches it on */
    set(v, STIMER(0) + 1, get(v, TIME) + 5); /* absolute */
    CHECK_EQ(get(v, STIMER(0)), 0x20009);
    world_pass(500);
    viridian_synic_due(v);
    CHECK_EQ(*(uint32_t *)slot, 0x80000010);
    CHECK_EQ(get(v, STIMER(0)), 0x20008);
    memset(slot, 0, 16);
    set(v, STIMER(0) + 1, 1); /* the past: at once */
    world_pass(0);
    viridian_synic_due(v);
    CHECK_EQ(*(uint32_t *)slot, 0x80000010);
    set(v, STIMER(0) + 1, ~0ULL); /* never */
    world_pass(1ULL << 62);
    CHECK_EQ(world_raised, 2);
    CHECK_EQ(viridian_wrmsr(v, STIMER(0), 1 << 12), -EINVAL); /* direct mode */
    CHECK_EQ(viridian_wrmsr(v, SINT(1), 15), -EINVAL);
    set(v, SINT(1), 0x3ff51 & ~0x10000u);
    CHECK(viridian_synic_ends_itself(v, 0x51) && !viridian_synic_ends_itself(v, 0x50));
    viridian_vcpu_reset(v);
    CHECK(!viridian_synic_ends_itself(v, 0x51));
}

TEST(records_carry_it_over)
{
    struct hvm_viridian_domain_context domain;
    struct hvm_viridian_vcpu_context c;
    struct vcpu *v = world_start(ALL);
    uint64_t time;

    set(v, OS_ID, 9);
    set(v, CALL, 0x1001);
    synic_on(v);
    set(v, STIMER(3), 0x20003);
    set(v, STIMER(3) + 1, 10000);
    set(v, STIMER(3), 0x20003);
    world_pass(12345678);
    viridian_get_domain(&world, &domain);
    viridian_get_vcpu(v, &c);
    time = get(v, TIME);
    v = world_start(ALL);
    viridian_set_domain(&world, &domain);
    CHECK_EQ(viridian_set_vcpu(v, &c), 0);
    CHECK_EQ(get(v, TIME), time);
    CHECK_EQ(get(v, OS_ID), 9);
    CHECK_EQ(get(v, SIMP), 0x4001);
    CHECK_EQ(get(v, SINT(2)), 0x51);
    world_pass(1000000);
    viridian_synic_due(v);
    CHECK_EQ(world_accepted[0][0x51], 1);
    c.sint_msr[3] = 5;
    CHECK_EQ(viridian_set_vcpu(v, &c), -EINVAL);
    c.sint_msr[3] = 1 << 16;
    c._pad[2] = 1;
    CHECK_EQ(viridian_set_vcpu(v, &c), -EINVAL);
}

TEST(a_crash_is_one)
{
    struct vcpu *v = world_start(ALL);

    set(v, CRASH + 2, 0x1234);
    CHECK_EQ(get(v, CRASH + 2), 0x1234);
    set(v, CRASH + 5, 0);
    CHECK_EQ(world.shutdown_code, -1);
    set(v, CRASH + 5, 1ULL << 63);
    CHECK_EQ(world.shutdown_code, 3);
}

/* ---- calls ---- */

static uint64_t call(struct vcpu *v, uint64_t word, uint64_t input, uint64_t output)
{
    v->regs.rcx = word;
    v->regs.rdx = input;
    v->regs.r8 = output;
    viridian_hypercall(v, true);
    return v->regs.rax;
}

static uint64_t *at(uint64_t gpa)
{
    return (uint64_t *)&world_memory[gpa >> 12][gpa & 0xfff];
}

TEST(calls_flush)
{
    struct vcpu *v = world_start(ALL);

    at(0x1000)[1] = 0;
    at(0x1000)[2] = 1; /* only itself */
    v->hvm->asid_generation = 5;
    CHECK_EQ(call(v, 2, 0x1000, 0), 0);
    CHECK(!v->hvm->asid_generation && !world_flushes);
    at(0x1000)[2] = 2;
    CHECK_EQ(call(v, 2, 0x1000, 0), 0);
    CHECK_EQ(world_flushes, 1);
    at(0x1000)[2] = 0;
    at(0x1000)[1] = 1; /* all */
    CHECK_EQ(call(v, 3 | 20ULL << 32, 0x1000, 0), 20ULL << 32);
    CHECK_EQ(world_flushes, 2);
    CHECK_EQ(call(v, 2 | 1 << 16, 0x1000, 0), 3);  /* not by registers */
    CHECK_EQ(call(v, 2, 0x1004, 0), 4);
    CHECK_EQ(call(v, 2, 0x1ff0, 0), 5);            /* across a page's end */
    CHECK_EQ(call(v, 2, 0x123456000, 0), 5);
    CHECK_EQ(call(v, 2 | 1ULL << 32, 0x1000, 0), 3); /* no repetitions here */
    CHECK_EQ(call(v, 3, 0x1000, 0), 3);              /* ... but there */
    CHECK_EQ(call(v, 3 | 2ULL << 32 | 2ULL << 48, 0x1000, 0), 3);
    CHECK_EQ(call(v, 4, 0x1000, 0), 2);
    CHECK_EQ(call(v, 8 | 1 << 16, 77, 0), 0);
    CHECK_EQ(world_yields, 1);
    v = world_start(BASE);
    CHECK_EQ(call(v, 2, 0x1000, 0), 2);
    CHECK_EQ(call(v, 0xb | 1 << 16, 0x50, 1), 2);
}

TEST(calls_interrupt)
{
    struct vcpu *v = world_start(ALL);

    CHECK_EQ(call(v, 0xb | 1 << 16, 0x50, 1ULL << 63 | 2), 0);
    CHECK_EQ(world_accepted[1][0x50], 1);
    CHECK_EQ(world_accepted[63][0x50], 1);
    CHECK_EQ(world_accepted[0][0x50], 0);
    at(0x1000)[0] = 0x51;
    at(0x1000)[1] = 4;
    CHECK_EQ(call(v, 0xb, 0x1000, 0), 0);
    CHECK_EQ(world_accepted[2][0x51], 1);
    CHECK_EQ(call(v, 0xb | 1 << 16, 15, 2), 5);
    CHECK_EQ(call(v, 0xb | 1 << 16, 256, 2), 5);
    CHECK_EQ(call(v, 0xb | 1 << 16, 0x50 | 1ULL << 32, 2), 5);
    at(0x1000)[1] = 0; /* sparse: banks 1 and 63 */
    at(0x1000)[2] = 1ULL << 63 | 2;
    at(0x1000)[3] = 0x21; /* vCPUs 64 and 69 */
    at(0x1000)[4] = ~0ULL;
    CHECK_EQ(call(v, 0x15 | 2 << 17, 0x1000, 0), 0);
    CHECK_EQ(world_accepted[64][0x51], 1);
    CHECK_EQ(world_accepted[69][0x51], 1);
    CHECK_EQ(world_accepted[65][0x51], 0);
    CHECK_EQ(world_accepted[0][0x51], 0);
    CHECK_EQ(call(v, 0x15 | 1 << 17, 0x1000, 0), 3); /* a bank is missing */
    CHECK_EQ(call(v, 0x15 | 65 << 17, 0x1000, 0), 0);
    CHECK_EQ(call(v, 0x15 | 0x3ff << 17, 0x1000, 0), 5); /* more than there can be */
    at(0x1000)[1] = 1; /* all */
    CHECK_EQ(call(v, 0x15, 0x1000, 0), 0);
    CHECK_EQ(world_accepted[33][0x51], 1);
    at(0x1000)[1] = 2;
    CHECK_EQ(call(v, 0x15, 0x1000, 0), 5);
}

TEST(calls_of_32_bit_code)
{
    struct vcpu *v = world_start(ALL);

    v->regs.rax = 0x8001000b;
    v->regs.rdx = 0;
    v->regs.rbx = 0;
    v->regs.rcx = 0x50;
    v->regs.rdi = 0;
    v->regs.rsi = 2;
    viridian_hypercall(v, false);
    CHECK_EQ(v->regs.rax, 0);
    CHECK_EQ(v->regs.rdx, 0);
    CHECK_EQ(world_accepted[1][0x50], 1);
}
