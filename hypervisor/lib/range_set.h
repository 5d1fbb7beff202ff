/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sets of 64-bit numbers kept as ranges: I/O ports, device frames, interrupts a domain may use.
 * Ranges are given by their first and last member (first <= last), so 0..2^64-1 can be said.
 * No locking here: the owner's lock covers its sets. Zeroed memory is an empty set.
 */
#pragma once

#include "lib/rbtree.h"

struct range {
    struct rb_node node;
    uint64_t first, last;
};

struct range_set {
    struct rb_root tree; /* disjoint ranges, neighbours merged, by rising `first` */
    size_t count;        /* of ranges */
};

/* Where nodes come from; provided by whoever links this file. Alloc may return NULL. */
struct range *range_alloc(void);
void range_free(struct range *range);

/* Adds all members of a range. 0, -EINVAL when first > last, -ENOMEM with the set unchanged. */
int must_check range_set_add(struct range_set *set, uint64_t first, uint64_t last);

/* Removes all members of a range, present or not. Errors as for add (a hole needs one node). */
int must_check range_set_remove(struct range_set *set, uint64_t first, uint64_t last);

/* Are all (any) members of the range in the set? */
bool range_set_contains(const struct range_set *set, uint64_t first, uint64_t last);
bool range_set_overlaps(const struct range_set *set, uint64_t first, uint64_t last);

/* The range holding `at`, else the next one above it; NULL when there is none. */
const struct range *range_set_find(const struct range_set *set, uint64_t at);

/* Iteration in rising order: the first range, and the one after. */
const struct range *range_set_first(const struct range_set *set);
const struct range *range_set_next(const struct range *range);

/* Empties the set and frees every node. */
void range_set_clear(struct range_set *set);

static inline bool range_set_is_empty(const struct range_set *set)
{
    return set->count == 0;
}
