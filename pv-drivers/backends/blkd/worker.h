/* SPDX-License-Identifier: BSD-2-Clause */
/* One process serves one disk of one guest. */
#pragma once

#include "pv-drivers/backends/blkd/engine.h"
#include "pv-drivers/backends/blkd/target.h"
#include "pv-drivers/backends/common/device.h"

#ifndef RUN_DIRECTORY
#define RUN_DIRECTORY "/run/zendo-blkd"
#endif

struct worker {
    struct device d; /* first */
    struct target target;
    bool cdrom;
    struct disk *disk;
    struct state *state;
    struct engine engine;
    evtchn_port_t local[STATE_MAX_QUEUES];
    void *shared[STATE_MAX_QUEUES];
    uint64_t size_checked;
};

/* worker.c */
extern const struct device_kind worker_kind;

/* attach.c: the rings, for the kind. attach() waits for a disk that is not free. */
bool worker_attach(struct device *d, bool again, const char **why);
void worker_detach(struct device *d);
void worker_drain(struct device *d);

/* offer.c: tell the front end what we can do. */
bool worker_offer(struct device *d, const char **why);
bool worker_show_size(struct device *d);
