/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A virtual local APIC (SDM vol. 3, chapter 10).
 *
 * What is always true here: all registers but IRR belong to their vCPU's CPU; IRR bits are set by
 * anybody and cleared by the owner alone. Priorities are computed when asked for, never stored.
 */
#include "hvm/dev/vlapic.h"

#include "abi/errno.h"
#include "cpu/percpu.h"
#include "cpu/policy.h"
#include "cpu/regs.h"
#include "domain/domain.h"
#include "hvm/dev/vlapic_ipi.h"
#include "hvm/dev/vlapic_regs.h"
#include "hvm/dev/vtick.h"
#include "hvm/hvm.h"
#include "lib/string.h"
#include "mm/heap.h"
#include "sched/sched.h"
#include "time/time.h"

#define RECORD_SW_DISABLED 1u /* hvm_hw_lapic.disabled */
#define RECORD_HW_DISABLED 2u
#define BASE_X2APIC      (1ULL << 10)
#define BASE_ENABLED     (1ULL << 11)
#define BASE_BSP         (1ULL << 8)
#define X2APIC_MSR_FIRST 0x800u
#define X2APIC_MSR_LAST  0x8ffu
#define TICK_NS          1 /* the timer counts at 1 GHz before it is divided */

static uint32_t *reg(struct vlapic *l, uint32_t offset)
{
    return &l->page[(offset & 0xff0) / 4];
}

static uint32_t get(const struct vlapic *l, uint32_t offset)
{
    return l->page[(offset & 0xff0) / 4];
}

bool vlapic_is_x2apic(const struct vlapic *l)
{
    return l->base_msr & BASE_X2APIC;
}

static uint32_t apic_id(const struct vcpu *v)
{
    return v->id * 2; /* as CPUID tells it */
}

/* The highest vector of a register of 256 bits, which are 32 in every 16 bytes of the page; -1. */
static int highest_in_page(const struct vlapic *l, uint32_t offset)
{
    const uint32_t *words = &l->page[offset / 4];

    if (!(words[0] | words[4] | words[8] | words[12] | words[16] | words[20] | words[24] |
          words[28]))
        return -1;
    for (int i = 28; i >= 0; i -= 4)
        if (words[i])
            return i * 8 + 31 - __builtin_clz(words[i]);
    return -1;
}

static int highest_in_service(const struct vlapic *l)
{
    return highest_in_page(l, ISR);
}

/* The highest of those that are accepted and not in the page yet; -1. */
static int highest_accepted(const struct vlapic *l)
{
    const uint64_t *two = (const uint64_t *)l->irr;

    for (int i = 3; i >= 0; i--) {
        uint64_t w = READ_ONCE(two[i]);

        if (w)
            return i * 64 + 63 - __builtin_clzll(w);
    }
    return -1;
}

/* SDM vol. 3, 10.8.3.1 */
static uint32_t processor_priority(const struct vlapic *l)
{
    uint32_t tpr = get(l, TPR) & 0xff;
    int isr = highest_in_service(l);
    uint32_t service = isr < 0 ? 0 : (uint32_t)isr & 0xf0;

    return (tpr & 0xf0) >= service ? tpr : service;
}

int vlapic_pending(const struct vcpu *v)
{
    const struct vlapic *l = &v->hvm->lapic;
    int vector = max(highest_accepted(l), highest_in_page(l, IRR));

    if (vector < 0 || !(get(l, SVR) & SVR_ENABLED) ||
        ((uint32_t)vector & 0xf0) <= (processor_priority(l) & 0xf0))
        return -1;
    return vector;
}

bool vlapic_waits_for_tpr(const struct vcpu *v)
{
    const struct vlapic *l = &v->hvm->lapic;
    int priority = (int)(get(l, TPR) & 0xf0), vector, service;

    if (!priority || !(get(l, SVR) & SVR_ENABLED))
        return false;
    vector = highest_accepted(l);
    service = highest_in_service(l);
    return vector >= 0 && (vector & 0xf0) > (service < 0 ? 0 : service & 0xf0) &&
           (vector & 0xf0) <= priority;
}

void vlapic_take(struct vcpu *v, uint8_t vector)
{
    struct vlapic *l = &v->hvm->lapic;

    __atomic_fetch_and(&l->irr[vector / 32], ~(1u << vector % 32), __ATOMIC_ACQ_REL);
    l->page[IRR / 4 + vector / 32 * 4] &= ~(1u << vector % 32);
    if (likely(!viridian_mask(v->domain)) || !viridian_taken(v, vector))
        l->page[ISR / 4 + vector / 32 * 4] |= 1u << vector % 32;
    l->changed = true;
    platform_taken(&v->domain->hvm->board.platform, vector);
}

void vlapic_accept(struct vcpu *v, uint8_t vector)
{
    struct vlapic *l = &v->hvm->lapic;

    if (vector < 16 || !(get(l, SVR) & SVR_ENABLED))
        return;
    __atomic_fetch_or(&l->irr[vector / 32], 1u << vector % 32, __ATOMIC_SEQ_CST);
    if (v != vcpu_current() || READ_ONCE(v->sched.blocked))
        sched_kick(v);
}

/* By @v itself, on its way into the guest: nothing to wake. */
void vlapic_accept_upcall(struct vcpu *v, uint8_t vector)
{
    __atomic_fetch_or(&v->hvm->lapic.irr[vector / 32], 1u << vector % 32, __ATOMIC_SEQ_CST);
}

/* Whoever raises a level-triggered interrupt may do so again. */
static void ended(struct vcpu *v, uint8_t vector)
{
    if (!(READ_ONCE(v->hvm->lapic.page[TMR / 4 + vector / 32 * 4]) >> vector % 32 & 1))
        return;
    board_callback(v);
    board_ended(v, vector);
}

void vlapic_watched_vectors(const struct vcpu *v, uint64_t watched[4])
{
    const uint32_t *tmr = &v->hvm->lapic.page[TMR / 4];
    const uint64_t *ticks = v->domain->hvm->board.platform.tick_vectors;

    for (unsigned int i = 0; i < 4; i++)
        watched[i] = tmr[8 * i] | (uint64_t)tmr[8 * i + 4] << 32 | READ_ONCE(ticks[i]);
}

void vlapic_end_told(struct vcpu *v, uint8_t vector)
{
    platform_taken(&v->domain->hvm->board.platform, vector);
    ended(v, vector);
}

void vlapic_accept_from(struct vcpu *v, uint8_t vector, bool level)
{
    uint32_t *tmr = &v->hvm->lapic.page[TMR / 4 + vector / 32 * 4], bit = 1u << vector % 32;

    if (level)
        __atomic_fetch_or(tmr, bit, __ATOMIC_RELAXED);
    else if (READ_ONCE(*tmr) & bit)
        __atomic_fetch_and(tmr, ~bit, __ATOMIC_RELAXED);
    vlapic_accept(v, vector);
}

bool vlapic_accepts_pic(const struct vcpu *v)
{
    const struct vlapic *l = &v->hvm->lapic;

    return !(l->base_msr & BASE_ENABLED) ||
           (get(l, LVT_LINT0) & (LVT_MASKED | LVT_DELIVERY)) == VMSI_EXTINT << 8;
}

static void end_of_interrupt(struct vcpu *v)
{
    struct vlapic *l = &v->hvm->lapic;
    int vector = highest_in_service(l);

    if (vector < 0)
        return;
    if (unlikely(v->hvm->viridian.assist_pending))
        viridian_assist_ended(v);
    l->page[ISR / 4 + (unsigned int)vector / 32 * 4] &= ~(1u << vector % 32);
    l->changed = true;
    ended(v, (uint8_t)vector);
}

uint32_t vlapic_tpr_threshold(const struct vlapic *l)
{
    int vector = highest_accepted(l);
    uint32_t tpr = (get(l, TPR) & 0xff) >> 4;

    return vector >= 0 && (uint32_t)vector >> 4 <= tpr ? (uint32_t)vector >> 4 : 0;
}

/* What has been accepted goes into the page. */
static void fill_page(struct vlapic *l)
{
    uint64_t *two = (uint64_t *)l->irr, taken;
    uint32_t *words = &l->page[IRR / 4];

    for (unsigned int i = 0; i < ARRAY_SIZE(l->irr) / 2; i++) {
        if (!READ_ONCE(two[i]))
            continue;
        taken = __atomic_exchange_n(&two[i], 0, __ATOMIC_ACQ_REL);
        words[8 * i] |= (uint32_t)taken;
        words[8 * i + 4] |= taken >> 32;
    }
}

bool vlapic_hand_over(struct vlapic *l, uint32_t *status)
{
    int irr, isr;

    if (!l->changed && !vlapic_anything_waits(l))
        return false;
    if (likely(get(l, SVR) & SVR_ENABLED))
        fill_page(l);
    l->changed = false;
    irr = highest_in_page(l, IRR);
    isr = highest_in_service(l);
    *status = (irr < 0 ? 0 : (uint32_t)irr) | (isr < 0 ? 0 : (uint32_t)isr << 8);
    return true;
}

/* ---- timer ---- */

static unsigned int divisor(const struct vlapic *l)
{
    uint32_t d = get(l, TIMER_DIVIDE);
    unsigned int shift = (((d & 3) | (d >> 1 & 4)) + 1) & 7; /* SDM vol. 3, figure 10-10 */

    return 1u << shift;
}

static void timer_start(struct vlapic *l)
{
    uint64_t count = get(l, TIMER_INITIAL);

    l->timer_start_ns = time_now_ns();
    l->timer_period_ns = count * divisor(l) * TICK_NS;
    if (count && TIMER_MODE(get(l, LVT_TIMER)) != TIMER_DEADLINE)
        timer_set_here(&l->timer, l->timer_start_ns + l->timer_period_ns);
    else
        timer_stop(&l->timer);
}

static uint32_t timer_current(const struct vlapic *l)
{
    uint64_t gone = time_now_ns() - l->timer_start_ns, left;

    if (!l->timer_period_ns)
        return 0;
    if (TIMER_MODE(get(l, LVT_TIMER)) == TIMER_PERIODIC)
        gone %= l->timer_period_ns;
    left = gone < l->timer_period_ns ? l->timer_period_ns - gone : 0;
    return (uint32_t)(left / divisor(l) / TICK_NS);
}

static void timer_expired(void *data)
{
    struct vcpu *v = data;
    struct vlapic *l = &v->hvm->lapic;
    uint32_t lvt = READ_ONCE(*reg(l, LVT_TIMER));

    WRITE_ONCE(l->deadline_tsc, 0);
    if (!(lvt & LVT_MASKED))
        vlapic_accept(v, (uint8_t)lvt);
    if (TIMER_MODE(lvt) == TIMER_PERIODIC && l->timer_period_ns) {
        uint64_t now = time_now_ns();
        uint64_t late = (now - l->timer_start_ns) % l->timer_period_ns;

        /* missed ticks are one; a guest does not get a CPU's time by asking for none between two */
        timer_set(&l->timer, now + max(l->timer_period_ns - late, (uint64_t)VTICK_FLOOR_NS));
    }
}

static void deadline_set(struct vcpu *v, uint64_t tsc)
{
    struct vlapic *l = &v->hvm->lapic;

    if (TIMER_MODE(get(l, LVT_TIMER)) != TIMER_DEADLINE)
        return;
    l->deadline_tsc = tsc;
    if (tsc)
        timer_set_here(&l->timer, max(guest_tsc_ns(v, tsc), (uint64_t)1));
    else
        timer_stop(&l->timer);
}

/* ---- registers ---- */

static uint32_t read_irr(const struct vlapic *l, uint32_t offset)
{
    return READ_ONCE(l->irr[(offset - IRR) >> 4 & 7]) | get(l, offset);
}

uint32_t vlapic_read(struct vcpu *v, uint32_t offset)
{
    struct vlapic *l = &v->hvm->lapic;

    switch (offset & ~0xfu) {
    case PPR:
        return processor_priority(l);
    case IRR ... IRR + 0x70:
        return read_irr(l, offset);
    case TIMER_CURRENT:
        return timer_current(l);
    case EOI:
    case SELF_IPI:
        return 0;
    default:
        return get(l, offset);
    }
}

static void write_lvt(struct vcpu *v, uint32_t offset, uint32_t value)
{
    struct vlapic *l = &v->hvm->lapic;

    if (!(get(l, SVR) & SVR_ENABLED))
        value |= LVT_MASKED;
    *reg(l, offset) = value & 0x7ffff;
    if (offset == LVT_TIMER && TIMER_MODE(value) != l->timer_mode) { /* which disarms */
        l->timer_mode = TIMER_MODE(value);
        timer_stop(&l->timer);
        l->deadline_tsc = l->timer_period_ns = 0;
    }
}

static void write_svr(struct vlapic *l, uint32_t value)
{
    *reg(l, SVR) = value & 0x1ff;
    if (value & SVR_ENABLED)
        return;
    for (uint32_t at = LVT_TIMER; at <= LVT_ERROR; at += 0x10)
        *reg(l, at) |= LVT_MASKED;
}

void vlapic_write(struct vcpu *v, uint32_t offset, uint32_t value)
{
    struct vlapic *l = &v->hvm->lapic;

    offset &= ~0xfu;
    switch (offset) {
    case ID:
        *reg(l, ID) = value & 0xff000000;
        break;
    case TPR:
        *reg(l, TPR) = value & 0xff;
        break;
    case EOI:
        end_of_interrupt(v);
        break;
    case LDR:
        *reg(l, LDR) = value & 0xff000000;
        break;
    case DFR:
        *reg(l, DFR) = value | 0x0fffffff;
        break;
    case SVR:
        write_svr(l, value);
        if (value & SVR_ENABLED)
            platform_retry(&v->domain->hvm->board.platform);
        break;
    case ESR:
        *reg(l, ESR) = 0;
        break;
    case ICR_LOW:
        *reg(l, ICR_LOW) = value & 0xcdfff; /* never busy */
        vlapic_ipi(v, value, vlapic_is_x2apic(l) ? get(l, ICR_HIGH) : get(l, ICR_HIGH) >> 24);
        break;
    case ICR_HIGH:
        *reg(l, ICR_HIGH) = vlapic_is_x2apic(l) ? value : value & 0xff000000;
        break;
    case LVT_TIMER ... LVT_ERROR:
        write_lvt(v, offset, value);
        break;
    case TIMER_INITIAL:
        if (TIMER_MODE(get(l, LVT_TIMER)) == TIMER_DEADLINE)
            break;
        *reg(l, TIMER_INITIAL) = value;
        timer_start(l);
        break;
    case TIMER_DIVIDE:
        *reg(l, TIMER_DIVIDE) = value & 0xb;
        break;
    case SELF_IPI:
        if (vlapic_is_x2apic(l))
            vlapic_accept(v, (uint8_t)value);
        break;
    default: /* read-only */
        break;
    }
}

/* ---- MSRs ---- */

/* Reserved bits, x2APIC without enable or where CPUID does not tell of it (SDM vol. 3, 10.12.5) */
static bool base_is_valid(const struct vcpu *v, uint64_t value)
{
    uint64_t mode = value & (BASE_ENABLED | BASE_X2APIC);

    if ((value & 0x2ff) || (value >> v->hvm->gpa_bits) || mode == BASE_X2APIC)
        return false;
    return !(mode & BASE_X2APIC) || cpu_policy_has(v->domain->policy, XEN_X86_FEATURE_X2APIC);
}

static void set_base(struct vcpu *v, uint64_t value)
{
    struct vlapic *l = &v->hvm->lapic;
    bool was_x2apic = vlapic_is_x2apic(l);

    if (!was_x2apic && (value & BASE_X2APIC)) {
        *reg(l, ID) = apic_id(v);
        *reg(l, LDR) = (apic_id(v) >> 4) << 16 | 1u << (apic_id(v) & 0xf);
    } else if (was_x2apic && !(value & BASE_X2APIC)) {
        *reg(l, ID) = apic_id(v) << 24;
    }
    l->base_msr = (value & ~BASE_BSP) | (v->id ? 0 : BASE_BSP);
}

static int write_base(struct vcpu *v, uint64_t value)
{
    uint64_t mode = value & (BASE_ENABLED | BASE_X2APIC);

    if (!base_is_valid(v, value))
        return -EINVAL;
    if (vlapic_is_x2apic(&v->hvm->lapic) && mode == BASE_ENABLED) /* a step back it cannot make */
        return -EINVAL;
    set_base(v, value);
    return 0;
}

int vlapic_rdmsr(struct vcpu *v, uint32_t msr, uint64_t *value)
{
    struct vlapic *l = &v->hvm->lapic;
    uint32_t offset = (msr - X2APIC_MSR_FIRST) << 4;

    if (msr == MSR_APIC_BASE) {
        *value = l->base_msr;
        return 0;
    }
    if (msr == MSR_TSC_DEADLINE) {
        *value = READ_ONCE(l->deadline_tsc);
        return 0;
    }
    if (!vlapic_is_x2apic(l) || offset == ICR_HIGH || offset == DFR || offset > SELF_IPI)
        return -EINVAL;
    *value = vlapic_read(v, offset);
    if (offset == ICR_LOW)
        *value |= (uint64_t)get(l, ICR_HIGH) << 32;
    return 0;
}

int vlapic_wrmsr(struct vcpu *v, uint32_t msr, uint64_t value)
{
    struct vlapic *l = &v->hvm->lapic;
    uint32_t offset = (msr - X2APIC_MSR_FIRST) << 4;

    if (msr == MSR_APIC_BASE)
        return write_base(v, value);
    if (msr == MSR_TSC_DEADLINE) {
        deadline_set(v, value);
        return 0;
    }
    if (!vlapic_is_x2apic(l) || offset == ICR_HIGH || offset == DFR || offset == ID ||
        offset == LDR || offset > SELF_IPI || (offset != ICR_LOW && value >> 32))
        return -EINVAL;
    if (offset == ICR_LOW)
        *reg(l, ICR_HIGH) = (uint32_t)(value >> 32);
    vlapic_write(v, offset, (uint32_t)value);
    return 0;
}

bool vlapic_claims(const struct vcpu *v, uint64_t gpa)
{
    const struct vlapic *l = &v->hvm->lapic;

    return (l->base_msr & (BASE_ENABLED | BASE_X2APIC)) == BASE_ENABLED &&
           (gpa & ~0xfffULL) == (l->base_msr & ~0xfffULL);
}

void vlapic_reset(struct vcpu *v)
{
    struct vlapic *l = &v->hvm->lapic;
    uint32_t id = get(l, ID), ldr = vlapic_is_x2apic(l) ? get(l, LDR) : 0;

    timer_stop(&l->timer);
    l->deadline_tsc = l->timer_period_ns = 0;
    for (unsigned int i = 0; i < ARRAY_SIZE(l->irr); i++)
        WRITE_ONCE(l->irr[i], 0);
    memset(l->page, 0, PAGE_BYTES);
    l->timer_mode = 0;
    l->changed = true;
    for (uint32_t at = LVT_TIMER; at <= LVT_ERROR; at += 0x10)
        *reg(l, at) = LVT_MASKED;
    *reg(l, ID) = id;
    *reg(l, LDR) = ldr;
    *reg(l, VERSION) = VERSION_VALUE;
    *reg(l, DFR) = 0xffffffff;
    *reg(l, SVR) = 0xff;
}

int vlapic_init(struct vcpu *v)
{
    struct vlapic *l = &v->hvm->lapic;

    l->page = heap_alloc_hyp(0);
    if (!l->page)
        return -ENOMEM;
    timer_init(&l->timer, timer_expired, v, v->sched.cpu);
    *reg(l, ID) = apic_id(v) << 24;
    l->base_msr = VLAPIC_PAGE | BASE_ENABLED | (v->id ? 0 : BASE_BSP);
    vlapic_reset(v);
    return 0;
}

void vlapic_free(struct vcpu *v)
{
    struct vlapic *l = &v->hvm->lapic;

    if (!l->page)
        return;
    timer_kill(&l->timer);
    heap_free_hyp(l->page, 0);
    l->page = NULL;
}

/* ---- saved state ---- */

void vlapic_get(const struct vcpu *v, struct hvm_hw_lapic *record)
{
    const struct vlapic *l = &v->hvm->lapic;

    *record = (struct hvm_hw_lapic){
        .apic_base_msr = l->base_msr,
        .disabled = (l->base_msr & BASE_ENABLED ? 0 : RECORD_HW_DISABLED) |
                    (get(l, SVR) & SVR_ENABLED ? 0 : RECORD_SW_DISABLED),
        .timer_divisor = divisor(l),
        .tdt_msr = READ_ONCE(l->deadline_tsc),
    };
}

int vlapic_set(struct vcpu *v, const struct hvm_hw_lapic *record)
{
    if (!base_is_valid(v, record->apic_base_msr & ~BASE_BSP))
        return -EINVAL;
    set_base(v, record->apic_base_msr);
    v->hvm->lapic.deadline_tsc = record->tdt_msr;
    return 0;
}

void vlapic_get_regs(struct vcpu *v, struct hvm_hw_lapic_regs *record)
{
    for (unsigned int i = 0; i < VLAPIC_REGS; i++) {
        uint32_t value = vlapic_read(v, i << 4);

        memcpy(&record->data[i << 4], &value, sizeof(value));
    }
}

void vlapic_set_regs(struct vcpu *v, const struct hvm_hw_lapic_regs *record)
{
    struct vlapic *l = &v->hvm->lapic;
    uint64_t deadline = l->deadline_tsc;

    for (unsigned int i = 0; i < VLAPIC_REGS; i++) {
        uint32_t value;

        memcpy(&value, &record->data[i << 4], sizeof(value));
        *reg(l, i << 4) = vlapic_possible(vlapic_is_x2apic(l), apic_id(v), i << 4, value);
        if (i >= IRR >> 4 && i < (IRR >> 4) + ARRAY_SIZE(l->irr))
            l->irr[i - (IRR >> 4)] = i == IRR >> 4 ? value & 0xffff0000 : value;
    }
    l->changed = true;
    l->timer_mode = TIMER_MODE(get(l, LVT_TIMER));
    if (l->timer_mode == TIMER_DEADLINE)
        deadline_set(v, deadline);
    else
        timer_start(l);
}
