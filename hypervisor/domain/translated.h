/* SPDX-License-Identifier: BSD-2-Clause */
/* Frames of translated domains: into their frame table and out of it. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/types.h"
#include "mm/frame.h"
#include "p2m/entry.h"

struct domain;

/* 2^@order fresh frames of @d at guest frame @gfn, where nothing may be. @bits: their address
 * width, 0 any. False: no memory, or not possible there; nothing has changed. Control path. */
bool must_check translated_populate(struct domain *d, uint64_t gfn, unsigned int order,
                                    unsigned int bits);
/* Give up the 2^@order frames of @d at @gfn; false at the first that is none. */
bool must_check translated_remove(struct domain *d, uint64_t gfn, unsigned int order);

/*
 * Put frame @mfn, of @d's own or shared with it, at guest frame @gfn; where it was before is then a
 * hole. What was at @gfn is given up. The caller holds a reference on @mfn, or knows that it stays.
 * -EINVAL: no such guest frame. -ENOMEM: the paging pool is used up. Control path, no locks held.
 */
int must_check translated_place(struct domain *d, uint64_t gfn, mfn_t mfn);
/* The same for what @d has at @from now. -EINVAL: there is none of its own. */
int must_check translated_move(struct domain *d, uint64_t from, uint64_t gfn);
/* Take @mfn, of @d's own, out of the guest's reach: it stays the domain's, who has it put back with
 * translated_place(). -ENOENT: it is not at @gfn (any more). -ENOMEM. */
int must_check translated_hide(struct domain *d, uint64_t gfn, mfn_t mfn);
/* Map guest frame @theirs of @owner at @gfn, with a reference; read-only if it is a page table.
 * What was at @gfn is given up. -EINVAL: it has no such frame. -ENOMEM. */
int must_check translated_map_foreign(struct domain *d, uint64_t gfn, struct domain *owner,
                                      uint64_t theirs);
/* Map @frame, which a grant holds, at @gfn; what was there is given up. -EINVAL, -ENOMEM, -EBUSY
 * (the frame cannot be referenced). Then take it out again: -EINVAL, it is not mapped there by a
 * grant; the caller flushes before it lets go of the frame. */
int must_check translated_map_grant(struct domain *d, uint64_t gfn, mfn_t frame, bool readonly);
int must_check translated_unmap_grant(struct domain *d, uint64_t gfn, mfn_t frame);
/* Map @frame of a hypervisor's resource that another domain uses (XENMEM_acquire_resource) at @gfn,
 * with a reference; what was there is given up. Errors as for a grant. */
int must_check translated_map_frame(struct domain *d, uint64_t gfn, mfn_t frame);
/* The same for a frame of the hypervisor's own that it shows: read-only if it is not to be
 * written. */
int must_check translated_map_shown(struct domain *d, uint64_t gfn, mfn_t frame);
/* XENMEM_remove_from_physmap. -ENOENT: nothing of memory is there. -ENOMEM. */
int must_check translated_unmap(struct domain *d, uint64_t gfn);
/* No vCPU of @d goes on with a translation that is older than this call. */
void translated_flush(struct domain *d);
/* Make @gfn, which is of type @from, the same frame as @to: types of the domain's own memory, or
 * from one of those a hole. Without a flush. -EINVAL: it is not @from; -ENOMEM. */
int must_check translated_retype(struct domain *d, uint64_t gfn, enum p2m_type from,
                                 enum p2m_type to);
/* @gfn was written, or may have been until now: whoever watches that hears of it (p2m/written.h).
 * To be called after the write. No lock of level >= LOCK_P2M. */
void translated_written(struct domain *d, uint64_t gfn);
/* Map @gfn with memory type @cache, if it is the domain's own memory. Without a flush. -ENOMEM. */
int must_check translated_set_cache(struct domain *d, uint64_t gfn, enum p2m_cache cache);
/* Teardown: let go of others' frames. -ERESTART. */
int must_check translated_relinquish(struct domain *d);
