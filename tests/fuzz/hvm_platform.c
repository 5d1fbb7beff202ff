/* SPDX-License-Identifier: BSD-2-Clause */
/* A hostile guest, device model and toolstack at the emulated devices; what must always be true. */
/* sources: hypervisor/hvm/dev/vtick.c hypervisor/hvm/dev/vmsi.c hypervisor/hvm/dev/vgsi.c */
/* sources: hypervisor/hvm/dev/vpic.c hypervisor/hvm/dev/vioapic.c hypervisor/hvm/dev/vpit.c */
/* sources: hypervisor/hvm/dev/vrtc.c hypervisor/hvm/dev/vhpet.c hypervisor/hvm/dev/vpm.c */
/* sources: hypervisor/hvm/dev/platform.c hypervisor/time/calendar.c hypervisor/time/rtc.c */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/hvm_board.h"

#define PROMISE(condition)                                             \
    do {                                                               \
        if (!(condition)) {                                            \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
            abort();                                                   \
        }                                                              \
    } while (0)

/* A short input goes on for some steps with numbers that follow from it: few bytes lead far. */
#define STEPS_BEYOND 40

static const uint8_t *input, *input_end;
static uint64_t beyond;

static uint8_t take_byte(void)
{
    if (input < input_end) {
        beyond = (beyond ^ *input) * 0x100000001b3;
        return *input++;
    }
    beyond ^= beyond << 13;
    beyond ^= beyond >> 7;
    beyond ^= beyond << 17;
    return (uint8_t)(beyond >> 24);
}

static uint64_t take(unsigned int bytes)
{
    uint64_t value = 0;

    for (unsigned int i = 0; i < bytes; i++)
        value |= (uint64_t)take_byte() << i * 8;
    return value;
}

/* Up to some ten years, small steps as likely as large ones. */
static uint64_t take_duration(void)
{
    unsigned int magnitude = (unsigned int)take(1) % 59;

    return take(8) & bits_low(magnitude);
}

static void check_tick(const struct vtick *t)
{
    PROMISE(t->owed <= VTICK_OWED_MAX);
    PROMISE(!t->in_flight || t->period);
}

static void check_pic(void)
{
    for (unsigned int i = 0; i < 2; i++) {
        const struct hvm_hw_vpic *c = &board.pic.chip[i];

        PROMISE(c->priority_add < 8 && !(c->irq_base & 7) && c->is_master == !i);
        PROMISE(c->int_output < 2);
    }
    PROMISE(fake.pic == board.pic.chip[0].int_output);
}

static void check_ioapic(void)
{
    for (unsigned int pin = 0; pin < VIOAPIC_NUM_PINS; pin++) {
        const union vioapic_redir_entry *e = &board.ioapic.hw.redirtbl[pin];
        bool level = e->fields.trig_mode && e->fields.delivery_mode <= VMSI_LOWEST;

        PROMISE(!e->fields.remote_irr || level);
        PROMISE(!e->fields.delivery_status);
        if (!fake.refuse && level && !e->fields.mask && vgsi_asserted(&board, pin))
            PROMISE(e->fields.remote_irr);
    }
}

static void check_all(void)
{
    uint64_t earliest = VTICK_NEVER;

    check_tick(&board.pit.tick);
    check_tick(&board.rtc.tick);
    earliest = min(board.pit.tick.deadline, board.rtc.tick.deadline);
    earliest = min(earliest, min(board.rtc.deadline, board.pm.deadline));
    for (unsigned int n = 0; n < HPET_TIMER_NUM; n++) {
        check_tick(&board.hpet.tick[n]);
        earliest = min(earliest, board.hpet.tick[n].deadline);
        PROMISE(!board.hpet.hw.timers[n].config ==
                !(board.hpet.hw.timers[n].config & 0x00f0000000000030));
    }
    PROMISE(fake.armed == earliest);
    for (unsigned int i = 0; i < 3; i++) {
        PROMISE(board.pit.hw.channels[i].count - 1 < 65536);
        PROMISE(board.pit.hw.channels[i].mode < 6);
    }
    PROMISE(!(board.gsi.level & 1) && !(board.gsi.level >> VGSI_COUNT));
    PROMISE(!board.gsi.own[VGSI_PULSE]);
    PROMISE(board.hpet.hw.isr || !board.gsi.own[VGSI_HPET]);
    PROMISE(board.gsi.loading || (board.pm.hw.pm1a_sts & board.pm.hw.pm1a_en & 0x721) ||
            !board.gsi.own[VGSI_PM]);
    PROMISE(board.rtc.hw.cmos_index < 128);
    check_pic();
    if (!board.gsi.loading)
        check_ioapic();
}

static void port_access(void)
{
    static const uint16_t ports[] = {0x20, 0x21, 0xa0, 0xa1, 0x4d0, 0x4d1, 0x40, 0x41, 0x42, 0x43,
                                     0x61, 0x70, 0x71, 0xb000, 0xb002, 0xb004, 0xb008, 0x1f40};
    unsigned int which = (unsigned int)take(1), bytes = 1u << take(1) % 8 / 3;
    uint16_t port = which < 18 * 14 ? ports[which % 18] : (uint16_t)take(2);
    bool write = take(1) & 1;
    uint32_t value = write ? (uint32_t)take(bytes) : 0xa5a5a5a5;

    if (platform_port(&board, port, bytes, write, &value) && !write)
        PROMISE(bytes == 4 || value >> bytes * 8 == 0);
}

/* Registers which mean something, more often than others. */
static void memory_access(void)
{
    static const uint32_t hpet[] = {0x10, 0x20, 0xf0, 0x100, 0x108, 0x120, 0x128, 0x140, 0x148};
    unsigned int how = (unsigned int)take(1), bytes = 1u << (take(1) & 3);
    uint64_t gpa = VHPET_BASE + hpet[how % 9], value;
    bool write = take(1) & 1;

    if (how >= 180)
        gpa = VIOAPIC_BASE + (how & 1) * 0x10;
    if (how >= 240)
        gpa = (how & 1 ? VHPET_BASE : VIOAPIC_BASE) + take(2);
    if (how < 230)
        bytes = bytes < 4 ? 4 : bytes;
    value = write ? take(bytes) : 0;
    (void)platform_mmio(&board, gpa, bytes, write, &value);
}

static const struct vtick *const ticks[] = {&board.pit.tick, &board.rtc.tick, &board.hpet.tick[0],
                                            &board.hpet.tick[1], &board.hpet.tick[2]};

/* The host's timer fires: no periodic source wants it again too soon. */
static void timer_fires(void)
{
    uint64_t due[5];

    for (unsigned int i = 0; i < 5; i++)
        due[i] = ticks[i]->due;
    fake.armed = VTICK_NEVER;
    platform_expire(&board);
    PROMISE(fake.armed > fake.now);
    for (unsigned int i = 0; i < 5; i++)
        PROMISE(ticks[i]->due == due[i] || !ticks[i]->period ||
                ticks[i]->deadline >= fake.now + VTICK_FLOOR_NS);
}

/* Time passes with the host's timer late, or in time: then many looks are many ms. */
static void time_passes(void)
{
    uint64_t end = fake.now + take_duration();
    unsigned int looks = 0;

    if (take(1) & 1) {
        fake.now = end;
        timer_fires();
        return;
    }
    while (fake.armed <= end && looks < 200) {
        fake.now = max(fake.now, fake.armed);
        timer_fires();
        looks++;
    }
}

static void load_record(void)
{
    static const uint16_t codes[] = {3, 4, 7, 8, 9, 10, 11, 12, 13, 5};
    uint16_t code = codes[take(1) % 10], instance = take(1) & 1;
    uint8_t record[PLATFORM_RECORD_MAX];
    int bytes = platform_save(&board, code, instance, record), patches;

    if (bytes < 0)
        return;
    patches = (int)(take(1) % 16);
    for (int i = 0; i < patches; i++)
        record[take(2) % (unsigned int)bytes] = (uint8_t)(take(1) & 1 ? take(1) : 0);
    if (patches == 15) { /* or all of it is nonsense */
        memset(record, 0, sizeof record);
        for (int i = 0; i < bytes; i++)
            record[i] = (uint8_t)take(1);
    }
    (void)!platform_load(&board, code, instance, record, (size_t)bytes);
    if (take(1) & 3) {
        platform_loaded(&board);
        PROMISE(fake.armed >= fake.now);
    }
}

static void reload_all(void)
{
    uint64_t level = board.gsi.level;

    if (board.gsi.loading || board.gsi.callback_asserted || board.gsi.own[VGSI_DIRECT])
        return; /* these are not in records */
    PROMISE(board_reload()); /* what we save we load */
    PROMISE(board.gsi.level == level);
}

/* An entry that is likely to mean something, on one of few pins. */
static void ioapic_entry(void)
{
    static const uint8_t pins[] = {2, 8, 9, 16, 20, 21, 22, 23};
    uint32_t low = (uint32_t)take(1) | (take(1) & 1 ? PIN_LEVEL : 0);

    low |= (take(1) & 7 ? 0 : PIN_MASKED) | (take(1) & 7 ? 0 : (uint32_t)take(1) << 8);
    pin_write(pins[take(1) % 8], low, (uint8_t)take(1));
}

static void lines(void)
{
    bool level = take(1) & 1;

    switch (take(1) % 6) {
    case 0:
        (void)platform_gsi_set(&board, 8 + take(1) % 42, level);
        break;
    case 1:
        (void)platform_pci_set(&board, take(1) % 33, take(1) % 5, level);
        break;
    case 2:
        (void)platform_isa_set(&board, (unsigned int)take(1) % 17, level);
        break;
    case 3:
        (void)platform_link_route(&board, take(1) % 5, take(1) % 17);
        break;
    case 4:
        platform_callback(&board, level);
        break;
    default:
        platform_button(&board, (uint16_t)take(2));
        break;
    }
}

static void interrupts(void)
{
    uint8_t vector = (uint8_t)take(1);
    struct vmsi_message m;
    uint32_t pirq;

    switch (take(1) % 7) {
    case 5:
    case 6:
        ioapic_entry();
        break;
    case 0:
        (void)platform_intack(&board);
        break;
    case 1:
        (void)platform_eoi(&board, take(1) & 3 ? fake.last.vector : vector);
        break;
    case 2:
        (void)platform_msi(&board, 0xfee00000 ^ take(5), (uint32_t)take(2), &pirq);
        break;
    case 3:
        (void)platform_passes_pic(&board, &m);
        break;
    default: /* bounded: what is owed, and one in flight, of five sources */
        PROMISE(board_take(vector) <= 5 * (VTICK_OWED_MAX + 1));
        break;
    }
}

static void rest(void)
{
    static const uint32_t params[] = {HVM_PARAM_CALLBACK_IRQ, HVM_PARAM_TIMER_MODE,
                                      HVM_PARAM_HPET_ENABLED, HVM_PARAM_ACPI_IOPORTS_LOCATION, 1};

    switch (take(1) % 8) {
    case 0:
    case 1:
    case 2:
        (void)platform_param(&board, params[take(1) % 5], take(1) & 1 ? take(8) : take(1) % 5);
        break;
    case 3:
        platform_preempted(&board, take_duration());
        break;
    case 4: {
        uint64_t before = platform_guest_time(&board);

        PROMISE(before <= fake.now && platform_guest_time(&board) >= before);
        break;
    }
    case 5:
        (void)platform_time_offset(&board, (int64_t)take(8));
        break;
    case 6:
        fake.wall = take_duration();
        platform_wall_changed(&board);
        break;
    default:
        platform_reset(&board);
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    unsigned int more = STEPS_BEYOND;

    input = data;
    input_end = data + size;
    beyond = 0xcbf29ce484222325;
    board_start();
    while ((input < input_end || more--) && fake.now < UINT64_MAX / 4) {
        switch (take(1) % 16) {
        case 0 ... 4:
            port_access();
            break;
        case 5 ... 7:
            memory_access();
            break;
        case 8 ... 9:
            time_passes();
            break;
        case 10:
            lines();
            break;
        case 11 ... 12:
            interrupts();
            break;
        case 13:
            load_record();
            break;
        case 14:
            reload_all();
            break;
        default:
            rest();
            break;
        }
        check_all();
    }
    return 0;
}
