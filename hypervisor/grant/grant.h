/* SPDX-License-Identifier: BSD-2-Clause */
/* Grant tables: what other rooms may do with them. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "abi/xen.h"
#include "lib/types.h"
#include "mm/frame.h"

struct domain;

/* @max_frames, @max_maptrack_frames: XEN_DOMCTL_createdomain (negative: defaults of
 * gnttab_max_frames=, gnttab_max_maptrack_frames=); @options XEN_DOMCTL_GRANT_*. */
int must_check grant_domain_init(struct domain *d, int32_t max_frames, int32_t max_maptrack_frames,
                                 uint32_t options);
/* Undo every mapping @d made of others' grants; -ERESTART when preempted. */
int must_check grant_domain_relinquish(struct domain *d);
void grant_domain_free(struct domain *d);

/* XENMEM_acquire_resource of type grant_table: frame @index of the shared (id 0) or status (id 1)
 * table, growing the table as needed. -EINVAL, -ENOMEM. */
int must_check grant_resource_frames(struct domain *d, uint32_t id);      /* size */
int must_check grant_resource_frame(struct domain *d, uint32_t id, uint32_t index, mfn_t *out);

/* Pre-fill entry @ref of @d (domain builder for console and xenstore). */
int must_check grant_seed(struct domain *d, grant_ref_t ref, domid_t to, uint64_t gfn, bool readonly);

void grant_dump(struct domain *d); /* debug key 'g' */
