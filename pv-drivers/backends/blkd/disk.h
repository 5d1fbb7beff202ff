/* SPDX-License-Identifier: BSD-2-Clause */
/* What holds a disk's bytes: a file or block device (disk_file.c), or an image that QEMU reads
 * (disk_image.c). */
#pragma once

#include <sys/uio.h>

#include "pv-drivers/backends/blkd/request.h"

enum disk_kind { DISK_READ, DISK_WRITE, DISK_FLUSH, DISK_DISCARD };

/*
 * One piece of work. It and what it points to belong to the disk from submit until `done`, which
 * gets 0 or a negative errno; -EOPNOTSUPP means that the disk cannot do such a thing at all. The
 * disk may change iov and its count while it works. `done` may be called by submit itself.
 */
struct disk_op {
    enum disk_kind kind;
    uint64_t offset, length; /* bytes */
    struct iovec *iov;
    unsigned int iov_count;
    void (*done)(struct disk_op *op, int result);
};

struct disk {
    struct request_limits limits;
    unsigned int physical_sector_size, discard_granularity; /* bytes */
    const char *local_path; /* what another program could open for the same bytes, or NULL */
    /* Take exclusive hold (shared when read only) against all others and what they left unfinished.
     * False: not yet. Until then nothing may be submitted. */
    bool (*hold)(struct disk *disk);
    void (*submit)(struct disk *disk, struct disk_op *op);
    /* Has the size changed since the last call? Then limits.sectors is new. */
    bool (*resized)(struct disk *disk);
    void (*close)(struct disk *disk);
};

/* Open by a target of the configuration (target.h). On failure NULL and a reason in why. */
struct target;
struct loop;
struct disk *disk_file_open(struct loop *loop, const struct target *target, bool read_only,
                            const char **why);
struct disk *disk_image_open(struct loop *loop, const struct target *target, bool read_only,
                             const char *name, const char **why);
