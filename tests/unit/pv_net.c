/* SPDX-License-Identifier: BSD-2-Clause */
/* The network front end with back ends that echo frames, and with false ones. */
/* sources: pv-drivers/lib/net.c pv-drivers/lib/buffers.c */
/* sources: pv-drivers/lib/ring.c pv-drivers/lib/grant.c pv-drivers/lib/xenbus.c */
/* sources: pv-drivers/lib/xenstore.c pv-drivers/lib/xenstore_message.c pv-drivers/lib/event.c */
/* sources: pv-drivers/lib/event_fifo.c pv-drivers/lib/clock.c tests/unit/fake/pv_world.c */
#include "tests/unit/check.h"

#include "pv-drivers/lib/grant.h"
#include "pv-drivers/lib/net.h"
#include "tests/unit/fake/pv_world.h"

#define BACK  "/back/0/"
#define FRONT WORLD_FRONT "device/vif/0/"

static struct pv_net net;
static uint8_t frame[PV_PAGE_BYTES];

/* ---- the back end: what is sent goes to `wire`, what it delivers comes from the test ---- */

static struct netif_tx_sring *tx;
static struct netif_rx_sring *rx;
static uint32_t tx_seen, rx_seen;
static uint8_t wire[300][2048];
static uint16_t wire_bytes[300];
static unsigned int wire_count;
static bool hold;
static int16_t tx_status;

static void back_end(evtchn_port_t port)
{
    (void)port;
    while (tx && !hold && tx_seen != tx->req_prod) {
        struct netif_tx_request r = tx->ring[tx_seen++ % 256].req;
        uint8_t *page = world_page(r.gref);

        CHECK(page && r.offset + r.size <= PV_PAGE_BYTES && !r.flags);
        memcpy(wire[wire_count], page + r.offset, r.size);
        wire_bytes[wire_count++] = r.size;
        tx->ring[tx->rsp_prod % 256].rsp = (struct netif_tx_response){r.id, tx_status};
        tx->rsp_prod++;
        tx->req_event = tx_seen + 1;
        world_raise(net.port);
    }
}

/* A response for the next empty page; the frame's bytes are all @fill. */
static void deliver(uint8_t fill, uint16_t offset, int16_t length, uint16_t flags)
{
    struct netif_rx_request r = rx->ring[rx_seen++ % 256].req;
    uint8_t *page = world_page(r.gref);

    CHECK(page && rx_seen <= rx->req_prod);
    if (length > 0 && offset + length <= (int)PV_PAGE_BYTES)
        memset(page + offset, fill, (size_t)length);
    rx->ring[rx->rsp_prod % 256].rsp = (struct netif_rx_response){r.id, offset, flags, length};
    rx->rsp_prod++;
}

static void written(const char *path, const char *value)
{
    if (strcmp(path, FRONT "state"))
        return;
    if (atoi(value) == XenbusStateInitialising)
        world_set(BACK "state", "2");
    if (atoi(value) == XenbusStateConnected) {
        CHECK_STR(world_node(FRONT "request-rx-copy"), "1");
        CHECK_STR(world_node(FRONT "feature-no-csum-offload"), "1");
        tx = world_page((grant_ref_t)atoi(world_node(FRONT "tx-ring-ref")));
        rx = world_page((grant_ref_t)atoi(world_node(FRONT "rx-ring-ref")));
        CHECK(tx && rx);
        world_set(BACK "state", "4");
    } else if (atoi(value) == XenbusStateClosed) {
        tx = NULL;
        world_set(BACK "state", "6");
    }
}

static int open_net(const char *mac)
{
    world_start();
    tx = NULL;
    tx_seen = rx_seen = wire_count = 0;
    hold = false;
    tx_status = NETIF_RSP_OKAY;
    world_device("vif", "0");
    world_set(BACK "mac", "%s", mac);
    world_backend = back_end;
    world_written = written;
    return pv_net_open(&net, 0);
}

static void close_net(void)
{
    CHECK_EQ(pv_net_close(&net), 0);
    CHECK_EQ(pv_grant_count(), 0);
    CHECK_EQ(world_pages_used(), 0);
}

TEST(a_port_has_its_mac)
{
    static const uint8_t mac[6] = {0x00, 0x16, 0x3e, 0xaB, 0x0c, 0xff};

    CHECK_EQ(open_net("00:16:3e:aB:0C:ff"), 0);
    CHECK(!memcmp(net.mac, mac, 6));
    CHECK_EQ(rx->req_prod, 64);
    close_net();
    CHECK_EQ(open_net("00:16:3e:ab:0c:fg"), -XEN_EINVAL);
    CHECK_EQ(open_net("00:16:3e:ab:0c-ff"), -XEN_EINVAL);
    CHECK_EQ(open_net("00:16:3e:ab:0c:ff0"), -XEN_E2BIG);
    CHECK_EQ(open_net("00:16:3e:ab:0c"), -XEN_EINVAL);
    CHECK_EQ(pv_grant_count(), 0);
}

TEST(frames_go_out)
{
    CHECK_EQ(open_net("00:16:3e:00:00:01"), 0);
    for (int lap = 0; lap < 40; lap++) {
        wire_count = 0;
        for (unsigned int i = 0; i < 30; i++) {
            size_t bytes = PV_NET_FRAME_MIN + check_random_below(1501);

            for (size_t j = 0; j < bytes; j++)
                frame[j] = (uint8_t)(i + j);
            CHECK_EQ(pv_net_send(&net, frame, bytes), 0);
            CHECK_EQ(wire_bytes[i], bytes);
            CHECK(!memcmp(wire[i], frame, bytes));
        }
    }
    CHECK_EQ(net.sent, 1200);
    CHECK_EQ(pv_net_send(&net, frame, 13), -XEN_EINVAL);
    CHECK_EQ(pv_net_send(&net, frame, 1515), -XEN_EINVAL);
    close_net();
}

TEST(no_room_is_said_and_ends)
{
    int n = 0, rc;

    CHECK_EQ(open_net("00:16:3e:00:00:01"), 0);
    hold = true;
    while (!(rc = pv_net_send(&net, frame, 100)))
        n++;
    CHECK_EQ(rc, -XEN_EAGAIN);
    CHECK_EQ(n, 32);
    CHECK_EQ(tx->rsp_event, 1); /* and the next answer is an event */
    hold = false;
    tx_status = NETIF_RSP_ERROR;
    back_end(0);
    CHECK_EQ(pv_net_send(&net, frame, 100), 0);
    CHECK_EQ(net.refused, 32);
    close_net();
}

TEST(frames_come_in)
{
    unsigned int flags = 99;

    CHECK_EQ(open_net("00:16:3e:00:00:01"), 0);
    CHECK_EQ(pv_net_receive(&net, frame, sizeof(frame), &flags), 0);
    for (int i = 0; i < 1000; i++) {
        uint16_t offset = (uint16_t)check_random_below(2000);
        int16_t length = (int16_t)(14 + check_random_below(1501));

        memset(frame, 0xee, sizeof(frame));
        deliver((uint8_t)i, offset, length, NETRXF_csum_blank | NETRXF_data_validated);
        CHECK_EQ(pv_net_receive(&net, frame, 1514, &flags), length);
        CHECK_EQ(flags, NETRXF_csum_blank | NETRXF_data_validated);
        CHECK(frame[0] == (uint8_t)i && frame[length - 1] == (uint8_t)i && frame[length] == 0xee);
        CHECK_EQ(rx->req_prod - rx_seen, 64); /* it has as many pages as before */
    }
    CHECK_EQ(net.received, 1000);
    CHECK_EQ(pv_net_receive(&net, frame, 1514, &flags), 0);
    CHECK_EQ(rx->rsp_event, rx->rsp_prod + 1); /* the next one is an event */
    close_net();
}

/* What is not a frame of ours is dropped, and the next one comes. */
TEST(odd_frames_are_dropped)
{
    CHECK_EQ(open_net("00:16:3e:00:00:01"), 0);
    deliver(1, 0, 13, 0);
    deliver(1, 0, 0, 0);
    deliver(1, 0, NETIF_RSP_ERROR, 0);
    deliver(1, 0, -32768, 0);
    deliver(1, 0, 1000, 0);                 /* too long for the reader */
    deliver(2, 0, 400, NETRXF_more_data);   /* in pieces */
    deliver(2, 0, 400, NETRXF_more_data);
    deliver(2, 0, 400, 0);
    deliver(3, 0, 500, 0);
    CHECK_EQ(pv_net_receive(&net, frame, 900, NULL), 500);
    CHECK(frame[0] == 3 && frame[499] == 3);
    CHECK_EQ(pv_net_receive(&net, frame, 900, NULL), 0);
    CHECK_EQ(net.dropped, 8);
    close_net();
}

static void broken(void)
{
    CHECK_EQ(pv_net_receive(&net, frame, sizeof(frame), NULL), -XEN_EBADMSG);
    CHECK_EQ(pv_net_receive(&net, frame, sizeof(frame), NULL), -XEN_EBADMSG);
    close_net();
}

TEST(lies_break_the_port)
{
    static const struct {
        uint16_t offset;
        int16_t length;
    } outside[] = {{0, 4097}, {4090, 14}, {65535, 14}, {2000, 32767}};

    for (int i = 0; i < 4; i++) {
        CHECK_EQ(open_net("00:16:3e:00:00:01"), 0);
        deliver(0, outside[i].offset, outside[i].length, 0);
        broken();
    }
    CHECK_EQ(open_net("00:16:3e:00:00:01"), 0);
    deliver(0, 0, 100, NETRXF_extra_info);
    broken();
    CHECK_EQ(open_net("00:16:3e:00:00:01"), 0);
    rx->ring[0].rsp = (struct netif_rx_response){.id = 64, .status = 100};
    rx->rsp_prod = 1;
    broken();
    CHECK_EQ(open_net("00:16:3e:00:00:01"), 0);
    rx->rsp_prod = 65;
    broken();
    CHECK_EQ(open_net("00:16:3e:00:00:01"), 0);
    tx->rsp_prod = 1;
    CHECK_EQ(pv_net_send(&net, frame, 100), -XEN_EBADMSG);
    close_net();
}
