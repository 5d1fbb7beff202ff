/* SPDX-License-Identifier: BSD-2-Clause */
/* Vectors of one CPU against a slow model, and the form of MSI messages. */
/* sources: hypervisor/irq/vector.c */
#include "tests/unit/check.h"

#include "irq/msi.h"
#include "irq/vector.h"

TEST(all_vectors_once)
{
    struct vector_map m;
    bool seen[256] = {false};
    unsigned int v, count = 0;

    vector_map_init(&m);
    while ((v = vector_take(&m, 1, 0)) != 0) {
        CHECK(v >= VECTOR_ALLOC_FIRST && v <= VECTOR_ALLOC_LAST && v != VECTOR_GUEST_INT80);
        CHECK(!seen[v]);
        seen[v] = true;
        count++;
    }
    CHECK_EQ(count, VECTOR_ALLOC_LAST - VECTOR_ALLOC_FIRST + 1 - 1);
    CHECK_EQ(m.count, count);
}

TEST(neighbours_differ_in_priority)
{
    struct vector_map m;
    unsigned int a, b;

    vector_map_init(&m);
    a = vector_take(&m, 1, 0);
    b = vector_take(&m, 1, 0);
    CHECK(a / 16 != b / 16);
}

TEST(blocks_are_aligned)
{
    struct vector_map m;

    for (unsigned int count = 1; count <= 32; count *= 2) {
        unsigned int v, total = 0;

        vector_map_init(&m);
        CHECK_EQ(vector_take(&m, 1, 0x55), 0x55); /* something in the way */
        while ((v = vector_take(&m, count, 0)) != 0) {
            CHECK_EQ(v % count, 0);
            CHECK(v + count - 1 <= VECTOR_ALLOC_LAST);
            CHECK(v > 0x55 || v + count <= 0x55);
            CHECK(v > 0x80 || v + count <= 0x80);
            total++;
        }
        CHECK(total > 0);
    }
}

TEST(wanted)
{
    struct vector_map m;

    vector_map_init(&m);
    CHECK_EQ(vector_take(&m, 1, 0x40), 0x40);
    CHECK_EQ(vector_take(&m, 1, 0x40), 0);
    CHECK_EQ(vector_take(&m, 1, VECTOR_GUEST_INT80), 0);
    CHECK_EQ(vector_take(&m, 1, 0x20), 0);
    CHECK_EQ(vector_take(&m, 1, 0xf0), 0);
    CHECK_EQ(vector_take(&m, 4, 0xee), 0);
    vector_give(&m, 0x40, 1);
    CHECK_EQ(vector_take(&m, 1, 0x40), 0x40);
}

TEST(random_against_model)
{
    struct vector_map m;
    bool model[256] = {false};
    struct {
        unsigned int first, count;
    } held[256];
    unsigned int holds = 0;

    vector_map_init(&m);
    for (int round = 0; round < 100000; round++) {
        if (check_random_below(5) < 3) {
            unsigned int count = 1u << check_random_below(6);
            unsigned int v = vector_take(&m, count, 0);

            if (!v) {
                for (unsigned int at = VECTOR_ALLOC_FIRST; at + count - 1 <= VECTOR_ALLOC_LAST;
                     at++) {
                    bool fits = at % count == 0;

                    for (unsigned int i = 0; fits && i < count; i++)
                        fits = !model[at + i] && at + i != VECTOR_GUEST_INT80;
                    CHECK(!fits); /* it said no though there was room */
                }
                continue;
            }
            for (unsigned int i = 0; i < count; i++) {
                CHECK(!model[v + i]);
                model[v + i] = true;
            }
            held[holds].first = v;
            held[holds++].count = count;
        } else if (holds) {
            unsigned int i = (unsigned int)check_random_below(holds);

            vector_give(&m, held[i].first, held[i].count);
            for (unsigned int k = 0; k < held[i].count; k++)
                model[held[i].first + k] = false;
            held[i] = held[--holds];
        }
    }
}

TEST(message)
{
    struct msi_message msg = msi_encode(0x12, 0x41);

    CHECK_EQ(msg.address_high, 0);
    CHECK_EQ(msg.address_low, 0xfee12000);
    CHECK_EQ(msg.data, 0x41); /* edge, fixed delivery */
}
