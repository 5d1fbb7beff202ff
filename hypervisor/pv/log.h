/* SPDX-License-Identifier: BSD-2-Clause */
/* Which frames of a PV domain were written since the toolstack last looked. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/types.h"
#include "mm/hvmap.h"
#include "mm/page.h"
#include "sync/spinlock.h"

struct domain;

struct pv_log {
    struct spinlock lock; /* LOCK_P2M */
    uint64_t *bits;       /* (r) [lock] a bit for each guest frame below `frames`; NULL: no log */
    uint64_t frames;      /* (r) [control_lock] what lies beyond always counts as written */
    uint32_t order;       /* (r) [control_lock] 2^order pages of bits */
    uint64_t count;       /* (r) [lock] bits set since they were last taken */
    /* a call that goes on: (r) [control_lock] */
    uint32_t call;        /* 1 + XEN_DOMCTL_SHADOW_OP_*, 0 none */
    bool gathered;        /* pv_log_gather() is done */
    uint64_t cursor;      /* machine frame at which that goes on */
    uint64_t next;        /* guest frame to tell next */
    uint32_t grant;       /* entry to look at next */
};

/* Bits of a leaf through which somebody may have written since the log last looked. */
#define PTE_WRITTEN (PTE_P | PTE_RW | PTE_A | PTE_D)
/* Frames that pv_log_take() tells at once. */
#define PV_LOG_MOST 4096u

/* Begin a log of @d, in which nothing has been written. -EINVAL: there is one; -ENOMEM. */
int must_check pv_log_begin(struct domain *d);
/* End it, if there is one. */
void pv_log_end(struct domain *d);
bool pv_log_is_on(const struct domain *d);

/*
 * Move what processors have noted in @d's L1 tables (A in PTE_WRITTEN) into the log. -ERESTART:
 * call again. From the flush that comes after it, every further write is noted anew. The log is
 * on; control_lock held.
 */
long must_check pv_log_gather(struct domain *d);

/* The @count (at most PV_LOG_MOST) guest frames from @gfn on: bit n of @bits says whether frame n
 * was written. @forget: the log has them no more. control_lock held. */
void pv_log_take(struct domain *d, uint64_t gfn, unsigned int count, bool forget, uint64_t *bits);
/* Put such bits back, which nobody was told. */
void pv_log_untake(struct domain *d, uint64_t gfn, unsigned int count, const uint64_t *bits);
/* Bits set since this was last called with @forget. */
uint64_t pv_log_count(struct domain *d, bool forget);

/* @pg, a frame of @d held by the caller, was written, or is another kind of frame than it was. No
 * lock of level >= LOCK_P2M. */
void pv_log_frame(struct domain *d, const struct page *pg);
static inline void pv_log_changed(struct domain *d, const struct page *pg)
{
    if (unlikely(READ_ONCE(page_writes_watched)))
        pv_log_frame(d, pg);
}

/* Leaf @entry of @d, a frame of @d's own, ceases to say that it was written through. */
static inline void pv_log_leaf_gone(struct domain *d, uint64_t entry)
{
    if (unlikely(READ_ONCE(page_writes_watched)) && (entry & PTE_WRITTEN) == PTE_WRITTEN)
        pv_log_frame(d, mfn_page(pte_mfn(entry)));
}
