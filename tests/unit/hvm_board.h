/* SPDX-License-Identifier: BSD-2-Clause */
/* A board of emulated devices with a clock the test turns, and local APICs that only note. */
#pragma once

#include "hvm/dev/platform.h"

#include <xen/hvm/params.h>

#define MS 1000000ULL
#define SECOND 1000000000ULL
#define HOUR (3600 * SECOND)

static struct {
    uint64_t now, wall; /* wall: what it was at now == 0 */
    uint64_t armed;
    unsigned int expiries;
    bool refuse;             /* no local APIC takes anything */
    bool asleep;             /* the vCPU does not take what it gets */
    unsigned int delivered, by_vector[256], unanswered[256];
    struct vmsi_message last;
    bool pic;
    int64_t offset, moved;
} fake;

static struct platform board;

static uint64_t fake_now(struct platform *p)
{
    (void)p;
    return fake.now;
}

static uint64_t fake_wall(struct platform *p)
{
    (void)p;
    return fake.wall + fake.now;
}

static void fake_arm(struct platform *p, uint64_t deadline)
{
    (void)p;
    fake.armed = deadline;
}

static bool fake_deliver(struct platform *p, const struct vmsi_message *m)
{
    (void)p;
    if (fake.refuse)
        return false;
    fake.delivered++;
    fake.by_vector[m->vector]++;
    fake.unanswered[m->vector] = 1; /* one bit of IRR: a second is lost in it */
    fake.last = *m;
    return true;
}

static void fake_pic(struct platform *p, bool asserted)
{
    (void)p;
    fake.pic = asserted;
}

static void fake_clock_set(struct platform *p, int64_t offset, int64_t by)
{
    (void)p;
    fake.offset = offset;
    fake.moved += by;
}

static const struct platform_ops fake_ops = {
    .now = fake_now,
    .wall = fake_wall,
    .arm = fake_arm,
    .deliver = fake_deliver,
    .pic_output = fake_pic,
    .clock_set = fake_clock_set,
};

unused static void board_start(void)
{
    memset(&fake, 0, sizeof fake);
    fake.now = 5 * SECOND + 123456789;
    fake.wall = 1700000000 * SECOND;
    fake.armed = VTICK_NEVER;
    platform_init(&board, &fake_ops, XEN_X86_EMU_ALL & ~XEN_X86_EMU_VPCI);
    (void)platform_param(&board, HVM_PARAM_ACPI_IOPORTS_LOCATION, 1);
    (void)platform_param(&board, HVM_PARAM_TIMER_MODE, HVMPTM_no_delay_for_missed_ticks);
}

/* The vCPU takes what its local APIC holds. */
unused static unsigned int board_take(uint8_t vector)
{
    unsigned int taken = 0;

    while (fake.unanswered[vector]) {
        fake.unanswered[vector] = 0;
        taken++;
        platform_taken(&board, vector);
    }
    return taken;
}

/* Time goes to @ns; the host's timer is punctual. Returns how often @vector was taken. */
unused static unsigned int board_run(uint64_t ns, uint8_t vector)
{
    unsigned int taken = 0;

    while (fake.armed <= ns) {
        if (fake.now < fake.armed)
            fake.now = fake.armed;
        fake.armed = VTICK_NEVER;
        fake.expiries++;
        platform_expire(&board);
        if (!fake.asleep)
            taken += board_take(vector);
    }
    fake.now = ns;
    return taken;
}

unused static void out(uint16_t port, uint8_t value)
{
    uint32_t v = value;

    (void)platform_port(&board, port, 1, true, &v);
}

unused static uint8_t in(uint16_t port)
{
    uint32_t v = 0xffffffff;

    return platform_port(&board, port, 1, false, &v) ? (uint8_t)v : 0xff;
}

unused static void mmio_write(uint64_t gpa, unsigned int bytes, uint64_t value)
{
    (void)platform_mmio(&board, gpa, bytes, true, &value);
}

unused static uint64_t mmio_read(uint64_t gpa, unsigned int bytes)
{
    uint64_t value = 0;

    (void)platform_mmio(&board, gpa, bytes, false, &value);
    return value;
}

/* An IOAPIC pin's entry: vector and flags as in the data sheet. */
#define PIN_MASKED 0x10000u
#define PIN_LEVEL 0x8000u

unused static void pin_write(unsigned int pin, uint32_t low, uint8_t dest)
{
    mmio_write(VIOAPIC_BASE, 4, 0x11 + pin * 2);
    mmio_write(VIOAPIC_BASE + 0x10, 4, (uint32_t)dest << 24);
    mmio_write(VIOAPIC_BASE, 4, 0x10 + pin * 2);
    mmio_write(VIOAPIC_BASE + 0x10, 4, low);
}

unused static uint32_t pin_read(unsigned int pin)
{
    mmio_write(VIOAPIC_BASE, 4, 0x10 + pin * 2);
    return (uint32_t)mmio_read(VIOAPIC_BASE + 0x10, 4);
}

/* All records out and into a new board of the same time. */
unused static bool board_reload(void)
{
    static uint8_t buffer[16][2][PLATFORM_RECORD_MAX];
    int length[16][2];
    uint8_t mode = board.policy.mode;
    bool good = true;

    for (uint16_t code = 0; code < 16; code++)
        for (uint16_t i = 0; i < 2; i++)
            length[code][i] = platform_save(&board, code, i, buffer[code][i]);
    fake.pic = false;
    fake.armed = VTICK_NEVER;
    platform_init(&board, &fake_ops, XEN_X86_EMU_ALL & ~XEN_X86_EMU_VPCI);
    (void)platform_param(&board, HVM_PARAM_ACPI_IOPORTS_LOCATION, 1);
    (void)platform_param(&board, HVM_PARAM_TIMER_MODE, mode);
    for (uint16_t code = 0; code < 16; code++)
        for (uint16_t i = 0; i < 2; i++)
            if (length[code][i] >= 0 &&
                platform_load(&board, code, i, buffer[code][i], (size_t)length[code][i]))
                good = false;
    platform_loaded(&board);
    return good;
}
