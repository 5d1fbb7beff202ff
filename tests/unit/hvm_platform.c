/* SPDX-License-Identifier: BSD-2-Clause */
/* The PM timer and its events, and what the devices are as one: ports, params, records. */
/* sources: hypervisor/hvm/dev/vtick.c hypervisor/hvm/dev/vmsi.c hypervisor/hvm/dev/vgsi.c */
/* sources: hypervisor/hvm/dev/vpic.c hypervisor/hvm/dev/vioapic.c hypervisor/hvm/dev/vpit.c */
/* sources: hypervisor/hvm/dev/vrtc.c hypervisor/hvm/dev/vhpet.c hypervisor/hvm/dev/vpm.c */
/* sources: hypervisor/hvm/dev/platform.c hypervisor/time/calendar.c hypervisor/time/rtc.c */
#include "tests/unit/check.h"
#include "tests/unit/hvm_board.h"

#define STATUS 0xb000
#define ENABLE 0xb002
#define TIMER 0xb008
#define SCI BIT(9)

static uint32_t read_port(uint16_t port, unsigned int bytes)
{
    uint32_t value = 0;

    return platform_port(&board, port, bytes, false, &value) ? value : 0xdeadbeef;
}

static void write_port(uint16_t port, unsigned int bytes, uint32_t value)
{
    (void)platform_port(&board, port, bytes, true, &value);
}

static bool has_port(uint16_t port, unsigned int bytes)
{
    uint32_t value = 0;

    return platform_port(&board, port, bytes, false, &value);
}

TEST(timer)
{
    uint32_t first;

    board_start();
    fake.now = 6 * SECOND;
    platform_reset(&board);
    CHECK_EQ(read_port(TIMER, 4), 0);
    fake.now = 7 * SECOND;
    first = read_port(TIMER, 4);
    CHECK_EQ(first, 3579545);
    CHECK_EQ(read_port(TIMER, 2), first & 0xffff);
    CHECK_EQ(read_port(TIMER + 2, 1), first >> 16 & 0xff);
    write_port(TIMER, 4, 0);
    CHECK_EQ(read_port(TIMER, 4), first);
    fake.now = 6 * SECOND + 10 * HOUR;
    CHECK_EQ(read_port(TIMER, 4), (uint32_t)(36000 * 3579545ULL));
}

TEST(overflow)
{
    board_start();
    (void)read_port(STATUS, 2);
    fake.now += 700 * SECOND; /* past 2^31 clocks once */
    CHECK_EQ(read_port(STATUS, 2), VPM_TIMER);
    CHECK_EQ(board.gsi.level, 0);
    write_port(ENABLE, 2, VPM_TIMER);
    CHECK_EQ(board.gsi.level, SCI);
    write_port(STATUS, 2, VPM_TIMER);
    CHECK_EQ(read_port(STATUS, 2), 0);
    CHECK_EQ(board.gsi.level, 0);
    fake.expiries = 0;
    for (unsigned int i = 0; i < 10; i++) {
        (void)board_run(fake.now + 600 * SECOND, 0);
        CHECK_EQ(board.gsi.level, SCI);
        write_port(STATUS, 1, VPM_TIMER);
        CHECK_EQ(board.gsi.level, 0);
    }
    CHECK_EQ(fake.expiries, 10);
}

TEST(buttons)
{
    board_start();
    pin_write(9, PIN_LEVEL | 0x39, 0);
    write_port(ENABLE, 2, 0xffff);
    CHECK_EQ(read_port(ENABLE, 2), 0x0721);
    CHECK_EQ(read_port(ENABLE + 1, 1), 0x07);
    platform_button(&board, VPM_POWER_BUTTON);
    CHECK_EQ(read_port(STATUS, 2), VPM_POWER_BUTTON);
    CHECK_EQ(fake.by_vector[0x39], 1);
    write_port(STATUS + 1, 1, 0x01);
    CHECK_EQ(read_port(STATUS, 2), 0);
    CHECK_EQ(platform_eoi(&board, 0x39), SCI);
    CHECK_EQ(fake.by_vector[0x39], 1);
    platform_button(&board, VPM_SLEEP_BUTTON | 0x4000);
    CHECK_EQ(read_port(STATUS, 4), VPM_SLEEP_BUTTON | 0x0721 << 16);
    platform_isa_set(&board, 9, true); /* the device model's share of the line */
    write_port(STATUS, 2, 0xffff);
    CHECK_EQ(board.gsi.level, SCI);
    platform_isa_set(&board, 9, false);
    CHECK_EQ(board.gsi.level, 0);
}

TEST(where_the_block_is)
{
    board_start();
    CHECK(has_port(TIMER, 4) && has_port(STATUS, 4) && !has_port(0x1f48, 4));
    CHECK(!has_port(0xb004, 2) && !has_port(0xb004, 4)); /* PM1a control: the device model's */
    CHECK(!has_port(0xb00a, 4) && !has_port(0xb00c, 1) && !has_port(0xafff, 1));
    CHECK_EQ(platform_param(&board, HVM_PARAM_ACPI_IOPORTS_LOCATION, 0), 0);
    CHECK(has_port(0x1f48, 4) && has_port(0x1f40, 2) && !has_port(TIMER, 4));
    CHECK_EQ(platform_param(&board, HVM_PARAM_ACPI_IOPORTS_LOCATION, 2), -22);
    CHECK_EQ(platform_param(&board, HVM_PARAM_STORE_PFN, 2), -2);
}

TEST(whose_ports_are_whose)
{
    static const uint16_t ours[] = {0x20, 0x21, 0x40, 0x41, 0x42,  0x43,  0x61,
                                    0x71, 0xa0, 0xa1, 0x4d0, 0x4d1};
    unsigned int count = 0;

    board_start();
    for (unsigned int i = 0; i < sizeof ours / sizeof *ours; i++)
        CHECK(has_port(ours[i], 1));
    for (unsigned int port = 0; port < 65536; port++)
        count += has_port((uint16_t)port, 1);
    CHECK_EQ(count, sizeof ours / sizeof *ours + 8);
    CHECK(has_port(0x20, 2) && has_port(0x4d0, 2) && has_port(0x40, 4));
    CHECK(!has_port(0x21, 2) && !has_port(0x20, 4) && !has_port(0x60, 2) && !has_port(0x61, 2));
    CHECK(!has_port(0xffff, 2) && !has_port(0xfffe, 4) && !has_port(0x20, 3) && !has_port(0x20, 0));
    write_port(0x4d0, 2, 0xffff);
    CHECK_EQ(read_port(0x4d0, 2), 0xdef8);
    platform_init(&board, &fake_ops, 0);
    for (unsigned int port = 0; port < 65536; port++)
        CHECK(!has_port((uint16_t)port, 1));
    CHECK_EQ(platform_save(&board, HVM_SAVE_CODE(PIT), 0, &count), -2);
    CHECK_EQ(platform_load(&board, HVM_SAVE_CODE(PIT), 0, &count, sizeof(struct hvm_hw_pit)), -2);
}

TEST(records_are_ours_and_no_others)
{
    static const struct {
        uint16_t code, instances;
        size_t bytes;
    } ours[] = {{3, 2, 8},  {4, 1, 400}, {7, 1, 16},   {8, 1, 8}, {9, 1, 8},
                {10, 1, 56}, {11, 1, 24}, {12, 1, 1048}, {13, 1, 8}};
    static uint8_t buffer[PLATFORM_RECORD_MAX], again[PLATFORM_RECORD_MAX];
    unsigned int found = 0;

    board_start();
    for (uint16_t code = 0; code < 64; code++)
        for (uint16_t i = 0; i < 4; i++) {
            int bytes = platform_save(&board, code, i, buffer);

            if (bytes < 0) {
                CHECK_EQ(bytes, -2);
                CHECK_EQ(platform_load(&board, code, i, buffer, 8), -2);
                continue;
            }
            found++;
            for (unsigned int k = 0; k < sizeof ours / sizeof *ours; k++)
                if (ours[k].code == code)
                    CHECK(i < ours[k].instances && (size_t)bytes == ours[k].bytes);
            CHECK_EQ(platform_load(&board, code, i, buffer, (size_t)bytes), 0);
            platform_loaded(&board);
            CHECK_EQ(platform_save(&board, code, i, again), bytes);
            CHECK(!memcmp(buffer, again, (size_t)bytes));
        }
    CHECK_EQ(found, 10);
}

TEST(pm_saved_and_loaded)
{
    uint32_t timer;

    board_start();
    write_port(ENABLE, 2, VPM_TIMER | VPM_POWER_BUTTON);
    platform_button(&board, VPM_POWER_BUTTON);
    CHECK(board_reload());
    fake.now += 600 * MS;
    timer = read_port(TIMER, 4);
    CHECK(board_reload());
    CHECK_EQ(read_port(TIMER, 4), timer);
    CHECK_EQ(read_port(STATUS, 4), VPM_POWER_BUTTON | (VPM_TIMER | VPM_POWER_BUTTON) << 16);
    CHECK_EQ(board.gsi.level, SCI);
    write_port(STATUS, 2, VPM_POWER_BUTTON);
    CHECK_EQ(board.gsi.level, 0); /* the line in the record was ours */
    (void)board_run(fake.now + 600 * SECOND, 0);
    CHECK_EQ(board.gsi.level, SCI);
}

TEST(nothing_is_told_while_records_come_in)
{
    struct hvm_hw_isa_irqs isa = {.pad = {0xffff}};
    struct hvm_hw_vpic pic = {.is_master = 1, .irr = 0xff};

    board_start();
    for (unsigned int pin = 0; pin < 48; pin++)
        pin_write(pin, PIN_LEVEL | (0x30 + pin), 0);
    CHECK_EQ(platform_load(&board, HVM_SAVE_CODE(ISA_IRQ), 0, &isa, sizeof isa), 0);
    CHECK_EQ(platform_load(&board, HVM_SAVE_CODE(PIC), 0, &pic, sizeof pic), 0);
    platform_isa_set(&board, 5, false);
    CHECK_EQ(fake.delivered, 0);
    CHECK(!fake.pic);
    platform_loaded(&board);
    CHECK(fake.pic);
    CHECK_EQ(fake.delivered, 14); /* neither the cascade nor the one that fell */
}

TEST(reset)
{
    board_start();
    pin_write(5, PIN_LEVEL | 0x35, 0);
    out(0x43, 0x34), out(0x40, 0xa9), out(0x40, 0x04);
    out(0x4d0, 0x20);
    platform_isa_set(&board, 5, true);
    CHECK(fake.armed != VTICK_NEVER);
    platform_reset(&board);
    CHECK_EQ(fake.armed, VTICK_NEVER);
    CHECK_EQ(pin_read(5), PIN_MASKED);
    CHECK(vgsi_asserted(&board, 5)); /* the wire is the device model's */
    CHECK(has_port(TIMER, 4));
    out(0x43, 0x34), out(0x40, 0xa9), out(0x40, 0x04);
    platform_destroy(&board);
    CHECK_EQ(fake.armed, VTICK_NEVER);
}
