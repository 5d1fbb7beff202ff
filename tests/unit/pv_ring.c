/* SPDX-License-Identifier: BSD-2-Clause */
/* The front ends' rings, with a back end that keeps to the protocol and with one that does not. */
/* sources: pv-drivers/lib/ring.c */
#include "tests/unit/check.h"

#include "pv-drivers/lib/ring.h"

struct item {
    uint64_t id;
    uint32_t value[2];
};

/* What the other side sees: the head of xen/io/ring.h, then entries. */
static struct {
    uint32_t req_prod, req_event, rsp_prod, rsp_event;
    uint8_t pad[48];
    struct item ring[252];
} page __attribute__((aligned(4096)));
static struct pv_ring ring;
static uint32_t seen; /* the back end's req_cons */

static void start(void)
{
    memset(&page, 0xff, sizeof(page));
    pv_ring_init(&ring, &page, 4096, sizeof(struct item));
    seen = 0;
}

static int put(uint32_t value)
{
    int id = pv_ring_id(&ring);
    struct item item = {.value = {value}};

    if (id < 0)
        return id;
    item.id = (uint64_t)id;
    pv_ring_put(&ring, &item, sizeof(item));
    return id;
}

static bool push(void)
{
    return pv_ring_push(&ring);
}

static void answer(uint64_t id, uint32_t value)
{
    page.ring[page.rsp_prod++ % ring.count] = (struct item){id, {value}};
}

static int take(struct item *item)
{
    int got = pv_ring_take(&ring, item, sizeof(*item));

    return got == 1 ? pv_ring_done(&ring, item->id) ?: 1 : got;
}

TEST(size_is_a_power_of_two_that_fits)
{
    start();
    CHECK_EQ(ring.count, 128); /* 252 would fit */
    CHECK_EQ(page.req_event, 1);
    CHECK_EQ(page.rsp_prod, 0);
    pv_ring_init(&ring, &page, 4096, 12);
    CHECK_EQ(ring.count, 256);
    pv_ring_init(&ring, &page, 4096, 8);
    CHECK_EQ(ring.count, 256);
    pv_ring_init(&ring, &page, 4096, 112);
    CHECK_EQ(ring.count, 32);
}

/* The back end answers in any order; every answer finds its question, over many laps. */
TEST(answers_in_any_order)
{
    uint32_t asked[PV_RING_MAX], open[PV_RING_MAX], open_count = 0, next = 0, got = 0;

    start();
    page.req_prod = page.rsp_prod = ring.req_prod = ring.rsp_cons = ring.published = -100u;
    seen = -100u;
    while (got < 20000) {
        struct item item;

        if (check_random() & 1) {
            for (int id; (id = put(next)) >= 0 && check_random_below(8);)
                asked[id] = next++;
            if (pv_ring_id(&ring) < 0)
                CHECK_EQ(pv_ring_id(&ring), -XEN_EAGAIN);
            push();
            CHECK_EQ(page.req_prod, ring.req_prod);
            while (seen != page.req_prod) {
                open[open_count++] = (uint32_t)page.ring[seen % ring.count].id;
                asked[open[open_count - 1]] = page.ring[seen++ % ring.count].value[0];
            }
        }
        while (open_count && check_random_below(4)) {
            uint32_t i = (uint32_t)check_random_below(open_count);

            answer(open[i], asked[open[i]] ^ 0x5555);
            open[i] = open[--open_count];
        }
        for (int r; (r = take(&item)); got++) {
            CHECK_EQ(r, 1);
            CHECK_EQ(item.value[0], asked[item.id] ^ 0x5555);
        }
    }
    CHECK_EQ(ring.error, 0);
}

TEST(full_ring_has_no_id)
{
    start();
    for (int i = 0; i < 128; i++)
        CHECK_EQ(put(7), i);
    CHECK_EQ(pv_ring_id(&ring), -XEN_EAGAIN);
    push();
    answer(77, 1);
    CHECK_EQ(take(&(struct item){0}), 1);
    CHECK_EQ(pv_ring_id(&ring), 77);
}

TEST(events_are_asked_for)
{
    start();
    CHECK(put(1) >= 0);
    CHECK(push()); /* the back end sleeps since 0 */
    CHECK(put(1) >= 0);
    CHECK(!push()); /* it has not asked again */
    page.req_event = 3;
    CHECK(put(1) >= 0);
    CHECK(push());
    CHECK(!pv_ring_arm(&ring));
    CHECK_EQ(page.rsp_event, 1);
    answer(0, 0);
    CHECK(pv_ring_arm(&ring));
    CHECK_EQ(take(&(struct item){0}), 1);
    CHECK(!pv_ring_arm(&ring));
    CHECK_EQ(page.rsp_event, 2);
}

/* Each lie breaks the ring for good. */
static void broken(int result)
{
    struct item item;

    CHECK_EQ(result, -XEN_EBADMSG);
    CHECK_EQ(pv_ring_id(&ring), -XEN_EBADMSG);
    CHECK_EQ(pv_ring_take(&ring, &item, sizeof(item)), -XEN_EBADMSG);
    CHECK(pv_ring_arm(&ring)); /* nobody goes to sleep on it */
}

TEST(more_answers_than_questions)
{
    struct item item;

    start();
    page.rsp_prod = 1;
    broken(take(&item));
    start();
    CHECK(put(1) >= 0); /* put, but not published */
    page.rsp_prod = 1;
    broken(take(&item));
    start();
    page.rsp_prod = 0x80000000;
    broken(take(&item));
    start();
    page.rsp_prod = -1u;
    broken(take(&item));
}

TEST(ids_of_nothing)
{
    static const uint64_t wrong[] = {1, 127, 128, 255, 256, 1ull << 32, ~0ull};
    struct item item;

    for (unsigned int i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        start();
        CHECK_EQ(put(1), 0);
        push();
        answer(wrong[i], 0);
        broken(take(&item));
    }
    start(); /* the same answer twice */
    CHECK_EQ(put(1), 0);
    CHECK_EQ(put(1), 1);
    push();
    answer(0, 0);
    answer(0, 0);
    CHECK_EQ(take(&item), 1);
    broken(take(&item));
}

TEST(our_indices_are_our_own)
{
    start();
    CHECK_EQ(put(1), 0);
    push();
    page.req_prod = 99;
    CHECK_EQ(put(2), 1);
    push();
    CHECK_EQ(page.req_prod, 2);
    CHECK_EQ(page.ring[1].value[0], 2);
}

/* ---- streams ---- */

static uint8_t bytes[64];
static uint32_t mine, other;
static struct pv_stream stream;

TEST(stream_carries_bytes_in_order)
{
    uint8_t chunk[100], sent = 0, received = 0;
    struct pv_stream reader;
    uint32_t total = 0;

    mine = other = -50u;
    pv_stream_init(&stream, true, bytes, sizeof(bytes), &mine, &other);
    pv_stream_init(&reader, false, bytes, sizeof(bytes), &other, &mine);
    while (total < 100000) {
        int n = (int)check_random_below(sizeof(chunk));

        for (int i = 0; i < n; i++)
            chunk[i] = (uint8_t)(sent + i);
        n = pv_stream_write(&stream, chunk, (size_t)n);
        CHECK(n >= 0);
        sent = (uint8_t)(sent + n);
        CHECK_EQ(pv_stream_room(&stream), 64 - pv_stream_room(&reader));
        n = pv_stream_read(&reader, chunk, check_random_below(sizeof(chunk)));
        CHECK(n >= 0);
        for (int i = 0; i < n; i++)
            CHECK_EQ(chunk[i], received++);
        total += (uint32_t)n;
    }
}

TEST(stream_distrusts_the_other_index)
{
    static const uint32_t wrong[] = {1, 65, 0x80000000, -65u};

    for (unsigned int i = 0; i < 4; i++) {
        mine = 0;
        other = 0;
        pv_stream_init(&stream, true, bytes, sizeof(bytes), &mine, &other);
        CHECK_EQ(pv_stream_write(&stream, "x", 1), 1);
        other = 1 + wrong[i]; /* consumed what nobody wrote */
        CHECK_EQ(pv_stream_write(&stream, "x", 1), -XEN_EBADMSG);
        other = 0;
        CHECK_EQ(pv_stream_room(&stream), -XEN_EBADMSG);
        if (wrong[i] == 1)
            continue;
        mine = 0;
        pv_stream_init(&stream, false, bytes, sizeof(bytes), &mine, &other);
        other = wrong[i];
        CHECK_EQ(pv_stream_read(&stream, bytes, 1), -XEN_EBADMSG);
    }
}

TEST(stream_goes_on_where_firmware_stopped)
{
    mine = 5;
    other = 8;
    memcpy(bytes + 5, "abc", 3);
    pv_stream_init(&stream, false, bytes, sizeof(bytes), &mine, &other);
    mine = 7; /* somebody else's write does not move us */
    uint8_t got[4] = {0};
    CHECK_EQ(pv_stream_read(&stream, got, 4), 3);
    CHECK_STR((char *)got, "abc");
    CHECK_EQ(mine, 8);
}
