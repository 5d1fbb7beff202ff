/* SPDX-License-Identifier: BSD-2-Clause */
/* The IOAPIC, the wires in front of it, and MSIs. */
/* sources: hypervisor/hvm/dev/vtick.c hypervisor/hvm/dev/vmsi.c hypervisor/hvm/dev/vgsi.c */
/* sources: hypervisor/hvm/dev/vpic.c hypervisor/hvm/dev/vioapic.c hypervisor/hvm/dev/vpit.c */
/* sources: hypervisor/hvm/dev/vrtc.c hypervisor/hvm/dev/vhpet.c hypervisor/hvm/dev/vpm.c */
/* sources: hypervisor/hvm/dev/platform.c hypervisor/time/calendar.c hypervisor/time/rtc.c */
#include "tests/unit/check.h"
#include "tests/unit/hvm_board.h"

static uint32_t reg(uint32_t index)
{
    mmio_write(VIOAPIC_BASE, 4, index);
    return (uint32_t)mmio_read(VIOAPIC_BASE + 0x10, 4);
}

TEST(registers)
{
    board_start();
    CHECK_EQ(reg(1), 0x002f0011);
    CHECK_EQ(reg(0), 0);
    mmio_write(VIOAPIC_BASE + 0x10, 4, 0xffffffff);
    CHECK_EQ(reg(0), 0x0f000000);
    CHECK_EQ(reg(2), 0x0f000000);
    mmio_write(VIOAPIC_BASE, 4, 1);
    mmio_write(VIOAPIC_BASE + 0x10, 4, 0xffffffff);
    CHECK_EQ(reg(1), 0x002f0011);
    for (unsigned int pin = 0; pin < 48; pin++) {
        CHECK_EQ(pin_read(pin), PIN_MASKED);
        pin_write(pin, 0xffffffff, 0x5a);
        CHECK_EQ(pin_read(pin), 0x0001afff); /* not delivery status and remote IRR */
        CHECK_EQ(reg(0x11 + pin * 2), 0x5a000000);
    }
    CHECK_EQ(reg(0x70), 0);
    CHECK_EQ(reg(0xff), 0);
    mmio_write(VIOAPIC_BASE + 0x10, 4, 0); /* nothing there */
    CHECK_EQ(reg(0x1ff), 0); /* the index has 8 bits */
    CHECK_EQ(mmio_read(VIOAPIC_BASE, 4), 0xff);
}

TEST(an_edge_is_one_message)
{
    board_start();
    pin_write(4, 0x0941, 3); /* lowest priority, logical */
    platform_isa_set(&board, 4, true);
    CHECK_EQ(fake.by_vector[0x41], 1);
    CHECK_EQ(fake.last.delivery, VMSI_LOWEST);
    CHECK_EQ(fake.last.dest, 3);
    CHECK(fake.last.logical && !fake.last.level);
    platform_isa_set(&board, 4, true);
    CHECK_EQ(fake.by_vector[0x41], 1);
    platform_isa_set(&board, 4, false);
    platform_isa_set(&board, 4, true);
    CHECK_EQ(fake.by_vector[0x41], 2);
    pin_write(4, PIN_MASKED | 0x41, 0);
    platform_isa_set(&board, 4, false);
    platform_isa_set(&board, 4, true);
    pin_write(4, 0x41, 0); /* the edge was lost */
    CHECK_EQ(fake.by_vector[0x41], 2);
}

TEST(a_level_waits_for_its_end)
{
    board_start();
    pin_write(20, PIN_LEVEL | 0x2000 | 0x61, 0); /* active low: asserted all the same */
    platform_gsi_set(&board, 20, true);
    CHECK_EQ(fake.by_vector[0x61], 1);
    CHECK(fake.last.level);
    CHECK_EQ(pin_read(20) & 0x4000, 0x4000);
    CHECK_EQ(platform_eoi(&board, 0x60), 0);
    CHECK_EQ(platform_eoi(&board, 0x61), BIT(20)); /* still asserted: again */
    CHECK_EQ(fake.by_vector[0x61], 2);
    platform_gsi_set(&board, 20, false);
    CHECK_EQ(pin_read(20) & 0x4000, 0x4000);
    mmio_write(VIOAPIC_BASE + 0x40, 4, 0x61); /* the EOI register */
    CHECK_EQ(pin_read(20) & 0x4000, 0);
    CHECK_EQ(fake.by_vector[0x61], 2);

    pin_write(20, PIN_MASKED | PIN_LEVEL | 0x61, 0);
    platform_gsi_set(&board, 20, true);
    CHECK_EQ(fake.by_vector[0x61], 2);
    pin_write(20, PIN_LEVEL | 0x61, 0); /* unmasked: it is asserted */
    CHECK_EQ(fake.by_vector[0x61], 3);
    pin_write(20, PIN_MASKED | 0x61, 0); /* Linux's way to clear remote IRR: edge and back */
    pin_write(20, PIN_MASKED | PIN_LEVEL | 0x61, 0);
    CHECK_EQ(pin_read(20) & 0x4000, 0);
}

TEST(what_nobody_accepts_is_not_in_service)
{
    board_start();
    pin_write(20, PIN_LEVEL | 0x61, 0);
    fake.refuse = true;
    platform_gsi_set(&board, 20, true);
    CHECK_EQ(pin_read(20) & 0x4000, 0);
    fake.refuse = false;
    platform_retry(&board);
    CHECK_EQ(fake.by_vector[0x61], 1);
    platform_retry(&board); /* in service now */
    CHECK_EQ(fake.by_vector[0x61], 1);
}

TEST(wires_of_pci_and_isa)
{
    board_start();
    for (unsigned int device = 0; device < 32; device++)
        for (unsigned int intx = 0; intx < 4; intx++) {
            unsigned int gsi = 16 + (device * 4 + device / 8 + intx) % 32;

            CHECK_EQ(platform_pci_set(&board, device, intx, true), 0);
            CHECK_EQ(board.gsi.level, BIT(gsi));
            for (unsigned int link = 0; link < 4; link++) {
                CHECK_EQ(platform_link_route(&board, link, 10), 0);
                CHECK_EQ(board.gsi.level, BIT(gsi) | ((device + intx) % 4 == link ? BIT(10) : 0));
                platform_link_route(&board, link, 0);
            }
            platform_pci_set(&board, device, intx, false);
            CHECK_EQ(board.gsi.level, 0);
        }
    for (unsigned int irq = 0; irq < 16; irq++) {
        CHECK_EQ(platform_isa_set(&board, irq, true), 0);
        CHECK_EQ(board.gsi.level, irq == 0 ? BIT(2) : irq == 2 ? 0 : BIT(irq));
        platform_isa_set(&board, irq, false);
    }
    CHECK_EQ(platform_pci_set(&board, 32, 0, true), -22);
    CHECK_EQ(platform_pci_set(&board, 0, 4, true), -22);
    CHECK_EQ(platform_isa_set(&board, 16, true), -22);
    CHECK_EQ(platform_link_route(&board, 4, 0), -22);
    CHECK_EQ(platform_link_route(&board, 0, 16), -22);
    CHECK_EQ(platform_gsi_set(&board, 48, true), -22);
}

TEST(shared_wires)
{
    board_start();
    platform_link_route(&board, 3, 5);
    platform_pci_set(&board, 3, 0, true); /* GSI 28, link 3 */
    platform_pci_set(&board, 26, 1, true); /* the same ones */
    platform_isa_set(&board, 5, true);
    CHECK(vgsi_asserted(&board, 5));
    platform_pci_set(&board, 3, 0, false);
    platform_isa_set(&board, 5, false);
    CHECK(vgsi_asserted(&board, 5));
    platform_pci_set(&board, 26, 1, false);
    CHECK(!vgsi_asserted(&board, 5));
}

TEST(event_callback_lines)
{
    board_start();
    platform_callback(&board, true); /* no line yet */
    CHECK_EQ(board.gsi.level, 0);
    CHECK_EQ(platform_param(&board, HVM_PARAM_CALLBACK_IRQ, 28), 0);
    CHECK_EQ(board.gsi.level, BIT(28));
    platform_param(&board, HVM_PARAM_CALLBACK_IRQ, 1ULL << 56 | 3 << 11 | 1); /* device 3, INTB */
    CHECK_EQ(board.gsi.level, BIT(29));
    platform_pci_set(&board, 3, 1, true);
    platform_callback(&board, false);
    CHECK_EQ(board.gsi.level, BIT(29)); /* the device's own level */
    platform_pci_set(&board, 3, 1, false);
    CHECK_EQ(board.gsi.level, 0);
    platform_callback(&board, true);
    platform_param(&board, HVM_PARAM_CALLBACK_IRQ, 2ULL << 56 | 0xf3); /* a vector */
    CHECK_EQ(board.gsi.level, 0);
    platform_param(&board, HVM_PARAM_CALLBACK_IRQ, 48);
    CHECK_EQ(board.gsi.level, 0);
    platform_param(&board, HVM_PARAM_CALLBACK_IRQ, ~0ULL);
    CHECK_EQ(board.gsi.level, 0);
}

TEST(the_pic_passes_through_pin_0)
{
    struct vmsi_message m;

    board_start();
    CHECK(!platform_passes_pic(&board, &m));
    pin_write(0, 0x700, 9);
    CHECK(platform_passes_pic(&board, &m));
    CHECK_EQ(m.dest, 9);
}

/* Random wires and entries: no level is forgotten, no edge is invented. */
TEST(nothing_is_lost)
{
    unsigned int edges = 0, levels = 0;

    board_start();
    for (unsigned int pin = 0; pin < 48; pin++)
        pin_write(pin, (pin & 1 ? PIN_LEVEL : 0) | (0x30 + pin), 0);
    for (int step = 0; step < 200000; step++) {
        unsigned int gsi = 16 + (unsigned int)check_random_below(32);
        bool was = vgsi_asserted(&board, gsi), level = check_random() & 1;
        unsigned int before = fake.by_vector[0x30 + gsi], want = before;

        switch (check_random_below(4)) {
        case 0:
        case 1:
            platform_gsi_set(&board, gsi, level);
            if (!(gsi & 1)) {
                want += level && !was && !(pin_read(gsi) & PIN_MASKED);
                CHECK_EQ(fake.by_vector[0x30 + gsi], want);
                edges += want - before;
            }
            break;
        case 2:
            platform_eoi(&board, (uint8_t)(0x30 + gsi));
            break;
        default:
            pin_write(gsi, (gsi & 1 ? PIN_LEVEL : 0) | (level ? PIN_MASKED : 0) | (0x30 + gsi), 0);
            break;
        }
        for (unsigned int pin = 17; pin < 48; pin += 2) {
            const union vioapic_redir_entry *e = &board.ioapic.hw.redirtbl[pin];

            CHECK(!vgsi_asserted(&board, pin) || e->fields.mask || e->fields.remote_irr);
        }
        if (step % 500 == 0) {
            uint64_t asserted = board.gsi.level;

            levels += fake.delivered;
            for (unsigned int pin = 16; pin < 48; pin++)
                platform_gsi_set(&board, pin, false);
            CHECK(board_reload());
            for (unsigned int pin = 16; pin < 48; pin++)
                platform_gsi_set(&board, pin, asserted >> pin & 1);
        }
    }
    CHECK(edges > 1000 && levels > 1000);
}

TEST(a_level_survives_saving)
{
    board_start();
    pin_write(20, PIN_LEVEL | 0x61, 0);
    pin_write(21, PIN_LEVEL | 0x62, 0);
    platform_pci_set(&board, 1, 0, true); /* GSI 20 */
    platform_eoi(&board, 0x62);
    fake.refuse = true;
    platform_pci_set(&board, 1, 1, true); /* GSI 21, not delivered yet */
    fake.refuse = false;
    CHECK_EQ(fake.delivered, 1);
    CHECK(board_reload());
    CHECK_EQ(fake.by_vector[0x61], 1);
    CHECK_EQ(fake.by_vector[0x62], 1);
    CHECK_EQ(platform_eoi(&board, 0x61), BIT(20));
    CHECK_EQ(fake.by_vector[0x61], 2);
}

TEST(records_that_are_no_state)
{
    struct hvm_hw_vioapic good, bad;
    struct hvm_hw_pci_link link = {{0, 5, 10, 16}, {0}};

    board_start();
    CHECK_EQ(platform_save(&board, HVM_SAVE_CODE(IOAPIC), 0, &good), sizeof good);
    bad = good, bad.base_address++;
    CHECK_EQ(platform_load(&board, HVM_SAVE_CODE(IOAPIC), 0, &bad, sizeof bad), -22);
    bad = good, bad.ioregsel = 0x100;
    CHECK_EQ(platform_load(&board, HVM_SAVE_CODE(IOAPIC), 0, &bad, sizeof bad), -22);
    bad = good, bad.id = 16;
    CHECK_EQ(platform_load(&board, HVM_SAVE_CODE(IOAPIC), 0, &bad, sizeof bad), -22);
    CHECK_EQ(platform_load(&board, HVM_SAVE_CODE(PCI_LINK), 0, &link, sizeof link), -22);
    bad = good;
    bad.redirtbl[7].bits = ~0ULL; /* remote IRR on what is no level: dropped */
    bad.redirtbl[7].fields.delivery_mode = VMSI_NMI;
    CHECK_EQ(platform_load(&board, HVM_SAVE_CODE(IOAPIC), 0, &bad, sizeof bad), 0);
    platform_loaded(&board);
    CHECK_EQ(pin_read(7) & 0x5000, 0);
}

TEST(msi)
{
    struct vmsi_message m;
    uint32_t pirq = 0;

    board_start();
    CHECK_EQ(vmsi_decode(0xfee01004, 0x8155, &m), 0);
    CHECK(m.vector == 0x55 && m.delivery == VMSI_LOWEST && m.logical && m.level && m.dest == 1);
    CHECK_EQ(vmsi_decode(0xfed00000, 0x55, &m), -22);
    CHECK_EQ(vmsi_decode(0xfef00000, 0x55, &m), -22);
    CHECK_EQ(vmsi_decode(0xfee00000, 0x355, &m), -22);
    CHECK_EQ(vmsi_decode(0x1fee00000, 0x55, &m), -22);
    CHECK_EQ(platform_msi(&board, 0xfee7f000, 0x45, &pirq), 0);
    CHECK(fake.last.dest == 0x7f && !fake.last.logical && !fake.last.level);
    CHECK_EQ(platform_msi(&board, 0x22004, 0x46, &pirq), 0); /* as QEMU tells it */
    CHECK(fake.last.vector == 0x46 && fake.last.dest == 0x22 && fake.last.logical);
    CHECK_EQ(platform_msi(&board, 0x100000, 0x45, &pirq), -22);
    CHECK_EQ(platform_msi(&board, 0x00000100fee34000, 0x4300, &pirq), 1);
    CHECK_EQ(pirq, 0x134);
    fake.refuse = true;
    CHECK_EQ(platform_msi(&board, 0xfee7f000, 0x45, &pirq), -3);
}
