/* SPDX-License-Identifier: BSD-2-Clause */
/* The block front end with back ends that serve a disk of memory late, in any order, or falsely. */
/* sources: pv-drivers/lib/block.c pv-drivers/lib/block_request.c pv-drivers/lib/buffers.c */
/* sources: pv-drivers/lib/ring.c pv-drivers/lib/grant.c pv-drivers/lib/xenbus.c */
/* sources: pv-drivers/lib/xenstore.c pv-drivers/lib/xenstore_message.c pv-drivers/lib/event.c */
/* sources: pv-drivers/lib/event_fifo.c pv-drivers/lib/clock.c tests/unit/fake/pv_world.c */
#include "tests/unit/check.h"

#include "pv-drivers/lib/block.h"
#include "pv-drivers/lib/grant.h"
#include "tests/unit/fake/pv_world.h"

#define SECTORS 4096u
#define BACK    "/back/51712/"
#define FRONT   WORLD_FRONT "device/vbd/51712/"

static uint8_t disk[SECTORS * 512], model[SECTORS * 512], data[128 * 1024];
static struct pv_block block;

/* ---- the back end ---- */

static struct blkif_sring *ring;
static uint32_t seen;
static union pv_block_request queued[32];
static unsigned int queued_count, direct, indirect, flushed, discarded;
static bool hold; /* answer nothing for now */
static void (*lie)(struct blkif_response *response); /* spoil an answer */

static int16_t transfer(uint8_t op, uint64_t sector, unsigned int count,
                        const struct blkif_request_segment *segments)
{
    for (unsigned int i = 0; i < count; i++) {
        uint8_t *page = world_page(segments[i].gref);
        size_t at = segments[i].first_sect * 512u,
               bytes = (segments[i].last_sect - segments[i].first_sect + 1u) * 512u;

        if (!page || segments[i].last_sect > 7 || sector * 512 + bytes > sizeof(disk))
            return BLKIF_RSP_ERROR;
        if (op == BLKIF_OP_READ)
            memcpy(page + at, disk + sector * 512, bytes);
        else
            memcpy(disk + sector * 512, page + at, bytes);
        sector += bytes / 512;
    }
    return BLKIF_RSP_OKAY;
}

static void serve(const union pv_block_request *r)
{
    struct blkif_response response = {.id = r->direct.id, .operation = r->direct.operation};

    switch (r->direct.operation) {
    case BLKIF_OP_READ:
    case BLKIF_OP_WRITE:
        response.status = transfer(r->direct.operation, r->direct.sector_number,
                                   r->direct.nr_segments, r->direct.seg);
        direct++;
        break;
    case BLKIF_OP_INDIRECT:
        response.id = r->indirect.id;
        response.status = transfer(r->indirect.indirect_op, r->indirect.sector_number,
                                   r->indirect.nr_segments,
                                   world_page(r->indirect.indirect_grefs[0]));
        indirect++;
        break;
    case BLKIF_OP_DISCARD:
        response.id = r->discard.id;
        memset(disk + r->discard.sector_number * 512, 0, r->discard.nr_sectors * 512);
        discarded++;
        break;
    default:
        flushed++;
    }
    if (lie)
        lie(&response);
    memcpy(&ring->ring[ring->rsp_prod % 32], &response, sizeof(response));
    __atomic_fetch_add(&ring->rsp_prod, 1, __ATOMIC_SEQ_CST);
    world_raise(block.port);
}

static void back_end(evtchn_port_t port)
{
    (void)port;
    while (ring && seen != ring->req_prod)
        memcpy(&queued[queued_count++], &ring->ring[seen++ % 32], sizeof(ring->ring[0]));
    if (ring)
        ring->req_event = seen + 1;
    while (queued_count && !hold && check_random_below(4)) { /* the rest another time */
        unsigned int i = (unsigned int)check_random_below(queued_count);

        serve(&queued[i]);
        queued[i] = queued[--queued_count];
    }
}

static void written(const char *path, const char *value)
{
    if (strcmp(path, FRONT "state"))
        return;
    if (atoi(value) == XenbusStateInitialising)
        world_set(BACK "state", "2");
    if (atoi(value) == XenbusStateInitialised) {
        ring = world_page((grant_ref_t)atoi(world_node(FRONT "ring-ref")));
        CHECK(ring);
        CHECK_STR(world_node(FRONT "feature-persistent"), "1");
        CHECK_STR(world_node(FRONT "protocol"), "x86_64-abi");
        world_set(BACK "state", "4");
    } else if (atoi(value) == XenbusStateClosed) {
        ring = NULL;
        world_set(BACK "state", "6");
    }
}

static int open_disk(const char *segments)
{
    world_start();
    ring = NULL;
    seen = queued_count = direct = indirect = flushed = discarded = 0;
    hold = false;
    lie = NULL;
    world_device("vbd", "51712");
    world_set(BACK "sectors", "%u", SECTORS);
    world_set(BACK "sector-size", "512");
    world_set(BACK "info", "0");
    world_set(BACK "feature-flush-cache", "1");
    world_set(BACK "feature-discard", "1");
    if (segments)
        world_set(BACK "feature-max-indirect-segments", "%s", segments);
    world_backend = back_end;
    world_written = written;
    for (size_t i = 0; i < sizeof(disk); i++)
        disk[i] = model[i] = (uint8_t)check_random();
    return pv_block_open(&block, 0);
}

static void close_disk(void)
{
    CHECK_EQ(pv_block_close(&block), 0);
    CHECK_EQ(pv_grant_count(), 0);
    CHECK_EQ(world_pages_used(), 0);
}

static int run(uint8_t operation, uint64_t sector, uint32_t sectors)
{
    struct pv_block_io io = {.operation = operation, .sector = sector, .sectors = sectors,
                             .data = data};

    return pv_block_run(&block, &io);
}

/* ---- requests ---- */

TEST(reads_and_writes_of_all_sizes)
{
    static const char *const segments[] = {NULL, "7", "16", "256", "99999999999999999999"};

    for (unsigned int s = 0; s < 5; s++) {
        CHECK_EQ(open_disk(segments[s]), 0);
        CHECK_EQ(block.max_sectors, s == 2 ? 128 : s == 3 ? 256 : 88);
        for (int i = 0; i < 2000; i++) {
            uint32_t sectors = 1 + (uint32_t)check_random_below(block.max_sectors);
            uint64_t sector = check_random_below(SECTORS - sectors + 1);

            if (check_random() & 1) {
                for (uint32_t j = 0; j < sectors * 512; j++)
                    data[j] = (uint8_t)check_random();
                memcpy(model + sector * 512, data, sectors * 512);
                CHECK_EQ(run(BLKIF_OP_WRITE, sector, sectors), 0);
                memset(data, 0, sectors * 512);
            } else {
                CHECK_EQ(run(BLKIF_OP_READ, sector, sectors), 0);
                CHECK(!memcmp(data, model + sector * 512, sectors * 512));
            }
        }
        CHECK(!memcmp(disk, model, sizeof(disk)));
        CHECK(direct && !!indirect == (s == 2 || s == 3));
        close_disk();
    }
}

TEST(flush_and_discard)
{
    CHECK_EQ(open_disk(NULL), 0);
    CHECK_EQ(run(BLKIF_OP_FLUSH_DISKCACHE, 0, 0), 0);
    CHECK_EQ(run(BLKIF_OP_DISCARD, 8, 1000), 0); /* more than one request may transfer */
    CHECK(flushed == 1 && discarded == 1);
    memset(model + 8 * 512, 0, 1000 * 512);
    CHECK(!memcmp(disk, model, sizeof(disk)));
    block.can_flush = block.can_discard = false;
    CHECK_EQ(run(BLKIF_OP_FLUSH_DISKCACHE, 0, 0), -XEN_EOPNOTSUPP);
    CHECK_EQ(run(BLKIF_OP_DISCARD, 8, 8), -XEN_EOPNOTSUPP);
    close_disk();
}

TEST(what_cannot_be_is_refused)
{
    CHECK_EQ(open_disk(NULL), 0);
    CHECK_EQ(run(BLKIF_OP_READ, SECTORS, 1), -XEN_EINVAL);
    CHECK_EQ(run(BLKIF_OP_READ, SECTORS - 1, 2), -XEN_EINVAL);
    CHECK_EQ(run(BLKIF_OP_READ, ~0ull, 2), -XEN_EINVAL);
    CHECK_EQ(run(BLKIF_OP_READ, 0, 89), -XEN_EINVAL);
    CHECK_EQ(run(BLKIF_OP_READ, 0, 0), -XEN_EINVAL);
    CHECK_EQ(run(BLKIF_OP_DISCARD, 1, SECTORS), -XEN_EINVAL);
    CHECK_EQ(run(BLKIF_OP_WRITE_BARRIER, 0, 1), -XEN_EOPNOTSUPP);
    CHECK_EQ(run(BLKIF_OP_INDIRECT, 0, 1), -XEN_EOPNOTSUPP);
    block.read_only = true;
    CHECK_EQ(run(BLKIF_OP_WRITE, 0, 1), -XEN_EROFS);
    CHECK_EQ(run(BLKIF_OP_READ, 0, 1), 0);
    close_disk();
}

static unsigned int ended;
static void count_end(struct pv_block_io *io)
{
    ended += io->result == 0;
}

/* As much at once as there are slots and pages, and then the next. */
TEST(many_at_once)
{
    static struct pv_block_io io[200];
    unsigned int flight = 0, most = 0, next = 0;

    CHECK_EQ(open_disk("32"), 0);
    ended = 0;
    while (ended < 200) {
        int rc = -XEN_EAGAIN;

        hold = check_random_below(50);
        while (next < 200) {
            io[next] = (struct pv_block_io){.operation = BLKIF_OP_WRITE, .sector = next * 20,
                                            .sectors = next % 3 ? 8 : 20,
                                            .data = model + next * 20 * 512, .done = count_end};
            rc = pv_block_submit(&block, &io[next]);
            if (rc)
                break;
            next++;
        }
        CHECK(rc == 0 || rc == -XEN_EAGAIN);
        flight = next - ended;
        most = flight > most ? flight : most;
        back_end(0);
        CHECK(pv_block_poll(&block) >= 0);
    }
    CHECK_EQ(most, 32);
    close_disk();
}

/* ---- back ends that lie ---- */

static struct pv_block_io spoiled;
static bool spoiled_ended;
static void spoiled_end(struct pv_block_io *io)
{
    spoiled_ended = io->result == -XEN_EBADMSG || io->result == 0;
}

static void broken(void (*how)(struct blkif_response *))
{
    CHECK_EQ(open_disk(NULL), 0);
    hold = true;
    spoiled = (struct pv_block_io){.operation = BLKIF_OP_READ, .sectors = 1, .data = data,
                                   .done = spoiled_end};
    spoiled_ended = false;
    CHECK_EQ(pv_block_submit(&block, &spoiled), 0);
    hold = false;
    lie = how;
    CHECK_EQ(run(BLKIF_OP_READ, 1, 1), -XEN_EBADMSG);
    CHECK(spoiled_ended); /* nobody waits for a broken device */
    CHECK_EQ(run(BLKIF_OP_READ, 1, 1), -XEN_EBADMSG);
    close_disk();
}

static void other_id(struct blkif_response *response)
{
    response->id ^= 0x10;
}
static void huge_id(struct blkif_response *response)
{
    response->id = ~0ull;
}
static void twice(struct blkif_response *response)
{
    memcpy(&ring->ring[ring->rsp_prod++ % 32], response, sizeof(*response));
}
static void too_many(struct blkif_response *response)
{
    (void)response;
    ring->rsp_prod += 40;
}

TEST(lies_break_the_disk)
{
    broken(other_id);
    broken(huge_id);
    broken(twice);
    broken(too_many);
}

static void failed(struct blkif_response *response)
{
    response->status = BLKIF_RSP_ERROR;
}
static void unsupported(struct blkif_response *response)
{
    response->status = BLKIF_RSP_EOPNOTSUPP;
}

TEST(errors_of_the_disk)
{
    CHECK_EQ(open_disk(NULL), 0);
    lie = failed;
    memset(data, 0x77, 512);
    CHECK_EQ(run(BLKIF_OP_READ, 1, 1), -XEN_EIO);
    CHECK(data[0] == 0x77 && data[511] == 0x77);
    lie = unsupported;
    CHECK_EQ(run(BLKIF_OP_FLUSH_DISKCACHE, 0, 0), -XEN_EOPNOTSUPP);
    lie = NULL;
    CHECK_EQ(run(BLKIF_OP_READ, 1, 1), 0);
    close_disk();
}

TEST(silence_ends)
{
    CHECK_EQ(open_disk(NULL), 0);
    hold = true;
    world_time_shift(12);
    CHECK_EQ(run(BLKIF_OP_READ, 1, 1), -XEN_ETIMEDOUT);
    world_time_shift(0);
    close_disk();
}

TEST(properties_that_make_no_sense)
{
    world_start();
    CHECK_EQ(pv_block_open(&block, 0), -XEN_ENOENT);
    CHECK_EQ(open_disk(NULL), 0);
    close_disk();
    world_set(BACK "sectors", "12x");
    CHECK_EQ(pv_block_open(&block, 0), -XEN_EINVAL);
    world_set(BACK "sectors", "18446744073709551615");
    CHECK_EQ(pv_block_open(&block, 0), -XEN_EINVAL);
    world_set(BACK "sectors", "99");
    world_set(BACK "sector-size", "4096");
    CHECK_EQ(pv_block_open(&block, 0), -XEN_EOPNOTSUPP);
    world_set(BACK "sector-size", "512");
    CHECK_EQ(pv_block_open(&block, 0), 0); /* closed and opened again */
    CHECK_EQ(block.sectors, 99);
    close_disk();
    world_written = NULL; /* nobody there */
    world_time_shift(12);
    CHECK_EQ(pv_block_open(&block, 0), -XEN_ETIMEDOUT);
    world_time_shift(0);
    CHECK_EQ(pv_grant_count(), 0);
    CHECK_EQ(world_pages_used(), 0);
}
