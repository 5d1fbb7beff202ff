/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A hostile front end against zendo-blkd's engine. The input is bytes for the guest's pages and
 * then steps: write into a ring, move an index, let the engine run, finish something, let the
 * process die. What reaches the disk and the hypervisor is checked by the world; the engine answers
 * everything in the end, or calls the ring broken.
 */
/* sources: pv-drivers/backends/blkd/engine.c pv-drivers/backends/blkd/ring.c */
/* sources: pv-drivers/backends/blkd/request.c pv-drivers/backends/blkd/grants.c */
/* sources: pv-drivers/backends/common/limit.c */
/* cflags: -D_GNU_SOURCE -fno-strict-aliasing */
/* cflags: -DENGINE_SLOTS=24 -DGRANTS_MAX_MAPPED=16 -DWORLD_SECTORS=512 */
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/input.h"
#include "tests/unit/blkd_world.h"

/* An operation that there is, and segments that are in order. */
#define WELL_FORMED(P, entry, kind)                                                                \
    do {                                                                                           \
        struct P##blkif_request *r = (struct P##blkif_request *)(entry);                           \
                                                                                                   \
        r->operation &= 7;                                                                         \
        r->nr_segments &= 15;                                                                      \
        r->sector_number = kind;                                                                   \
        for (unsigned int i = 0; i < BLKIF_MAX_SEGMENTS_PER_REQUEST; i++) {                        \
            r->seg[i].gref = (kind + i) % 70;                                                      \
            r->seg[i].first_sect = 0;                                                              \
            r->seg[i].last_sect = kind >> 5;                                                       \
        }                                                                                          \
    } while (0)

/* Something like a request: random bytes seldom get beyond the first check. */
static void request(struct input *in, unsigned int ring)
{
    uint8_t *entry = (uint8_t *)world_ring(ring)->ring +
                     (world_ring(ring)->req_prod & 31) * request_stride(world->state.abi);
    uint8_t kind = byte(in);

    bytes(in, entry, kind & 7 ? 12 : 64);
    if (kind & 8 && world->state.abi == ABI_X86_32)
        WELL_FORMED(x86_32_, entry, kind);
    else if (kind & 8)
        WELL_FORMED(, entry, kind);
    world_ring(ring)->req_prod++;
}

static bool act(struct input *in, bool persistent)
{
    uint8_t what = byte(in);
    unsigned int ring = what >> 7;

    switch (what & 7) {
    case 0:
    case 1:
    case 2:
    case 3: request(in, ring); break;
    case 4: engine_run(&world_engine); break;
    case 5:
        world_result = what & 8 ? -EIO : 0;
        if (world_ops)
            world_finish(byte(in) % world_ops);
        break;
    case 6: /* a word of the ring's head, or anything in it */
        bytes(in, world->ring[ring] + (what & 8 ? byte(in) % 4 * 4u : byte(in) * 16u), 4);
        break;
    default:
        world_engine_end();
        return world_engine_start(persistent, true);
    }
    return !world_engine.broken;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = {data, data + size};
    uint8_t options = byte(&in);
    bool good = true;

    world_start(options & 1 ? ABI_X86_32 : ABI_X86_64, 2, 1, options & 2);
    world_disk.limits.read_only = options & 4;
    world_disk.limits.sector_size = options & 8 ? 4096 : 512;
    for (unsigned int i = 0; i < 4; i++)
        bytes(&in, world->page[i], 32);
    while (good && in.at < in.end)
        good = act(&in, options & 2);
    world_result = 0;
    world_settle(NULL);
    world_engine.stopping = true;
    for (unsigned int i = 0; good && world_engine.inflight;
         i++) { /* a broken ring's work ends as well */
        if (i == WORLD_OPS * 4)
            abort();
        while (world_ops)
            world_finish(0);
        engine_run(&world_engine);
    }
    if (good && world_engine.bytes)
        abort();
    world_engine_end();
    if (world_mapped)
        abort();
    return 0;
}
