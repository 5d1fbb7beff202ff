/* SPDX-License-Identifier: BSD-2-Clause */
/* The `type` word of struct page as pure data: every state it has and every step between states. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/types.h"
#include "mm/page.h"

/*
 * States of the word, told apart by uses, WORD_PARTIAL and WORD_FAILED:
 *   IDLE     no use; WORD_LAST says as what it was last used, bits 31:0 hold the TLB clock of then
 *   IN_USE   bits 31:0 uses as the type in bits 63:60, contents checked (WORD_VALID)
 *   PARTIAL  entries [0, progress) of the table hold references; no use yet, or none any more
 *   FAILED   as PARTIAL, and a bad entry was found: the references must go, then it is IDLE
 * PARTIAL says nothing about direction: a first use goes on checking upwards, a release downwards.
 * Only the holder of the owner's page-table lock leaves PARTIAL and FAILED, so every other CPU may
 * read them as "busy".
 */
#define WORD_TYPE_SHIFT 60
#define WORD_PINNED (1ULL << 59)
#define WORD_VALID (1ULL << 58)
#define WORD_PARTIAL (1ULL << 57)
#define WORD_FAILED (1ULL << 56)
#define WORD_PROGRESS_SHIFT 46
#define WORD_PROGRESS_MASK (1023ULL << WORD_PROGRESS_SHIFT)
#define WORD_LAST_SHIFT 43
#define WORD_LAST_MASK (7ULL << WORD_LAST_SHIFT)
#define WORD_USES_MASK 0xffffffffULL
/* Uses a guest can pile up before it is refused: half the field, so that no race can overflow
 * it. */
#define WORD_USES_MAX 0x7fffffffULL

enum word_state { WORD_IDLE, WORD_IN_USE, WORD_IS_PARTIAL, WORD_IS_FAILED, WORD_STATES };

enum word_action {
    WORD_STORE,   /* store `next`: done */
    WORD_FLUSH,   /* first flush what is older than word_stamp(), then ask again as flushed */
    WORD_BEGIN,   /* store `next`, then check the contents from entry 0 */
    WORD_RESUME,  /* go on checking at word_progress() */
    WORD_UNWIND,  /* go on dropping below word_progress(), then refuse */
    WORD_RELEASE, /* store `next`, then drop all entries */
    WORD_BUSY,    /* refuse: used as something else, or too often */
};

struct word_step {
    uint64_t next;
    enum word_action action;
};

static inline enum page_type word_type(uint64_t w)
{
    return (enum page_type)(w >> WORD_TYPE_SHIFT);
}

static inline uint32_t word_uses(uint64_t w)
{
    return (uint32_t)w;
}

static inline enum page_type word_last(uint64_t w)
{
    return (enum page_type)((w & WORD_LAST_MASK) >> WORD_LAST_SHIFT);
}

/* The TLB clock when the last use ended. IDLE only. */
static inline uint32_t word_stamp(uint64_t w)
{
    return (uint32_t)w;
}

static inline unsigned int word_progress(uint64_t w)
{
    return (unsigned int)((w & WORD_PROGRESS_MASK) >> WORD_PROGRESS_SHIFT);
}

static inline enum word_state word_state(uint64_t w)
{
    if (w & WORD_PARTIAL)
        return w & WORD_FAILED ? WORD_IS_FAILED : WORD_IS_PARTIAL;
    return word_type(w) == PAGE_NONE ? WORD_IDLE : WORD_IN_USE;
}

/* Types whose contents are checked before the first use. */
static inline bool word_is_checked_type(enum page_type type)
{
    return type != PAGE_WRITABLE;
}

/* Types whose entries hold references. */
static inline bool word_is_table_type(enum page_type type)
{
    return type >= PAGE_L1 && type <= PAGE_L4;
}

static inline uint64_t word_make_partial(enum page_type type, unsigned int progress)
{
    return (uint64_t)type << WORD_TYPE_SHIFT | WORD_PARTIAL |
           (uint64_t)progress << WORD_PROGRESS_SHIFT;
}

static inline uint64_t word_make_used(enum page_type type)
{
    return (uint64_t)type << WORD_TYPE_SHIFT | WORD_VALID | 1;
}

static inline uint64_t word_make_idle(enum page_type last, uint32_t clock)
{
    return (uint64_t)last << WORD_LAST_SHIFT | clock;
}

/* May one more use as @type be counted by adding 1 to @w? The common case, kept short. */
static inline bool word_can_add(uint64_t w, enum page_type type)
{
    return (w & ~(WORD_PINNED | WORD_USES_MASK)) ==
               ((uint64_t)type << WORD_TYPE_SHIFT | WORD_VALID) &&
           word_uses(w) < WORD_USES_MAX;
}

/* Is @w at rest after a use as PAGE_WRITABLE, so that the next such use needs nothing but storing
 * word_make_used()? The common case of a first use. */
static inline bool word_can_write_again(uint64_t w)
{
    return w >> 32 == (uint64_t)PAGE_WRITABLE << (WORD_LAST_SHIFT - 32);
}

/* Is @w in use as PAGE_WRITABLE? */
static inline bool word_is_written(uint64_t w)
{
    return (w & ~WORD_USES_MASK) == ((uint64_t)PAGE_WRITABLE << WORD_TYPE_SHIFT | WORD_VALID);
}

/* One more use of a frame as @type. @flushed: the TLBs that WORD_FLUSH asked for are clean. */
static inline struct word_step word_get(uint64_t w, enum page_type type, bool flushed)
{
    /* [state][asked type is the one it has, or had] */
    static const uint8_t action[WORD_STATES][2] = {
        [WORD_IDLE] = {WORD_FLUSH, WORD_BEGIN},
        [WORD_IN_USE] = {WORD_BUSY, WORD_STORE},
        [WORD_IS_PARTIAL] = {WORD_BUSY, WORD_RESUME},
        [WORD_IS_FAILED] = {WORD_BUSY, WORD_UNWIND},
    };
    enum word_state state = word_state(w);
    bool same = state == WORD_IDLE
                    ? word_last(w) == type || word_last(w) == PAGE_NONE || flushed
                    : word_type(w) == type;
    struct word_step step = {.next = w, .action = (enum word_action)action[state][same]};

    if (step.action == WORD_STORE) {
        if (word_uses(w) >= WORD_USES_MAX)
            step.action = WORD_BUSY;
        else
            step.next = w + 1;
    } else if (step.action == WORD_BEGIN) {
        if (word_is_checked_type(type)) {
            step.next = word_make_partial(type, 0);
        } else {
            step.next = word_make_used(type);
            step.action = WORD_STORE;
        }
    }
    return step;
}

/* One use less; @w is IN_USE. @clock: the TLB clock to note if it was the last. */
static inline struct word_step word_put(uint64_t w, unsigned int entries, uint32_t clock)
{
    if (word_uses(w) > 1)
        return (struct word_step){w - 1, WORD_STORE};
    if (word_is_table_type(word_type(w)))
        return (struct word_step){word_make_partial(word_type(w), entries), WORD_RELEASE};
    return (struct word_step){word_make_idle(word_type(w), clock), WORD_STORE};
}
