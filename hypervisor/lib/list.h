/* SPDX-License-Identifier: BSD-2-Clause */
/* Intrusive doubly linked list: a ring of nodes with the list's own head among them. */
#pragma once

#include "lib/types.h"

struct list_node {
    struct list_node *next, *prev;
};

#define LIST_INIT(name) {&(name), &(name)}

/* Makes an empty list of a head, or an unlinked node of a node. */
static inline void list_init(struct list_node *head)
{
    head->next = head;
    head->prev = head;
}

static inline void list_insert_between(struct list_node *node, struct list_node *prev,
                                       struct list_node *next)
{
    node->prev = prev;
    node->next = next;
    prev->next = node;
    next->prev = node;
}

/* As first element of the list, or right after a given node. */
static inline void list_add_head(struct list_node *node, struct list_node *head)
{
    list_insert_between(node, head, head->next);
}

/* As last element of the list, or right before a given node. */
static inline void list_add_tail(struct list_node *node, struct list_node *head)
{
    list_insert_between(node, head->prev, head);
}

/* Unlinks a node and leaves it an empty list, so that a second list_del is harmless. */
static inline void list_del(struct list_node *node)
{
    node->prev->next = node->next;
    node->next->prev = node->prev;
    list_init(node);
}

static inline bool list_empty(const struct list_node *head)
{
    return head->next == head;
}

/* Is this (initialised) node on a list? */
static inline bool list_is_linked(const struct list_node *node)
{
    return node->next != node;
}

static inline void list_move_tail(struct list_node *node, struct list_node *head)
{
    list_del(node);
    list_add_tail(node, head);
}

/* Appends every element of `from` to `to` in order; `from` is then empty. */
static inline void list_splice_tail(struct list_node *from, struct list_node *to)
{
    if (list_empty(from))
        return;
    from->next->prev = to->prev;
    to->prev->next = from->next;
    from->prev->next = to;
    to->prev = from->prev;
    list_init(from);
}

#define list_entry(node, type, member) container_of(node, type, member)

/* First and last element, or NULL when the list is empty. */
#define list_first(head, type, member) \
    (list_empty(head) ? (type *)NULL : list_entry((head)->next, type, member))
#define list_last(head, type, member) \
    (list_empty(head) ? (type *)NULL : list_entry((head)->prev, type, member))

/* The element after `pos`, or NULL at the end. */
#define list_next(head, pos, member)              \
    ((pos)->member.next == (head) ? (__typeof__(pos))NULL \
                                  : list_entry((pos)->member.next, __typeof__(*(pos)), member))

#define list_for_each_entry(pos, head, member)                                  \
    for (pos = list_entry((head)->next, __typeof__(*pos), member); &pos->member != (head); \
         pos = list_entry(pos->member.next, __typeof__(*pos), member))

#define list_for_each_entry_reverse(pos, head, member)                          \
    for (pos = list_entry((head)->prev, __typeof__(*pos), member); &pos->member != (head); \
         pos = list_entry(pos->member.prev, __typeof__(*pos), member))

/* The same, when the body may unlink (or free) `pos`; `spare` holds the next element. */
#define list_for_each_entry_safe(pos, spare, head, member)                      \
    for (pos = list_entry((head)->next, __typeof__(*pos), member),              \
        spare = list_entry(pos->member.next, __typeof__(*pos), member);         \
         &pos->member != (head);                                                \
         pos = spare, spare = list_entry(spare->member.next, __typeof__(*spare), member))
