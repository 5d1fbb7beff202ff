/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A whole worker of zendo-blkd as a process, with a real io_uring and a file, killed while it
 * works. Xen's libraries are replaced: xenstore is a list in shared memory, event channels a socket
 * pair, the guest's pages a memory file.
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
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pv-drivers/backends/blkd/worker.h"

#define BACK  "/local/domain/0/backend/vbd/7/51712"
#define FRONT "/local/domain/7/device/vbd/51712"
#define PAGES 64u /* of the guest; the last one is its ring */
#define RING  (PAGES - 1)
#define IMAGE RUN_DIRECTORY "/disk.img"

struct node {
    char path[128], value[64];
};

static struct shared {
    uint8_t page[PAGES][ABI_PAGE] __attribute__((aligned(4096)));
    atomic_flag lock;
    struct node node[64];
} *shared;
static int memory, changed[2], channel[2], told[2]; /* the guest's ends are [1], [1] and [0] */

/* --- xenstore --- */

static struct node *node_of(const char *path, bool make)
{
    for (struct node *n = shared->node; n < shared->node + 64; n++) {
        if (!n->path[0] && make)
            snprintf(n->path, sizeof(n->path), "%s", path);
        if (!strcmp(n->path, path))
            return n;
    }
    return NULL;
}

static void node_set(const char *path, const char *value)
{
    while (atomic_flag_test_and_set(&shared->lock))
        ;
    snprintf(node_of(path, true)->value, sizeof(shared->node->value), "%s", value);
    atomic_flag_clear(&shared->lock);
}

struct xs_handle *xs_open(unsigned long flags)
{
    return (void)flags, (struct xs_handle *)shared;
}

void *xs_read(struct xs_handle *h, xs_transaction_t t, const char *path, unsigned int *length)
{
    struct node *n;
    char *value;

    (void)h, (void)t, (void)length;
    while (atomic_flag_test_and_set(&shared->lock))
        ;
    n = node_of(path, false);
    value = n && n->value[0] ? strdup(n->value) : NULL;
    atomic_flag_clear(&shared->lock);
    return value;
}

bool xs_write(struct xs_handle *h, xs_transaction_t t, const char *path, const void *data,
              unsigned int length)
{
    (void)h, (void)t, (void)length;
    node_set(path, data);
    return true;
}

bool xs_watch(struct xs_handle *h, const char *path, const char *token)
{
    return (void)h, (void)path, (void)token, true;
}

int xs_fileno(struct xs_handle *h)
{
    return (void)h, changed[0];
}

char **xs_check_watch(struct xs_handle *h)
{
    char byte;

    (void)h;
    return read(changed[0], &byte, 1) == 1 ? malloc(1) : NULL;
}

xs_transaction_t xs_transaction_start(struct xs_handle *h)
{
    return (void)h, 1;
}

bool xs_transaction_end(struct xs_handle *h, xs_transaction_t t, bool abort)
{
    return (void)h, (void)t, (void)abort, true;
}

/* --- event channels --- */

xenevtchn_handle *xenevtchn_open(struct xentoollog_logger *logger, unsigned int flags)
{
    return (void)logger, (void)flags, (xenevtchn_handle *)shared;
}

int xenevtchn_fd(xenevtchn_handle *h)
{
    return (void)h, channel[0];
}

int xenevtchn_notify(xenevtchn_handle *h, evtchn_port_t port)
{
    return (void)h, write(told[1], &port, sizeof(port)) < 0;
}

xenevtchn_port_or_error_t xenevtchn_bind_interdomain(xenevtchn_handle *h, uint32_t domid,
                                                     evtchn_port_t port)
{
    return (void)h, domid == 7 && port == 9 ? 42 : -1;
}

int xenevtchn_unbind(xenevtchn_handle *h, evtchn_port_t port)
{
    return (void)h, (void)port, 0;
}

/* --- grants --- */

xengnttab_handle *xengnttab_open(struct xentoollog_logger *logger, unsigned int flags)
{
    return (void)logger, (void)flags, (xengnttab_handle *)shared;
}

void *xengnttab_map_domain_grant_refs(xengnttab_handle *h, uint32_t count, uint32_t domid,
                                      uint32_t *ref, int prot)
{
    uint8_t *area = mmap(NULL, count * ABI_PAGE, prot, MAP_SHARED, memory, 0);

    (void)h, (void)domid;
    for (unsigned int i = 0; i < count; i++)
        if (ref[i] >= PAGES || mmap(area + i * ABI_PAGE, ABI_PAGE, prot, MAP_SHARED | MAP_FIXED,
                                    memory, ref[i] * ABI_PAGE) == MAP_FAILED)
            return NULL;
    return area;
}

int xengnttab_unmap(xengnttab_handle *h, void *at, uint32_t count)
{
    return (void)h, munmap(at, count * ABI_PAGE);
}

int xengnttab_grant_copy(xengnttab_handle *h, uint32_t count, xengnttab_grant_copy_segment_t *op)
{
    (void)h;
    for (; count; count--, op++) {
        op->status = GNTST_okay;
        if (op->flags == GNTCOPY_source_gref)
            memcpy(op->dest.virt, &shared->page[op->source.foreign.ref][op->source.foreign.offset],
                   op->len);
        else
            memcpy(&shared->page[op->dest.foreign.ref][op->dest.foreign.offset], op->source.virt,
                   op->len);
    }
    return 0;
}

/* --- the guest --- */

static struct blkif_sring *ring;
static uint32_t taken; /* answers */
static pid_t worker;

static void worker_begin(void)
{
    worker = fork();
    if (!worker) {
        freopen("/dev/null", "w", stderr);
        _exit(device_run(&worker_kind, BACK));
    }
}

static void front_state(enum xenbus_state state)
{
    char text[8];

    snprintf(text, sizeof(text), "%u", state);
    node_set(FRONT "/state", text);
    CHECK_EQ(write(changed[1], "", 1), 1);
}

static void back_state(enum xenbus_state want)
{
    for (unsigned int i = 0; i < 30000; i++, usleep(1000)) {
        char *text = xs_read(NULL, 0, BACK "/state", NULL);
        bool there = text && atoi(text) == (int)want;

        free(text);
        if (there)
            return;
    }
    CHECK_FAIL("the back end's state does not become %d", want);
}

static void guest_start(const char *params, const char *persistent)
{
    static const char *const nodes[][2] = {
        {BACK "/frontend", FRONT}, {BACK "/mode", "w"}, {BACK "/device-type", "disk"},
        {BACK "/online", "1"}, {BACK "/state", "1"}, {FRONT "/state", "1"},
        {FRONT "/ring-ref", "63"}, {FRONT "/event-channel", "9"},
        {FRONT "/protocol", XEN_IO_PROTO_ABI_X86_64},
    };
    int file;

    if (!shared) {
        mkdir("build", 0755), mkdir(RUN_DIRECTORY, 0700);
        memory = memfd_create("guest", 0);
        CHECK(!ftruncate(memory, sizeof(*shared)));
        shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
        CHECK(!pipe2(changed, O_NONBLOCK) && !pipe2(told, O_NONBLOCK));
        CHECK(!socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, channel));
    }
    memset(shared, 0, sizeof(*shared));
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

static void kick(void)
{
    uint32_t port = 42, drop[16];

    while (read(channel[1], drop, sizeof(drop)) > 0) /* enabled again */
        ;
    (void)!write(channel[1], &port, sizeof(port));
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
    int status;

    node_set(BACK "/online", "0");
    front_state(XenbusStateClosing);
    back_state(XenbusStateClosing);
    front_state(XenbusStateClosed);
    back_state(XenbusStateClosed);
    CHECK_EQ(waitpid(worker, &status, 0), worker);
    CHECK_EQ(status, 0);
    CHECK(access(RUN_DIRECTORY "/vbd-7-51712.state", F_OK));
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
        kick();
        if (kill_it) {
            usleep(check_random_below(400));
            kill(worker, SIGKILL);
            CHECK_EQ(waitpid(worker, NULL, 0), worker);
            worker_begin();
        }
        answers();
        request(BLKIF_OP_FLUSH_DISKCACHE, 0, 0);
        for (unsigned int i = 0; i < 20; i++)
            request(BLKIF_OP_READ, 20 + i, (first + i) * 8);
        kick();
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
