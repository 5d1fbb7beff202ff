/* SPDX-License-Identifier: BSD-2-Clause */
/* Requests to a device model that keeps to the protocol, and to one that does not. */
/* sources: hypervisor/hvm/ioreq_page.c */
#include "tests/unit/check.h"

#include "hvm/ioreq_page.h"

static union {
    struct ioreq slot[3];
    struct buffered_iopage ring;
    uint8_t bytes[3][4096]; /* the page in the middle is the one */
} world;

static struct ioreq *const slot = (struct ioreq *)(void *)world.bytes[1];
static struct buffered_iopage *const ring = (struct buffered_iopage *)(void *)world.bytes[1];

static void reset(void)
{
    memset(&world, 0, sizeof(world));
    memset(world.bytes[0], 0xaa, 4096);
    memset(world.bytes[2], 0xaa, 4096);
}

/* Nothing but the page has been written. */
static void check_around(void)
{
    for (unsigned int i = 0; i < 4096; i++)
        CHECK(world.bytes[0][i] == 0xaa && world.bytes[2][i] == 0xaa);
}

static const struct ioreq out = {.addr = 0x3f8, .data = 0x41, .count = 1, .size = 1,
                                 .type = IOREQ_TYPE_PIO};

static void write_state(unsigned int state)
{
    slot->state = state & 0xf;
}

TEST(a_request_and_its_answer)
{
    uint8_t seen = STATE_IOREQ_READY;
    uint64_t data = 0;
    struct ioreq in = out;

    in.dir = 1;
    in.df = 1;
    in.state = 9; /* does not matter */
    in.vp_eport = 77;
    reset();
    slot->vp_eport = 5;
    CHECK(ioreq_slot_put(slot, &in));
    CHECK_EQ(slot->state, STATE_IOREQ_READY);
    CHECK_EQ(slot->vp_eport, 5); /* whom to tell is not part of the request */
    CHECK_EQ(slot->dir, 1);
    CHECK_EQ(slot->df, 1);
    CHECK_EQ(slot->type, IOREQ_TYPE_PIO);
    CHECK_EQ(slot->addr, 0x3f8);
    CHECK(!ioreq_slot_put(slot, &in));
    CHECK_EQ(ioreq_slot_poll(slot, &seen, &data), IOREQ_WAITING);
    write_state(STATE_IOREQ_INPROCESS);
    CHECK_EQ(ioreq_slot_poll(slot, &seen, &data), IOREQ_WAITING);
    CHECK_EQ(seen, STATE_IOREQ_INPROCESS);
    slot->data = 0x1234;
    write_state(STATE_IORESP_READY);
    CHECK_EQ(ioreq_slot_poll(slot, &seen, &data), IOREQ_ANSWERED);
    CHECK_EQ(data, 0x1234);
    CHECK_EQ(slot->state, STATE_IOREQ_NONE);
    CHECK(ioreq_slot_put(slot, &in));
    check_around();
}

/* Every state it can write after every state it was seen in. */
TEST(every_move_of_the_device_model)
{
    for (uint8_t was = STATE_IOREQ_READY; was <= STATE_IOREQ_INPROCESS; was++)
        for (unsigned int now = 0; now < 16; now++) {
            enum ioreq_progress right = IOREQ_BROKEN, got;
            uint8_t seen = was;
            uint64_t data = 0x5555;

            if (now == STATE_IOREQ_NONE)
                right = IOREQ_ABORTED;
            else if (now == STATE_IORESP_READY)
                right = IOREQ_ANSWERED;
            else if (now >= was && now <= STATE_IOREQ_INPROCESS)
                right = IOREQ_WAITING;
            reset();
            slot->data = 0x7777;
            write_state(now);
            got = ioreq_slot_poll(slot, &seen, &data);
            CHECK_EQ(got, right);
            CHECK_EQ(data, right == IOREQ_ANSWERED ? 0x7777 : 0x5555);
            if (now)
                CHECK_EQ(ioreq_slot_put(slot, &out), right == IOREQ_ANSWERED);
        }
}

TEST(only_simple_writes_are_buffered)
{
    struct ioreq r = {.addr = 0xb8000, .data = 0x11223344, .count = 1, .size = 4,
                      .type = IOREQ_TYPE_COPY};

    reset();
    r.size = 3;
    CHECK(!ioreq_ring_put(ring, &r, true));
    r.size = 4;
    r.count = 2;
    CHECK(!ioreq_ring_put(ring, &r, true));
    r.count = 1;
    r.dir = 1;
    CHECK(!ioreq_ring_put(ring, &r, true));
    r.dir = 0;
    r.addr = 0x100000;
    CHECK(!ioreq_ring_put(ring, &r, true));
    r.addr = 0xfffff;
    r.data_is_ptr = 1;
    CHECK(!ioreq_ring_put(ring, &r, true));
    r.data_is_ptr = 0;
    CHECK_EQ(ring->write_pointer, 0);
    CHECK(ioreq_ring_put(ring, &r, true));
    CHECK_EQ(ring->write_pointer, 1);
    CHECK_EQ(ring->buf_ioreq[0].addr, 0xfffff);
    CHECK_EQ(ring->buf_ioreq[0].size, 2);
    CHECK_EQ(ring->buf_ioreq[0].dir, 0);
    CHECK_EQ(ring->buf_ioreq[0].data, 0x11223344);
    check_around();
}

/* A device model that reads at random speed gets everything once and in order, through many rounds
 * of the ring and, with @atomic, with pointers that stay small. */
static void through_the_ring(bool atomic)
{
    uint32_t next_in = 0, next_out = 0, slots = 0, refused = 0;

    reset();
    srand(7);
    while (next_in < 20000) {
        bool wide = next_in % 5 == 0;
        struct ioreq r = {.addr = 0xa0000 + next_in % 100, .count = 1, .size = wide ? 8 : 2,
                          .type = IOREQ_TYPE_COPY,
                          .data = wide ? (uint64_t)~next_in << 32 | next_in : next_in};

        if (ioreq_ring_put(ring, &r, atomic)) {
            next_in++;
            slots += wide ? 2 : 1;
            CHECK(slots <= IOREQ_BUFFER_SLOT_NUM);
        } else {
            refused++;
            CHECK(slots > IOREQ_BUFFER_SLOT_NUM - (wide ? 2 : 1));
        }
        if (!atomic || rand() % 700 == 0)
            for (unsigned int n = (unsigned int)rand() % 600; n && slots; n--) {
                const struct buf_ioreq *b =
                    &ring->buf_ioreq[ring->read_pointer % IOREQ_BUFFER_SLOT_NUM];

                CHECK_EQ(b->data, next_out);
                CHECK_EQ(b->addr, 0xa0000 + next_out % 100);
                if (b->size == 3) {
                    b = &ring->buf_ioreq[(ring->read_pointer + 1) % IOREQ_BUFFER_SLOT_NUM];
                    CHECK_EQ(b->data, (uint32_t)~next_out);
                }
                slots -= next_out % 5 ? 1 : 2;
                ring->read_pointer += next_out++ % 5 ? 1 : 2;
            }
        if (atomic)
            CHECK(ring->write_pointer < 4 * IOREQ_BUFFER_SLOT_NUM);
    }
    CHECK(!atomic || refused);
    check_around();
}

TEST(the_ring_wraps)
{
    through_the_ring(true);
    through_the_ring(false);
}

/* Pointers of any value: in the page, and never for long. */
TEST(hostile_pointers)
{
    const struct ioreq r = {.addr = 0xa0000, .count = 1, .size = 8, .type = IOREQ_TYPE_COPY};

    srand(3);
    for (unsigned int i = 0; i < 200000; i++) {
        uint32_t base = (uint32_t)rand() << 1;

        if (i % 1000 == 0)
            reset();
        ring->write_pointer = base;
        ring->read_pointer = i % 2 ? base - (uint32_t)rand() % 520 : (uint32_t)rand() << 1;
        if (ioreq_ring_put(ring, &r, i % 3 != 0))
            CHECK(i % 2 == 0 || ring->write_pointer - ring->read_pointer <= IOREQ_BUFFER_SLOT_NUM);
        if (i % 1000 == 999)
            check_around();
    }
}

TEST(pci_addresses)
{
    uint32_t sbdf = 1, reg = 1;

    CHECK(!ioreq_pci_decode(0x00001810, 0xcfc, false, &sbdf, &reg)); /* not enabled */
    CHECK(!ioreq_pci_decode(0x80001810, 0xcf8, false, &sbdf, &reg));
    CHECK(!ioreq_pci_decode(0x80001810, 0xd00, false, &sbdf, &reg));
    CHECK(ioreq_pci_decode(0x8f12ab13, 0xcfe, false, &sbdf, &reg));
    CHECK_EQ(sbdf, 0x12ab);
    CHECK_EQ(reg, 0x12);
    CHECK(ioreq_pci_decode(0x8f12ab13, 0xcff, true, &sbdf, &reg));
    CHECK_EQ(sbdf, 0x12ab);
    CHECK_EQ(reg, 0xf13);
}

TEST(spans)
{
    struct ioreq r = {.addr = 0x1000, .count = 4, .size = 2};
    uint64_t first, last;

    ioreq_memory_span(&r, &first, &last);
    CHECK_EQ(first, 0x1000);
    CHECK_EQ(last, 0x1007);
    r.df = 1;
    ioreq_memory_span(&r, &first, &last);
    CHECK_EQ(first, 0xffa);
    CHECK_EQ(last, 0x1001);
}
