/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Between dom0's accesses, the functions they are about (function.c), and the hardware.
 *
 * What is always true here: a function is on the list from dom0's first access to it on, for good,
 * so interrupt handlers may know it; vpci_lock covers all functions; messages of ours are made by
 * irq/msi.c, which has their vectors and programs the device.
 */
#include "hvm/vpci/vpci.h"

#include "acpi/acpi.h"
#include "console/log.h"
#include "cpu/percpu.h"
#include "domain/domain.h"
#include "hvm/dev/vlapic_ipi.h"
#include "hvm/dev/vmsi.h"
#include "hvm/hardware.h"
#include "hvm/vpci/function.h"
#include "irq/irq.h"
#include "irq/line.h"
#include "irq/msi.h"
#include "mm/hvmap.h"
#include "mm/pool.h"

#define ECAM_BUS_BYTES MiB
#define NO_FUNCTION    0xffffu

/* A message of ours for message @number of the guest's. */
struct vpci_line {
    struct vpci_function *f;
    struct irq_line *line; /* NULL: none */
    bool is_msix;
    uint32_t number;
};

/* Of one function: lines by number, MSI's and MSI-X's. */
struct vpci_lines {
    struct vpci_line msi[VPCI_MSI_MAX];
    struct vpci_line *msix;
    volatile char *pages; /* those that the MSI-X table lies in, mapped; NULL: not yet */
    uint64_t pages_at;    /* their address */
};

static struct spinlock vpci_lock = SPINLOCK_INIT(LOCK_DEVICE);
static struct list_node functions = LIST_INIT(functions);
static struct domain *owner;

/* ---- interrupts ---- */

static void arrived(struct irq_line *line, void *data)
{
    const struct vpci_line *l = data;
    struct vpci_message from = l->is_msix ? vpci_msix_message(l->f, l->number)
                                          : vpci_msi_message(l->f, l->number);
    struct vmsi_message m;

    (void)line;
    if (!vmsi_decode(from.address, from.data, &m) && m.vector)
        (void)vlapic_message(owner, &m);
}

static void complain(const struct vpci_function *f, const char *what, int rc)
{
    log_warn("vPCI %04x:%02x:%02x.%u: %s: error %d", f->address.segment, f->address.bus,
             f->address.devfn >> 3, f->address.devfn & 7, what, rc);
}

static void line_drop(struct vpci_line *l)
{
    if (!l->line)
        return;
    irq_line_stop(l->line);
    msi_disable(l->line);
    l->line = NULL;
}

static bool msi_start(struct vpci_function *f, unsigned int count)
{
    struct vpci_lines *lines = f->data;
    struct irq_line *made[VPCI_MSI_MAX];
    int rc = msi_enable(f->address, count, cpu_id(), made);

    if (rc) {
        complain(f, "MSI", rc);
        return false;
    }
    for (unsigned int n = 0; n < count; n++)
        lines->msi[n] = (struct vpci_line){.f = f, .line = made[n], .number = n};
    return true;
}

static void msi_stop(struct vpci_function *f)
{
    struct vpci_lines *lines = f->data;

    for (unsigned int n = 0; n < VPCI_MSI_MAX; n++)
        line_drop(&lines->msi[n]);
}

static void msix_stop(struct vpci_function *f)
{
    struct vpci_lines *lines = f->data;

    for (unsigned int n = 0; n < f->msix.count; n++)
        line_drop(&lines->msix[n]);
}

static void line_open(struct vpci_line *l, bool open)
{
    int rc;

    if (!l->line)
        return;
    if (!open) {
        irq_line_stop(l->line);
        return;
    }
    rc = irq_line_start(l->line, cpu_id(), arrived, l);
    if (rc)
        complain(l->f, "a message", rc);
}

static void msi_open(struct vpci_function *f, unsigned int n, bool open)
{
    line_open(&((struct vpci_lines *)f->data)->msi[n], open);
}

static void msix_open(struct vpci_function *f, unsigned int n, bool open)
{
    struct vpci_line *l = &((struct vpci_lines *)f->data)->msix[n];
    int rc = 0;

    if (!l->line && open) {
        *l = (struct vpci_line){.f = f, .is_msix = true, .number = n};
        rc = msix_enable(f->address, n, 0, cpu_id(), &l->line);
    }
    if (rc)
        complain(f, "MSI-X", rc);
    line_open(l, open);
}

static void restore(struct vpci_function *f)
{
    int rc = msi_restore(f->address);

    if (rc)
        complain(f, "restoring messages", rc);
}

/* Its pages may be mapped: dom0 finds them here again when it touches them. */
static void moved(struct vpci_function *f)
{
    if (f->msix.base)
        hardware_unmap(owner, f->msix.base, vpci_table_bytes(f));
}

static const struct vpci_ops ops = {
    .read = pci_read,
    .write = pci_write,
    .msi_start = msi_start,
    .msi_stop = msi_stop,
    .msi_open = msi_open,
    .msix_open = msix_open,
    .msix_stop = msix_stop,
    .restore = restore,
    .moved = moved,
};

/* ---- functions ---- */

static struct vpci_function *function_new(struct pci_address a)
{
    struct vpci_function *f = pool_new(struct vpci_function);
    struct vpci_lines *lines = pool_new(struct vpci_lines);

    if (!f || !lines)
        goto fail;
    f->address = a;
    f->ops = &ops;
    f->data = lines;
    vpci_scan(f);
    if (f->msix.count) {
        f->msix.entry = pool_array(struct vpci_msix_entry, f->msix.count);
        lines->msix = pool_array(struct vpci_line, f->msix.count);
        if (!f->msix.entry || !lines->msix)
            goto fail;
    }
    list_add_tail(&f->link, &functions);
    vpci_reset(f);
    return f;

fail:
    if (f)
        pool_free(f->msix.entry);
    if (lines)
        pool_free(lines->msix);
    pool_free(lines);
    pool_free(f);
    return NULL;
}

/* The function at @a, NULL: there is none (or no memory for it, which is the same to dom0). */
static struct vpci_function *function_of(struct pci_address a)
{
    struct vpci_function *f;

    list_for_each_entry (f, &functions, link)
        if (pci_address_equal(f->address, a))
            return f;
    if (pci_read(a, PCI_VENDOR, 2) == NO_FUNCTION)
        return NULL;
    return function_new(a);
}

static uint32_t access(struct pci_address a, unsigned int reg, unsigned int bytes, bool write,
                       uint32_t value)
{
    uint32_t result = ~0u >> (32 - 8 * bytes);
    struct vpci_function *f;

    spin_lock(&vpci_lock);
    f = function_of(a);
    if (f && write)
        vpci_write(f, reg, bytes, value);
    else if (f)
        result = vpci_read(f, reg, bytes);
    spin_unlock(&vpci_lock);
    return result;
}

void vpci_init(struct domain *d)
{
    const struct acpi_ecam *ecam;
    size_t count;

    owner = d;
    ecam = acpi_ecam(&count);
    for (size_t i = 0; i < count; i++) /* dom0 has no other way to registers above 256 */
        if (pci_ecam_add(ecam[i].segment, ecam[i].base, ecam[i].first_bus, ecam[i].last_bus))
            log_warn("vPCI: no use of the ECAM range at %#lx", ecam[i].base);
    pci_dom0_view = access;
}

/* ---- memory ---- */

static const struct acpi_ecam *ecam_at(uint64_t gpa, uint64_t bytes)
{
    const struct acpi_ecam *ecam;
    size_t count;

    ecam = acpi_ecam(&count);
    for (size_t i = 0; i < count; i++) {
        uint64_t first = ecam[i].base + ecam[i].first_bus * ECAM_BUS_BYTES;
        uint64_t end = ecam[i].base + (ecam[i].last_bus + 1) * ECAM_BUS_BYTES;

        if (gpa < end && gpa + bytes > first)
            return &ecam[i];
    }
    return NULL;
}

/* The function in a page of whose MSI-X table any of that lies. vpci_lock held. */
static struct vpci_function *table_at(uint64_t gpa, uint64_t bytes)
{
    struct vpci_function *f;

    list_for_each_entry (f, &functions, link) {
        uint64_t first = ROUND_DOWN(f->msix.base, PAGE_BYTES);
        uint64_t end = ROUND_UP(f->msix.base + vpci_table_bytes(f), PAGE_BYTES);

        if (f->msix.base && gpa < end && gpa + bytes > first)
            return f;
    }
    return NULL;
}

bool vpci_claims(uint64_t gpa, uint64_t bytes)
{
    bool found;

    if (ecam_at(gpa, bytes))
        return true;
    spin_lock(&vpci_lock);
    found = table_at(gpa, bytes) != NULL;
    spin_unlock(&vpci_lock);
    return found;
}

static void ecam_access(const struct acpi_ecam *e, uint64_t gpa, unsigned int bytes, bool write,
                        uint64_t *value)
{
    uint64_t offset = gpa - e->base;
    struct pci_address a = {.segment = e->segment,
                            .bus = (uint8_t)(offset >> 20),
                            .devfn = (uint8_t)(offset >> 12)};
    unsigned int reg = offset & 0xfff, each = min(bytes, 4u);

    if (offset & (each - 1))
        return;
    for (unsigned int at = 0; at < bytes; at += each) {
        uint32_t part = access(a, reg + at, each, write, (uint32_t)(*value >> 8 * at));

        if (!write)
            *value = (*value & ~((uint64_t)~0u << 8 * at)) | (uint64_t)part << 8 * at;
    }
}

/* The pages that @f's table lies in. Mappings of device memory are never taken back, so there is
 * one for each place that the table ever had. */
static volatile char *table_pages(struct vpci_function *f)
{
    struct vpci_lines *lines = f->data;
    uint64_t first = ROUND_DOWN(f->msix.base, PAGE_BYTES);
    uint64_t end = ROUND_UP(f->msix.base + vpci_table_bytes(f), PAGE_BYTES);

    if (!lines->pages || lines->pages_at != first) {
        lines->pages = device_map(PADDR(first), end - first, MAP_UC);
        lines->pages_at = first;
    }
    return lines->pages;
}

/* What lies beside a table in its pages is the device's, pending bits most of all. */
static void beside_table(struct vpci_function *f, uint64_t gpa, unsigned int bytes, bool write,
                         uint64_t *value)
{
    volatile char *byte = table_pages(f);

    if (!byte)
        return;
    byte += gpa - ROUND_DOWN(f->msix.base, PAGE_BYTES);
#define ACCESS(type)                            \
    do {                                        \
        if (write)                              \
            *(volatile type *)byte = (type)*value; \
        else                                    \
            *value = *(volatile type *)byte;    \
    } while (0)
    switch (bytes) {
    case 1:
        ACCESS(uint8_t);
        break;
    case 2:
        ACCESS(uint16_t);
        break;
    case 4:
        ACCESS(uint32_t);
        break;
    default:
        ACCESS(uint64_t);
        break;
    }
#undef ACCESS
}

static bool table_access(uint64_t gpa, unsigned int bytes, bool write, uint64_t *value)
{
    struct vpci_function *f = table_at(gpa, bytes);
    uint64_t offset;

    if (!f || !IS_ALIGNED(gpa, bytes))
        return f != NULL;
    offset = gpa - f->msix.base;
    if (gpa < f->msix.base || offset >= vpci_table_bytes(f)) {
        beside_table(f, gpa, bytes, write, value);
    } else if (bytes >= 4) { /* others are not defined (PCI 3.0, 6.8.2) */
        if (write)
            vpci_table_write(f, offset, bytes, *value);
        else
            *value = vpci_table_read(f, offset, bytes);
    }
    return true;
}

bool vpci_memory(uint64_t gpa, unsigned int bytes, bool write, uint64_t *value)
{
    const struct acpi_ecam *e = ecam_at(gpa, bytes);
    bool ours;

    if (e) {
        ecam_access(e, gpa, bytes, write, value);
        return true;
    }
    spin_lock(&vpci_lock);
    ours = table_access(gpa, bytes, write, value);
    spin_unlock(&vpci_lock);
    return ours;
}
