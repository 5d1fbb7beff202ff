/* SPDX-License-Identifier: BSD-2-Clause */
/* What stands in our directory of xenstore. */
#include <unistd.h>

#include "pv-drivers/backends/blkd/worker.h"

/* A guest with many CPUs may have a queue for each of them; more than we have CPUs for brings
 * nothing. */
static unsigned int queues_offered(void)
{
    long cpus = sysconf(_SC_NPROCESSORS_ONLN);

    return cpus < 1 ? 1 : cpus > (long)STATE_MAX_QUEUES ? STATE_MAX_QUEUES : cpus;
}

bool worker_show_size(struct device *d)
{
    struct worker *w = (struct worker *)d;

    return store_write(d->xs, d->path, "sectors", "%llu",
                       (unsigned long long)w->disk->limits.sectors) &&
           store_write(d->xs, d->path, "sector-size", "%u", w->disk->limits.sector_size) &&
           store_write(d->xs, d->path, "physical-sector-size", "%u",
                       w->disk->physical_sector_size) &&
           store_write(d->xs, d->path, "info", "%u",
                       (w->cdrom ? VDISK_CDROM : 0) |
                           (w->disk->limits.read_only ? VDISK_READONLY : 0));
}

bool worker_offer(struct device *d, const char **why)
{
    struct worker *w = (struct worker *)d;
    const struct disk *disk = w->disk;
    const struct { const char *name; unsigned int value; } offers[] = {
        {"multi-queue-max-queues", queues_offered()},
        {"max-ring-page-order", STATE_MAX_ORDER},
        {"feature-max-indirect-segments", REQUEST_MAX_SEGMENTS},
        {"feature-persistent", w->target.persistent},
        {"feature-flush-cache", 1},
        {"feature-barrier", 1},
        {"feature-discard", disk->limits.discard},
        {"discard-granularity", disk->discard_granularity},
        {"discard-alignment", 0},
        {"discard-secure", 0},
    };
    bool good = true;

    (void)why;
    for (unsigned int i = 0; i < sizeof(offers) / sizeof(offers[0]); i++)
        good &= store_write(d->xs, d->path, offers[i].name, "%u", offers[i].value);
    if (disk->local_path)
        good &= store_write(d->xs, d->path, "physical-device-path", "%s", disk->local_path);
    return good;
}
