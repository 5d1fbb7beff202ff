/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A hostile front end against zendo-netd's engine. The input is bytes for the guest's pages and
 * then steps: write into a ring, move an index, let a frame come, let the engine run, let the
 * process die. What is sent is checked by the world; the engine answers everything, or calls the
 * ring broken.
 */
/* sources: pv-drivers/backends/netd/engine.c pv-drivers/backends/netd/ring.c */
/* sources: pv-drivers/backends/netd/tx.c pv-drivers/backends/netd/rx.c */
/* sources: pv-drivers/backends/netd/frame.c pv-drivers/backends/netd/mcast.c */
/* sources: pv-drivers/backends/common/limit.c */
/* sources: pv-drivers/backends/common/pages.c */
/* cflags: -D_GNU_SOURCE -fno-strict-aliasing -DENGINE_PAGES=64u -DENGINE_HELD=3u */
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/input.h"
#include "tests/unit/netd_world.h"

/* Something like a frame's entries: random bytes seldom get beyond the first check. */
static void request(struct input *in, unsigned int queue)
{
    struct netif_tx_sring *ring = world_tx(queue);
    struct netif_tx_request *r = &ring->ring[ring->req_prod++ % ABI_RING].req;
    uint8_t kind = byte(in);

    if (kind & 0x80) {
        bytes(in, r, sizeof(*r));
        return;
    }
    *r = (struct netif_tx_request){.gref = kind % (WORLD_PAGES + 2),
                                   .offset = byte(in) * 17u,
                                   .flags = byte(in) & 15,
                                   .size = byte(in) * (kind & 1 ? 257u : 5u)};
    if (r->flags & NETTXF_extra_info) {
        struct netif_extra_info *x = (void *)&ring->ring[ring->req_prod++ % ABI_RING];

        bytes(in, x, sizeof(*x));
        x->type %= XEN_NETIF_EXTRA_TYPE_MAX + 1;
    }
}

/* What a tap may give us. */
static void come(struct input *in)
{
    struct world_frame *f;

    if (world_in_count == WORLD_WIRE)
        return;
    f = &world_in[(world_in_first + world_in_count++) % WORLD_WIRE];
    f->length = byte(in) * 257u;
    bytes(in, f->data, 16);
    f->head = (struct virtio_net_hdr){.flags = byte(in) & 3, .csum_offset = 6};
    f->head.gso_type = byte(in) & 5;
    f->head.gso_size = 1000;
    if (f->length < 64)
        f->head = (struct virtio_net_hdr){0};
    else
        f->head.csum_start = 14 + byte(in) % 40;
}

static bool act(struct input *in)
{
    uint8_t what = byte(in);
    unsigned int queue = what >> 7;
    struct netif_rx_sring *rx = world_rx(queue);

    switch (what & 7) {
    case 0:
    case 1:
    case 2: request(in, queue); break;
    case 3: come(in); break;
    case 4: /* room */
        for (unsigned int n = what >> 3 & 15; n; n--)
            rx->ring[rx->req_prod++ % ABI_RING].req.gref = byte(in) % (WORLD_PAGES + 2);
        break;
    case 5:
        world_clock += byte(in) * 100000000ull;
        engine_run(&world_engine);
        break;
    case 6: /* a word of a ring's head, or anything in it */
        bytes(in, (what & 16 ? world.tx[queue] : world.rx[queue]) +
                      (what & 8 ? byte(in) % 4 * 4u : byte(in) * 16u), 4);
        break;
    default:
        engine_stop(&world_engine);
        return world_engine_start(true);
    }
    return !world_engine.broken;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = {data, data + size};
    uint8_t options = byte(&in);
    bool good = true;

    world_start(2);
    world_engine.wishes = (struct engine_wishes){options & 1, options & 2, options & 4, options & 8,
                                                 options & 16};
    world_engine.limit.bytes = options & 32 ? 100000 : 0;
    world_send_result = options & 64 ? -11 : 0;
    for (unsigned int i = 0; i < 4; i++)
        bytes(&in, world.page[i], 96);
    while (good && in.at < in.end)
        good = act(&in);
    world_engine.limit.bytes = 0;
    for (unsigned int i = 0; good && i < 20; i++) /* all of it ends */
        good = engine_run(&world_engine) != 1 && !world_engine.broken;
    for (unsigned int q = 0; good && q < 2; q++)
        if (world_tx(q)->req_prod != world.state.queue[q].tx.answered)
            abort();
    engine_stop(&world_engine);
    return 0;
}
