/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Network ports: Ethernet frames out and in, one at a time, copied (buffers.h). The driver asks for
 * whole frames with their checksums: no segmentation, no checksums left to somebody else.
 */
#pragma once

#include "pv-drivers/lib/buffers.h"
#include "pv-drivers/lib/ring.h"
#include "pv-drivers/lib/xenbus.h"

#include <xen/io/netif.h>

#define PV_NET_FRAME_MIN 14u   /* Ethernet's header */
#define PV_NET_FRAME_MAX 1514u /* and 1500 bytes behind it */

struct pv_net {
    struct pv_device device;
    uint8_t mac[6];
    evtchn_port_t port;            /* pv_event_wait() wakes for it */
    uint64_t sent, received;       /* frames */
    uint64_t refused, dropped;     /* of those, by the back end; by us, for their form */
    /* the rest is the driver's */
    struct pv_net_ring {
        struct pv_ring ring;
        void *page;
        grant_ref_t ref;
        struct pv_buffers buffers;
        uint8_t buffer[PV_RING_MAX]; /* of a request, by its id */
    } tx, rx;
    bool in_pieces; /* the next response belongs to a frame that is dropped */
};

/* Open the @index'th port of the guest's configuration, waiting for its back end. */
int pv_net_open(struct pv_net *net, unsigned int index) PV_MUST_CHECK;

/* Send a frame of PV_NET_FRAME_MIN to _MAX bytes. -XEN_EAGAIN: no room, an event will tell. */
int pv_net_send(struct pv_net *net, const void *frame, size_t bytes) PV_MUST_CHECK;

/*
 * The next frame: its length, or 0 when there is none (the next one comes with an event). What is
 * longer than @bytes is dropped. *@flags (may be NULL) are those of the response that matter:
 * NETRXF_data_validated, and NETRXF_csum_blank from a back end that leaves the checksum out
 * in spite of our wish, which a reader who checks sums must know.
 */
int pv_net_receive(struct pv_net *net, void *frame, size_t bytes,
                   unsigned int *flags) PV_MUST_CHECK;

int pv_net_close(struct pv_net *net);
