/* SPDX-License-Identifier: BSD-2-Clause */
/* One process serves one disk of one guest. */
#pragma once

#include <xenevtchn.h>

#include "pv-drivers/backends/blkd/engine.h"
#include "pv-drivers/backends/blkd/loop.h"
#include "pv-drivers/backends/blkd/store.h"
#include "pv-drivers/backends/blkd/target.h"

#ifndef RUN_DIRECTORY
#define RUN_DIRECTORY "/run/zendo-blkd"
#endif
#define SCRIPT_NAME "block-zendo" /* the hotplug script by which xl.cfg selects us */

/* How a worker ends, as exit status: the device is gone or closed; to be started again; cannot
 * be served. */
enum worker_end { WORKER_DONE = 0, WORKER_AGAIN = 1, WORKER_REFUSED = 2 };

struct worker {
    struct loop loop;
    struct xs_handle *xs;
    xenevtchn_handle *evtchn;
    xengnttab_handle *gnttab;
    const char *path;     /* /local/domain/BACK/backend/vbd/FRONT/DEVICE */
    char *front;          /* the front end's directory */
    char name[32];        /* vbd-FRONT-DEVICE, as the kernel calls it */
    char state_path[64];
    unsigned int domid, device;
    struct target target;
    bool cdrom;
    struct disk *disk;
    struct state *state;
    struct engine engine;
    evtchn_port_t local[STATE_MAX_QUEUES];
    void *shared[STATE_MAX_QUEUES];
    bool prepared, attached;
    bool changed;         /* something in xenstore did */
    bool retry;           /* the disk or the kernel's driver was not ready */
    enum xenbus_state own; /* what we said last */
    bool waits;           /* for a disk that is in use, and has said so */
    uint64_t patience;    /* until when the kernel's driver may make up its mind, ns */
    uint64_t size_checked;
};

/* worker.c: serve the device at this path until its end. `watched` is called for each round. */
enum worker_end worker_run(const char *path);

/* attach.c: the rings. attach() is false when the disk is not free yet (again later) or `why` is
 * set. */
bool worker_attach(struct worker *w, enum xenbus_state front, const char **why);
void worker_detach(struct worker *w);
/* Finish what is in work, take nothing more. */
void worker_drain(struct worker *w);

/* handover.c: the kernel's driver, which takes every vbd it sees. True: it has nothing to do
 * with ours (any more). */
bool worker_take_over(struct worker *w, enum xenbus_state own);
/* Tell the front end what we can do. */
bool worker_offer(struct worker *w);
bool worker_show_size(struct worker *w);
