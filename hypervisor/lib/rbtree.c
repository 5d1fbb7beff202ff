/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Red-black tree. What is always true: the top is black, a red node has no red child, every way
 * from the top to a missing child passes the same number of black nodes. Hence no way is more than
 * twice as long as another. Side 0 is before, side 1 after; mirrored cases share their code by it.
 */
#include "lib/rbtree.h"

static bool is_red(const struct rb_node *node)
{
    return node && node->colour == RB_RED;
}

static unsigned int side_of(const struct rb_node *parent, const struct rb_node *node)
{
    return parent->child[1] == node;
}

/* Puts `with` (may be NULL) where `node` hangs under its parent. */
static void replace_in_parent(struct rb_root *root, struct rb_node *node, struct rb_node *with)
{
    struct rb_node *parent = node->parent;

    if (parent)
        parent->child[side_of(parent, node)] = with;
    else
        root->top = with;
    if (with)
        with->parent = parent;
}

/* `node` goes down to `side`, its child of the other side takes its place. Order is unchanged. */
static void rotate(struct rb_root *root, struct rb_node *node, unsigned int side)
{
    struct rb_node *up = node->child[!side], *moved = up->child[side];

    replace_in_parent(root, node, up);
    node->child[!side] = moved;
    if (moved)
        moved->parent = node;
    up->child[side] = node;
    node->parent = up;
}

void rb_link(struct rb_root *root, struct rb_node *node, struct rb_node *parent, unsigned int side,
             bool is_first)
{
    *node = (struct rb_node){.parent = parent, .colour = RB_RED};
    if (parent)
        parent->child[side] = node;
    else
        root->top = node;
    if (is_first)
        root->first = node;

    /* Only "a red node has no red child" can be broken, between `node` and its parent. */
    while (is_red(node->parent)) {
        struct rb_node *red = node->parent, *grand = red->parent; /* exists: the top is black */
        unsigned int red_side = side_of(grand, red);
        struct rb_node *uncle = grand->child[!red_side];

        if (is_red(uncle)) {
            red->colour = RB_BLACK;
            uncle->colour = RB_BLACK;
            grand->colour = RB_RED;
            node = grand;
            continue;
        }
        if (side_of(red, node) != red_side) {
            rotate(root, red, red_side);
            red = node;
        }
        red->colour = RB_BLACK;
        grand->colour = RB_RED;
        rotate(root, grand, !red_side);
        break;
    }
    root->top->colour = RB_BLACK;
}

/* The ways through `parent`'s child on `side` lack one black node: mend, going up as needed. */
static void mend_black(struct rb_root *root, struct rb_node *parent, unsigned int side)
{
    while (parent) {
        struct rb_node *other = parent->child[!side]; /* exists: its side has a black more */

        if (is_red(other)) {
            other->colour = RB_BLACK;
            parent->colour = RB_RED;
            rotate(root, parent, side);
            other = parent->child[!side];
        }
        if (is_red(other->child[0]) || is_red(other->child[1])) {
            if (!is_red(other->child[!side])) {
                other->child[side]->colour = RB_BLACK;
                other->colour = RB_RED;
                rotate(root, other, !side);
                other = parent->child[!side];
            }
            other->colour = parent->colour;
            parent->colour = RB_BLACK;
            other->child[!side]->colour = RB_BLACK;
            rotate(root, parent, side);
            return;
        }
        other->colour = RB_RED;
        if (parent->colour == RB_RED) {
            parent->colour = RB_BLACK;
            return;
        }
        if (parent->parent)
            side = side_of(parent->parent, parent);
        parent = parent->parent;
    }
}

/* Exchanges the places of `node`, which has two children, and its successor in the order. */
static void swap_with_next(struct rb_root *root, struct rb_node *node)
{
    struct rb_node *next = rb_next(node), old = *node, old_next = *next;

    replace_in_parent(root, node, next);
    next->colour = old.colour;
    next->child[0] = old.child[0];
    next->child[0]->parent = next;
    if (old_next.parent == node) {
        next->child[1] = node;
        node->parent = next;
    } else {
        next->child[1] = old.child[1];
        next->child[1]->parent = next;
        node->parent = old_next.parent;
        node->parent->child[0] = node;
    }
    node->colour = old_next.colour;
    node->child[0] = NULL;
    node->child[1] = old_next.child[1];
    if (node->child[1])
        node->child[1]->parent = node;
}

void rb_erase(struct rb_root *root, struct rb_node *node)
{
    struct rb_node *only, *parent;
    unsigned int side;

    if (root->first == node)
        root->first = rb_next(node);
    if (node->child[0] && node->child[1])
        swap_with_next(root, node);

    only = node->child[node->child[0] == NULL];
    parent = node->parent;
    side = parent ? side_of(parent, node) : 0;
    replace_in_parent(root, node, only);
    if (node->colour == RB_BLACK) {
        if (is_red(only))
            only->colour = RB_BLACK;
        else
            mend_black(root, parent, side);
    }
    *node = (struct rb_node){0};
}

/* The node after (side 1) or before (side 0) in the order. */
static struct rb_node *neighbour(const struct rb_node *node, unsigned int side)
{
    struct rb_node *at = node->child[side];

    if (at) {
        while (at->child[!side])
            at = at->child[!side];
        return at;
    }
    at = node->parent;
    while (at && at->child[side] == node) {
        node = at;
        at = at->parent;
    }
    return at;
}

struct rb_node *rb_next(const struct rb_node *node)
{
    return neighbour(node, 1);
}

struct rb_node *rb_prev(const struct rb_node *node)
{
    return neighbour(node, 0);
}

struct rb_node *rb_last(const struct rb_root *root)
{
    struct rb_node *at = root->top;

    while (at && at->child[1])
        at = at->child[1];
    return at;
}
