/* SPDX-License-Identifier: BSD-2-Clause */
/* Private to grant/: the table of a domain, its entries in use, and its mappings of others' grants.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "abi/xen.h"
#include "domain/domain.h"
#include "lib/types.h"
#include "mm/frame.h"
#include "sync/spinlock.h"

#include <xen/grant_table.h>

/* Entries of one shared frame, by version of the table. */
#define GRANT_V1_PER_FRAME (PAGE_BYTES / sizeof(grant_entry_v1_t))
#define GRANT_V2_PER_FRAME (PAGE_BYTES / sizeof(grant_entry_v2_t))
/* Shared frames (version 2) whose status words fill one status frame. */
#define GRANT_FRAMES_PER_STATUS (PAGE_BYTES / sizeof(grant_status_t) / GRANT_V2_PER_FRAME)

/* Bounds on what may be configured, so that pointer arrays and single calls stay small. */
#define GRANT_FRAMES_LIMIT    4096
#define MAPTRACK_FRAMES_LIMIT 65536

/* What an entry is used for now. All 0: not in use. [table lock] */
struct grant_active {
    mfn_t frame;     /* referenced once while in use, also as PAGE_WRITABLE while writes > 0 */
    uint16_t reads;  /* pins that may only read: mappings and copies going on */
    uint16_t writes; /* pins that may write */
    domid_t domid;   /* who holds the pins */
};
#define GRANT_PINS_MAX 0x7fff

/* A mapping of another's grant; the index into these is the handle. */
struct grant_mapping {
    struct domain *granter; /* referenced while the mapping exists */
    grant_ref_t ref;        /* free entries: the next free handle */
    uint32_t flags;         /* (a) 0 free, or MAPPING_USED with GNTMAP_* as mapped */
};
#define MAPPING_USED       (1u << 31) /* bits of `flags` that GNTMAP_* leaves alone */
#define MAPPING_BUSY       (1u << 30) /* being made or undone: nobody else may claim it */
#define MAPPING_HALVES     (GNTMAP_host_map | GNTMAP_device_map)
#define MAPPINGS_PER_FRAME (PAGE_BYTES / sizeof(struct grant_mapping))
#define HANDLE_NONE        (~0u)

struct grant_maptrack {
    struct spinlock lock;            /* LOCK_MAPTRACK */
    bool dying;                      /* (r) no new mappings */
    uint32_t frames;                 /* (r) in use; pages below stay for the domain's life */
    uint32_t max_frames;             /* (c) */
    uint32_t first_free;             /* (r) handle, HANDLE_NONE */
    uint32_t cursor;                 /* (o) progress of grant_domain_relinquish() */
    struct grant_mapping **mappings; /* (c) array of max_frames pages */
};

struct grant_table {
    struct spinlock lock;         /* LOCK_GRANT_TABLE: everything here but maptrack */
    uint32_t version;             /* (r) 1 or 2 */
    uint32_t max_version;         /* (c) */
    uint32_t frames;              /* (r) shared frames; never shrinks */
    uint32_t max_frames;          /* (c) */
    uint32_t status_frames;       /* (r) 0 in version 1 */
    uint32_t in_use;              /* (r) entries with pins, the reserved ones not counted */
    uint32_t unshared;            /* (o) progress of grant_domain_unshare() */
    void **shared;                /* (c) array of max_frames pages the guest writes */
    grant_status_t **status;      /* (c) array of pages the guest reads (version 2); kept */
    struct grant_active **active; /* (c) array of max_frames arrays of GRANT_V1_PER_FRAME */
    struct grant_maptrack maptrack;
};

/* Entries the table has now. Table lock held. */
static inline uint32_t grant_entries(const struct grant_table *t)
{
    return t->frames * (uint32_t)(t->version == 1 ? GRANT_V1_PER_FRAME : GRANT_V2_PER_FRAME);
}

/* ---- table.c: frames of the table; lock held ---- */

/* Make the table at least @frames shared frames (and the status frames that belong to them). 0,
 * -EINVAL over the limit, -ENOMEM, -ERESTART when preempted (what was made stays). */
int must_check table_grow(struct domain *d, uint32_t frames);
int must_check table_set_version(struct domain *d, uint32_t version);
/* Frame number of a shared or status page. */
mfn_t table_frame(const void *page);

/* ---- entry.c: entries and their pins ---- */

/* A pin: what is asked for, and, once entry_pin() said GNTST_okay, what it gives access to. */
struct grant_pin {
    grant_ref_t ref;
    domid_t who;            /* the domain that is to use the grant */
    bool write;             /* to write as well */
    bool whole;             /* sub-page grants will not do */
    uint16_t count;         /* how many pins */
    uint16_t start, length; /* bytes of the frame that are granted */
    mfn_t frame;
    uint64_t gfn;   /* as the granter calls it */
    uint64_t cache; /* PTE_PWT, PTE_PCD, PTE_PAT as the granter asks */
};

/*
 * Pin an entry of @granter: the granted frame stays referenced and the entry marked in use until
 * entry_unpin(). GNTST_okay or why not. Takes the table's lock.
 */
int must_check entry_pin(struct domain *granter, struct grant_pin *pin);
/* Undo @count pins. Translations of a mapping must have been flushed. */
void entry_unpin(struct domain *granter, grant_ref_t ref, bool write, unsigned int count);
/* The entry in use @ref: exists, its frame stands while the caller holds a pin. Any lock state. */
static inline struct grant_active *entry_active(const struct grant_table *t, grant_ref_t ref)
{
    return &t->active[ref / GRANT_V1_PER_FRAME][ref % GRANT_V1_PER_FRAME];
}
/* Exchange two entries nobody uses: GNTST_okay, bad_gntref, eagain. Takes the table's lock. */
int must_check entry_swap(struct domain *d, grant_ref_t a, grant_ref_t b);

/*
 * Make @pg, a frame of nobody for which @d has room (domain_adjust_pages), @d's by way of its entry
 * @ref, which accepts a frame from domain @from, and tell the frame's number there. GNTST_okay;
 * otherwise @pg is nobody's still: general_error (no such offer, @d is dying), address_too_big (its
 * number does not fit into the entry). Takes the table's lock.
 */
int must_check entry_accept(struct domain *d, grant_ref_t ref, domid_t from, struct page *pg);

/* ---- maptrack.c: handles ---- */

int must_check maptrack_init(struct grant_maptrack *m, uint32_t max_frames);
void maptrack_free(struct grant_maptrack *m);
/* A free mapping, claimed, and its handle; NULL when the limit or memory is reached or the domain
 * dies. */
struct grant_mapping *maptrack_take(struct grant_maptrack *m, uint32_t *handle);
/* The mapping of @handle, claimed for the caller alone; NULL when there is none or it is claimed.
 */
struct grant_mapping *maptrack_claim(struct grant_maptrack *m, uint32_t handle);
/* End a claim: the mapping is as @flags say from now on. */
static inline void maptrack_keep(struct grant_mapping *mapping, uint32_t flags)
{
    __atomic_store_n(&mapping->flags, (flags & ~MAPPING_BUSY) | MAPPING_USED, __ATOMIC_RELEASE);
}
/* End a claim: the mapping is gone. */
void maptrack_give(struct grant_maptrack *m, struct grant_mapping *mapping, uint32_t handle);

/* ---- map.c, copy.c, transfer.c: one operation each; they fill its `status` ---- */

void grant_map(struct gnttab_map_grant_ref *op);
void grant_copy(struct gnttab_copy *op);
void grant_transfer(struct gnttab_transfer *op);

/* GNTTABOP_cache_flush of @count operations; @chunk: where in the first the call goes on. 0,
 * -EFAULT, -EINVAL, -EPERM (a frame that is not the caller's, nor of a domain with grants),
 * -EOPNOTSUPP, -ERESTART. */
long grant_cache_flush(uint64_t gva, uint32_t count, uint32_t chunk);

/* After @done operations of @bytes: go on with the rest in another call, @within the first. Returns
 * -ERESTART. */
long grant_continue(uint64_t done, uint64_t bytes, uint32_t within);

/*
 * Unmapping happens in batches: grant_unmap() clears the entry in the guest's tables and notes in
 * @done what is left to do; grant_unmap_finish() flushes TLBs once, then gives back pins and
 * handles.
 */
#define GRANT_BATCH 32
struct grant_undone {
    uint32_t count;
    bool flush;
    struct {
        struct grant_mapping *mapping; /* claimed */
        uint32_t handle, halves;
    } item[GRANT_BATCH];
};
/* @replace_by: NULL, or where the entry's new contents are. GNTST_okay or why not. */
int must_check grant_unmap(struct grant_undone *done, const struct gnttab_unmap_grant_ref *op,
                           const uint64_t *replace_by);
void grant_unmap_finish(struct grant_undone *done);

/* ---- query.c: operations on the table itself; 0, positive or -errno ---- */

long grant_setup_table(uint64_t gva);
long grant_query_size(uint64_t gva);
long grant_set_version(uint64_t gva);
long grant_get_version(uint64_t gva);
long grant_get_status_frames(uint64_t gva);
