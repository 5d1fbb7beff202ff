/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory of ours that the hypervisor copies to and from. Each page is granted to ourselves (by
 * xen-gntalloc), so that a copy names it by a reference: for an address Linux walks our page
 * tables and pins the page, for each copy anew, which costs more than the copy. Where there are no
 * such pages (the module is not there, or its `limit` is reached) they are ordinary ones.
 */
#pragma once

#include <stdbool.h>
#include <xengnttab.h>

#define PAGES_BYTES 4096u

struct pages {
    uint8_t *at;
    unsigned int count;
    uint32_t *ref; /* NULL: not granted */
    uint32_t own;  /* our domain */
    xengntshr_handle *share;
};

/* `share` may be NULL. False: no memory; nothing is held. */
bool pages_get(struct pages *p, xengntshr_handle *share, uint32_t own, unsigned int count);

/* Also what was never got, if it is zero. */
void pages_put(struct pages *p);
