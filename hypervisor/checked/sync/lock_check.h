/* SPDX-License-Identifier: BSD-2-Clause */
/* The checked build's twin of sync/lock_check.h; meanings stand there. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

void lock_check_order(const void *lock, uint16_t level);
void lock_check_taken(const void *lock, uint16_t level);
void lock_check_dropped(const void *lock);
void lock_check_none(void);
void lock_check_wait(void);
void lock_check_cpu(unsigned int cpu);
void lock_check_off(void);
