/* SPDX-License-Identifier: BSD-2-Clause */
/* What the library answers to frames from the network, and to which it must not. */
/* sources: pv-drivers/lib/ip.c */
#include "tests/unit/check.h"

#include "pv-drivers/lib/ip.h"

static const uint8_t mac[6] = {0, 0x16, 0x3e, 1, 2, 3}, peer[6] = {0, 0x16, 0x3e, 9, 9, 9};
static const uint8_t ours[4] = {192, 0, 2, 51}, theirs[4] = {192, 0, 2, 1};
static uint8_t frame[PV_NET_FRAME_MAX];

/* ---- a service that answers with what came, twice and backwards ---- */

static int service(void *data, size_t bytes, size_t room)
{
    uint8_t *at = data;

    if (bytes && at[0] == 'x')
        return -1;
    if (2 * bytes > room)
        return -1;
    for (size_t i = 0; i < bytes; i++)
        at[2 * bytes - 1 - i] = at[i];
    memcpy(at, at + bytes, bytes);
    return (int)(2 * bytes);
}

static const struct pv_ip ip = {.address = {192, 0, 2, 51}, .port = 7, .service = service};

/* ---- the network: what waits there, and what was sent ---- */

static unsigned int waiting, sent;
static int full;

int pv_net_receive(struct pv_net *net, void *to, size_t bytes, unsigned int *flags)
{
    (void)net, (void)flags;
    CHECK(bytes >= 42);
    if (!waiting)
        return -full;
    waiting--;
    memcpy(to, frame, 42);
    return 42;
}

int pv_net_send(struct pv_net *net, const void *from, size_t bytes)
{
    (void)net, (void)from;
    CHECK_EQ(bytes, 42);
    sent++;
    return 0;
}

/* ---- frames ---- */

static void put16(size_t at, size_t value)
{
    frame[at] = (uint8_t)(value >> 8);
    frame[at + 1] = (uint8_t)value;
}

static size_t get16(size_t at)
{
    return (size_t)frame[at] << 8 | frame[at + 1];
}

/* The sum of RFC 1071 over what holds its own is 0xffff. */
static uint32_t sum_of(size_t from, size_t bytes)
{
    uint32_t sum = 0;

    for (size_t i = 0; i < bytes; i++)
        sum += i % 2 ? frame[from + i] : (uint32_t)frame[from + i] << 8;
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return sum;
}

static void arp(void)
{
    static const uint8_t rest[] = {8, 6, 0, 1, 8, 0, 6, 4, 0, 1};

    memset(frame, 0, sizeof(frame));
    memset(frame, 0xff, 6);
    memcpy(frame + 6, peer, 6);
    memcpy(frame + 12, rest, sizeof(rest));
    memcpy(frame + 22, peer, 6);
    memcpy(frame + 28, theirs, 4);
    memcpy(frame + 38, ours, 4);
}

/* An IP packet of @bytes behind its head; the frame's length. */
static size_t packet(uint8_t protocol, size_t bytes)
{
    memset(frame, 0, sizeof(frame));
    memcpy(frame, mac, 6);
    memcpy(frame + 6, peer, 6);
    frame[12] = 8;
    frame[14] = 0x45;
    put16(16, 20 + bytes);
    frame[22] = 64;
    frame[23] = protocol;
    memcpy(frame + 26, theirs, 4);
    memcpy(frame + 30, ours, 4);
    return 34 + bytes;
}

static size_t udp(size_t bytes)
{
    size_t length = packet(17, 8 + bytes);

    put16(34, 1234);
    put16(36, 7);
    put16(38, 8 + bytes);
    put16(40, 0xbad);
    for (size_t i = 0; i < bytes; i++)
        frame[42 + i] = (uint8_t)('a' + i % 20);
    return length;
}

static size_t ping(size_t bytes)
{
    size_t length = packet(1, 8 + bytes);

    frame[34] = 8;
    for (size_t i = 0; i < bytes; i++)
        frame[42 + i] = (uint8_t)i;
    put16(36, (uint16_t)~sum_of(34, 8 + bytes));
    return length;
}

static size_t answer(size_t bytes)
{
    return pv_ip_answer(&ip, mac, frame, bytes);
}

static void check_ends(void)
{
    CHECK(!memcmp(frame, peer, 6) && !memcmp(frame + 6, mac, 6));
    CHECK(!memcmp(frame + 26, ours, 4) && !memcmp(frame + 30, theirs, 4));
    CHECK_EQ(sum_of(14, 20), 0xffff);
}

/* ---- tests ---- */

TEST(our_address_is_told)
{
    arp();
    CHECK_EQ(answer(42), 42);
    CHECK(!memcmp(frame, peer, 6) && !memcmp(frame + 6, mac, 6));
    CHECK_EQ(get16(20), 2);
    CHECK(!memcmp(frame + 22, mac, 6) && !memcmp(frame + 28, ours, 4));
    CHECK(!memcmp(frame + 32, peer, 6) && !memcmp(frame + 38, theirs, 4));
}

TEST(arp_for_others_and_in_pieces)
{
    arp();
    CHECK_EQ(answer(41), 0);
    CHECK_EQ(answer(13), 0);
    frame[41]++;
    CHECK_EQ(answer(42), 0);
    arp();
    frame[21] = 2; /* an answer */
    CHECK_EQ(answer(42), 0);
    arp();
    frame[17] = 1; /* of another protocol */
    CHECK_EQ(answer(42), 0);
}

TEST(pings_come_back)
{
    for (size_t bytes = 0; bytes < 1400; bytes += 1 + bytes / 3) {
        size_t length = ping(bytes);

        CHECK_EQ(sum_of(34, 8 + bytes), 0xffff);
        CHECK_EQ(answer(length), length);
        check_ends();
        CHECK_EQ(frame[34], 0);
        CHECK_EQ(sum_of(34, 8 + bytes), 0xffff);
        for (size_t i = 0; i < bytes; i++)
            CHECK_EQ(frame[42 + i], (uint8_t)i);
    }
    ping(8);
    frame[34] = 0; /* an answer */
    CHECK_EQ(answer(50), 0);
}

TEST(the_service_answers)
{
    CHECK_EQ(udp(3), 45);
    CHECK_EQ(answer(60), 48); /* short frames are filled up */
    check_ends();
    CHECK_EQ(get16(16), 20 + 8 + 6);
    CHECK_EQ(get16(34), 7);
    CHECK_EQ(get16(36), 1234);
    CHECK_EQ(get16(38), 8 + 6);
    CHECK_EQ(get16(40), 0);
    CHECK(!memcmp(frame + 42, "cbacba", 6));
    CHECK_EQ(answer(udp(0)), 42);
    CHECK_EQ(answer(udp(736)), 42 + 1472); /* as much as there is room for */
    CHECK_EQ(answer(udp(737)), 0);
    udp(1);
    frame[42] = 'x';
    CHECK_EQ(answer(43), 0);
}

TEST(what_is_not_for_us)
{
    udp(8);
    put16(36, 8); /* another port */
    CHECK_EQ(answer(50), 0);
    udp(8);
    frame[33]++; /* another address */
    CHECK_EQ(answer(50), 0);
    udp(8);
    frame[14] = 0x46; /* with options */
    CHECK_EQ(answer(50), 0);
    udp(8);
    frame[20] = 0x20; /* there are more pieces */
    CHECK_EQ(answer(50), 0);
    udp(8);
    frame[20] = 0x40; /* not to be cut */
    CHECK_EQ(answer(50), 58);
    udp(8);
    frame[23] = 6; /* TCP */
    CHECK_EQ(answer(50), 0);
    udp(8);
    frame[12] = 0x86; /* IPv6 */
    frame[13] = 0xdd;
    CHECK_EQ(answer(50), 0);
}

/* Every length in a frame is a claim. */
TEST(lengths_that_lie)
{
    udp(8);
    CHECK_EQ(answer(49), 0);
    put16(16, 37); /* the packet is longer than the frame */
    CHECK_EQ(answer(50), 0);
    udp(8);
    put16(16, 19);
    CHECK_EQ(answer(50), 0);
    udp(8);
    put16(38, 17); /* the datagram is longer than the packet */
    CHECK_EQ(answer(50), 0);
    udp(8);
    put16(38, 7);
    CHECK_EQ(answer(50), 0);
    udp(8);
    put16(38, 12); /* shorter is allowed */
    CHECK_EQ(answer(50), 42 + 8);
    packet(17, 7);
    CHECK_EQ(answer(60), 0);
    packet(1, 3);
    frame[34] = 8;
    CHECK_EQ(answer(60), 0);
}

TEST(all_that_waits_is_answered)
{
    static struct pv_net net;

    arp();
    waiting = 3;
    CHECK_EQ(pv_ip_poll(&ip, &net), 3);
    CHECK_EQ(sent, 3);
    waiting = PV_IP_BATCH + 2;
    CHECK_EQ(pv_ip_poll(&ip, &net), PV_IP_BATCH);
    CHECK_EQ(pv_ip_poll(&ip, &net), 2);
    CHECK_EQ(sent, PV_IP_BATCH + 5);
    full = 5;
    CHECK_EQ(pv_ip_poll(&ip, &net), -5);
}

TEST(addresses)
{
    static const char *const bad[] = {"", "1.2.3", "1.2.3.", "1.2.3.256", "1.2.3.4x", "1..2.3",
                                      "1.2.3.4.5", "a.2.3.4", "11111.2.3.4", "1.2.3.4294967297"};
    uint8_t a[4];

    CHECK(pv_ip_parse("192.0.2.51", a) && !memcmp(a, ours, 4));
    CHECK(pv_ip_parse("192.0.2.1 more", a) && !memcmp(a, theirs, 4));
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        CHECK(!pv_ip_parse(bad[i], a));
}
