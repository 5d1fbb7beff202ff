/* SPDX-License-Identifier: BSD-2-Clause */
/* A translated guest's frames: guest frame -> machine frame, in the processor's own format. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/types.h"
#include "mm/frame.h"
#include "p2m/entry.h"
#include "sync/spinlock.h"

struct page;

/* Frames set aside for entries P2M_POD (domain/pod.c). */
struct pod_frames {
    uint64_t count;        /* (r) all of them */
    mfn_t single, large;   /* (r) lists of frames, and of 2 MiB each */
    mfn_t part;            /* (r) a large one of which the last `part_left` frames are left */
    uint32_t part_left;    /* (r) */
    uint64_t sweep, swept; /* (r) the search for more: where it is, frames since it found any */
};

/* One a domain. Whoever changes it holds its lock; reading needs none. */
struct p2m {
    struct spinlock lock;  /* LOCK_P2M */
    mfn_t root;            /* (r) the top table: what EPTP and nCR3 name; MFN_NONE when closed */
    mfn_t closed;          /* (r) the top table once nobody finds it any more */
    bool ends;             /* (r) only holes are put in */
    bool is_ept;           /* (c) format */
    uint8_t order_max;     /* (c) P2M_ORDER_* of the largest entries that the processor knows */
    uint64_t tables;       /* (r) frames in use as tables, the top one included */
    uint64_t tables_max;   /* (r) the domain's paging pool, in frames */
    uint64_t top_gfn;      /* (r) the highest guest frame ever mapped */
    uint64_t present;      /* (r) 4 KiB frames behind present entries */
    uint64_t promised;     /* (r) 4 KiB frames behind entries P2M_POD */
    bool moves;            /* frames were promised once: they may go elsewhere by themselves */
    struct pod_frames pod; /* domain/pod.c */
    uint64_t borrowed;     /* (r) entries that hold references on others' frames */
    uint64_t cursor;       /* (o) how far their teardown has come */
    uint8_t watchers;      /* (r) P2M_WATCH_*: who looks at what is written; see p2m/written.h */
    bool pml;              /* (r) what only the log watches may be P2M_RAM_PML; see hvm/log.h */
    uint64_t noted;        /* (r) writes that processors noted since then */
    uint64_t written;      /* (r) frames written first since the log was last taken */
    uint32_t log_call;     /* (r) [control_lock] the call about the log that goes on, 0 none */
    uint64_t log_next;     /* (r) [control_lock] the frame it goes on from */
    uint32_t log_vcpu;     /* (r) [control_lock] before that, the vCPU whose notes are read next */
    uint32_t generation;   /* (r) moves on when something was taken away: see p2m_unlinked() */
    struct page *unlinked; /* (r) tables out of use that a processor may still walk */
};

/* Guest frames have at most this many bits: four levels. */
#define P2M_GFN_BITS 36

/* An empty table of @tables_max frames at most, all taken from the heap as needed. @has_1g: the
 * processor knows entries of 1 GiB. -ENOMEM, also for a pool of none. */
int must_check p2m_init(struct p2m *p, bool is_ept, bool has_1g, uint64_t tables_max);

/*
 * The end, for a domain that does not run. First nothing may be added any more: p2m_set() of
 * anything but a hole is -EINVAL. Then, when it holds no reference on anything, it is closed:
 * everything is a hole for whoever looks from now on. Lock held.
 */
void p2m_end(struct p2m *p);
void p2m_close(struct p2m *p);

/*
 * Free all tables. It is closed, and whoever might have looked at it before, or nobody ever has.
 * Lock held. Bounded: frees at most @budget tables a call; true when all are gone.
 */
bool must_check p2m_free(struct p2m *p, unsigned int budget);

/* What @gfn is. Any context; exact under the lock, else as of a moment during the call: reads with
 * interrupts off, which the flush before a table's freeing waits for. */
struct p2m_entry p2m_lookup(const struct p2m *p, uint64_t gfn);

/*
 * Make 2^@e->order frames from @gfn on, aligned to that, what @e says. *@old is what they were:
 * of the order of @e, or for a part of something larger, of its type and its own frame. Lock held.
 * -EINVAL: alignment, beyond P2M_GFN_BITS, larger than order_max if it maps anything, or the end of
 * the table has begun. -ENOMEM: the pool or the heap is used up, nothing changed that a guest can
 * see. -EBUSY: smaller mappings are in the way; make them holes first.
 */
int must_check p2m_set(struct p2m *p, uint64_t gfn, const struct p2m_entry *e,
                       struct p2m_entry *old);

/* The 512 frames at @gfn, aligned to that, become one entry if they lie next to each other as plain
 * RAM that nobody watches; and if these are the last of its GiB, that too. The tables that are left
 * over wait as below, generation has moved then. Lock held. */
void p2m_join(struct p2m *p, uint64_t gfn);

/* The first guest frame >= @gfn that is no hole, and what it is; false: none. Looks at no more than
 * @budget entries and stores where it stopped: then *@e is a hole at *@at to go on from. Lock held.
 */
bool must_check p2m_next(const struct p2m *p, uint64_t gfn, unsigned int budget, uint64_t *at,
                         struct p2m_entry *e);

/*
 * After a change that took something away (generation has moved), every processor that runs the
 * guest must flush before what was mapped is used otherwise. Tables that were unlinked are taken
 * before that, NULL if there are none, and freed after it; a look without the lock may be under way
 * on any other processor too. What is unlinked meanwhile waits for the next flush. Lock held.
 */
struct page *p2m_unlinked(struct p2m *p);
void p2m_free_unlinked(struct p2m *p, struct page *tables);

/* Change the pool's size, in frames. -EBUSY: more are in use. Lock held. */
int must_check p2m_resize_pool(struct p2m *p, uint64_t tables_max);
