/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The two hardware formats of a guest's frame table, to and from struct p2m_entry; nothing else.
 * Levels count from 1 (4 KiB) to 4. The software bits that hold the type are free in both.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "mm/hvmap.h"
#include "p2m/entry.h"

#define P2M_TYPE_SHIFT 52
#define P2M_TYPE_MASK  (0xfULL << P2M_TYPE_SHIFT)

/* Bits for `unwritten`, which both formats leave to software as well. */
#define P2M_UNWRITTEN_LOG  (1ULL << 56)
#define P2M_UNWRITTEN_VRAM (1ULL << 11)
#define P2M_UNWRITTEN_SWEEP (1ULL << 57)

static inline uint64_t p2m_unwritten_bits(uint8_t unwritten)
{
    return (unwritten & P2M_WATCH_LOG ? P2M_UNWRITTEN_LOG : 0) |
           (unwritten & P2M_WATCH_VRAM ? P2M_UNWRITTEN_VRAM : 0) |
           (unwritten & P2M_WATCH_SWEEP ? P2M_UNWRITTEN_SWEEP : 0);
}

/* EPT (SDM vol. 3, 29.3.2, tables 29-1 to 29-7) */
#define EPT_READ        0x001ULL
#define EPT_WRITE       0x002ULL
#define EPT_EXECUTE     0x004ULL
#define EPT_RIGHTS      0x007ULL
#define EPT_CACHE_SHIFT 3
#define EPT_CACHE_MASK  (7ULL << EPT_CACHE_SHIFT)
#define EPT_LARGE       0x080ULL
#define EPT_ACCESSED    0x100ULL
#define EPT_DIRTY       0x200ULL /* clear: the processor notes the next write, if it notes any */

static inline unsigned int p2m_level_order(unsigned int level)
{
    return 9 * (level - 1);
}

/* The entry that points to the next lower table. */
static inline uint64_t ept_link(mfn_t table)
{
    return pte_make(table, EPT_RIGHTS | EPT_ACCESSED);
}

static inline bool ept_is_link(uint64_t raw, unsigned int level)
{
    return level > 1 && (raw & EPT_RIGHTS) && !(raw & EPT_LARGE);
}

static inline uint64_t ept_encode(const struct p2m_entry *e)
{
    uint64_t raw = (uint64_t)e->type << P2M_TYPE_SHIFT;

    if (!p2m_type_is_present(e->type))
        return raw;
    raw |= pte_make(e->mfn, EPT_READ | EPT_ACCESSED) | (uint64_t)e->cache << EPT_CACHE_SHIFT;
    raw |= p2m_unwritten_bits(e->unwritten);
    if (e->type != P2M_RAM_PML)
        raw |= EPT_DIRTY;
    if (p2m_type_is_writable(e->type))
        raw |= EPT_WRITE;
    if (p2m_type_is_executable(e->type))
        raw |= EPT_EXECUTE;
    if (e->order != P2M_ORDER_4K)
        raw |= EPT_LARGE;
    return raw;
}

static inline uint8_t ept_cache(uint64_t raw)
{
    return (uint8_t)((raw & EPT_CACHE_MASK) >> EPT_CACHE_SHIFT);
}

/* Nested paging (APM vol. 2, 15.25): a long-mode table whose accesses are all user accesses. */
static inline uint64_t npt_link(mfn_t table)
{
    return pte_make(table, PTE_P | PTE_RW | PTE_US | PTE_A);
}

static inline bool npt_is_link(uint64_t raw, unsigned int level)
{
    return level > 1 && (raw & PTE_P) && !(raw & PTE_PS);
}

/* PAT index by cache type, for the PAT that every CPU of ours has: WB WT UC- UC WC WP UC UC. */
static inline uint64_t npt_cache_bits(uint8_t cache, bool large)
{
    uint64_t pat = large ? 1ULL << 12 : PTE_PAT;

    switch (cache) {
    case P2M_CACHE_WT:
        return PTE_PWT;
    case P2M_CACHE_WC:
        return pat;
    case P2M_CACHE_WP:
        return pat | PTE_PWT;
    case P2M_CACHE_WB:
        return 0;
    default:
        return PTE_PCD | PTE_PWT;
    }
}

static inline uint64_t npt_encode(const struct p2m_entry *e)
{
    uint64_t raw = (uint64_t)e->type << P2M_TYPE_SHIFT;
    bool large = e->order != P2M_ORDER_4K;

    if (!p2m_type_is_present(e->type))
        return raw;
    raw |= pte_make(e->mfn, PTE_P | PTE_US | PTE_A | PTE_D) | npt_cache_bits(e->cache, large);
    raw |= p2m_unwritten_bits(e->unwritten);
    if (p2m_type_is_writable(e->type))
        raw |= PTE_RW;
    if (!p2m_type_is_executable(e->type))
        raw |= PTE_NX;
    if (large)
        raw |= PTE_PS;
    return raw;
}

static inline uint8_t npt_cache(uint64_t raw, bool large)
{
    static const uint8_t by_index[8] = {P2M_CACHE_WB, P2M_CACHE_WT, P2M_CACHE_UC, P2M_CACHE_UC,
                                        P2M_CACHE_WC, P2M_CACHE_WP, P2M_CACHE_UC, P2M_CACHE_UC};
    unsigned int index = (raw & PTE_PWT ? 1 : 0) | (raw & PTE_PCD ? 2 : 0) |
                         (raw & (large ? 1ULL << 12 : PTE_PAT) ? 4 : 0);

    return by_index[index];
}

/* Both back: @raw is no link. */
static inline struct p2m_entry p2m_decode(bool is_ept, uint64_t raw, unsigned int level)
{
    struct p2m_entry e = {.mfn = MFN_NONE,
                          .type = (uint8_t)((raw & P2M_TYPE_MASK) >> P2M_TYPE_SHIFT),
                          .order = (uint8_t)p2m_level_order(level),
                          .cache = P2M_CACHE_WB};
    uint64_t frame = (raw & PTE_FRAME_MASK) >> PAGE_SHIFT;

    if (!p2m_type_is_present(e.type))
        return e;
    e.mfn = MFN(frame & ~((1ULL << e.order) - 1)); /* bit 12 of a large NPT entry is PAT's */
    e.cache = is_ept ? ept_cache(raw) : npt_cache(raw, level > 1);
    e.unwritten = (uint8_t)((raw & P2M_UNWRITTEN_LOG ? P2M_WATCH_LOG : 0) |
                            (raw & P2M_UNWRITTEN_VRAM ? P2M_WATCH_VRAM : 0) |
                            (raw & P2M_UNWRITTEN_SWEEP ? P2M_WATCH_SWEEP : 0));
    return e;
}

static inline uint64_t p2m_encode(bool is_ept, const struct p2m_entry *e)
{
    return is_ept ? ept_encode(e) : npt_encode(e);
}

static inline uint64_t p2m_link(bool is_ept, mfn_t table)
{
    return is_ept ? ept_link(table) : npt_link(table);
}

static inline bool p2m_is_link(bool is_ept, uint64_t raw, unsigned int level)
{
    return is_ept ? ept_is_link(raw, level) : npt_is_link(raw, level);
}
