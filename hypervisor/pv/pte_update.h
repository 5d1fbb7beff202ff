/* SPDX-License-Identifier: BSD-2-Clause */
/* Changing one entry of a live page table of a PV domain. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/types.h"
#include "mm/frame.h"
#include "mm/page.h"

struct domain;
struct vcpu;

enum pte_how {
    PTE_SET,      /* *entry = value */
    PTE_KEEP_AD,  /* *entry = value | (*entry & (A | D)), atomically */
    PTE_IF_EQUAL, /* only if *entry is still what the caller expects */
};

/*
 * Set leaf *@entry, in a table of type PAGE_L1 of @d that is in use, to @value: what the new value
 * refers to is taken first, what the old one referred to is dropped last, and nothing has changed
 * if it fails. @owner: of the frame, NULL anyone (leaf_take()). @expected: for PTE_IF_EQUAL.
 * -EINVAL, -EPERM, -EBUSY as leaf_take(); -EAGAIN when not as expected. @d's lock held.
 *
 * No TLB is flushed: the guest does that for its own sake. Ours is kept by the clock that is noted
 * when frames stop being writable, linked or referenced (mm/page.c).
 */
int must_check pte_set_leaf(struct domain *d, uint64_t *entry, uint64_t value,
                            const struct domain *owner, enum pte_how how, uint64_t expected);

/*
 * The same for entry number @index of table @table of type @level = PAGE_L2..L4. Also -ERESTART:
 * the new table is not fully checked yet, nothing has changed. -EPERM for the hypervisor's slots.
 * The old table may be left to type_release_later().
 */
int must_check pte_set_link(struct domain *d, uint64_t *entry, uint64_t value, enum page_type level,
                            unsigned int index, enum pte_how how);

/* Put what leaf *@from holds, references and all, into *@to instead of what was there; *@from is
 * empty afterwards. Both in tables of @d in use, not the same. @d's lock held. */
void pte_move_leaf(struct domain *d, uint64_t *to, uint64_t *from);

/* What @mfn is to @d: PAGE_L1..L4 a table of its own in use, PAGE_WRITABLE an ordinary frame of its
 * own, PAGE_NONE neither. A table stays one as long as @d's lock is held; for an ordinary frame a
 * reference must be taken before it is touched. Interrupts on. */
enum page_type pte_table_type(const struct domain *d, mfn_t mfn);

/* Where the leaf for guest address @va is in the tables of @l4; NULL when there is none. Their
 * domain's lock must be held until the entry was read or written. frame_unmap() the result. */
uint64_t *pte_find_leaf(mfn_t l4, uint64_t va);

/* Is @va canonical and not in the hypervisor's range? */
bool pte_guest_address(uint64_t va);
