/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A file or a block device, by io_uring.
 *
 * A block device is read and written past dom0's page cache, as Linux' own back end does; a file
 * goes through it, as it does there by the loop device. What was answered is then safe from our
 * death, and from the machine's once the guest has flushed.
 *
 * flock() tells when the work of a dead process is over: the lock belongs to the open file, and
 * that is closed only when the last of its operations has ended.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "pv-drivers/backends/blkd/disk.h"
#include "pv-drivers/backends/common/loop.h"
#include "pv-drivers/backends/blkd/target.h"

struct disk_file {
    struct disk disk;
    struct loop *loop;
    int fd;
    bool device, exclusive;
};

static uint64_t sectors_of(const struct disk_file *f)
{
    struct stat st;
    uint64_t bytes = 0;

    if (f->device)
        return ioctl(f->fd, BLKGETSIZE64, &bytes) < 0 ? 0 : bytes / ABI_SECTOR;
    return fstat(f->fd, &st) < 0 ? 0 : (uint64_t)st.st_size / ABI_SECTOR;
}

static bool hold(struct disk *disk)
{
    struct disk_file *f = (struct disk_file *)disk;

    if (f->device && !disk->limits.read_only && !f->exclusive) { /* nor may it be mounted in dom0 */
        char path[32];
        int fd;

        snprintf(path, sizeof(path), "/proc/self/fd/%d", f->fd);
        fd = open(path, O_RDWR | O_DIRECT | O_EXCL | O_CLOEXEC);
        if (fd < 0)
            return false;
        f->exclusive = dup3(fd, f->fd, O_CLOEXEC) >= 0;
        close(fd);
        if (!f->exclusive)
            return false;
    }
    return !flock(f->fd, (disk->limits.read_only ? LOCK_SH : LOCK_EX) | LOCK_NB);
}

/* Only a part was done: go on behind it. */
static void advance(struct disk_op *op, size_t bytes)
{
    op->offset += bytes;
    op->length -= bytes;
    while (bytes && bytes >= op->iov->iov_len) {
        bytes -= op->iov->iov_len;
        op->iov++;
        op->iov_count--;
    }
    if (bytes) {
        op->iov->iov_base = (uint8_t *)op->iov->iov_base + bytes;
        op->iov->iov_len -= bytes;
    }
}

/* Into the page cache: io_uring would give that to another thread, which costs more than the
 * copy. */
static void write_now(struct disk_file *f, struct disk_op *op)
{
    ssize_t n = 0;

    while (op->length && (n = pwritev(f->fd, op->iov, op->iov_count, op->offset)) > 0)
        advance(op, n);
    op->done(op, !op->length ? 0 : n < 0 ? -errno : -EIO);
}

static void submit(struct disk *disk, struct disk_op *op)
{
    struct disk_file *f = (struct disk_file *)disk;
    struct io_uring_sqe *sqe;

    if (op->kind == DISK_WRITE && !f->device) {
        write_now(f, op);
        return;
    }
    sqe = loop_place(f->loop);
    switch (op->kind) {
    case DISK_READ:
        io_uring_prep_readv(sqe, f->fd, op->iov, op->iov_count, op->offset);
        break;
    case DISK_WRITE:
        io_uring_prep_writev(sqe, f->fd, op->iov, op->iov_count, op->offset);
        break;
    case DISK_FLUSH:
        io_uring_prep_fsync(sqe, f->fd, IORING_FSYNC_DATASYNC);
        break;
    case DISK_DISCARD: /* what was there reads as zeros: more than is promised, and the same every
                          time */
        io_uring_prep_fallocate(sqe, f->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, op->offset,
                                op->length);
        break;
    }
    io_uring_sqe_set_data(sqe, op);
}

static void completed(struct loop *loop, void *work, int result)
{
    struct disk_file *f = loop->owner;
    struct disk_op *op = work;

    if (result >= 0 && (op->kind == DISK_READ || op->kind == DISK_WRITE) &&
        (uint64_t)result < op->length) {
        if (result > 0) {
            advance(op, result);
            submit(&f->disk, op);
            return;
        }
        result = -EIO; /* the file ends here: it was made shorter */
    }
    op->done(op, result < 0 ? result : 0);
}

static bool resized(struct disk *disk)
{
    uint64_t now = sectors_of((struct disk_file *)disk);

    now -= now % (disk->limits.sector_size / ABI_SECTOR);
    if (now == disk->limits.sectors || !now)
        return false;
    disk->limits.sectors = now;
    return true;
}

static void close_file(struct disk *disk)
{
    struct disk_file *f = (struct disk_file *)disk;

    close(f->fd);
    free(f);
}

/* A number of the block device's queue in sysfs (a partition's is its disk's); 0 when there is
 * none. */
static unsigned long queue_value(const struct stat *st, const char *name)
{
    static const char *const where[] = {"", "/.."};
    unsigned long value = 0;

    for (unsigned int i = 0; i < 2; i++) {
        char path[128];
        FILE *file;

        snprintf(path, sizeof(path), "/sys/dev/block/%u:%u%s/queue/%s", major(st->st_rdev),
                 minor(st->st_rdev), where[i], name);
        file = fopen(path, "re");
        if (!file)
            continue;
        if (fscanf(file, "%lu", &value) != 1)
            value = 0;
        fclose(file);
        break;
    }
    return value;
}

static void device_limits(struct disk_file *f, const struct stat *st)
{
    int logical = 0;
    unsigned int physical = 0;

    if (!ioctl(f->fd, BLKSSZGET, &logical) && logical >= (int)ABI_SECTOR)
        f->disk.limits.sector_size = logical;
    if (!ioctl(f->fd, BLKPBSZGET, &physical) && physical >= f->disk.limits.sector_size)
        f->disk.physical_sector_size = physical;
    f->disk.limits.discard = queue_value(st, "discard_max_bytes");
    f->disk.discard_granularity = queue_value(st, "discard_granularity");
}

struct disk *disk_file_open(struct loop *loop, const struct target *target, bool read_only,
                            const char **why)
{
    struct disk_file *f = calloc(1, sizeof(*f));
    struct stat st;
    int flags = (read_only ? O_RDONLY : O_RDWR) | O_CLOEXEC;

    if (!f || stat(target->where, &st) < 0) {
        *why = "no such file";
        free(f);
        return NULL;
    }
    f->device = S_ISBLK(st.st_mode);
    f->fd = open(target->where, flags | (f->device ? O_DIRECT : 0));
    /* (what it was a moment ago may have been replaced) */
    if (f->fd < 0 || fstat(f->fd, &st) < 0 || f->device != S_ISBLK(st.st_mode) ||
        !(f->device || S_ISREG(st.st_mode))) {
        *why = "cannot be opened, or is neither a file nor a block device";
        if (f->fd >= 0)
            close(f->fd);
        free(f);
        return NULL;
    }
    f->loop = loop;
    loop->completed = completed;
    loop->owner = f;
    f->disk = (struct disk){.hold = hold, .submit = submit, .resized = resized, .close = close_file,
                            .local_path = target->where};
    f->disk.limits =
        (struct request_limits){.sector_size = ABI_SECTOR, .read_only = read_only, .discard = true};
    f->disk.physical_sector_size = f->device ? ABI_SECTOR : ABI_PAGE;
    f->disk.discard_granularity = ABI_PAGE;
    if (f->device)
        device_limits(f, &st);
    f->disk.limits.discard &= !read_only;
    resized(&f->disk);
    return &f->disk;
}
