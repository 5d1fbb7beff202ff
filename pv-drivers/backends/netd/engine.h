/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One network port's frames, between the guest's rings and whatever carries them on. No xenstore,
 * no event channels, no waiting: whoever runs it calls engine_run() when something may have
 * happened. "tx" is what the guest sends, "rx" what it receives, as in xen/io/netif.h.
 *
 * Each entry of a ring is copied once, and only the copy is looked at. Frames are copied by the
 * hypervisor, all of a batch in one call. A frame whose description makes no sense gets an error
 * answer; a ring that makes none (its indices, or a frame that does not end) ends the device.
 */
#pragma once

#include <sys/uio.h>

#include "pv-drivers/backends/common/copy.h"
#include "pv-drivers/backends/common/limit.h"
#include "pv-drivers/backends/netd/frame.h"
#include "pv-drivers/backends/netd/state.h"

/* Of one frame: ring entries with data that we take (netif.h says that we must take as many), and
 * entries of any kind at which we believe nothing any more, as in Linux' back end. */
#define ENGINE_MAX_PIECES XEN_NETIF_NR_SLOTS_MIN
#define ENGINE_MAX_ENTRIES (ENGINE_MAX_PIECES + XEN_NETIF_EXTRA_TYPE_MAX)

#define ENGINE_BATCH  64u  /* frames taken from the guest at once */
#ifndef ENGINE_PAGES
#define ENGINE_PAGES  256u /* for their pieces, one for each */
#endif
#ifndef ENGINE_HELD
#define ENGINE_HELD   16u  /* frames fetched for one queue at once */
#endif
#define ENGINE_BUFFER (17 * ABI_PAGE) /* for each of them: 64 KiB, and a page that nobody shares */
#define ENGINE_STUCK \
    10000000000ull /* ns: a frame that the guest had no room for so long is dropped */

/* A frame on its way out or in. iov[0] is its `head`. */
struct frame {
    struct virtio_net_hdr head;
    uint32_t length; /* without head */
    int result;      /* of sending: negative when it was not taken */
    unsigned int iovs;
    /* tx */
    uint32_t first;  /* entry in the ring */
    unsigned int entries, pieces;
    struct frame_offload offload;
    int16_t status;  /* the answer */
    bool silent;     /* not to be sent: it was an order, or wrong */
    /* rx */
    uint8_t *buffer;

    struct iovec iov[2 + ENGINE_MAX_PIECES];
    uint8_t copied[FRAME_HEAD]; /* the beginning, when it was in pieces */
};

/* What is on the other side: a tap, or a test. */
struct port {
    /* Send these frames, in order; their result says how it went. */
    void (*send)(struct port *port, unsigned int queue, struct frame *const *frames,
                 unsigned int count);
    /* Fetch at most that many frames into buffer (ENGINE_BUFFER bytes), length and head. */
    unsigned int (*fetch)(struct port *port, unsigned int queue, struct frame *frames,
                          unsigned int count);
    bool gone; /* somebody has taken it away */
};

/* Private to us: the guest cannot move these. */
struct queue {
    struct netif_tx_sring *tx;
    struct netif_rx_sring *rx;
    uint32_t tx_cons;
    bool stands;               /* a rate limit holds the guest's frames back */
    struct frame *held;        /* fetched, ENGINE_HELD of them */
    struct pages buffers;      /* theirs */
    unsigned int held_first, held_count;
    uint64_t held_since;       /* the first one waits for room; 0: it does not */
    bool wants;                /* there is room: fetch when there is something */
};

/* What the front end takes. */
struct engine_wishes {
    bool sg, sum_ipv4, sum_ipv6; /* frames in pieces; without checksum */
    bool rx_notify;              /* it tells when it has made room */
    bool mcast;                  /* filter */
};

struct engine {
    struct port *port;
    struct state *state;
    xengnttab_handle *gnttab;
    xengntshr_handle *share; /* NULL: copies name our memory by its address */
    uint32_t domid, own;     /* the guest's, ours */
    struct engine_wishes wishes;
    struct limit limit;
    struct queue queue[STATE_MAX_QUEUES];
    unsigned int queues, next;
    bool stopping; /* take nothing more */
    const char *broken; /* why this device must be disconnected, or NULL */
    /* the batch that is being made */
    struct frame *batch, *sent[ENGINE_BATCH];
    unsigned int frames, pages;
    struct pages page; /* ENGINE_PAGES */
    unsigned int copies;
    xengnttab_grant_copy_segment_t copy[ENGINE_PAGES + ENGINE_MAX_PIECES];
    uint64_t (*now)(void); /* ns */
    void (*notify)(struct engine *e, unsigned int queue, bool rx);
};

/* The state file's `queues` and identities are set. False: no memory. */
bool engine_start(struct engine *e, struct port *port, struct state *state, void *const *tx,
                  void *const *rx);

/* After engine_start: go on where another process ended. False: the rings are not as it left
 * them. */
bool engine_recover(struct engine *e);

/* All that can be done now. Nanoseconds after which it wants to be called again although nothing
 * happened, 0: never. e->broken may be set afterwards; queue[].wants is. */
uint64_t engine_run(struct engine *e);

void engine_stop(struct engine *e);

/* tx.c, rx.c: one queue. True: there may be more at once. */
bool tx_run(struct engine *e, unsigned int queue, uint64_t *wait);
bool rx_run(struct engine *e, unsigned int queue, uint64_t *wait);

/* ring.c: publish the answers up to `end`, which stand in the state file. */
void ring_answer_tx(struct engine *e, unsigned int queue, uint32_t end);
void ring_answer_rx(struct engine *e, unsigned int queue, uint32_t end);
bool ring_recover(struct engine *e, unsigned int queue);

/* mcast.c: the guest's multicast addresses. */
bool mcast_add(struct state *s, const uint8_t *address);
void mcast_remove(struct state *s, const uint8_t *address);
/* May a frame to this address go to the guest? */
bool mcast_passes(const struct state *s, const uint8_t *address);

/* All copies of a batch. False: the call itself failed. */
bool engine_copy(struct engine *e);

static inline uint32_t engine_load(const RING_IDX *at)
{
    return __atomic_load_n(at, __ATOMIC_ACQUIRE);
}
