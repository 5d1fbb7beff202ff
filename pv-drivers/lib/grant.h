/* SPDX-License-Identifier: BSD-2-Clause */
/* Grants: pages that another domain may read or write, by number (grant table version 1). */
#pragma once

#include "pv-drivers/lib/abi.h"

#include <xen/grant_table.h>

#define PV_GRANT_FRAMES 4u /* of the table, 512 grants each */

/* Once, when the table is mapped at @table. */
void pv_grant_init(struct grant_entry_v1 *table);

/* Let @domain use @page, which starts at a page's border: its reference, or -XEN_ENOSPC. */
int pv_grant_give(domid_t domain, void *page, bool read_only) PV_MUST_CHECK;

/* Take it back: -XEN_EBUSY while @domain has the page mapped, which then must not be used again. */
int pv_grant_end(grant_ref_t ref);

/* How many are given: for tests and for statistics. */
unsigned int pv_grant_count(void);
