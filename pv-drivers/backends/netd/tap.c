/* SPDX-License-Identifier: BSD-2-Clause */
#include "pv-drivers/backends/netd/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <unistd.h>

#define FLAGS (IFF_TAP | IFF_NO_PI | IFF_VNET_HDR | IFF_MULTI_QUEUE)

unsigned int if_nametoindex(const char *name); /* (net/if.h and linux/if.h exclude each other) */
char *if_indextoname(unsigned int index, char *name);

/* A queue of the tap with this name, which is made if there is none. */
static int queue_open(const char *name)
{
    struct ifreq request = {.ifr_flags = FLAGS};
    int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC), error;

    if (fd < 0)
        return -1;
    memcpy(request.ifr_name, name, strnlen(name, IFNAMSIZ - 1));
    if (ioctl(fd, TUNSETIFF, &request) < 0) {
        error = errno;
        close(fd);
        errno = error;
        return -1;
    }
    return fd;
}

static void send_one(struct tap *tap, unsigned int queue, struct frame *f)
{
    f->result = writev(tap->fd[queue], f->iov, f->iovs) < 0 ? -errno : 0;
}

/* All in one system call: a tap takes what comes and does not wait (its send buffer is as large as
 * a number can say), so they are done, in this order. */
static void send_frames(struct port *port, unsigned int queue, struct frame *const *frames,
                        unsigned int count)
{
    struct tap *tap = (struct tap *)port;
    struct io_uring_cqe *cqe;
    unsigned int head, seen = 0;

    if (count == 1) {
        send_one(tap, queue, frames[0]);
        return;
    }
    for (unsigned int i = 0; i < count; i++) {
        struct io_uring_sqe *sqe = io_uring_get_sqe(&tap->uring);

        io_uring_prep_writev(sqe, tap->fd[queue], frames[i]->iov, frames[i]->iovs, 0);
        io_uring_sqe_set_data(sqe, frames[i]);
        frames[i]->result = -EIO;
    }
    while (seen < count && io_uring_submit_and_wait(&tap->uring, count - seen) >= -EINTR) {
        unsigned int now = 0;

        io_uring_for_each_cqe(&tap->uring, head, cqe) {
            ((struct frame *)io_uring_cqe_get_data(cqe))->result = cqe->res < 0 ? cqe->res : 0;
            now++;
        }
        io_uring_cq_advance(&tap->uring, now);
        seen += now;
    }
}

/*
 * (io_uring would wait for a frame, O_NONBLOCK or not.) When there were so many as the last time,
 * it is left to the loop to see whether there are more: a read that gets nothing costs as much as
 * one that does.
 */
static unsigned int fetch(struct port *port, unsigned int queue, struct frame *frames,
                          unsigned int count)
{
    struct tap *tap = (struct tap *)port;
    unsigned int got = 0, most = tap->guess[queue] ? tap->guess[queue] : 1;

    if (most > count)
        most = count;
    for (; got < most; got++) {
        ssize_t n = readv(tap->fd[queue], frames[got].iov, frames[got].iovs);

        if (n <= 0) {
            port->gone |= n < 0 && errno == EBADFD;
            break;
        }
        frames[got].length =
            n < (ssize_t)sizeof(frames[got].head) ? 0 : n - sizeof(frames[got].head);
    }
    tap->guess[queue] = got < most ? got : got + got / 2 + 1;
    return got;
}

unsigned int tap_offloads(const struct engine_wishes *wishes, bool tso4, bool tso6)
{
    unsigned int flags = 0;

    if (wishes->sum_ipv4 || wishes->sum_ipv6)
        flags |= TUN_F_CSUM;
    if (wishes->sg && wishes->sum_ipv4 && tso4)
        flags |= TUN_F_TSO4;
    if (wishes->sg && wishes->sum_ipv6 && tso6)
        flags |= TUN_F_TSO6;
    return flags;
}

bool tap_make(struct tap *tap, const char *name, uint32_t *index)
{
    int fd;

    tap->port = (struct port){.send = send_frames, .fetch = fetch};
    /* (the hotplug script may have given it another name) */
    if (*index && if_indextoname(*index, tap->name))
        return true;
    snprintf(tap->name, sizeof(tap->name), "%s", name);
    fd = queue_open(tap->name);
    if (fd < 0)
        return false;
    if (ioctl(fd, TUNSETPERSIST, 1) < 0) {
        close(fd);
        return false;
    }
    *index = if_nametoindex(tap->name);
    close(fd);
    return *index;
}

static bool queue_set(const struct tap *tap, unsigned int queue, bool attach)
{
    struct ifreq request = {.ifr_flags = attach ? IFF_ATTACH_QUEUE : IFF_DETACH_QUEUE};

    return ioctl(tap->fd[queue], TUNSETQUEUE, &request) >= 0;
}

bool tap_attach(struct tap *tap, unsigned int queues, unsigned int offloads)
{
    if (!tap->uring.ring_fd && io_uring_queue_init(ENGINE_BATCH, &tap->uring, 0) < 0)
        return false;
    for (; tap->attached < queues; tap->attached++) {
        unsigned int i = tap->attached;

        if (i == tap->open) {
            tap->fd[i] = queue_open(tap->name);
            if (tap->fd[i] < 0)
                return false;
            tap->open++;
        } else if (!queue_set(tap, i, true)) {
            return false;
        }
    }
    return ioctl(tap->fd[0], TUNSETOFFLOAD, offloads) >= 0;
}

void tap_detach(struct tap *tap)
{
    while (tap->attached)
        queue_set(tap, --tap->attached, false);
}

void tap_end(const char *name)
{
    int fd = queue_open(name);

    if (fd < 0)
        return;
    ioctl(fd, TUNSETPERSIST, 0);
    close(fd);
}
