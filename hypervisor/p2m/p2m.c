/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The frame table of a translated guest.
 *
 * What is always true here: the tree is what the processor walks; there is no second book. An entry
 * changes by one store of 64 bits, so a processor or a reader without the lock sees the old or the
 * new one. A table is filled before it is linked and leaves the tree before it is freed; in between
 * it waits on `unlinked` until no processor can hold a path through it. Tables count against the
 * domain's pool, whoever made them necessary.
 */
#include "p2m/p2m.h"

#include "abi/errno.h"
#include "cpu/insn.h"
#include "debug/panic.h"
#include "mm/heap.h"
#include "mm/page.h"
#include "p2m/format.h"
#include "p2m/private.h"
#include "p2m/written.h"

#define ENTRIES   P2M_TABLE_ENTRIES
#define TOP_LEVEL P2M_TOP_LEVEL

static unsigned int index_of(uint64_t gfn, unsigned int level)
{
    return p2m_index(gfn, level);
}

static bool table_alloc(struct p2m *p, mfn_t *out)
{
    struct page *pg = p->tables < p->tables_max ? heap_alloc(0, 0) : NULL;

    if (!pg)
        return false;
    p->tables++;
    *out = page_mfn(pg);
    return true;
}

static void table_free(struct p2m *p, struct page *pg)
{
    pg->type = 0;
    heap_free(pg, 0);
    p->tables--;
}

/* A hypervisor frame's type word is free for its user: here it links what waits. */
static void table_unlink(struct p2m *p, mfn_t table)
{
    struct page *pg = mfn_page(table);

    pg->type = (uint64_t)(uintptr_t)p->unlinked;
    p->unlinked = pg;
}

int p2m_init(struct p2m *p, bool is_ept, bool has_1g, uint64_t tables_max)
{
    *p = (struct p2m){.is_ept = is_ept,
                      .order_max = has_1g ? P2M_ORDER_1G : P2M_ORDER_2M,
                      .tables_max = tables_max,
                      .root = MFN_NONE,
                      .closed = MFN_NONE,
                      .pod = {.single = MFN_NONE, .large = MFN_NONE}};
    spin_init(&p->lock, LOCK_P2M);
    return table_alloc(p, &p->root) ? 0 : -ENOMEM;
}

/* What part @part (of the order of @level) of the larger entry @e is. */
static struct p2m_entry part_of(struct p2m_entry e, unsigned int level, uint64_t part)
{
    e.order = (uint8_t)p2m_level_order(level);
    if (p2m_type_is_present(e.type))
        e.mfn = mfn_add(e.mfn, part << e.order);
    return e;
}

bool p2m_split(struct p2m *p, uint64_t *slot, unsigned int level)
{
    struct p2m_entry whole = p2m_decode(p->is_ept, *slot, level);
    mfn_t table;
    uint64_t *entries;

    if (!table_alloc(p, &table))
        return false;
    entries = frame_map(table);
    for (unsigned int i = 0; i < ENTRIES && whole.type != P2M_HOLE; i++) {
        struct p2m_entry part = part_of(whole, level - 1, i);

        if (part.type == P2M_RAM_LOGDIRTY)
            part.type = (uint8_t)p2m_plain_type(p, &part);
        entries[i] = p2m_encode(p->is_ept, &part);
    }
    frame_unmap(entries);
    __atomic_store_n(slot, p2m_link(p->is_ept, table), __ATOMIC_RELEASE);
    if (p2m_type_is_present(whole.type))
        p->generation++; /* a large translation may be cached beside the small ones to come */
    return true;
}

/* The entry of @level for @gfn, splitting what is in the way; NULL without memory. Unmap it. */
static uint64_t *slot_for(struct p2m *p, uint64_t gfn, unsigned int level)
{
    mfn_t table = p->root;

    for (unsigned int at = TOP_LEVEL;; at--) {
        uint64_t *slot = (uint64_t *)frame_map(table) + index_of(gfn, at);

        if (at == level)
            return slot;
        if (!p2m_is_link(p->is_ept, *slot, at) && !p2m_split(p, slot, at)) {
            frame_unmap(slot);
            return NULL;
        }
        table = pte_mfn(*slot);
        frame_unmap(slot);
    }
}

static bool table_is_empty(mfn_t table)
{
    const uint64_t *entries = frame_map(table);
    unsigned int i;

    for (i = 0; i < ENTRIES && !entries[i]; i++)
        ;
    frame_unmap(entries);
    return i == ENTRIES;
}

/* Can a processor do more by @old, which is present, than by @e, or reach another frame? */
static bool takes_away(const struct p2m_entry *old, const struct p2m_entry *e)
{
    return !mfn_eq(old->mfn, e->mfn) || old->cache != e->cache ||
           (p2m_type_is_writable(old->type) && !p2m_type_is_writable(e->type)) ||
           (p2m_type_is_executable(old->type) && !p2m_type_is_executable(e->type));
}

/* Count the frames of @e: @sign is 1 or -1. */
static void account(struct p2m *p, const struct p2m_entry *e, int64_t sign)
{
    int64_t frames = sign * ((int64_t)1 << e->order);

    if (p2m_type_is_present(e->type)) {
        p->present += (uint64_t)frames;
    } else if (e->type == P2M_POD) {
        p->moves = true;
        p->promised += (uint64_t)frames;
    }
    if (p2m_type_is_borrowed(e->type))
        p->borrowed += (uint64_t)sign;
}

int p2m_set(struct p2m *p, uint64_t gfn, const struct p2m_entry *e, struct p2m_entry *old)
{
    uint64_t frames = 1ULL << e->order, raw;
    unsigned int level = e->order / 9u + 1;
    bool taken = true;
    uint64_t *slot;

    if (mfn_eq(p->root, MFN_NONE) || (p->ends && e->type != P2M_HOLE) ||
        !IS_ALIGNED(gfn, frames) || gfn >> P2M_GFN_BITS ||
        (p2m_type_is_present(e->type) &&
         (!IS_ALIGNED(e->mfn.n, frames) || e->order > p->order_max)))
        return -EINVAL;
    slot = slot_for(p, gfn, level);
    if (!slot)
        return -ENOMEM;
    raw = *slot;
    if (p2m_is_link(p->is_ept, raw, level)) {
        if (!table_is_empty(pte_mfn(raw))) {
            frame_unmap(slot);
            return -EBUSY;
        }
        table_unlink(p, pte_mfn(raw));
        *old = (struct p2m_entry){.mfn = MFN_NONE, .order = e->order, .cache = P2M_CACHE_WB};
    } else {
        *old = p2m_decode(p->is_ept, raw, level);
        taken = p2m_type_is_present(old->type) && takes_away(old, e);
    }
    __atomic_store_n(slot, p2m_encode(p->is_ept, e), __ATOMIC_SEQ_CST);
    if (taken) /* after the change: who sees the new generation must not see the old entry */
        p->generation++;
    frame_unmap(slot);
    account(p, old, -1);
    account(p, e, 1);
    if (e->type != P2M_HOLE)
        p->top_gfn = max(p->top_gfn, gfn + frames - 1);
    return 0;
}

/* Are the entries of @table, of @level, one larger piece of RAM? Then @e is that. */
static bool is_one_piece(const struct p2m *p, mfn_t table, unsigned int level, struct p2m_entry *e)
{
    const uint64_t *entries = frame_map(table);
    bool same = true;
    mfn_t next = MFN_NONE;

    for (unsigned int i = 0; i < ENTRIES && same; i++) {
        struct p2m_entry part = p2m_decode(p->is_ept, entries[i], level);

        if (i == 0)
            *e = part;
        same = !p2m_is_link(p->is_ept, entries[i], level) && part.type == P2M_RAM &&
               part.cache == e->cache && (i == 0 || mfn_eq(part.mfn, next));
        next = mfn_add(part.mfn, 1ULL << part.order);
    }
    frame_unmap(entries);
    e->order = (uint8_t)p2m_level_order(level + 1);
    return same && IS_ALIGNED(e->mfn.n, 1ULL << e->order);
}

/* The entry of @level that links to a table with @gfn in it; NULL if there is none. Unmap it. */
static uint64_t *link_for(const struct p2m *p, uint64_t gfn, unsigned int level)
{
    mfn_t table = p->root;

    for (unsigned int at = TOP_LEVEL;; at--) {
        uint64_t *slot = (uint64_t *)frame_map(table) + index_of(gfn, at);
        bool is_link = p2m_is_link(p->is_ept, *slot, at);

        if (is_link && at == level)
            return slot;
        table = pte_mfn(*slot);
        frame_unmap(slot);
        if (!is_link)
            return NULL;
    }
}

static bool join_level(struct p2m *p, uint64_t gfn, unsigned int level)
{
    uint64_t *slot = link_for(p, gfn, level);
    struct p2m_entry e;
    bool joins;

    if (!slot)
        return false;
    joins = is_one_piece(p, pte_mfn(*slot), level - 1, &e);
    if (joins) {
        table_unlink(p, pte_mfn(*slot));
        __atomic_store_n(slot, p2m_encode(p->is_ept, &e), __ATOMIC_SEQ_CST);
        p->generation++;
    }
    frame_unmap(slot);
    return joins;
}

void p2m_join(struct p2m *p, uint64_t gfn)
{
    if (gfn >> P2M_GFN_BITS || mfn_eq(p->root, MFN_NONE))
        return;
    if (join_level(p, gfn, 2) && p->order_max >= P2M_ORDER_1G &&
        (gfn + 512) % (1ULL << P2M_ORDER_1G) == 0)
        (void)join_level(p, gfn, 3);
}

struct p2m_entry p2m_lookup(const struct p2m *p, uint64_t gfn)
{
    struct p2m_entry e = {.mfn = MFN_NONE, .order = P2M_ORDER_1G, .cache = P2M_CACHE_WB};
    uint64_t flags;
    mfn_t table;

    if (gfn >> P2M_GFN_BITS)
        return e;
    flags = irq_save();
    table = MFN(READ_ONCE(p->root.n));
    for (unsigned int level = TOP_LEVEL; !mfn_eq(table, MFN_NONE); level--) {
        const uint64_t *entries = frame_map(table);
        uint64_t raw = READ_ONCE(entries[index_of(gfn, level)]);

        frame_unmap(entries);
        if (p2m_is_link(p->is_ept, raw, level)) {
            table = pte_mfn(raw);
            continue;
        }
        if (level == TOP_LEVEL) /* never a leaf: nothing in all of it */
            break;
        e = p2m_decode(p->is_ept, raw, level);
        break;
    }
    irq_restore(flags);
    if (p2m_type_is_present(e.type))
        e.mfn = mfn_add(e.mfn, gfn & ((1ULL << e.order) - 1));
    return e;
}

bool p2m_next(const struct p2m *p, uint64_t gfn, unsigned int budget, uint64_t *at,
              struct p2m_entry *e)
{
    while (gfn <= p->top_gfn) {
        uint64_t step;

        *e = p2m_lookup(p, gfn);
        *at = gfn;
        if (e->type != P2M_HOLE || budget-- == 0)
            return true;
        step = 1ULL << e->order;
        gfn = ROUND_DOWN(gfn, step) + step;
    }
    return false;
}

struct page *p2m_unlinked(struct p2m *p)
{
    struct page *tables = p->unlinked;

    p->unlinked = NULL;
    return tables;
}

void p2m_free_unlinked(struct p2m *p, struct page *tables)
{
    while (tables) {
        struct page *next = (struct page *)(uintptr_t)tables->type;

        table_free(p, tables);
        tables = next;
    }
}

void p2m_end(struct p2m *p)
{
    p->ends = true;
}

void p2m_close(struct p2m *p)
{
    if (mfn_eq(p->root, MFN_NONE))
        return;
    p2m_watch(p, (1u << P2M_WATCHES) - 1, false);
    p->pod = (struct pod_frames){.single = MFN_NONE, .large = MFN_NONE};
    p->promised = 0;
    p->closed = p->root;
    WRITE_ONCE(p->root.n, MFN_NONE.n);
}

/* Take the first linked table below @table (of @level) out of it, lowest level first. */
static bool prune(struct p2m *p, mfn_t table, unsigned int level)
{
    uint64_t *entries = frame_map(table);
    bool found = false;

    for (unsigned int i = 0; i < ENTRIES && !found; i++) {
        mfn_t child;

        if (!p2m_is_link(p->is_ept, entries[i], level))
            continue;
        found = true;
        child = pte_mfn(entries[i]);
        if (level > 2 && prune(p, child, level - 1))
            continue;
        entries[i] = 0;
        table_free(p, mfn_page(child));
    }
    frame_unmap(entries);
    return found;
}

bool p2m_free(struct p2m *p, unsigned int budget)
{
    p2m_free_unlinked(p, p2m_unlinked(p));
    p2m_close(p);
    if (mfn_eq(p->closed, MFN_NONE))
        return true;
    while (budget-- > 0) {
        if (prune(p, p->closed, TOP_LEVEL))
            continue;
        table_free(p, mfn_page(p->closed));
        p->closed = MFN_NONE;
        assert(p->tables == 0);
        return true;
    }
    return false;
}

int p2m_resize_pool(struct p2m *p, uint64_t tables_max)
{
    if (tables_max < p->tables)
        return -EBUSY;
    p->tables_max = tables_max;
    return 0;
}
