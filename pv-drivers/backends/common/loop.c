/* SPDX-License-Identifier: BSD-2-Clause */
#include "pv-drivers/backends/common/loop.h"

#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <time.h>

#define LOOP_ENTRIES 512u

int loop_start(struct loop *loop)
{
    /* Work that the kernel does for us waits until we ask: no interrupt in between (Linux 6.1). */
    int error = io_uring_queue_init(LOOP_ENTRIES, &loop->uring,
                                    IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN);

    return error == -EINVAL ? io_uring_queue_init(LOOP_ENTRIES, &loop->uring, 0) : error;
}

struct watched *loop_watch(struct loop *loop, int fd, unsigned int events, void (*ready)(void *arg),
                           void *arg)
{
    struct watched *w = &loop->watched[loop->watching++];

    *w = (struct watched){.fd = fd, .events = events, .ready = ready, .arg = arg};
    return w;
}

struct io_uring_sqe *loop_place(struct loop *loop)
{
    struct io_uring_sqe *sqe;

    while (!(sqe = io_uring_get_sqe(&loop->uring)))
        io_uring_submit(&loop->uring);
    return sqe;
}

#define DATA_CHANNELS \
    3u /* neither an operation (even) nor an event that was asked for (1 and more bits) */

void loop_channels(struct loop *loop, int fd)
{
    loop->channels.fd = fd;
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

static void arm(struct loop *loop)
{
    struct channels *c = &loop->channels;

    if (c->fd && !c->armed) {
        struct io_uring_sqe *sqe = loop_place(loop);

        if (c->poll) { /* a kernel that does not wait by itself */
            io_uring_prep_poll_add(sqe, c->fd, POLLIN);
            sqe->flags |= IOSQE_IO_LINK | IOSQE_CQE_SKIP_SUCCESS;
            io_uring_sqe_set_data64(sqe, 0);
            sqe = loop_place(loop);
        }
        io_uring_prep_read(sqe, c->fd, c->read, sizeof(c->read), 0);
        io_uring_sqe_set_data64(sqe, DATA_CHANNELS);
        c->armed = true;
    }
    for (unsigned int i = 0; i < loop->watching; i++) {
        struct watched *w = &loop->watched[i];
        struct io_uring_sqe *sqe;

        if (!(w->events & ~w->armed))
            continue;
        sqe = loop_place(loop);
        io_uring_prep_poll_add(sqe, w->fd, w->events & ~w->armed);
        /* (the pointer's low bits tell descriptors from operations, and which events were asked
         * for) */
        io_uring_sqe_set_data64(sqe, (i + 1) << 8 | (w->events & ~w->armed) << 1 | 1);
        w->armed |= w->events;
    }
}

/* These had an event. They are enabled with the next submission, before more are read. */
static void channels_ready(struct loop *loop, int bytes)
{
    struct channels *c = &loop->channels;
    struct io_uring_sqe *sqe;

    c->armed = false;
    if (bytes <= 0) {
        c->poll = true;
        return;
    }
    memcpy(c->write, c->read, bytes);
    sqe = loop_place(loop);
    io_uring_prep_write(sqe, c->fd, c->write, bytes, 0);
    sqe->flags |= IOSQE_CQE_SKIP_SUCCESS;
    io_uring_sqe_set_data64(sqe, 0);
}

static void handle(struct loop *loop, uint64_t data, int result)
{
    struct watched *w;

    if (data == DATA_CHANNELS) {
        channels_ready(loop, result);
        return;
    }
    if (!(data & 1)) {
        if (data)
            loop->completed(loop, (void *)data, result);
        return;
    }
    w = &loop->watched[(data >> 8) - 1];
    w->armed &= ~(data >> 1 & 0x7f);
    w->ready(w->arg);
}

void loop_round(struct loop *loop, uint64_t timeout)
{
    struct __kernel_timespec ts = {.tv_sec = timeout / 1000000000, .tv_nsec = timeout % 1000000000};
    struct io_uring_cqe *cqe;
    unsigned int head, seen = 0;
    struct { uint64_t data; int result; } got[64];

    arm(loop);
    io_uring_submit_and_wait_timeout(&loop->uring, &cqe, 1, timeout ? &ts : NULL, NULL);
    /* What is handled may submit, and so fill the queue again: take them out first. */
    do {
        seen = 0;
        io_uring_for_each_cqe(&loop->uring, head, cqe) {
            if (seen == sizeof(got) / sizeof(got[0]))
                break;
            got[seen].data = cqe->user_data;
            got[seen++].result = cqe->res;
        }
        io_uring_cq_advance(&loop->uring, seen);
        for (unsigned int i = 0; i < seen; i++)
            handle(loop, got[i].data, got[i].result);
    } while (seen == sizeof(got) / sizeof(got[0]));
}

uint64_t loop_now(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return ts.tv_sec * 1000000000ull + ts.tv_nsec;
}
