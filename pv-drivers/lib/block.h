/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Disks. Requests are given to the driver with a structure of the caller's and end in any order;
 * pv_block_poll() tells of each that ended. Data are copied (buffers.h).
 */
#pragma once

#include "pv-drivers/lib/block_request.h"
#include "pv-drivers/lib/buffers.h"
#include "pv-drivers/lib/ring.h"
#include "pv-drivers/lib/xenbus.h"

#define PV_BLOCK_SECONDS 120u /* that pv_block_run() waits for a disk */
#define PV_BLOCK_DEPTH   32u  /* requests at once: entries of a ring of one page */

struct pv_block_io {
    uint8_t operation; /* BLKIF_OP_READ, _WRITE, _FLUSH_DISKCACHE, _DISCARD */
    uint64_t sector;   /* of PV_BLOCK_SECTOR bytes */
    uint32_t sectors;  /* READ, WRITE: up to max_sectors; FLUSH: 0 */
    void *data;        /* READ, WRITE */
    void (*done)(struct pv_block_io *io); /* called by pv_block_poll(); may be NULL */
    void *arg;                            /* the caller's */
    int result;        /* -XEN_EAGAIN in flight, then 0, -XEN_EIO, or what broke the device */
};

struct pv_block {
    struct pv_device device;
    uint64_t sectors;         /* the disk's size */
    uint32_t max_sectors;     /* of one request */
    bool read_only, can_flush, can_discard, persistent;
    evtchn_port_t port;       /* the disk's event: pv_event_wait() wakes for it */
    /* the rest is the driver's */
    blkif_vdev_t handle;
    struct pv_ring ring;
    void *ring_page;
    grant_ref_t ring_ref;
    struct pv_buffers buffers;
    struct pv_block_slot {
        struct pv_block_io *io; /* NULL: free */
        uint8_t pages, list;    /* how many, and whether the last is a list of segments */
        uint8_t page[PV_BLOCK_SEGMENTS + 1];
    } slot[PV_BLOCK_DEPTH];
};

/* Open the @index'th disk of the guest's configuration, waiting for its back end. */
int pv_block_open(struct pv_block *block, unsigned int index) PV_MUST_CHECK;

/* Give it a request: 0, or -XEN_EAGAIN while too much is in flight, -XEN_EINVAL beyond the disk's
 * end or too large, -XEN_EROFS, -XEN_EOPNOTSUPP. @io must stay until its result is there. */
int pv_block_submit(struct pv_block *block, struct pv_block_io *io) PV_MUST_CHECK;

/* Take what has ended: how many; or what broke the device, and then all requests have ended. */
int pv_block_poll(struct pv_block *block) PV_MUST_CHECK;

/* Submit one request and wait for it: its result. */
int pv_block_run(struct pv_block *block, struct pv_block_io *io) PV_MUST_CHECK;

/* Close the disk. Requests in flight end with -XEN_EIO. */
int pv_block_close(struct pv_block *block);
