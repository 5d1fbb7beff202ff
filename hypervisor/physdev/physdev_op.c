/* SPDX-License-Identifier: BSD-2-Clause */
/* The physdev hypercall: decoding and permission; the work is in map.c, guest.c, irq/ and pci/. */
#include "physdev/physdev.h"

#include "abi/errno.h"
#include "cpu/percpu.h"
#include "domain/domain.h"
#include "hypercall/hypercall.h"
#include "hypercall/table.h"
#include "irq/ioapic.h"
#include "irq/irq.h"
#include "irq/line.h"
#include "irq/msi.h"
#include "lib/range_set.h"
#include "pci/config.h"
#include "pci/device.h"
#include "physdev/pirq.h"

#include <xen/physdev.h>

static struct domain *caller(void)
{
    return vcpu_current()->domain;
}

static long op_eoi(void *arg)
{
    const struct physdev_eoi *op = arg;

    return pirq_eoi(caller(), op->irq);
}

static long op_eoi_page_v1(void *arg)
{
    const struct physdev_pirq_eoi_gmfn *op = arg;

    return pirq_set_eoi_page(caller(), op->gmfn, true);
}

static long op_eoi_page_v2(void *arg)
{
    const struct physdev_pirq_eoi_gmfn *op = arg;

    return pirq_set_eoi_page(caller(), op->gmfn, false);
}

static long op_irq_status_query(void *arg)
{
    struct physdev_irq_status_query *op = arg;

    return pirq_status(caller(), op->irq, &op->flags);
}

static long op_set_iopl(void *arg)
{
    const struct physdev_set_iopl *op = arg;

    if (op->iopl > 3)
        return -EINVAL;
    return pv_set_iopl(vcpu_current(), op->iopl);
}

static long op_set_iobitmap(void *arg)
{
    const struct physdev_set_iobitmap *op = arg;

    if (op->nr_ports > 65536)
        return -EINVAL;
    return pv_set_iobitmap(vcpu_current(), (uint64_t)op->bitmap.p, op->nr_ports);
}

static long op_apic_read(void *arg)
{
    struct physdev_apic *op = arg;

    return ioapic_register(op->apic_physbase, op->reg, &op->value);
}

/* dom0 has no business in the IOAPICs; old kernels that write the id they read get their way. */
static long op_apic_write(void *arg)
{
    const struct physdev_apic *op = arg;
    uint32_t value;

    return ioapic_register(op->apic_physbase, op->reg, &value);
}

/* Vectors are found when a line starts; the guest only needs to hear that there is one. */
static long op_alloc_irq_vector(void *arg)
{
    struct physdev_irq *op = arg;
    const struct irq_line *line = irq_gsi_line(op->irq);

    if (!line)
        return -EINVAL;
    op->vector = line->vector ? line->vector : VECTOR_ALLOC_FIRST;
    return 0;
}

/* May the caller hand out or take away pirqs of @d? Only the control domain, for anybody. */
static int may_map(const struct domain *d)
{
    if (!caller_is_control())
        return -EPERM;
    return d->life >= DOMAIN_DYING ? -ESRCH : 0;
}

static int request_decode(const struct physdev_map_pirq *op, struct pirq_request *r)
{
    *r = (struct pirq_request){.pirq = op->pirq, .count = 1};
    switch (op->type) {
    case MAP_PIRQ_TYPE_GSI:
        if (op->index < 0 || (uint32_t)op->index >= irq_gsi_count())
            return -EINVAL;
        r->gsi = (uint32_t)op->index;
        return 0;
    case MAP_PIRQ_TYPE_MSI:
        r->bus = (uint8_t)op->bus;
        break;
    case MAP_PIRQ_TYPE_MSI_SEG:
    case MAP_PIRQ_TYPE_MULTI_MSI:
        r->bus = (uint8_t)op->bus;
        r->segment = (uint16_t)((uint32_t)op->bus >> 16);
        break;
    default:
        return -EINVAL;
    }
    r->is_message = true;
    r->devfn = (uint8_t)op->devfn;
    if (op->type == MAP_PIRQ_TYPE_MULTI_MSI) {
        if (op->entry_nr <= 0 || op->entry_nr > MSI_MAX_MESSAGES)
            return -EINVAL;
        while (r->count < (uint32_t)op->entry_nr) /* devices use powers of two (PCI 3.0, 6.8.1.3) */
            r->count *= 2;
    } else if (op->table_base) {
        if (op->entry_nr < 0)
            return -EINVAL;
        r->is_msix = true;
        r->entry = (uint32_t)op->entry_nr;
        r->table_base = op->table_base;
    }
    return 0;
}

static long op_map_pirq(void *arg)
{
    struct physdev_map_pirq *op = arg;
    struct domain *d = domain_get_arg(op->domid);
    struct pirq_request request;
    long rc;

    if (!d)
        return -ESRCH;
    rc = may_map(d);
    if (!rc)
        rc = request_decode(op, &request);
    /* A GSI the control domain was denied stays denied, whoever it is for. The toolstack maps first
     * and gives the right to it (XEN_DOMCTL_irq_permission) after. */
    if (!rc && !request.is_message &&
        !range_set_contains(caller()->irqs, request.gsi, request.gsi))
        rc = -EPERM;
    if (!rc)
        rc = pirq_map(d, &request);
    domain_put(d);
    if (rc < 0)
        return rc;
    op->pirq = (int)rc;
    if (op->type == MAP_PIRQ_TYPE_MULTI_MSI)
        op->entry_nr = (int)request.count;
    return 0;
}

static long op_unmap_pirq(void *arg)
{
    const struct physdev_unmap_pirq *op = arg;
    struct domain *d = domain_get_arg(op->domid);
    long rc;

    if (!d)
        return -ESRCH;
    rc = caller_is_control() ? 0 : -EPERM;
    if (!rc)
        rc = op->pirq >= 0 ? pirq_unmap(d, (uint32_t)op->pirq) : -EINVAL;
    domain_put(d);
    return rc;
}

/* From before there was PHYSDEVOP_eoi: every line that has an acknowledged interrupt open. Nobody
 * makes this call any more; interrupts that are waiting get their eoi the other way. */
static long op_unmask_notify(void *arg)
{
    (void)arg;
    return 0;
}

static long op_get_free_pirq(void *arg)
{
    struct physdev_get_free_pirq *op = arg;
    int rc;

    rc = pirq_reserve(caller(), op->type != MAP_PIRQ_TYPE_GSI);
    if (rc < 0)
        return rc;
    op->pirq = (uint32_t)rc;
    return 0;
}

static long op_setup_gsi(void *arg)
{
    const struct physdev_setup_gsi *op = arg;
    struct irq_line *line = op->gsi >= 0 ? irq_gsi_line((uint32_t)op->gsi) : NULL;

    if (!line || op->triggering > 1 || op->polarity > 1)
        return -EINVAL;
    irq_gsi_setup(line, op->triggering, op->polarity);
    pirq_trigger_changed((uint32_t)op->gsi);
    return 0;
}

static struct pci_address address(uint16_t segment, uint8_t bus, uint8_t devfn)
{
    return (struct pci_address){.segment = segment, .bus = bus, .devfn = devfn};
}

static long op_pci_device_add(void *arg)
{
    const struct physdev_pci_device_add *op = arg;
    struct pci_device_info info = {
        .is_extended = op->flags & XEN_PCI_DEV_EXTFN,
        .is_virtual = op->flags & XEN_PCI_DEV_VIRTFN,
        .physical = address(op->seg, op->physfn.bus, op->physfn.devfn),
    };

    return pci_device_add(address(op->seg, op->bus, op->devfn), &info);
}

static long op_manage_pci_add(void *arg)
{
    const struct physdev_manage_pci *op = arg;
    struct pci_device_info info = {0};

    return pci_device_add(address(0, op->bus, op->devfn), &info);
}

static long op_manage_pci_add_ext(void *arg)
{
    const struct physdev_manage_pci_ext *op = arg;
    struct pci_device_info info = {
        .is_extended = op->is_extfn,
        .is_virtual = op->is_virtfn,
        .physical = address(0, op->physfn.bus, op->physfn.devfn),
    };

    return pci_device_add(address(0, op->bus, op->devfn), &info);
}

static long op_pci_device_remove(void *arg)
{
    const struct physdev_pci_device *op = arg;

    return pci_device_remove(address(op->seg, op->bus, op->devfn));
}

static long op_manage_pci_remove(void *arg)
{
    const struct physdev_manage_pci *op = arg;

    return pci_device_remove(address(0, op->bus, op->devfn));
}

static long op_mmcfg_reserved(void *arg)
{
    const struct physdev_pci_mmcfg_reserved *op = arg;

    if (op->flags & ~(uint32_t)XEN_PCI_MMCFG_RESERVED)
        return -EINVAL;
    if (!op->flags) /* not reserved: we do not use ECAM unasked */
        return 0;
    return pci_ecam_add(op->segment, op->address, op->start_bus, op->end_bus);
}

static long op_restore_msi(void *arg)
{
    const struct physdev_restore_msi *op = arg;

    return msi_restore(address(0, op->bus, op->devfn));
}

static long op_restore_msi_ext(void *arg)
{
    const struct physdev_pci_device *op = arg;

    return msi_restore(address(op->seg, op->bus, op->devfn));
}

static long op_prepare_msix(void *arg)
{
    const struct physdev_pci_device *op = arg;

    return msix_prepare(address(op->seg, op->bus, op->devfn));
}

/* Resets of an EHCI controller around a debug port that we would use as console: we never do. */
static long op_dbgp(void *arg)
{
    const struct physdev_dbgp_op *op = arg;

    return op->op == PHYSDEVOP_DBGP_RESET_PREPARE || op->op == PHYSDEVOP_DBGP_RESET_DONE ? 0
                                                                                         : -ENOSYS;
}

#define ROW(op, type, how, function)                                     \
    {                                                                    \
        PHYSDEVOP_##op, sizeof(struct physdev_##type), (how), (function) \
    }
#define CONTROL_OUT (SUBOP_CONTROL | SUBOP_OUT)

static const struct subop physdev_ops[] = {
    ROW(eoi, eoi, SUBOP_IN, op_eoi),
    ROW(irq_status_query, irq_status_query, SUBOP_OUT, op_irq_status_query),
    ROW(set_iopl, set_iopl, SUBOP_IN, op_set_iopl),
    ROW(set_iobitmap, set_iobitmap, SUBOP_IN, op_set_iobitmap),
    ROW(apic_read, apic, CONTROL_OUT, op_apic_read),
    ROW(apic_write, apic, SUBOP_CONTROL, op_apic_write),
    ROW(alloc_irq_vector, irq, CONTROL_OUT, op_alloc_irq_vector),
    ROW(map_pirq, map_pirq, SUBOP_OUT, op_map_pirq),
    ROW(unmap_pirq, unmap_pirq, SUBOP_IN, op_unmap_pirq),
    ROW(get_free_pirq, get_free_pirq, SUBOP_OUT, op_get_free_pirq),
    ROW(setup_gsi, setup_gsi, SUBOP_CONTROL, op_setup_gsi),
    ROW(pirq_eoi_gmfn_v1, pirq_eoi_gmfn, SUBOP_IN, op_eoi_page_v1),
    ROW(pirq_eoi_gmfn_v2, pirq_eoi_gmfn, SUBOP_IN, op_eoi_page_v2),
    ROW(manage_pci_add, manage_pci, SUBOP_CONTROL, op_manage_pci_add),
    ROW(manage_pci_remove, manage_pci, SUBOP_CONTROL, op_manage_pci_remove),
    ROW(manage_pci_add_ext, manage_pci_ext, SUBOP_CONTROL, op_manage_pci_add_ext),
    ROW(pci_device_add, pci_device_add, SUBOP_CONTROL, op_pci_device_add),
    ROW(pci_device_remove, pci_device, SUBOP_CONTROL, op_pci_device_remove),
    ROW(pci_mmcfg_reserved, pci_mmcfg_reserved, SUBOP_CONTROL | SUBOP_ASK_FIRST, op_mmcfg_reserved),
    ROW(restore_msi, restore_msi, SUBOP_CONTROL, op_restore_msi),
    ROW(restore_msi_ext, pci_device, SUBOP_CONTROL, op_restore_msi_ext),
    ROW(prepare_msix, pci_device, SUBOP_CONTROL, op_prepare_msix),
    ROW(release_msix, pci_device, SUBOP_CONTROL, op_prepare_msix),
    ROW(dbgp_op, dbgp_op, SUBOP_CONTROL | SUBOP_ASK_FIRST, op_dbgp),
    {PHYSDEVOP_IRQ_UNMASK_NOTIFY, 0, SUBOP_NOARG, op_unmask_notify},
};

/* Calls for a domain whose interrupts come by its own interrupt controllers: those by which dom0
 * says what it has found out about the machine, or gives devices to others. */
static bool serves_translated(uint32_t command)
{
    switch (command) {
    case PHYSDEVOP_setup_gsi:
    case PHYSDEVOP_map_pirq:
    case PHYSDEVOP_unmap_pirq:
    case PHYSDEVOP_pci_mmcfg_reserved:
    case PHYSDEVOP_pci_device_add:
    case PHYSDEVOP_pci_device_remove:
    case PHYSDEVOP_dbgp_op:
        return caller_is_control();
    default:
        return false;
    }
}

long hc_physdev_op(uint64_t command, uint64_t arg)
{
    if (caller()->is_translated && !serves_translated((uint32_t)command))
        return -ENOSYS;
    return subop_run(physdev_ops, ARRAY_SIZE(physdev_ops), (uint32_t)command, arg);
}
