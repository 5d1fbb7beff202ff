/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A tap of Linux, which a bridge (or a route) joins to the rest of the network. It persists while
 * nobody has it open, so that whoever it is joined to keeps it when a worker dies; it has a carrier
 * only while somebody has.
 */
#pragma once

#include <liburing.h>

#include "pv-drivers/backends/netd/engine.h"

struct tap {
    struct port port; /* first */
    struct io_uring uring;
    char name[16];
    unsigned int open, attached;    /* queues: of ours, and of those that carry frames */
    int fd[STATE_MAX_QUEUES];
    unsigned int guess[STATE_MAX_QUEUES]; /* how many frames will be there at once */
};

/* What the guest takes, as TUN_F_*. */
unsigned int tap_offloads(const struct engine_wishes *wishes, bool tso4, bool tso6);

/* Make it, or find the one that `*index`, if not 0, says; sets *index. False: see errno. */
bool tap_make(struct tap *tap, const char *name, uint32_t *index);

/* Have so many queues carry frames. False: see errno. */
bool tap_attach(struct tap *tap, unsigned int queues, unsigned int offloads);
void tap_detach(struct tap *tap);

/* It goes when the process does. */
void tap_end(const char *name);
