/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which frames were written.
 *
 * What is always true here: an entry says for each watcher whether its memory is unwritten since
 * that one's last look. As long as it is that for any of them the guest cannot write through it, or
 * the processor keeps a note when it does (P2M_RAM_PML). The fault of the first write, whoever
 * writes in the guest's place, and the note when somebody reads it, clear it for all. A note may
 * come late: its frame may have been taken anew by then, and counts as written once more. So memory
 * that comes new counts as written by itself, and there is no other book beside the table.
 */
#include "p2m/written.h"

#include "mm/hvmap.h"
#include "mm/page.h"
#include "p2m/p2m.h"
#include "p2m/private.h"

/* The entry in which a walk for @gfn ends, and of which level; to be unmapped. */
static uint64_t *leaf_of(const struct p2m *p, uint64_t gfn, unsigned int *level)
{
    mfn_t table = p->root;

    for (*level = P2M_TOP_LEVEL;; --*level) {
        uint64_t *slot = (uint64_t *)frame_map(table) + p2m_index(gfn, *level);

        if (!p2m_is_link(p->is_ept, *slot, *level))
            return slot;
        table = pte_mfn(*slot);
        frame_unmap(slot);
    }
}

static void set_bits(uint64_t *bits, unsigned int first, uint64_t count)
{
    for (uint64_t n = first; n < first + count; n++)
        bits[n / 64] |= 1ULL << (n % 64);
}

/* Write back an entry whose `unwritten` has changed, with the type that goes with it. */
static void store(struct p2m *p, uint64_t *slot, struct p2m_entry *e)
{
    uint8_t old = e->type;

    if (p2m_type_is_plain(e->type))
        e->type = (uint8_t)p2m_plain_type(p, e);
    __atomic_store_n(slot, p2m_encode(p->is_ept, e), __ATOMIC_SEQ_CST);
    if (e->type != old && e->type != P2M_RAM && old != P2M_RAM_LOGDIRTY)
        p->generation++; /* after the change, as in p2m_set() */
}

/* One entry, of which @span frames from bit @first on are asked about. False: it was split. */
static bool look_at(struct p2m *p, uint64_t *slot, unsigned int level, unsigned int first,
                    uint64_t span, uint8_t who, enum p2m_written what, uint64_t *bits)
{
    struct p2m_entry e = p2m_decode(p->is_ept, *slot, level);
    bool is_part = span < 1ULL << e.order, was_written = !(e.unwritten & who);

    if (!p2m_type_is_ram(e.type))
        return true;
    if (was_written)
        set_bits(bits, first, span);
    if (what == P2M_WRITTEN_PEEK || (what == P2M_WRITTEN_TAKE) != was_written)
        return true;
    if (what == P2M_WRITTEN_TAKE && is_part)
        return !p2m_split(p, slot, level);
    e.unwritten ^= who; /* to forget all of a large one is to forget its other parts early */
    store(p, slot, &e);
    return true;
}

/* How many entries of 4 KiB from @slot on, @most at most, are unwritten by the bit @quiet or empty:
 * there is nothing to tell of them or to change. */
static unsigned int quiet_entries(const uint64_t *slot, uint64_t most, uint64_t quiet)
{
    unsigned int n = 0;

    while (n + 4 <= most && (slot[n] & slot[n + 1] & slot[n + 2] & slot[n + 3] & quiet))
        n += 4;
    while (n < most && (!slot[n] || (slot[n] & quiet)))
        n++;
    return n;
}

void p2m_written(struct p2m *p, uint64_t gfn, unsigned int count, uint8_t who,
                 enum p2m_written what, uint64_t *bits)
{
    const uint64_t quiet = what == P2M_WRITTEN_FORGET ? 0 : p2m_unwritten_bits(who);

    for (unsigned int i = 0; i < (count + 63) / 64; i++)
        bits[i] = 0;
    for (unsigned int at = 0; at < count && !mfn_eq(p->root, MFN_NONE);) {
        unsigned int level, index, n;
        uint64_t *leaf = leaf_of(p, gfn + at, &level), *slot = leaf;

        /* the entries behind it as well, while they are in this table and no links */
        for (index = p2m_index(gfn + at, level); index < P2M_TABLE_ENTRIES && at < count;
             index += n) {
            uint64_t size = 1ULL << p2m_level_order(level), into = (gfn + at) & (size - 1);
            uint64_t left = count - at, span = min(size - into, left);

            n = 0;
            if (level == 1)
                n = quiet_entries(slot, min((uint64_t)P2M_TABLE_ENTRIES - index, left), quiet);
            if (n)
                span = n;
            else if (p2m_is_link(p->is_ept, *slot, level) ||
                     !look_at(p, slot, level, at, span, who, what, bits))
                break;
            else
                n = 1;
            slot += n;
            at += (unsigned int)span;
        }
        frame_unmap(leaf);
    }
}

void p2m_mark_written(struct p2m *p, uint64_t gfn)
{
    struct p2m_entry e;
    unsigned int level;
    uint64_t *slot;

    if (gfn >> P2M_GFN_BITS || mfn_eq(p->root, MFN_NONE))
        return;
    for (;;) {
        slot = leaf_of(p, gfn, &level);
        e = p2m_decode(p->is_ept, *slot, level);
        if (!e.unwritten || level == 1 || !p2m_split(p, slot, level))
            break; /* (no memory for a table: all of the large one) */
        frame_unmap(slot);
    }
    if (e.unwritten) {
        p->written += e.unwritten & P2M_WATCH_LOG ? 1 : 0;
        e.unwritten = 0;
        store(p, slot, &e);
    }
    frame_unmap(slot);
}

void p2m_watch(struct p2m *p, uint8_t who, bool on)
{
    uint8_t before = p->watchers, after = on ? before | who : before & (uint8_t)~who;

    WRITE_ONCE(p->watchers, after);
    if (!before != !after)
        __atomic_fetch_add(&page_writes_watched, after ? 1 : -1u, __ATOMIC_SEQ_CST);
}
