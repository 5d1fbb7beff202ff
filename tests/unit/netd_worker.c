/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A whole worker of zendo-netd as a process, with a real tap, killed while it works. The network is
 * a packet socket, in a network namespace of our own.
 */
/* sources: pv-drivers/backends/netd/engine.c pv-drivers/backends/netd/ring.c */
/* sources: pv-drivers/backends/netd/tx.c pv-drivers/backends/netd/rx.c */
/* sources: pv-drivers/backends/netd/frame.c pv-drivers/backends/netd/mcast.c */
/* sources: pv-drivers/backends/netd/state.c pv-drivers/backends/netd/tap.c */
/* sources: pv-drivers/backends/netd/attach.c pv-drivers/backends/netd/offer.c */
/* sources: pv-drivers/backends/netd/worker.c pv-drivers/backends/common/limit.c */
/* sources: pv-drivers/backends/common/pages.c */
/* sources: pv-drivers/backends/common/keep.c pv-drivers/backends/common/kernel.c */
/* sources: pv-drivers/backends/common/loop.c pv-drivers/backends/common/store.c */
/* sources: pv-drivers/backends/common/device.c */
/* cflags: -D_GNU_SOURCE -fno-strict-aliasing */
/* cflags: -DRUN_DIRECTORY="\"build/unit-netd\"" */
/* libs: -luring */
#include "tests/unit/check.h"

#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>

#include "pv-drivers/backends/netd/worker.h"

#define BACK  "/local/domain/3/backend/vif/7/0"
#define FRONT "/local/domain/7/device/vif/0"
#define TX_PAGE (PAGES - 1)
#define RX_PAGE (PAGES - 2)
#define ROOM    16u     /* pages that the guest gives for frames */
#define PORT    42      /* the worker's end of event channel 9, for both rings */
#define PROTOCOL 0x88b5 /* for experiments */

#include "tests/unit/backend_process.h"

static struct netif_tx_sring *tx;
static struct netif_rx_sring *rx;
static uint32_t tx_seen, rx_seen; /* answers */
static int network = -1;

/* What not every machine allows. */
static bool may_not(void)
{
    static int state;
    struct io_uring probe;

    if (!state) {
        state = io_uring_queue_init(1, &probe, 0) || unshare(CLONE_NEWNET) ||
                access("/dev/net/tun", R_OK | W_OK) ? -1 : 1;
        if (state < 0)
            printf("# this machine allows no io_uring, tap or network namespace: not tested\n");
    }
    return state < 0;
}

static void node_wait(const char *path, const char *want)
{
    for (unsigned int i = 0; i < 30000; i++, usleep(1000)) {
        char *text = xs_read(NULL, 0, path, NULL);
        bool there = text && !strcmp(text, want);

        free(text);
        if (there)
            return;
    }
    CHECK_FAIL("%s does not become %s", path, want);
}

static void give_room(void)
{
    while (rx->req_prod - rx_seen < ROOM) {
        rx->ring[rx->req_prod % ABI_RING].req =
            (struct netif_rx_request){.id = rx->req_prod, .gref = rx->req_prod % ROOM};
        __atomic_store_n(&rx->req_prod, rx->req_prod + 1, __ATOMIC_RELEASE);
    }
}

static void network_up(void)
{
    struct sockaddr_ll at = {.sll_family = AF_PACKET, .sll_protocol = htons(PROTOCOL)};
    struct ifreq request = {.ifr_name = "vif7.0", .ifr_flags = IFF_UP};

    network = socket(AF_PACKET, SOCK_RAW, htons(PROTOCOL));
    CHECK(network >= 0);
    CHECK(!ioctl(network, SIOCSIFFLAGS, &request));
    at.sll_ifindex = if_nametoindex("vif7.0");
    CHECK(!bind(network, (struct sockaddr *)&at, sizeof(at)));
}

static void guest_start(void)
{
    static const char *const nodes[][2] = {
        {BACK "/frontend", FRONT},
        {BACK "/online", "1"},
        {BACK "/state", "1"},
        {FRONT "/state", "1"},
        {FRONT "/tx-ring-ref", "63"},
        {FRONT "/rx-ring-ref", "62"},
        {FRONT "/event-channel", "9"},
        {FRONT "/request-rx-copy", "1"},
        {FRONT "/feature-rx-notify", "1"},
        {FRONT "/feature-sg", "1"},
    };

    process_world();
    for (unsigned int i = 0; i < sizeof(nodes) / sizeof(nodes[0]); i++)
        node_set(nodes[i][0], nodes[i][1]);
    tx = (struct netif_tx_sring *)shared->page[TX_PAGE];
    rx = (struct netif_rx_sring *)shared->page[RX_PAGE];
    tx->req_event = tx->rsp_event = rx->req_event = rx->rsp_event = 1;
    tx_seen = rx_seen = 0;
    give_room();
    unlink(RUN_DIRECTORY "/vif-7-0.state");
    worker_begin();
    node_wait(BACK "/hotplug-status", "tap");
    network_up();
    node_set(BACK "/hotplug-status", "connected"); /* (the script's part) */
    back_state(XenbusStateInitWait);
    front_state(XenbusStateConnected);
    back_state(XenbusStateConnected);
}

/* (the kernel puts a dead process' io_uring away in its own time) */
static void tap_goes(void)
{
    close(network);
    for (unsigned int i = 0; i < 10000 && if_nametoindex("vif7.0"); i++)
        usleep(1000);
    CHECK(!if_nametoindex("vif7.0"));
}

static void guest_end(void)
{
    device_ends(RUN_DIRECTORY "/vif-7-0.state");
    tap_goes();
}

/* A frame with a number in it. */
static void frame_make(uint8_t *at, uint32_t number, unsigned int length)
{
    memset(at, number, length);
    memset(at, 0xff, 6);
    at[6] = 2;
    at[12] = PROTOCOL >> 8;
    at[13] = PROTOCOL & 0xff;
    memcpy(at + 14, &number, 4);
}

static bool frame_right(const uint8_t *at, unsigned int length)
{
    for (unsigned int i = 18; i < length; i++)
        if (at[i] != at[14])
            return false;
    return length >= 60;
}

static void send_frame(uint32_t number, unsigned int length)
{
    unsigned int page =
        20 + number % 21; /* (a guest waits for an answer before it uses one again) */

    frame_make(shared->page[page], number, length);
    tx->ring[tx->req_prod % ABI_RING].req =
        (struct netif_tx_request){.gref = page, .size = length, .id = tx->req_prod};
    __atomic_store_n(&tx->req_prod, tx->req_prod + 1, __ATOMIC_RELEASE);
}

/* Wait until all is answered, by events alone. */
static void answers(void)
{
    while (tx_seen != tx->req_prod) {
        struct pollfd fd = {.fd = told[0], .events = POLLIN};
        uint32_t drop[64];

        for (; tx_seen != __atomic_load_n(&tx->rsp_prod, __ATOMIC_ACQUIRE); tx_seen++) {
            CHECK_EQ(tx->ring[tx_seen % ABI_RING].rsp.id, tx_seen & 0xffff);
            CHECK_EQ(tx->ring[tx_seen % ABI_RING].rsp.status, NETIF_RSP_OKAY);
        }
        __atomic_store_n(&tx->rsp_event, tx_seen + 1, __ATOMIC_SEQ_CST);
        if (tx_seen == tx->req_prod || tx_seen != __atomic_load_n(&tx->rsp_prod, __ATOMIC_SEQ_CST))
            continue;
        CHECK_EQ(poll(&fd, 1, 30000), 1);
        (void)!read(told[0], drop, sizeof(drop));
    }
}

/* The network gets frames up to this number, all of them. (They may come twice when we kill.) */
static void network_gets(uint32_t first, unsigned int count)
{
    uint64_t missing = (1ull << count) - 1;
    uint8_t frame[4096];

    while (missing) {
        struct pollfd fd = {.fd = network, .events = POLLIN};
        ssize_t n;
        uint32_t number;

        CHECK_EQ(poll(&fd, 1, 10000), 1);
        n = read(network, frame, sizeof(frame));
        CHECK(n > 0 && frame_right(frame, n));
        memcpy(&number, frame + 14, 4);
        if (number - first < count)
            missing &= ~(1ull << (number - first));
    }
}

/* The guest gets a frame with this number; others before it are right as well. True: it came within
 * so many milliseconds. */
static bool guest_gets(uint32_t number, unsigned int wait_ms)
{
    for (unsigned int i = 0; i < wait_ms; i++, usleep(1000)) {
        for (; rx_seen != __atomic_load_n(&rx->rsp_prod, __ATOMIC_ACQUIRE); rx_seen++) {
            const struct netif_rx_response *r = &rx->ring[rx_seen % ABI_RING].rsp;
            const uint8_t *page = shared->page[rx_seen % ROOM];
            uint32_t got;

            CHECK_EQ(r->id, rx_seen & 0xffff);
            CHECK(r->status > 0);
            if (page[12] != PROTOCOL >> 8 || page[13] != (PROTOCOL & 0xff))
                continue; /* IPv6 of this machine looks around */
            CHECK(frame_right(page, r->status));
            memcpy(&got, page + 14, 4);
            if (got == number) {
                rx_seen++;
                return true;
            }
        }
        give_room();
        __atomic_store_n(&rx->rsp_event, rx_seen + 1, __ATOMIC_SEQ_CST);
        kick(PORT);
    }
    return false;
}

/* The kernel takes a link up in its own time, and until then throws away what is sent. */
static void link_up(void)
{
    uint8_t frame[100];
    bool came = false;

    frame_make(frame, UINT8_MAX, sizeof(frame));
    for (unsigned int i = 0; !came && i < 100; i++) {
        (void)!write(network, frame, sizeof(frame));
        came = guest_gets(UINT8_MAX, 100);
    }
    CHECK(came);
}

static void rounds(unsigned int count, bool kill_it)
{
    uint8_t frame[2000];

    link_up();
    for (unsigned int n = 0; n < count; n++) {
        bool came = false;

        for (unsigned int i = 0; i < 20; i++)
            send_frame(n * 21 + i, 60 + check_random_below(3000));
        kick(PORT);
        frame_make(frame, n, 1000);
        CHECK_EQ(write(network, frame, 1000), 1000);
        if (kill_it) {
            usleep(check_random_below(400));
            worker_kill();
            worker_begin();
        }
        answers();
        send_frame(n * 21 + 20, 100); /* (so that the next one is killed at work) */
        kick(PORT);
        answers();
        network_gets(n * 21, 21);
        if (!kill_it)
            came = guest_gets(n, 30000);
        for (unsigned int i = 0; kill_it && !came && i < 100; i++) { /* (the first may be lost) */
            came = guest_gets(n, 100);
            if (!came)
                (void)!write(network, frame, 1000);
        }
        CHECK(came);
    }
}

TEST(serves)
{
    if (may_not())
        return;
    guest_start();
    rounds(50, false);
    guest_end();
}

TEST(killed_while_it_works)
{
    const struct state *s;

    if (may_not())
        return;
    guest_start();
    rounds(25, true);
    s = state_peek(RUN_DIRECTORY "/vif-7-0.state");
    CHECK(s && s->counters.recoveries == 25);
    state_drop(s);
    guest_end();
}

/* The toolstack took everything away while nobody served it: the tap does not stay. */
TEST(goes_while_it_is_dead)
{
    static const char *const nodes[] = {"state", "frontend", "online", "hotplug-status"};

    if (may_not())
        return;
    guest_start();
    worker_kill();
    CHECK(if_nametoindex("vif7.0"));
    for (unsigned int i = 0; i < 4; i++) {
        char path[128];

        snprintf(path, sizeof(path), BACK "/%s", nodes[i]);
        node_set(path, "");
    }
    worker_begin();
    CHECK_EQ(worker_ends(), 0);
    tap_goes();
    CHECK(access(RUN_DIRECTORY "/vif-7-0.state", F_OK));
}

TEST(ends_with_its_tap)
{
    struct { struct nlmsghdr head; struct ifinfomsg link; } take_away = {
        .head = {sizeof(take_away), RTM_DELLINK, NLM_F_REQUEST, 0, 0},
    };
    int fd;

    if (may_not())
        return;
    guest_start();
    take_away.link.ifi_index = if_nametoindex("vif7.0");
    fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
    CHECK_EQ(write(fd, &take_away, sizeof(take_away)), sizeof(take_away));
    close(fd);
    back_state(XenbusStateClosing);
    front_state(XenbusStateClosed);
    node_set(BACK "/online", "0");
    front_state(XenbusStateClosed);
    worker_ends();
    close(network);
}
