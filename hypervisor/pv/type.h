/* SPDX-License-Identifier: BSD-2-Clause */
/* Page tables of PV domains as page types: check, pin, release. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "domain/domain.h"
#include "lib/types.h"
#include "mm/frame.h"
#include "mm/page.h"
#include "pv/pv.h"

#define TABLE_ENTRIES 512

/* The page-table lock of @d (LOCK_PV_UPDATE): held to change any of its tables or table types. */
static inline void pv_update_lock(struct domain *d)
{
    spin_lock(&d->pv->update_lock);
}

static inline void pv_update_unlock(struct domain *d)
{
    spin_unlock(&d->pv->update_lock);
}

/*
 * A use of @pg, a frame of @d on which the caller holds a reference, as a table or descriptor page;
 * its contents are checked and its references taken if it is the first use. @d's lock held.
 * -EBUSY used as something else; -EINVAL contents refused; -ERESTART preempted: progress is kept in
 * the frame, call again. Nothing else is left behind by an error.
 */
int must_check type_get_locked(struct domain *d, struct page *pg, enum page_type type);

/*
 * Drop such a use. The last one drops all references of the table's entries. -ERESTART: the use is
 * gone, but entries are still to be released: see type_release_later(). @d's lock held.
 */
int must_check type_put_locked(struct domain *d, struct page *pg);

/* Go on releasing @pg if it is a partly checked or released table of @d, else do nothing; 0 or
 * -ERESTART. @d's lock held. */
int must_check type_abandon_locked(struct domain *d, struct page *pg);

/*
 * Remember that @pg (of @d) is to be released further by type_release_continue(), which every page
 * table hypercall of this vCPU does first. Each PV vCPU remembers one; if there is no room, @pg
 * stays half released (a guest can get there by MOV to CR3 only) until its owner pins and unpins it
 * or ends. Called for no PV vCPU, @pg is released here and now. @d's lock held.
 */
void type_release_later(struct domain *d, struct page *pg);
/* 0, or -ERESTART: preempted again. No locks held. */
int must_check type_release_more(struct vcpu *v);
static inline int must_check type_release_continue(struct vcpu *v)
{
    return unlikely(v->pv->releasing) ? type_release_more(v) : 0;
}

/*
 * Pin @mfn of @d as @type (PAGE_L1..L4): a use that the guest holds until it unpins. -EINVAL not a
 * frame of @d, pinned already, @d dying or contents refused; -EBUSY, -ERESTART as above. No locks.
 */
int must_check type_pin(struct domain *d, mfn_t mfn, enum page_type type);
/* Undo it; -EINVAL when not pinned. A long release goes on as type_release_later() says. */
int must_check type_unpin(struct domain *d, mfn_t mfn);

/*
 * For domain teardown, once per frame of @d when it cannot run any more: unpin it, and release it
 * if an abandoned check left it half done. 0 or -ERESTART. The caller holds a reference. No locks.
 */
int must_check pv_release_frame(struct domain *d, struct page *pg);
