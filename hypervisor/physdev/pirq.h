/* SPDX-License-Identifier: BSD-2-Clause */
/* Private to physdev/: a domain's physical interrupts (pirqs) and what stands behind them. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/list.h"
#include "lib/types.h"
#include "sync/spinlock.h"
#include "time/timer.h"

struct domain;
struct irq_line;
struct page;

/* Locks, outer to inner; all above the event lock, below a line's own. */
enum {
    LOCK_PIRQ_TABLE = LOCK_IRQ - 3,  /* one domain's table: who is named by which number */
    LOCK_PIRQ_SOURCE = LOCK_IRQ - 2, /* one line's guests; taken in interrupts */
};

/* More domains than this never share one line. */
#define SOURCE_MAX_GUESTS 8

/* A line that belongs to guests. */
struct pirq_source {
    struct spinlock lock;    /* LOCK_PIRQ_SOURCE, with interrupts off */
    struct irq_line *line;   /* (c) */
    bool is_message;         /* (c) MSI or MSI-X: has one user and goes with it */
    struct list_node guests; /* (r) struct pirq.link of those bound */
    uint32_t guest_count;    /* (r) */
    uint32_t owed;           /* (r) guests that still have to say they are done */
    struct timer overdue;    /* shared level lines: they have had long enough */
};

/* One pirq of one domain. */
struct pirq {
    struct list_node link;      /* (r) [source lock] in source->guests while bound */
    struct domain *domain;      /* (c) */
    uint32_t number;            /* (c) */
    uint32_t port;              /* (r) [source lock] while bound */
    struct pirq_source *source; /* (r) [table lock] NULL: only reserved (get_free_pirq) */
    bool bound;                 /* (r) [source lock] */
    bool will_share;            /* (r) [source lock] */
    bool owes;                  /* (r) [source lock] level: its handler is not done yet */
};

struct pirq_domain {
    struct spinlock lock;  /* LOCK_PIRQ_TABLE, with interrupts off */
    struct pirq **table;   /* (r) NULL until the first pirq */
    uint32_t size;         /* (r) of table */
    uint64_t *eoi_map;     /* (r) guest's page of "needs EOI" bits, NULL: none */
    struct page *eoi_page; /* (r) referenced writable */
    bool auto_unmask;      /* (r) PHYSDEVOP_pirq_eoi_gmfn_v1: eoi unmasks the port too */
};

/* What PHYSDEVOP_map_pirq asks for, decoded. */
struct pirq_request {
    bool is_message;
    uint32_t gsi;
    uint16_t segment;
    uint8_t bus, devfn;
    bool is_msix;
    uint32_t entry;      /* MSI-X: table entry */
    uint32_t count;      /* MSI: messages, a power of two */
    uint64_t table_base; /* MSI-X: BAR with the table */
    int32_t pirq;        /* wanted number, negative: any */
};

/* Give @d a pirq (request->count of them, consecutive): its (first) number or -errno. Mapping a GSI
 * again gives what there is. No locks, interrupts on. */
int must_check pirq_map(struct domain *d, const struct pirq_request *request);
/* Take it away, unbound first if need be. -EINVAL when not mapped. No locks, interrupts on. */
int must_check pirq_unmap(struct domain *d, uint32_t number);
/* Set a free number of @d aside for a later map with that number. -ENOSPC, -ENOMEM. */
int must_check pirq_reserve(struct domain *d, bool is_message);

/* XENIRQSTAT_* of a mapped pirq; -EINVAL. */
int must_check pirq_status(struct domain *d, uint32_t number, uint32_t *flags);
/* The guest says it is done: PHYSDEVOP_eoi. -EINVAL: not mapped. */
int must_check pirq_eoi(struct domain *d, uint32_t number);
/* Register the "needs EOI" page. -EBUSY there is one, -EINVAL not a writable frame of its own. */
int must_check pirq_set_eoi_page(struct domain *d, uint64_t gfn, bool auto_unmask);
/* Timer function: guests that still owe @data, a source, an EOI have had long enough. */
void pirq_overdue(void *data);
/* The trigger of @gsi changed: correct the pages of those who have it. */
void pirq_trigger_changed(uint32_t gsi);
