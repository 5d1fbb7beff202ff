/* SPDX-License-Identifier: BSD-2-Clause */
/* Reader-writer spinlock: many readers or one writer; writers are not starved. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "cpu/insn.h"
#include "lib/types.h"
#include "sync/lock_check.h"

struct rwlock {
    uint32_t state; /* bit 31 writer inside, bit 30 writer waiting, 29:0 readers */
    uint16_t level; /* sync/lock_order.h */
};

#define RWLOCK_WRITER (1u << 31)
#define RWLOCK_WAITING (1u << 30)
#define RWLOCK_INIT(lvl) {.state = 0, .level = (lvl)}

static inline void rw_init(struct rwlock *l, uint16_t level)
{
    *l = (struct rwlock)RWLOCK_INIT(level);
}

static inline void read_lock(struct rwlock *l)
{
    lock_check_order(l, l->level);
    for (;;) {
        uint32_t old = READ_ONCE(l->state);

        if (!(old & (RWLOCK_WRITER | RWLOCK_WAITING)) &&
            __atomic_compare_exchange_n(&l->state, &old, old + 1, false, __ATOMIC_ACQUIRE,
                                        __ATOMIC_RELAXED))
            break;
        cpu_relax();
    }
    lock_check_taken(l, l->level);
}

static inline void read_unlock(struct rwlock *l)
{
    lock_check_dropped(l);
    __atomic_fetch_sub(&l->state, 1, __ATOMIC_RELEASE);
}

static inline void write_lock(struct rwlock *l)
{
    lock_check_order(l, l->level);
    for (;;) {
        uint32_t old = READ_ONCE(l->state);

        if (!(old & ~RWLOCK_WAITING)) {
            if (__atomic_compare_exchange_n(&l->state, &old, RWLOCK_WRITER, false,
                                            __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
                break;
        } else if (!(old & RWLOCK_WAITING)) {
            __atomic_fetch_or(&l->state, RWLOCK_WAITING, __ATOMIC_RELAXED);
        }
        cpu_relax();
    }
    lock_check_taken(l, l->level);
}

static inline void write_unlock(struct rwlock *l)
{
    lock_check_dropped(l);
    __atomic_fetch_and(&l->state, ~RWLOCK_WRITER, __ATOMIC_RELEASE);
}
