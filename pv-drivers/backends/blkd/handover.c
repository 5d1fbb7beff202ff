/* SPDX-License-Identifier: BSD-2-Clause */
/* What stands in our directory of xenstore; and the kernel's driver, which wants every vbd. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pv-drivers/backends/blkd/worker.h"

#define KERNEL_DRIVER "/sys/bus/xen-backend/drivers/vbd"

bool worker_take_over(struct worker *w, enum xenbus_state own)
{
    char path[128];
    int fd;

    snprintf(path, sizeof(path), KERNEL_DRIVER "/%s", w->name);
    if (access(path, F_OK)) /* not the kernel's: never, or not yet */
        return own != XenbusStateInitialising || access(KERNEL_DRIVER, F_OK) ||
               loop_now() > w->patience;
    /* (while its probe function runs, this waits for that) */
    fd = open(KERNEL_DRIVER "/unbind", O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    (void)!write(fd, w->name, strlen(w->name));
    close(fd);
    return access(path, F_OK);
}

/* A guest with many CPUs may have a queue for each of them; more than we have CPUs for brings
 * nothing. */
static unsigned int queues_offered(void)
{
    long cpus = sysconf(_SC_NPROCESSORS_ONLN);

    return cpus < 1 ? 1 : cpus > (long)STATE_MAX_QUEUES ? STATE_MAX_QUEUES : cpus;
}

bool worker_show_size(struct worker *w)
{
    return store_write(w->xs, w->path, "sectors", "%llu",
                       (unsigned long long)w->disk->limits.sectors) &&
           store_write(w->xs, w->path, "sector-size", "%u", w->disk->limits.sector_size) &&
           store_write(w->xs, w->path, "physical-sector-size", "%u",
                       w->disk->physical_sector_size) &&
           store_write(w->xs, w->path, "info", "%u",
                       (w->cdrom ? VDISK_CDROM : 0) |
                           (w->disk->limits.read_only ? VDISK_READONLY : 0));
}

bool worker_offer(struct worker *w)
{
    const struct disk *d = w->disk;
    const struct { const char *name; unsigned int value; } offers[] = {
        {"multi-queue-max-queues", queues_offered()},
        {"max-ring-page-order", STATE_MAX_ORDER},
        {"feature-max-indirect-segments", REQUEST_MAX_SEGMENTS},
        {"feature-persistent", w->target.persistent},
        {"feature-flush-cache", 1},
        {"feature-barrier", 1},
        {"feature-discard", d->limits.discard},
        {"discard-granularity", d->discard_granularity},
        {"discard-alignment", 0},
        {"discard-secure", 0},
    };
    bool good = true;

    for (unsigned int i = 0; i < sizeof(offers) / sizeof(offers[0]); i++)
        good &= store_write(w->xs, w->path, offers[i].name, "%u", offers[i].value);
    if (d->local_path)
        good &= store_write(w->xs, w->path, "physical-device-path", "%s", d->local_path);
    return good;
}
