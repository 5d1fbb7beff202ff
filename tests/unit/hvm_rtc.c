/* SPDX-License-Identifier: BSD-2-Clause */
/* The CMOS clock: time in all its formats, alarms, periodic and update interrupts. */
/* sources: hypervisor/hvm/dev/vtick.c hypervisor/hvm/dev/vmsi.c hypervisor/hvm/dev/vgsi.c */
/* sources: hypervisor/hvm/dev/vpic.c hypervisor/hvm/dev/vioapic.c hypervisor/hvm/dev/vpit.c */
/* sources: hypervisor/hvm/dev/vrtc.c hypervisor/hvm/dev/vhpet.c hypervisor/hvm/dev/vpm.c */
/* sources: hypervisor/hvm/dev/platform.c hypervisor/time/calendar.c hypervisor/time/rtc.c */
#include "tests/unit/check.h"
#include "tests/unit/hvm_board.h"

#include <time.h>

#define VECTOR 0x38

static uint8_t get(uint8_t reg)
{
    out(0x70, reg);
    return in(0x71);
}

static void set(uint8_t reg, uint8_t value)
{
    out(0x70, reg);
    out(0x71, value);
}

static unsigned int number(uint8_t value, uint8_t b)
{
    return b & 4 ? value : (value >> 4) * 10u + (value & 15);
}

static unsigned int hour(uint8_t value, uint8_t b)
{
    unsigned int h = number(value & 0x7f, b);

    return b & 2 ? number(value, b) : h % 12 + (value & 0x80 ? 12 : 0);
}

/* The RTC's time as the C library sees it. */
static time_t read_time(void)
{
    uint8_t b = get(11);
    struct tm tm = {
        .tm_sec = (int)number(get(0), b),
        .tm_min = (int)number(get(2), b),
        .tm_hour = (int)hour(get(4), b),
        .tm_mday = (int)number(get(7), b),
        .tm_mon = (int)number(get(8), b) - 1,
        .tm_year = (int)number(get(9), b) + 100,
    };
    unsigned int weekday = number(get(6), b);
    time_t t = timegm(&tm);

    CHECK_EQ(weekday, (unsigned int)tm.tm_wday + 1);
    return t;
}

static uint8_t code(unsigned int value, uint8_t b)
{
    return (uint8_t)(b & 4 ? value : value / 10 << 4 | value % 10);
}

static uint8_t code_hour(unsigned int h, uint8_t b)
{
    if (b & 2)
        return code(h, b);
    return (uint8_t)(code(h % 12 ? h % 12 : 12, b) | (h >= 12 ? 0x80 : 0));
}

static void write_time(time_t t)
{
    uint8_t b = get(11);
    struct tm tm;

    gmtime_r(&t, &tm);
    set(11, b | 0x80);
    set(0, code((unsigned int)tm.tm_sec, b));
    set(2, code((unsigned int)tm.tm_min, b));
    set(4, code_hour((unsigned int)tm.tm_hour, b));
    set(7, code((unsigned int)tm.tm_mday, b));
    set(8, code((unsigned int)tm.tm_mon + 1, b));
    set(9, code((unsigned int)tm.tm_year % 100, b));
    set(11, b);
}

static time_t wall(void)
{
    return (time_t)((fake.wall + fake.now) / SECOND);
}

TEST(power_on)
{
    board_start();
    CHECK_EQ(get(10) & 0x7f, 0x26);
    CHECK_EQ(get(11), 0x02);
    CHECK_EQ(get(12), 0);
    CHECK_EQ(get(13), 0x80);
    CHECK_EQ(read_time(), wall());
    set(13, 0);
    CHECK_EQ(get(13), 0x80);
}

TEST(the_rest_of_cmos_is_not_ours)
{
    uint32_t value = 14;

    board_start();
    CHECK(!platform_port(&board, 0x70, 1, true, &value));
    CHECK(!platform_port(&board, 0x71, 1, true, &value));
    CHECK(!platform_port(&board, 0x71, 1, false, &value));
    value = 0x8b; /* bit 7 is for NMIs */
    CHECK(platform_port(&board, 0x70, 1, true, &value));
    CHECK_EQ(in(0x71), 0x02);
    CHECK(!platform_port(&board, 0x70, 1, false, &value));
    value = 0x420b; /* index and data at once */
    CHECK(platform_port(&board, 0x70, 2, true, &value));
    CHECK_EQ(get(11), 0x42);
}

TEST(every_format_of_any_time)
{
    static const uint8_t formats[] = {0, 2, 4, 6};

    board_start();
    for (int i = 0; i < 20000; i++) {
        time_t t = 946684800 + (time_t)check_random_below(40 * 365 * 86400ULL); /* from 2000 */

        set(11, formats[i % 4]);
        fake.now += check_random_below(10 * SECOND);
        write_time(t);
        CHECK_EQ(read_time(), t);
        CHECK_EQ(fake.offset, t - wall());
        fake.now += SECOND;
        CHECK_EQ(read_time(), t + 1);
    }
}

TEST(a_stopped_clock_holds_what_it_was_given)
{
    time_t t;

    board_start();
    t = read_time();
    set(11, 0x82);
    fake.now += 90 * SECOND;
    CHECK_EQ(read_time(), t);
    set(0, 0x17);
    fake.now += 5 * SECOND;
    CHECK_EQ(get(0), 0x17);
    CHECK_EQ(get(10) & 0x80, 0);
    set(11, 0x02);
    CHECK_EQ(get(0), 0x17);
    CHECK_EQ(read_time(), t - t % 60 + 17);
}

TEST(no_date_is_not_taken)
{
    board_start();
    set(11, 0x82);
    set(8, 0x13);
    set(11, 0x02);
    CHECK_EQ(read_time(), wall());
    set(7, 0); /* also while it runs */
    CHECK_EQ(read_time(), wall());
    CHECK_EQ(fake.moved, 0);
}

TEST(time_offset)
{
    struct hvm_hw_rtc record;

    board_start();
    CHECK_EQ(platform_time_offset(&board, -7200), 0);
    CHECK_EQ(read_time(), wall() - 7200);
    CHECK_EQ(platform_time_offset(&board, INT64_MIN), -22);
    CHECK_EQ(platform_time_offset(&board, -253402300799), 0);
    CHECK_EQ(get(0), 0); /* before 1970 is 1970 */
    CHECK_EQ(get(9), 0x70);
    CHECK_EQ(platform_time_offset(&board, 253402300799), 0);
    CHECK_EQ(get(9), 0x99);
    write_time(1234567890);
    CHECK_EQ(read_time(), 1234567890);
    platform_save(&board, HVM_SAVE_CODE(RTC), 0, &record);
    CHECK_EQ(record.rtc_offset, 1234567890 - wall());
    record.rtc_offset = 5; /* what the toolstack said stays */
    CHECK_EQ(platform_load(&board, HVM_SAVE_CODE(RTC), 0, &record, sizeof record), 0);
    platform_loaded(&board);
    CHECK_EQ(read_time(), 1234567890);
    board_start();
    CHECK_EQ(platform_load(&board, HVM_SAVE_CODE(RTC), 0, &record, sizeof record), 0);
    platform_loaded(&board);
    CHECK_EQ(read_time(), wall() + 5);
    CHECK_EQ(fake.offset, 5);
    record.rtc_offset = INT64_MAX;
    CHECK_EQ(platform_load(&board, HVM_SAVE_CODE(RTC), 0, &record, sizeof record), -22);
    record.rtc_offset = 0;
    record.cmos_index = 0x80;
    CHECK_EQ(platform_load(&board, HVM_SAVE_CODE(RTC), 0, &record, sizeof record), -22);
}

TEST(update_in_progress)
{
    unsigned int busy = 0, falls = 0;
    bool was = false;

    board_start();
    fake.now = 10 * SECOND;
    for (unsigned int us = 0; us < 2000000; us += 10) {
        bool now;

        fake.now += 10000;
        now = get(10) & 0x80;
        busy += now;
        if (was && !now) {
            falls++;
            CHECK_EQ((fake.wall + fake.now) % SECOND, 0); /* the time is new just now */
        }
        was = now;
    }
    CHECK_EQ(falls, 2);
    CHECK(busy >= 48 && busy <= 50);
}

TEST(update_interrupts)
{
    board_start();
    pin_write(8, VECTOR, 0);
    fake.now = 10 * SECOND + 300 * MS;
    (void)get(12);
    set(11, 0x12);
    CHECK_EQ(fake.armed, 11 * SECOND);
    CHECK_EQ(board_run(20 * SECOND + 1, VECTOR), 10); /* each comes without a read of C */
    CHECK_EQ(get(12), 0xd0); /* (the periodic flag is for who polls) */
    CHECK_EQ(get(12), 0);
    set(11, 0x02);
    CHECK_EQ(fake.armed, VTICK_NEVER);
    fake.now += 3 * SECOND;
    CHECK_EQ(get(12) & 0x90, 0x10); /* flagged all the same */
    fake.now += 3 * SECOND;
    set(11, 0x12); /* a flag that waits interrupts once it may */
    CHECK_EQ(fake.by_vector[VECTOR], 11);
    set(11, 0x12);
    CHECK_EQ(fake.by_vector[VECTOR], 11);
    CHECK_EQ(get(12) & 0x90, 0x90);
}

/* Does the alarm ring at @t? Said again, the long way. */
static bool rings(time_t t, uint8_t b, const uint8_t *alarm)
{
    struct tm tm;

    gmtime_r(&t, &tm);
    return (alarm[0] >= 0xc0 || alarm[0] == code((unsigned int)tm.tm_sec, b)) &&
           (alarm[1] >= 0xc0 || alarm[1] == code((unsigned int)tm.tm_min, b)) &&
           (alarm[2] >= 0xc0 || alarm[2] == code_hour((unsigned int)tm.tm_hour, b));
}

TEST(alarms_against_every_second)
{
    for (int i = 0; i < 60; i++) {
        uint8_t b = (uint8_t)(check_random_below(4) * 2), alarm[3];
        unsigned int span = i % 4 ? 7300 : 90000, want = 0;
        time_t t;

        board_start();
        pin_write(8, VECTOR, 0);
        fake.now = 10 * SECOND + check_random_below(SECOND);
        set(11, b);
        write_time(1700000000 + (time_t)check_random_below(86400));
        alarm[0] = check_random() & 1 ? 0xc0 : code((unsigned int)check_random_below(60), b);
        alarm[1] = check_random() & 1 ? 0xff : code((unsigned int)check_random_below(60), b);
        alarm[2] = check_random() & 1 ? 0xd5 : code_hour((unsigned int)check_random_below(24), b);
        if (i % 10 == 0)
            alarm[2] = 0x7f; /* no hour */
        for (unsigned int reg = 0; reg < 3; reg++)
            set((uint8_t)(reg * 2 + 1), alarm[reg]);
        (void)get(12);
        t = read_time();
        for (unsigned int s = 1; s <= span; s++)
            want += rings(t + s, b, alarm);
        if (i & 1) { /* by interrupts */
            set(11, b | 0x20);
            CHECK_EQ(board_run(fake.now + span * SECOND, VECTOR), want);
        } else { /* by looking once */
            fake.now += span * SECOND;
        }
        CHECK_EQ(!!(get(12) & 0x20), want > 0);
    }
}

TEST(periodic_interrupts_do_not_drift)
{
    for (unsigned int rate = 1; rate < 16; rate++) {
        unsigned int hz = rate == 1 ? 256 : rate == 2 ? 128 : 32768u >> (rate - 1);
        uint64_t seconds = hz > 512 ? 60 : hz > 8 ? 900 : 4 * 3600;
        unsigned int got;

        board_start();
        pin_write(8, VECTOR, 0);
        set(10, (uint8_t)(0x20 | rate));
        set(11, 0x42);
        got = board_run(fake.now + seconds * SECOND, VECTOR);
        CHECK(got >= seconds * hz - 1 && got <= seconds * hz + 1);
        CHECK_EQ(get(12) & 0xc0, 0xc0);
        set(10, 0x2a);
        got = board_run(fake.now + SECOND, VECTOR);
        CHECK(got >= 63 && got <= 65);
        set(10, 0x20); /* none */
        CHECK_EQ(board_run(fake.now + SECOND, VECTOR), 0);
    }
}

TEST(a_stopped_chain_has_no_events)
{
    board_start();
    pin_write(8, VECTOR, 0);
    set(11, 0x72);
    set(10, 0x66);
    (void)get(12);
    CHECK_EQ(board_run(fake.now + 10 * SECOND, VECTOR), 0);
    CHECK_EQ(get(12), 0);
    set(10, 0x26);
    CHECK(board_run(fake.now + SECOND, VECTOR) >= 1023);
}

TEST(the_periodic_flag_may_be_polled)
{
    unsigned int seen = 0;

    board_start();
    (void)get(12);
    for (unsigned int us = 0; us < 1000000; us += 50) {
        fake.now += 50000;
        seen += !!(get(12) & 0x40);
    }
    CHECK(seen >= 1023 && seen <= 1025);
}

TEST(missed_ticks_are_made_up_for)
{
    unsigned int got;

    board_start();
    pin_write(8, VECTOR, 0);
    set(11, 0x42);
    fake.asleep = true;
    (void)board_run(fake.now + 100 * MS, VECTOR);
    got = board_take(VECTOR);
    CHECK(got >= 102 && got <= 103);
}

TEST(rewriting_b_does_not_shift_the_beat)
{
    uint64_t due;

    board_start();
    set(11, 0x42);
    due = fake.armed;
    fake.now += 200000;
    set(11, 0x42);
    set(10, 0x26);
    CHECK_EQ(fake.armed, due);
}

TEST(the_host_clock_is_set)
{
    board_start();
    pin_write(8, VECTOR, 0);
    set(11, 0x12);
    (void)board_run(fake.now + 2 * SECOND, VECTOR);
    fake.wall -= 100 * SECOND;
    platform_wall_changed(&board);
    CHECK_EQ(read_time(), wall());
    CHECK_EQ(board_run(fake.now + 10 * SECOND, VECTOR), 10);
}

TEST(saved_and_loaded)
{
    time_t t;

    board_start();
    pin_write(8, VECTOR, 0);
    write_time(1500000000);
    set(5, 0xc0), set(3, 0xc0), set(1, 0x30);
    set(11, 0x60 | 6);
    set(1, 0x1e);
    t = read_time();
    CHECK(board_reload());
    CHECK_EQ(read_time(), t);
    CHECK_EQ(get(1), 0x1e);
    CHECK(board_run(fake.now + 60 * SECOND, VECTOR) >= 60 * 1024);
    CHECK_EQ(get(12), 0xf0);
    set(11, 0x80); /* the hands of a stopped clock are kept */
    set(0, 0x22);
    CHECK(board_reload());
    CHECK_EQ(get(0), 0x22);
    CHECK_EQ(get(11), 0x80);
}
