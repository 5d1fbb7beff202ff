/* SPDX-License-Identifier: BSD-2-Clause */
/* The world around hypervisor/grant/ for host tests: domains with frames whose references are
 * counted, page tables of a few slots, and a TLB that remembers what was not flushed. */
#pragma once

#include "abi/errno.h"
#include "cpu/percpu.h"
#include "domain/domain.h"
#include "domain/kind.h"
#include "grant/grant.h"
#include "grant/table.h"
#include "hypercall/hypercall.h"
#include "hypercall/table.h"
#include "mm/hvmap.h"
#include "mm/page.h"

#define FAKE_DOMAINS      3
#define FAKE_GUEST_FRAMES 8 /* of each domain; frame numbers start at domain * 8 + 8 */
#define FAKE_HEAP_FRAMES  160
#define FAKE_FRAMES       (8 + FAKE_DOMAINS * FAKE_GUEST_FRAMES + FAKE_HEAP_FRAMES)
#define FAKE_SLOTS        8
#define FAKE_SLOT_ADDR(i) (0x1000UL + (uint64_t)(i)*8)

struct fake_frame {
    int refs, writes; /* references; uses as PAGE_WRITABLE */
    domid_t owner;
    bool live, table; /* table: used as a page table, so never writable */
    bool xenheap, ended; /* the hypervisor's, shared; until shared_page_end() */
    int told;         /* page_written() */
    int stale;        /* translations that a TLB may still hold */
};
extern struct fake_frame fake_frames[FAKE_FRAMES];

/* A slot of a domain's page tables. */
struct fake_slot {
    bool present, writable;
    uint64_t mfn, extra; /* extra: cache bits and guest-available bits as given */
};
extern struct fake_slot fake_slots[FAKE_DOMAINS][FAKE_SLOTS];

extern struct domain fake_domains[FAKE_DOMAINS];
extern long fake_pool_blocks, fake_pool_fail_after;
extern uint64_t fake_args[6];
extern bool fake_preempt;
extern int fake_flushes;
extern bool fake_dies_late; /* the receiver of a frame dies after it was counted */
extern int fake_lost;       /* frames freed between two owners */
extern uint64_t fake_m2p[FAKE_FRAMES];
extern bool fake_broken; /* a rule was broken: something was given back before the flush */

#define FAKE_PLACED 1000 /* guest frames of translated domains are so much higher */

/* Domains 0 to 2, domain 0 in control. */
void fake_world(int32_t max_frames, int32_t max_maptrack, uint32_t options);
/* Drop all page tables, relinquish and free all domains; false unless everything came back. */
bool fake_world_end(void);
void fake_become(int domain);
/* The guest overwrites a slot by itself. */
void fake_slot_clear(int domain, int slot);
/* Frame number @index of @domain. */
uint64_t fake_frame_of(int domain, int index);
/* hc_grant_table_op() of the current domain. */
long call(uint32_t cmd, void *op, uint32_t count);
