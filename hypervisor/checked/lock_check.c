/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Checks of locking in checked builds.
 *
 * What is always true here: each CPU keeps what it holds in the order taken; an interrupt handler's
 * locks lie above those of whom it interrupted and are compared among themselves only, for what
 * makes that pair dangerous is checked apart: a level that is taken in interrupt handlers must
 * never be taken with interrupts on, or the handler may wait for whom it stopped. An NMI may come
 * between any two instructions here, so a slot is empty (level 0) until its entry is whole.
 */
#include "sync/lock_check.h"

#include "cpu/insn.h"
#include "cpu/percpu.h"
#include "debug/panic.h"
#include "lib/types.h"
#include "mm/pool.h"
#include "sync/lock_order.h"

#define HELD_MAX 16
#define LEVELS 256

struct lock_held {
    const void *lock;
    uint16_t level; /* 0: empty */
    uint32_t depth; /* percpu.irq_depth when it was taken */
};

struct lock_trace {
    uint32_t count;
    struct lock_held held[HELD_MAX];
};

static bool off;                                       /* (a) */
static bool in_interrupt[LEVELS], interruptible[LEVELS]; /* (a) how a level was ever taken */

void lock_check_cpu(unsigned int cpu)
{
    cpu_of(cpu)->locks = pool_new(struct lock_trace); /* none: that CPU goes unchecked */
}

void lock_check_off(void)
{
    off = true;
}

/* Levels of which a CPU may hold two; their order is the domain's number (sync/lock_order.h). */
static bool may_pair(uint16_t level)
{
    return level == LOCK_EVENT || level == LOCK_GRANT_TABLE;
}

static struct lock_trace *trace_here(void)
{
    return READ_ONCE(off) ? NULL : cpu_self()->locks;
}

void lock_check_order(const void *lock, uint16_t level)
{
    struct lock_trace *t = trace_here();
    unsigned int same = 0;

    if (!t)
        return;
    for (uint32_t i = 0; i < t->count; i++) {
        const struct lock_held *h = &t->held[i];

        if (!h->level || h->depth != cpu_self()->irq_depth)
            continue;
        if (h->lock == lock)
            panic("lock %p of level %u is taken twice", lock, level);
        if (h->level > level)
            panic("lock of level %u is taken under one of level %u", level, h->level);
        if (h->level == level && (!may_pair(level) || same++))
            panic("%s locks of level %u are taken at once", same ? "three" : "two", level);
    }
}

void lock_check_taken(const void *lock, uint16_t level)
{
    struct lock_trace *t = trace_here();
    uint32_t slot;

    if (!t)
        return;
    if (!level || level >= LEVELS)
        panic("a lock has level %u", level);
    if (cpu_self()->irq_depth)
        WRITE_ONCE(in_interrupt[level], true);
    else if (irq_enabled())
        WRITE_ONCE(interruptible[level], true);
    if (READ_ONCE(in_interrupt[level]) && READ_ONCE(interruptible[level]))
        panic("locks of level %u are taken in interrupts, and also with interrupts on", level);
    if (t->count == HELD_MAX)
        panic("%u locks are held", HELD_MAX);
    slot = t->count;
    WRITE_ONCE(t->count, slot + 1);
    t->held[slot].lock = lock;
    t->held[slot].depth = cpu_self()->irq_depth;
    WRITE_ONCE(t->held[slot].level, level);
}

void lock_check_dropped(const void *lock)
{
    struct lock_trace *t = trace_here();

    if (!t)
        return;
    for (uint32_t i = t->count; i-- > 0;) {
        if (!t->held[i].level || t->held[i].lock != lock)
            continue;
        WRITE_ONCE(t->held[i].level, 0);
        while (t->count && !t->held[t->count - 1].level)
            WRITE_ONCE(t->count, t->count - 1);
        return;
    }
    panic("lock %p is dropped by a CPU that does not hold it", lock);
}

void lock_check_wait(void)
{
    if (trace_here() && !irq_enabled())
        panic("other CPUs are waited for with interrupts off");
}

void lock_check_none(void)
{
    const struct lock_trace *t = trace_here();

    if (t && t->count)
        panic("at the gate a lock of level %u is held", t->held[t->count - 1].level);
}
