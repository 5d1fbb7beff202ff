/* SPDX-License-Identifier: BSD-2-Clause */
/* The 8259 pair: words, priorities against a model, polls, levels, save records. */
/* sources: hypervisor/hvm/dev/vtick.c hypervisor/hvm/dev/vmsi.c hypervisor/hvm/dev/vgsi.c */
/* sources: hypervisor/hvm/dev/vpic.c hypervisor/hvm/dev/vioapic.c hypervisor/hvm/dev/vpit.c */
/* sources: hypervisor/hvm/dev/vrtc.c hypervisor/hvm/dev/vhpet.c hypervisor/hvm/dev/vpm.c */
/* sources: hypervisor/hvm/dev/platform.c hypervisor/time/calendar.c hypervisor/time/rtc.c */
#include "tests/unit/check.h"
#include "tests/unit/hvm_board.h"

static void init_pics(uint8_t icw4)
{
    out(0x20, 0x11);
    out(0x21, 0x30);
    out(0x21, 0x04);
    out(0x21, icw4);
    out(0xa0, 0x11);
    out(0xa1, 0x38);
    out(0xa1, 0x02);
    out(0xa1, icw4);
    out(0x21, 0);
    out(0xa1, 0);
}

static void pulse(unsigned int irq)
{
    CHECK_EQ(platform_isa_set(&board, irq, true), 0);
    CHECK_EQ(platform_isa_set(&board, irq, false), 0);
}

static uint8_t isr(uint16_t port)
{
    out(port, 0x0b);
    return in(port);
}

static uint8_t irr(uint16_t port)
{
    out(port, 0x0a);
    return in(port);
}

TEST(vectors_and_masks)
{
    board_start();
    init_pics(1);
    CHECK(!fake.pic);
    pulse(1);
    CHECK(fake.pic);
    CHECK_EQ(irr(0x20), 2);
    CHECK_EQ(platform_intack(&board), 0x31);
    CHECK(!fake.pic);
    CHECK_EQ(isr(0x20), 2);
    CHECK_EQ(irr(0x20), 0);
    out(0x20, 0x20);
    CHECK_EQ(isr(0x20), 0);

    out(0x21, 0x10);
    CHECK_EQ(in(0x21), 0x10);
    pulse(4);
    CHECK(!fake.pic);
    out(0x21, 0);
    CHECK(fake.pic);
    CHECK_EQ(platform_intack(&board), 0x34);
}

TEST(slave_goes_through_the_cascade)
{
    board_start();
    init_pics(1);
    pulse(12);
    CHECK(fake.pic);
    CHECK_EQ(irr(0x20), 4);
    CHECK_EQ(platform_intack(&board), 0x3c);
    CHECK_EQ(isr(0x20), 4);
    CHECK_EQ(isr(0xa0), 0x10);
    pulse(10); /* more important, but the master still serves the slave */
    CHECK(!fake.pic);
    out(0x20, 0x62); /* specific end of 2 */
    CHECK(fake.pic);
    CHECK_EQ(platform_intack(&board), 0x3a);
    CHECK_EQ(isr(0xa0), 0x14);
    out(0xa0, 0x20);
    CHECK_EQ(isr(0xa0), 0x10);
}

TEST(special_fully_nested_mode_lets_the_slave_decide)
{
    board_start();
    init_pics(0x11);
    pulse(12);
    CHECK_EQ(platform_intack(&board), 0x3c);
    pulse(5); /* less important than the slave in service */
    CHECK(!fake.pic);
    pulse(13);
    CHECK(!fake.pic);
    pulse(10);
    CHECK(fake.pic);
    CHECK_EQ(platform_intack(&board), 0x3a);
    init_pics(0x11);
    out(0x20, 0xc1); /* the slave's input is the first, and silent */
    CHECK(!fake.pic);
}

TEST(spurious_interrupts)
{
    board_start();
    init_pics(1);
    pulse(3);
    out(0x21, 0x08); /* masked between the request and the acknowledge */
    CHECK_EQ(platform_intack(&board), 0x37);
    CHECK_EQ(isr(0x20), 0);
    pulse(11);
    out(0xa1, 0x08);
    CHECK(!fake.pic);
    CHECK_EQ(platform_intack(&board), 0x37);
}

TEST(level_lines)
{
    board_start();
    init_pics(1);
    out(0x4d0, 0xff);
    out(0x4d1, 0xff);
    CHECK_EQ(in(0x4d0), 0xf8); /* timer, keyboard, cascade, clock and FPU stay edges */
    CHECK_EQ(in(0x4d1), 0xde);
    platform_isa_set(&board, 5, true);
    CHECK_EQ(platform_intack(&board), 0x35);
    out(0x20, 0x20);
    CHECK(fake.pic); /* still asserted */
    platform_isa_set(&board, 5, false);
    CHECK(!fake.pic);
    platform_isa_set(&board, 8, true);
    CHECK_EQ(platform_intack(&board), 0x38);
    out(0xa0, 0x20);
    out(0x20, 0x20);
    CHECK(!fake.pic); /* an edge is one interrupt */
    platform_isa_set(&board, 5, true);
    init_pics(1); /* edges are forgotten by this, levels are not */
    CHECK_EQ(irr(0x20), 0x20);
}

TEST(poll)
{
    board_start();
    init_pics(1);
    out(0x20, 0x0c);
    CHECK_EQ(in(0x20), 0);
    pulse(6);
    out(0x20, 0x0c);
    CHECK_EQ(in(0x20), 0x86);
    CHECK(!fake.pic);
    CHECK_EQ(isr(0x20), 0x40);
    CHECK_EQ(in(0x20), 0x40); /* one poll is one read */
}

TEST(auto_eoi_and_rotation)
{
    board_start();
    init_pics(3);
    pulse(2 + 1);
    CHECK_EQ(platform_intack(&board), 0x33);
    CHECK_EQ(isr(0x20), 0);
    out(0x20, 0x80); /* rotate on automatic EOI */
    pulse(3);
    CHECK_EQ(platform_intack(&board), 0x33);
    pulse(3);
    pulse(5);
    CHECK_EQ(platform_intack(&board), 0x35); /* 3 is the least now */
    CHECK_EQ(platform_intack(&board), 0x33);
    init_pics(1);
    out(0x20, 0xc4); /* 4 is the least */
    pulse(4);
    pulse(5);
    CHECK_EQ(platform_intack(&board), 0x35);
}

TEST(initialisation_by_all_its_lengths)
{
    board_start();
    init_pics(3);
    out(0x20, 0x10); /* no ICW4: its functions are off */
    out(0x21, 0x47);
    out(0x21, 0x04);
    out(0x21, 0x08);
    CHECK_EQ(in(0x21), 0x08);
    pulse(1);
    CHECK_EQ(platform_intack(&board), 0x41);
    CHECK_EQ(isr(0x20), 2);
    out(0x20, 0x13); /* single: no ICW3 */
    out(0x21, 0x50);
    out(0x21, 0x03);
    out(0x21, 0x80);
    CHECK_EQ(in(0x21), 0x80);
    CHECK_EQ(isr(0x20), 0);
    CHECK_EQ(board.pic.chip[0].auto_eoi, 1);
    out(0xa0, 0x10); /* ICW3 is not ICW4 */
    out(0xa1, 0x48);
    out(0xa1, 0x02);
    CHECK_EQ(board.pic.chip[1].auto_eoi, 0);
    out(0x20, 0x12); /* neither */
    out(0x21, 0x58);
    out(0x21, 0x20);
    CHECK_EQ(in(0x21), 0x20);
}

/* A chip as the data sheet tells it: the lines in order of their importance, one after another. */
struct model {
    bool request[8], service[8], masked[8], special_mask;
    unsigned int order[8];
};

static int model_request(const struct model *m)
{
    for (unsigned int i = 0; i < 8; i++) {
        unsigned int line = m->order[i];

        if (m->service[line] && !(m->special_mask && m->masked[line]))
            return -1;
        if (m->request[line] && !m->masked[line])
            return (int)line;
    }
    return -1;
}

static void model_rotate(struct model *m, unsigned int least)
{
    for (unsigned int i = 0; i < 8; i++)
        m->order[i] = (least + 1 + i) % 8;
}

static void model_eoi(struct model *m, bool specific, unsigned int line, bool rotate)
{
    for (unsigned int i = 0; i < 8; i++) {
        unsigned int at = m->order[i];

        if (specific ? at == line : m->service[at] && !(m->special_mask && m->masked[at])) {
            m->service[at] = false;
            if (rotate)
                model_rotate(m, at);
            return;
        }
    }
}

static uint8_t bits(const bool *lines)
{
    uint8_t value = 0;

    for (unsigned int i = 0; i < 8; i++)
        value |= (uint8_t)(lines[i] << i);
    return value;
}

TEST(priorities_against_a_model)
{
    struct model m = {0};

    board_start();
    init_pics(1);
    model_rotate(&m, 7);
    for (int step = 0; step < 300000; step++) {
        unsigned int line = (unsigned int)check_random_below(8);
        int want;

        switch (check_random_below(8)) {
        case 0:
        case 1:
            if (line != 2) { /* the cascade's */
                pulse(line);
                m.request[line] = true;
            }
            break;
        case 2: {
            uint8_t mask = (uint8_t)check_random();

            out(0x21, mask);
            for (unsigned int i = 0; i < 8; i++)
                m.masked[i] = mask >> i & 1;
            break;
        }
        case 3:
            out(0x20, (uint8_t)(0x60 | line)); /* specific EOI */
            model_eoi(&m, true, line, false);
            break;
        case 4: {
            bool rotate = check_random() & 1;

            out(0x20, rotate ? 0xa0 : 0x20);
            model_eoi(&m, false, 0, rotate);
            break;
        }
        case 5:
            out(0x20, (uint8_t)(0xc0 | line)); /* set priority */
            model_rotate(&m, line);
            break;
        case 6:
            m.special_mask = check_random_below(4) == 0;
            out(0x20, m.special_mask ? 0x68 : 0x48);
            break;
        default:
            want = model_request(&m);
            CHECK_EQ(platform_intack(&board), 0x30 + (want < 0 ? 7 : want));
            if (want >= 0) {
                m.request[want] = false;
                m.service[want] = true;
            }
            break;
        }
        CHECK_EQ(fake.pic, model_request(&m) >= 0);
        CHECK_EQ(irr(0x20), bits(m.request));
        CHECK_EQ(isr(0x20), bits(m.service));
        if (step % 1000 == 0)
            CHECK(board_reload());
    }
}

TEST(records_that_are_no_state)
{
    struct hvm_hw_vpic good, bad;

    board_start();
    CHECK_EQ(platform_save(&board, HVM_SAVE_CODE(PIC), 0, &good), sizeof good);
    CHECK_EQ(platform_save(&board, HVM_SAVE_CODE(PIC), 2, &good), -2);
    CHECK_EQ(platform_load(&board, HVM_SAVE_CODE(PIC), 0, &good, sizeof good), 0);
    CHECK_EQ(platform_load(&board, HVM_SAVE_CODE(PIC), 0, &good, sizeof good - 1), -22);
    CHECK_EQ(platform_load(&board, HVM_SAVE_CODE(PIC), 1, &good, sizeof good), -22);
    bad = good, bad.priority_add = 8;
    CHECK_EQ(platform_load(&board, HVM_SAVE_CODE(PIC), 0, &bad, sizeof bad), -22);
    bad = good, bad.irq_base = 0x31;
    CHECK_EQ(platform_load(&board, HVM_SAVE_CODE(PIC), 0, &bad, sizeof bad), -22);
    bad = good, bad.init_state = 8;
    CHECK_EQ(platform_load(&board, HVM_SAVE_CODE(PIC), 0, &bad, sizeof bad), -22);
    bad = good, bad.elcr = 0xff;
    CHECK_EQ(platform_load(&board, HVM_SAVE_CODE(PIC), 0, &bad, sizeof bad), 0);
    platform_loaded(&board);
    CHECK_EQ(in(0x4d0), 0xf8);
}

/* Events by a line, as Linux asks for them though it has a vector: a PVH guest has no 8259 it
 * could mask that in. */
TEST(what_is_not_there_asks_for_nothing)
{
    static const uint32_t devices[] = {XEN_X86_EMU_LAPIC | XEN_X86_EMU_PIC, XEN_X86_EMU_LAPIC};

    for (unsigned int i = 0; i < 2; i++) {
        board_start();
        platform_init(&board, &fake_ops, devices[i]);
        CHECK_EQ(platform_param(&board, HVM_PARAM_CALLBACK_IRQ, 1), 0);
        platform_callback(&board, true);
        CHECK_EQ(board.gsi.level, BIT(1));
        CHECK_EQ(fake.pic, i == 0);
    }
}
