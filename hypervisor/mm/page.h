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
 * `type` (frames with references): bits 63:60 enum page_type, 59 pinned, 58 contents checked,
 *   57 partly checked or partly released, 56 found bad and being released,
 *   55:46 how many entries of such a table hold references,
 *   45:43 when not in use: the type of the last use,
 *   31:0 number of uses as this type; when not in use, the TLB clock when the last use ended.
 *   A use always comes with a reference. mm/page_word.h has the states and steps.
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
#define PAGE_XENHEAP \
    (1ULL << 41) /* hypervisor memory shared with its owner (shared_info, grants) */
#define PAGE_BROKEN (1ULL << 42)    /* badpage= or machine check: never allocated */
#define PAGE_NOT_RAM (1ULL << 43)   /* a hole or device memory inside the frame table */
#define PAGE_HEAP_FREE (1ULL << 44) /* head of a free block (mm/heap.c) */
#define PAGE_HEAP_DIRTY (1ULL << 45) /* ... whose contents have not been cleared */

#define PAGE_MAPPED_ELSEWHERE (1ULL << 46) /* a domain other than the owner has mapped it */
#define PAGE_UNCACHED (1ULL << 47) /* a guest has mapped it with a memory type other than WB */
/* References a guest can pile up before it is refused. */
#define PAGE_REFS_MAX (1ULL << 38)

/* Owner of frames that belong to no domain: free, or the hypervisor's own (xen/xen.h DOMID_XEN). */
#define PAGE_OWNER_HYPERVISOR DOMID_XEN

/* In integers, so that it may be written before the frame number is known to be valid. */
static inline struct page *mfn_page(mfn_t m)
{
    return (struct page *)(VA_FRAMES + m.n * sizeof(struct page));
}

static inline mfn_t page_mfn(const struct page *pg)
{
    return MFN(pg - (const struct page *)VA_FRAMES);
}

/* (c) One past the highest frame with a struct page (mm/hvmap.c). Below it every struct page can be
 * read: those of holes share a page that says PAGE_NOT_RAM. */
extern uint64_t frame_limit;

/* Is @m RAM the hypervisor manages? Any context. */
static inline bool mfn_valid(mfn_t m)
{
    return likely(m.n < frame_limit) && !(READ_ONCE(mfn_page(m)->count) & PAGE_NOT_RAM);
}

/* The domid that owns @pg; meaningful only while a reference is held or the frame is the
 * caller's. */
static inline domid_t page_owner_id(const struct page *pg)
{
    return (domid_t)(READ_ONCE(pg->count) >> PAGE_OWNER_SHIFT);
}

/*
 * Take a reference on @pg if domain @owner owns it and it is live. Any context, lock-free.
 * Fails (false) when the owner differs, the frame is free, or the count is near its top.
 */
bool must_check page_get_id(struct page *pg, domid_t owner);
/* The same with a struct domain *, a macro because this room does not know what is in one. */
#define page_get(pg, d) page_get_id(pg, (d)->id)

/* Take a reference whatever the owner, if the frame is live; writes the owner's domid. */
bool must_check page_get_any(struct page *pg, domid_t *owner);

/* Take one more reference on a frame the caller already holds one on. */
void page_ref(struct page *pg);

/* Drop a reference; the last one sends the frame to this CPU's limbo list. Any context. */
void page_put(struct page *pg);

/*
 * Frames whose last reference is gone wait on a list of the CPU that dropped it: one TLB flush of
 * the machine then serves many. This flushes and frees them. Called at the gate (page_hook_limbo);
 * callers that need their memory back at once may call it too. Interrupts on, no locks held.
 */
void page_limbo_drain(void);

/* Set flags of `count`; a reference must be held. */
static inline void page_flag(struct page *pg, uint64_t flags)
{
    if ((READ_ONCE(pg->count) & flags) != flags)
        __atomic_fetch_or(&pg->count, flags, __ATOMIC_RELAXED);
}

/*
 * Take a use of @pg as @type; a reference must be held as long as the use. Interrupts on.
 * -EBUSY: used as another type, or too often. Tables and descriptors are checked on first use
 * (pv/type.c), which takes the owner's LOCK_PV_UPDATE and may also return -ERESTART (preempted:
 * call again) and -EINVAL (contents not acceptable). PAGE_WRITABLE never restarts and takes no
 * lock.
 */
int must_check page_type_get(struct page *pg, enum page_type type);

/* Drop a use taken by page_type_get(). For a table no lock of level >= LOCK_PV_UPDATE may be
 * held. */
void page_type_put(struct page *pg);

/* If a guest has mapped @pg uncached, write back and forget what caches hold of it, so that what we
 * read is what is in memory. After the last such mapping is gone and flushed. */
void page_clean_caches(const struct page *pg);

/* The common cases of the two, without lock or work, for any type: one more use of a frame that is
 * in use as @type already, one use less if others remain. False: not so, nothing done. */
bool must_check page_type_get_more(struct page *pg, enum page_type type);
bool must_check page_type_put_more(struct page *pg);

/* page_get() and page_type_get(PAGE_WRITABLE) in one: for pages the hypervisor writes on behalf of
 * a guest, or maps writable. false when not owned or used as a table. */
bool must_check page_get_writable_id(struct page *pg, domid_t owner);
#define page_get_writable(pg, d) page_get_writable_id(pg, (d)->id)
void page_put_writable(struct page *pg);

/* (a) Guests of which somebody wants to know what frames are written. */
extern uint32_t page_writes_watched;
/* @pg, which the caller holds, was written until now, by another than its owner's processors.
 * page_put_writable() says so by itself. No lock of level >= LOCK_P2M. */
void page_written(const struct page *pg);

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

/* Drop the owner's own reference (PAGE_ALLOCATED), once: false when it was gone already. The caller
 * must hold a reference of its own if it looks at @pg afterwards. */
bool must_check page_release_allocated(struct page *pg);

/*
 * Take @pg from @owner when nothing but the owner's own reference is on it: false, nothing done,
 * when it is not @owner's ordinary frame, is in use, or is mapped or referenced by anyone. After it
 * the frame has no reference and nobody can get one. TLBs and caches may still know it: before it
 * is given to anyone, all CPUs are flushed and page_clean_caches() called. Any context.
 */
bool must_check page_steal_id(struct page *pg, domid_t owner);
#define page_steal(pg, d) page_steal_id(pg, (d)->id)

/* Is the owner's own reference the only one on @pg, an ordinary frame of @owner's? A hint: others
 * may take references at any moment. */
bool must_check page_is_sole_id(const struct page *pg, domid_t owner);
#define page_is_sole(pg, d) page_is_sole_id(pg, (d)->id)

/*
 * Make a hypervisor-owned page (heap_alloc_hyp) visible to guests as domain @owner's: shared_info,
 * grant frames (domain/shared.h). The owner may map it writable, never use it as a table. Pairs
 * with page_unshare().
 */
void page_share_id(struct page *pg, domid_t owner);
#define page_share(pg, d) page_share_id(pg, (d)->id)
/* Take it back, once: when the last reference (maybe a guest's mapping) is gone, it is the
 * hypervisor's own again (domain_pages_freed). */
void page_unshare(struct page *pg);
/* What happens to it then. By itself only for a page that no guest can have known yet. */
void page_make_private(struct page *pg);
/* Let those who may map frames of DOMID_XEN map @pg, one of the hypervisor's own, for reading, for
 * good. */
void page_show(struct page *pg);
