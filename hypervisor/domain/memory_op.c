/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The memory_op hypercall: decode, and the questions that need no more than an answer.
 *
 * What is always true here:
 *  - A call that works on a list of extents stops between two of them when the CPU has other work,
 *    and is made again by dispatch with the index of the next one in its first argument. What was
 *    done stays done; the guest sees one call.
 *  - A frame of a PV domain has its m2p entry set before the domain learns its number, and cleared
 *    before the frame leaves the domain.
 */
#include "domain/memory.h"

#include "abi/errno.h"
#include "cpu/percpu.h"
#include "domain/domain.h"
#include "hypercall/hypercall.h"
#include "hypercall/table.h"
#include "mm/hvmap.h"
#include "p2m/copy.h"
#include "p2m/p2m.h"

long memory_continue(uint32_t cmd, uint64_t done)
{
    hypercall_args()[0] = cmd | done << MEMORY_CMD_BITS;
    return -ERESTART;
}

int memory_target(domid_t id, struct domain **out)
{
    const struct domain *curr = vcpu_current()->domain;
    struct domain *d = domain_get_arg(id);

    if (!d)
        return -ESRCH;
    if (d->is_system || (d != curr && d != READ_ONCE(curr->target) && !caller_is_control())) {
        domain_put(d);
        return -EPERM;
    }
    *out = d;
    return 0;
}

/* XENMEM_current_reservation, maximum_reservation, maximum_gpfn. */
static long domain_query(uint32_t cmd, uint64_t gva)
{
    struct xen_memory_domain arg;
    struct domain *d;
    uint64_t answer;
    int rc;

    if (copy_from_guest(&arg, gva, sizeof(arg)))
        return -EFAULT;
    rc = memory_target(arg.domid, &d);
    if (rc)
        return rc;
    if (cmd == XENMEM_current_reservation)
        answer = READ_ONCE(d->tot_pages);
    else if (cmd == XENMEM_maximum_reservation)
        answer = READ_ONCE(d->max_pages);
    else if (d->is_translated)
        answer = READ_ONCE(d->p2m->top_gfn);
    else /* the guest itself says how many frame numbers it uses (xen/arch-x86/xen.h, max_pfn) */
        answer = max((uint64_t)READ_ONCE(d->shared_info->arch.max_pfn), (uint64_t)1) - 1;
    domain_put(d);
    return (long)answer;
}

/* No device here has memory of its own that guests must leave out of their maps. */
static long reserved_device_memory(uint64_t gva)
{
    struct xen_reserved_device_memory_map map;

    if (copy_from_guest(&map, gva, sizeof(map)))
        return -EFAULT;
    if (map.flags & ~XENMEM_RDM_ALL)
        return -EINVAL;
    map.nr_entries = 0;
    return copy_to_guest(gva, &map, sizeof(map));
}

/* Access rights apart from page tables are for translated guests; but nobody can listen to what
 * they forbid. */
static long access_op(uint64_t gva)
{
    struct xen_mem_access_op arg;
    struct domain *d;
    long rc;

    if (copy_from_guest(&arg, gva, sizeof(arg)))
        return -EFAULT;
    d = domain_get(arg.domid);
    if (!d)
        return -ESRCH;
    if (!caller_is_control() || d == vcpu_current()->domain)
        rc = -EPERM;
    else
        rc = d->is_translated ? -ENODEV : -EINVAL;
    domain_put(d);
    return rc;
}

/* No domain is given nodes of its own. */
static long vnuma_info(uint64_t gva)
{
    struct xen_vnuma_topology_info arg;
    struct domain *d;
    int rc;

    if (copy_from_guest(&arg, gva, sizeof(arg)))
        return -EFAULT;
    rc = memory_target(arg.domid, &d);
    if (rc)
        return rc;
    domain_put(d);
    return -EOPNOTSUPP;
}

long hc_memory_op(uint64_t cmd, uint64_t gva)
{
    uint32_t op = cmd & MEMORY_CMD_MASK;
    uint64_t start = cmd >> MEMORY_CMD_BITS;

    switch (op) {
    case XENMEM_increase_reservation:
    case XENMEM_decrease_reservation:
    case XENMEM_populate_physmap:
        return reservation_op(op, start, gva);
    case XENMEM_exchange:
        return reservation_exchange(gva);
    case XENMEM_maximum_ram_page:
        return start ? -EINVAL : (long)hvmap_max_mfn();
    case XENMEM_current_reservation:
    case XENMEM_maximum_reservation:
    case XENMEM_maximum_gpfn:
        return domain_query(op, gva);
    case XENMEM_machphys_mapping:
        return memory_machphys_mapping(gva);
    case XENMEM_machphys_mfn_list:
        return memory_machphys_mfn_list(gva);
    case XENMEM_memory_map:
        return memory_map_get(gva);
    case XENMEM_machine_memory_map:
        return memory_map_get_machine(gva);
    case XENMEM_set_memory_map:
        return memory_map_set(gva);
    case XENMEM_add_to_physmap:
        return physmap_add(gva);
    case XENMEM_add_to_physmap_batch:
        return physmap_add_batch(start, gva);
    case XENMEM_remove_from_physmap:
        return physmap_remove(gva);
    case XENMEM_set_pod_target:
    case XENMEM_get_pod_target:
        return reservation_pod_target(op, gva);
    case XENMEM_get_sharing_freed_pages: /* pages are never shared behind a guest's back */
    case XENMEM_get_sharing_shared_pages:
        return 0;
    case XENMEM_claim_pages:
        return reservation_claim(gva);
    case XENMEM_reserved_device_memory_map:
        return reserved_device_memory(gva);
    case XENMEM_acquire_resource:
        return physmap_acquire_resource(start, gva);
    case XENMEM_machphys_compat_mfn_list: /* 32-bit PV guests */
        return -EOPNOTSUPP;
    case XENMEM_access_op:
        return access_op(gva);
    case XENMEM_get_vnumainfo:
        return vnuma_info(gva);
    default:
        return -ENOSYS;
    }
}
