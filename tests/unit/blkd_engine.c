/* SPDX-License-Identifier: BSD-2-Clause */
/* zendo-blkd's engine: requests of every kind, wrong ones, order, limits; and its death between
 * any two stores. */
/* sources: pv-drivers/backends/blkd/engine.c pv-drivers/backends/blkd/ring.c */
/* sources: pv-drivers/backends/blkd/request.c pv-drivers/backends/blkd/grants.c */
/* sources: pv-drivers/backends/common/limit.c */
/* cflags: -D_GNU_SOURCE -fno-strict-aliasing */
/* cflags: -Din_order=world_may_die -include tests/unit/backend_death.h */
#include "tests/unit/check.h"

#include "tests/unit/blkd_world.h"

static int16_t only_status(void)
{
    world_settle(check_random_below);
    CHECK_EQ(world_ring(0)->rsp_prod, world_ring(0)->req_prod);
    return world_answer(0, world_ring(0)->rsp_prod - 1)->status;
}

static void fill(uint32_t page, unsigned int seed)
{
    for (unsigned int i = 0; i < ABI_PAGE; i++)
        world->page[page][i] = i * 7 + seed;
}

static void writes_and_reads(bool persistent)
{
    world_start(ABI_X86_64, 1, 1, persistent);
    for (unsigned int i = 0; i < 11; i++)
        fill(i, i);
    world_io(0, 77, BLKIF_OP_WRITE, 8, 11, 0);
    CHECK_EQ(only_status(), BLKIF_RSP_OKAY);
    CHECK_EQ(world_answer(0, 0)->id, 77);
    CHECK_EQ(world_answer(0, 0)->operation, BLKIF_OP_WRITE);
    CHECK(!memcmp(world->disk + 8 * ABI_SECTOR, world->page, 11 * ABI_PAGE));
    world_io(0, 78, BLKIF_OP_READ, 8, 11, 20);
    CHECK_EQ(only_status(), BLKIF_RSP_OKAY);
    CHECK(!memcmp(world->page[20], world->page[0], 11 * ABI_PAGE));
    CHECK_EQ(world_mapped, persistent ? 22 : 0);
    CHECK_EQ(world->state.counters.reads + world->state.counters.writes, 2);
    world_engine_end();
    CHECK_EQ(world_mapped, 0);
}

TEST(writes_and_reads_with_copies) { writes_and_reads(false); }
TEST(writes_and_reads_with_kept_grants) { writes_and_reads(true); }

TEST(parts_of_pages)
{
    struct blkif_request *r;

    world_start(ABI_X86_64, 1, 1, false);
    fill(1, 3);
    fill(2, 4);
    r = world_request(0);
    *r =
        (struct blkif_request){.operation = BLKIF_OP_WRITE, .nr_segments = 2, .sector_number = 100};
    r->seg[0] = (struct blkif_request_segment){.gref = 1, .first_sect = 3, .last_sect = 5};
    r->seg[1] = (struct blkif_request_segment){.gref = 2, .first_sect = 7, .last_sect = 7};
    world_publish(0);
    CHECK_EQ(only_status(), BLKIF_RSP_OKAY);
    CHECK(!memcmp(world->disk + 100 * ABI_SECTOR, world->page[1] + 3 * ABI_SECTOR, 3 * ABI_SECTOR));
    CHECK(!memcmp(world->disk + 103 * ABI_SECTOR, world->page[2] + 7 * ABI_SECTOR, ABI_SECTOR));
    CHECK_EQ(world->disk[104 * ABI_SECTOR], 0);
    world_engine_end();
}

static void indirect(unsigned int segments, uint32_t descriptors, uint8_t op)
{
    struct blkif_request_indirect *r = (struct blkif_request_indirect *)world_request(0);

    *r = (struct blkif_request_indirect){.operation = BLKIF_OP_INDIRECT, .indirect_op = op, .id = 5,
                                         .nr_segments = segments, .sector_number = 16};
    r->indirect_grefs[0] = descriptors;
    world_publish(0);
}

TEST(indirect_descriptors)
{
    for (unsigned int persistent = 0; persistent < 2; persistent++) {
        struct blkif_request_segment *s;

        world_start(ABI_X86_64, 1, 1, persistent);
        s = (struct blkif_request_segment *)world->page[63];
        for (unsigned int i = 0; i < 40; i++) {
            fill(i, i);
            s[i] = (struct blkif_request_segment){.gref = i, .last_sect = 7};
        }
        indirect(40, 63, BLKIF_OP_WRITE);
        CHECK_EQ(only_status(), BLKIF_RSP_OKAY);
        CHECK_EQ(world_answer(0, 0)->operation, BLKIF_OP_WRITE);
        CHECK(!memcmp(world->disk + 16 * ABI_SECTOR, world->page[0], 40 * ABI_PAGE));
        indirect(257, 63, BLKIF_OP_WRITE);
        CHECK_EQ(only_status(), BLKIF_RSP_ERROR);
        indirect(0, 63, BLKIF_OP_WRITE);
        CHECK_EQ(only_status(), BLKIF_RSP_ERROR);
        indirect(1, 1000, BLKIF_OP_READ); /* no such grant */
        CHECK_EQ(only_status(), BLKIF_RSP_ERROR);
        indirect(1, 63, BLKIF_OP_DISCARD);
        CHECK_EQ(only_status(), BLKIF_RSP_EOPNOTSUPP);
        indirect(1, 63, BLKIF_OP_INDIRECT);
        CHECK_EQ(only_status(), BLKIF_RSP_EOPNOTSUPP);
        s[39].last_sect = 8;
        indirect(40, 63, BLKIF_OP_READ);
        CHECK_EQ(only_status(), BLKIF_RSP_ERROR);
        CHECK_EQ(world_engine.inflight, 0);
        world_engine_end();
    }
}

static int16_t one(uint8_t op, uint64_t sector, unsigned int segments, uint32_t ref, uint8_t first,
                   uint8_t last)
{
    struct blkif_request *r = world_request(0);

    r->operation = op;
    r->sector_number = sector;
    r->nr_segments = segments;
    for (unsigned int i = 0; i < 11; i++)
        r->seg[i] =
            (struct blkif_request_segment){.gref = ref, .first_sect = first, .last_sect = last};
    world_publish(0);
    return only_status();
}

TEST(wrong_requests_get_an_error)
{
    world_start(ABI_X86_64, 1, 1, false);
    CHECK_EQ(one(BLKIF_OP_READ, WORLD_SECTORS - 8, 1, 0, 0, 7), BLKIF_RSP_OKAY);
    CHECK_EQ(one(BLKIF_OP_READ, WORLD_SECTORS - 7, 1, 0, 0, 7), BLKIF_RSP_ERROR);
    CHECK_EQ(one(BLKIF_OP_READ, WORLD_SECTORS, 1, 0, 0, 0), BLKIF_RSP_ERROR);
    CHECK_EQ(one(BLKIF_OP_WRITE, UINT64_MAX, 1, 0, 0, 0), BLKIF_RSP_ERROR);
    CHECK_EQ(one(BLKIF_OP_WRITE, UINT64_MAX - 7, 1, 0, 0, 7), BLKIF_RSP_ERROR);
    CHECK_EQ(one(BLKIF_OP_READ, 0, 0, 0, 0, 0), BLKIF_RSP_ERROR);
    CHECK_EQ(one(BLKIF_OP_READ, 0, 12, 0, 0, 0), BLKIF_RSP_ERROR);
    CHECK_EQ(one(BLKIF_OP_READ, 0, 255, 0, 0, 0), BLKIF_RSP_ERROR);
    CHECK_EQ(one(BLKIF_OP_READ, 0, 1, 0, 5, 4), BLKIF_RSP_ERROR);
    CHECK_EQ(one(BLKIF_OP_READ, 0, 1, 0, 0, 8), BLKIF_RSP_ERROR);
    CHECK_EQ(one(BLKIF_OP_READ, 0, 1, 0, 255, 255), BLKIF_RSP_ERROR);
    CHECK_EQ(one(BLKIF_OP_READ, 0, 1, WORLD_PAGES, 0, 0), BLKIF_RSP_ERROR);
    CHECK_EQ(one(BLKIF_OP_WRITE, 0, 1, WORLD_PAGES, 0, 0), BLKIF_RSP_ERROR);
    CHECK_EQ(one(BLKIF_OP_RESERVED_1, 0, 1, 0, 0, 0), BLKIF_RSP_EOPNOTSUPP);
    CHECK_EQ(one(7, 0, 1, 0, 0, 0), BLKIF_RSP_EOPNOTSUPP);
    world_result = -EIO;
    CHECK_EQ(one(BLKIF_OP_READ, 0, 1, 0, 0, 0), BLKIF_RSP_ERROR);
    world_result = 0;
    world_disk.limits.read_only = true;
    CHECK_EQ(one(BLKIF_OP_WRITE, 0, 1, 0, 0, 0), BLKIF_RSP_ERROR);
    CHECK_EQ(one(BLKIF_OP_FLUSH_DISKCACHE, 0, 1, 0, 0, 0), BLKIF_RSP_ERROR);
    CHECK_EQ(one(BLKIF_OP_WRITE_BARRIER, 0, 0, 0, 0, 0), BLKIF_RSP_ERROR);
    CHECK_EQ(one(BLKIF_OP_READ, 0, 1, 0, 0, 0), BLKIF_RSP_OKAY);
    world_disk.limits.sector_size = 4096;
    CHECK_EQ(one(BLKIF_OP_READ, 8, 1, 0, 0, 7), BLKIF_RSP_OKAY);
    CHECK_EQ(one(BLKIF_OP_READ, 4, 1, 0, 0, 7), BLKIF_RSP_ERROR);
    CHECK_EQ(one(BLKIF_OP_READ, 8, 1, 0, 0, 3), BLKIF_RSP_ERROR);
    CHECK_EQ(world_engine.inflight, 0);
    CHECK_EQ(world_engine.bytes, 0);
    world_engine_end();
}

static int16_t discard(uint64_t sector, uint64_t sectors, uint8_t flag)
{
    struct blkif_request_discard *r = (struct blkif_request_discard *)world_request(0);

    *r = (struct blkif_request_discard){.operation = BLKIF_OP_DISCARD, .flag = flag,
                                        .sector_number = sector, .nr_sectors = sectors};
    world_publish(0);
    return only_status();
}

TEST(discard_erases_and_no_more)
{
    world_start(ABI_X86_64, 1, 1, false);
    memset(world->disk, 1, sizeof(world->disk));
    CHECK_EQ(discard(16, 1000, 0), BLKIF_RSP_OKAY);
    CHECK_EQ(world->disk[16 * ABI_SECTOR - 1], 1);
    CHECK_EQ(world->disk[16 * ABI_SECTOR], 0);
    CHECK_EQ(world->disk[1016 * ABI_SECTOR - 1], 0);
    CHECK_EQ(world->disk[1016 * ABI_SECTOR], 1);
    CHECK_EQ(discard(16, 16, BLKIF_DISCARD_SECURE), BLKIF_RSP_EOPNOTSUPP);
    CHECK_EQ(discard(16, UINT64_MAX, 0), BLKIF_RSP_ERROR);
    CHECK_EQ(discard(WORLD_SECTORS, 1, 0), BLKIF_RSP_ERROR);
    world_result = -EOPNOTSUPP;
    CHECK_EQ(discard(16, 16, 0), BLKIF_RSP_EOPNOTSUPP);
    world_disk.limits.discard = false;
    CHECK_EQ(discard(16, 16, 0), BLKIF_RSP_EOPNOTSUPP);
    world_engine_end();
}

/* What the ring of a 32-bit guest holds is elsewhere, and what it says is the same. */
TEST(rings_of_32_bit_guests)
{
    struct x86_32_blkif_sring *ring;
    struct x86_32_blkif_request *r;

    world_start(ABI_X86_32, 1, 1, false);
    ring = (struct x86_32_blkif_sring *)world->ring[0];
    fill(3, 9);
    for (unsigned int i = 0; i < 40; i++) {
        r = &ring->ring[i % 32].req;
        *r = (struct x86_32_blkif_request){.operation = BLKIF_OP_WRITE,
                                           .nr_segments = 1,
                                           .id = i * 0x100000001ull,
                                           .sector_number = i};
        r->seg[0] = (struct x86_32_blkif_request_segment){
            .gref = 3, .first_sect = i % 8, .last_sect = i % 8};
        ring->req_prod++;
        world_settle(NULL);
        CHECK_EQ(ring->rsp_prod, i + 1);
        CHECK_EQ(ring->ring[i % 32].rsp.id, i * 0x100000001ull);
        CHECK_EQ(ring->ring[i % 32].rsp.status, BLKIF_RSP_OKAY);
        CHECK(
            !memcmp(world->disk + i * ABI_SECTOR, world->page[3] + i % 8 * ABI_SECTOR, ABI_SECTOR));
    }
    world_engine_end();
}

TEST(a_flush_flushes)
{
    world_start(ABI_X86_64, 1, 1, false);
    CHECK_EQ(one(BLKIF_OP_FLUSH_DISKCACHE, 0, 0, 0, 0, 0), BLKIF_RSP_OKAY);
    CHECK_EQ(world_flushes, 1);
    CHECK_EQ(one(BLKIF_OP_FLUSH_DISKCACHE, 0, 1, 0, 0, 0),
             BLKIF_RSP_OKAY); /* before and after its data */
    CHECK_EQ(world_flushes, 3);
    CHECK_EQ(one(BLKIF_OP_WRITE_BARRIER, 0, 1, 0, 0, 0), BLKIF_RSP_OKAY);
    CHECK_EQ(world_flushes, 5);
    world_engine_end();
}

/* All that came before a barrier, in all rings, is finished before it begins; what comes after
 * waits. */
TEST(a_barrier_is_alone)
{
    world_start(ABI_X86_64, 2, 1, false);
    for (unsigned int i = 0; i < 8; i++)
        world_io(i % 2, i, BLKIF_OP_WRITE, i * 8, 1, i);
    world_io(0, 100, BLKIF_OP_WRITE_BARRIER, 800, 1, 9);
    for (unsigned int i = 0; i < 6; i++)
        world_io(i % 2, 200 + i, BLKIF_OP_WRITE, 160 + i * 8, 1, i);
    engine_run(&world_engine);
    /* (ring 1's own later requests may run: they are not behind the barrier in any order the
     * front end knows) */
    for (unsigned int i = 0; i < world_ops; i++)
        CHECK(world_op[i]->kind == DISK_WRITE && world_op[i]->offset != 800 * ABI_SECTOR);
    while (world_engine.state->counters.barriers == 0) {
        CHECK(world_ops > 0);
        world_finish(check_random_below(world_ops));
        engine_run(&world_engine);
    }
    for (unsigned int stage = 0; stage < 3; stage++) {
        CHECK_EQ(world_ops, 1);
        CHECK_EQ(world_op[0]->kind, stage == 1 ? DISK_WRITE : DISK_FLUSH);
        world_finish(0);
        engine_run(&world_engine);
    }
    world_settle(check_random_below);
    CHECK_EQ(world_ring(0)->rsp_prod, world_ring(0)->req_prod);
    CHECK_EQ(world_ring(1)->rsp_prod, world_ring(1)->req_prod);
    world_engine_end();
}

TEST(a_broken_ring_is_left_alone)
{
    world_start(ABI_X86_64, 1, 1, false);
    world_ring(0)->req_prod = 33; /* one more than it has places */
    engine_run(&world_engine);
    CHECK(world_engine.broken);
    CHECK_EQ(world_ops, 0);
    world_engine_end();
    world_start(ABI_X86_64, 1, 1, false);
    world_io(0, 1, BLKIF_OP_READ, 0, 1, 0);
    engine_run(&world_engine);
    world_ring(0)->req_prod = 0; /* takes back what we took */
    engine_run(&world_engine);
    CHECK(world_engine.broken);
    world_engine_end();
}

TEST(a_disk_that_writes_at_once)
{
    world_start(ABI_X86_64, 1, 1, false);
    world_instant = true;
    for (unsigned int i = 0; i < 40; i++) {
        fill(1, i);
        world_io(0, i, i % 3 ? BLKIF_OP_WRITE : BLKIF_OP_WRITE_BARRIER, i * 8, 1, 1);
        CHECK_EQ(only_status(), BLKIF_RSP_OKAY);
        CHECK(!memcmp(world->disk + i * ABI_PAGE, world->page[1], ABI_PAGE));
    }
    for (unsigned int i = 0; i < 32; i++)
        world_io(0, i, BLKIF_OP_WRITE, i * 8, 1, 1);
    engine_run(&world_engine);
    CHECK_EQ(world_ring(0)->rsp_prod, world_ring(0)->req_prod);
    CHECK_EQ(world_engine.inflight, 0);
    world_engine_end();
}

TEST(more_requests_than_slots)
{
    unsigned int most = 0;

    world_start(ABI_X86_64, 2, 4, false);
    for (unsigned int i = 0; i < 300; i++) {
        if (world_ring(i % 2)->req_prod - world_ring(i % 2)->rsp_prod == 128)
            break;
        world_io(i % 2, i, BLKIF_OP_WRITE, i, 1, i % WORLD_PAGES);
    }
    engine_run(&world_engine);
    most = world_ops;
    CHECK_EQ(most, 256);
    world_settle(check_random_below);
    CHECK_EQ(world_ring(0)->rsp_prod, 128);
    CHECK_EQ(world_ring(1)->rsp_prod, 128);
    world_engine_end();
}

TEST(notifies_when_wanted)
{
    world_start(ABI_X86_64, 1, 1, false);
    world_ring(0)->rsp_event = 3;
    for (unsigned int i = 0; i < 5; i++)
        world_io(0, i, BLKIF_OP_READ, 0, 1, 0);
    engine_run(&world_engine);
    CHECK_EQ(world_ring(0)->req_event, 6);
    world_finish(0), engine_run(&world_engine);
    world_finish(0), engine_run(&world_engine);
    CHECK_EQ(world_notified, 0);
    world_finish(0), engine_run(&world_engine);
    CHECK_EQ(world_notified, 1);
    world_settle(NULL);
    CHECK_EQ(world_notified, 1);
    world_engine_end();
}

TEST(limits_hold)
{
    uint64_t wait;
    unsigned int passed = 0;

    world_start(ABI_X86_64, 1, 1, false);
    world_engine.limit.iops = 1000;
    for (unsigned int i = 0; i < 4000; i++) {
        while (world_ring(0)->req_prod - world_ring(0)->rsp_prod < 32)
            world_io(0, i, BLKIF_OP_READ, 0, 1, 0);
        wait = engine_run(&world_engine);
        while (world_ops)
            world_finish(0), passed++;
        world_clock += wait ? wait : 1000;
    }
    /* in the time that has passed: the rate, and a tenth of a second's worth more */
    passed -= (world_clock - 1000000000) / 1000000;
    CHECK(passed <= 102);
    world_engine_end();
}

/* --- death --- */

#define DEATHS_REQUESTS 40u

/* Numbered requests for both rings, of disjoint places; what each must leave on the disk is
 * known. */
static void deaths_world(bool persistent)
{
    world_start(ABI_X86_64, 2, 1, persistent);
    for (unsigned int i = 0; i < WORLD_PAGES; i++)
        fill(i, i * 3);
    for (unsigned int i = 0; i < DEATHS_REQUESTS; i++)
        world_io(i % 2, i, i == 17 ? BLKIF_OP_WRITE_BARRIER : BLKIF_OP_WRITE, i * 8, 1, i);
}

static void deaths_act(unsigned int seed)
{
    check_random_state = 0x9e3779b97f4a7c15ull + seed;
    engine_run(&world_engine);
    for (unsigned int i = 0; i < 24 && world_ops; i++) {
        world_finish(check_random_below(world_ops));
        engine_run(&world_engine);
    }
}

/* Act, and die after that many places. True: it died. */
static bool deaths_kill(unsigned int seed, unsigned long life)
{
    bool died = true;

    world_life = life;
    if (!setjmp(world_death)) {
        deaths_act(seed);
        died = false;
    }
    world_life = -1ul;
    return died;
}

/* Every request has one answer, and its data is there. */
static void deaths_check(void)
{
    unsigned int answers[DEATHS_REQUESTS] = {0};

    for (unsigned int ring = 0; ring < 2; ring++) {
        CHECK_EQ(world_ring(ring)->rsp_prod, world_ring(ring)->req_prod);
        for (uint32_t i = 0; i < world_ring(ring)->rsp_prod; i++) {
            CHECK(world_answer(ring, i)->id < DEATHS_REQUESTS);
            CHECK_EQ(world_answer(ring, i)->status, BLKIF_RSP_OKAY);
            answers[world_answer(ring, i)->id]++;
        }
    }
    for (unsigned int i = 0; i < DEATHS_REQUESTS; i++) {
        CHECK_EQ(answers[i], 1);
        CHECK(!memcmp(world->disk + i * ABI_PAGE, world->page[i], ABI_PAGE));
    }
}

/* At each place between two stores to what outlives it; then again while it recovers. */
TEST(killed_anywhere)
{
    volatile unsigned long life;

    for (life = 0;; life++) {
        bool died, again;

        deaths_world(life % 2);
        died = deaths_kill(life, life);
        world_engine_end();
        if (!died)
            break;
        world_life = life * 7 % 300;
        again = setjmp(world_death);
        if (!again) {
            CHECK(world_engine_start(life % 2, true));
            deaths_act(life + 1);
        }
        world_life = -1ul;
        world_engine_end();
        CHECK(world_engine_start(life % 2, true));
        world_settle(check_random_below);
        deaths_check();
        world_engine_end();
    }
    CHECK(life > 200);
}

TEST(a_ring_that_changed_while_we_were_away)
{
    for (unsigned int lie = 0; lie < 3; lie++) {
        deaths_world(false);
        deaths_act(1);
        world_engine_end();
        world_ring(0)->rsp_prod += lie == 0 ? 1 : lie == 1 ? 2 : -1u;
        CHECK(!world_engine_start(false, true));
        world_engine_end();
    }
}
