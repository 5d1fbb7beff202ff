/* SPDX-License-Identifier: BSD-2-Clause */
/* struct page: who owns a frame, how often it is referenced, and as what it is used. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "abi/xen.h"
#include "lib/types.h"
#include "mm/frame.h"
#include "mm/layout.h"

struct domain;

/*
 * Two words per frame, each changed only by compare-and-swap in page.c.
 *
 * `count` (every frame): bits 63:48 owner's domid, 47:40 flags, 39:0 references.
 *   references == 0 means the frame is free, or reserved and never to be given out. A frame that
 *   belongs to a domain holds one reference for that (PAGE_ALLOCATED); the last put frees it.
 * `type` (frames with references): bits 63:60 enum page_type, 59 pinned, 58 validated,
 *   57 partly validated or partly released, 56 locked by the CPU that changes it,
 *   55:46 how many entries of a partly validated table hold references,
 *   31:0 number of uses as this type; when that is 0, the TLB clock when it became 0.
 * While a frame is free `type` links it into the heap's lists instead (mm/heap.c).
 */
struct page {
    uint64_t count;
    uint64_t type;
};

enum page_type {
    PAGE_NONE = 0,      /* no use that excludes others */
    PAGE_L1 = 1,        /* page tables by level */
    PAGE_L2 = 2,
    PAGE_L3 = 3,
    PAGE_L4 = 4,
    PAGE_DESCRIPTOR = 5, /* part of a GDT or LDT */
    PAGE_WRITABLE = 6,  /* mapped writable somewhere, or written by the hypervisor for the guest */
};

#define PAGE_OWNER_SHIFT 48
#define PAGE_REFS_MASK ((1ULL << 40) - 1)
#define PAGE_ALLOCATED (1ULL << 40) /* the owner's own reference is outstanding */
#define PAGE_XENHEAP (1ULL << 41)   /* hypervisor memory shared with its owner (shared_info, grants) */
#define PAGE_BROKEN (1ULL << 42)    /* badpage= or machine check: never allocated */
#define PAGE_FOREIGN_OK (1ULL << 43) /* reserved */

/* Owner of frames that belong to no domain: free, or the hypervisor's own (xen/xen.h DOMID_XEN). */
#define PAGE_OWNER_HYPERVISOR DOMID_XEN

static inline struct page *mfn_page(mfn_t m)
{
    return (struct page *)VA_FRAMES + m.n;
}

static inline mfn_t page_mfn(const struct page *pg)
{
    return MFN(pg - (const struct page *)VA_FRAMES);
}

/* Is there a struct page for @m, i.e. is it RAM the hypervisor manages? Any context. */
bool mfn_valid(mfn_t m);

/* The domid that owns @pg; meaningful only while a reference is held or the frame is the caller's. */
static inline domid_t page_owner_id(const struct page *pg)
{
    return (domid_t)(READ_ONCE(pg->count) >> PAGE_OWNER_SHIFT);
}

/*
 * Take a reference on @pg if @d owns it and it is live. Any context, lock-free.
 * Fails (false) when the owner differs, the frame is free, or the count is near its top.
 */
bool must_check page_get(struct page *pg, const struct domain *d);

/* Take a reference whatever the owner, if the frame is live; writes the owner's domid. */
bool must_check page_get_any(struct page *pg, domid_t *owner);

/* Drop a reference; the last one returns the frame to the heap (flushing TLBs as needed). */
void page_put(struct page *pg);

/*
 * Take a use of @pg as @type; a reference must be held. Table types are validated on first use
 * (pv/type.c) and may return -ERESTART when preempted, -EBUSY when the frame is used as another
 * type, -EINVAL when its contents are not acceptable. PAGE_WRITABLE never sleeps or restarts.
 */
int must_check page_type_get(struct page *pg, enum page_type type);

/* Drop a use taken by page_type_get(). May not be called with locks of level >= page type held. */
void page_type_put(struct page *pg);

/* page_get() and page_type_get(PAGE_WRITABLE) in one: for pages the hypervisor writes on behalf of
 * a guest, or maps writable. false when not owned or used as a table. */
bool must_check page_get_writable(struct page *pg, const struct domain *d);
void page_put_writable(struct page *pg);

/* Type of @pg now, without a lock: a hint, or exact if the caller holds a use. */
static inline enum page_type page_type_now(const struct page *pg)
{
    return (enum page_type)(READ_ONCE(pg->type) >> 60);
}

/*
 * Give frames to a domain or to the hypervisor (heap side). @pg must be unowned with no references;
 * afterwards it has one reference (PAGE_ALLOCATED) and type PAGE_NONE.
 */
void page_assign(struct page *pg, domid_t owner, uint64_t flags);

/* Remove the owner's own reference (PAGE_ALLOCATED) once; false when it was gone already. */
bool must_check page_release_allocated(struct page *pg);

/* Make a hypervisor-owned page (heap_alloc_hyp) visible to guests as @d's: shared_info, grant
 * frames, vcpu areas. Read-only sharing gives no writable type. Pairs with page_unshare(). */
void page_share(struct page *pg, const struct domain *d);
/* Take it back; the last reference of others then frees it. */
void page_unshare(struct page *pg);
