/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Interrupt lines: vectors, routing, masking, moving between CPUs.
 *
 * Always true here: a line with a vector has its entry in the table of the CPU it is sent to, made
 * before the hardware learns of it; the entry of the CPU it was on before stays until the next
 * interrupt has arrived at the new place, so none that was on its way is lost; a level line is
 * moved only while it is masked and acknowledged. The line's lock covers all of its fields, the
 * vector lock (inside it) all vector maps.
 */
#include "irq/line.h"

#include "abi/errno.h"
#include "acpi/acpi.h"
#include "console/log.h"
#include "cpu/insn.h"
#include "cpu/percpu.h"
#include "cpu/smp.h"
#include "debug/panic.h"
#include "irq/ioapic.h"
#include "irq/irq.h"
#include "irq/lapic.h"
#include "mm/pool.h"
#include "time/time.h"

static struct spinlock vector_lock = SPINLOCK_INIT(LOCK_IRQ + 2);
static struct irq_line *gsi_lines; /* (c) [ioapic_gsi_count()] */

/* Destinations of IOAPIC entries and messages are 8 bits wide without interrupt remapping; 255 is
 * broadcast (SDM 11.11.1). */
static bool cpu_reachable(unsigned int cpu)
{
    return cpu < cpu_count && cpumask_test(&cpus_online, cpu) && cpu_of(cpu)->apic_id < 255;
}

static unsigned int take_on(unsigned int cpu, unsigned int count, unsigned int wanted)
{
    return cpu_reachable(cpu) ? vector_take(&cpu_of(cpu)->irq->vectors, count, wanted) : 0;
}

int irq_vectors_take(struct irq_line **lines, unsigned int count, unsigned int cpu)
{
    uint64_t flags = spin_lock_irqsave(&vector_lock);
    unsigned int first = take_on(cpu, count, 0);

    if (!first) {
        for_each_online_cpu(cpu)
        {
            first = take_on(cpu, count, 0);
            if (first)
                break;
        }
    }
    for (unsigned int i = 0; first && i < count; i++) {
        lines[i]->cpu = cpu;
        lines[i]->vector = (uint8_t)(first + i);
        WRITE_ONCE(cpu_of(cpu)->irq->lines[first + i], lines[i]);
    }
    spin_unlock_irqrestore(&vector_lock, flags);
    return first ? 0 : -ENOSPC;
}

static void vector_release(unsigned int cpu, unsigned int vector)
{
    struct irq_cpu *irq = cpu_of(cpu)->irq;
    uint64_t flags = spin_lock_irqsave(&vector_lock);

    WRITE_ONCE(irq->lines[vector], NULL);
    vector_give(&irq->vectors, vector, 1);
    spin_unlock_irqrestore(&vector_lock, flags);
}

void irq_vectors_give(struct irq_line **lines, unsigned int count)
{
    for (unsigned int i = 0; i < count; i++) {
        if (lines[i]->old_vector)
            vector_release(lines[i]->old_cpu, lines[i]->old_vector);
        if (lines[i]->vector)
            vector_release(lines[i]->cpu, lines[i]->vector);
        lines[i]->old_vector = 0;
        lines[i]->vector = 0;
    }
}

/* Write the routing of @line to the hardware. Line lock held. */
static void line_program(struct irq_line *line, bool masked)
{
    struct ioapic_route route;

    if (line->kind != IRQ_GSI) {
        msi_line_program(line);
        msi_line_mask(line, masked);
        return;
    }
    route = (struct ioapic_route){.apic_id = cpu_of(line->cpu)->apic_id,
                                  .vector = line->vector,
                                  .level = line->level,
                                  .active_low = line->active_low,
                                  .masked = masked};
    ioapic_route(line->number, &route);
}

static void line_mask(struct irq_line *line, bool masked)
{
    if (line->kind == IRQ_GSI)
        ioapic_mask(line->number, masked);
    else
        msi_line_mask(line, masked);
}

struct irq_line *irq_gsi_line(uint32_t gsi)
{
    return gsi < ioapic_gsi_count() && ioapic_has(gsi) ? &gsi_lines[gsi] : NULL;
}

void irq_gsi_setup(struct irq_line *line, bool level, bool active_low)
{
    uint64_t flags = spin_lock_irqsave(&line->lock);

    if (line->level != level || line->active_low != active_low) {
        line->level = level;
        line->active_low = active_low;
        line->in_service = false;
        if (line->vector)
            line_program(line, !line->run);
    }
    spin_unlock_irqrestore(&line->lock, flags);
}

int irq_line_start(struct irq_line *line, unsigned int cpu, irq_run *run, void *data)
{
    uint64_t flags = spin_lock_irqsave(&line->lock);
    int rc = 0;

    if (line->run) {
        rc = -EBUSY;
        goto unlock;
    }
    if (!line->vector)
        rc = irq_vectors_take(&line, 1, cpu);
    if (rc)
        goto unlock;
    line->data = data;
    line->run = run;
    line->in_service = false;
    line->move_pending = false;
    line_program(line, false);
unlock:
    spin_unlock_irqrestore(&line->lock, flags);
    return rc;
}

void irq_line_stop(struct irq_line *line)
{
    uint64_t flags = spin_lock_irqsave(&line->lock);

    if (!line->run) {
        spin_unlock_irqrestore(&line->lock, flags);
        return;
    }
    line_mask(line, true);
    line->run = NULL;
    line->in_service = false;
    line->move_pending = false;
    if (!line->msi) /* messages keep theirs until msi_disable(): the device holds the number */
        irq_vectors_give(&line, 1);
    spin_unlock_irqrestore(&line->lock, flags);
    irq_line_sync();
}

/* Move a line to @cpu. Its mask is as it was afterwards. Line lock held. */
static void line_move(struct irq_line *line, unsigned int cpu)
{
    bool same_vector = line->kind == IRQ_MSI && !msi_line_has_mask(line);
    bool level = line->kind == IRQ_GSI && line->level; /* masked by its interrupt, stays so */
    unsigned int vector;
    uint64_t flags;

    if (line->old_vector)
        vector_release(line->old_cpu, line->old_vector);
    line->old_vector = 0;
    flags = spin_lock_irqsave(&vector_lock);
    /* Without a mask only the address may change, or device and CPU could see half a message. */
    vector = take_on(cpu, 1, same_vector ? line->vector : 0);
    if (vector) {
        line->old_cpu = line->cpu;
        line->old_vector = line->vector;
        line->cpu = cpu;
        line->vector = (uint8_t)vector;
        WRITE_ONCE(cpu_of(cpu)->irq->lines[vector], line);
    }
    spin_unlock_irqrestore(&vector_lock, flags);
    if (!vector)
        return;
    if (!same_vector)
        line_mask(line, true);
    line_program(line, level);
}

/* An interrupt sent before a move may still wait at the old CPU, which holds interrupts off for far
 * less than this; until then its table entry there must stay. */
#define MOVE_PAUSE_NS (50 * NS_PER_MS)

void irq_line_move_now(struct irq_line *line)
{
    if (line->kind == IRQ_GSI && line->level &&
        (line->in_service || ioapic_awaits_eoi(line->number)))
        return; /* at irq_line_done() */
    if (line->old_vector && time_now_ns() - line->moved_ns < MOVE_PAUSE_NS)
        return; /* at a later interrupt, if any comes */
    line->move_pending = false;
    if (line->wanted_cpu == line->cpu || !cpu_reachable(line->wanted_cpu))
        return;
    line->moved_ns = time_now_ns();
    line_move(line, line->wanted_cpu);
}

void irq_line_move(struct irq_line *line, unsigned int cpu)
{
    uint64_t flags;

    if (line->shares_vectors || !cpu_reachable(cpu))
        return;
    flags = spin_lock_irqsave(&line->lock);
    if (line->vector && line->run) {
        line->wanted_cpu = cpu;
        line->move_pending = cpu != line->cpu;
        /* A running level line moves at the next irq_line_done(), when it is masked and quiet. */
        if (line->move_pending && !(line->kind == IRQ_GSI && line->level))
            irq_line_move_now(line);
    }
    spin_unlock_irqrestore(&line->lock, flags);
}

void irq_line_done(struct irq_line *line)
{
    uint64_t flags = spin_lock_irqsave(&line->lock);

    if (line->in_service) {
        line->in_service = false;
        if (line->move_pending)
            irq_line_move_now(line);
        line_mask(line, false);
    }
    spin_unlock_irqrestore(&line->lock, flags);
}

void irq_line_sync(void)
{
    unsigned int cpu;

    assert(irq_enabled());
    __atomic_thread_fence(__ATOMIC_SEQ_CST); /* our changes are seen before we look who is inside */
    for_each_online_cpu(cpu)
    {
        struct irq_cpu *irq = cpu_of(cpu)->irq;
        uint64_t seen = __atomic_load_n(&irq->passes, __ATOMIC_ACQUIRE);

        while ((seen & 1) && __atomic_load_n(&irq->passes, __ATOMIC_ACQUIRE) == seen)
            cpu_relax();
    }
}

/* How ISA interrupts are wired where the MADT says nothing: edge, high (ACPI 6.4, 5.2.12.5). */
static void gsi_defaults(void)
{
    const struct acpi_madt *madt = acpi_madt();

    for (uint32_t gsi = 0; gsi < ioapic_gsi_count(); gsi++) {
        struct irq_line *line = &gsi_lines[gsi];

        spin_init(&line->lock, LOCK_IRQ);
        line->kind = IRQ_GSI;
        line->number = gsi;
        line->level = gsi >= 16;
        line->active_low = gsi >= 16;
    }
    for (size_t i = 0; i < madt->override_count; i++) {
        const struct acpi_override *o = &madt->overrides[i];

        if (o->gsi >= ioapic_gsi_count())
            continue;
        gsi_lines[o->gsi].level = o->trigger == ACPI_LEVEL;
        gsi_lines[o->gsi].active_low = o->polarity == ACPI_ACTIVE_LOW;
    }
}

void irq_lines_init(void)
{
    uint32_t count = ioapic_gsi_count();

    gsi_lines = pool_array(struct irq_line, count ? count : 1);
    if (!gsi_lines)
        panic("no memory for %u interrupt lines", count);
    gsi_defaults();
}
