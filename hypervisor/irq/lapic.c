/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * This CPU's local APIC.
 *
 * Always true here: one mode for all CPUs, chosen on the boot CPU; destinations are physical; the
 * ICR is written with interrupts off and, in xAPIC mode, only when the last send has left.
 */
#include "irq/lapic.h"

#include "acpi/acpi.h"
#include "console/log.h"
#include "cpu/insn.h"
#include "cpu/percpu.h"
#include "cpu/regs.h"
#include "debug/panic.h"
#include "irq/irq.h"
#include "mm/hvmap.h"

/* Register offsets in the xAPIC page; an x2APIC MSR is 0x800 + offset / 16 (SDM tables 11-1,
 * 11-6). */
enum lapic_reg {
    REG_ID = 0x020,
    REG_VERSION = 0x030,
    REG_TPR = 0x080,
    REG_EOI = 0x0b0,
    REG_LDR = 0x0d0,
    REG_SPURIOUS = 0x0f0,
    REG_ISR = 0x100,
    REG_ESR = 0x280,
    REG_LVT_CMCI = 0x2f0,
    REG_ICR = 0x300,
    REG_ICR_HIGH = 0x310,
    REG_LVT_TIMER = 0x320,
    REG_LVT_THERMAL = 0x330,
    REG_LVT_PMC = 0x340,
    REG_LVT_LINT0 = 0x350,
    REG_LVT_LINT1 = 0x360,
    REG_LVT_ERROR = 0x370,
    REG_TIMER_INITIAL = 0x380,
    REG_TIMER_CURRENT = 0x390,
    REG_TIMER_DIVIDE = 0x3e0,
};

enum {
    BASE_X2APIC = 1u << 10, /* of MSR_APIC_BASE: SDM 11.4.4 */
    BASE_ENABLE = 1u << 11,
    MSR_X2APIC = 0x800,
    LVT_MASKED = 1u << 16,
    LVT_LEVEL = 1u << 15,
    LVT_LOW = 1u << 13,
    LVT_MODE = 7u << 8,
    LVT_SMI = 2u << 8,
    LVT_NMI = 4u << 8,
    LVT_EXTINT = 7u << 8,
    LVT_TIMER_DEADLINE = 2u << 17,
    SPURIOUS_ENABLE = 1u << 8,
    ICR_PENDING = 1u << 12,
    ICR_ASSERT = 1u << 14,
    ICR_LEVEL = 1u << 15,
    DIVIDE_BY_1 = 0xb,
};

#define CPUID1_ECX_X2APIC       (1u << 21)
#define CPUID1_ECX_TSC_DEADLINE (1u << 24)
#define CPUID1_ECX_HYPERVISOR   (1u << 31)

static volatile uint8_t *registers; /* xAPIC page */
static bool x2apic;
static bool timer_deadline;
static uint64_t timer_ratio; /* counter ticks per TSC cycle, 32.32 fixed point */

static inline uint32_t reg_read(enum lapic_reg reg)
{
    if (x2apic)
        return (uint32_t)rdmsr(MSR_X2APIC + reg / 16);
    return *(volatile uint32_t *)(registers + reg);
}

static inline void reg_write(enum lapic_reg reg, uint32_t value)
{
    if (x2apic)
        wrmsr(MSR_X2APIC + reg / 16, value);
    else
        *(volatile uint32_t *)(registers + reg) = value;
}

bool lapic_is_x2apic(void)
{
    return x2apic;
}

uint32_t lapic_id(void)
{
    uint32_t id = reg_read(REG_ID);

    return x2apic ? id : id >> 24;
}

void lapic_init(uint64_t base, bool need_x2apic, bool may_x2apic)
{
    uint64_t msr = rdmsr(MSR_APIC_BASE);
    uint32_t features = cpuid(1, 0).ecx;
    bool virtual = features & CPUID1_ECX_HYPERVISOR;

    /* On real machines x2APIC without interrupt remapping is for firmware to choose; under another
     * hypervisor it works, and is quicker. */
    x2apic = (msr & BASE_X2APIC) ||
             ((features & CPUID1_ECX_X2APIC) && (need_x2apic || (may_x2apic && virtual)));
    if (need_x2apic && !x2apic)
        log_error("APIC: some CPUs need x2APIC, which this machine lacks");
    if (!base)
        base = msr & PTE_FRAME_MASK;
    if (!x2apic) {
        registers = device_map(PADDR(base), PAGE_BYTES, MAP_UC);
        if (!registers)
            panic("no room to map the local APIC");
    }
    log_info("APIC: %s mode", x2apic ? "x2APIC" : "xAPIC");
}

bool lapic_in_service(unsigned int vector)
{
    return reg_read((enum lapic_reg)(REG_ISR + vector / 32 * 16)) & (1u << (vector % 32));
}

void lapic_eoi(void)
{
    reg_write(REG_EOI, 0);
}

void lapic_counter_nmi(bool on)
{
    if (((reg_read(REG_VERSION) >> 16) & 0xff) >= 4)
        reg_write(REG_LVT_PMC, LVT_NMI | (on ? 0 : LVT_MASKED));
}

uint32_t lapic_errors(void)
{
    reg_write(REG_ESR, 0); /* latches the errors since the last write (SDM 11.5.3) */
    return reg_read(REG_ESR);
}

/* After a warm start something may still be in service: finish it (at most one per vector). */
static void isr_drain(void)
{
    for (int i = 0; i < 256; i++) {
        uint32_t any = 0;

        for (unsigned int word = 0; word < 8; word++)
            any |= reg_read((enum lapic_reg)(REG_ISR + word * 16));
        if (!any)
            return;
        lapic_eoi();
    }
}

/* LINT pins: masked but for those that the MADT calls NMI for this CPU. */
static void lint_init(void)
{
    const struct acpi_madt *madt = acpi_madt();
    uint32_t lvt[2] = {LVT_MASKED | LVT_EXTINT, LVT_MASKED | LVT_NMI};

    for (size_t i = 0; i < madt->local_nmi_count; i++) {
        const struct acpi_local_nmi *nmi = &madt->local_nmis[i];

        if (nmi->uid == ACPI_UID_ALL || nmi->uid == cpu_self()->acpi_id)
            lvt[nmi->lint] = LVT_NMI | (nmi->polarity == ACPI_ACTIVE_LOW ? LVT_LOW : 0);
    }
    reg_write(REG_LVT_LINT0, lvt[0]);
    reg_write(REG_LVT_LINT1, lvt[1]);
}

/* What firmware keeps for its own SMI handler (often the thermal sensor's) stays as it is. */
static void lvt_mask(enum lapic_reg reg)
{
    if ((reg_read(reg) & LVT_MODE) != LVT_SMI)
        reg_write(reg, LVT_MASKED);
}

void lapic_cpu_init(void)
{
    uint64_t msr = rdmsr(MSR_APIC_BASE);
    unsigned int lvt_max;

    msr |= BASE_ENABLE;
    if (x2apic && !(msr & BASE_X2APIC)) {
        wrmsr(MSR_APIC_BASE, msr); /* xAPIC first: off -> x2APIC is no legal step (11.12.5) */
        msr |= BASE_X2APIC;
    }
    wrmsr(MSR_APIC_BASE, msr);
    reg_write(REG_SPURIOUS, SPURIOUS_ENABLE | VECTOR_SPURIOUS);
    reg_write(REG_TPR, 0);
    lvt_max = (reg_read(REG_VERSION) >> 16) & 0xff;
    reg_write(REG_LVT_TIMER, LVT_MASKED);
    if (lvt_max >= 4)
        lvt_mask(REG_LVT_PMC);
    if (lvt_max >= 5)
        lvt_mask(REG_LVT_THERMAL);
    if (lvt_max >= 6)
        lvt_mask(REG_LVT_CMCI);
    lint_init();
    reg_write(REG_LVT_ERROR, VECTOR_ERROR);
    isr_drain();
    (void)lapic_errors();
    cpu_self()->apic_id = lapic_id();
}

/* The last send has left the APIC; bounded, as a send to a dead CPU may never report. */
static void icr_wait(void)
{
    for (int i = 0; i < 1000000 && (reg_read(REG_ICR) & ICR_PENDING); i++)
        cpu_relax();
}

void lapic_send(uint32_t apic_id, enum lapic_delivery delivery, unsigned int vector)
{
    uint32_t low = (uint32_t)delivery << 8 | ICR_ASSERT | vector;
    uint64_t flags = irq_save();

    if (delivery == LAPIC_INIT)
        low |= ICR_LEVEL;
    if (x2apic) {
        /* WRMSR to the APIC is not serialising (SDM 11.12.3): earlier stores go first. */
        __asm__ volatile("mfence; lfence" ::: "memory");
        wrmsr(MSR_X2APIC + REG_ICR / 16, (uint64_t)apic_id << 32 | low);
    } else {
        icr_wait();
        reg_write(REG_ICR_HIGH, apic_id << 24);
        reg_write(REG_ICR, low);
    }
    irq_restore(flags);
}

struct timer_sample {
    uint32_t count;
    uint64_t tsc;
};

/* Counter and TSC at one time: the best of some tries, for an interruption between the reads (SMI,
 * host scheduling) spoils only its own. */
static struct timer_sample timer_sample(void)
{
    struct timer_sample best = {0, 0};
    uint64_t least = ~0ULL;

    for (int i = 0; i < 8; i++) {
        uint64_t before = rdtsc();
        uint32_t count = reg_read(REG_TIMER_CURRENT);
        uint64_t took = rdtsc() - before;

        if (took < least) {
            least = took;
            best = (struct timer_sample){count, before + took / 2};
        }
    }
    return best;
}

/* Count @ticks of the timer or @cycles of the TSC, whichever comes first. */
static void timer_measure(uint32_t ticks, uint64_t cycles, uint64_t *ticks_passed,
                          uint64_t *cycles_passed)
{
    struct timer_sample start, end;

    reg_write(REG_TIMER_DIVIDE, DIVIDE_BY_1);
    reg_write(REG_LVT_TIMER, LVT_MASKED | VECTOR_TIMER);
    reg_write(REG_TIMER_INITIAL, ~0u);
    start = timer_sample();
    while (start.count - reg_read(REG_TIMER_CURRENT) < ticks && rdtsc() - start.tsc < cycles)
        cpu_relax();
    end = timer_sample();
    reg_write(REG_TIMER_INITIAL, 0);
    *ticks_passed = start.count - end.count;
    *cycles_passed = end.tsc - start.tsc;
}

void lapic_timer_init(void)
{
    uint64_t ticks, cycles;

    timer_deadline = cpuid(1, 0).ecx & CPUID1_ECX_TSC_DEADLINE;
    if (timer_deadline) {
        log_info("APIC: timer by TSC deadline");
        return;
    }
    /* Either bound is a few milliseconds on real machines and enough for four digits. */
    timer_measure(1u << 20, 1u << 23, &ticks, &cycles);
    if (!ticks || !cycles)
        panic("the local APIC timer does not count");
    timer_ratio = (ticks << 32) / cycles;
    log_info("APIC: timer counts %llu per 1000 TSC cycles",
             (unsigned long long)(ticks * 1000 / cycles));
}

void lapic_timer_cpu_init(void)
{
    if (timer_deadline) {
        reg_write(REG_LVT_TIMER, LVT_TIMER_DEADLINE | VECTOR_TIMER);
        /* The LVT write by memory must be seen before the MSR is armed (SDM 11.5.4.1). */
        __asm__ volatile("mfence" ::: "memory");
        return;
    }
    reg_write(REG_TIMER_DIVIDE, DIVIDE_BY_1);
    reg_write(REG_LVT_TIMER, VECTOR_TIMER);
    reg_write(REG_TIMER_INITIAL, 0);
}

/* Timer ticks for @cycles of the TSC, 1 .. 2^32 - 1: a longer wait is taken in pieces. */
static uint32_t timer_ticks(uint64_t cycles)
{
    uint64_t high = (cycles >> 32) * timer_ratio;
    uint64_t ticks;

    if (high >> 32)
        return ~0u;
    ticks = high + (((cycles & 0xffffffff) * (timer_ratio >> 32))) +
            (((cycles & 0xffffffff) * (timer_ratio & 0xffffffff)) >> 32);
    if (ticks >> 32)
        return ~0u;
    return ticks ? (uint32_t)ticks : 1;
}

void lapic_timer_arm(uint64_t tsc)
{
    uint64_t now;

    if (timer_deadline) {
        wrmsr(MSR_TSC_DEADLINE, tsc);
        return;
    }
    if (!tsc) {
        reg_write(REG_TIMER_INITIAL, 0);
        return;
    }
    now = rdtsc();
    reg_write(REG_TIMER_INITIAL, tsc > now ? timer_ticks(tsc - now) : 1);
}

bool lapic_timer_is_deadline(void)
{
    return timer_deadline;
}
