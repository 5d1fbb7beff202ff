/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Intrusive balanced binary tree (red-black), with its smallest element at hand. Zeroed memory is
 * an empty tree and an unlinked node. The order is given by an inline function at each insertion,
 * so that no pointer is called; equal elements stand in the order of their insertion.
 */
#pragma once

#include "lib/types.h"

enum rb_colour { RB_UNLINKED = 0, RB_RED, RB_BLACK };

struct rb_node {
    struct rb_node *parent;   /* NULL: this is the top */
    struct rb_node *child[2]; /* before, after */
    uint32_t colour;          /* enum rb_colour */
};

struct rb_root {
    struct rb_node *top;
    struct rb_node *first; /* the smallest element, NULL when empty */
};

#define rb_entry(node, type, member) container_of(node, type, member)
#define rb_always_inline static inline __attribute__((__always_inline__))

/* Links `node` as `parent`'s child on side 0 or 1 (parent NULL: as top) and rebalances. For
 * rb_insert; `is_first` tells that no element stands before it. */
void rb_link(struct rb_root *root, struct rb_node *node, struct rb_node *parent, unsigned int side,
             bool is_first);

/* Unlinks a linked node. */
void rb_erase(struct rb_root *root, struct rb_node *node);

/* Neighbours in the order, or NULL at the ends. */
struct rb_node *rb_next(const struct rb_node *node);
struct rb_node *rb_prev(const struct rb_node *node);
struct rb_node *rb_last(const struct rb_root *root);

static inline struct rb_node *rb_first(const struct rb_root *root)
{
    return root->first;
}

static inline bool rb_empty(const struct rb_root *root)
{
    return !root->top;
}

static inline bool rb_is_linked(const struct rb_node *node)
{
    return node->colour != RB_UNLINKED;
}

/* Inserts an unlinked node; `before(a, b)`: does a stand strictly before b? */
rb_always_inline void rb_insert(struct rb_root *root, struct rb_node *node,
                                bool (*before)(const struct rb_node *a, const struct rb_node *b))
{
    struct rb_node *parent = NULL, *at = root->top;
    unsigned int side = 0;
    bool is_first = true;

    while (at) {
        parent = at;
        side = !before(node, at);
        is_first &= side == 0;
        at = at->child[side];
    }
    rb_link(root, node, parent, side, is_first);
}

/*
 * The first element that is not below the key, or NULL. `below(node, key)` must be true for a
 * leading part of the elements and false for the rest.
 */
rb_always_inline struct rb_node *rb_lower_bound(const struct rb_root *root, const void *key,
                                                bool (*below)(const struct rb_node *node,
                                                              const void *key))
{
    struct rb_node *at = root->top, *found = NULL;

    while (at) {
        bool is_below = below(at, key);

        if (!is_below)
            found = at;
        at = at->child[is_below];
    }
    return found;
}
