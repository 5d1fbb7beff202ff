/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An MC146818 clock (Motorola data sheet) on the host's wall clock.
 *
 * What is always true here: while the clock runs, time is the host's wall clock plus rtc_offset,
 * the domain's time offset, and the time bytes are copies of it; with register B's SET they are the
 * guest's until it clears SET, which makes the offset anew. Flags of register C are noticed when
 * somebody looks, or when one that interrupts is due.
 *
 * Interrupts are edges: each comes whether or not register C was read since the last, because
 * hvmloader's WAET table promises that to guests ("RTC good").
 */
#include "hvm/dev/vrtc.h"

#include "abi/errno.h"
#include "hvm/dev/platform.h"
#include "lib/index.h"
#include "time/calendar.h"
#include "time/rtc.h"

/* Registers */
enum {
    SECONDS = 0,
    SECONDS_ALARM = 1,
    MINUTES = 2,
    MINUTES_ALARM = 3,
    HOURS = 4,
    HOURS_ALARM = 5,
    WEEKDAY = 6,
    DAY = 7,
    MONTH = 8,
    YEAR = 9,
    REG_A = 10,
    REG_B = 11,
    REG_C = 12,
    REG_D = 13,
};

#define A_UPDATING 0x80
#define A_DIVIDER 0x70
#define A_DIVIDER_RESET 0x60 /* 0x60 and 0x70 stop the clock's chain */
#define A_RATE 0x0f
#define A_DEFAULT 0x26 /* 32,768 Hz, 1,024 interrupts a second */
#define B_SET 0x80
#define B_PERIODIC 0x40 /* interrupt enables, at the places of register C's flags */
#define B_ALARM 0x20
#define B_UPDATE 0x10
#define INTERRUPTS (B_PERIODIC | B_ALARM | B_UPDATE)
#define C_INTERRUPT 0x80
#define D_POWER_GOOD 0x80
#define ALARM_ANY 0xc0 /* both bits: every value matches */
#define HOUR_PM 0x80

#define CRYSTAL_HZ 32768
#define UPDATE_NS 244000 /* how long register A announces an update */
#define DAY_SECONDS 86400
#define LAST_SECOND ((uint64_t)253402300799) /* 9999-12-31 23:59:59 */

static bool is_stopped(const struct hvm_hw_rtc *hw)
{
    return hw->cmos_data[REG_B] & B_SET ||
           (hw->cmos_data[REG_A] & A_DIVIDER_RESET) == A_DIVIDER_RESET;
}

/* Seconds since 1970 as the clock shows them; *ns: how far into the second. */
static uint64_t rtc_now(struct platform *p, uint64_t *ns)
{
    uint64_t wall = p->ops->wall(p);
    int64_t seconds = (int64_t)(wall / VTICK_NS_PER_S);

    *ns = wall % VTICK_NS_PER_S;
    if (__builtin_add_overflow(seconds, p->rtc.hw.rtc_offset, &seconds) || seconds < 0)
        return 0;
    return min((uint64_t)seconds, LAST_SECOND);
}

static uint8_t encode(const struct hvm_hw_rtc *hw, unsigned int value)
{
    return (uint8_t)(hw->cmos_data[REG_B] & RTC_B_BINARY ? value : value / 10 << 4 | value % 10);
}

static uint8_t encode_hour(const struct hvm_hw_rtc *hw, unsigned int hour)
{
    if (hw->cmos_data[REG_B] & RTC_B_24_HOURS)
        return encode(hw, hour);
    return (uint8_t)(encode(hw, hour % 12 ? hour % 12 : 12) | (hour >= 12 ? HOUR_PM : 0));
}

/* Time into the time bytes. */
static void show_time(struct platform *p)
{
    struct hvm_hw_rtc *hw = &p->rtc.hw;
    struct calendar c;
    uint64_t ns, seconds = rtc_now(p, &ns);

    calendar_from_seconds(&c, seconds);
    hw->cmos_data[SECONDS] = encode(hw, c.second);
    hw->cmos_data[MINUTES] = encode(hw, c.minute);
    hw->cmos_data[HOURS] = encode_hour(hw, c.hour);
    hw->cmos_data[WEEKDAY] = encode(hw, (unsigned int)((seconds / DAY_SECONDS + 4) % 7) + 1);
    hw->cmos_data[DAY] = encode(hw, c.day);
    hw->cmos_data[MONTH] = encode(hw, c.month);
    hw->cmos_data[YEAR] = encode(hw, (unsigned int)(c.year % 100));
}

/* The time bytes become the time, if they are one; the domain's time offset follows. */
static void take_time(struct platform *p)
{
    struct hvm_hw_rtc *hw = &p->rtc.hw;
    struct rtc_registers r = {
        .second = hw->cmos_data[SECONDS],
        .minute = hw->cmos_data[MINUTES],
        .hour = hw->cmos_data[HOURS],
        .day = hw->cmos_data[DAY],
        .month = hw->cmos_data[MONTH],
        .year = hw->cmos_data[YEAR],
        .status_b = hw->cmos_data[REG_B],
    };
    uint64_t ns, set = rtc_seconds(&r), was = rtc_now(p, &ns);

    if (!set || set == was)
        return;
    hw->rtc_offset = (int64_t)set - (int64_t)(p->ops->wall(p) / VTICK_NS_PER_S);
    p->rtc.seen_second = set;
    p->ops->clock_set(p, hw->rtc_offset, (int64_t)(set - was));
}

/* Some 8,000 years: nothing overflows on the way to a date. */
static bool is_offset(int64_t seconds)
{
    return seconds >= -(int64_t)LAST_SECOND && seconds <= (int64_t)LAST_SECOND;
}

int vrtc_offset_set(struct platform *p, int64_t seconds)
{
    if (!is_offset(seconds))
        return -EINVAL;
    p->rtc.hw.rtc_offset = seconds;
    p->rtc.offset_set = true;
    vrtc_clock_changed(p);
    return 0;
}

/* Does an alarm byte match @value? Registers 1, 3 and 5 are like those before them. */
static bool alarm_matches(const struct hvm_hw_rtc *hw, unsigned int reg, unsigned int value)
{
    uint8_t alarm = hw->cmos_data[reg];

    if ((alarm & ALARM_ANY) == ALARM_ANY)
        return true;
    return alarm == (reg == HOURS_ALARM ? encode_hour(hw, value) : encode(hw, value));
}

/* The first second after @second at which the alarm matches; VTICK_NEVER when no second does. A
 * mismatch skips the rest of its hour or minute: some 150 steps at most. */
static uint64_t next_alarm(const struct hvm_hw_rtc *hw, uint64_t second)
{
    uint64_t s = second + 1, end = s + DAY_SECONDS;

    while (s < end) {
        if (!alarm_matches(hw, HOURS_ALARM, s / 3600 % 24))
            s += 3600 - s % 3600;
        else if (!alarm_matches(hw, MINUTES_ALARM, s / 60 % 60))
            s += 60 - s % 60;
        else if (!alarm_matches(hw, SECONDS_ALARM, s % 60))
            s++;
        else
            return s;
    }
    return VTICK_NEVER;
}

/* Clocks of 1/32768 s between periodic events; 0: none. Rates 1 and 2 are those of 8 and 9. */
static uint64_t period(const struct hvm_hw_rtc *hw)
{
    unsigned int rate = hw->cmos_data[REG_A] & A_RATE;

    if (!rate || (hw->cmos_data[REG_A] & A_DIVIDER_RESET) == A_DIVIDER_RESET)
        return 0;
    return 1ULL << (rate <= 2 ? rate + 6 : rate - 1);
}

/* Flags appear in register C. Is there one that interrupts? */
static bool flag(struct hvm_hw_rtc *hw, uint8_t flags)
{
    hw->cmos_data[REG_C] |= flags;
    if (!(hw->cmos_data[REG_C] & hw->cmos_data[REG_B] & INTERRUPTS))
        return false;
    hw->cmos_data[REG_C] |= C_INTERRUPT;
    return flags & hw->cmos_data[REG_B];
}

static bool interrupt(struct platform *p)
{
    return !vhpet_replaces_legacy(p) && platform_tick(p, VGSI_RTC);
}

/* Updates and alarms since we last looked, and when to look next. */
static void notice_updates(struct platform *p)
{
    struct vrtc *rtc = &p->rtc;
    uint64_t ns, now = rtc_now(p, &ns), next = VTICK_NEVER;
    uint8_t flags = 0;

    if (!is_stopped(&rtc->hw) && now > rtc->seen_second)
        flags = (uint8_t)(B_UPDATE | (next_alarm(&rtc->hw, rtc->seen_second) <= now ? B_ALARM : 0));
    rtc->seen_second = now;
    if (flag(&rtc->hw, flags))
        (void)interrupt(p);

    rtc->deadline = VTICK_NEVER;
    if (is_stopped(&rtc->hw))
        return;
    if (rtc->hw.cmos_data[REG_B] & B_UPDATE)
        next = now + 1;
    else if (rtc->hw.cmos_data[REG_B] & B_ALARM)
        next = next_alarm(&rtc->hw, now);
    if (next != VTICK_NEVER)
        rtc->deadline = p->now + (next - now) * VTICK_NS_PER_S - ns;
}

/* Periodic events come at whole periods of the crystal, so that a write which changes nothing does
 * not shift them. */
static void restart_ticks(struct platform *p)
{
    struct vrtc *rtc = &p->rtc;
    uint64_t clocks = period(&rtc->hw), now = vtick_clock(CRYSTAL_HZ, p->now);

    if (!clocks || !(rtc->hw.cmos_data[REG_B] & B_PERIODIC))
        vtick_stop(&rtc->tick);
    else if (rtc->tick.due == VTICK_NEVER || rtc->tick.period != clocks)
        vtick_start(&rtc->tick, CRYSTAL_HZ, now - now % clocks + clocks, clocks);
}

/* The periodic flag for those who poll. */
static void notice_period(struct platform *p)
{
    struct vrtc *rtc = &p->rtc;
    uint64_t clocks = period(&rtc->hw), now;

    now = vtick_clock(CRYSTAL_HZ, p->now);
    if (clocks && !(rtc->hw.cmos_data[REG_B] & B_PERIODIC) &&
        now / clocks != rtc->seen_clock / clocks)
        (void)flag(&rtc->hw, B_PERIODIC);
    rtc->seen_clock = now;
}

static uint8_t read_flags(struct platform *p)
{
    uint8_t flags;

    notice_updates(p);
    notice_period(p);
    flags = p->rtc.hw.cmos_data[REG_C];
    p->rtc.hw.cmos_data[REG_C] = 0;
    return flags;
}

static uint8_t read_register(struct platform *p, unsigned int reg)
{
    struct hvm_hw_rtc *hw = &p->rtc.hw;
    uint64_t ns;

    switch (reg) {
    case REG_A:
        (void)rtc_now(p, &ns);
        return (uint8_t)(hw->cmos_data[REG_A] |
                         (!is_stopped(hw) && ns >= VTICK_NS_PER_S - UPDATE_NS ? A_UPDATING : 0));
    case REG_C:
        return read_flags(p);
    case SECONDS:
    case MINUTES:
    case HOURS:
    case WEEKDAY:
    case DAY:
    case MONTH:
    case YEAR:
        if (!(hw->cmos_data[REG_B] & B_SET))
            show_time(p);
        return hw->cmos_data[reg];
    default:
        return hw->cmos_data[reg];
    }
}

static void write_control(struct platform *p, unsigned int reg, uint8_t value)
{
    struct hvm_hw_rtc *hw = &p->rtc.hw;
    uint8_t was = hw->cmos_data[REG_B], pending;

    notice_updates(p); /* by the old rules */
    notice_period(p);
    if (reg == REG_A) {
        hw->cmos_data[REG_A] = value & (uint8_t)~A_UPDATING;
    } else {
        if (value & B_SET && !(was & B_SET))
            show_time(p); /* what the guest does not write stays as it was */
        hw->cmos_data[REG_B] = value;
        if (was & B_SET && !(value & B_SET))
            take_time(p);
        pending = hw->cmos_data[REG_C] & value & INTERRUPTS;
        if (pending)
            hw->cmos_data[REG_C] |= C_INTERRUPT;
        if (pending & ~was) /* a flag from before interrupts as soon as it may */
            (void)interrupt(p);
    }
    restart_ticks(p);
    notice_updates(p);
}

static void write_register(struct platform *p, unsigned int reg, uint8_t value)
{
    struct hvm_hw_rtc *hw = &p->rtc.hw;

    switch (reg) {
    case REG_A:
    case REG_B:
        write_control(p, reg, value);
        break;
    case REG_C:
    case REG_D:
        break; /* read only */
    case SECONDS_ALARM:
    case MINUTES_ALARM:
    case HOURS_ALARM:
        notice_updates(p);
        hw->cmos_data[reg] = value;
        notice_updates(p);
        break;
    default:
        if (hw->cmos_data[REG_B] & B_SET) {
            hw->cmos_data[reg] = value;
        } else {
            show_time(p);
            hw->cmos_data[reg] = value;
            take_time(p);
            notice_updates(p);
        }
        break;
    }
}

bool vrtc_port_read(struct platform *p, uint16_t port, uint8_t *value)
{
    unsigned int reg = p->rtc.hw.cmos_index;

    if (port != VRTC_DATA_PORT || reg >= RTC_CMOS_SIZE)
        return false;
    *value = read_register(p, (unsigned int)index_clamp(reg, RTC_CMOS_SIZE));
    return true;
}

bool vrtc_port_write(struct platform *p, uint16_t port, uint8_t value)
{
    if (port == VRTC_INDEX_PORT)
        p->rtc.hw.cmos_index = value & 0x7f; /* bit 7 masks NMIs */
    if (p->rtc.hw.cmos_index >= RTC_CMOS_SIZE)
        return false;
    if (port == VRTC_DATA_PORT)
        write_register(p, p->rtc.hw.cmos_index, value);
    return true;
}

static void raise_tick(struct platform *p)
{
    (void)flag(&p->rtc.hw, B_PERIODIC);
    vtick_raised(&p->rtc.tick, interrupt(p));
}

void vrtc_expire(struct platform *p)
{
    if (vtick_expire(&p->rtc.tick, &p->policy, p->now))
        raise_tick(p);
    if (p->rtc.deadline <= p->now)
        notice_updates(p);
}

void vrtc_taken(struct platform *p, unsigned int gsi)
{
    if (gsi == VGSI_RTC && vtick_taken(&p->rtc.tick, &p->policy, p->now))
        raise_tick(p);
}

void vrtc_reset(struct platform *p)
{
    struct vrtc was = p->rtc;

    p->rtc = (struct vrtc){
        .hw.cmos_data = {[REG_A] = A_DEFAULT, [REG_B] = RTC_B_24_HOURS, [REG_D] = D_POWER_GOOD},
        .hw.rtc_offset = was.hw.rtc_offset, /* the battery holds the time */
        .offset_set = was.offset_set,
        .deadline = VTICK_NEVER,
    };
    vtick_stop(&p->rtc.tick);
    vrtc_loaded(p);
}

void vrtc_save(struct platform *p)
{
    notice_updates(p);
    if (!(p->rtc.hw.cmos_data[REG_B] & B_SET))
        show_time(p);
}

int vrtc_load(struct platform *p, const struct hvm_hw_rtc *record)
{
    struct hvm_hw_rtc *hw = &p->rtc.hw;
    int64_t offset = hw->rtc_offset;

    if (record->cmos_index > 0x7f || !is_offset(record->rtc_offset))
        return -EINVAL;
    *hw = *record;
    if (p->rtc.offset_set)
        hw->rtc_offset = offset; /* the toolstack has said otherwise */
    else
        p->ops->clock_set(p, hw->rtc_offset, 0);
    hw->pad0 = 0;
    hw->cmos_data[REG_A] &= (uint8_t)~A_UPDATING;
    hw->cmos_data[REG_C] &= C_INTERRUPT | INTERRUPTS;
    hw->cmos_data[REG_D] = D_POWER_GOOD;
    return 0;
}

void vrtc_clock_changed(struct platform *p)
{
    uint64_t ns;

    p->rtc.seen_second = rtc_now(p, &ns); /* the seconds between did not happen */
    notice_updates(p);
}

void vrtc_loaded(struct platform *p)
{
    vtick_stop(&p->rtc.tick);
    restart_ticks(p);
    p->rtc.seen_clock = vtick_clock(CRYSTAL_HZ, p->now);
    vrtc_clock_changed(p);
}
