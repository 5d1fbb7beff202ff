/* SPDX-License-Identifier: BSD-2-Clause */
/* The references one page-table entry implies: take them before it is written, drop them after. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/types.h"
#include "mm/hvmap.h"
#include "mm/page.h"

struct domain;

/*
 * A leaf entry as we store it: reachable from ring 3 (the guest's kernel runs there), never global.
 * Everything else (caching, NX, A, D, software bits, protection key) is the guest's own business.
 */
static inline uint64_t leaf_fix(uint64_t entry)
{
    return entry & PTE_P ? (entry | PTE_US) & ~PTE_G : entry;
}

/* An entry of L2..L4 as we store it; @ok false: superpages, and flags that mean something to the
 * walk or nothing at all (caching, global), are refused (SDM vol. 3, 4.5). */
static inline uint64_t link_fix(uint64_t entry, bool *ok)
{
    *ok = !(entry & PTE_P) || !(entry & (PTE_PS | PTE_PWT | PTE_PCD | PTE_G));
    return entry & PTE_P ? entry | PTE_US : entry;
}

/* Do two present entries name the same frame? */
static inline bool entry_same_frame(uint64_t a, uint64_t b)
{
    return !((a ^ b) & PTE_FRAME_MASK);
}

/*
 * References for present leaf @entry in a table of @d. The frame must be RAM of @owner (NULL: of
 * anyone, for grants), which is a domain that the caller may map, or device memory that @d may map
 * and is the caller. -EINVAL no such frame, -EPERM not permitted, -EBUSY writable but used as a
 * table or descriptor page. @d's lock held.
 */
int must_check leaf_take(struct domain *d, uint64_t entry, const struct domain *owner);
/* Drop what leaf_take() took. */
void leaf_drop(struct domain *d, uint64_t entry);

/* The same frame, now writable as well: the difference to leaf_take() of a read-only entry. -EPERM
 * when the frame is someone else's, @owner did not say so, and @d is no control domain. */
int must_check leaf_take_write(struct domain *d, uint64_t entry, const struct domain *owner);
/* The same frame, no longer writable. @entry as it was. */
void leaf_drop_write(struct domain *d, uint64_t entry);

/* The same frame as writable as before, but A or D is lost, which @entry had. */
void leaf_forget(struct domain *d, uint64_t entry);

/* References for present entry @entry in a table of type @level (PAGE_L2..L4) of @d: the next level
 * must be @d's own. -EINVAL, -EBUSY, -ERESTART as type_get_locked(). @d's lock held. */
int must_check link_take(struct domain *d, enum page_type level, uint64_t entry);
/* Drop them; -ERESTART: dropped, but link_page() is still being released. */
int must_check link_drop(struct domain *d, uint64_t entry);

static inline struct page *link_page(uint64_t entry)
{
    return mfn_page(pte_mfn(entry));
}
