/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A whole worker of zendo-blkd as a process, with a real io_uring and a file, killed while it
 * works.
 */
/* sources: pv-drivers/backends/blkd/engine.c pv-drivers/backends/blkd/ring.c */
/* sources: pv-drivers/backends/blkd/request.c pv-drivers/backends/blkd/grants.c */
/* sources: pv-drivers/backends/blkd/attach.c pv-drivers/backends/blkd/offer.c */
/* sources: pv-drivers/backends/blkd/disk_file.c pv-drivers/backends/blkd/disk_image.c */
/* sources: pv-drivers/backends/blkd/target.c pv-drivers/backends/blkd/worker.c */
/* sources: pv-drivers/backends/blkd/state.c pv-drivers/backends/common/limit.c */
/* sources: pv-drivers/backends/common/keep.c pv-drivers/backends/common/kernel.c */
/* sources: pv-drivers/backends/common/loop.c pv-drivers/backends/common/store.c */
/* sources: pv-drivers/backends/common/device.c */
/* cflags: -D_GNU_SOURCE -fno-strict-aliasing */
/* cflags: -DRUN_DIRECTORY="\"build/unit-blkd\"" */
/* libs: -luring */
#include "tests/unit/check.h"

#include <errno.h>
#include <fcntl.h>
#include <liburing.h>
#include <sys/stat.h>

#include "pv-drivers/backends/blkd/worker.h"

#define BACK  "/local/domain/0/backend/vbd/7/51712"
#define FRONT "/local/domain/7/device/vbd/51712"
#define IMAGE RUN_DIRECTORY "/disk.img"
#define RING  (PAGES - 1) /* the guest's last page */

#include "tests/unit/backend_process.h"

/* --- the guest --- */

static struct blkif_sring *ring;
static uint32_t taken; /* answers */

static void guest_start(const char *params, const char *persistent)
{
    static const char *const nodes[][2] = {
        {BACK "/frontend", FRONT}, {BACK "/mode", "w"}, {BACK "/device-type", "disk"},
        {BACK "/online", "1"}, {BACK "/state", "1"}, {FRONT "/state", "1"},
        {FRONT "/ring-ref", "63"}, {FRONT "/event-channel", "9"},
        {FRONT "/protocol", XEN_IO_PROTO_ABI_X86_64},
    };
    int file;

    process_world();
    for (unsigned int i = 0; i < sizeof(nodes) / sizeof(nodes[0]); i++)
        node_set(nodes[i][0], nodes[i][1]);
    node_set(BACK "/params", params);
    node_set(FRONT "/feature-persistent", persistent);
    ring = (struct blkif_sring *)shared->page[RING];
    ring->req_event = ring->rsp_event = 1;
    taken = 0;
    file = open(IMAGE, O_RDWR | O_CREAT | O_TRUNC, 0600);
    CHECK(file >= 0 && !ftruncate(file, 4 << 20));
    close(file);
    unlink(RUN_DIRECTORY "/vbd-7-51712.state");
    worker_begin();
    back_state(XenbusStateInitWait);
    front_state(XenbusStateInitialised);
    back_state(XenbusStateConnected);
    front_state(XenbusStateConnected);
}

static void request(uint8_t op, uint32_t page, uint64_t sector)
{
    struct blkif_request *r = &ring->ring[ring->req_prod % 32].req;

    *r = (struct blkif_request){.operation = op, .nr_segments = op != BLKIF_OP_FLUSH_DISKCACHE,
                                .id = ring->req_prod, .sector_number = sector};
    r->seg[0] = (struct blkif_request_segment){.gref = page, .last_sect = 7};
    __atomic_store_n(&ring->req_prod, ring->req_prod + 1, __ATOMIC_RELEASE);
}

/* Wait until all is answered, by events alone. */
static void answers(void)
{
    while (taken != ring->req_prod) {
        struct pollfd fd = {.fd = told[0], .events = POLLIN};
        uint32_t drop[64];

        for (; taken != __atomic_load_n(&ring->rsp_prod, __ATOMIC_ACQUIRE); taken++)
            CHECK_EQ(ring->ring[taken % 32].rsp.status, BLKIF_RSP_OKAY);
        __atomic_store_n(&ring->rsp_event, taken + 1, __ATOMIC_SEQ_CST);
        if (taken == ring->req_prod || taken != __atomic_load_n(&ring->rsp_prod, __ATOMIC_SEQ_CST))
            continue;
        CHECK_EQ(poll(&fd, 1, 30000), 1);
        (void)!read(told[0], drop, sizeof(drop));
    }
}

static void guest_end(void)
{
    device_ends(RUN_DIRECTORY "/vbd-7-51712.state");
}

static unsigned int recoveries(void)
{
    const struct state *s = state_peek(RUN_DIRECTORY "/vbd-7-51712.state");

    return s ? s->counters.recoveries : 0;
}

/* Write and read again, in rounds; `kill_it` at some moment of each, and start another. */
static void rounds(unsigned int count, bool kill_it)
{
    for (unsigned int n = 0; n < count; n++) {
        unsigned int first = check_random_below(900);

        for (unsigned int i = 0; i < 20; i++) {
            memset(shared->page[i], n * 20 + i, ABI_PAGE);
            memset(shared->page[20 + i], 0, ABI_PAGE);
            request(BLKIF_OP_WRITE, i, (first + i) * 8);
        }
        kick(42);
        if (kill_it) {
            usleep(check_random_below(400));
            worker_kill();
            worker_begin();
        }
        answers();
        request(BLKIF_OP_FLUSH_DISKCACHE, 0, 0);
        for (unsigned int i = 0; i < 20; i++)
            request(BLKIF_OP_READ, 20 + i, (first + i) * 8);
        kick(42);
        answers();
        CHECK(!memcmp(shared->page[0], shared->page[20], 20 * ABI_PAGE));
    }
}

/* Containers and hardened kernels forbid io_uring: then there is nothing to test. */
static bool may_not(void)
{
    struct io_uring probe;
    int rc = io_uring_queue_init(1, &probe, 0);

    if (!rc)
        io_uring_queue_exit(&probe);
    if (rc != -EPERM && rc != -ENOSYS)
        return false;
    printf("# this machine allows no io_uring: not tested\n");
    return true;
}

TEST(serves_with_copies)
{
    if (may_not())
        return;
    guest_start("raw:" IMAGE, "0");
    rounds(50, false);
    guest_end();
}

TEST(serves_with_kept_grants)
{
    if (may_not())
        return;
    guest_start("raw:" IMAGE, "1");
    rounds(50, false);
    guest_end();
}

TEST(killed_while_it_works)
{
    if (may_not())
        return;
    guest_start("raw:" IMAGE, "0");
    rounds(25, true);
    CHECK_EQ(recoveries(), 25);
    guest_end();
    guest_start("raw:" IMAGE, "1");
    rounds(25, true);
    CHECK_EQ(recoveries(), 25);
    guest_end();
}
