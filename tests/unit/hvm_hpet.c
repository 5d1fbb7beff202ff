/* SPDX-License-Identifier: BSD-2-Clause */
/* The HPET: counter, comparators in all modes and widths, routes, levels, save records. */
/* sources: hypervisor/hvm/dev/vtick.c hypervisor/hvm/dev/vmsi.c hypervisor/hvm/dev/vgsi.c */
/* sources: hypervisor/hvm/dev/vpic.c hypervisor/hvm/dev/vioapic.c hypervisor/hvm/dev/vpit.c */
/* sources: hypervisor/hvm/dev/vrtc.c hypervisor/hvm/dev/vhpet.c hypervisor/hvm/dev/vpm.c */
/* sources: hypervisor/hvm/dev/platform.c hypervisor/time/calendar.c hypervisor/time/rtc.c */
#include "tests/unit/check.h"
#include "tests/unit/hvm_board.h"

#define VECTOR 0x70
#define CONFIG 0x10
#define STATUS 0x20
#define COUNTER 0xf0
#define TIMER(n) (0x100u + 32 * (n))
#define COMPARATOR(n) (TIMER(n) + 8)

/* Timer configuration */
#define LEVEL 2u
#define ENABLED 4u
#define PERIODIC 8u
#define SET_VALUE 0x40u
#define WIDTH_32 0x100u
#define ROUTE(gsi) ((gsi) << 9)

static uint64_t get(uint32_t offset)
{
    return mmio_read(VHPET_BASE + offset, 8);
}

static void set(uint32_t offset, uint64_t value)
{
    mmio_write(VHPET_BASE + offset, 8, value);
}

static void set32(uint32_t offset, uint32_t value)
{
    mmio_write(VHPET_BASE + offset, 4, value);
}

static void start_running(void)
{
    board_start();
    fake.now -= fake.now % 16;
    pin_write(20, VECTOR, 0);
    set(COUNTER, 0);
    set(CONFIG, 1);
}

TEST(registers)
{
    board_start();
    CHECK_EQ(get(0), 0x00f424008086a201);
    CHECK_EQ(mmio_read(VHPET_BASE + 4, 4), 16000000);
    set(0, 0);
    CHECK_EQ(get(0), 0x00f424008086a201);
    set(CONFIG, ~0ULL);
    CHECK_EQ(get(CONFIG), 3);
    for (unsigned int n = 0; n < 3; n++) {
        CHECK_EQ(get(TIMER(n)), 0x00f0000000000030);
        CHECK_EQ(get(COMPARATOR(n)), ~0ULL);
        set(TIMER(n), ~0ULL & ~ROUTE(31ULL));
        CHECK_EQ(get(TIMER(n)), 0x00f000000000017e);
        for (unsigned int route = 0; route < 32; route++) {
            set(TIMER(n), ROUTE(route));
            CHECK_EQ(get(TIMER(n)) >> 9 & 31, route < 20 ? 0 : route > 23 ? 23 : route);
        }
    }
    CHECK_EQ(get(0x160), 0);
    CHECK_EQ(get(0x3f8), 0);
    CHECK_EQ(mmio_read(VHPET_BASE + 1, 1), 0); /* no such access */
    CHECK_EQ(mmio_read(VHPET_BASE + 4, 8), 0);
    mmio_write(VHPET_BASE + CONFIG, 1, 0);
    CHECK_EQ(get(CONFIG), 3);
}

TEST(main_counter)
{
    board_start();
    fake.now -= fake.now % 16;
    set(COUNTER, 0x12345678ffffffff);
    fake.now += SECOND;
    CHECK_EQ(get(COUNTER), 0x12345678ffffffff); /* stands still */
    set(CONFIG, 1);
    fake.now += 16;
    CHECK_EQ(get(COUNTER), 0x1234567900000000);
    CHECK_EQ(mmio_read(VHPET_BASE + COUNTER + 4, 4), 0x12345679);
    fake.now += 10 * HOUR;
    CHECK_EQ(get(COUNTER), 0x1234567900000000 + 10 * 3600 * 62500000ULL);
    set(CONFIG, 0);
    fake.now += SECOND;
    CHECK_EQ(get(COUNTER), 0x1234567900000000 + 10 * 3600 * 62500000ULL);
    set(CONFIG, 1);
    set(COUNTER, 1000); /* while it runs */
    fake.now += 160;
    CHECK_EQ(get(COUNTER), 1010);
    set(CONFIG, 0);
    set32(COUNTER, 7);
    CHECK_EQ(get(COUNTER) & 0xffffffff, 7);
}

/* One-shot mode as Linux and Windows use it. */
TEST(one_shot)
{
    start_running();
    set32(TIMER(0), ENABLED | WIDTH_32 | ROUTE(20));
    set32(COMPARATOR(0), 62500);
    CHECK_EQ(fake.armed, fake.now + MS);
    CHECK_EQ(board_run(fake.now + MS - 1, VECTOR), 0);
    CHECK_EQ(board_run(fake.now + 1, VECTOR), 1);
    CHECK_EQ(board_run(fake.now + SECOND, VECTOR), 0);
    CHECK_EQ(board_run(68 * SECOND, VECTOR), 0);
    CHECK_EQ(board_run(fake.now + 10 * SECOND, VECTOR), 1); /* 32 bits come round in 68.7 s */
    set32(COMPARATOR(0), (uint32_t)get(COUNTER) - 100); /* just missed: now */
    CHECK_EQ(board_run(fake.now, VECTOR), 1);
    set32(COMPARATOR(0), (uint32_t)get(COUNTER) - 100000); /* long past: the next time round */
    CHECK_EQ(board_run(fake.now + 60 * SECOND, VECTOR), 0);
    CHECK_EQ(board_run(fake.now + 10 * SECOND, VECTOR), 1);
}

TEST(one_shot_of_64_bits)
{
    start_running();
    set(TIMER(1), ENABLED | ROUTE(20));
    set(COMPARATOR(1), 5 * 62500000000ULL);
    CHECK_EQ(board_run(fake.now + 4999 * SECOND, VECTOR), 0);
    CHECK_EQ(board_run(fake.now + SECOND, VECTOR), 1);
    CHECK_EQ(fake.armed, VTICK_NEVER);
    set(COMPARATOR(1), 1); /* past: in ten thousand years */
    CHECK_EQ(fake.armed, VTICK_NEVER);
    set(COMPARATOR(1), UINT64_MAX);
    CHECK_EQ(fake.armed, VTICK_NEVER);
}

/* As Linux: accumulator, then period. */
TEST(periodic)
{
    start_running();
    set32(TIMER(0), ENABLED | PERIODIC | SET_VALUE | WIDTH_32 | ROUTE(20));
    set32(COMPARATOR(0), 1000 + 62500);
    fake.now += 1000;
    set32(COMPARATOR(0), 62500);
    CHECK_EQ(get(TIMER(0)) & SET_VALUE, 0);
    CHECK_EQ(get(COMPARATOR(0)), 63500);
    CHECK_EQ(fake.armed - fake.now, 63500 * 16 - 1000);
    CHECK_EQ(board_run(fake.now + 2 * MS, VECTOR), 1);
    CHECK_EQ(get(COMPARATOR(0)), 63500 + 62500);
    CHECK_EQ(board_run(fake.now + SECOND, VECTOR), 1000);
    set32(TIMER(0), PERIODIC | WIDTH_32 | ROUTE(20)); /* goes on silently */
    CHECK_EQ(board_run(fake.now + SECOND, VECTOR), 0);
    CHECK((uint32_t)(get(COMPARATOR(0)) - get(COUNTER)) <= 62500);
    CHECK_EQ((get(COMPARATOR(0)) - 63500) % 62500, 0);
    set32(TIMER(0), ENABLED | PERIODIC | WIDTH_32 | ROUTE(20));
    CHECK_EQ(board_run(fake.now + SECOND, VECTOR), 1000);
}

TEST(periodic_and_width_may_change_under_way)
{
    start_running();
    set(TIMER(0), ENABLED | PERIODIC | SET_VALUE | ROUTE(20));
    set(COMPARATOR(0), 62500);
    CHECK_EQ(board_run(fake.now + 10 * MS, VECTOR), 10);
    set(TIMER(0), ENABLED | ROUTE(20));
    CHECK_EQ(board_run(fake.now + 10 * MS, VECTOR), 1);
    CHECK_EQ(fake.armed, VTICK_NEVER);
    set(TIMER(0), ENABLED | WIDTH_32 | ROUTE(20));
    CHECK_EQ(board_run(fake.now + 68 * SECOND, VECTOR), 0);
    CHECK_EQ(board_run(fake.now + SECOND, VECTOR), 1);
}

/* Those who write the comparator only once mean both. */
TEST(periodic_by_one_write)
{
    start_running();
    set(CONFIG, 0);
    set(COUNTER, 0);
    set(TIMER(2), ENABLED | PERIODIC | SET_VALUE | ROUTE(20));
    set(COMPARATOR(2), 625000);
    set(CONFIG, 1);
    CHECK_EQ(board_run(fake.now + SECOND, VECTOR), 100);
}

TEST(no_drift_in_hours)
{
    static const uint32_t periods[] = {62501, 976563, 20833};

    for (unsigned int i = 0; i < 3; i++) {
        uint64_t ticks = i == 1 ? 4 * HOUR / 16 / periods[i] : 1000000;

        start_running();
        set32(TIMER(0), ENABLED | PERIODIC | SET_VALUE | WIDTH_32 | ROUTE(20));
        set32(COMPARATOR(0), periods[i]);
        CHECK_EQ(board_run(fake.now + (ticks * periods[i] + 1) * 16, VECTOR), ticks);
        CHECK_EQ(get(COMPARATOR(0)), (uint32_t)((ticks + 1) * periods[i]));
    }
}

TEST(no_period_is_no_loop)
{
    start_running();
    for (unsigned int width = 0; width <= WIDTH_32; width += WIDTH_32) {
        set(TIMER(0), ENABLED | PERIODIC | SET_VALUE | width | ROUTE(20));
        set(COMPARATOR(0), 0);
        CHECK(board_run(fake.now + SECOND, VECTOR) <= 1);
    }
    set(TIMER(0), ENABLED | PERIODIC | ROUTE(20));
    set(COMPARATOR(0), 1);
    fake.expiries = 0;
    fake.asleep = true;
    (void)board_run(fake.now + SECOND, VECTOR);
    CHECK(fake.expiries <= SECOND / VTICK_FLOOR_NS + 1);
}

TEST(level_interrupts)
{
    start_running();
    pin_write(21, PIN_LEVEL | VECTOR, 0);
    set(TIMER(2), ENABLED | LEVEL | ROUTE(21));
    set(COMPARATOR(2), 1000);
    CHECK_EQ(board_run(fake.now + MS, VECTOR), 1);
    CHECK_EQ(get(STATUS), 4);
    CHECK(vgsi_asserted(&board, 21));
    platform_eoi(&board, VECTOR);
    CHECK_EQ(board_take(VECTOR), 1); /* the guest has not cleared it */
    set32(STATUS, 3);
    CHECK_EQ(get(STATUS), 4);
    set32(STATUS, 4);
    CHECK_EQ(get(STATUS), 0);
    CHECK(!vgsi_asserted(&board, 21));
    platform_eoi(&board, VECTOR);
    CHECK_EQ(board_take(VECTOR), 0);
    set(TIMER(2), LEVEL | ROUTE(21)); /* status without interrupt */
    set(COMPARATOR(2), get(COUNTER) + 1000);
    (void)board_run(fake.now + MS, VECTOR);
    CHECK_EQ(get(STATUS), 4);
    CHECK(!vgsi_asserted(&board, 21));
    set(TIMER(2), LEVEL | ENABLED | ROUTE(21));
    CHECK(vgsi_asserted(&board, 21));
    set(TIMER(2), ENABLED | ROUTE(21)); /* edges have no status */
    CHECK_EQ(get(STATUS), 0);
    CHECK(!vgsi_asserted(&board, 21));
}

TEST(legacy_replacement)
{
    start_running();
    pin_write(2, 0x30, 0);
    pin_write(8, 0x38, 0);
    out(0x43, 0x34), out(0x40, 0xa9), out(0x40, 0x04); /* the 8254 at 1 kHz */
    CHECK_EQ(board_run(fake.now + 100 * MS, 0x30), 100);
    set(CONFIG, 3);
    CHECK_EQ(board_run(fake.now + 100 * MS, 0x30), 0);
    set(TIMER(0), ENABLED | PERIODIC | SET_VALUE);
    set(COMPARATOR(0), 62500 * 10);
    set(TIMER(1), ENABLED);
    set(COMPARATOR(1), get(COUNTER) + 62500);
    set(TIMER(2), ENABLED | ROUTE(20)); /* has its own route all the same */
    set(COMPARATOR(2), get(COUNTER) + 62500);
    CHECK_EQ(board_run(fake.now + 100 * MS, 0x30), 10);
    CHECK_EQ(fake.by_vector[VECTOR], 1);
    CHECK_EQ(fake.by_vector[0x38], 1);
    set(CONFIG, 1);
    CHECK_EQ(board_run(fake.now + 100 * MS, 0x30), 100);
}

TEST(missed_ticks_by_mode)
{
    static const unsigned int want[] = {20, 20, 1, 1};

    for (uint8_t mode = 0; mode < 4; mode++) {
        start_running();
        platform_param(&board, HVM_PARAM_TIMER_MODE, mode);
        set(TIMER(0), ENABLED | PERIODIC | SET_VALUE | ROUTE(20));
        set(COMPARATOR(0), 625000);
        fake.asleep = true;
        (void)board_run(fake.now + 205 * MS, VECTOR);
        CHECK_EQ(board_take(VECTOR), want[mode]);
    }
}

TEST(absent_when_not_wanted)
{
    uint64_t value;

    start_running();
    set(TIMER(0), ENABLED | PERIODIC | SET_VALUE | ROUTE(20));
    set(COMPARATOR(0), 625000);
    platform_param(&board, HVM_PARAM_HPET_ENABLED, 0);
    CHECK(!platform_mmio(&board, VHPET_BASE, 8, false, &value));
    CHECK_EQ(fake.armed, VTICK_NEVER);
    platform_param(&board, HVM_PARAM_HPET_ENABLED, 1);
    CHECK(platform_mmio(&board, VHPET_BASE + 0x3f8, 8, false, &value));
    CHECK(!platform_mmio(&board, VHPET_BASE + 0x400, 8, false, &value));
}

TEST(saved_and_loaded)
{
    uint64_t count, comparator;

    start_running();
    pin_write(21, PIN_LEVEL | 0x71, 0);
    set(TIMER(0), ENABLED | PERIODIC | SET_VALUE | ROUTE(20));
    set(COMPARATOR(0), 625000);
    set(TIMER(1), ENABLED | LEVEL | ROUTE(21));
    set(COMPARATOR(1), 1000);
    (void)board_run(fake.now + 15 * MS, VECTOR);
    count = get(COUNTER);
    comparator = get(COMPARATOR(0));
    CHECK(board_reload());
    CHECK_EQ(get(COUNTER), count);
    CHECK_EQ(get(COMPARATOR(0)), comparator);
    CHECK_EQ(get(STATUS), 2);
    CHECK(vgsi_asserted(&board, 21));
    CHECK_EQ(fake.armed, fake.now + 5 * MS);
    CHECK_EQ(board_run(fake.now + 100 * MS, VECTOR), 10);
    set(STATUS, 2);
    CHECK(!vgsi_asserted(&board, 21));
}

TEST(what_is_overdue_is_not_lost_in_saving)
{
    start_running();
    set(TIMER(0), ENABLED | ROUTE(20));
    set(COMPARATOR(0), 62500);
    fake.now += 2 * MS; /* the host's timer is late */
    CHECK(board_reload());
    CHECK_EQ(board_run(fake.now + SECOND, VECTOR) + board_take(VECTOR), 1);
}

TEST(records_that_are_no_state)
{
    static struct hvm_hw_hpet good, bad;

    start_running();
    CHECK_EQ(platform_save(&board, HVM_SAVE_CODE(HPET), 0, &good), sizeof good);
    bad = good, bad.capability++;
    CHECK_EQ(platform_load(&board, HVM_SAVE_CODE(HPET), 0, &bad, sizeof bad), -22);
    bad = good, bad.timers[1].config |= ROUTE(31);
    CHECK_EQ(platform_load(&board, HVM_SAVE_CODE(HPET), 0, &bad, sizeof bad), -22);
    bad = good;
    bad.config = bad.isr = bad.res0 = bad.mc64 = ~0ULL;
    for (unsigned int n = 0; n < 3; n++) {
        bad.timers[n].config = ~0ULL & ~ROUTE(31ULL); /* 32 bits, periodic */
        bad.timers[n].cmp = bad.period[n] = ~0ULL << n * 20;
    }
    CHECK_EQ(platform_load(&board, HVM_SAVE_CODE(HPET), 0, &bad, sizeof bad), 0);
    platform_loaded(&board);
    CHECK_EQ(get(CONFIG), 3);
    CHECK_EQ(get(STATUS), 7);
    (void)board_run(fake.now + 100 * SECOND, VECTOR);
    CHECK(get(COMPARATOR(0)) <= UINT32_MAX);
}
