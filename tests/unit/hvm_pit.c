/* SPDX-License-Identifier: BSD-2-Clause */
/* The 8254: modes against a clock-by-clock model, latches, the speaker's port, interrupts. */
/* sources: hypervisor/hvm/dev/vtick.c hypervisor/hvm/dev/vmsi.c hypervisor/hvm/dev/vgsi.c */
/* sources: hypervisor/hvm/dev/vpic.c hypervisor/hvm/dev/vioapic.c hypervisor/hvm/dev/vpit.c */
/* sources: hypervisor/hvm/dev/vrtc.c hypervisor/hvm/dev/vhpet.c hypervisor/hvm/dev/vpm.c */
/* sources: hypervisor/hvm/dev/platform.c hypervisor/time/calendar.c hypervisor/time/rtc.c */
#include "tests/unit/check.h"
#include "tests/unit/hvm_board.h"

#define VECTOR 0x30

/* Time at which the timer's clock has just counted to @clock. */
static void at_clock(uint64_t clock)
{
    fake.now = vtick_ns(VPIT_HZ, clock);
}

static uint64_t clock_now(void)
{
    return vtick_clock(VPIT_HZ, fake.now);
}

static void program(unsigned int channel, unsigned int mode, uint16_t count)
{
    out(0x43, (uint8_t)(channel << 6 | 0x30 | mode << 1));
    out((uint16_t)(0x40 + channel), (uint8_t)count);
    out((uint16_t)(0x40 + channel), (uint8_t)(count >> 8));
}

static uint16_t read_latched(unsigned int channel)
{
    uint16_t low;

    out(0x43, (uint8_t)(channel << 6));
    low = in((uint16_t)(0x40 + channel));
    return (uint16_t)(low | in((uint16_t)(0x40 + channel)) << 8);
}

static uint8_t status(unsigned int channel)
{
    out(0x43, (uint8_t)(0xe0 | 2 << channel));
    return in((uint16_t)(0x40 + channel));
}

/* One channel, stepped by its clock (data sheet, "Mode Definitions"), gate high and triggered. */
struct model {
    unsigned int mode, initial, value;
    bool output, strobed, reload;
};

static void model_start(struct model *m, unsigned int mode, unsigned int count)
{
    *m = (struct model){.mode = mode, .initial = count, .value = count, .output = mode != 0 &&
                                                                                  mode != 1};
    if (mode == 3)
        m->value = count & ~1u;
}

static void model_step(struct model *m)
{
    switch (m->mode) {
    case 0: /* high one clock after 0 is reached */
        if ((m->value & 0xffff) == 0)
            m->output = true;
        m->value--;
        break;
    case 1:
        if ((--m->value & 0xffff) == 0)
            m->output = true;
        break;
    case 2:
        if (m->value == 1) {
            m->value = m->initial;
            m->output = true;
        } else if (--m->value == 1) {
            m->output = false;
        }
        break;
    case 3: /* an odd count: its high half is one clock longer */
        if (m->value == (m->output && m->initial & 1 ? 0 : 2)) {
            m->output = !m->output;
            m->value = m->initial & ~1u;
        } else {
            m->value -= 2;
        }
        break;
    default: /* low for one clock at 0 */
        m->output = (--m->value & 0xffff) != 0 || m->strobed;
        if (!m->output)
            m->strobed = true;
        break;
    }
}

TEST(modes_against_a_model)
{
    static const uint16_t counts[] = {2, 3, 4, 5, 7, 10, 101, 256, 1000};

    board_start();
    for (unsigned int mode = 0; mode < 6; mode++)
        for (unsigned int i = 0; i < sizeof counts / sizeof *counts; i++) {
            uint64_t start = clock_now() + 10;
            struct model m;

            at_clock(start);
            out(0x61, 0); /* modes 1 and 5 begin when the gate rises */
            if (mode != 1 && mode != 5)
                out(0x61, 1);
            program(2, mode, counts[i]);
            out(0x61, 1);
            model_start(&m, mode, counts[i]);
            for (unsigned int clock = 1; clock < 3000; clock++) {
                model_step(&m);
                at_clock(start + clock);
                if (!!(in(0x61) & 0x20) != m.output ||
                    read_latched(2) != (uint16_t)m.value)
                    CHECK_FAIL("mode %u count %u clock %u: out %d, is %d; count %u, is %u", mode,
                               counts[i], clock, m.output, !!(in(0x61) & 0x20), m.value,
                               read_latched(2));
            }
        }
}

TEST(count_0_is_the_largest)
{
    board_start();
    program(0, 2, 0);
    CHECK_EQ(board.pit.hw.channels[0].count, 65536);
    CHECK_EQ(board.pit.tick.period, 65536);
    at_clock(clock_now() + 1);
    CHECK_EQ(read_latched(0), 65535);
}

TEST(gate_of_channel_2)
{
    uint64_t start;

    board_start();
    out(0x61, 1);
    program(2, 0, 1000);
    start = clock_now();
    at_clock(start + 400);
    out(0x61, 0); /* held */
    at_clock(start + 4000);
    CHECK_EQ(read_latched(2), 600);
    CHECK(!(in(0x61) & 0x20));
    out(0x61, 3); /* resumes */
    at_clock(start + 4600);
    CHECK_EQ(read_latched(2), 0);
    CHECK_EQ(in(0x61) & 0x23, 0x03);
    at_clock(start + 4601);
    CHECK_EQ(in(0x61) & 0x23, 0x23);

    program(2, 2, 1000);
    out(0x61, 0);
    CHECK(in(0x61) & 0x20); /* silent is high */
    at_clock(start + 9000);
    out(0x61, 1); /* starts anew */
    at_clock(start + 9001);
    CHECK_EQ(read_latched(2), 999);
    out(0x40, 0); /* channel 0 has no gate */
    CHECK_EQ(board.pit.hw.channels[0].gate, 1);
}

TEST(refresh_toggles)
{
    unsigned int changes = 0;
    uint8_t last;

    board_start();
    last = in(0x61) & 0x10;
    for (unsigned int us = 0; us < 10000; us++) {
        fake.now += 1000;
        changes += (in(0x61) & 0x10) != last;
        last = in(0x61) & 0x10;
    }
    CHECK(changes >= 661 && changes <= 664);
}

TEST(latches_and_read_back)
{
    uint64_t start;

    board_start();
    program(0, 2, 0x1234);
    start = clock_now();
    at_clock(start + 0x10);
    out(0x43, 0x00); /* latch 0 */
    at_clock(start + 0x20);
    out(0x43, 0x00); /* the first latch stays */
    CHECK_EQ(in(0x40), 0x24);
    CHECK_EQ(in(0x40), 0x12);
    CHECK_EQ(in(0x40), 0x14); /* live again */
    CHECK_EQ(in(0x40), 0x12);

    out(0x43, 0xc2); /* count and status of 0 */
    CHECK_EQ(in(0x40), 0xb4); /* status first: out high, two bytes, mode 2 */
    CHECK_EQ(in(0x40), 0x14);
    CHECK_EQ(in(0x40), 0x12);
    out(0x43, 0x34);
    CHECK_EQ(status(0), 0xf4); /* null count */
    out(0x40, 0x10);
    CHECK_EQ(status(0), 0xf4);
    out(0x40, 0x00);
    CHECK_EQ(status(0), 0xb4);
    out(0x43, 0x1f); /* one byte, mode 7 is 3, BCD */
    out(0x40, 0x40);
    CHECK_EQ(status(0), 0x97);
    CHECK_EQ(in(0x40), 0x40);
    CHECK_EQ(in(0x40), 0x40);
    out(0x43, 0x20); /* the high byte only, mode 0 */
    out(0x40, 0x02);
    CHECK_EQ(board.pit.hw.channels[0].count, 0x200);
    CHECK_EQ(in(0x40), 0x02);
    CHECK_EQ(in(0x43), 0);
}

TEST(the_first_byte_stops_mode_0)
{
    board_start();
    program(0, 0, 1000);
    CHECK(fake.armed != VTICK_NEVER);
    out(0x40, 0x10);
    CHECK_EQ(fake.armed, VTICK_NEVER);
    out(0x40, 0x10);
    CHECK_EQ(fake.armed, vtick_ns(VPIT_HZ, clock_now() + 0x1011));
}

/* What Linux and memtest86+ do to learn the TSC's rate. */
TEST(calibration)
{
    uint64_t start;

    board_start();
    out(0x61, (in(0x61) & ~2) | 1);
    out(0x43, 0xb0);
    out(0x42, 0x0b); /* 59659 clocks: 50 ms */
    out(0x42, 0xe9);
    start = fake.now;
    while (!(in(0x61) & 0x20))
        fake.now += 1000;
    CHECK((fake.now - start) / 1000 >= 49999 && (fake.now - start) / 1000 <= 50002);
}

TEST(interrupts_of_channel_0)
{
    static const struct {
        unsigned int mode, count, in_a_second;
    } cases[] = {{2, 11932, 99}, {3, 11932, 99}, {2, 1193, 1000}, {0, 1193, 1},
                 {4, 1193, 1},   {1, 1193, 0},   {5, 1193, 0}};

    for (unsigned int i = 0; i < sizeof cases / sizeof *cases; i++) {
        board_start();
        pin_write(2, VECTOR, 0);
        program(0, cases[i].mode, (uint16_t)cases[i].count);
        CHECK_EQ(board_run(fake.now + SECOND, VECTOR), cases[i].in_a_second);
        CHECK_EQ(fake.by_vector[VECTOR], cases[i].in_a_second);
    }
}

TEST(no_drift_in_hours)
{
    uint64_t start;

    board_start();
    pin_write(2, VECTOR, 0);
    program(0, 2, 11932);
    start = clock_now();
    fake.expiries = 0;
    CHECK_EQ(board_run(fake.now + 6 * HOUR, VECTOR), (clock_now() - start) / 11932);
    CHECK_EQ(fake.expiries, fake.by_vector[VECTOR]);
}

TEST(through_the_pic)
{
    board_start();
    out(0x20, 0x11), out(0x21, 0x08), out(0x21, 4), out(0x21, 1), out(0x21, 0xfe);
    program(0, 3, 1193);
    for (unsigned int i = 0; i < 100; i++) {
        (void)board_run(fake.now + MS, VECTOR);
        CHECK(fake.pic);
        CHECK_EQ(platform_intack(&board), 8);
        out(0x20, 0x20);
        CHECK(!fake.pic);
    }
    fake.now += 50 * MS; /* late for 50 */
    platform_expire(&board);
    for (unsigned int i = 0; i < 50; i++) {
        CHECK(fake.pic);
        CHECK_EQ(platform_intack(&board), 8);
        out(0x20, 0x20);
    }
    CHECK(!fake.pic);
}

TEST(missed_ticks_by_mode)
{
    static const unsigned int want[] = {100, 100, 1, 1};

    for (uint8_t mode = 0; mode < 4; mode++) {
        board_start();
        platform_param(&board, HVM_PARAM_TIMER_MODE, mode);
        pin_write(2, VECTOR, 0);
        program(0, 2, 1193);
        fake.asleep = true;
        CHECK_EQ(board_run(fake.now + 100 * MS, VECTOR), 0);
        CHECK_EQ(board_take(VECTOR), want[mode]);
        fake.asleep = false;
        CHECK_EQ(board_run(fake.now + 100 * MS, VECTOR), 100);
    }
    CHECK_EQ(platform_param(&board, HVM_PARAM_TIMER_MODE, 4), -22);
}

TEST(a_masked_pin_owes_nothing)
{
    board_start();
    out(0x21, 0xff);
    program(0, 2, 1193);
    CHECK_EQ(board_run(fake.now + SECOND, VECTOR), 0);
    pin_write(2, VECTOR, 0);
    CHECK_EQ(board_run(fake.now + 10 * MS, VECTOR), 10);
}

TEST(a_period_of_one_clock_is_no_storm)
{
    board_start();
    pin_write(2, VECTOR, 0);
    program(0, 2, 1);
    fake.expiries = 0;
    fake.asleep = true;
    (void)board_run(fake.now + SECOND, VECTOR);
    CHECK(fake.expiries <= SECOND / VTICK_FLOOR_NS + 1);
    CHECK(board_take(VECTOR) <= VTICK_OWED_MAX + 1);
}

TEST(guest_time_in_delay_mode_is_what_counts)
{
    uint16_t before;

    board_start();
    platform_param(&board, HVM_PARAM_TIMER_MODE, HVMPTM_delay_for_missed_ticks);
    pin_write(2, VECTOR, 0);
    program(0, 2, 11932);
    program(1, 2, 0);
    before = read_latched(1);
    fake.asleep = true;
    (void)board_run(fake.now + 25 * MS, VECTOR);
    platform_preempted(&board, 25 * MS);
    CHECK_EQ(read_latched(1), before); /* no time has passed for the guest */
    CHECK_EQ(platform_guest_time(&board), fake.now - 25 * MS);
    CHECK_EQ(board_take(VECTOR), 2);
    CHECK_EQ((uint16_t)(before - read_latched(1)), 2 * 11932);
}

TEST(saved_and_loaded)
{
    board_start();
    pin_write(2, VECTOR, 0);
    program(0, 2, 1193);
    program(2, 3, 4000);
    out(0x61, 3);
    out(0x40, 0x10); /* half a word is written */
    out(0x43, 0x80);
    CHECK(board_reload());
    CHECK_EQ(in(0x61) & 3, 3);
    CHECK_EQ(in(0x42), 4000 & 0xff); /* the latch */
    CHECK_EQ(in(0x42), 4000 >> 8);
    CHECK_EQ(board_run(fake.now + 100 * MS, VECTOR), 100);
    out(0x40, 0x01); /* the other half */
    CHECK_EQ(board.pit.hw.channels[0].count, 0x110);
    CHECK_EQ(board.pit.tick.period, 0x110);
}

TEST(records_that_are_no_state)
{
    struct hvm_hw_pit good, bad;

    board_start();
    CHECK_EQ(platform_save(&board, HVM_SAVE_CODE(PIT), 0, &good), sizeof good);
#define REFUSED(field, value)                                                               \
    do {                                                                                    \
        bad = good;                                                                         \
        bad.channels[1].field = (value);                                                    \
        CHECK_EQ(platform_load(&board, HVM_SAVE_CODE(PIT), 0, &bad, sizeof bad), -22);      \
    } while (0)
    REFUSED(count, 65537);
    REFUSED(mode, 6);
    REFUSED(rw_mode, 4);
    REFUSED(count_latched, 4);
    REFUSED(read_state, 5);
    REFUSED(write_state, 5);
    memset(&bad, 0, sizeof bad);
    for (unsigned int i = 0; i < 3; i++)
        bad.channels[i].mode = 0xff; /* as Xen has them before a guest comes */
    CHECK_EQ(platform_load(&board, HVM_SAVE_CODE(PIT), 0, &bad, sizeof bad), 0);
    platform_loaded(&board);
    CHECK_EQ(fake.armed, VTICK_NEVER);
    CHECK_EQ(read_latched(0), 0);
    for (unsigned int mode = 0; mode < 6; mode++) {
        bad.channels[0].mode = (uint8_t)mode; /* a count of 0 divides nothing */
        bad.channels[0].rw_mode = 3;
        CHECK_EQ(platform_load(&board, HVM_SAVE_CODE(PIT), 0, &bad, sizeof bad), 0);
        platform_loaded(&board);
        (void)board_run(fake.now + SECOND, VECTOR);
        (void)status(0);
        (void)read_latched(0);
    }
}
