/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Ethernet frames whose checksum, or segmentation, is left to somebody else: between what netif's
 * flags say and a virtio_net_hdr, which is what a tap takes and gives.
 */
#pragma once

#include <linux/virtio_net.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FRAME_MIN 14u /* Ethernet's header */
/* As much of a frame's beginning as frame_head() may look at: Ethernet, two VLAN tags, the longest
 * IPv4 and TCP headers (of IPv6 some extension headers, instead). */
#define FRAME_HEAD 192u

struct frame_offload {
    bool blank;        /* the checksum is not there */
    bool validated;    /* it need not be looked at */
    uint8_t gso;       /* XEN_NETIF_GSO_TYPE_* */
    uint16_t gso_size; /* bytes of a segment's data */
};

/*
 * The header for a frame of `length` bytes, of which `data` has the first (FRAME_HEAD, or all). The
 * sum over the pseudo header is put where the checksum belongs. False: it cannot be what it claims
 * to be.
 */
bool frame_head(struct virtio_net_hdr *head, uint8_t *data, size_t length,
                const struct frame_offload *offload);

/* Is the frame's network protocol IPv6? */
bool frame_is_ipv6(const uint8_t *data, size_t length);

/* Do what the header leaves to do: the checksum, of a whole frame. */
void frame_sum(const struct virtio_net_hdr *head, uint8_t *data, size_t length);
