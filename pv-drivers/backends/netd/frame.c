/* SPDX-License-Identifier: BSD-2-Clause */
#include "pv-drivers/backends/netd/frame.h"

#include <linux/if_ether.h>
#include <netinet/in.h>
#include <string.h>

#include "pv-drivers/backends/netd/abi.h"

#define EXTENSIONS 8u /* of IPv6, more are not looked through */
#define TCP_SUM 16u   /* where the checksum is in the header */
#define UDP_SUM 6u
#define IPV4_HEAD 20u
#define IPV6_HEAD 40u

/* Where a frame's headers are. `end`: of what the network header calls its packet. */
struct layers {
    uint16_t type;   /* of the network layer */
    uint8_t protocol; /* above that; 0: it is a fragment, or unknown */
    size_t network, transport, end;
};

static unsigned int get16(const uint8_t *at)
{
    return at[0] << 8 | at[1];
}

static void put16(uint8_t *at, unsigned int value)
{
    at[0] = value >> 8;
    at[1] = value;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static bool find_ipv4(struct layers *l, const uint8_t *data, size_t have)
{
    const uint8_t *ip = data + l->network;

    if (have < l->network + IPV4_HEAD || ip[0] >> 4 != 4 || (ip[0] & 15) < 5)
        return false;
    l->transport = l->network + (ip[0] & 15) * 4u;
    l->end = l->network + get16(ip + 2);
    l->protocol = get16(ip + 6) & 0x3fff ? 0 : ip[9]; /* more fragments, or an offset */
    return true;
}

static bool find_ipv6(struct layers *l, const uint8_t *data, size_t have)
{
    size_t at = l->network + IPV6_HEAD;
    uint8_t next;

    if (have < at || data[l->network] >> 4 != 6)
        return false;
    next = data[l->network + 6];
    l->end = at + get16(data + l->network + 4);
    for (unsigned int i = 0; i < EXTENSIONS; i++) {
        if (next != IPPROTO_HOPOPTS && next != IPPROTO_ROUTING && next != IPPROTO_DSTOPTS)
            break;
        if (have < at + 8)
            return false;
        next = data[at];
        at += (data[at + 1] + 1) * 8u;
    }
    l->transport = at;
    l->protocol = next; /* a fragment's header is none that we know */
    return true;
}

static bool find_network(struct layers *l, const uint8_t *data, size_t have)
{
    size_t at = 12;

    for (unsigned int tags = 0; tags < 3 && have >= at + 2; tags++, at += 4) {
        l->type = get16(data + at);
        if (l->type != ETH_P_8021Q && l->type != ETH_P_8021AD) {
            l->network = at + 2;
            return true;
        }
    }
    return false;
}

static bool find(struct layers *l, const uint8_t *data, size_t have)
{
    return find_network(l, data, have) &&
           (l->type == ETH_P_IP ? find_ipv4(l, data, have)
                                : l->type == ETH_P_IPV6 && find_ipv6(l, data, have));
}

/* Add 16-bit words; a last byte counts as the high half of one. */
static uint64_t add(uint64_t sum, const uint8_t *data, size_t length)
{
    for (; length > 1; length -= 2, data += 2)
        sum += get16(data);
    return length ? sum + (data[0] << 8) : sum;
}

static unsigned int fold(uint64_t sum)
{
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return sum;
}

static unsigned int pseudo_sum(const struct layers *l, const uint8_t *data, size_t bytes)
{
    const uint8_t *ip = data + l->network;
    uint64_t sum = l->protocol + (bytes >> 16) + (bytes & 0xffff);

    return fold(l->type == ETH_P_IP ? add(sum, ip + 12, 8) : add(sum, ip + 8, 32));
}

static bool segments(struct virtio_net_hdr *head, const struct layers *l, const uint8_t *data,
                     size_t have, const struct frame_offload *offload)
{
    bool ipv4 = offload->gso == XEN_NETIF_GSO_TYPE_TCPV4;
    size_t tcp;

    if ((!ipv4 && offload->gso != XEN_NETIF_GSO_TYPE_TCPV6) || l->protocol != IPPROTO_TCP ||
        l->type != (ipv4 ? ETH_P_IP : ETH_P_IPV6) || !offload->gso_size ||
        have < l->transport + 20)
        return false;
    tcp = (data[l->transport + 12] >> 4) * 4u;
    if (tcp < 20 || have < l->transport + tcp)
        return false;
    head->gso_type = ipv4 ? VIRTIO_NET_HDR_GSO_TCPV4 : VIRTIO_NET_HDR_GSO_TCPV6;
    head->gso_size = offload->gso_size;
    head->hdr_len = l->transport + tcp;
    return true;
}

bool frame_head(struct virtio_net_hdr *head, uint8_t *data, size_t length,
                const struct frame_offload *offload)
{
    size_t have = least(length, FRAME_HEAD);
    struct layers l = {0};

    memset(head, 0, sizeof(*head));
    if (!offload->blank && !offload->gso) {
        head->flags = offload->validated ? VIRTIO_NET_HDR_F_DATA_VALID : 0;
        return true;
    }
    if (!find(&l, data, have) || (l.protocol != IPPROTO_TCP && l.protocol != IPPROTO_UDP))
        return false;
    if (offload->gso)
        l.end = length; /* the sum of a large packet counts all of it */
    head->flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
    head->csum_start = l.transport;
    head->csum_offset = l.protocol == IPPROTO_TCP ? TCP_SUM : UDP_SUM;
    if (l.end > length || l.end < l.transport + head->csum_offset + 2u ||
        have < l.transport + head->csum_offset + 2u ||
        (offload->gso && !segments(head, &l, data, have, offload)))
        return false;
    put16(data + l.transport + head->csum_offset, pseudo_sum(&l, data, l.end - l.transport));
    return true;
}

bool frame_is_ipv6(const uint8_t *data, size_t length)
{
    struct layers l;

    return find_network(&l, data, length) && l.type == ETH_P_IPV6;
}

void frame_sum(const struct virtio_net_hdr *head, uint8_t *data, size_t length)
{
    size_t at = head->csum_start + head->csum_offset;
    unsigned int sum;

    if (!(head->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) || at + 2 > length)
        return;
    sum = ~fold(add(0, data + head->csum_start, length - head->csum_start)) & 0xffff;
    put16(data + at,
          sum ? sum : 0xffff); /* 0 would say that there is none (UDP); the same for TCP */
}
