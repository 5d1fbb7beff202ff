/* SPDX-License-Identifier: BSD-2-Clause */
/* Sorting, hashing and the byte ring. */
/* sources: hypervisor/lib/sort.c */
#include "tests/unit/check.h"

#include "lib/hash.h"
#include "lib/ring.h"
#include "lib/sort.h"

struct pair {
    char pad[3];
    short key;
} packed;

static int compare_pairs(const void *a, const void *b)
{
    return ((const struct pair *)a)->key - ((const struct pair *)b)->key;
}

TEST(sort)
{
    struct pair pairs[50], copy[50];

    for (int round = 0; round < 500; round++) {
        size_t count = check_random_below(51);

        for (size_t i = 0; i < count; i++) {
            pairs[i].key = (short)check_random_below(round % 2 ? 5 : 30000);
            memset(pairs[i].pad, pairs[i].key & 0x7f, 3);
        }
        memcpy(copy, pairs, sizeof(pairs));
        sort(pairs, count, sizeof(pairs[0]), compare_pairs);
        qsort(copy, count, sizeof(copy[0]), compare_pairs);
        for (size_t i = 0; i < count; i++) {
            CHECK_EQ(pairs[i].key, copy[i].key);
            CHECK_EQ(pairs[i].pad[2], pairs[i].key & 0x7f);
        }
    }
}

TEST(hash)
{
    unsigned int used[256] = {0}, most = 0;

    CHECK_EQ(hash_bytes("", 0), 0xcbf29ce484222325);
    CHECK_EQ(hash_bytes("a", 1), 0xaf63dc4c8601ec8c); /* published FNV-1a test vector */
    for (uint64_t key = 0; key < 4096; key++) {
        unsigned int *slot = &used[hash_index(key << 12, 8)];

        most = ++*slot > most ? *slot : most;
    }
    CHECK(most < 40); /* 16 each would be perfect */
}

TEST(ring_full_and_empty)
{
    char data[4], c;
    struct ring ring;

    ring_init(&ring, data, 4);
    CHECK(!ring_get(&ring, &c));
    for (int i = 0; i < 4; i++)
        CHECK(ring_put(&ring, (char)('a' + i)));
    CHECK(!ring_put(&ring, 'x'));
    CHECK_EQ(ring_room(&ring), 0);
    CHECK(ring_get(&ring, &c) && c == 'a');
    CHECK(ring_put(&ring, 'e'));
    for (int i = 1; i < 5; i++)
        CHECK(ring_get(&ring, &c) && c == 'a' + i);
    CHECK_EQ(ring_count(&ring), 0);
}

TEST(ring_over_and_read)
{
    char data[8], to[16];
    struct ring ring;
    uint64_t position = 0;

    ring_init(&ring, data, 8);
    for (int i = 0; i < 11; i++)
        ring_put_over(&ring, (char)('a' + i));
    CHECK_EQ(ring_count(&ring), 8);
    CHECK_EQ(ring_read(&ring, &position, to, 3), 3); /* a, b, c are gone */
    CHECK(!memcmp(to, "def", 3));
    CHECK_EQ(position, 6);
    CHECK_EQ(ring_read(&ring, &position, to, 16), 5);
    CHECK(!memcmp(to, "ghijk", 5));
    CHECK_EQ(ring_read(&ring, &position, to, 16), 0);
    CHECK_EQ(ring_count(&ring), 8);
}
