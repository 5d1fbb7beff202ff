/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A front end and a network for the tests of zendo-netd's engine: rings and guest pages are plain
 * memory, frames go to a list and come from one.
 */
#pragma once

#include <setjmp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pv-drivers/backends/netd/engine.h"
#include "tests/unit/backend_death.h"
#include "tests/unit/granted.h"

#define WORLD_PAGES 64u  /* of the guest; grant n is page n */
#define WORLD_WIRE  128u /* frames kept of those that were sent, and of those that come */
#define WORLD_FRAME 70000u

struct world_frame {
    struct virtio_net_hdr head;
    unsigned int length;
    uint8_t data[WORLD_FRAME];
};

static struct world {
    uint8_t tx[2][ABI_PAGE] __attribute__((aligned(8))), rx[2][ABI_PAGE];
    uint8_t page[WORLD_PAGES][GRANTED_PAGE];
    struct state state;
} world;

static struct netif_tx_sring *world_tx(unsigned int queue)
{
    return (struct netif_tx_sring *)world.tx[queue];
}

static struct netif_rx_sring *world_rx(unsigned int queue)
{
    return (struct netif_rx_sring *)world.rx[queue];
}

static struct engine world_engine;
static struct port world_port;
static struct world_frame world_wire[WORLD_WIRE], world_in[WORLD_WIRE];
static unsigned int world_sent, world_in_first, world_in_count, world_notified[2];
static int world_send_result;
static uint64_t world_clock; /* ns */
static bool world_shares = true; /* the back end may grant pages to itself */
static unsigned long world_life = -1ul; /* places where it may die that it passes before it does */
static jmp_buf world_death;

void world_may_die(void)
{
    if (world_life-- == 0)
        longjmp(world_death, 1);
}

static void world_send(struct port *port, unsigned int queue, struct frame *const *frames,
                       unsigned int count)
{
    (void)port, (void)queue;
    for (unsigned int i = 0; i < count; i++) {
        struct frame *f = frames[i];
        struct world_frame *to = &world_wire[world_sent % WORLD_WIRE];
        unsigned int length = 0;

        world_may_die();
        world_sent++;
        if (f->iov[0].iov_base != &f->head || f->iov[0].iov_len != sizeof(f->head))
            abort();
        to->head = f->head;
        for (unsigned int n = 1; n < f->iovs; n++) {
            if (f->iov[n].iov_len > sizeof(to->data) - length)
                abort();
            memcpy(to->data + length, f->iov[n].iov_base, f->iov[n].iov_len);
            length += f->iov[n].iov_len;
        }
        /* what is sent has been checked */
        if (length != f->length || length < FRAME_MIN ||
            (f->head.flags & VIRTIO_NET_HDR_F_NEEDS_CSUM &&
             f->head.csum_start + f->head.csum_offset + 2u > length) ||
            f->head.hdr_len > length)
            abort();
        to->length = length;
        f->result = world_send_result;
    }
}

static unsigned int world_fetch(struct port *port, unsigned int queue, struct frame *frames,
                                unsigned int count)
{
    unsigned int got = 0;

    (void)port, (void)queue;
    for (; got < count && world_in_count; got++, world_in_count--) {
        const struct world_frame *from = &world_in[world_in_first++ % WORLD_WIRE];

        if (from->length > ENGINE_BUFFER)
            abort();
        frames[got].head = from->head;
        frames[got].length = from->length;
        memcpy(frames[got].buffer, from->data, from->length);
    }
    return got;
}

static void world_notify(struct engine *e, unsigned int queue, bool rx)
{
    (void)e, (void)queue;
    world_notified[rx]++;
}

static uint64_t world_now(void)
{
    return world_clock;
}

/* The back end begins, or (recover) goes on after it died. */
static bool world_engine_start(bool recover)
{
    void *tx[2] = {&world.tx[0], &world.tx[1]}, *rx[2] = {&world.rx[0], &world.rx[1]};

    memset(&world_engine, 0, sizeof(world_engine));
    world_engine.notify = world_notify;
    world_engine.now = world_now;
    world_engine.domid = 7;
    world_engine.own = GRANTED_OWN;
    world_engine.share = world_shares ? (xengntshr_handle *)&world : NULL;
    world_engine.wishes = (struct engine_wishes){true, true, true, true, false};
    world_port = (struct port){.send = world_send, .fetch = world_fetch};
    return engine_start(&world_engine, &world_port, &world.state, tx, rx) &&
           (!recover || engine_recover(&world_engine));
}

static void world_start(unsigned int queues)
{
    memset(&world, 0, sizeof(world));
    granted_page = world.page;
    granted_pages = WORLD_PAGES;
    world_sent = world_in_first = world_in_count = world_notified[0] = world_notified[1] = 0;
    world_send_result = 0;
    world_clock = 1000000000;
    world.state.queues = queues;
    for (unsigned int i = 0; i < queues; i++) {
        world_tx(i)->req_event = world_tx(i)->rsp_event = 1;
        world_rx(i)->req_event = world_rx(i)->rsp_event = 1;
    }
    if (!world_engine_start(false))
        abort();
}
