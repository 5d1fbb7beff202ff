/* SPDX-License-Identifier: BSD-2-Clause */
/* Grant tables: what other rooms may do with them. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "abi/xen.h"
#include "lib/types.h"
#include "mm/frame.h"

#include <xen/grant_table.h>

struct domain;

/*
 * How a kind of guest puts a granted frame into its own address space: struct guest_kind names one
 * (domain/kind.h, `grants`), the kind's room implements it (pv/grant_map.c, hvm/). grant/ is below
 * those rooms, so it calls them only through here. All three:
 *  - are called for the current domain @d (the mapper), with no lock held, interrupts on;
 *  - answer GNTST_okay or a negative GNTST_* (xen/grant_table.h), never an errno;
 *  - change nothing when they fail;
 *  - leave TLB flushing to grant/, which flushes @d's CPUs once per batch before it drops its own
 *    references.
 * References: the grant entry keeps @frame referenced (and in use as PAGE_WRITABLE for a writable
 * mapping) from before map() until after unmap() and the flush. The mapping itself holds its own,
 * as every other entry of that kind of table does: map() takes it (page_get_any, and the type
 * PAGE_WRITABLE unless read-only), unmap() drops it, and so does whatever else destroys the entry
 * (overwriting it, releasing the table). grant/ never drops those.
 *
 * @flags: GNTMAP_* of the map operation: GNTMAP_readonly, GNTMAP_application_map (user mapping),
 *   GNTMAP_contains_pte, and bits 16-18 (_GNTMAP_guest_avail0) that go to PTE bits 9-11. The same
 *   flags are given to unmap() and replace().
 * @host_addr: PV: with GNTMAP_contains_pte the machine address of an L1 entry in one of @d's L1
 *   tables, else a virtual address of the current address space whose L1 entry is meant.
 *   Translated guests: guest-physical address of the page to fill; contains_pte is refused.
 */
struct grant_mapper {
    /* Make the entry map @frame; what it mapped before is released. @cache: PTE_PWT, PTE_PCD,
     * PTE_PAT to set. GNTST_general_error (no such L1 entry, bad address, no memory). */
    int (*map)(struct domain *d, uint64_t host_addr, mfn_t frame, uint32_t flags, uint64_t cache);
    /* Clear the entry, which must map @frame (writable unless GNTMAP_readonly); otherwise
     * GNTST_general_error, nothing changed. */
    int (*unmap)(struct domain *d, uint64_t host_addr, mfn_t frame, uint32_t flags);
    /* GNTTABOP_unmap_and_replace: as unmap(), and the entry gets the contents (with the reference)
     * of the L1 entry of virtual address @new_addr, which is cleared; 0: plain clear.
     * GNTST_general_error. */
    int (*replace)(struct domain *d, uint64_t host_addr, uint64_t new_addr, mfn_t frame,
                   uint32_t flags);
};

/* What domains get that ask for no number of their own, and the highest version for all. The boot
 * command line sets them before the first domain is made. */
extern struct grant_defaults {
    uint32_t frames, maptrack_frames; /* gnttab_max_frames=, gnttab_max_maptrack_frames= */
    uint32_t version;                 /* gnttab=max-ver: */
    bool transfer;                    /* gnttab=transfer= */
} grant_defaults;

/* @max_frames, @max_maptrack_frames: XEN_DOMCTL_createdomain (negative: defaults of
 * gnttab_max_frames=, gnttab_max_maptrack_frames=); @options XEN_DOMCTL_GRANT_*. */
int must_check grant_domain_init(struct domain *d, int32_t max_frames, int32_t max_maptrack_frames,
                                 uint32_t options);
/* Undo every mapping @d made of others' grants; -ERESTART when preempted. */
int must_check grant_domain_relinquish(struct domain *d);
/* Teardown: end the sharing of @d's own table (domain/shared.h). -ERESTART when preempted. */
int must_check grant_domain_unshare(struct domain *d);
void grant_domain_free(struct domain *d);

/* XENMEM_acquire_resource of type grant_table: frame @index of the shared (id 0) or status (id 1)
 * table, growing the table as needed. -EINVAL, -ENOMEM. */
int must_check grant_resource_frames(struct domain *d, uint32_t id); /* size */
int must_check grant_resource_frame(struct domain *d, uint32_t id, uint32_t index, mfn_t *out);

/* What others may write of @d's frames now, by grants, counts as written (page_written()): they say
 * so by themselves only when they are done. From entry *@next on, 0 at first and at the end. 0, or
 * -ERESTART. No locks. */
long must_check grant_written(struct domain *d, grant_ref_t *next);

/* Pre-fill entry @ref of @d (domain builder for console and xenstore). */
int must_check grant_seed(struct domain *d, grant_ref_t ref, domid_t to, uint64_t gfn,
                          bool readonly);

void grant_dump(struct domain *d); /* debug key 'g' */
