/* SPDX-License-Identifier: BSD-2-Clause */
/* The local APIC's page between us and a processor that delivers interrupts from it by itself. */
/* sources: hypervisor/hvm/dev/vlapic.c hypervisor/hvm/dev/vlapic_regs.c */
/* cflags: -Itests/unit/fake */
#include "tests/unit/check.h"

#include "cpu/percpu.h"
#include "cpu/policy.h"
#include "domain/domain.h"
#include "hvm/dev/vlapic.h"
#include "hvm/dev/vlapic_ipi.h"
#include "hvm/hvm.h"
#include "mm/heap.h"
#include "sched/sched.h"
#include "time/time.h"

#define SVR 0xf0
#define EOI 0xb0
#define ISR 0x100
#define TMR 0x180
#define IRR 0x200
#define LVT_TIMER 0x320
#define TIMER_INITIAL 0x380

struct percpu fake_percpu[1];
unsigned int fake_cpu, fake_clflushes;
static uint32_t page[1024] aligned(4096);
static struct hvm_vcpu hvm;
static struct hvm_domain hvm_domain;
static struct domain d;
static struct vcpu v;

void *heap_alloc_hyp(unsigned int order unused)
{
    return page;
}
void heap_free_hyp(void *p unused, unsigned int order unused) {}
bool cpu_policy_has(const struct cpu_policy *p unused, unsigned int feature unused)
{
    return true;
}
void timer_init(struct timer *t unused, void (*f)(void *) unused, void *data unused,
                unsigned int cpu unused) {}
void timer_set(struct timer *t unused, uint64_t ns unused) {}
void timer_set_here(struct timer *t unused, uint64_t ns unused) {}
void timer_stop(struct timer *t unused) {}
void timer_kill(struct timer *t unused) {}
uint64_t time_now_ns(void)
{
    return 0;
}
uint64_t guest_tsc_ns(const struct vcpu *who unused, uint64_t tsc)
{
    return tsc;
}
void sched_kick(struct vcpu *who unused) {}
void board_callback(struct vcpu *who unused) {}
static unsigned int retries;
void platform_retry(struct platform *p unused)
{
    retries++;
}
void platform_taken_slow(struct platform *p unused, uint8_t vector);
static unsigned int ended, taken;
void board_ended(struct vcpu *who unused, uint8_t vector)
{
    ended = vector;
}
void platform_taken_slow(struct platform *p unused, uint8_t vector)
{
    taken = vector;
}
uint64_t viridian_mask(const struct domain *of unused)
{
    return 0;
}
bool viridian_taken(struct vcpu *who unused, uint8_t vector unused)
{
    return false;
}
void viridian_assist_ended(struct vcpu *who unused) {}
void vlapic_ipi(struct vcpu *from unused, uint32_t low unused, uint32_t dest unused) {}

static struct vlapic *fresh(void)
{
    memset(page, 0, sizeof(page));
    hvm = (struct hvm_vcpu){.gpa_bits = 48};
    v = (struct vcpu){.hvm = &hvm, .domain = &d};
    d.hvm = &hvm_domain;
    fake_percpu[0].current = &v;
    if (vlapic_init(&v))
        abort();
    vlapic_write(&v, SVR, 0x1ff);
    return &hvm.lapic;
}

static uint32_t bit_of(uint32_t first, uint8_t vector)
{
    return page[first / 4 + vector / 32 * 4] >> vector % 32 & 1;
}

TEST(what_is_posted_goes_into_the_page_once)
{
    struct vlapic *l = fresh();
    uint32_t status = 0;

    (void)vlapic_hand_over(l, &status); /* what the start has changed */
    CHECK(!vlapic_hand_over(l, &status));
    vlapic_accept(&v, 0x31);
    vlapic_accept(&v, 0xf3);
    CHECK(vlapic_anything_waits(l));
    CHECK(!bit_of(IRR, 0x31));
    CHECK(vlapic_hand_over(l, &status));
    CHECK_EQ(status, 0xf3);
    CHECK(bit_of(IRR, 0x31) && bit_of(IRR, 0xf3));
    CHECK(!vlapic_anything_waits(l));
    CHECK(!vlapic_hand_over(l, &status));
    CHECK_EQ(vlapic_pending(&v), 0xf3); /* it ends a HLT all the same */
}

TEST(an_end_that_we_carry_out_is_told)
{
    struct vlapic *l = fresh();
    uint32_t status;

    page[ISR / 4 + 0x51 / 32 * 4] = 1u << 0x51 % 32; /* as the processor delivered it */
    page[ISR / 4 + 0x31 / 32 * 4] = 1u << 0x31 % 32;
    (void)vlapic_hand_over(l, &status);
    CHECK_EQ(status, 0x51 << 8);
    vlapic_write(&v, EOI, 0);
    CHECK(!bit_of(ISR, 0x51) && bit_of(ISR, 0x31));
    CHECK(vlapic_hand_over(l, &status));
    CHECK_EQ(status, 0x31 << 8);
}

TEST(priority_that_holds_off_makes_a_threshold)
{
    struct vlapic *l = fresh();

    CHECK_EQ(vlapic_tpr_threshold(l), 0);
    vlapic_accept(&v, 0x51);
    CHECK_EQ(vlapic_tpr_threshold(l), 0); /* nothing holds it off */
    vlapic_write(&v, VLAPIC_TPR, 0x40);
    CHECK_EQ(vlapic_tpr_threshold(l), 0);
    vlapic_write(&v, VLAPIC_TPR, 0x50);
    CHECK_EQ(vlapic_tpr_threshold(l), 5);
    vlapic_write(&v, VLAPIC_TPR, 0xf0);
    CHECK_EQ(vlapic_tpr_threshold(l), 5);
}

TEST(some_ends_are_told)
{
    struct hvm_domain *h = calloc(1, sizeof(*h));
    uint64_t watched[4];

    (void)fresh();
    d.hvm = h;
    page[TMR / 4 + 3 * 4] = 1u << 5; /* vector 101: a level */
    h->board.platform.tick_vectors[2] = 1ULL << (130 - 128);
    vlapic_watched_vectors(&v, watched);
    CHECK_EQ(watched[0], 0);
    CHECK_EQ(watched[1], 1ULL << (101 - 64));
    CHECK_EQ(watched[2], 1ULL << (130 - 128));
    page[ISR / 4 + 3 * 4] = 1u << 5 | 1u << 6; /* 102 is an edge */
    vlapic_write(&v, EOI, 0);
    CHECK_EQ(ended, 0);
    vlapic_write(&v, EOI, 0);
    CHECK_EQ(ended, 101);
    ended = 0;
    vlapic_end_told(&v, 101);
    CHECK(ended == 101 && taken == 0);
    ended = 0;
    vlapic_end_told(&v, 130);
    CHECK(ended == 0 && taken == 130);
    d.hvm = NULL;
    free(h);
}

TEST(the_number_follows_the_mode)
{
    struct vlapic *l = fresh();

    v.id = 3;
    if (vlapic_init(&v))
        abort();
    CHECK_EQ(page[0x20 / 4], 6u << 24);
    CHECK(!vlapic_wrmsr(&v, 0x1b, 0xfee00c00)); /* into x2APIC mode */
    CHECK(vlapic_is_x2apic(l));
    CHECK_EQ(page[0x20 / 4], 6);
    CHECK(!vlapic_wrmsr(&v, 0x1b, 0xfee00000)); /* off */
    CHECK_EQ(page[0x20 / 4], 6u << 24);
}

/* A processor that writes the page itself says so afterwards: the old value is gone. */
TEST(the_mode_of_the_timer_is_known_when_it_was_written_already)
{
    struct vlapic *l = fresh();

    vlapic_write(&v, SVR, 0x1ff);
    vlapic_write(&v, LVT_TIMER, 1u << 17 | 0x40);
    vlapic_write(&v, TIMER_INITIAL, 1000);
    CHECK(l->timer_period_ns);
    page[LVT_TIMER / 4] = 1u << 17 | 0x41; /* another vector, the same mode */
    vlapic_write(&v, LVT_TIMER, page[LVT_TIMER / 4]);
    CHECK(l->timer_period_ns);
    page[LVT_TIMER / 4] = 0x41;
    vlapic_write(&v, LVT_TIMER, page[LVT_TIMER / 4]);
    CHECK_EQ(l->timer_period_ns, 0);
}

/* Levels that no local APIC took are tried again when one is switched on. */
TEST(an_enabled_apic_is_offered_what_waits)
{
    fresh();
    retries = 0;
    vlapic_write(&v, SVR, 0xff);
    CHECK_EQ(retries, 0);
    vlapic_write(&v, SVR, 0x1ff);
    CHECK_EQ(retries, 1);
}
