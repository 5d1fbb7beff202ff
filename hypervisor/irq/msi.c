/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Message-signalled interrupts.
 *
 * Always true here: a message is programmed by us alone, with a vector whose table entry exists; it
 * is masked, where hardware can, while no handler is attached; a device object lives as long as one
 * of its lines. The list of devices is under its lock, a device's masks under config accesses that
 * happen with the line's lock held.
 */
#include "irq/msi.h"

#include "abi/errno.h"
#include "console/log.h"
#include "cpu/percpu.h"
#include "irq/line.h"
#include "lib/bits.h"
#include "lib/list.h"
#include "mm/hvmap.h"
#include "mm/page.h"
#include "mm/pool.h"

enum { /* message control and register offsets (PCI 3.0, 6.8.1 and 6.8.2) */
       CONTROL = 2,
       MSI_ADDRESS = 4,
       MSI_ENABLE = 1u << 0,
       MSI_CAPABLE_SHIFT = 1,
       MSI_COUNT_SHIFT = 4,
       MSI_COUNT_MASK = 7u << 4,
       MSI_64BIT = 1u << 7,
       MSI_MASKABLE = 1u << 8,
       MSIX_TABLE = 4,
       MSIX_SIZE_MASK = 0x7ff,
       MSIX_ENTRY_BYTES = 16,
       MSIX_ENTRY_MASKED = 1u << 0,
};

struct msi_device {
    struct list_node link;            /* (r) [devices_lock] */
    struct pci_address address;       /* (c) */
    unsigned int cap;                 /* (c) offset of the capability */
    bool is_msix, is_64bit, maskable; /* (c) */
    uint32_t count;                   /* (c) MSI: messages; MSI-X: table entries */
    uint32_t live;                    /* (r) [devices_lock] lines that exist */
    struct spinlock mask_lock;        /* LOCK_IRQ + 3 */
    uint32_t masks;                   /* (r) [mask_lock] MSI: mask register as we want it */
    volatile uint32_t *table;         /* (c) MSI-X */
    struct irq_line **lines;          /* (r) [devices_lock] [count] */
};

/* A mapping of device memory is never taken back: the next time the same place gets the same one,
 * for drivers are loaded again and again. */
struct table_mapping {
    struct list_node link; /* (r) [devices_lock] */
    uint64_t base, bytes;  /* (c) */
    void *va;              /* (c) */
};

static struct list_node mappings = LIST_INIT(mappings);
static struct spinlock devices_lock = SPINLOCK_INIT(LOCK_DEVICE + 1);
static struct list_node devices = LIST_INIT(devices);

static unsigned int msi_data_offset(const struct msi_device *m)
{
    return m->cap + (m->is_64bit ? 12 : 8);
}

static unsigned int msi_mask_offset(const struct msi_device *m)
{
    return m->cap + (m->is_64bit ? 16 : 12);
}

/* First byte past the registers that are ours. */
static unsigned int msi_end(const struct msi_device *m)
{
    return m->maskable ? msi_mask_offset(m) + 4 : msi_data_offset(m) + 2;
}

static volatile uint32_t *msix_entry(const struct irq_line *line)
{
    return line->msi->table + line->number * (MSIX_ENTRY_BYTES / 4);
}

void msi_line_program(struct irq_line *line)
{
    const struct msi_device *m = line->msi;
    struct msi_message msg = msi_encode(cpu_of(line->cpu)->apic_id, line->vector);

    if (m->is_msix) {
        volatile uint32_t *entry = msix_entry(line);

        entry[0] = msg.address_low;
        entry[1] = msg.address_high;
        entry[2] = msg.data;
        return;
    }
    if (line->number != 0) /* one message stands for all: devices replace the low bits of data */
        return;
    pci_write(m->address, m->cap + MSI_ADDRESS, 4, msg.address_low);
    if (m->is_64bit)
        pci_write(m->address, m->cap + MSI_ADDRESS + 4, 4, msg.address_high);
    pci_write(m->address, msi_data_offset(m), 2, msg.data);
}

void msi_line_mask(struct irq_line *line, bool masked)
{
    struct msi_device *m = line->msi;

    if (m->is_msix) {
        volatile uint32_t *control = msix_entry(line) + 3;

        *control = masked ? MSIX_ENTRY_MASKED : 0;
        (void)*control; /* the write has reached the device */
        return;
    }
    if (!m->maskable)
        return;
    spin_lock(&m->mask_lock); /* lines of one device have different locks, and one register */
    m->masks = masked ? m->masks | 1u << line->number : m->masks & ~(1u << line->number);
    pci_write(m->address, msi_mask_offset(m), 4, m->masks);
    spin_unlock(&m->mask_lock);
}

bool msi_line_has_mask(const struct irq_line *line)
{
    return line->msi->is_msix || line->msi->maskable;
}

/* The device object of @a, NULL. devices_lock held. */
static struct msi_device *device_find(struct pci_address a)
{
    struct msi_device *m;

    list_for_each_entry (m, &devices, link)
        if (pci_address_equal(m->address, a))
            return m;
    return NULL;
}

static struct irq_line *line_new(struct msi_device *m, uint32_t number)
{
    struct irq_line *line = pool_new(struct irq_line);

    if (!line)
        return NULL;
    spin_init(&line->lock, LOCK_IRQ);
    line->kind = m->is_msix ? IRQ_MSIX : IRQ_MSI;
    line->msi = m;
    line->number = number;
    return line;
}

static void device_free(struct msi_device *m)
{
    if (m)
        pool_free(m->lines);
    pool_free(m);
}

static struct msi_device *device_new(struct pci_address a, unsigned int cap, uint32_t count)
{
    struct msi_device *m = pool_new(struct msi_device);

    if (!m)
        return NULL;
    spin_init(&m->mask_lock, LOCK_IRQ + 3);
    m->address = a;
    m->cap = cap;
    m->count = count;
    m->lines = pool_array(struct irq_line *, count);
    if (!m->lines) {
        pool_free(m);
        return NULL;
    }
    return m;
}

/* Put the device on the list unless its function is there already. */
static int device_publish(struct msi_device *m)
{
    uint64_t flags = spin_lock_irqsave(&devices_lock);
    int rc = device_find(m->address) ? -EBUSY : 0;

    if (!rc)
        list_add_tail(&m->link, &devices);
    spin_unlock_irqrestore(&devices_lock, flags);
    return rc;
}

/* Tell the device how many messages it has and where they go, all masked. */
static void msi_program_first(struct msi_device *m)
{
    uint16_t control = (uint16_t)pci_read(m->address, m->cap + CONTROL, 2);
    uint64_t flags;

    control &= (uint16_t) ~(MSI_ENABLE | MSI_COUNT_MASK);
    control |= (uint16_t)(ilog2(m->count) << MSI_COUNT_SHIFT);
    pci_write(m->address, m->cap + CONTROL, 2, control);
    flags = spin_lock_irqsave(&m->lines[0]->lock);
    msi_line_program(m->lines[0]);
    m->masks = ~0u;
    if (m->maskable)
        pci_write(m->address, msi_mask_offset(m), 4, m->masks);
    spin_unlock_irqrestore(&m->lines[0]->lock, flags);
}

static void lines_free(struct msi_device *m)
{
    for (uint32_t i = 0; i < m->count; i++)
        pool_free(m->lines[i]);
}

int msi_enable(struct pci_address a, unsigned int count, unsigned int cpu, struct irq_line **lines)
{
    unsigned int cap = pci_find_capability(a, PCI_CAP_MSI);
    uint16_t control = cap ? (uint16_t)pci_read(a, cap + CONTROL, 2) : 0;
    struct msi_device *m;
    int rc;

    if (!cap)
        return -ENODEV;
    if (!count || !is_power_of_2(count) || count > MSI_MAX_MESSAGES ||
        count > 1u << ((control >> MSI_CAPABLE_SHIFT) & 7))
        return -ERANGE;
    m = device_new(a, cap, count);
    if (!m)
        return -ENOMEM;
    m->is_64bit = control & MSI_64BIT;
    m->maskable = control & MSI_MASKABLE;
    rc = -ENOMEM;
    for (uint32_t i = 0; i < count; i++) {
        m->lines[i] = line_new(m, i);
        if (!m->lines[i])
            goto free_lines;
        m->lines[i]->shares_vectors = count > 1;
    }
    rc = irq_vectors_take(m->lines, count, cpu);
    if (rc)
        goto free_lines;
    rc = device_publish(m);
    if (rc)
        goto give_vectors;
    m->live = count;
    msi_program_first(m);
    for (uint32_t i = 0; i < count; i++)
        lines[i] = m->lines[i];
    return 0;

give_vectors:
    irq_vectors_give(m->lines, count);
free_lines:
    lines_free(m);
    device_free(m);
    return rc;
}

/* Physical address of BAR @index as the device has it; 0: an I/O or unset BAR. */
static uint64_t bar_address(struct pci_address a, unsigned int index)
{
    uint32_t low;
    uint64_t address;

    if (index > 5)
        return 0;
    low = pci_read(a, PCI_BAR0 + index * 4, 4);
    if (low & 1)
        return 0;
    address = low & ~0xfu;
    if ((low & 6) == 4 && index < 5) /* 64-bit BAR (PCI 3.0, 6.2.5.1) */
        address |= (uint64_t)pci_read(a, PCI_BAR0 + index * 4 + 4, 4) << 32;
    return address;
}

/* The mapping of an MSI-X table, made when there is none yet; NULL without memory. */
static void *table_map(uint64_t base, uint64_t bytes)
{
    uint64_t flags = spin_lock_irqsave(&devices_lock);
    struct table_mapping *t;

    list_for_each_entry (t, &mappings, link) {
        if (t->base == base && t->bytes == bytes)
            goto unlock;
    }
    t = pool_new(struct table_mapping);
    if (!t)
        goto unlock;
    *t = (struct table_mapping){
        .base = base, .bytes = bytes, .va = device_map(PADDR(base), bytes, MAP_UC)};
    if (t->va) {
        list_add_tail(&t->link, &mappings);
    } else {
        pool_free(t);
        t = NULL;
    }
unlock:
    spin_unlock_irqrestore(&devices_lock, flags);
    return t ? t->va : NULL;
}

/* Find and map the MSI-X table. */
static int msix_map(struct msi_device *m, uint64_t bar)
{
    uint32_t where = pci_read(m->address, m->cap + MSIX_TABLE, 4);
    uint64_t own = bar_address(m->address, where & 7);
    uint64_t bytes = (uint64_t)m->count * MSIX_ENTRY_BYTES;
    uint64_t base;

    /* Virtual functions have no BARs of their own: there dom0's word is all there is. */
    if (own && bar && own != bar)
        return -EINVAL;
    base = (own ? own : bar) + (where & ~7u);
    if (base < MiB || base >> 46 || (base & (MSIX_ENTRY_BYTES - 1)))
        return -EINVAL;
    if (mfn_valid(paddr_mfn(PADDR(base))) || mfn_valid(paddr_mfn(PADDR(base + bytes - 1))))
        return -EINVAL; /* RAM is never a device's table */
    m->table = table_map(base, bytes);
    return m->table ? 0 : -ENOMEM;
}

/* Make the device object of a function whose first entry is being enabled. */
static int msix_device_new(struct pci_address a, unsigned int cap, uint64_t bar,
                           struct msi_device **out)
{
    uint32_t count = (pci_read(a, cap + CONTROL, 2) & MSIX_SIZE_MASK) + 1;
    struct msi_device *m = device_new(a, cap, count);
    int rc;

    if (!m)
        return -ENOMEM;
    m->is_msix = true;
    rc = msix_map(m, bar);
    if (!rc)
        rc = device_publish(m);
    if (rc) {
        device_free(m);
        return rc;
    }
    *out = m;
    return 0;
}

/* Take entry @line->number for @line; drops the line on error. */
static int msix_entry_claim(struct msi_device *m, struct irq_line *line)
{
    uint64_t flags = spin_lock_irqsave(&devices_lock);
    int rc = m->lines[line->number] ? -EBUSY : 0;

    if (!rc) {
        m->lines[line->number] = line;
        m->live++;
    }
    spin_unlock_irqrestore(&devices_lock, flags);
    return rc;
}

/* Unlist and free @m when none of its lines is left. */
static void device_drop(struct msi_device *m)
{
    uint64_t flags = spin_lock_irqsave(&devices_lock);
    bool last = m->live == 0;

    if (last)
        list_del(&m->link);
    spin_unlock_irqrestore(&devices_lock, flags);
    if (last)
        device_free(m);
}

int msix_enable(struct pci_address a, uint32_t entry, uint64_t bar, unsigned int cpu,
                struct irq_line **out)
{
    unsigned int cap = pci_find_capability(a, PCI_CAP_MSIX);
    struct msi_device *m;
    struct irq_line *line;
    uint64_t flags;
    int rc;

    if (!cap)
        return -ENODEV;
    if (!(pci_read(a, PCI_COMMAND, 2) & PCI_COMMAND_MEMORY))
        return -ENXIO;
    flags = spin_lock_irqsave(&devices_lock);
    m = device_find(a);
    spin_unlock_irqrestore(&devices_lock, flags);
    if (m && !m->is_msix)
        return -EBUSY;
    rc = m ? 0 : msix_device_new(a, cap, bar, &m);
    if (rc)
        return rc;
    rc = entry < m->count ? 0 : -ERANGE;
    if (rc)
        goto drop_device;
    line = line_new(m, entry);
    if (!line) {
        rc = -ENOMEM;
        goto drop_device;
    }
    rc = irq_vectors_take(&line, 1, cpu);
    if (rc)
        goto free_line;
    rc = msix_entry_claim(m, line);
    if (rc)
        goto give_vector;
    flags = spin_lock_irqsave(&line->lock);
    msi_line_mask(line, true);
    msi_line_program(line);
    spin_unlock_irqrestore(&line->lock, flags);
    *out = line;
    return 0;

give_vector:
    irq_vectors_give(&line, 1);
free_line:
    pool_free(line);
drop_device:
    device_drop(m);
    return rc;
}

/* A device without masks goes on sending until it is told that it may not: its vector will belong
 * to others. */
static void msi_silence(const struct msi_device *m)
{
    uint32_t control = pci_read(m->address, m->cap + CONTROL, 2);

    pci_write(m->address, m->cap + CONTROL, 2, control & ~(uint32_t)MSI_ENABLE);
}

void msi_disable(struct irq_line *line)
{
    struct msi_device *m = line->msi;
    uint64_t flags;

    if (!m->is_msix && m->live == 1)
        msi_silence(m);
    flags = spin_lock_irqsave(&line->lock);
    msi_line_mask(line, true);
    irq_vectors_give(&line, 1);
    spin_unlock_irqrestore(&line->lock, flags);
    irq_line_sync(); /* a late interrupt may have found the line by its vector */
    flags = spin_lock_irqsave(&devices_lock);
    m->lines[line->number] = NULL;
    m->live--;
    spin_unlock_irqrestore(&devices_lock, flags);
    pool_free(line);
    device_drop(m);
}

static void line_restore(struct irq_line *line)
{
    uint64_t flags = spin_lock_irqsave(&line->lock);

    msi_line_mask(line, true);
    msi_line_program(line);
    if (line->run)
        msi_line_mask(line, false);
    spin_unlock_irqrestore(&line->lock, flags);
}

int msi_restore(struct pci_address a)
{
    uint64_t flags = spin_lock_irqsave(&devices_lock);
    struct msi_device *m = device_find(a);
    int rc = 0;

    if (!m) /* never had any from us */
        goto unlock;
    if (m->is_msix && !(pci_read(a, PCI_COMMAND, 2) & PCI_COMMAND_MEMORY)) {
        rc = -ENXIO;
        goto unlock;
    }
    for (uint32_t i = 0; i < m->count; i++)
        if (m->lines[i])
            line_restore(m->lines[i]);
unlock:
    spin_unlock_irqrestore(&devices_lock, flags);
    return rc;
}

int msix_prepare(struct pci_address a)
{
    return pci_find_capability(a, PCI_CAP_MSIX) ? 0 : -ENODEV;
}

bool msi_config_write_filter(struct pci_address a, unsigned int reg, unsigned int bytes,
                             uint32_t *value)
{
    uint64_t flags = spin_lock_irqsave(&devices_lock);
    const struct msi_device *m = device_find(a);
    bool allowed = true;

    if (m && !m->is_msix && reg + bytes > m->cap + CONTROL && reg < msi_end(m)) {
        unsigned int shift = reg == m->cap ? 16 : 0; /* a 32-bit write of id and control */

        if ((reg == m->cap + CONTROL && bytes == 2) || (reg == m->cap && bytes == 4))
            /* enabling is dom0's, the count is ours */
            *value = (*value & ~((uint32_t)MSI_COUNT_MASK << shift)) |
                     ilog2(m->count) << (MSI_COUNT_SHIFT + shift);
        else
            allowed = reg <= m->cap + CONTROL && reg + bytes <= m->cap + MSI_ADDRESS;
    }
    spin_unlock_irqrestore(&devices_lock, flags);
    return allowed;
}
