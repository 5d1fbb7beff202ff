/* SPDX-License-Identifier: BSD-2-Clause */
/* Every answer is the question with its ends exchanged. */
#include "pv-drivers/lib/ip.h"

#include "pv-drivers/lib/text.h"

#define ETHERTYPE_IP  0x0800u
#define ETHERTYPE_ARP 0x0806u
#define PROTOCOL_PING 1
#define PROTOCOL_UDP  17
#define PING_REQUEST  8

struct ethernet {
    uint8_t to[6], from[6], type[2];
};
struct arp { /* between Ethernet and IPv4 */
    uint8_t kinds[6], operation[2], mac[6], ip[4], target_mac[6], target_ip[4];
};
struct ip {
    uint8_t version, service, length[2], id[2], fragment[2], ttl, protocol, sum[2], from[4], to[4];
};
struct ping {
    uint8_t type, code, sum[2];
};
struct udp {
    uint8_t from[2], to[2], length[2], sum[2];
};

/* Numbers stand in frames with the high byte first. */
static uint16_t get(const uint8_t *at)
{
    return (uint16_t)(at[0] << 8 | at[1]);
}

static void put(uint8_t *at, size_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static void swap(uint8_t *a, uint8_t *b, size_t bytes)
{
    while (bytes--) {
        uint8_t byte = a[bytes];

        a[bytes] = b[bytes];
        b[bytes] = byte;
    }
}

/* The Internet's checksum (RFC 1071) of what holds 0 where it will stand. */
static uint16_t checksum(const uint8_t *data, size_t bytes)
{
    uint32_t sum = 0;

    for (size_t i = 0; i + 1 < bytes; i += 2)
        sum += get(data + i);
    if (bytes % 2)
        sum += (uint32_t)data[bytes - 1] << 8;
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)~sum;
}

static size_t answer_arp(const struct pv_ip *ip, const uint8_t mac[6], struct arp *arp,
                         size_t bytes)
{
    static const uint8_t kinds[6] = {0, 1, ETHERTYPE_IP >> 8, 0, 6, 4}; /* and addresses' lengths */

    if (bytes < sizeof(*arp) || memcmp(arp->kinds, kinds, sizeof(kinds)) ||
        get(arp->operation) != 1 || memcmp(arp->target_ip, ip->address, 4))
        return 0;
    put(arp->operation, 2);
    memcpy(arp->target_mac, arp->mac, 6);
    swap(arp->ip, arp->target_ip, 4);
    memcpy(arp->mac, mac, 6);
    return sizeof(*arp);
}

static size_t answer_ping(struct ping *ping, size_t bytes)
{
    if (bytes < sizeof(*ping) || ping->type != PING_REQUEST)
        return 0;
    ping->type = 0;
    put(ping->sum, 0);
    put(ping->sum, checksum((uint8_t *)ping, bytes));
    return bytes;
}

static size_t answer_udp(const struct pv_ip *ip, struct udp *udp, size_t bytes, size_t room)
{
    size_t length = bytes < sizeof(*udp) ? 0 : get(udp->length);
    int answer;

    if (length < sizeof(*udp) || length > bytes || !ip->service || get(udp->to) != ip->port)
        return 0;
    answer = ip->service(udp + 1, length - sizeof(*udp), room - sizeof(*udp));
    if (answer < 0)
        return 0;
    swap(udp->from, udp->to, 2);
    put(udp->length, sizeof(*udp) + (size_t)answer);
    put(udp->sum, 0); /* there is none, which IPv4 allows */
    return sizeof(*udp) + (size_t)answer;
}

/* Without options and in one piece, as nearly everything comes. */
static size_t answer_ip(const struct pv_ip *ip, struct ip *head, size_t bytes, size_t room)
{
    size_t length = bytes < sizeof(*head) ? 0 : get(head->length), answer = 0;

    if (length < sizeof(*head) || length > bytes || head->version != 0x45 ||
        (get(head->fragment) & 0x3fff) || memcmp(head->to, ip->address, 4))
        return 0;
    length -= sizeof(*head); /* (frames have a least length: behind it may be more) */
    if (head->protocol == PROTOCOL_PING)
        answer = answer_ping((struct ping *)(head + 1), length);
    else if (head->protocol == PROTOCOL_UDP)
        answer = answer_udp(ip, (struct udp *)(head + 1), length, room - sizeof(*head));
    if (!answer)
        return 0;
    swap(head->from, head->to, 4);
    put(head->length, sizeof(*head) + answer);
    put(head->sum, 0);
    put(head->sum, checksum((uint8_t *)head, sizeof(*head)));
    return sizeof(*head) + answer;
}

size_t pv_ip_answer(const struct pv_ip *ip, const uint8_t mac[6], uint8_t *frame, size_t bytes)
{
    struct ethernet *head = (struct ethernet *)frame;
    size_t left = bytes - sizeof(*head), room = PV_NET_FRAME_MAX - sizeof(*head), answer = 0;

    if (bytes < sizeof(*head))
        return 0;
    if (get(head->type) == ETHERTYPE_ARP)
        answer = answer_arp(ip, mac, (struct arp *)(head + 1), left);
    else if (get(head->type) == ETHERTYPE_IP)
        answer = answer_ip(ip, (struct ip *)(head + 1), left, room);
    if (!answer)
        return 0;
    memcpy(head->to, head->from, 6);
    memcpy(head->from, mac, 6);
    return sizeof(*head) + answer;
}

int pv_ip_poll(const struct pv_ip *ip, struct pv_net *net)
{
    static uint8_t frame[PV_NET_FRAME_MAX];
    int count;

    for (count = 0; count < PV_IP_BATCH; count++) {
        int bytes = pv_net_receive(net, frame, sizeof(frame), NULL);
        size_t answer;

        if (bytes < 0)
            return bytes;
        if (!bytes)
            break;
        answer = pv_ip_answer(ip, net->mac, frame, (size_t)bytes);
        if (answer)
            (void)!pv_net_send(net, frame, answer); /* no room: it may be lost */
    }
    return count;
}

bool pv_ip_parse(const char *text, uint8_t address[4])
{
    for (unsigned int part = 0; part < 4; part++, text++) {
        unsigned int value = 0, digits = 0;

        for (; *text >= '0' && *text <= '9' && digits < 4; text++, digits++)
            value = value * 10 + (unsigned int)(*text - '0');
        if (!digits || value > 255 || (part < 3 && *text != '.'))
            return false;
        address[part] = (uint8_t)value;
        if (part == 3)
            return !*text || *text == ' ';
    }
    return false;
}
