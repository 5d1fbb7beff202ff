/* SPDX-License-Identifier: BSD-2-Clause */
/* Block and network front ends at work, and a back end that writes what it likes into every page
 * that it can reach. */
/* sources: pv-drivers/lib/block.c pv-drivers/lib/block_request.c pv-drivers/lib/net.c */
/* sources: pv-drivers/lib/buffers.c */
/* sources: pv-drivers/lib/ring.c pv-drivers/lib/grant.c pv-drivers/lib/xenbus.c */
/* sources: pv-drivers/lib/xenstore.c pv-drivers/lib/xenstore_message.c pv-drivers/lib/event.c */
/* sources: pv-drivers/lib/event_fifo.c pv-drivers/lib/clock.c tests/unit/fake/pv_world.c */
#include <stdlib.h>
#include <string.h>

#include "pv-drivers/lib/block.h"
#include "pv-drivers/lib/grant.h"
#include "pv-drivers/lib/net.h"
#include "tests/unit/fake/pv_world.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define REQUESTS 8u

static struct pv_block block;
static struct pv_net net;
static struct pv_block_io io[REQUESTS];
static bool flying[REQUESTS];
static uint8_t *buffer[REQUESTS]; /* each an allocation of its own */

static void written(const char *path, const char *value)
{
    if (strstr(path, "/vbd/") && strstr(path, "/state"))
        world_set("/back/5/state", "%s", value[0] == '6' ? "6" : "4");
    else if (strstr(path, "/vif/") && strstr(path, "/state"))
        world_set("/back/0/state", "%s", value[0] == '6' ? "6" : "4");
}

static void ended(struct pv_block_io *one)
{
    if (!flying[one - io] || one->result == -XEN_EAGAIN)
        abort();
    flying[one - io] = false;
}

static void front(uint8_t what, uint8_t value)
{
    static uint8_t frame[PV_NET_FRAME_MAX];
    unsigned int i = value % REQUESTS, flags;
    int rc = 0;

    switch (what % 4) {
    case 0:
        if (flying[i])
            return;
        io[i] = (struct pv_block_io){.operation = value >> 7, .sector = value, .done = ended,
                                     .sectors = 1 + value % 128u, .data = buffer[i]};
        rc = pv_block_submit(&block, &io[i]);
        flying[i] = rc == 0;
        break;
    case 1:
        rc = pv_block_poll(&block);
        break;
    case 2:
        rc = pv_net_send(&net, frame, 14 + value);
        break;
    default:
        rc = pv_net_receive(&net, frame, sizeof(frame), &flags);
        if (rc > (int)sizeof(frame))
            abort();
    }
    if (rc < 0 && rc != -XEN_EAGAIN && rc != -XEN_EBADMSG)
        abort();
}

/* A byte of one of the rings; its head more often than the rest. */
static void back(uint8_t which, uint8_t at, uint8_t value)
{
    grant_ref_t rings[] = {block.ring_ref, net.tx.ref, net.rx.ref};
    uint8_t *page = world_page(rings[which % 3]);

    if (!page)
        abort();
    if (which & 4)
        page[at % 16] = value;
    else if (which & 8) /* a believable answer to the oldest request */
        ((uint32_t *)page)[2]++;
    else
        page[64 + at * (which >> 4)] = value;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    world_start();
    world_device("vbd", "5");
    world_device("vif", "0");
    world_set("/back/5/sectors", "1000");
    world_set("/back/5/feature-max-indirect-segments", "16");
    world_set("/back/0/mac", "00:16:3e:00:00:01");
    world_written = written;
    memset(flying, 0, sizeof(flying));
    for (unsigned int i = 0; i < REQUESTS; i++)
        buffer[i] = buffer[i] ? buffer[i] : calloc(128, PV_BLOCK_SECTOR);
    if (pv_block_open(&block, 0) || pv_net_open(&net, 0))
        abort();
    for (; size >= 3; data += 3, size -= 3) {
        if (data[0] & 1)
            front(data[0] >> 1, data[1]);
        else
            back(data[0] >> 1, data[1], data[2]);
    }
    if (pv_block_close(&block) || pv_net_close(&net) || pv_grant_count() || world_pages_used())
        abort();
    for (unsigned int i = 0; i < REQUESTS; i++)
        if (flying[i])
            abort();
    return 0;
}
