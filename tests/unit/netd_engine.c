/* SPDX-License-Identifier: BSD-2-Clause */
/* zendo-netd's engine with a front end that does right and wrong, and with death at any moment. */
/* sources: pv-drivers/backends/netd/engine.c pv-drivers/backends/netd/ring.c */
/* sources: pv-drivers/backends/netd/tx.c pv-drivers/backends/netd/rx.c */
/* sources: pv-drivers/backends/netd/frame.c pv-drivers/backends/netd/mcast.c */
/* sources: pv-drivers/backends/common/limit.c */
/* sources: pv-drivers/backends/common/pages.c */
/* cflags: -D_GNU_SOURCE -fno-strict-aliasing */
/* cflags: -Din_order=world_may_die -include tests/unit/backend_death.h */
#include "tests/unit/check.h"

#include "tests/unit/netd_world.h"

#define TX (*world_tx(0))
#define RX (*world_rx(0))

static union netif_tx_sring_entry *tx_at(uint32_t i)
{
    return &TX.ring[i % ABI_RING];
}

static union netif_rx_sring_entry *rx_at(uint32_t i)
{
    return &RX.ring[i % ABI_RING];
}

static struct netif_tx_request *request(uint32_t ref, unsigned int offset, unsigned int size,
                                        uint16_t flags)
{
    struct netif_tx_request *r = &tx_at(TX.req_prod)->req;

    *r = (struct netif_tx_request){.gref = ref, .offset = offset, .size = size, .flags = flags,
                                   .id = TX.req_prod + 1000};
    TX.req_prod++;
    return r;
}

static struct netif_extra_info *extra(uint8_t type, uint8_t flags)
{
    struct netif_extra_info *x = (void *)tx_at(TX.req_prod++);

    memset(x, 0, sizeof(TX.ring[0]));
    x->type = type;
    x->flags = flags;
    return x;
}

static int16_t status(uint32_t i)
{
    return tx_at(i)->rsp.status;
}

/* Random bytes of the guest, and a TCP or UDP frame of that length at their beginning. */
static void fill(unsigned int page, unsigned int pages)
{
    for (unsigned int i = 0; i < pages * ABI_PAGE; i++)
        world.page[page + i / ABI_PAGE][i % ABI_PAGE] = check_random();
}

static void frame_of(uint8_t *f, bool ipv6, bool tcp, unsigned int length)
{
    unsigned int ip = length - 14;

    memset(f, 0, 14 + 40 + 20);
    f[5] = 2;
    f[12] = ipv6 ? 0x86 : 8;
    f[13] = ipv6 ? 0xdd : 0;
    f += 14;
    f[0] = ipv6 ? 0x60 : 0x45;
    f[ipv6 ? 4 : 2] = (ip - (ipv6 ? 40 : 0)) >> 8;
    f[ipv6 ? 5 : 3] = ip - (ipv6 ? 40 : 0);
    f[ipv6 ? 6 : 9] = tcp ? 6 : 17;
    f[ipv6 ? 23 : 15] = 1;
    f[ipv6 ? 39 : 19] = 2;
    f[(ipv6 ? 40 : 20) + 12] = 0x50; /* TCP: 20 bytes of header */
}

/* The sum over everything that TCP's or UDP's checksum covers, which is right when it is 0xffff. */
static unsigned int whole_sum(const uint8_t *f, bool ipv6, unsigned int length)
{
    unsigned int head = 14 + (ipv6 ? 40 : 20), sum = f[14 + (ipv6 ? 6 : 9)] + length - head;

    for (unsigned int i = ipv6 ? 22 : 26; i < length; i++)
        sum += i % 2 ? f[i] : f[i] << 8;
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return sum;
}

TEST(sends)
{
    world_start(1);
    fill(3, 1);
    request(3, 100, 1000, 0);
    CHECK_EQ(engine_run(&world_engine), 0);
    CHECK_EQ(world_sent, 1);
    CHECK_EQ(world_wire[0].length, 1000);
    CHECK(!memcmp(world_wire[0].data, world.page[3] + 100, 1000));
    CHECK_EQ(TX.rsp_prod, 1);
    CHECK_EQ(tx_at(0)->rsp.id, 1000);
    CHECK_EQ(status(0), NETIF_RSP_OKAY);
    CHECK_EQ(TX.req_event, 2);
    CHECK_EQ(world_notified[0], 1);
    CHECK_EQ(world.state.counters.tx_bytes, 1000);
    request(3, 0, 60, 0); /* the front end did not ask to be told again */
    engine_run(&world_engine);
    CHECK_EQ(world_notified[0], 1);
    engine_stop(&world_engine);
}

TEST(sends_pieces_in_order)
{
    world_start(1);
    fill(1, 3);
    request(1, 10, 20 + 3000 + 4096, NETTXF_more_data);
    request(2, 0, 3000, NETTXF_more_data);
    request(3, 0, 4096, 0);
    request(1, 0, 64, 0);
    engine_run(&world_engine);
    CHECK_EQ(world_sent, 2);
    CHECK_EQ(world_wire[0].length, 7116);
    CHECK(!memcmp(world_wire[0].data, world.page[1] + 10, 20));
    CHECK(!memcmp(world_wire[0].data + 20, world.page[2], 3000));
    CHECK(!memcmp(world_wire[0].data + 3020, world.page[3], 4096));
    CHECK_EQ(world_wire[1].length, 64);
    for (unsigned int i = 0; i < 4; i++) {
        CHECK_EQ(tx_at(i)->rsp.id, 1000 + i);
        CHECK_EQ(status(i), NETIF_RSP_OKAY);
    }
    engine_stop(&world_engine);
}

TEST(leaves_out_checksums)
{
    for (unsigned int kind = 0; kind < 8; kind++) {
        bool ipv6 = kind & 1, tcp = kind & 2, apart = kind & 4;
        unsigned int head = 14 + (ipv6 ? 40 : 20);

        world_start(1);
        fill(1, 2);
        frame_of(world.page[1], ipv6, tcp, 501);
        if (apart) { /* in small pieces: the headers are not in one of them */
            memcpy(world.page[2], world.page[1] + 15, 486);
            request(1, 0, 501, NETTXF_csum_blank | NETTXF_data_validated | NETTXF_more_data);
            request(2, 0, 4, NETTXF_more_data);
            request(2, 4, 482, 0);
        } else {
            request(1, 0, 501, NETTXF_csum_blank | NETTXF_data_validated);
        }
        engine_run(&world_engine);
        CHECK_EQ(world_sent, 1);
        CHECK_EQ(status(0), NETIF_RSP_OKAY);
        CHECK_EQ(world_wire[0].head.flags, VIRTIO_NET_HDR_F_NEEDS_CSUM);
        CHECK_EQ(world_wire[0].head.csum_start, head);
        CHECK_EQ(world_wire[0].head.csum_offset, tcp ? 16 : 6);
        frame_sum(&world_wire[0].head, world_wire[0].data, 501);
        CHECK_EQ(whole_sum(world_wire[0].data, ipv6, 501), 0xffff);
        CHECK(!memcmp(world_wire[0].data + head + 20, world.page[1] + head + 20, 481 - head));
        engine_stop(&world_engine);
    }
}

TEST(sends_large_frames)
{
    for (unsigned int ipv6 = 0; ipv6 < 2; ipv6++) {
        struct netif_extra_info *x;

        world_start(1);
        fill(1, 17);
        frame_of(world.page[1], ipv6, true, 200 + 16 * ABI_PAGE);
        request(1, 0, 65000, NETTXF_csum_blank | NETTXF_extra_info | NETTXF_more_data);
        x = extra(XEN_NETIF_EXTRA_TYPE_GSO, 0);
        x->u.gso.type = ipv6 ? XEN_NETIF_GSO_TYPE_TCPV6 : XEN_NETIF_GSO_TYPE_TCPV4;
        x->u.gso.size = 1448;
        for (unsigned int i = 0; i < 15; i++)
            request(2 + i, 0, ABI_PAGE, NETTXF_more_data);
        request(17, 0, 65000 - 15 * ABI_PAGE - 200, 0);
        engine_run(&world_engine);
        CHECK_EQ(world_sent, 1);
        CHECK_EQ(world_wire[0].length, 65000);
        CHECK_EQ(world_wire[0].head.gso_type,
                 ipv6 ? VIRTIO_NET_HDR_GSO_TCPV6 : VIRTIO_NET_HDR_GSO_TCPV4);
        CHECK_EQ(world_wire[0].head.gso_size, 1448);
        CHECK_EQ(world_wire[0].head.hdr_len, 14 + (ipv6 ? 40 : 20) + 20);
        CHECK(!memcmp(world_wire[0].data + 200, world.page[2], 15 * ABI_PAGE));
        CHECK_EQ(status(0), NETIF_RSP_OKAY);
        CHECK_EQ(status(1), NETIF_RSP_NULL);
        CHECK_EQ(TX.rsp_prod, 18);
        engine_stop(&world_engine);
    }
}

/* Each is refused, and what follows is sent. */
TEST(refuses_wrong_frames)
{
    for (unsigned int kind = 0; kind < 14; kind++) {
        struct netif_extra_info *x;

        world_start(1);
        fill(1, 2);
        frame_of(world.page[1], false, true, 400);
        switch (kind) {
        case 0: request(1, 0, 13, 0); break;
        case 1: request(1, 4000, 97, 0); break; /* beyond the page */
        case 2: request(1, 65535, 65535, 0); break;
        case 3: request(WORLD_PAGES, 0, 100, 0); break; /* no such grant */
        case 4:
            request(1, 0, 100, NETTXF_more_data), request(2, 0, 100, 0);
            break; /* nothing in the first */
        case 5: request(1, 0, 100, NETTXF_more_data), request(2, 0, 60000, 0); break;
        case 6: request(1, 0, 200, NETTXF_more_data), request(2, 4000, 100, 0); break;
        case 7: /* too many pieces */
            request(1, 0, 400, NETTXF_more_data);
            for (unsigned int i = 0; i < ENGINE_MAX_PIECES; i++)
                request(2, 0, 4, i + 1 < ENGINE_MAX_PIECES ? NETTXF_more_data : 0);
            break;
        case 8: request(1, 0, 400, NETTXF_extra_info), extra(XEN_NETIF_EXTRA_TYPE_NONE, 0); break;
        case 9: request(1, 0, 400, NETTXF_extra_info), extra(XEN_NETIF_EXTRA_TYPE_MAX, 0); break;
        case 10:
        case 11:
        case 12:
            request(1, 0, 400, NETTXF_csum_blank | NETTXF_extra_info);
            x = extra(XEN_NETIF_EXTRA_TYPE_GSO, 0);
            x->u.gso.type = kind == 10 ? 3 : kind == 11 ? XEN_NETIF_GSO_TYPE_TCPV6 : 1;
            x->u.gso.size = kind == 12 ? 0 : 100;
            break;
        default: world.page[1][12] = 0x12, request(1, 0, 400, NETTXF_csum_blank);
        }
        request(1, 0, 64, 0);
        CHECK_EQ(engine_run(&world_engine), 0);
        CHECK(!world_engine.broken);
        CHECK_EQ(world_sent, 1);
        CHECK_EQ(world_wire[0].length, 64);
        CHECK_EQ(status(0), NETIF_RSP_ERROR);
        CHECK_EQ(TX.rsp_prod, TX.req_prod);
        CHECK_EQ(status(TX.rsp_prod - 1), NETIF_RSP_OKAY);
        CHECK_EQ(world.state.counters.tx_errors, 1);
        engine_stop(&world_engine);
    }
}

TEST(ends_with_a_broken_ring)
{
    for (unsigned int kind = 0; kind < 6; kind++) {
        world_start(1);
        switch (kind) {
        case 0: TX.req_prod = ABI_RING + 1; break;
        case 1: TX.req_prod = -1; break;
        case 2: RX.req_prod = ABI_RING + 1; break;
        case 3: request(1, 0, 100, NETTXF_more_data); break; /* the rest is not there */
        case 4: request(1, 0, 100, NETTXF_extra_info); break;
        default:
            request(1, 0, 100, NETTXF_more_data);
            for (unsigned int i = 0; i < ENGINE_MAX_ENTRIES; i++)
                request(1, 0, 1, NETTXF_more_data);
            request(1, 0, 1, 0);
        }
        engine_run(&world_engine);
        CHECK(world_engine.broken);
        CHECK_EQ(world_sent, 0);
        CHECK_EQ(TX.rsp_prod, 0);
        engine_stop(&world_engine);
    }
}

static void come(unsigned int length, struct virtio_net_hdr head)
{
    struct world_frame *f = &world_in[(world_in_first + world_in_count++) % WORLD_WIRE];

    f->head = head;
    f->length = length;
    for (unsigned int i = 0; i < length; i++)
        f->data[i] = check_random();
    f->data[0] &= ~1;
}

static void room(unsigned int count)
{
    while (count--) {
        rx_at(RX.req_prod)->req =
            (struct netif_rx_request){.id = RX.req_prod + 7, .gref = RX.req_prod % WORLD_PAGES};
        RX.req_prod++;
    }
}

TEST(receives)
{
    const struct netif_rx_response *r = &rx_at(0)->rsp;

    world_start(1);
    room(2);
    come(1000, (struct virtio_net_hdr){.flags = VIRTIO_NET_HDR_F_DATA_VALID});
    come(5000, (struct virtio_net_hdr){0});
    engine_run(&world_engine);
    CHECK_EQ(RX.rsp_prod, 1);
    CHECK_EQ(r->id, 7);
    CHECK_EQ(r->status, 1000);
    CHECK_EQ(r->offset, 0);
    CHECK_EQ(r->flags, NETRXF_data_validated);
    CHECK(!memcmp(world.page[0], world_in[0].data, 1000));
    CHECK_EQ(world_notified[1], 1);
    CHECK(!world_engine.queue[0].wants);
    CHECK_EQ(RX.req_event, 3);
    room(1);
    engine_run(&world_engine);
    CHECK_EQ(RX.rsp_prod, 3);
    CHECK_EQ(r[1].status, 4096);
    CHECK_EQ(r[1].flags, NETRXF_more_data);
    CHECK_EQ(r[2].status, 904);
    CHECK_EQ(r[2].flags, 0);
    CHECK(!memcmp(world.page[1], world_in[1].data, 5000));
    engine_stop(&world_engine);
}

/* The kernel gives it no pages that may be granted: copies name its memory by address. */
TEST(works_without_grants_of_its_own)
{
    world_shares = false;
    world_start(1);
    world_shares = true;
    fill(3, 1);
    request(3, 100, 1000, 0);
    room(2);
    come(5000, (struct virtio_net_hdr){0});
    engine_run(&world_engine);
    CHECK_EQ(world_engine.copy[0].flags, GNTCOPY_dest_gref);
    CHECK(!memcmp(world_wire[0].data, world.page[3] + 100, 1000));
    CHECK_EQ(RX.rsp_prod, 2);
    CHECK(!memcmp(world.page[1], world_in[0].data + 4096, 904));
    engine_stop(&world_engine);
}

TEST(receives_large_frames)
{
    const struct netif_rx_response *r = &rx_at(0)->rsp;
    const struct netif_extra_info *x = (const void *)rx_at(1);

    world_start(1);
    room(40);
    come(65549, (struct virtio_net_hdr){.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
                                        .gso_type = VIRTIO_NET_HDR_GSO_TCPV6,
                                        .gso_size = 1400,
                                        .hdr_len = 74});
    come(100, (struct virtio_net_hdr){0});
    engine_run(&world_engine);
    CHECK_EQ(RX.rsp_prod, 19);
    CHECK_EQ(r->flags,
             NETRXF_csum_blank | NETRXF_data_validated | NETRXF_more_data | NETRXF_extra_info);
    CHECK_EQ(r->status, 4096);
    CHECK_EQ(x->type, XEN_NETIF_EXTRA_TYPE_GSO);
    CHECK_EQ(x->flags, 0);
    CHECK_EQ(x->u.gso.type, XEN_NETIF_GSO_TYPE_TCPV6);
    CHECK_EQ(x->u.gso.size, 1400);
    CHECK_EQ(r[2].id, 9);
    CHECK_EQ(r[2].status, 4096);
    CHECK_EQ(r[17].status, 13);
    CHECK_EQ(r[17].flags, 0);
    CHECK(!memcmp(world.page[0], world_in[0].data, 4096));
    CHECK(!memcmp(world.page[2], world_in[0].data + 4096, 65549 - 4096));
    CHECK_EQ(r[18].status, 100);
    engine_stop(&world_engine);
}

TEST(receives_what_the_guest_takes)
{
    world_start(1);
    room(10);
    world_engine.wishes = (struct engine_wishes){.sum_ipv6 = true};
    come(5000, (struct virtio_net_hdr){0}); /* more than a page */
    come(13, (struct virtio_net_hdr){0});
    come(400, (struct virtio_net_hdr){
                  .flags = VIRTIO_NET_HDR_F_NEEDS_CSUM, .csum_start = 34, .csum_offset = 6});
    frame_of(world_in[2].data, false, false, 400);
    memcpy(world.page[20], world_in[2].data, 400);
    frame_head(&world_in[2].head, world_in[2].data, 400, &(struct frame_offload){.blank = true});
    come(400, (struct virtio_net_hdr){0});
    frame_of(world_in[3].data, true, false, 400);
    frame_head(&world_in[3].head, world_in[3].data, 400, &(struct frame_offload){.blank = true});
    engine_run(&world_engine);
    CHECK_EQ(world.state.counters.rx_dropped, 2);
    CHECK_EQ(RX.rsp_prod, 2);
    CHECK_EQ(rx_at(0)->rsp.flags, NETRXF_data_validated); /* we have summed up ourselves */
    CHECK_EQ(whole_sum(world.page[0], false, 400), 0xffff);
    CHECK_EQ(rx_at(1)->rsp.flags, NETRXF_data_validated | NETRXF_csum_blank);
    engine_stop(&world_engine);
}

TEST(tells_of_pages_that_were_not_given)
{
    world_start(1);
    room(4);
    rx_at(1)->req.gref = WORLD_PAGES;
    come(6000, (struct virtio_net_hdr){0});
    come(100, (struct virtio_net_hdr){0});
    engine_run(&world_engine);
    CHECK_EQ(RX.rsp_prod, 3);
    CHECK_EQ(rx_at(0)->rsp.status, 4096);
    CHECK_EQ(rx_at(1)->rsp.status, NETIF_RSP_ERROR);
    CHECK_EQ(rx_at(2)->rsp.status, 100);
    CHECK_EQ(world.state.counters.rx_errors, 1);
    engine_stop(&world_engine);
}

TEST(drops_what_has_no_room_for_long)
{
    world_start(1);
    world_engine.wishes.rx_notify = false;
    room(1);
    come(5000, (struct virtio_net_hdr){0});
    come(100, (struct virtio_net_hdr){0});
    CHECK(engine_run(&world_engine)); /* the guest does not tell: look again soon */
    world_clock += ENGINE_STUCK / 2;
    engine_run(&world_engine);
    CHECK_EQ(RX.rsp_prod, 0);
    world_clock += ENGINE_STUCK;
    engine_run(&world_engine);
    CHECK_EQ(RX.rsp_prod, 1);
    CHECK_EQ(rx_at(0)->rsp.status, 100);
    engine_stop(&world_engine);
}

static void order(uint8_t type, uint8_t last)
{
    request(0, 0, 0, NETTXF_extra_info);
    memcpy(extra(type, 0)->u.mcast.addr, (uint8_t[]){1, 0, 0x5e, 0, 0, last}, 6);
    engine_run(&world_engine);
}

static unsigned int multicast(uint8_t first, uint8_t last)
{
    uint32_t before = RX.rsp_prod;

    come(100, (struct virtio_net_hdr){0});
    memcpy(world_in[(world_in_first + world_in_count - 1) % WORLD_WIRE].data,
           (uint8_t[]){first, 0, 0x5e, 0, 0, last}, 6);
    engine_run(&world_engine);
    return RX.rsp_prod - before;
}

TEST(filters_multicast)
{
    world_start(1);
    room(20);
    CHECK_EQ(multicast(1, 1), 1); /* it did not ask for a filter */
    world_engine.wishes.mcast = true;
    CHECK_EQ(multicast(1, 1), 0);
    CHECK_EQ(multicast(0, 1), 1);
    order(XEN_NETIF_EXTRA_TYPE_MCAST_ADD, 1);
    order(XEN_NETIF_EXTRA_TYPE_MCAST_ADD, 1);
    order(XEN_NETIF_EXTRA_TYPE_MCAST_ADD, 2);
    CHECK_EQ(multicast(1, 1), 1);
    CHECK_EQ(multicast(1, 2), 1);
    order(XEN_NETIF_EXTRA_TYPE_MCAST_DEL, 1);
    CHECK_EQ(multicast(1, 1), 0);
    CHECK_EQ(multicast(1, 2), 1);
    CHECK_EQ(status(6), NETIF_RSP_OKAY);
    CHECK_EQ(status(7), NETIF_RSP_NULL);
    CHECK_EQ(world_sent, 0);
    for (unsigned int i = 3; i < 3 + STATE_MAX_MCAST; i++)
        order(XEN_NETIF_EXTRA_TYPE_MCAST_ADD, i);
    CHECK_EQ(status(TX.rsp_prod - 2), NETIF_RSP_ERROR); /* one too many */
    engine_stop(&world_engine);
}

TEST(limits_hold)
{
    uint64_t wait, all = 0;

    world_start(1);
    world_engine.limit.bytes = 1000000;
    world_engine.limit.saved = 20000000; /* 20 ms */
    for (unsigned int i = 0; i < 100; i++)
        request(1, 0, 1000, 0);
    while ((wait = engine_run(&world_engine))) {
        CHECK(wait < 20000000);
        world_clock += wait;
        all += wait;
    }
    CHECK_EQ(world_sent, 100);
    CHECK(all > 75000000 &&
          all < 85000000); /* 100,000 bytes less what was saved, and one frame more */
    CHECK(world.state.counters.limited > 0);
    engine_stop(&world_engine);
}

TEST(queues_are_apart)
{
    world_start(2);
    fill(5, 1);
    world_tx(1)->ring[0].req = (struct netif_tx_request){.gref = 5, .size = 70, .id = 3};
    world_tx(1)->req_prod = 1;
    engine_run(&world_engine);
    CHECK_EQ(world_sent, 1);
    CHECK_EQ(world_tx(1)->rsp_prod, 1);
    CHECK_EQ(world_tx(1)->ring[0].rsp.id, 3);
    CHECK_EQ(TX.rsp_prod, 0);
    engine_stop(&world_engine);
}

/* A process that dies takes its memory with it. */
static void die(void)
{
    engine_stop(&world_engine);
    world_life = -1ul;
}

/* The front end's side of a life: what was sent arrived, perhaps twice; every answer is right. */
static void sent_right(uint32_t first, unsigned int count)
{
    unsigned int want = 0;

    for (unsigned int i = 0; i < world_sent; i++)
        if (want < count && world_wire[i].length == 60 + want)
            want++;
        else /* again, from some frame on */
            CHECK(world_wire[i].length >= 60 && world_wire[i].length < 60 + want);
    CHECK_EQ(want, count);
    for (unsigned int i = 0; i < 2 * count; i++) {
        const struct netif_tx_response *r = &tx_at((first + i))->rsp;

        CHECK_EQ(r->id, (uint16_t)(first + i + 1000));
        CHECK_EQ(r->status, NETIF_RSP_OKAY);
    }
}

TEST(killed_anywhere)
{
    volatile unsigned long life = 0;
    volatile bool died = true;

    for (; died; life++) {
        died = false;
        world_start(1);
        TX.req_prod = TX.rsp_prod = 250; /* around the ring's end */
        RX.req_prod = RX.rsp_prod = 250;
        world.state.queue[0].tx.answered = world.state.queue[0].tx.published = 250;
        world.state.queue[0].rx.answered = world.state.queue[0].rx.published = 250;
        engine_stop(&world_engine);
        CHECK(world_engine_start(false));
        room(8);
        for (unsigned int i = 0; i < 4; i++)
            come(200 + i, (struct virtio_net_hdr){0});
        for (unsigned int i = 0; i < 5; i++) {
            request(1, 0, 60 + i, NETTXF_more_data);
            request(2, 0, 20, 0);
        }
        if (!setjmp(world_death)) {
            world_life = life;
            engine_run(&world_engine);
        } else {
            died = true;
            die();
            CHECK(world_engine_start(true));
            world_life = life / 2; /* (and once more while it recovers) */
            if (!setjmp(world_death)) {
                engine_run(&world_engine);
            } else {
                die();
                CHECK(world_engine_start(true));
                engine_run(&world_engine);
            }
        }
        world_life = -1ul;
        CHECK_EQ(TX.rsp_prod, TX.req_prod);
        sent_right(250, 5);
        for (uint32_t i = 250; i != RX.rsp_prod; i++) {
            CHECK_EQ(rx_at(i)->rsp.id, i + 7);
            CHECK(rx_at(i)->rsp.status >= 200);
        }
        come(300, (struct virtio_net_hdr){0}); /* it goes on (what was on its way may be lost) */
        engine_run(&world_engine);
        CHECK_EQ(rx_at((RX.rsp_prod - 1))->rsp.status, 300);
        CHECK(!died ||
              (world_notified[0] && world_notified[1])); /* (it sleeps, and did not hear us die) */
        engine_stop(&world_engine);
    }
    CHECK(life > 12);
}

TEST(a_ring_that_changed_while_we_were_away)
{
    static const uint32_t wrong[] = {1, 4, -1u, ABI_RING};

    for (unsigned int i = 0; i < 4; i++) {
        world_start(1);
        request(1, 0, 60, 0);
        request(1, 0, 60, 0);
        engine_run(&world_engine);
        engine_stop(&world_engine);
        TX.rsp_prod = wrong[i];
        CHECK(!world_engine_start(true));
        engine_stop(&world_engine);
        TX.rsp_prod = 2;
        RX.rsp_prod = wrong[i];
        CHECK(!world_engine_start(true));
        engine_stop(&world_engine);
    }
}
