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

/* The host's and the devices' half of a mapping have a pin each. */
static uint16_t pins_of(uint32_t halves)
{
    return (halves & MAPPING_HALVES) == MAPPING_HALVES ? 2 : 1;
}

/* Pin, then enter it in the tables. */
static int make_mapping(struct domain *d, struct domain *granter, struct gnttab_map_grant_ref *op)
{
    struct grant_pin pin = {.ref = op->ref,
                            .who = d->id,
                            .write = !(op->flags & GNTMAP_readonly),
                            .whole = true,
                            .count = pins_of(op->flags)};
    int rc = entry_pin(granter, &pin);

    if (rc)
        return rc;
    if (op->flags & GNTMAP_host_map) {
        rc = d->kind->grants->map(d, op->host_addr, pin.frame, op->flags & MAP_FLAGS, pin.cache);
        if (rc) {
            entry_unpin(granter, pin.ref, pin.write, pin.count);
            return rc;
        }
    }
    /* Given always: a PV guest takes the frame number of the mapping from it. */
    op->dev_bus_addr = mfn_paddr(pin.frame).a;
    return GNTST_okay;
}

/* The domain that grants, referenced; NULL. */
static struct domain *granter_get(domid_t id)
{
    struct domain *granter = domain_get(id);

    if (granter && !granter->grant) {
        domain_put(granter);
        return NULL;
    }
    return granter;
}

static int map_granted(struct domain *d, struct domain *granter, struct gnttab_map_grant_ref *op)
{
    struct grant_maptrack *m = &d->grant->maptrack;
    struct grant_mapping *mapping = maptrack_take(m, &op->handle);
    int rc;

    if (!mapping)
        return GNTST_no_space;
    rc = make_mapping(d, granter, op);
    if (rc) {
        maptrack_give(m, mapping, op->handle);
        return rc;
    }
    mapping->granter = granter; /* with the caller's reference */
    mapping->ref = op->ref;
    maptrack_keep(mapping, op->flags & MAP_FLAGS);
    return GNTST_okay;
}

void grant_map(struct gnttab_map_grant_ref *op)
{
    struct domain *d = vcpu_current()->domain, *granter;
    int rc;

    if (!(op->flags & MAPPING_HALVES)) {
        op->status = GNTST_bad_gntref;
        return;
    }
    if ((op->flags & GNTMAP_host_map) && !d->kind->grants) {
        op->status = GNTST_general_error;
        return;
    }
    granter = granter_get(op->dom);
    rc = granter ? map_granted(d, granter, op) : GNTST_bad_domain;
    if (rc && granter)
        domain_put(granter);
    op->status = (int16_t)rc;
}

/* Take a mapping out of the tables: which halves of it are gone. */
static int undo_mapping(struct domain *d, const struct grant_mapping *mapping,
                        const struct gnttab_unmap_grant_ref *op, const uint64_t *replace_by,
                        uint32_t *halves)
{
    const struct grant_mapper *mapper = d->kind->grants;
    mfn_t frame = entry_active(mapping->granter->grant, mapping->ref)->frame;
    uint32_t flags = mapping->flags & MAP_FLAGS;
    int rc = GNTST_okay;

    *halves = 0;
    if (op->dev_bus_addr && (flags & GNTMAP_device_map)) {
        if (op->dev_bus_addr != mfn_paddr(frame).a)
            return GNTST_bad_dev_addr;
        *halves |= GNTMAP_device_map;
    }
    if (op->host_addr && (flags & GNTMAP_host_map)) {
        rc = replace_by ? mapper->replace(d, op->host_addr, *replace_by, frame, flags)
                        : mapper->unmap(d, op->host_addr, frame, flags);
        *halves |= GNTMAP_host_map;
    }
    return rc;
}

int grant_unmap(struct grant_undone *done, const struct gnttab_unmap_grant_ref *op,
                const uint64_t *replace_by)
{
    struct domain *d = vcpu_current()->domain;
    struct grant_mapping *mapping = maptrack_claim(&d->grant->maptrack, op->handle);
    uint32_t halves;
    int rc;

    if (!mapping)
        return GNTST_bad_handle;
    rc = undo_mapping(d, mapping, op, replace_by, &halves);
    if (rc || !halves) {
        maptrack_keep(mapping, mapping->flags);
        return rc;
    }
    done->item[done->count].mapping = mapping;
    done->item[done->count].handle = op->handle;
    done->item[done->count].halves = halves;
    done->count++;
    done->flush |= (halves & GNTMAP_host_map) != 0;
    return GNTST_okay;
}

/* Nobody reaches the frame through these halves of @mapping any more. */
static void end_halves(struct grant_maptrack *m, struct grant_mapping *mapping, uint32_t handle,
                       uint32_t halves)
{
    struct domain *granter = mapping->granter;
    uint32_t flags = mapping->flags;

    entry_unpin(granter, mapping->ref, !(flags & GNTMAP_readonly), pins_of(halves));
    flags &= ~halves;
    if (flags & MAPPING_HALVES) {
        maptrack_keep(mapping, flags);
    } else {
        maptrack_give(m, mapping, handle);
        domain_put(granter);
    }
}

void grant_unmap_finish(struct grant_undone *done)
{
    struct domain *d = vcpu_current()->domain;

    /* The same table may be seen at several addresses, so single pages cannot be flushed. */
    if (done->flush)
        tlb_flush_mask(d->dirty_cpus, TLB_FLUSH_GUEST, 0);
    for (uint32_t i = 0; i < done->count; i++)
        end_halves(&d->grant->maptrack, done->item[i].mapping, done->item[i].handle,
                   done->item[i].halves);
    done->count = 0;
    done->flush = false;
}
