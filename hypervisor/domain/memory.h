/* SPDX-License-Identifier: BSD-2-Clause */
/* The parts of the memory_op hypercall (xen/memory.h), by subject. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "abi/xen.h"
#include "lib/types.h"
#include "mm/frame.h"

#include <xen/memory.h>

struct domain;

/* An entry of a memory map as the ABI carries it: the layout of BIOS call INT 15h, E820. */
struct e820_entry {
    uint64_t base, bytes;
    uint32_t type;
} packed;

/* The extent at which a continued call goes on stands above the command in its first argument. */
#define MEMORY_CMD_BITS 6
#define MEMORY_CMD_MASK ((1u << MEMORY_CMD_BITS) - 1)

/* Ask for this call to be made again from extent @done: edits the arguments, returns -ERESTART. */
long memory_continue(uint32_t cmd, uint64_t done);

/*
 * The domain a call is about, referenced: DOMID_SELF, the guest whose devices the caller emulates,
 * or any domain for the control domain.
 * -ESRCH, -EPERM.
 */
int must_check memory_target(domid_t id, struct domain **out);

/* ---- reservation.c ---- */

/* XENMEM_increase_reservation, decrease_reservation and populate_physmap from extent @start on:
 * number of extents done, -ERESTART, or -errno when the request itself is bad. */
long reservation_op(uint32_t cmd, uint64_t start, uint64_t gva);
/* XENMEM_exchange, all or nothing for each chunk of the larger extent order. */
long reservation_exchange(uint64_t gva);
/* XENMEM_claim_pages. */
long reservation_claim(uint64_t gva);
/* XENMEM_set_pod_target, get_pod_target. */
long reservation_pod_target(uint32_t cmd, uint64_t gva);

/* Give up frame @m of @d: drop its owner's reference and forget where it was. false when it is not
 * an ordinary frame of @d that it still holds. */
bool must_check reservation_drop_frame(struct domain *d, mfn_t m);

/* ---- physmap.c ---- */

/* XENMEM_add_to_physmap, add_to_physmap_batch, remove_from_physmap. */
long physmap_add(uint64_t gva);
long physmap_add_batch(uint64_t start, uint64_t gva);
long physmap_remove(uint64_t gva);
/* XENMEM_acquire_resource from frame @start of the request on. */
long physmap_acquire_resource(uint64_t start, uint64_t gva);

/* ---- memory_map.c ---- */

/* XENMEM_memory_map, machine_memory_map, set_memory_map. */
long memory_map_get(uint64_t gva);
long memory_map_get_machine(uint64_t gva);
long memory_map_set(uint64_t gva);
/* What @d, which has not run, is told by the first of them. At most 128 entries. -ENOMEM. */
int must_check memory_map_init(struct domain *d, const struct e820_entry *entries, uint32_t count);

/* XENMEM_machphys_mapping, machphys_mfn_list. */
long memory_machphys_mapping(uint64_t gva);
long memory_machphys_mfn_list(uint64_t gva);
