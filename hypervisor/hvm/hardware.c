/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A PVH dom0 and the machine.
 *
 * What is always true here: device memory is mapped where it is, page by page or 2 MiB at a time
 * when it is first touched, and never RAM, nor anything that dom0 may not use (domain.iomem), nor
 * what vPCI stands for. Pin n of dom0's IOAPIC is GSI n: once dom0 has opened it, the line runs
 * and each of its interrupts is one pulse on the pin. A level-triggered line stays masked from its
 * interrupt until dom0 has ended it, or has changed the pin; if its device still asks then, it
 * interrupts again, so no level has to be kept.
 */
#include "hvm/hardware.h"

#include "abi/errno.h"
#include "boot/handover.h"
#include "console/log.h"
#include "cpu/percpu.h"
#include "domain/domain.h"
#include "domain/translated.h"
#include "hvm/hvm.h"
#include "hvm/vpci/vpci.h"
#include "irq/irq.h"
#include "irq/line.h"
#include "lib/range_set.h"
#include "mm/pool.h"
#include "mm/ram.h"
#include "physdev/port.h"
#include "sched/softirq.h"

struct hardware {
    struct softirq_work raise;
    uint64_t arrived;          /* (a) GSIs that have interrupted */
    struct spinlock pins_lock; /* LOCK_DEVICE */
    uint64_t connected;        /* (r) [pins_lock] GSIs whose pins dom0 has opened */
};

bool hardware_dma_translated(const struct domain *d)
{
    (void)d;
    return false; /* no IOMMU is driven yet */
}

/* ---- memory ---- */

/* Is every frame of that a device's, or firmware's, and dom0's to use directly? */
static bool is_direct(const struct domain *d, uint64_t frame, uint64_t count)
{
    if (!range_set_contains(d->iomem, frame, frame + count - 1) ||
        vpci_claims(frame << PAGE_SHIFT, count << PAGE_SHIFT))
        return false;
    for (uint64_t i = 0; i < count; i++)
        if (ram_frame_type(MFN(frame + i)) == BOOT_RANGE_RAM)
            return false;
    return true;
}

/* Tables of the firmware are memory; for all else the processor's own MTRRs or our word count. */
static uint8_t cache_of(uint64_t frame)
{
    uint32_t type = ram_frame_type(MFN(frame));

    return type == BOOT_RANGE_ACPI || type == BOOT_RANGE_NVS ? P2M_CACHE_WB : P2M_CACHE_UC;
}

static bool map_order(struct domain *d, uint64_t gfn, unsigned int order)
{
    uint64_t first = gfn & ~(BIT(order) - 1);
    const struct p2m_entry e = {.mfn = MFN(first),
                                .type = P2M_MMIO_DIRECT,
                                .order = (uint8_t)order,
                                .cache = cache_of(first)};
    struct p2m_entry old, now;
    bool mapped = false;

    if (!is_direct(d, first, BIT(order)))
        return false;
    spin_lock(&d->p2m->lock);
    now = p2m_lookup(d->p2m, first);
    if (now.type == P2M_HOLE && now.order >= order)
        mapped = !p2m_set(d->p2m, first, &e, &old);
    else
        mapped = order == P2M_ORDER_4K && now.type == P2M_MMIO_DIRECT; /* by another vCPU */
    spin_unlock(&d->p2m->lock);
    return mapped;
}

bool hardware_map(struct domain *d, uint64_t gpa)
{
    uint64_t gfn = gpa >> PAGE_SHIFT;

    if (gfn >> P2M_GFN_BITS)
        return false;
    return (gfn >= (MiB >> PAGE_SHIFT) && map_order(d, gfn, P2M_ORDER_2M)) ||
           map_order(d, gfn, P2M_ORDER_4K);
}

void hardware_unmap(struct domain *d, uint64_t gpa, uint64_t bytes)
{
    const struct p2m_entry hole = {0};
    bool any = false;

    spin_lock(&d->p2m->lock);
    for (uint64_t gfn = gpa >> PAGE_SHIFT; gfn <= (gpa + bytes - 1) >> PAGE_SHIFT; gfn++) {
        struct p2m_entry old;

        if (p2m_lookup(d->p2m, gfn).type != P2M_MMIO_DIRECT)
            continue;
        if (p2m_set(d->p2m, gfn, &hole, &old)) /* the split needs a table */
            log_error("d%u: device memory at %#lx stays mapped: no memory", d->id,
                      gfn << PAGE_SHIFT);
        any = true;
    }
    spin_unlock(&d->p2m->lock);
    if (any)
        translated_flush(d);
}

bool hardware_memory(struct domain *d, struct ioreq *r)
{
    (void)d;
    return vpci_memory(r->addr, r->size, !r->dir, &r->data);
}

bool hardware_port(struct domain *d, struct ioreq *r)
{
    if (r->dir)
        r->data = port_read(d, (uint32_t)r->addr, r->size);
    else
        port_write(d, (uint32_t)r->addr, r->size, (uint32_t)r->data);
    return true;
}

/* ---- interrupts ---- */

/* Of a line: the devices' lock is not for interrupt handlers. */
static void line_arrived(struct irq_line *line, void *data)
{
    struct hardware *h = data;

    __atomic_fetch_or(&h->arrived, BIT(line->number), __ATOMIC_SEQ_CST);
    softirq_queue(&h->raise);
}

static void raise_arrived(void *data)
{
    struct domain *d = data;
    uint64_t gsis = __atomic_exchange_n(&d->hvm->hardware->arrived, 0, __ATOMIC_SEQ_CST);

    for (; gsis; gsis &= gsis - 1)
        platform_gsi_pulse(&d->hvm->board.platform, bit_first(gsis));
}

/* Called with pins_lock held. */
static void connect(struct domain *d, unsigned int gsi, const struct platform_pin *pin)
{
    struct hardware *h = d->hvm->hardware;
    struct irq_line *line = irq_gsi_line(gsi);
    int rc;

    if (!line || !range_set_contains(d->irqs, gsi, gsi))
        return;
    irq_gsi_setup(line, pin->level, pin->active_low);
    rc = irq_line_start(line, cpu_id(), line_arrived, h);
    if (rc)
        log_warn("d%u: no use of GSI %u: error %d", d->id, gsi, rc);
    h->connected |= BIT(gsi);
}

void hardware_pins_changed(struct domain *d)
{
    struct hardware *h = d->hvm->hardware;

    spin_lock(&h->pins_lock);
    for (unsigned int gsi = 0; gsi < VGSI_COUNT; gsi++) {
        struct platform_pin pin = platform_pin(&d->hvm->board.platform, gsi);

        if (pin.masked)
            continue;
        if (!(h->connected & BIT(gsi))) {
            connect(d, gsi, &pin);
        } else if (irq_gsi_line(gsi)) {
            irq_gsi_setup(irq_gsi_line(gsi), pin.level, pin.active_low);
            if (!pin.in_service)
                irq_line_done(irq_gsi_line(gsi));
        }
    }
    spin_unlock(&h->pins_lock);
}

void hardware_eoi(struct domain *d, uint64_t gsis)
{
    (void)d;
    for (; gsis; gsis &= gsis - 1) {
        struct irq_line *line = irq_gsi_line(bit_first(gsis));

        if (line)
            irq_line_done(line);
    }
}

int hardware_init(struct domain *d)
{
    struct hardware *h = pool_new(struct hardware);
    struct vcpu *v;

    if (!h)
        return -ENOMEM;
    spin_init(&h->pins_lock, LOCK_DEVICE);
    h->raise.run = raise_arrived;
    h->raise.data = d;
    d->hvm->hardware = h;
    for_each_vcpu(d, v)
        hvm_set_pat(v, v->hvm->mtrr.msr_pat_cr);
    vpci_init(d);
    if (irq_gsi_count() > VGSI_COUNT)
        log_warn("d%u: no use of GSIs from %u on", d->id, VGSI_COUNT);
    return 0;
}
