/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What must survive the death of a process: a file below /run, mapped shared, so that every store
 * is kept by the kernel the moment it is made, in program order, for a process dies between two
 * instructions. The machine's own crash takes the guests with it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* The order in which stores reach the file; the CPU keeps it, the compiler has to. Between any two
 * of these we may die: the unit tests do. */
#ifndef in_order
#define in_order() __atomic_signal_fence(__ATOMIC_SEQ_CST)
#endif

struct keep {
    uint64_t magic;
    uint32_t version;
    uint32_t connected; /* the rings described in the file are in use */
};

/*
 * Map a device's file of that size, made if there is none, and lock it: there is one process for a
 * device. Waits until the one before is gone. A file of another kind or version is emptied. NULL
 * and errno when that fails.
 */
void *keep_open(const char *path, size_t size, uint64_t magic, uint32_t version);

/* Read-only, without the lock; NULL when there is none. For --stats. keep_drop unmaps it. */
const void *keep_peek(const char *path, size_t size, uint64_t magic, uint32_t version);
void keep_drop(const void *at, size_t size);

/* A counter's name, and where it is in a structure of uint64_t. */
struct keep_counter {
    const char *name;
    size_t offset;
};

/* Print " name=value" for each. */
void keep_print(FILE *out, const struct keep_counter *list, size_t count, const void *counters);
