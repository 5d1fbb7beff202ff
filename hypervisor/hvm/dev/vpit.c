/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An 8254 (Intel data sheet 231164). BCD counting, which nobody uses, is reported and not done, and
 * a new count is taken at once where the chip would end its period first.
 *
 * What is always true here: counts are 1..65536, so nothing divides by 0; a count is not stored
 * while it runs but computed from the time that has passed. Channels 0 and 1 have their gates high.
 */
#include "hvm/dev/vpit.h"

#include "abi/errno.h"
#include "hvm/dev/platform.h"

enum {
    TERMINAL_COUNT = 0,
    ONE_SHOT = 1,
    RATE = 2,
    SQUARE = 3,
    STROBE = 4,
    GATED_STROBE = 5,
};

/* rw_mode, and how far a 16-bit access has come (read_state, write_state; save record's values) */
enum { LATCH = 0, LSB = 1, MSB = 2, WORD = 3, WORD_MSB = 4 };

#define FULL_COUNT 65536u
#define SPEAKER_CHANNEL 2u
#define STATUS_OUT 0x80
#define STATUS_NULL_COUNT 0x40
#define READ_BACK 3u
#define READ_BACK_NO_COUNT 0x20 /* these two are active low */
#define READ_BACK_NO_STATUS 0x10
#define PORT61_GATE 0x01
#define PORT61_SPEAKER 0x02
#define PORT61_REFRESH 0x10
#define PORT61_OUT 0x20
#define REFRESH_NS 15085 /* 18 clocks of the timer: how often a PC's memory refresh toggles */

static uint64_t guest_clock(struct platform *p)
{
    return vtick_clock(VPIT_HZ, vtick_guest_time(&p->policy, p->now));
}

static bool is_gated(uint8_t mode)
{
    return mode == ONE_SHOT || mode == GATED_STROBE;
}

/* Clocks since the channel began. */
static uint64_t elapsed(struct platform *p, unsigned int channel)
{
    const struct hvm_hw_pit_channel *c = &p->pit.hw.channels[channel];

    if (!c->gate && !is_gated(c->mode))
        return p->pit.held[channel];
    return guest_clock(p) - p->pit.started[channel];
}

static bool output(struct platform *p, unsigned int channel)
{
    const struct hvm_hw_pit_channel *c = &p->pit.hw.channels[channel];
    uint64_t passed;

    if (!p->pit.counting[channel])
        return c->mode != TERMINAL_COUNT;
    passed = elapsed(p, channel);
    switch (c->mode) {
    case TERMINAL_COUNT:
        return passed > c->count;
    case ONE_SHOT:
        return passed >= c->count;
    case RATE:
        return !c->gate || passed % c->count != c->count - 1;
    case SQUARE:
        return !c->gate || passed % c->count < (c->count + 1) / 2;
    default:
        return passed != c->count;
    }
}

/* The counting element. A square wave counts down twice a period, by two. */
static uint16_t current_count(struct platform *p, unsigned int channel)
{
    const struct hvm_hw_pit_channel *c = &p->pit.hw.channels[channel];
    uint64_t passed, half = (c->count + 1) / 2;

    if (!p->pit.counting[channel])
        return (uint16_t)c->count;
    passed = elapsed(p, channel);
    if (c->mode == RATE)
        return (uint16_t)(c->count - passed % c->count);
    if (c->mode != SQUARE)
        return (uint16_t)(c->count - passed);
    passed %= c->count;
    return (uint16_t)((c->count & ~1u) - 2 * (passed < half ? passed : passed - half));
}

/* Channel 0's interrupts from now on. Its output rises at the end of each period or count. */
static void restart_ticks(struct platform *p)
{
    const struct hvm_hw_pit_channel *c = &p->pit.hw.channels[0];
    uint64_t clock = vtick_clock(VPIT_HZ, p->now);

    vtick_stop(&p->pit.tick);
    if (!p->pit.counting[0])
        return;
    if (c->mode == RATE || c->mode == SQUARE)
        vtick_start(&p->pit.tick, VPIT_HZ, clock + c->count, c->count);
    else if (c->mode == TERMINAL_COUNT)
        vtick_start(&p->pit.tick, VPIT_HZ, clock + c->count + 1, 0);
    else if (c->mode == STROBE)
        vtick_start(&p->pit.tick, VPIT_HZ, clock + c->count + 1, 0); /* low for one clock */
}

/* A new count, 0 for the largest. A gated mode goes on with the old one until it is triggered. */
static void load_count(struct platform *p, unsigned int channel, uint32_t count)
{
    struct hvm_hw_pit_channel *c = &p->pit.hw.channels[channel];

    c->count = count ? count : FULL_COUNT;
    if (!is_gated(c->mode)) {
        p->pit.started[channel] = guest_clock(p);
        p->pit.held[channel] = 0;
        p->pit.counting[channel] = true;
    }
    if (channel == 0)
        restart_ticks(p);
}

static void latch_count(struct platform *p, unsigned int channel)
{
    struct hvm_hw_pit_channel *c = &p->pit.hw.channels[channel];

    if (!c->count_latched) {
        c->latched_count = current_count(p, channel);
        c->count_latched = c->rw_mode;
    }
}

static void latch_status(struct platform *p, unsigned int channel)
{
    struct hvm_hw_pit_channel *c = &p->pit.hw.channels[channel];

    if (c->status_latched)
        return;
    c->status = (uint8_t)((output(p, channel) ? STATUS_OUT : 0) |
                          (p->pit.counting[channel] ? 0 : STATUS_NULL_COUNT) | c->rw_mode << 4 |
                          c->mode << 1 | c->bcd);
    c->status_latched = 1;
}

static void write_control(struct platform *p, uint8_t value)
{
    unsigned int channel = value >> 6, rw_mode = value >> 4 & 3, mode = value >> 1 & 7;
    struct hvm_hw_pit_channel *c;

    if (channel == READ_BACK) {
        for (unsigned int i = 0; i < 3; i++) {
            if (!(value >> (i + 1) & 1))
                continue;
            if (!(value & READ_BACK_NO_COUNT))
                latch_count(p, i);
            if (!(value & READ_BACK_NO_STATUS))
                latch_status(p, i);
        }
        return;
    }
    if (rw_mode == LATCH) {
        latch_count(p, channel);
        return;
    }
    c = &p->pit.hw.channels[channel];
    c->rw_mode = c->read_state = c->write_state = (uint8_t)rw_mode;
    c->mode = (uint8_t)(mode > GATED_STROBE ? mode - 4 : mode);
    c->bcd = value & 1;
    c->count_latched = c->status_latched = 0;
    p->pit.counting[channel] = false;
    if (channel == 0)
        restart_ticks(p);
}

static void write_count(struct platform *p, unsigned int channel, uint8_t value)
{
    struct hvm_hw_pit_channel *c = &p->pit.hw.channels[channel];

    switch (c->write_state) {
    case LSB:
        load_count(p, channel, value);
        break;
    case MSB:
        load_count(p, channel, (uint32_t)value << 8);
        break;
    case WORD:
        c->write_latch = value;
        c->write_state = WORD_MSB;
        if (c->mode == TERMINAL_COUNT) { /* the first byte stops the count */
            p->pit.counting[channel] = false;
            if (channel == 0)
                restart_ticks(p);
        }
        break;
    case WORD_MSB:
        c->write_state = WORD;
        load_count(p, channel, (uint32_t)value << 8 | c->write_latch);
        break;
    }
}

static uint8_t read_count(struct platform *p, unsigned int channel)
{
    struct hvm_hw_pit_channel *c = &p->pit.hw.channels[channel];
    uint8_t latched = c->count_latched;
    bool high = false;
    uint16_t count;

    if (c->status_latched) {
        c->status_latched = 0;
        return c->status;
    }
    if (latched) {
        c->count_latched = latched == WORD ? MSB : 0; /* a word takes two reads */
        return (uint8_t)(latched == MSB ? c->latched_count >> 8 : c->latched_count);
    }
    count = current_count(p, channel);
    if (c->read_state == WORD || c->read_state == WORD_MSB) {
        high = c->read_state == WORD_MSB;
        c->read_state = high ? WORD : WORD_MSB;
    }
    return (uint8_t)(high || c->read_state == MSB ? count >> 8 : count);
}

/* A low gate stops or silences the channel; a rising one starts anew, or resumes modes 0 and 4. */
static void set_gate(struct platform *p, unsigned int channel, bool gate)
{
    struct hvm_hw_pit_channel *c = &p->pit.hw.channels[channel];

    if (gate == c->gate)
        return;
    if (!gate) {
        p->pit.held[channel] = elapsed(p, channel);
    } else {
        p->pit.started[channel] = guest_clock(p);
        if (c->mode == TERMINAL_COUNT || c->mode == STROBE)
            p->pit.started[channel] -= p->pit.held[channel];
        else if (is_gated(c->mode))
            p->pit.counting[channel] = true;
    }
    c->gate = gate;
}

static uint8_t read_port61(struct platform *p)
{
    const struct hvm_hw_pit *hw = &p->pit.hw;
    uint64_t refresh = vtick_guest_time(&p->policy, p->now) / REFRESH_NS;

    return (uint8_t)((hw->channels[SPEAKER_CHANNEL].gate ? PORT61_GATE : 0) |
                     (hw->speaker_data_on ? PORT61_SPEAKER : 0) |
                     (refresh & 1 ? PORT61_REFRESH : 0) |
                     (output(p, SPEAKER_CHANNEL) ? PORT61_OUT : 0));
}

uint8_t vpit_port_read(struct platform *p, uint16_t port)
{
    if (port == VPIT_GATE_PORT)
        return read_port61(p);
    if (port == VPIT_CONTROL_PORT)
        return 0; /* write only */
    return read_count(p, port - VPIT_PORT);
}

void vpit_port_write(struct platform *p, uint16_t port, uint8_t value)
{
    if (port == VPIT_GATE_PORT) {
        p->pit.hw.speaker_data_on = !!(value & PORT61_SPEAKER);
        set_gate(p, SPEAKER_CHANNEL, value & PORT61_GATE);
    } else if (port == VPIT_CONTROL_PORT) {
        write_control(p, value);
    } else {
        write_count(p, port - VPIT_PORT, value);
    }
}

/* The HPET takes the wire over in its legacy replacement mode. */
static void raise(struct platform *p)
{
    vtick_raised(&p->pit.tick,
                 !vhpet_replaces_legacy(p) && platform_tick(p, VGSI_TIMER));
}

void vpit_expire(struct platform *p)
{
    if (vtick_expire(&p->pit.tick, &p->policy, p->now))
        raise(p);
}

void vpit_taken(struct platform *p, unsigned int gsi)
{
    if (gsi == VGSI_TIMER && vtick_taken(&p->pit.tick, &p->policy, p->now))
        raise(p);
}

void vpit_reset(struct platform *p)
{
    p->pit = (struct vpit){.hw.speaker_data_on = 0};
    for (unsigned int i = 0; i < 3; i++)
        p->pit.hw.channels[i] = (struct hvm_hw_pit_channel){
            .count = FULL_COUNT,
            .read_state = WORD,
            .write_state = WORD,
            .rw_mode = LATCH, /* no control word yet */
            .mode = SQUARE,
            .gate = i != SPEAKER_CHANNEL,
        };
    vtick_stop(&p->pit.tick);
}

int vpit_load(struct platform *p, const struct hvm_hw_pit *record)
{
    struct hvm_hw_pit hw = *record;

    for (unsigned int i = 0; i < 3; i++) {
        struct hvm_hw_pit_channel *c = &hw.channels[i];

        if (c->mode == 0xff) /* a channel that Xen has and no guest has set up */
            c->mode = SQUARE;
        if (c->count > FULL_COUNT || c->mode > GATED_STROBE || c->rw_mode > WORD ||
            c->count_latched > WORD || c->read_state > WORD_MSB || c->write_state > WORD_MSB)
            return -EINVAL;
        c->count = c->count ? c->count : FULL_COUNT;
        c->gate = i != SPEAKER_CHANNEL || c->gate;
        c->bcd = !!c->bcd;
        c->status_latched = !!c->status_latched;
    }
    hw.speaker_data_on = !!hw.speaker_data_on;
    hw.pad0 = 0;
    p->pit.hw = hw;
    return 0;
}

void vpit_loaded(struct platform *p)
{
    for (unsigned int i = 0; i < 3; i++) {
        const struct hvm_hw_pit_channel *c = &p->pit.hw.channels[i];

        p->pit.started[i] = guest_clock(p);
        p->pit.held[i] = 0;
        p->pit.counting[i] = c->rw_mode != LATCH && !is_gated(c->mode);
    }
    restart_ticks(p);
}
