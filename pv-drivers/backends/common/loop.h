/* SPDX-License-Identifier: BSD-2-Clause */
/* A process' one thread: io_uring for its work, and descriptors that are watched. */
#pragma once

#include <liburing.h>
#include <stdbool.h>
#include <stdint.h>

/* A descriptor that is watched; `ready` is called each time it can be read. */
struct watched {
    int fd;
    unsigned int events; /* POLLIN, POLLOUT; may change from round to round, 0: not watched */
    unsigned int armed;
    void (*ready)(void *arg);
    void *arg;
};

#define LOOP_MAX_WATCHED 24u
#define LOOP_PORTS 64u

/* The device of event channels: ports that had an event are read from it, and written to it to
 * get more. */
struct channels {
    int fd;
    uint32_t read[LOOP_PORTS], write[LOOP_PORTS];
    bool armed, poll;
};

struct loop {
    struct io_uring uring;
    struct watched watched[LOOP_MAX_WATCHED];
    unsigned int watching;
    struct channels channels;
    void (*completed)(struct loop *loop, void *op, int result);
    void *owner; /* whose operations these are */
};

/* 0 or a negative errno. */
int loop_start(struct loop *loop);
struct watched *loop_watch(struct loop *loop, int fd, unsigned int events, void (*ready)(void *arg),
                           void *arg);

/* Take events from this device of event channels (xenevtchn_fd), and enable them again, by
 * io_uring: what xenevtchn_pending and xenevtchn_unmask do with two more system calls for each. Any
 * event ends a round. */
void loop_channels(struct loop *loop, int fd);

/* An empty place for an operation; submits what there is when it was full. */
struct io_uring_sqe *loop_place(struct loop *loop);

/* Submit, wait for at most that long (ns, 0: for ever), and handle what came. */
void loop_round(struct loop *loop, uint64_t timeout);

/* ns of a clock that never goes back */
uint64_t loop_now(void);
