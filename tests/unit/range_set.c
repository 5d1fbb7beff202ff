/* SPDX-License-Identifier: BSD-2-Clause */
/* Range sets against an array of booleans, and at the ends of the number line. */
/* sources: hypervisor/lib/range_set.c hypervisor/lib/rbtree.c */
#include "tests/unit/check.h"

#include "abi/errno.h"
#include "lib/range_set.h"

static int ranges_alive, allocs_left = -1;

struct range *range_alloc(void)
{
    if (allocs_left == 0)
        return NULL;
    allocs_left -= allocs_left > 0;
    ranges_alive++;
    return malloc(sizeof(struct range));
}

void range_free(struct range *range)
{
    ranges_alive--;
    free(range);
}

#define SIZE 96

/* The set says what the array says, in the fewest possible ranges. */
static void compare(const struct range_set *set, const bool *slow)
{
    const struct range *range = range_set_first(set);
    size_t count = 0;

    for (uint64_t at = 0; at < SIZE; at++) {
        if (!slow[at])
            continue;
        CHECK(range && range->first == at);
        while (at + 1 < SIZE && slow[at + 1])
            at++;
        CHECK_EQ(range->last, at);
        range = range_set_next(range);
        count++;
    }
    CHECK(!range);
    CHECK_EQ(set->count, count);
    CHECK_EQ(ranges_alive, (int)count);
}

static void compare_queries(const struct range_set *set, const bool *slow)
{
    uint64_t first = check_random_below(SIZE), last = first + check_random_below(SIZE - first);
    bool all = true, any = false;
    const struct range *found = range_set_find(set, first);
    uint64_t next = first;

    for (uint64_t at = first; at <= last; at++) {
        all &= slow[at];
        any |= slow[at];
    }
    CHECK_EQ(range_set_contains(set, first, last), all);
    CHECK_EQ(range_set_overlaps(set, first, last), any);
    while (next < SIZE && !slow[next])
        next++;
    CHECK_EQ(found != NULL, next < SIZE);
    CHECK(!found || (found->last >= next && found->first <= next));
}

TEST(random_add_remove)
{
    struct range_set set = {0};
    bool slow[SIZE] = {0};

    for (int round = 0; round < 20000; round++) {
        uint64_t first = check_random_below(SIZE), span = check_random_below(round % 2 ? 4 : 30);
        uint64_t last = min(first + span, (uint64_t)SIZE - 1);
        bool add = check_random() & 1;

        CHECK_EQ((add ? range_set_add : range_set_remove)(&set, first, last), 0);
        for (uint64_t at = first; at <= last; at++)
            slow[at] = add;
        compare(&set, slow);
        compare_queries(&set, slow);
    }
    range_set_clear(&set);
    CHECK(range_set_is_empty(&set));
    CHECK_EQ(ranges_alive, 0);
}

TEST(whole_line)
{
    struct range_set set = {0};

    CHECK_EQ(range_set_add(&set, UINT64_MAX, UINT64_MAX), 0);
    CHECK_EQ(range_set_add(&set, 0, 0), 0);
    CHECK_EQ(set.count, 2);
    CHECK(range_set_contains(&set, UINT64_MAX, UINT64_MAX));
    CHECK(!range_set_contains(&set, 0, UINT64_MAX));
    CHECK_EQ(range_set_add(&set, 0, UINT64_MAX), 0);
    CHECK_EQ(set.count, 1);
    CHECK(range_set_contains(&set, 0, UINT64_MAX));
    CHECK_EQ(range_set_add(&set, 5, UINT64_MAX), 0);
    CHECK_EQ(set.count, 1);
    CHECK_EQ(range_set_remove(&set, 10, 19), 0);
    CHECK_EQ(set.count, 2);
    CHECK(range_set_contains(&set, 20, UINT64_MAX));
    CHECK(!range_set_overlaps(&set, 10, 19));
    CHECK_EQ(range_set_remove(&set, 0, UINT64_MAX), 0);
    CHECK(range_set_is_empty(&set));
    CHECK_EQ(ranges_alive, 0);
}

TEST(refusals_change_nothing)
{
    struct range_set set = {0};

    CHECK_EQ(range_set_add(&set, 2, 1), -EINVAL);
    CHECK_EQ(range_set_remove(&set, 2, 1), -EINVAL);
    CHECK(!range_set_contains(&set, 2, 1));
    CHECK(!range_set_overlaps(&set, 2, 1));
    allocs_left = 1;
    CHECK_EQ(range_set_add(&set, 10, 20), 0);
    CHECK_EQ(range_set_add(&set, 30, 40), -ENOMEM);
    CHECK_EQ(range_set_remove(&set, 12, 13), -ENOMEM);
    CHECK_EQ(set.count, 1);
    CHECK(range_set_contains(&set, 10, 20));
    CHECK_EQ(range_set_add(&set, 21, 29), 0); /* needs no node */
    CHECK_EQ(range_set_remove(&set, 5, 12), 0);
    CHECK(range_set_contains(&set, 13, 29));
    allocs_left = -1;
    range_set_clear(&set);
    CHECK_EQ(ranges_alive, 0);
}
