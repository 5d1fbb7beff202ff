/* SPDX-License-Identifier: BSD-2-Clause */
/* The block front end. */
#include "pv-drivers/lib/block.h"

#include <xen/io/protocols.h>

#include "pv-drivers/lib/clock.h"
#include "pv-drivers/lib/event.h"
#include "pv-drivers/lib/grant.h"
#include "pv-drivers/lib/memory.h"
#include "pv-drivers/lib/text.h"

#define BUFFER_PAGES 96u /* 384 KiB in flight */

/* ---- opening and closing ---- */

/* What the back end says of the disk once it is connected. */
static int read_properties(struct pv_block *block)
{
    const struct pv_device *device = &block->device;
    uint64_t segments = pv_device_option(device, "feature-max-indirect-segments", 0), info;
    int rc = pv_device_number(device, "sectors", &block->sectors);

    if (rc)
        return rc;
    /* larger ones need a front end that says so (xen/io/blkif.h), which we do not */
    if (pv_device_option(device, "sector-size", PV_BLOCK_SECTOR) != PV_BLOCK_SECTOR)
        return -XEN_EOPNOTSUPP;
    if (block->sectors > UINT64_MAX / PV_BLOCK_SECTOR)
        return -XEN_EINVAL;
    if (segments <= BLKIF_MAX_SEGMENTS_PER_REQUEST)
        segments = BLKIF_MAX_SEGMENTS_PER_REQUEST;
    if (segments > PV_BLOCK_SEGMENTS)
        segments = PV_BLOCK_SEGMENTS;
    block->max_sectors = (uint32_t)segments * (PV_PAGE_BYTES / PV_BLOCK_SECTOR);
    info = pv_device_option(device, "info", 0);
    block->read_only = info & (VDISK_READONLY | VDISK_CDROM);
    block->can_flush = pv_device_option(device, "feature-flush-cache", 0);
    block->can_discard = pv_device_option(device, "feature-discard", 0);
    block->persistent = pv_device_option(device, "feature-persistent", 0);
    return 0;
}

static int publish(struct pv_block *block)
{
    const struct pv_device *device = &block->device;
    int rc = pv_device_write(device, "ring-ref", block->ring_ref);

    if (!rc)
        rc = pv_device_write(device, "event-channel", block->port);
    if (!rc) /* (of an HVM guest the back end would believe the 32-bit one) */
        rc = pv_device_write_text(device, "protocol", XEN_IO_PROTO_ABI_NATIVE);
    if (!rc) /* our grants never change, whether the back end makes use of that or not */
        rc = pv_device_write(device, "feature-persistent", 1);
    if (!rc)
        rc = pv_device_state(device, XenbusStateInitialised);
    if (!rc)
        rc = pv_device_wait(device, PV_STATE(Connected));
    return rc < 0 ? rc : 0;
}

static int allocate(struct pv_block *block)
{
    int rc = pv_buffers_open(&block->buffers, block->device.domain, BUFFER_PAGES);

    if (rc)
        return rc;
    block->ring_page = pv_pages_alloc(1);
    if (!block->ring_page)
        return -XEN_ENOMEM;
    pv_ring_init(&block->ring, block->ring_page, PV_PAGE_BYTES, sizeof(union blkif_sring_entry));
    rc = pv_grant_give(block->device.domain, block->ring_page, false);
    if (rc < 0)
        return rc;
    block->ring_ref = (grant_ref_t)rc;
    rc = pv_event_open(block->device.domain, NULL, NULL);
    if (rc < 0)
        return rc;
    block->port = (evtchn_port_t)rc;
    return 0;
}

int pv_block_open(struct pv_block *block, unsigned int index)
{
    int rc;

    memset(block, 0, sizeof(*block));
    rc = pv_device_find(&block->device, "vbd", index);
    if (rc)
        return rc;
    for (const char *at = block->device.front; *at; at++) /* its number ends the path */
        block->handle = *at == '/' ? 0 : (blkif_vdev_t)(block->handle * 10 + (*at - '0'));
    rc = allocate(block);
    if (!rc)
        rc = pv_device_begin(&block->device);
    if (!rc)
        rc = publish(block);
    if (!rc)
        rc = read_properties(block);
    if (!rc)
        rc = pv_device_state(&block->device, XenbusStateConnected);
    if (rc)
        (void)pv_block_close(block);
    return rc;
}

/* ---- requests ---- */

static void end(struct pv_block *block, struct pv_block_slot *slot, int result)
{
    struct pv_block_io *io = slot->io;

    slot->io = NULL;
    while (slot->pages)
        pv_buffers_put(&block->buffers, slot->page[--slot->pages]);
    io->result = result;
    if (io->done)
        io->done(io);
}

/* The device is of no use any more: nobody waits for it. */
static int fail(struct pv_block *block, int error)
{
    block->ring.error = error;
    for (unsigned int i = 0; i < PV_BLOCK_DEPTH; i++)
        if (block->slot[i].io)
            end(block, &block->slot[i], error);
    return error;
}

int pv_block_close(struct pv_block *block)
{
    int rc = pv_device_close(&block->device), busy;

    (void)fail(block, -XEN_EIO);
    if (block->port)
        pv_event_close(block->port);
    busy = pv_buffers_close(&block->buffers);
    if (block->ring_ref && pv_grant_end(block->ring_ref))
        busy = -XEN_EBUSY;
    else
        pv_pages_free(block->ring_page, 1);
    memset(block, 0, sizeof(*block));
    block->ring.error = -XEN_ENODEV;
    return rc ? rc : busy;
}

static int check(const struct pv_block *block, const struct pv_block_io *io)
{
    bool transfers = io->operation == BLKIF_OP_READ || io->operation == BLKIF_OP_WRITE;

    if (io->operation == BLKIF_OP_FLUSH_DISKCACHE)
        return !block->can_flush ? -XEN_EOPNOTSUPP : io->sectors ? -XEN_EINVAL : 0;
    if (!transfers && (io->operation != BLKIF_OP_DISCARD || !block->can_discard))
        return -XEN_EOPNOTSUPP;
    if (block->read_only && io->operation != BLKIF_OP_READ)
        return -XEN_EROFS;
    if (!io->sectors || io->sectors > block->sectors ||
        io->sector > block->sectors - io->sectors ||
        (transfers && io->sectors > block->max_sectors))
        return -XEN_EINVAL;
    return 0;
}

/* Pages for a request's data and, behind them, for its list of segments. */
static int take_pages(struct pv_block *block, struct pv_block_slot *slot, unsigned int count)
{
    slot->list = count > BLKIF_MAX_SEGMENTS_PER_REQUEST;
    for (count += slot->list; slot->pages < count; slot->pages++) {
        int page = pv_buffers_take(&block->buffers);

        if (page < 0) {
            while (slot->pages)
                pv_buffers_put(&block->buffers, slot->page[--slot->pages]);
            return page;
        }
        slot->page[slot->pages] = (uint8_t)page;
    }
    return 0;
}

/* Between the caller's data and the slot's pages. */
static void copy_data(struct pv_block *block, struct pv_block_slot *slot, bool to_caller)
{
    uint8_t *data = slot->io->data;
    size_t left = (size_t)slot->io->sectors * PV_BLOCK_SECTOR;

    for (unsigned int i = 0; left; i++) {
        void *page = pv_buffers_page(&block->buffers, slot->page[i]);
        size_t here = left < PV_PAGE_BYTES ? left : PV_PAGE_BYTES;

        memcpy(to_caller ? data : page, to_caller ? page : data, here);
        data += here;
        left -= here;
    }
}

int pv_block_submit(struct pv_block *block, struct pv_block_io *io)
{
    bool transfers = io->operation == BLKIF_OP_READ || io->operation == BLKIF_OP_WRITE;
    grant_ref_t refs[PV_BLOCK_SEGMENTS + 1];
    struct pv_block_job job = {.operation = io->operation, .handle = block->handle,
                               .sector = io->sector, .sectors = io->sectors, .refs = refs};
    union pv_block_request request;
    struct pv_block_slot *slot;
    int id = pv_ring_id(&block->ring), rc = id < 0 ? id : check(block, io);

    if (rc)
        return rc;
    slot = &block->slot[id];
    rc = take_pages(block, slot, transfers ? pv_block_pages(io->sectors) : 0);
    if (rc)
        return rc;
    slot->io = io;
    io->result = -XEN_EAGAIN;
    for (unsigned int i = 0; i < slot->pages; i++)
        refs[i] = block->buffers.ref[slot->page[i]];
    if (slot->list) {
        job.list = pv_buffers_page(&block->buffers, slot->page[slot->pages - 1]);
        job.list_ref = refs[slot->pages - 1];
    }
    if (io->operation == BLKIF_OP_WRITE)
        copy_data(block, slot, false);
    job.id = (uint64_t)id;
    pv_block_request(&request, &job);
    pv_ring_put(&block->ring, &request, sizeof(request));
    if (pv_ring_push(&block->ring))
        pv_event_send(block->port);
    return 0;
}

int pv_block_poll(struct pv_block *block)
{
    struct blkif_response response;
    int count = 0, rc;

    do {
        while ((rc = pv_ring_take(&block->ring, &response, sizeof(response))) == 1) {
            struct pv_block_slot *slot;

            rc = pv_ring_done(&block->ring, response.id);
            if (rc)
                break;
            slot = &block->slot[response.id];
            if (response.status == BLKIF_RSP_OKAY && slot->io->operation == BLKIF_OP_READ)
                copy_data(block, slot, true);
            end(block, slot, response.status == BLKIF_RSP_OKAY         ? 0
                             : response.status == BLKIF_RSP_EOPNOTSUPP ? -XEN_EOPNOTSUPP
                                                                       : -XEN_EIO);
            count++;
        }
        if (rc < 0)
            return fail(block, rc);
    } while (pv_ring_arm(&block->ring));
    return count;
}

int pv_block_run(struct pv_block *block, struct pv_block_io *io)
{
    uint64_t deadline = pv_clock_ns() + PV_BLOCK_SECONDS * PV_SECOND_NS;
    int rc;

    for (;;) {
        rc = pv_block_submit(block, io);
        if (rc != -XEN_EAGAIN)
            break;
        rc = pv_block_poll(block);
        if (rc < 0 || (rc == 0 && !pv_event_take(block->port, deadline)))
            return rc < 0 ? rc : fail(block, -XEN_ETIMEDOUT);
    }
    while (!rc && io->result == -XEN_EAGAIN) {
        int done = pv_block_poll(block);

        if (done == 0 && !pv_event_take(block->port, deadline))
            (void)fail(block, -XEN_ETIMEDOUT); /* ends this one, too */
    }
    return rc ? rc : io->result;
}
