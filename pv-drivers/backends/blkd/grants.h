/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A front end's granted pages: copied by the hypervisor, or mapped once and kept
 * (feature-persistent).
 *
 * A grant the front end promised to keep is mapped at its first use and stays so until the device
 * is disconnected. Where mapping fails, or too many are mapped, the page is copied like those of a
 * front end that made no such promise; the hypervisor then says of each page whether the grant is
 * good.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <xengnttab.h>

/* Pages of one device that may stay mapped: 16 full queues of Linux' front end. */
#ifndef GRANTS_MAX_MAPPED
#define GRANTS_MAX_MAPPED 16384u
#endif

struct grants {
    xengnttab_handle *handle;
    uint32_t domid;
    bool persistent; /* the front end keeps its grants */
    unsigned int mapped, slots;
    struct grants_slot *slot; /* hash by reference, open addressing, power of two */
    struct grants_area *areas; /* what was mapped at once, and is unmapped at once */
    uint64_t *mapped_counter;
};

/* `mapped_counter` counts, for the statistics. False: no memory. */
bool grants_start(struct grants *g, xengnttab_handle *handle, uint32_t domid, bool persistent,
                  uint64_t *mapped_counter);
/* Unmaps everything; nothing may use the pages any more. */
void grants_stop(struct grants *g);

#define GRANTS_AT_ONCE 256u /* references of one call of grants_pages */

/* Where the pages of kept grants are; NULL for those that are to be copied. What is new is mapped
 * in one call: a mapping costs much, be it of one page or of many. */
void grants_pages(struct grants *g, const uint32_t *ref, unsigned int count, void **page);
