/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Handles of the grants a domain has mapped.
 *
 * What is always true here: a mapping's fields belong to whoever has claimed it (set MAPPING_BUSY
 * in its flags, by compare-and-swap); free mappings form a chain guarded by the lock.
 */
#include "grant/table.h"

#include "abi/errno.h"
#include "lib/index.h"
#include "mm/pool.h"

int maptrack_init(struct grant_maptrack *m, uint32_t max_frames)
{
    spin_init(&m->lock, LOCK_MAPTRACK);
    m->first_free = HANDLE_NONE;
    m->max_frames = max_frames;
    m->mappings = pool_array(struct grant_mapping *, max_frames ? max_frames : 1);
    return m->mappings ? 0 : -ENOMEM;
}

void maptrack_free(struct grant_maptrack *m)
{
    for (uint32_t i = 0; i < m->frames; i++)
        pool_free(m->mappings[i]);
    pool_free(m->mappings);
    m->mappings = NULL;
    m->frames = 0;
}

static struct grant_mapping *entry(const struct grant_maptrack *m, uint32_t handle)
{
    uint32_t frames = __atomic_load_n(&m->frames, __ATOMIC_ACQUIRE);
    uint32_t frame = handle / MAPPINGS_PER_FRAME;

    if (unlikely(frame >= frames))
        return NULL;
    return &m->mappings[index_clamp(frame, frames)][handle % MAPPINGS_PER_FRAME];
}

/* One more page of free mappings. Lock held. */
static bool grow(struct grant_maptrack *m)
{
    uint32_t first = m->frames * (uint32_t)MAPPINGS_PER_FRAME;
    struct grant_mapping *page;

    if (m->frames >= m->max_frames)
        return false;
    page = pool_array(struct grant_mapping, MAPPINGS_PER_FRAME);
    if (!page)
        return false;
    for (uint32_t i = 0; i < MAPPINGS_PER_FRAME; i++)
        page[i].ref = i + 1 < MAPPINGS_PER_FRAME ? first + i + 1 : m->first_free;
    m->mappings[m->frames] = page;
    m->first_free = first;
    __atomic_store_n(&m->frames, m->frames + 1, __ATOMIC_RELEASE);
    return true;
}

struct grant_mapping *maptrack_take(struct grant_maptrack *m, uint32_t *handle)
{
    struct grant_mapping *mapping = NULL;

    spin_lock(&m->lock);
    if (likely(!m->dying) && (likely(m->first_free != HANDLE_NONE) || grow(m))) {
        *handle = m->first_free;
        mapping = &m->mappings[*handle / MAPPINGS_PER_FRAME][*handle % MAPPINGS_PER_FRAME];
        m->first_free = mapping->ref;
        WRITE_ONCE(mapping->flags, MAPPING_USED | MAPPING_BUSY);
    }
    spin_unlock(&m->lock);
    return mapping;
}

struct grant_mapping *maptrack_claim(struct grant_maptrack *m, uint32_t handle)
{
    struct grant_mapping *mapping = entry(m, handle);
    uint32_t old;

    if (unlikely(!mapping))
        return NULL;
    old = READ_ONCE(mapping->flags);
    do {
        if ((old & (MAPPING_USED | MAPPING_BUSY)) != MAPPING_USED)
            return NULL;
    } while (!__atomic_compare_exchange_n(&mapping->flags, &old, old | MAPPING_BUSY, false,
                                          __ATOMIC_ACQUIRE, __ATOMIC_RELAXED));
    return mapping;
}

void maptrack_give(struct grant_maptrack *m, struct grant_mapping *mapping, uint32_t handle)
{
    spin_lock(&m->lock);
    mapping->granter = NULL;
    mapping->ref = m->first_free;
    m->first_free = handle;
    __atomic_store_n(&mapping->flags, 0, __ATOMIC_RELEASE);
    spin_unlock(&m->lock);
}
