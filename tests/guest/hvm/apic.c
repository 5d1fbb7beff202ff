/* SPDX-License-Identifier: BSD-2-Clause */
/* The local APIC by its page, and what a board sends it through the IOAPIC. */
#include "tests/guest/lib/hvm.h"

#include <xen/hvm/params.h>

#define XAPIC_GFN 0xfee00
#define IOAPIC_GFN 0xfec00
#define ID 0x20
#define TPR 0x80
#define PPR 0xa0
#define EOI 0xb0
#define SVR 0xf0
#define ISR2 0x120
#define IRR2 0x220
#define ICR 0x300
#define LVT_TIMER 0x320
#define LVT_LINT0 0x350
#define TIMER_INITIAL 0x380
#define TIMER_CURRENT 0x390
#define TIMER_DIVIDE 0x3e0
#define TO_SELF (1u << 18)
#define MASKED (1u << 16)
#define PERIODIC (1u << 17)

#define VECTOR_LOW 0x40
#define LINE 0x41
#define VECTOR_HIGH 0x43 /* all of one class */
#define VECTOR_UPCALL 0x42
#define LINE_GSI 5
#define LEVEL (1u << 15)

static volatile uint32_t *xapic, *ioapic;
static volatile unsigned int lows, highs;
static volatile uint32_t in_service;

#define REG(offset) xapic[(offset) / 4]

static void on_low(void)
{
    lows++;
    in_service = REG(ISR2);
    REG(EOI) = 0;
}

static void on_high(void)
{
    highs++;
    REG(EOI) = 0;
}

static void map_apic(void)
{
    xapic = page_alloc();
    hvm_map(xapic, XAPIC_GFN, PTE_RW_FLAGS);
    REG(SVR) = 0x1ff;
    hvm_vector(VECTOR_LOW, on_low);
    hvm_vector(VECTOR_HIGH, on_high);
}

static void check_registers(void)
{
    CHECK_EQ(REG(ID) >> 24, 0);
    CHECK_EQ(REG(SVR), 0x1ff);
    CHECK_EQ(REG(0x30) >> 16 & 0xff, 5); /* six vector registers */
    REG(0x30) = 0;                       /* read-only */
    CHECK_EQ(REG(0x30) >> 16 & 0xff, 5);
    REG(0xd0) = 0x12345678;
    CHECK_EQ(REG(0xd0), 0x12000000);
    REG(0xe0) = 0;
    CHECK_EQ(REG(0xe0), 0x0fffffff);
    REG(LVT_LINT0) = ~0u;
    CHECK_EQ(REG(LVT_LINT0) & ~0x7ffffu, 0);
    REG(LVT_LINT0) = MASKED;
}

/* Interrupts to itself: pending, by priority, in service, at an end. */
static void check_self(void)
{
    REG(ICR) = TO_SELF | VECTOR_LOW;
    CHECK_EQ(REG(IRR2), 1u << (VECTOR_LOW - 64));
    CHECK_EQ(lows, 0);
    __asm__ volatile("sti\n nop\n cli");
    CHECK_EQ(lows, 1);
    CHECK_EQ(in_service, 1u << (VECTOR_LOW - 64));
    CHECK_EQ(REG(ISR2), 0);
    REG(TPR) = 0x40; /* holds off what is of its class */
    CHECK_EQ(REG(PPR), 0x40);
    REG(ICR) = TO_SELF | VECTOR_HIGH;
    __asm__ volatile("sti\n nop\n nop");
    CHECK_EQ(highs, 0);
    REG(TPR) = 0;
    __asm__ volatile("nop\n cli");
    CHECK_EQ(highs, 1);
    REG(ICR) = TO_SELF | VECTOR_LOW;
    REG(ICR) = TO_SELF | VECTOR_HIGH;
    __asm__ volatile("sti\n nop\n nop\n cli");
    CHECK_EQ(lows, 2);
    CHECK_EQ(highs, 2);
}

static void check_timer(void)
{
    unsigned int before = lows;

    REG(TIMER_DIVIDE) = 0xb;
    REG(LVT_TIMER) = PERIODIC | VECTOR_LOW;
    REG(TIMER_INITIAL) = 100000;
    CHECK(REG(TIMER_CURRENT) <= 100000);
    while (lows < before + 5)
        __asm__ volatile("sti\n hlt\n cli");
    REG(LVT_TIMER) = VECTOR_LOW; /* once: changing the mode stops it */
    CHECK_EQ(REG(TIMER_CURRENT), 0);
    __asm__ volatile("sti\n nop\n nop\n cli"); /* a tick that came meanwhile */
    before = lows;
    REG(TIMER_INITIAL) = 100000;
    while (lows == before)
        __asm__ volatile("sti\n hlt\n cli");
    CHECK_EQ(lows, before + 1);
    CHECK_EQ(REG(TIMER_CURRENT), 0);
}

HVM_TEST(hvm, xapic, SHUTDOWN_poweroff)
{
    map_apic();
    check_registers();
    check_self();
    check_timer();
    /* to x2APIC mode and on; what was there is there */
    hvm_wrmsr(0x1b, hvm_rdmsr(0x1b) | 0xc00);
    CHECK_EQ(hvm_rdmsr(X2APIC_SVR), 0x1ff);
    CHECK_EQ(hvm_rdmsr(X2APIC_ID), 0);
}

static void outb(uint16_t port, uint8_t value)
{
    __asm__ volatile("outb %0, %1" ::"a"(value), "Nd"(port));
}

static void ioapic_write(uint32_t index, uint32_t value)
{
    ioapic[0] = index;
    ioapic[4] = value;
}

/* The 8254's ticks, a thousand a second: they go on coming only if each is seen to be taken. */
static void check_ticks(void)
{
    ioapic_write(0x14, VECTOR_LOW);
    outb(0x43, 0x34);
    outb(0x40, 1193 & 0xff);
    outb(0x40, 1193 >> 8);
    lows = 0;
    while (lows < 20)
        __asm__ volatile("sti\n hlt\n cli");
    ioapic_write(0x14, MASKED);
}

static evtchn_port_t port;
static volatile unsigned int lines;

static void on_line(void)
{
    if (++lines % 3 == 0) {
        port_clear(port);
        vcpu_info()->evtchn_pending_sel = 0;
        vcpu_info()->evtchn_upcall_pending = 0;
    }
    REG(EOI) = 0;
}

/* The events' line is high until they are looked at: each end of the interrupt raises it again. */
static void check_line(void)
{
    hvm_vector(LINE, on_line);
    port = (evtchn_port_t)port_bind_ipi(0);
    hvm_set_param(HVM_PARAM_CALLBACK_IRQ, LINE_GSI);
    ioapic_write(0x11 + 2 * LINE_GSI, 0);
    ioapic_write(0x10 + 2 * LINE_GSI, LINE | LEVEL);
    for (unsigned int round = 1; round <= 2; round++) {
        CHECK_EQ(port_send(port), 0);
        __asm__ volatile("sti");
        for (unsigned int i = 0; i < 100; i++)
            (void)hc_xen_version(XENVER_version, NULL);
        __asm__ volatile("cli");
        CHECK_EQ(lines, 3 * round);
    }
    ioapic_write(0x10 + 2 * LINE_GSI, MASKED);
}

static volatile unsigned int upcalls;

static void on_own_vector(void)
{
    upcalls++;
    port_clear(port);
    vcpu_info()->evtchn_pending_sel = 0;
    vcpu_info()->evtchn_upcall_pending = 0;
    REG(EOI) = 0;
}

/* A vCPU with a vector of its own is told by that and not by the line: Linux 6 has both, and its
 * line is the keyboard's. */
static void check_line_of_vector(void)
{
    struct xen_hvm_evtchn_upcall_vector set = {.vcpu = 0, .vector = VECTOR_UPCALL};

    hvm_vector(VECTOR_UPCALL, on_own_vector);
    CHECK_EQ(hc_hvm_op(HVMOP_set_evtchn_upcall_vector, &set), 0);
    ioapic_write(0x10 + 2 * LINE_GSI, LINE);
    lines = 0;
    for (unsigned int round = 1; round <= 3; round++) {
        CHECK_EQ(port_send(port), 0);
        for (unsigned int i = 0; i < 10; i++)
            (void)hc_xen_version(XENVER_version, NULL);
        __asm__ volatile("sti\n nop\n nop\n cli");
        CHECK_EQ(upcalls, round);
        CHECK_EQ(lines, 0);
    }
    ioapic_write(0x10 + 2 * LINE_GSI, MASKED);
}

static void board_interrupts(void *arg unused)
{
    map_apic();
    check_registers();
    check_self();
    check_timer();
    ioapic = page_alloc();
    hvm_map(ioapic, IOAPIC_GFN, PTE_RW_FLAGS);
    outb(0x21, 0xff); /* not by the 8259 */
    outb(0xa1, 0xff);
    ioapic_write(0x15, 0);
    check_ticks();
    check_line();
    check_line_of_vector();
}

TEST(hvm, board_interrupts)
{
    const struct child_options options = {.hvm = true,
                                          .devices = XEN_X86_EMU_ALL & ~XEN_X86_EMU_VPCI};

    child_run_with(board_interrupts, &options, SHUTDOWN_poweroff);
}
