/* SPDX-License-Identifier: BSD-2-Clause */
/* The linked list, against an array. */
#include "tests/unit/check.h"

#include "lib/list.h"

struct item {
    int value;
    struct list_node link;
};

static struct item items[8];
static struct list_node head;

static void setup(void)
{
    list_init(&head);
    for (int i = 0; i < 8; i++) {
        items[i].value = i;
        list_init(&items[i].link);
    }
}

/* The list's values as decimal digits, first to last. */
static int digits(const struct list_node *list)
{
    struct item *item;
    int n = 0, back = 0, place = 1;

    list_for_each_entry(item, list, link)
        n = n * 10 + item->value;
    list_for_each_entry_reverse(item, list, link) {
        back += item->value * place;
        place *= 10;
    }
    CHECK_EQ(n, back);
    return n;
}

TEST(add_and_order)
{
    setup();
    CHECK(list_empty(&head));
    CHECK(list_first(&head, struct item, link) == NULL);
    CHECK(list_last(&head, struct item, link) == NULL);
    list_add_tail(&items[2].link, &head);
    list_add_tail(&items[3].link, &head);
    list_add_head(&items[1].link, &head);
    CHECK_EQ(digits(&head), 123);
    list_add_head(&items[4].link, &items[2].link);
    list_add_tail(&items[5].link, &items[2].link);
    CHECK_EQ(digits(&head), 15243);
    CHECK(list_first(&head, struct item, link) == &items[1]);
    CHECK(list_last(&head, struct item, link) == &items[3]);
    CHECK(list_next(&head, &items[1], link) == &items[5]);
    CHECK(list_next(&head, &items[3], link) == NULL);
}

TEST(del)
{
    setup();
    for (int i = 1; i < 6; i++)
        list_add_tail(&items[i].link, &head);
    CHECK(list_is_linked(&items[3].link));
    list_del(&items[3].link);
    CHECK(!list_is_linked(&items[3].link));
    CHECK_EQ(digits(&head), 1245);
    list_del(&items[3].link);
    CHECK_EQ(digits(&head), 1245);
    list_del(&items[1].link);
    list_del(&items[5].link);
    CHECK_EQ(digits(&head), 24);
    list_move_tail(&items[2].link, &head);
    CHECK_EQ(digits(&head), 42);
}

TEST(safe_iteration)
{
    struct item *item, *spare;

    setup();
    for (int i = 1; i < 8; i++)
        list_add_tail(&items[i].link, &head);
    list_for_each_entry_safe(item, spare, &head, link)
        if (item->value % 2)
            list_del(&item->link);
    CHECK_EQ(digits(&head), 246);
    list_for_each_entry_safe(item, spare, &head, link)
        list_del(&item->link);
    CHECK(list_empty(&head));
}

TEST(splice)
{
    struct list_node other = LIST_INIT(other);

    setup();
    list_splice_tail(&other, &head);
    CHECK(list_empty(&head));
    list_add_tail(&items[3].link, &other);
    list_add_tail(&items[4].link, &other);
    list_splice_tail(&other, &head);
    CHECK(list_empty(&other));
    CHECK_EQ(digits(&head), 34);
    list_add_tail(&items[5].link, &other);
    list_splice_tail(&other, &head);
    CHECK_EQ(digits(&head), 345);
    CHECK_EQ(digits(&other), 0);
}
