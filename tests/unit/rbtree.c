/* SPDX-License-Identifier: BSD-2-Clause */
/* The red-black tree: its rules after every step, and its order against an array. */
/* sources: hypervisor/lib/rbtree.c */
#include "tests/unit/check.h"

#include "lib/rbtree.h"
#include "lib/types.h"

#define ITEMS 200

struct item {
    int key;
    unsigned int serial;
    struct rb_node node;
};

static struct item items[ITEMS];

static struct item *item_of(struct rb_node *node)
{
    return node ? rb_entry(node, struct item, node) : NULL;
}

static bool before(const struct rb_node *a, const struct rb_node *b)
{
    return rb_entry(a, struct item, node)->key < rb_entry(b, struct item, node)->key;
}

static bool below(const struct rb_node *node, const void *key)
{
    return rb_entry(node, struct item, node)->key < *(const int *)key;
}

/* Checks the rules under a node; returns the number of black nodes on every way down. */
static int check_node(const struct rb_node *node, const struct rb_node *parent)
{
    int blacks;

    if (!node)
        return 1;
    CHECK(node->parent == parent);
    CHECK(node->colour == RB_RED || node->colour == RB_BLACK);
    CHECK(node->colour == RB_BLACK || (parent && parent->colour == RB_BLACK));
    blacks = check_node(node->child[0], node);
    CHECK_EQ(check_node(node->child[1], node), blacks);
    return blacks + (node->colour == RB_BLACK);
}

static size_t check_tree(const struct rb_root *root)
{
    struct rb_node *node, *last = NULL;
    size_t count = 0;

    check_node(root->top, NULL);
    for (node = rb_first(root); node; node = rb_next(node)) {
        CHECK(rb_prev(node) == last);
        if (last) {
            CHECK(item_of(last)->key <= item_of(node)->key);
            CHECK(item_of(last)->key != item_of(node)->key ||
                  item_of(last)->serial < item_of(node)->serial);
        }
        last = node;
        count++;
    }
    CHECK(rb_last(root) == last);
    CHECK_EQ(rb_empty(root), count == 0);
    return count;
}

static void check_lower_bound(const struct rb_root *root, int key)
{
    struct rb_node *slow = rb_first(root);

    while (slow && item_of(slow)->key < key)
        slow = rb_next(slow);
    CHECK(rb_lower_bound(root, &key, below) == slow);
}

static void churn(int keys, int rounds)
{
    struct rb_root root = {0};
    unsigned int serial = 0;
    size_t count = 0;

    memset(items, 0, sizeof(items));
    for (int round = 0; round < rounds; round++) {
        struct item *item = &items[check_random_below(ITEMS)];

        if (rb_is_linked(&item->node)) {
            rb_erase(&root, &item->node);
            CHECK(!rb_is_linked(&item->node));
            count--;
        } else {
            item->key = (int)check_random_below((uint64_t)keys);
            item->serial = serial++;
            rb_insert(&root, &item->node, before);
            count++;
        }
        CHECK_EQ(check_tree(&root), count);
        check_lower_bound(&root, (int)check_random_below((uint64_t)keys + 2) - 1);
    }
}

TEST(random_keys)
{
    churn(1000000, 4000);
}

TEST(many_equal_keys)
{
    churn(5, 4000);
}

/* All orders of inserting six and of erasing them again. */
TEST(all_small_orders)
{
    for (int order = 0; order < 720; order++) {
        for (int erase = 0; erase < 720; erase += 7) {
            struct rb_root root = {0};
            int left[6] = {0, 1, 2, 3, 4, 5};

            memset(items, 0, sizeof(items[0]) * 6);
            for (int i = 6, code = order; i > 0; code /= i, i--) {
                int pick = code % i;

                items[left[pick]].key = left[pick];
                rb_insert(&root, &items[left[pick]].node, before);
                left[pick] = left[i - 1];
            }
            check_tree(&root);
            for (int i = 0; i < 6; i++)
                left[i] = i;
            for (int i = 6, code = erase; i > 0; code /= i, i--) {
                int pick = code % i;

                rb_erase(&root, &items[left[pick]].node);
                left[pick] = left[i - 1];
                CHECK_EQ(check_tree(&root), (size_t)i - 1);
            }
        }
    }
}

TEST(ascending_stays_shallow)
{
    struct rb_root root = {0};
    int depth = 0;

    memset(items, 0, sizeof(items));
    for (int i = 0; i < ITEMS; i++) {
        items[i].key = i;
        rb_insert(&root, &items[i].node, before);
    }
    for (int i = 0; i < ITEMS; i++) {
        int at = 0;

        for (struct rb_node *node = &items[i].node; node; node = node->parent)
            at++;
        depth = max(depth, at);
    }
    CHECK(depth <= 15); /* 2 * log2(200 + 1) */
    CHECK(rb_first(&root) == &items[0].node);
    CHECK(rb_last(&root) == &items[ITEMS - 1].node);
}
