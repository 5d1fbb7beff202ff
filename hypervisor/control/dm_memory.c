/* SPDX-License-Identifier: BSD-2-Clause */
/* dm_op: operations on the guest's memory. Long ones leave what is to do yet in their arguments. */
#include "control/dm_op.h"

#include "abi/errno.h"
#include "domain/domain.h"
#include "domain/memory.h"
#include "domain/pod.h"
#include "domain/translated.h"
#include "hvm/hvm.h"
#include "hvm/ioreq.h"
#include "hvm/vram.h"
#include "hypercall/hypercall.h"
#include "lib/index.h"
#include "p2m/copy.h"

#include <xen/hvm/hvm_op.h>
#include <xen/memory.h>

#define VRAM_FRAMES_MAX (1ULL << (30 - PAGE_SHIFT)) /* no card has more than 1 GiB */
#define STEP            64                          /* frames between two looks at other work */

long dm_track_dirty_vram(struct dm_call *c)
{
    const struct xen_dm_op_track_dirty_vram *a = &c->op.u.track_dirty_vram;
    long rc;

    if (a->pad || a->nr > VRAM_FRAMES_MAX || (a->nr + 7) / 8 > c->data.size)
        return -EINVAL;
    if (c->d->life != DOMAIN_ALIVE)
        return -ESRCH;
    if (!spin_trylock(&c->d->control_lock))
        return -ERESTART;
    rc = vram_track(c->d, a->first_pfn, a->nr, GUEST_VA(c->data.h));
    spin_unlock(&c->d->control_lock);
    return rc;
}

/* The frames of @e, of which those that are done are taken off; a hole is one step. -ERESTART. */
static long modified(struct domain *d, struct xen_dm_op_modified_memory_extent *e)
{
    for (unsigned int n = 1; e->nr && READ_ONCE(d->p2m->watchers); n++) {
        struct p2m_entry entry = p2m_lookup(d->p2m, e->first_pfn);
        uint64_t step = 1;

        if (entry.type == P2M_HOLE)
            step = (1ULL << entry.order) - (e->first_pfn & ((1ULL << entry.order) - 1));
        else
            translated_written(d, e->first_pfn);
        step = min(step, (uint64_t)e->nr);
        e->first_pfn += step;
        e->nr -= (uint32_t)step;
        if (n % STEP == 0 && e->nr && hypercall_preempt())
            return -ERESTART;
    }
    return 0;
}

/* What the device model wrote itself. `opaque` counts the extents that are done; one that is done
 * in part is left with the rest. */
long dm_modified_memory(struct dm_call *c)
{
    struct xen_dm_op_modified_memory *a = &c->op.u.modified_memory;
    struct xen_dm_op_modified_memory_extent e;

    if (c->data.size / sizeof(e) < a->nr_extents || a->opaque > a->nr_extents)
        return -EINVAL;
    while (a->opaque < a->nr_extents) {
        uint64_t at = GUEST_ELEM(GUEST_VA(c->data.h), struct xen_dm_op_modified_memory_extent,
                                 a->opaque);
        long rc = 0;

        if (copy_from_guest(&e, at, sizeof(e)))
            rc = -EFAULT;
        else if (e.pad || e.first_pfn + e.nr < e.first_pfn ||
                 e.first_pfn + e.nr > c->d->p2m->top_gfn + 1)
            rc = -EINVAL;
        if (rc) {
            a->nr_extents = a->opaque + 1;
            return rc;
        }
        rc = modified(c->d, &e);
        if (rc)
            return copy_to_guest(at, &e, sizeof(e)) ? -EFAULT : rc;
        a->opaque++;
        if (a->opaque < a->nr_extents && hypercall_preempt())
            return -ERESTART;
    }
    return 0;
}

/* May memory of type @from become @to? */
static bool may_become(enum p2m_type from, enum p2m_type to)
{
    if (to == P2M_RAM_IOREQ)
        return from == P2M_RAM;
    if (from == P2M_RAM_IOREQ)
        return to == P2M_RAM;
    return p2m_type_is_ram(from) || (from == P2M_HOLE && to == P2M_HOLE);
}

static long change_type(struct domain *d, uint64_t gfn, enum p2m_type to)
{
    enum p2m_type from = p2m_lookup(d->p2m, gfn).type;

    if (from == P2M_POD && pod_populate(d, gfn))
        from = p2m_lookup(d->p2m, gfn).type;
    if (!may_become(from, to))
        return -EINVAL;
    if (from == to || (to == P2M_RAM && p2m_type_is_plain(from)))
        return 0;
    return translated_retype(d, gfn, from, to);
}

long dm_set_mem_type(struct dm_call *c)
{
    static const uint8_t types[] = {[HVMMEM_ram_rw] = P2M_RAM,
                                    [HVMMEM_ram_ro] = P2M_RAM_RO,
                                    [HVMMEM_mmio_dm] = P2M_HOLE,
                                    [HVMMEM_unused] = P2M_TYPES,
                                    [HVMMEM_ioreq_server] = P2M_RAM_IOREQ};
    struct xen_dm_op_set_mem_type *a = &c->op.u.set_mem_type;
    uint64_t last = a->first_pfn + a->nr - 1;
    enum p2m_type to;
    long rc = 0;

    if (a->pad || a->first_pfn > last || last > c->d->p2m->top_gfn)
        return -EINVAL;
    if (a->mem_type >= ARRAY_SIZE(types) || a->mem_type == HVMMEM_unused)
        return -EINVAL;
    if (a->mem_type == HVMMEM_ioreq_server && !ioreq_memory_is_claimed(c->d))
        return -EINVAL;
    to = types[index_clamp(a->mem_type, ARRAY_SIZE(types))];
    while (a->nr && !rc) {
        rc = change_type(c->d, a->first_pfn, to);
        if (rc)
            break;
        a->first_pfn++;
        a->nr--;
        if (a->nr && a->nr % STEP == 0 && hypercall_preempt())
            rc = -ERESTART;
    }
    translated_flush(c->d);
    return rc;
}

/* Nobody gets the writes any more: the memory becomes ordinary again, frame by frame. */
static long memory_released(struct domain *d, uint64_t *gfn)
{
    struct p2m_entry e;

    for (unsigned int n = 1; *gfn <= d->p2m->top_gfn; n++) {
        uint64_t at;
        bool some;

        spin_lock(&d->p2m->lock);
        some = p2m_next(d->p2m, *gfn, STEP, &at, &e);
        spin_unlock(&d->p2m->lock);
        if (!some)
            break;
        if (e.type == P2M_RAM_IOREQ && translated_retype(d, at, P2M_RAM_IOREQ, P2M_RAM))
            return -EINVAL;
        *gfn = ROUND_DOWN(at, 1ULL << e.order) + (1ULL << e.order);
        if (n % STEP == 0 && hypercall_preempt())
            return -ERESTART;
    }
    return 0;
}

long dm_map_mem_type(struct dm_call *c)
{
    struct xen_dm_op_map_mem_type_to_ioreq_server *a = &c->op.u.map_mem_type_to_ioreq_server;
    long rc = 0;

    if (a->type != HVMMEM_ioreq_server || a->flags & ~XEN_DMOP_IOREQ_MEM_ACCESS_WRITE)
        return -EINVAL;
    if (!a->opaque)
        rc = ioreq_claim_memory(c->d, a->id, a->flags);
    if (!rc && !a->flags)
        rc = memory_released(c->d, &a->opaque);
    return rc;
}

long dm_relocate_memory(struct dm_call *c)
{
    struct xen_dm_op_relocate_memory *a = &c->op.u.relocate_memory;

    if (a->pad)
        return -EINVAL;
    for (; a->size; a->size--, a->src_gfn++, a->dst_gfn++) {
        long rc = translated_move(c->d, a->src_gfn, a->dst_gfn);

        if (rc)
            return rc;
        if (a->size > 1 && hypercall_preempt()) {
            a->size--, a->src_gfn++, a->dst_gfn++;
            return -ERESTART;
        }
    }
    return 0;
}

long dm_pin_memory_cacheattr(struct dm_call *c)
{
    struct xen_dm_op_pin_memory_cacheattr *a = &c->op.u.pin_memory_cacheattr;
    uint64_t last = min((uint64_t)a->end, c->d->p2m->top_gfn);
    uint32_t type = a->type;
    long rc = 0;

    if (a->pad || a->start > a->end || a->start >> P2M_GFN_BITS || a->end >> P2M_GFN_BITS)
        return -EINVAL;
    if (type == XEN_DMOP_DELETE_MEM_CACHEATTR) /* what all memory has */
        type = P2M_CACHE_WB;
    else if (type == XEN_DMOP_MEM_CACHEATTR_UCM)
        type = P2M_CACHE_UC;
    else if (type > P2M_CACHE_WB || type == 2 || type == 3)
        return -EINVAL;
    for (; a->start <= last && !rc; a->start++) {
        rc = translated_set_cache(c->d, a->start, (enum p2m_cache)type);
        if (!rc && a->start % STEP == STEP - 1 && a->start < last && hypercall_preempt()) {
            a->start++;
            rc = -ERESTART;
            break;
        }
    }
    translated_flush(c->d);
    return rc;
}
