/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The dm_op hypercall: what a device model does to its guest.
 *
 * What is always true here: the caller's buffers are described once, and its structure is copied in
 * once, of the size that its operation has; padding is zero. Only that much goes back.
 */
#include "control/dm_op.h"

#include "abi/errno.h"
#include "control/access.h"
#include "cpu/percpu.h"
#include "domain/domain.h"
#include "hvm/hvm.h"
#include "hvm/ioreq.h"
#include "hypercall/hypercall.h"
#include "hypercall/table.h"
#include "lib/index.h"
#include "lib/string.h"
#include "p2m/copy.h"

#define BUFFERS_MAX 2
#define HEAD        __builtin_offsetof(struct xen_dm_op, u)

static long create_server(struct dm_call *c)
{
    struct xen_dm_op_create_ioreq_server *a = &c->op.u.create_ioreq_server;

    if (a->pad[0] || a->pad[1] || a->pad[2])
        return -EINVAL;
    return ioreq_create(c->d, a->handle_bufioreq, &a->id);
}

static long server_info(struct dm_call *c)
{
    struct xen_dm_op_get_ioreq_server_info *a = &c->op.u.get_ioreq_server_info;

    return a->flags & ~XEN_DMOP_no_gfns ? -EINVAL : ioreq_info(c->d, a);
}

static long map_range(struct dm_call *c)
{
    const struct xen_dm_op_ioreq_server_range *a = &c->op.u.map_io_range_to_ioreq_server;

    return a->pad ? -EINVAL : ioreq_map_range(c->d, a);
}

static long unmap_range(struct dm_call *c)
{
    const struct xen_dm_op_ioreq_server_range *a = &c->op.u.unmap_io_range_from_ioreq_server;

    return a->pad ? -EINVAL : ioreq_unmap_range(c->d, a);
}

static long set_server_state(struct dm_call *c)
{
    const struct xen_dm_op_set_ioreq_server_state *a = &c->op.u.set_ioreq_server_state;

    return a->pad ? -EINVAL : ioreq_set_state(c->d, a->id, a->enabled);
}

static long destroy_server(struct dm_call *c)
{
    const struct xen_dm_op_destroy_ioreq_server *a = &c->op.u.destroy_ioreq_server;

    return a->pad ? -EINVAL : ioreq_destroy(c->d, a->id);
}

static long set_pci_intx_level(struct dm_call *c)
{
    const struct xen_dm_op_set_pci_intx_level *a = &c->op.u.set_pci_intx_level;

    if (a->domain || a->bus || a->level > 1)
        return -EINVAL;
    return platform_pci_set(&c->d->hvm->board.platform, a->device, a->intx, a->level);
}

static long set_isa_irq_level(struct dm_call *c)
{
    const struct xen_dm_op_set_isa_irq_level *a = &c->op.u.set_isa_irq_level;

    if (a->level > 1)
        return -EINVAL;
    return platform_isa_set(&c->d->hvm->board.platform, a->isa_irq, a->level);
}

static long set_pci_link_route(struct dm_call *c)
{
    const struct xen_dm_op_set_pci_link_route *a = &c->op.u.set_pci_link_route;

    return platform_link_route(&c->d->hvm->board.platform, a->link, a->isa_irq);
}

static long inject_msi(struct dm_call *c)
{
    const struct xen_dm_op_inject_msi *a = &c->op.u.inject_msi;
    uint32_t pirq;

    if (a->pad)
        return -EINVAL;
    return min(platform_msi(&c->d->hvm->board.platform, a->addr, a->data, &pirq), 0);
}

static long inject_event(struct dm_call *c)
{
    const struct xen_dm_op_inject_event *a = &c->op.u.inject_event;
    struct vcpu *v = domain_vcpu(c->d, a->vcpuid);

    if (a->pad0 || a->pad1 || !v)
        return -EINVAL;
    return hvm_inject_later(v, a);
}

static long remote_shutdown(struct dm_call *c)
{
    domain_shutdown(c->d, (int)c->op.u.remote_shutdown.reason);
    return 0;
}

static long nr_vcpus(struct dm_call *c)
{
    c->op.u.nr_vcpus.vcpus = c->d->max_vcpus;
    return 0;
}

static const struct row {
    uint16_t bytes;
    bool back; /* the structure goes back to the caller */
    long (*run)(struct dm_call *c);
} rows[] = {
#define ROW(name, structure, back, run) \
    [XEN_DMOP_##name] = {sizeof(struct xen_dm_op_##structure), back, run}
    ROW(create_ioreq_server, create_ioreq_server, true, create_server),
    ROW(get_ioreq_server_info, get_ioreq_server_info, true, server_info),
    ROW(map_io_range_to_ioreq_server, ioreq_server_range, false, map_range),
    ROW(unmap_io_range_from_ioreq_server, ioreq_server_range, false, unmap_range),
    ROW(set_ioreq_server_state, set_ioreq_server_state, false, set_server_state),
    ROW(destroy_ioreq_server, destroy_ioreq_server, false, destroy_server),
    ROW(track_dirty_vram, track_dirty_vram, false, dm_track_dirty_vram),
    ROW(set_pci_intx_level, set_pci_intx_level, false, set_pci_intx_level),
    ROW(set_isa_irq_level, set_isa_irq_level, false, set_isa_irq_level),
    ROW(set_pci_link_route, set_pci_link_route, false, set_pci_link_route),
    ROW(modified_memory, modified_memory, true, dm_modified_memory),
    ROW(set_mem_type, set_mem_type, true, dm_set_mem_type),
    ROW(inject_event, inject_event, false, inject_event),
    ROW(inject_msi, inject_msi, false, inject_msi),
    ROW(map_mem_type_to_ioreq_server, map_mem_type_to_ioreq_server, true, dm_map_mem_type),
    ROW(remote_shutdown, remote_shutdown, false, remote_shutdown),
    ROW(relocate_memory, relocate_memory, true, dm_relocate_memory),
    ROW(pin_memory_cacheattr, pin_memory_cacheattr, true, dm_pin_memory_cacheattr),
    ROW(nr_vcpus, nr_vcpus, true, nr_vcpus),
#undef ROW
};

static long run(struct dm_call *c, const struct xen_dm_op_buf *first)
{
    uint64_t gva = GUEST_VA(first->h);
    const struct row *row;
    long rc;

    if (first->size < HEAD || copy_from_guest(&c->op, gva, HEAD))
        return -EFAULT;
    row = c->op.op < ARRAY_SIZE(rows) ? &rows[index_clamp(c->op.op, ARRAY_SIZE(rows))] : NULL;
    if (!row || !row->run)
        return -EOPNOTSUPP;
    if (first->size < HEAD + row->bytes || copy_from_guest(&c->op.u, gva + HEAD, row->bytes))
        return -EFAULT;
    if (c->op.pad)
        return -EINVAL;
    rc = row->run(c);
    if (row->back && (rc == 0 || rc == -ERESTART) &&
        copy_to_guest(gva + HEAD, &c->op.u, row->bytes))
        rc = -EFAULT;
    return rc;
}

long hc_dm_op(uint64_t domid, uint64_t count, uint64_t gva)
{
    struct xen_dm_op_buf buffers[BUFFERS_MAX] = {0};
    struct dm_call c = {0};
    long rc;

    if ((uint32_t)count > BUFFERS_MAX)
        return -E2BIG;
    if (copy_from_guest(buffers, gva, (uint32_t)count * sizeof(buffers[0])))
        return -EFAULT;
    if ((domid_t)domid == DOMID_SELF || (domid_t)domid == vcpu_current()->domain->id)
        return -EPERM;
    c.d = domain_get((domid_t)domid);
    if (!c.d)
        return -ESRCH;
    c.data = buffers[1];
    rc = c.d->hvm ? access_check(ACCESS_DM, c.d) : -EINVAL;
    if (!rc)
        rc = run(&c, &buffers[0]);
    domain_put(c.d);
    return rc;
}
