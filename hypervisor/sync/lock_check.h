/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Checks of locking, in checked builds only (make checked): checked/sync/lock_check.h stands in
 * front of this header on their include path, and these do nothing.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Before a lock of @level is waited for: is its turn in sync/lock_order.h? */
static inline void lock_check_order(const void *lock, uint16_t level)
{
    (void)lock;
    (void)level;
}

/* It is held from now on; and no longer. */
static inline void lock_check_taken(const void *lock, uint16_t level)
{
    (void)lock;
    (void)level;
}
static inline void lock_check_dropped(const void *lock)
{
    (void)lock;
}

/* At the gate to a guest and where a CPU goes idle: nothing is held. */
static inline void lock_check_none(void) {}

/* Before other CPUs are waited for: interrupts are on, or two that wait for each other never
 * end. */
static inline void lock_check_wait(void) {}

/* CPU @cpu, whose block exists, is checked from now on. */
static inline void lock_check_cpu(unsigned int cpu)
{
    (void)cpu;
}

/* A panic: whatever is held, nothing more is checked. */
static inline void lock_check_off(void) {}
