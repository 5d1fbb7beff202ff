/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Mapping and unmapping granted frames.
 *
 * A mapping is made in the order handle, pin, page-table entry, and undone in the opposite one with
 * a TLB flush between the entry and the pin. Between its steps it belongs to one caller only: the
 * handle is claimed. A mapping for devices is a pin and an address; there is nothing to program.
 */
#include "grant/grant.h"

#include "cpu/percpu.h"
#include "domain/kind.h"
#include "grant/table.h"
#include "mm/tlb.h"

/* Flags kept with a mapping. */
#define MAP_FLAGS                                                                     \
    (GNTMAP_device_map | GNTMAP_host_map | GNTMAP_readonly | GNTMAP_application_map | \
     GNTMAP_contains_pte | 7u << _GNTMAP_guest_avail0)

static unsigned int pins_of(uint32_t halves)
{
    return (halves & MAPPING_HALVES) == MAPPING_HALVES ? 2 : 1;
}

/* Pin, then enter it in the tables. */
static int make_mapping(struct domain *d, struct domain *granter, struct gnttab_map_grant_ref *op)
{
    bool write = !(op->flags & GNTMAP_readonly);
    struct grant_view view;
    int rc = entry_pin(granter, op->ref, d->id, write, true, pins_of(op->flags), &view);

    if (rc)
        return rc;
    if (op->flags & GNTMAP_host_map) {
        rc = d->kind->grants->map(d, op->host_addr, view.frame, op->flags & MAP_FLAGS, view.cache);
        if (rc) {
            entry_unpin(granter, op->ref, write, pins_of(op->flags));
            return rc;
        }
    }
    /* Given always: a PV guest takes the frame number of the mapping from it. */
    op->dev_bus_addr = mfn_paddr(view.frame).a;
    return GNTST_okay;
}

void grant_map(struct gnttab_map_grant_ref *op)
{
    struct domain *d = vcpu_current()->domain, *granter;
    struct grant_maptrack *m = &d->grant->maptrack;
    struct grant_mapping *mapping;
    uint32_t handle;
    int rc;

    op->status = GNTST_general_error;
    if (!(op->flags & MAPPING_HALVES)) {
        op->status = GNTST_bad_gntref;
        return;
    }
    if ((op->flags & GNTMAP_host_map) && !d->kind->grants)
        return;
    granter = domain_get(op->dom);
    if (!granter || !granter->grant) {
        op->status = GNTST_bad_domain;
        if (granter)
            domain_put(granter);
        return;
    }
    handle = maptrack_take(m);
    rc = handle == HANDLE_NONE ? GNTST_no_space : make_mapping(d, granter, op);
    op->status = (int16_t)rc;
    if (rc) {
        if (handle != HANDLE_NONE)
            maptrack_release(m, handle, 0);
        domain_put(granter);
        return;
    }
    op->handle = handle;
    mapping = maptrack_entry(m, handle);
    mapping->granter = granter; /* with the reference */
    mapping->ref = op->ref;
    maptrack_release(m, handle, op->flags & MAP_FLAGS);
}

/* Take a mapping out of the tables: which halves of it are gone. */
static int undo_mapping(struct domain *d, const struct grant_mapping *mapping,
                        const struct gnttab_unmap_grant_ref *op, bool replace, uint64_t new_addr,
                        uint32_t *halves)
{
    const struct grant_mapper *mapper = d->kind->grants;
    mfn_t frame = entry_active(mapping->granter->grant, mapping->ref)->frame;
    uint32_t flags = mapping->flags & MAP_FLAGS, gone = 0;
    int rc = GNTST_okay;

    if (op->dev_bus_addr && (flags & GNTMAP_device_map)) {
        if (op->dev_bus_addr != mfn_paddr(frame).a)
            return GNTST_bad_dev_addr;
        gone |= GNTMAP_device_map;
    }
    if (op->host_addr && (flags & GNTMAP_host_map)) {
        rc = replace ? mapper->replace(d, op->host_addr, new_addr, frame, flags)
                     : mapper->unmap(d, op->host_addr, frame, flags);
        gone |= GNTMAP_host_map;
    }
    *halves = gone;
    return rc;
}

int grant_unmap(struct grant_undone *done, const struct gnttab_unmap_grant_ref *op, bool replace,
                uint64_t new_addr)
{
    struct domain *d = vcpu_current()->domain;
    struct grant_maptrack *m = &d->grant->maptrack;
    struct grant_mapping *mapping = maptrack_claim(m, op->handle);
    uint32_t flags, halves;
    int rc;

    if (!mapping)
        return GNTST_bad_handle;
    flags = mapping->flags;
    rc = undo_mapping(d, mapping, op, replace, new_addr, &halves);
    if (rc || !halves) {
        maptrack_release(m, op->handle, flags);
        return rc;
    }
    done->item[done->count].handle = op->handle;
    done->item[done->count].flags = flags;
    done->item[done->count].halves = halves;
    done->count++;
    done->flush |= (halves & GNTMAP_host_map) != 0;
    return GNTST_okay;
}

void grant_unmap_finish(struct grant_undone *done)
{
    struct domain *d = vcpu_current()->domain;
    struct grant_maptrack *m = &d->grant->maptrack;

    /* The same table may be seen at several addresses, so single pages cannot be flushed. */
    if (done->flush)
        tlb_flush_mask(d->dirty_cpus, TLB_FLUSH_GUEST, 0);
    for (uint32_t i = 0; i < done->count; i++) {
        uint32_t handle = done->item[i].handle, flags = done->item[i].flags;
        uint32_t halves = done->item[i].halves;
        const struct grant_mapping *mapping = maptrack_entry(m, handle);
        struct domain *granter = mapping->granter;

        entry_unpin(granter, mapping->ref, !(flags & GNTMAP_readonly), pins_of(halves));
        maptrack_release(m, handle, flags & ~halves);
        if (!(flags & ~halves & MAPPING_HALVES))
            domain_put(granter);
    }
    done->count = 0;
    done->flush = false;
}
