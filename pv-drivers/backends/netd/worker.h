/* SPDX-License-Identifier: BSD-2-Clause */
/* One process serves one network port of one guest. */
#pragma once

#include "pv-drivers/backends/common/device.h"
#include "pv-drivers/backends/netd/engine.h"
#include "pv-drivers/backends/netd/tap.h"

#ifndef RUN_DIRECTORY
#define RUN_DIRECTORY "/run/zendo-netd"
#endif

struct worker {
    struct device d; /* first */
    struct tap tap;
    struct state *state;
    struct engine engine;
    struct watched *watched[STATE_MAX_QUEUES]; /* the tap's queues */
    xengntshr_handle *share;
    evtchn_port_t local[STATE_MAX_QUEUES][2]; /* tx, rx; the second 0 when they are one */
    void *tx[STATE_MAX_QUEUES], *rx[STATE_MAX_QUEUES];
};

/* worker.c */
extern const struct device_kind worker_kind;

/* attach.c: the rings, for the kind. attach() waits for the hotplug script. */
bool worker_attach(struct device *d, bool again, const char **why);
void worker_detach(struct device *d);
/* What the front end may change at any time: does it want a filter? */
void worker_changed(struct device *d);

/* offer.c: make the tap, and tell the front end what we can do. */
bool worker_offer(struct device *d, const char **why);
