/* SPDX-License-Identifier: BSD-2-Clause */
/* The frame allocator: a buddy heap over all RAM. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "abi/xen.h"
#include "lib/types.h"
#include "mm/frame.h"

struct page;
struct domain;

#define HEAP_MAX_ORDER 20 /* 4 GiB */

/* Give the frames [first, first+count) to the heap at boot. Boot CPU only. */
void heap_add(mfn_t first, uint64_t count);

/*
 * Allocate 2^@order frames, naturally aligned, every frame below 2^(@addr_bits - 12) (0: any).
 * Contents are zero. They belong to the hypervisor with no references. NULL when there is none.
 * Takes the heap lock (level 130); interrupts may be on or off.
 */
struct page *must_check heap_alloc(unsigned int order, unsigned int addr_bits);

/* heap_alloc() without clearing: for memory that is filled at once, or given to dom0 at boot (which
 * may read all memory anyway). */
struct page *must_check heap_alloc_dirty(unsigned int order, unsigned int addr_bits);

/* heap_alloc() for @domain's own memory: zero, but a single frame may hold what this domain itself
 * left in it when it gave the frame up a moment ago. */
struct page *must_check heap_alloc_for(domid_t domain, unsigned int order, unsigned int addr_bits);

/* Frame @m itself, cleared, for a domain whose frames have their places; NULL: it is not free. */
struct page *must_check heap_alloc_at(mfn_t m);

/* Give back what heap_alloc() returned (no references may be left). Nobody sees the contents again;
 * TLBs that may still hold guest mappings must have been flushed (page_put does this). */
void heap_free(struct page *pg, unsigned int order);
/* The same for @count frames, whatever their place, in which only @domain has data:
 * heap_alloc_for() may give it back those that wait. */
void heap_free_from(domid_t domain, struct page *first, uint64_t count);
/* Nobody is @domain any more: the number may be given to another. */
void heap_forget(domid_t domain);

/* How many frames from @m on were free a moment ago, as one block that begins there; 0: not the
 * beginning of one. For scans that look for frames which nobody can get meanwhile. @m is valid. */
uint64_t heap_free_block(mfn_t m);

/* heap_alloc() for the hypervisor's own use, as a pointer into the direct map; NULL when none. */
void *must_check heap_alloc_hyp(unsigned int order);
void heap_free_hyp(void *p, unsigned int order);

uint64_t heap_free_pages(void);  /* frames free now */
uint64_t heap_total_pages(void); /* frames ever given to the heap */

/* Claims (XENMEM_claim_pages): @claimed frames are promised elsewhere and not to be allocated by
 * others. domain/reservation.c keeps the per-domain side. -ENOMEM when not that many are free. */
int must_check heap_claim(uint64_t pages);
void heap_unclaim(uint64_t pages);
uint64_t heap_claimed_pages(void);
