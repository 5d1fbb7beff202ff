/* SPDX-License-Identifier: BSD-2-Clause */
/* Ticket spinlocks, with the level of sync/lock_order.h checked in checked builds. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "cpu/insn.h"
#include "lib/types.h"
#include "sync/lock_check.h"
#include "sync/lock_order.h"

struct spinlock {
    uint16_t next;  /* ticket to hand out */
    uint16_t owner; /* ticket being served */
    uint16_t level; /* sync/lock_order.h */
};

#define SPINLOCK_INIT(lvl) {.next = 0, .owner = 0, .level = (lvl)}

static inline void spin_init(struct spinlock *l, uint16_t level)
{
    *l = (struct spinlock)SPINLOCK_INIT(level);
}

/* Take @l; spins. Interrupts stay as they are: a lock that interrupt handlers take is taken with
 * spin_lock_irqsave() everywhere. */
static inline void spin_lock(struct spinlock *l)
{
    uint16_t ticket;

    lock_check_order(l, l->level);
    ticket = __atomic_fetch_add(&l->next, 1, __ATOMIC_RELAXED);
    while (__atomic_load_n(&l->owner, __ATOMIC_ACQUIRE) != ticket)
        cpu_relax();
    lock_check_taken(l, l->level);
}

static inline bool must_check spin_trylock(struct spinlock *l)
{
    uint16_t owner = __atomic_load_n(&l->owner, __ATOMIC_ACQUIRE);
    uint16_t expected = owner;

    if (!__atomic_compare_exchange_n(&l->next, &expected, (uint16_t)(owner + 1), false,
                                     __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
        return false;
    lock_check_taken(l, l->level);
    return true;
}

static inline void spin_unlock(struct spinlock *l)
{
    lock_check_dropped(l);
    __atomic_store_n(&l->owner, (uint16_t)(l->owner + 1), __ATOMIC_RELEASE);
}

static inline bool spin_is_locked(const struct spinlock *l)
{
    return READ_ONCE(l->owner) != READ_ONCE(l->next);
}

static inline uint64_t spin_lock_irqsave(struct spinlock *l)
{
    uint64_t flags = irq_save();

    spin_lock(l);
    return flags;
}

static inline void spin_unlock_irqrestore(struct spinlock *l, uint64_t flags)
{
    spin_unlock(l);
    irq_restore(flags);
}
