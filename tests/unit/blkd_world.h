/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A front end, its grants and a disk, for the tests of zendo-blkd's engine: rings and guest pages
 * are plain memory, the grant library is replaced by copies between them, the disk finishes what it
 * was given when the test says so, in any order.
 */
#pragma once

#include <errno.h>
#include <setjmp.h>
#include <sys/mman.h>
#include <unistd.h>

#include "pv-drivers/backends/blkd/engine.h"
#include "tests/unit/backend_death.h"
#include "tests/unit/granted.h"

#ifndef WORLD_SECTORS
#define WORLD_SECTORS 2048u
#endif
#define WORLD_PAGES 64u /* of the guest; grant n is page n */
#define WORLD_OPS 256u

/* What another process may see as well. */
struct world_shared {
    uint8_t ring[2][4 * ABI_PAGE] __attribute__((aligned(4096)));
    uint8_t page[WORLD_PAGES][ABI_PAGE] __attribute__((aligned(4096)));
    uint8_t disk[WORLD_SECTORS * ABI_SECTOR];
    struct state state;
};

static struct world_shared *world;
static unsigned long world_life = -1ul; /* places where it may die that it passes before it does */
static jmp_buf world_death;

void world_may_die(void)
{
    if (world_life-- == 0)
        longjmp(world_death, 1);
}
static int world_file;
static struct engine world_engine;
static struct disk world_disk;
static struct disk_op *world_op[WORLD_OPS]; /* in work */
static unsigned int world_ops, world_notified, world_mapped, world_flushes;
static int world_result;     /* of the disk's operations, 0 or negative */
static uint64_t world_clock; /* ns */
static bool world_instant;   /* writes are done when they are submitted */

/* The guest's pages seen twice, as real ones are. */
void *xengnttab_map_domain_grant_refs(xengnttab_handle *h, uint32_t count, uint32_t domid,
                                      uint32_t *ref, int prot)
{
    uint8_t *area;

    (void)h, (void)domid, (void)prot;
    for (unsigned int i = 0; i < count; i++)
        if (ref[i] >= WORLD_PAGES)
            return NULL;
    area = mmap(NULL, count * ABI_PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, world_file, 0);
    for (unsigned int i = 0; i < count; i++)
        if (mmap(area + i * ABI_PAGE, ABI_PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED,
                 world_file, offsetof(struct world_shared, page) + ref[i] * ABI_PAGE) == MAP_FAILED)
            abort();
    world_mapped += count;
    return area;
}

int xengnttab_unmap(xengnttab_handle *h, void *at, uint32_t count)
{
    (void)h;
    world_mapped -= count;
    return munmap(at, count * ABI_PAGE);
}

static void world_finish(unsigned int n);

static void world_submit(struct disk *disk, struct disk_op *op)
{
    uint64_t length = 0;

    /* what reaches a disk has been checked */
    if (world_ops == WORLD_OPS || (op->kind != DISK_FLUSH && (op->offset > sizeof(world->disk) ||
        op->length > sizeof(world->disk) - op->offset)))
        abort();
    for (unsigned int i = 0; op->kind <= DISK_WRITE && i < op->iov_count; i++)
        length += op->iov[i].iov_len;
    if ((op->kind <= DISK_WRITE && length != op->length) ||
        (op->kind != DISK_READ && op->kind != DISK_FLUSH && disk->limits.read_only))
        abort();
    world_op[world_ops++] = op;
    if (world_instant && op->kind == DISK_WRITE)
        world_finish(world_ops - 1);
}

/* Finish the n-th operation in work. */
static void world_finish(unsigned int n)
{
    struct disk_op *op = world_op[n];
    uint8_t *at = world->disk + (op->kind == DISK_FLUSH ? 0 : op->offset);

    world_may_die();
    for (unsigned int i = 0; world_result == 0 && op->kind <= DISK_WRITE && i < op->iov_count;
         i++) {
        if (op->kind == DISK_READ)
            memcpy(op->iov[i].iov_base, at, op->iov[i].iov_len);
        else
            memcpy(at, op->iov[i].iov_base, op->iov[i].iov_len);
        at += op->iov[i].iov_len;
    }
    if (world_result == 0 && op->kind == DISK_DISCARD)
        memset(at, 0, op->length);
    world_may_die();
    world_op[n] = world_op[--world_ops];
    world_flushes += op->kind == DISK_FLUSH;
    op->done(op, world_result);
}

static void world_notify(struct engine *e, unsigned int ring)
{
    (void)e, (void)ring;
    world_notified++;
}

static uint64_t world_now(void)
{
    return world_clock;
}

/* The back end begins, or (recover) goes on after it died. */
static bool world_engine_start(bool persistent, bool recover)
{
    static uint64_t counter;
    void *shared[2] = {world->ring[0], world->ring[1]};

    memset(&world_engine, 0, sizeof(world_engine));
    world_engine.notify = world_notify;
    world_engine.now = world_now;
    world_ops = 0;
    return engine_start(&world_engine, &world_disk, &world->state, shared) &&
           grants_start(&world_engine.grants, NULL, 1, persistent, &counter) &&
           (!recover || engine_recover(&world_engine));
}

static void world_engine_end(void)
{
    for (unsigned int i = 0; i < ENGINE_SLOTS; i++) /* (a process would just die) */
        free(world_engine.slots[i].buffer);
    grants_stop(&world_engine.grants);
    engine_stop(&world_engine);
}

static void world_start(enum abi_kind abi, unsigned int rings, unsigned int pages, bool persistent)
{
    if (!world) {
        world_file = memfd_create("world", 0);
        if (ftruncate(world_file, sizeof(*world)))
            abort();
        world = mmap(NULL, sizeof(*world), PROT_READ | PROT_WRITE, MAP_SHARED, world_file, 0);
        granted_page = world->page;
        granted_pages = WORLD_PAGES;
    }
    memset(world, 0, offsetof(struct world_shared, state));
    memset(&world->state, 0, offsetof(struct state, queue[2]));
    world_disk = (struct disk){.submit = world_submit};
    world_disk.limits = (struct request_limits){.sectors = WORLD_SECTORS, .sector_size = ABI_SECTOR,
                                                .discard = true};
    world_notified = world_mapped = world_flushes = 0;
    world_result = 0;
    world_instant = false;
    world_clock = 1000000000;
    world->state.abi = abi;
    world->state.queues = rings;
    for (unsigned int i = 0; i < rings; i++) {
        world->state.queue[i].pages = pages;
        ((struct blkif_sring *)world->ring[i])->req_event = 1;
        ((struct blkif_sring *)world->ring[i])->rsp_event = 1;
    }
    if (!world_engine_start(persistent, false))
        abort();
}

static struct blkif_sring *world_ring(unsigned int i)
{
    return (struct blkif_sring *)world->ring[i];
}

/* The front end's next request, zeroed, not yet published. (Tests of 64-bit rings.) */
static struct blkif_request *world_request(unsigned int i)
{
    unsigned int size = request_ring_size(ABI_X86_64, world->state.queue[i].pages * ABI_PAGE);
    union blkif_sring_entry *e = &world_ring(i)->ring[world_ring(i)->req_prod & (size - 1)];

    memset(e, 0, sizeof(*e));
    return &e->req;
}

static void world_publish(unsigned int i)
{
    world_ring(i)->req_prod++;
}

/* A read or write of `sectors` at `sector`, of whole pages from grant `ref` on. */
__attribute__((unused)) static void world_io(unsigned int ring, uint64_t id, uint8_t op,
                                             uint64_t sector, unsigned int segments, uint32_t ref)
{
    struct blkif_request *r = world_request(ring);

    r->operation = op;
    r->id = id;
    r->sector_number = sector;
    r->nr_segments = segments;
    for (unsigned int i = 0; i < segments; i++)
        r->seg[i] = (struct blkif_request_segment){.gref = ref + i, .last_sect = 7};
    world_publish(ring);
}

__attribute__((unused)) static const struct blkif_response *world_answer(unsigned int i,
                                                                         uint32_t index)
{
    unsigned int size = request_ring_size(ABI_X86_64, world->state.queue[i].pages * ABI_PAGE);

    return &world_ring(i)->ring[index & (size - 1)].rsp;
}

/* Until nothing moves any more, finishing in a random order. */
static void world_settle(uint64_t (*random_below)(uint64_t))
{
    engine_run(&world_engine);
    while (world_ops && !world_engine.broken) {
        world_finish(random_below ? random_below(world_ops) : 0);
        engine_run(&world_engine);
    }
}
