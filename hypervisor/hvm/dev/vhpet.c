/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An HPET (IA-PC HPET Specification 1.0a) of three timers, all periodic and 64 bits wide.
 *
 * What is always true here: the main counter is mc64 while it stands still, and only adds `offset`
 * to the guest's time while it runs. A timer's tick is armed exactly while the main counter runs;
 * what it leads to is decided when it comes. A periodic comparator that has been passed is moved on
 * when somebody looks.
 */
#include "hvm/dev/vhpet.h"

#include "abi/errno.h"
#include "hvm/dev/platform.h"
#include "lib/bits.h"
#include "lib/index.h"

/* Registers by offset; each timer has 32 bytes. */
#define CAPABILITY 0x000
#define CONFIG 0x010
#define STATUS 0x020
#define COUNTER 0x0f0
#define TIMERS 0x100
#define TIMER_CONFIG 0x00
#define TIMER_COMPARATOR 0x08

/* Revision 1, three timers, 64 bits, legacy replacement; 16 ns in fs. hvmloader's table says so. */
#define CAPABILITY_VALUE (0x8086a201ULL | 16000000ULL << 32)
#define CONFIG_ENABLE 1u
#define CONFIG_LEGACY 2u
#define CONFIG_WRITABLE (CONFIG_ENABLE | CONFIG_LEGACY)

#define TIMER_LEVEL BIT(1)
#define TIMER_INTERRUPTS BIT(2)
#define TIMER_PERIODIC BIT(3)
#define TIMER_SET_ACCUMULATOR BIT(6)
#define TIMER_32BIT BIT(8)
#define TIMER_ROUTE(config) ((unsigned int)((config) >> 9) & 31)
#define TIMER_ROUTE_MASK (31ULL << 9)
#define TIMER_WRITABLE                                                                       \
    (TIMER_LEVEL | TIMER_INTERRUPTS | TIMER_PERIODIC | TIMER_SET_ACCUMULATOR | TIMER_32BIT | \
     TIMER_ROUTE_MASK)
#define ROUTES 0x00f00000u /* GSIs 20 to 23 */
/* Can be periodic, has 64 bits. */
#define TIMER_CAPABILITY (BIT(4) | BIT(5) | (uint64_t)ROUTES << 32)

/* A comparator set no longer ago than this fires at once: the guest was slow to write it. About a
 * millisecond; beyond that, as in hardware, it means the next time round. */
#define JUST_PASSED 65536

bool vhpet_replaces_legacy(const struct platform *p)
{
    return p->hpet.hw.config & CONFIG_LEGACY;
}

static bool is_running(const struct platform *p)
{
    return p->hpet.hw.config & CONFIG_ENABLE;
}

static uint64_t guest_clock(struct platform *p)
{
    return vtick_clock(VHPET_HZ, vtick_guest_time(&p->policy, p->now));
}

static uint64_t counter(struct platform *p)
{
    return is_running(p) ? guest_clock(p) + p->hpet.offset : p->hpet.hw.mc64;
}

static uint64_t width_mask(uint64_t config)
{
    return config & TIMER_32BIT ? UINT32_MAX : UINT64_MAX;
}

/* Where timer @n interrupts; 0, which is no wire: nowhere. */
static unsigned int route(const struct platform *p, unsigned int n)
{
    if (vhpet_replaces_legacy(p) && n < 2)
        return n ? VGSI_RTC : VGSI_TIMER;
    return TIMER_ROUTE(p->hpet.hw.timers[n].config);
}

/* Level-triggered timers hold their lines until the guest clears their status. */
static void drive_lines(struct platform *p)
{
    const struct hvm_hw_hpet *hw = &p->hpet.hw;
    uint64_t lines = 0;

    for (unsigned int n = 0; n < HPET_TIMER_NUM; n++)
        if (hw->isr >> n & 1 && hw->timers[n].config & TIMER_INTERRUPTS)
            lines |= BIT(route(p, n));
    vgsi_own_set(p, VGSI_HPET, lines & ~1ULL);
}

/* Move a periodic comparator on to the next match, in one step. */
static void accumulate(struct platform *p, unsigned int n)
{
    struct hvm_hw_hpet *hw = &p->hpet.hw;
    uint64_t mask = width_mask(hw->timers[n].config), period = hw->period[n] & mask;
    uint64_t passed = (counter(p) - hw->timers[n].cmp) & mask;

    if (!(hw->timers[n].config & TIMER_PERIODIC) || !period || !is_running(p) || passed > mask / 2)
        return;
    hw->timers[n].cmp = (hw->timers[n].cmp + (passed / period + 1) * period) & mask;
}

/* When timer @n matches next. @written: its comparator has just been set. */
static void schedule(struct platform *p, unsigned int n, bool written)
{
    struct hvm_hw_hpet *hw = &p->hpet.hw;
    uint64_t config = hw->timers[n].config, mask = width_mask(config), ahead, period, due;

    vtick_stop(&p->hpet.tick[n]);
    if (!is_running(p))
        return;
    accumulate(p, n);
    ahead = (hw->timers[n].cmp - counter(p)) & mask;
    period = config & TIMER_PERIODIC ? hw->period[n] & mask : 0;
    if (!period) {
        period = config & TIMER_32BIT ? BIT(32) : 0; /* it matches each time round */
        if (written && ((0 - ahead) & mask) < JUST_PASSED)
            ahead = 0;
        else if (!ahead)
            ahead = period; /* matches now, which has been seen */
    }
    if (__builtin_add_overflow(vtick_clock(VHPET_HZ, p->now), ahead, &due) ||
        (!ahead && !written))
        due = VTICK_NEVER;
    vtick_start(&p->hpet.tick[n], VHPET_HZ, due, period);
}

static void schedule_all(struct platform *p)
{
    for (unsigned int n = 0; n < HPET_TIMER_NUM; n++)
        schedule(p, n, false);
}

static void raise(struct platform *p, unsigned int n)
{
    uint64_t config = p->hpet.hw.timers[n].config;
    bool accepted = false;

    if (config & TIMER_LEVEL) {
        p->hpet.hw.isr |= BIT(n); /* the line is asserted or already was: no tick is owed */
        drive_lines(p);
    } else if (config & TIMER_INTERRUPTS && route(p, n)) {
        accepted = platform_tick(p, route(p, n));
    }
    vtick_raised(&p->hpet.tick[n], accepted);
}

void vhpet_expire(struct platform *p)
{
    for (unsigned int n = 0; n < HPET_TIMER_NUM; n++) {
        if (!vtick_expire(&p->hpet.tick[n], &p->policy, p->now))
            continue;
        accumulate(p, n);
        raise(p, n);
    }
}

void vhpet_taken(struct platform *p, unsigned int gsi)
{
    for (unsigned int n = 0; n < HPET_TIMER_NUM; n++)
        if (gsi == route(p, n) && vtick_taken(&p->hpet.tick[n], &p->policy, p->now))
            raise(p, n);
}

static uint64_t register_read(struct platform *p, uint32_t offset)
{
    struct hvm_hw_hpet *hw = &p->hpet.hw;
    uint32_t n = (offset - TIMERS) / 32;

    switch (offset) {
    case CAPABILITY:
        return CAPABILITY_VALUE;
    case CONFIG:
        return hw->config;
    case STATUS:
        return hw->isr;
    case COUNTER:
        return counter(p);
    default:
        break;
    }
    if (offset < TIMERS || n >= HPET_TIMER_NUM)
        return 0;
    n = (uint32_t)index_clamp(n, HPET_TIMER_NUM);
    switch (offset % 32) {
    case TIMER_CONFIG:
        return hw->timers[n].config;
    case TIMER_COMPARATOR:
        accumulate(p, n);
        return hw->timers[n].cmp;
    default:
        return 0;
    }
}

static bool is_access(uint32_t offset, unsigned int bytes)
{
    return (bytes == 4 || bytes == 8) && offset % bytes == 0 && offset < VHPET_BYTES;
}

uint64_t vhpet_mmio_read(struct platform *p, uint32_t offset, unsigned int bytes)
{
    uint64_t value;

    if (!is_access(offset, bytes))
        return 0;
    value = register_read(p, offset & ~7u) >> offset % 8 * 8;
    return bytes == 4 ? (uint32_t)value : value;
}

static void config_write(struct platform *p, uint64_t value)
{
    struct hvm_hw_hpet *hw = &p->hpet.hw;
    uint64_t count = counter(p);

    hw->config = value & CONFIG_WRITABLE;
    hw->mc64 = count;
    p->hpet.offset = count - guest_clock(p);
    drive_lines(p); /* routes may have changed */
    schedule_all(p);
}

static void counter_write(struct platform *p, uint64_t value)
{
    p->hpet.hw.mc64 = value;
    p->hpet.offset = value - guest_clock(p);
    schedule_all(p);
}

static void timer_config_write(struct platform *p, unsigned int n, uint64_t value)
{
    struct hvm_hw_hpet *hw = &p->hpet.hw;
    uint64_t was = hw->timers[n].config, now = TIMER_CAPABILITY | (value & TIMER_WRITABLE);

    if (!(ROUTES >> TIMER_ROUTE(now) & 1)) /* reads back as it was: how guests look for routes */
        now = (now & ~TIMER_ROUTE_MASK) | (was & TIMER_ROUTE_MASK);
    accumulate(p, n); /* by the old width and period */
    hw->timers[n].config = now;
    hw->timers[n].cmp &= width_mask(now);
    if (!(now & TIMER_LEVEL))
        hw->isr &= ~BIT(n);
    drive_lines(p);
    if ((was ^ now) & (TIMER_PERIODIC | TIMER_32BIT))
        schedule(p, n, false);
}

/* @changed: the bits that are written, @value has them in place. In periodic mode what is written
 * is the period, and the next match as well when the guest has asked for that (2.3.9.2.2). */
static void comparator_write(struct platform *p, unsigned int n, uint64_t value, uint64_t changed)
{
    struct hvm_hw_hpet *hw = &p->hpet.hw;
    uint64_t *config = &hw->timers[n].config, mask = width_mask(*config);

    accumulate(p, n);
    if (*config & TIMER_PERIODIC)
        hw->period[n] = ((hw->period[n] & ~changed) | value) & mask;
    if (!(*config & TIMER_PERIODIC) || *config & TIMER_SET_ACCUMULATOR)
        hw->timers[n].cmp = ((hw->timers[n].cmp & ~changed) | value) & mask;
    *config &= ~TIMER_SET_ACCUMULATOR;
    schedule(p, n, true);
}

void vhpet_mmio_write(struct platform *p, uint32_t offset, unsigned int bytes, uint64_t value)
{
    uint32_t shift = offset % 8 * 8, reg = offset & ~7u, n = (offset - TIMERS) / 32;
    uint64_t changed;

    if (!is_access(offset, bytes))
        return;
    changed = (bytes == 8 ? UINT64_MAX : UINT32_MAX) << shift;
    value = value << shift & changed;
    if (reg == STATUS) { /* what is written as 1 becomes 0 */
        p->hpet.hw.isr &= ~value;
        drive_lines(p);
        return;
    }
    if (reg == CONFIG)
        config_write(p, (p->hpet.hw.config & ~changed) | value);
    else if (reg == COUNTER)
        counter_write(p, (counter(p) & ~changed) | value);
    else if (reg >= TIMERS && n < HPET_TIMER_NUM && reg % 32 == TIMER_CONFIG)
        timer_config_write(p, n, (p->hpet.hw.timers[n].config & ~changed) | value);
    else if (reg >= TIMERS && n < HPET_TIMER_NUM && reg % 32 == TIMER_COMPARATOR)
        comparator_write(p, n, value, changed);
}

void vhpet_reset(struct platform *p)
{
    p->hpet = (struct vhpet){.hw.capability = CAPABILITY_VALUE};
    for (unsigned int n = 0; n < HPET_TIMER_NUM; n++) {
        p->hpet.hw.timers[n].config = TIMER_CAPABILITY;
        p->hpet.hw.timers[n].cmp = UINT64_MAX;
        vtick_stop(&p->hpet.tick[n]);
    }
    drive_lines(p);
}

void vhpet_save(struct platform *p)
{
    p->hpet.hw.mc64 = counter(p);
    for (unsigned int n = 0; n < HPET_TIMER_NUM; n++)
        accumulate(p, n);
}

int vhpet_load(struct platform *p, const struct hvm_hw_hpet *record)
{
    struct hvm_hw_hpet *hw = &p->hpet.hw;

    if (record->capability != CAPABILITY_VALUE)
        return -EINVAL;
    for (unsigned int n = 0; n < HPET_TIMER_NUM; n++) {
        unsigned int to = TIMER_ROUTE(record->timers[n].config);

        if (to && !(ROUTES >> to & 1))
            return -EINVAL;
    }
    *hw = (struct hvm_hw_hpet){
        .capability = CAPABILITY_VALUE,
        .config = record->config & CONFIG_WRITABLE,
        .mc64 = record->mc64,
    };
    for (unsigned int n = 0; n < HPET_TIMER_NUM; n++) {
        uint64_t config = TIMER_CAPABILITY | (record->timers[n].config & TIMER_WRITABLE);

        hw->timers[n].config = config;
        hw->timers[n].cmp = record->timers[n].cmp & width_mask(config);
        hw->period[n] = record->period[n] & width_mask(config);
        if (config & TIMER_LEVEL)
            hw->isr |= record->isr & BIT(n);
    }
    return 0;
}

void vhpet_loaded(struct platform *p)
{
    p->hpet.offset = p->hpet.hw.mc64 - guest_clock(p);
    drive_lines(p);
    schedule_all(p);
}
