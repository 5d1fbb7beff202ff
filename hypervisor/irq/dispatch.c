/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Physical interrupts: from a vector to whoever handles it.
 *
 * Always true here: handlers run with interrupts off and never nest; every interrupt that the local
 * APIC delivered gets exactly one EOI; a device vector without a line is counted and forgotten. A
 * level line is masked before its EOI and stays so until its handler, usually a guest, is done: no
 * vector is ever held in service while a guest runs.
 */
#include "irq/irq.h"

#include "acpi/acpi.h"
#include "console/log.h"
#include "cpu/insn.h"
#include "cpu/percpu.h"
#include "cpu/smp.h"
#include "debug/panic.h"
#include "irq/ioapic.h"
#include "irq/lapic.h"
#include "irq/line.h"
#include "irq/pic.h"
#include "mm/pool.h"
#include "mm/ram.h"
#include "mm/tlb.h"
#include "time/time.h"

bool irq_x2apic = true;

/* A vector that no line has: late after a move or a stop, or from the 8259 (no EOI then). */
static void spurious(struct irq_cpu *irq, unsigned int vector)
{
    irq->spurious++;
    if (lapic_in_service(vector))
        lapic_eoi();
}

static void device_interrupt(struct irq_cpu *irq, unsigned int vector)
{
    struct irq_line *line = READ_ONCE(irq->lines[vector]);
    irq_run *run;
    void *data;

    if (!line) {
        spurious(irq, vector);
        return;
    }
    spin_lock(&line->lock);
    run = line->run;
    data = line->data;
    if (run && line->kind == IRQ_GSI && line->level) {
        ioapic_mask(line->number, true);
        line->in_service = true;
    }
    line->count++;
    lapic_eoi();
    if (unlikely(line->move_pending))
        irq_line_move_now(line);
    spin_unlock(&line->lock);
    if (run)
        run(line, data);
}

static void error_interrupt(void)
{
    uint32_t errors = lapic_errors();

    lapic_eoi();
    if (errors)
        log_guest(LOG_WARN, "CPU %u: local APIC error %#x", cpu_id(), errors);
}

static void own_interrupt(struct irq_cpu *irq, unsigned int vector)
{
    switch ((enum irq_vector)vector) {
    case VECTOR_TIMER:
        irq->timers++;
        lapic_eoi();
        time_interrupt();
        break;
    case VECTOR_EVENT: /* whoever sent it has set softirq_pending or vcpu work: the gate looks */
        irq->ipis++;
        lapic_eoi();
        break;
    case VECTOR_FLUSH:
        irq->ipis++;
        lapic_eoi();
        tlb_flush_interrupt();
        break;
    case VECTOR_CALL:
        irq->ipis++;
        lapic_eoi();
        smp_call_interrupt();
        break;
    case VECTOR_ERROR:
        error_interrupt();
        break;
    case VECTOR_SPURIOUS: /* by definition not in service: no EOI (SDM 11.9) */
        irq->spurious++;
        break;
    default:
        spurious(irq, vector);
        break;
    }
}

void irq_handle(struct cpu_user_regs *regs, unsigned int vector)
{
    struct percpu *self = cpu_self();
    struct irq_cpu *irq = self->irq;

    (void)regs;
    self->irq_depth++;
    /* A full barrier: irq_line_sync() sees us inside, or we see what it changed. */
    __atomic_fetch_add(&irq->passes, 1, __ATOMIC_SEQ_CST);
    if (vector <= VECTOR_DEVICE_LAST)
        device_interrupt(irq, vector);
    else
        own_interrupt(irq, vector);
    __atomic_store_n(&irq->passes, irq->passes + 1, __ATOMIC_RELEASE);
    self->irq_depth--;
}

static bool some_cpu_needs_x2apic(void)
{
    const struct acpi_madt *madt = acpi_madt();

    for (size_t i = 0; i < madt->cpu_count; i++)
        if (madt->cpus[i].enabled && madt->cpus[i].apic_id >= 255)
            return true;
    return false;
}

/* dom0 lays out its memory by the machine's map: what is ours in there must not look free to it. */
static void reserve_registers(void)
{
    const struct acpi_madt *madt = acpi_madt();

    if (madt->lapic_address) /* the MSI address range with it: 1 MiB (SDM vol. 3, 11.11.1) */
        ram_machine_map_reserve(ROUND_DOWN(madt->lapic_address, MiB), MiB);
    for (size_t i = 0; i < madt->ioapic_count; i++)
        ram_machine_map_reserve(madt->ioapics[i].address & PAGE_MASK, PAGE_BYTES);
}

/* What the MADT calls the CPU we booted on. */
static void boot_cpu_identify(void)
{
    const struct acpi_madt *madt = acpi_madt();

    for (size_t i = 0; i < madt->cpu_count; i++)
        if (madt->cpus[i].apic_id == cpu_self()->apic_id)
            cpu_self()->acpi_id = madt->cpus[i].uid;
}

void irq_init(void)
{
    reserve_registers();
    boot_cpu_identify();
    pic_mask();
    lapic_init(acpi_madt()->lapic_address, some_cpu_needs_x2apic(), irq_x2apic);
    irq_cpu_init();
    ioapic_init();
    irq_lines_init();
    lapic_timer_init();
    lapic_timer_cpu_init();
}

void irq_cpu_init(void)
{
    struct percpu *self = cpu_self();
    bool first = !self->irq;

    if (first) {
        struct irq_cpu *irq = pool_new(struct irq_cpu);

        if (!irq)
            panic("no memory for the interrupt table of CPU %u", self->id);
        vector_map_init(&irq->vectors);
        self->irq = irq;
    } else if (self->id == 0) {
        return; /* the boot CPU was done by irq_init() */
    }
    lapic_cpu_init();
    if (self->id != 0)
        lapic_timer_cpu_init();
}

void irq_send_ipi(unsigned int cpu, unsigned int vector)
{
    lapic_send(cpu_of(cpu)->apic_id, LAPIC_FIXED, vector);
}

void irq_send_ipi_mask(const struct cpumask *mask, unsigned int vector)
{
    unsigned int cpu;

    for_each_cpu (cpu, mask)
        if (cpu != cpu_id())
            irq_send_ipi(cpu, vector);
}

void irq_send_nmi(unsigned int cpu)
{
    lapic_send(cpu_of(cpu)->apic_id, LAPIC_NMI, 0);
}

void irq_timer_arm(uint64_t tsc)
{
    lapic_timer_arm(tsc);
}

uint32_t irq_gsi_count(void)
{
    return ioapic_gsi_count();
}

void irq_dump(void)
{
    unsigned int cpu;

    for_each_online_cpu(cpu)
    {
        const struct irq_cpu *irq = cpu_of(cpu)->irq;

        log_info("CPU %u: %llu timer, %llu IPI, %llu spurious, %u vectors in use", cpu,
                 (unsigned long long)irq->timers, (unsigned long long)irq->ipis,
                 (unsigned long long)irq->spurious, irq->vectors.count);
        for (unsigned int v = VECTOR_DEVICE_FIRST; v <= VECTOR_DEVICE_LAST; v++) {
            const struct irq_line *line = READ_ONCE(irq->lines[v]);

            if (line)
                log_info("  vector %02x: %s %u %s%s, %llu taken%s", v,
                         line->kind == IRQ_GSI   ? "GSI"
                         : line->kind == IRQ_MSI ? "MSI"
                                                 : "MSI-X",
                         line->number, line->kind != IRQ_GSI || !line->level ? "edge" : "level",
                         line->run ? "" : " stopped", (unsigned long long)line->count,
                         line->in_service ? ", waits for its guest" : "");
        }
    }
}
