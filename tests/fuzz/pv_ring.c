/* SPDX-License-Identifier: BSD-2-Clause */
/* A back end that writes what it likes into a ring and a stream while the front end works. */
/* sources: pv-drivers/lib/ring.c */
#include <stdlib.h>
#include <string.h>

#include "pv-drivers/lib/ring.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define BYTES 256u /* of the ring: 8 entries of 24 bytes */
#define ENTRY 24u

/* Each shared block is an allocation of exactly its size. */
static uint8_t *shared, *text;
static uint32_t *mine, *other;
static struct pv_ring ring;
static struct pv_stream stream;
static uint32_t flying, taken;

static void front(uint8_t what)
{
    uint64_t item[ENTRY / 8] = {0};
    uint32_t before;
    int id;

    switch (what % 4) {
    case 0:
        id = pv_ring_id(&ring);
        if (id >= 0) {
            if ((uint32_t)id >= ring.count || flying >> id & 1)
                abort();
            flying |= 1u << id;
            item[0] = (uint64_t)id;
            pv_ring_put(&ring, item, sizeof(item));
        }
        break;
    case 1:
        before = ring.published;
        if (pv_ring_push(&ring) && ring.published == before)
            abort();
        break;
    case 2:
        if (pv_ring_take(&ring, item, sizeof(item)) != 1)
            break;
        if (++taken > ring.published)
            abort();
        if (pv_ring_done(&ring, item[0]) == 0) {
            if (item[0] >= ring.count || !(flying >> item[0] & 1))
                abort();
            flying &= ~(1u << item[0]);
        }
        break;
    default:
        if (ring.error && !pv_ring_arm(&ring))
            abort();
    }
    if (ring.error && ring.error != -XEN_EBADMSG)
        abort();
}

static void streams(uint8_t what)
{
    uint8_t chunk[80];
    size_t bytes = what >> 1 & 63;
    uint32_t before = stream.at;
    int n;

    memset(chunk, what, sizeof(chunk));
    n = stream.writes ? pv_stream_write(&stream, chunk, bytes)
                      : pv_stream_read(&stream, chunk, bytes);
    if (n > (int)bytes || (n >= 0 && stream.at != before + (uint32_t)n))
        abort();
    if (n < 0 && (n != -XEN_EBADMSG || stream.at != before))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    shared = malloc(BYTES);
    text = malloc(32);
    mine = malloc(4);
    other = malloc(4);
    memcpy(mine, "\xff\xff\xff\xff", 4);
    memcpy(other, mine, 4);
    memset(text, 0, 32);
    flying = taken = 0;
    pv_ring_init(&ring, shared, BYTES, ENTRY);
    pv_stream_init(&stream, data[0] & 1, text, 32, mine, other);
    for (data++, size--; size >= 2; data += 2, size -= 2) {
        switch (data[0] >> 6) {
        case 0:
            front(data[1]);
            break;
        case 1: /* a byte anywhere: indices among them */
            shared[data[1]] = data[0] & 63;
            break;
        case 2: /* a believable answer */
            memcpy(shared + 64 + (shared[8] & 7) * ENTRY, &(uint64_t){data[1] & 15}, 8);
            shared[8]++;
            break;
        default:
            if (data[0] & 1)
                streams(data[1]);
            else
                *other += data[0] & 2 ? data[1] : -(uint32_t)data[1];
        }
    }
    free(shared);
    free(text);
    free(mine);
    free(other);
    return 0;
}
