/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What must survive the death of a worker (common/keep.h): where in its rings the guest is, what it
 * asked for by the rings (multicast addresses), the tap, and the counters of the statistics.
 *
 * Answers are given in the ring's order, each in the place of its request, so a ring itself tells
 * what is open: all behind its last answer. But while answers are being written, the index that
 * publishes them is not, and the requests below are gone. So they are written here first, then
 * `answered`, then into the ring, then `published`.
 */
#pragma once

#include "pv-drivers/backends/common/keep.h"
#include "pv-drivers/backends/netd/abi.h"

#define STATE_MAGIC 0x6474656e646e657aull /* "zendnetd" */
#define STATE_VERSION 1u
#define STATE_MAX_QUEUES 16u
#define STATE_MAX_MCAST  64u /* addresses, as many as Linux' back end takes */

union state_answer {
    struct netif_tx_response tx;
    struct netif_rx_response rx;
    struct netif_extra_info extra;
};

struct state_ring {
    uint32_t port, ref; /* identify the session */
    uint32_t answered, published;
    union state_answer answer[ABI_RING];
};

struct state_counters {
    uint64_t tx_packets, tx_bytes, tx_errors, tx_dropped; /* tx: sent by the guest */
    uint64_t rx_packets, rx_bytes, rx_errors, rx_dropped, rx_filtered;
    uint64_t batches, copies, notifications, limited, recoveries;
};

struct state {
    struct keep keep;
    uint32_t queues, tap; /* the tap's interface index */
    struct state_counters counters;
    uint32_t mcast_count;
    uint8_t mcast[STATE_MAX_MCAST][ABI_MAC];
    struct { struct state_ring tx, rx; } queue[STATE_MAX_QUEUES];
};

static inline struct state *state_open(const char *path)
{
    return keep_open(path, sizeof(struct state), STATE_MAGIC, STATE_VERSION);
}

static inline const struct state *state_peek(const char *path)
{
    return keep_peek(path, sizeof(struct state), STATE_MAGIC, STATE_VERSION);
}

static inline void state_drop(const struct state *s)
{
    keep_drop(s, sizeof(*s));
}

extern const struct keep_counter state_fields[];
extern const unsigned int state_field_count;
