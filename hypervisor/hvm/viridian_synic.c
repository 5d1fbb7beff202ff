/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Viridian's synthetic interrupt controller and its timers (TLFS, chapters 11 and 12).
 *
 * What is always true here: all but `expired` belongs to the vCPU; a host timer sets a bit of that
 * and the vCPU itself puts the message into its page at the gate. A message whose slot is in use
 * waits, and a periodic timer is armed again only behind its message: a guest that asks for short
 * periods gets no more interrupts than it takes.
 */
#include "abi/errno.h"
#include "cpu/insn.h"
#include "domain/domain.h"
#include "hvm/dev/vlapic.h"
#include "hvm/hvm.h"
#include "hvm/viridian.h"
#include "lib/string.h"
#include "p2m/guest_copy.h"
#include "time/time.h"

enum {
    MSR_CONTROL = 0x40000080,
    MSR_VERSION = 0x40000081,
    MSR_EVENTS = 0x40000082,
    MSR_MESSAGES = 0x40000083,
    MSR_EOM = 0x40000084,
    MSR_SINT_FIRST = 0x40000090,
    MSR_SINT_LAST = MSR_SINT_FIRST + VIRIDIAN_SINTS - 1,
    MSR_STIMER_FIRST = 0x400000b0, /* configuration and count of each */
    MSR_STIMER_LAST = MSR_STIMER_FIRST + 2 * VIRIDIAN_TIMERS - 1,
};

#define ENABLED 1ULL /* bit 0 of control, messages, events */

#define SINT_VECTOR   0xffULL
#define SINT_MASKED   (1ULL << 16)
#define SINT_AUTO_EOI (1ULL << 17)
#define SINT_POLLING  (1ULL << 18)
#define SINT_BITS     (SINT_VECTOR | SINT_MASKED | SINT_AUTO_EOI | SINT_POLLING)
#define VECTOR_MIN    16

#define TIMER_ENABLED  (1ULL << 0)
#define TIMER_PERIODIC (1ULL << 1)
#define TIMER_AUTO     (1ULL << 3) /* a count enables it */
#define TIMER_SINT(c)  ((c) >> 16 & 15)
#define TIMER_BITS     0xf000fULL

/* A slot of the message page: one for each source (TLFS, 11.9) */
struct message {
    uint32_t type; /* 0: free */
    uint8_t bytes; /* of the payload */
    uint8_t flags;
    uint16_t reserved;
    uint64_t origin;
    uint32_t timer, reserved2;
    uint64_t expired, delivered;
    uint8_t rest[256 - 40];
};
static_assert(sizeof(struct message) == 256, "TLFS, 11.9");
#define MESSAGE_TIMER   0x80000010u
#define MESSAGE_BYTES   24
#define MESSAGE_PENDING 1u /* another waits: write EOM when this one is taken out */

static unsigned int number_of(const struct viridian_timer *t)
{
    return (unsigned int)(t - t->vcpu->hvm->viridian.timers);
}

static void arm(struct viridian_timer *t)
{
    uint64_t now = viridian_now(t->vcpu->domain), ns = time_now_ns(), ahead;

    if (t->expires > now && __builtin_mul_overflow(t->expires - now, 100ULL, &ahead))
        timer_stop(&t->timer); /* never */
    else if (t->expires > now)
        timer_set_here(&t->timer, ns + min(ahead, (uint64_t)INT64_MAX));
    else
        timer_set_here(&t->timer, ns);
}

/* The guest has written a timer's registers. */
static void start(struct viridian_timer *t)
{
    __atomic_fetch_and(&t->vcpu->hvm->viridian.expired, ~(1u << number_of(t)), __ATOMIC_SEQ_CST);
    if (!t->count || !TIMER_SINT(t->config)) /* TLFS, 12.3.1: there is nobody to be told */
        t->config &= ~TIMER_ENABLED;
    if (!(t->config & TIMER_ENABLED)) {
        timer_stop(&t->timer);
        return;
    }
    t->expires = t->count + (t->config & TIMER_PERIODIC ? viridian_now(t->vcpu->domain) : 0);
    arm(t);
}

static void expired(void *data)
{
    struct viridian_timer *t = data;

    __atomic_fetch_or(&t->vcpu->hvm->viridian.expired, 1u << number_of(t), __ATOMIC_SEQ_CST);
    vcpu_raise(t->vcpu, VCPU_WORK_EVENT);
}

/* ---- messages ---- */

static void interrupt(struct vcpu *v, unsigned int sint)
{
    uint64_t s = v->hvm->viridian.sint[sint];

    if (!(s & (SINT_MASKED | SINT_POLLING)))
        vlapic_accept(v, (uint8_t)(s & SINT_VECTOR));
}

/* Into the slot of its source. False: that is in use, or there is no page: it waits. */
static bool deliver(const struct viridian_timer *t)
{
    struct vcpu *v = t->vcpu;
    const struct viridian_vcpu *s = &v->hvm->viridian;
    unsigned int sint = TIMER_SINT(t->config);
    uint64_t gpa = (s->messages & PAGE_MASK) + sint * sizeof(struct message);
    struct message m = {.type = MESSAGE_TIMER,
                        .bytes = MESSAGE_BYTES,
                        .timer = number_of(t),
                        .expired = t->expires,
                        .delivered = viridian_now(v->domain)};
    uint8_t head[8];
    uint32_t type;

    if (!(s->control & ENABLED) || !(s->messages & ENABLED) ||
        guest_copy_physical(v->domain, head, gpa, sizeof(head), GUEST_COPY_FROM))
        return false;
    memcpy(&type, head, sizeof(type));
    if (type) {
        head[offsetof(struct message, flags)] |= MESSAGE_PENDING;
        (void)!guest_copy_physical(v->domain, &head[5], gpa + 5, 1, GUEST_COPY_TO);
        return false;
    }
    if (guest_copy_physical(v->domain, &m, gpa, offsetof(struct message, rest), GUEST_COPY_TO))
        return false;
    interrupt(v, sint);
    return true;
}

/* The message is out: again in a period, in step with the first; what was missed is one. */
static void go_on(struct viridian_timer *t)
{
    uint64_t now = viridian_now(t->vcpu->domain);

    if (!(t->config & TIMER_PERIODIC)) {
        t->config &= ~TIMER_ENABLED;
        return;
    }
    t->expires += t->count;
    if (t->expires <= now)
        t->expires = now + t->count - (now - t->expires) % t->count;
    arm(t);
}

void viridian_synic_due(struct vcpu *v)
{
    struct viridian_vcpu *s = &v->hvm->viridian;
    uint32_t expired = READ_ONCE(s->expired);

    for (unsigned int i = 0; i < VIRIDIAN_TIMERS; i++) {
        struct viridian_timer *t = &s->timers[i];
        bool due; /* a bit may still come from what the timer was set to before */

        if (!(expired >> i & 1))
            continue;
        due = (t->config & TIMER_ENABLED) && t->expires <= viridian_now(v->domain);
        if (due && !deliver(t))
            continue;
        __atomic_fetch_and(&s->expired, ~(1u << i), __ATOMIC_SEQ_CST);
        if (due)
            go_on(t);
    }
}

/* ---- registers ---- */

bool viridian_synic_ends_itself(const struct vcpu *v, uint8_t vector)
{
    const struct viridian_vcpu *s = &v->hvm->viridian;

    for (unsigned int i = 0; i < VIRIDIAN_SINTS; i++)
        if ((s->sint[i] & (SINT_AUTO_EOI | SINT_MASKED | SINT_VECTOR)) == (SINT_AUTO_EOI | vector))
            return true;
    return false;
}

int viridian_synic_rdmsr(struct vcpu *v, uint32_t msr, uint64_t *value)
{
    const struct viridian_vcpu *s = &v->hvm->viridian;

    switch (msr) {
    case MSR_CONTROL:
        *value = s->control;
        return 0;
    case MSR_VERSION:
        *value = 1;
        return 0;
    case MSR_EVENTS:
        *value = s->events;
        return 0;
    case MSR_MESSAGES:
        *value = s->messages;
        return 0;
    case MSR_EOM:
        *value = 0;
        return 0;
    case MSR_SINT_FIRST ... MSR_SINT_LAST:
        *value = s->sint[msr - MSR_SINT_FIRST];
        return 0;
    case MSR_STIMER_FIRST ... MSR_STIMER_LAST:
        msr -= MSR_STIMER_FIRST;
        *value = msr & 1 ? s->timers[msr / 2].count : s->timers[msr / 2].config;
        return 0;
    default:
        return -EINVAL;
    }
}

static bool sint_is_valid(uint64_t value)
{
    return (value & SINT_MASKED) || (value & SINT_VECTOR) >= VECTOR_MIN;
}

static int write_timer(struct viridian_timer *t, bool count, uint64_t value)
{
    if (count) {
        t->count = value;
        if (!value)
            t->config &= ~TIMER_ENABLED;
        else if (t->config & TIMER_AUTO)
            t->config |= TIMER_ENABLED;
    } else if (value & ~TIMER_BITS) { /* no direct mode */
        return -EINVAL;
    } else {
        t->config = value;
    }
    start(t);
    return 0;
}

int viridian_synic_wrmsr(struct vcpu *v, uint32_t msr, uint64_t value)
{
    struct viridian_vcpu *s = &v->hvm->viridian;

    switch (msr) {
    case MSR_CONTROL:
        s->control = value & ENABLED;
        break;
    case MSR_EVENTS:
        s->events = value;
        return 0;
    case MSR_MESSAGES:
        if ((value & ENABLED) && guest_copy_physical(v->domain, NULL, value & PAGE_MASK, PAGE_BYTES,
                                                     GUEST_COPY_CLEAR))
            return -EINVAL;
        s->messages = value;
        break;
    case MSR_EOM:
        break;
    case MSR_SINT_FIRST ... MSR_SINT_LAST:
        if (!sint_is_valid(value))
            return -EINVAL;
        s->sint[msr - MSR_SINT_FIRST] = value & SINT_BITS;
        return 0;
    case MSR_STIMER_FIRST ... MSR_STIMER_LAST:
        msr -= MSR_STIMER_FIRST;
        return write_timer(&s->timers[msr / 2], msr & 1, value);
    default:
        return -EINVAL;
    }
    viridian_synic_due(v); /* what waited for a page or a free slot */
    return 0;
}

/* ---- life, records ---- */

static void clear(struct viridian_vcpu *s)
{
    s->assist = 0;
    s->assist_pending = false;
    s->control = s->events = s->messages = 0;
    for (unsigned int i = 0; i < VIRIDIAN_SINTS; i++)
        s->sint[i] = SINT_MASKED;
    for (unsigned int i = 0; i < VIRIDIAN_TIMERS; i++) {
        s->timers[i].config = s->timers[i].count = 0;
        timer_stop(&s->timers[i].timer);
    }
    __atomic_store_n(&s->expired, 0, __ATOMIC_SEQ_CST);
}

void viridian_vcpu_init(struct vcpu *v)
{
    struct viridian_vcpu *s = &v->hvm->viridian;

    for (unsigned int i = 0; i < VIRIDIAN_TIMERS; i++) {
        s->timers[i].vcpu = v;
        timer_init(&s->timers[i].timer, expired, &s->timers[i], v->sched.cpu);
    }
    clear(s);
}

void viridian_vcpu_free(struct vcpu *v)
{
    for (unsigned int i = 0; i < VIRIDIAN_TIMERS; i++)
        timer_kill(&v->hvm->viridian.timers[i].timer);
}

void viridian_vcpu_reset(struct vcpu *v)
{
    clear(&v->hvm->viridian);
}

void viridian_get_vcpu(const struct vcpu *v, struct hvm_viridian_vcpu_context *c)
{
    const struct viridian_vcpu *s = &v->hvm->viridian;

    *c = (struct hvm_viridian_vcpu_context){.vp_assist_msr = s->assist,
                                            .apic_assist_pending = s->assist_pending,
                                            .simp_msr = s->messages};
    memcpy(c->sint_msr, s->sint, sizeof(c->sint_msr));
    for (unsigned int i = 0; i < VIRIDIAN_TIMERS; i++) {
        c->stimer_config_msr[i] = s->timers[i].config;
        c->stimer_count_msr[i] = s->timers[i].count;
    }
}

static bool vcpu_fits(const struct hvm_viridian_vcpu_context *c)
{
    for (unsigned int i = 0; i < sizeof(c->_pad); i++)
        if (c->_pad[i])
            return false;
    for (unsigned int i = 0; i < VIRIDIAN_SINTS; i++)
        if ((c->sint_msr[i] & ~SINT_BITS) || !sint_is_valid(c->sint_msr[i]))
            return false;
    for (unsigned int i = 0; i < VIRIDIAN_TIMERS; i++)
        if (c->stimer_config_msr[i] & ~TIMER_BITS)
            return false;
    return true;
}

/* The record does not know the control register; it is on where there are messages. */
int viridian_set_vcpu(struct vcpu *v, const struct hvm_viridian_vcpu_context *c)
{
    struct viridian_vcpu *s = &v->hvm->viridian;

    if (!vcpu_fits(c))
        return -EINVAL;
    s->assist = c->vp_assist_msr;
    s->assist_pending = c->apic_assist_pending;
    s->messages = c->simp_msr;
    s->control = c->simp_msr & ENABLED;
    memcpy(s->sint, c->sint_msr, sizeof(s->sint));
    for (unsigned int i = 0; i < VIRIDIAN_TIMERS; i++) {
        s->timers[i].config = c->stimer_config_msr[i];
        s->timers[i].count = c->stimer_count_msr[i];
        start(&s->timers[i]);
    }
    return 0;
}
