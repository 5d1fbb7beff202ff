/* SPDX-License-Identifier: BSD-2-Clause */
/* Sets of numbers kept as disjoint, unmergeable ranges. */
#include "lib/range_set.h"

#include "abi/errno.h"

static struct range *range_of(struct rb_node *node)
{
    return node ? rb_entry(node, struct range, node) : NULL;
}

static bool before(const struct rb_node *a, const struct rb_node *b)
{
    return rb_entry(a, struct range, node)->first < rb_entry(b, struct range, node)->first;
}

static bool ends_below(const struct rb_node *node, const void *key)
{
    return rb_entry(node, struct range, node)->last < *(const uint64_t *)key;
}

/* The first range with a member >= at. */
static struct range *find(const struct range_set *set, uint64_t at)
{
    return range_of(rb_lower_bound(&set->tree, &at, ends_below));
}

static void insert(struct range_set *set, struct range *range)
{
    rb_insert(&set->tree, &range->node, before);
    set->count++;
}

static void discard(struct range_set *set, struct range *range)
{
    rb_erase(&set->tree, &range->node);
    set->count--;
    range_free(range);
}

int range_set_add(struct range_set *set, uint64_t first, uint64_t last)
{
    struct range *range, *next;

    if (first > last)
        return -EINVAL;

    /* A range that overlaps or touches is widened; others it then reaches are swallowed. */
    range = find(set, first ? first - 1 : 0);
    if (!range || (last != UINT64_MAX && range->first > last + 1)) {
        range = range_alloc();
        if (!range)
            return -ENOMEM;
        *range = (struct range){.first = first, .last = last};
        insert(set, range);
        return 0;
    }
    range->first = min(range->first, first);
    range->last = max(range->last, last);
    while ((next = range_of(rb_next(&range->node))) &&
           (range->last == UINT64_MAX || next->first <= range->last + 1)) {
        range->last = max(range->last, next->last);
        discard(set, next);
    }
    return 0;
}

int range_set_remove(struct range_set *set, uint64_t first, uint64_t last)
{
    struct range *range, *next;

    if (first > last)
        return -EINVAL;

    range = find(set, first);
    if (range && range->first < first && range->last > last) {
        struct range *upper = range_alloc();

        if (!upper)
            return -ENOMEM;
        *upper = (struct range){.first = last + 1, .last = range->last};
        range->last = first - 1;
        insert(set, upper);
        return 0;
    }
    for (; range && range->first <= last; range = next) {
        next = range_of(rb_next(&range->node));
        if (range->first < first)
            range->last = first - 1;
        else if (range->last > last)
            range->first = last + 1;
        else
            discard(set, range);
    }
    return 0;
}

bool range_set_contains(const struct range_set *set, uint64_t first, uint64_t last)
{
    const struct range *range = find(set, first);

    return first <= last && range && range->first <= first && range->last >= last;
}

bool range_set_overlaps(const struct range_set *set, uint64_t first, uint64_t last)
{
    const struct range *range = find(set, first);

    return first <= last && range && range->first <= last;
}

const struct range *range_set_find(const struct range_set *set, uint64_t at)
{
    return find(set, at);
}

const struct range *range_set_first(const struct range_set *set)
{
    return range_of(rb_first(&set->tree));
}

const struct range *range_set_next(const struct range *range)
{
    return range_of(rb_next(&range->node));
}

void range_set_clear(struct range_set *set)
{
    struct rb_node *node;

    while ((node = rb_first(&set->tree)))
        discard(set, range_of(node));
}
