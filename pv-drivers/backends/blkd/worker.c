/* SPDX-License-Identifier: BSD-2-Clause */
/* What a disk is beyond a device of any kind (common/device.h). */
#include "pv-drivers/backends/blkd/worker.h"

#include <stdlib.h>
#include <string.h>

#define SIZE_EVERY 1000000000ull /* how often the disk's size is looked at */

static bool open_disk(struct worker *w, const char **why)
{
    struct device *d = &w->d;
    char *params = store_read(d->xs, d->path, "params"), *mode = store_read(d->xs, d->path, "mode");
    char *type = store_read(d->xs, d->path, "device-type");
    unsigned int discard;
    bool read_only;

    *why = "xenstore does not say what the disk is";
    w->cdrom = type && !strcmp(type, "cdrom");
    read_only = w->cdrom || !mode || mode[0] != 'w';
    if (params && target_parse(&w->target, params, why)) {
        w->disk = !strcmp(w->target.format, "raw")
                      ? disk_file_open(&d->loop, &w->target, read_only, why)
                      : disk_image_open(&d->loop, &w->target, read_only, d->name, why);
        if (w->disk &&
            (!store_number(d->xs, &discard, 1, 1, d->path, "discard-enable") || !discard))
            w->disk->limits.discard = false;
    }
    free(params);
    free(mode);
    free(type);
    return w->disk;
}

static enum device_end open_all(struct device *d, const char **why)
{
    struct worker *w = (struct worker *)d;

    *why = "no state file";
    w->state = state_open(d->state_path);
    if (!w->state)
        return DEVICE_AGAIN;
    return open_disk(w, why) ? DEVICE_DONE : DEVICE_REFUSED;
}

static void attached(const struct device *d, FILE *log)
{
    const struct worker *w = (const struct worker *)d;

    fprintf(log, "%u rings%s, %s\n", w->state->queues,
            w->state->abi == ABI_X86_32 ? " of a 32-bit guest" : "",
            w->engine.grants.persistent ? "grants are kept" : "grants are copied");
}

static void changed(struct device *d)
{
    (void)d;
}

static uint64_t run(struct device *d, const char **why)
{
    struct worker *w = (struct worker *)d;
    uint64_t wait = engine_run(&w->engine), now;

    *why = w->engine.broken;
    if (*why || wait)
        return wait;
    now = loop_now();
    if (now - w->size_checked > SIZE_EVERY) {
        w->size_checked = now;
        /* the front end reads the size again when our state is written again */
        if (w->disk->resized(w->disk) && worker_show_size(d))
            device_state(d, d->own);
    }
    return 0;
}

static void close_all(struct device *d)
{
    struct worker *w = (struct worker *)d;

    w->disk->close(w->disk);
}

static bool stats(const char *path, FILE *out)
{
    const struct state *s = state_peek(path);

    if (!s)
        return false;
    fprintf(out, " connected=%u rings=%u", s->keep.connected, s->keep.connected ? s->queues : 0);
    keep_print(out, state_fields, state_field_count, &s->counters);
    state_drop(s);
    return true;
}

static struct worker worker;

const struct device_kind worker_kind = {
    .class = "vbd",
    .program = "zendo-blkd",
    .script = "block-zendo",
    .directory = RUN_DIRECTORY,
    .usage = "Serves guests' disks with script=block-zendo in xl.cfg",
    .device = &worker.d,
    .ready = "connected",
    .waiting = "the disk is in use: waiting",
    .open = open_all,
    .offer = worker_offer,
    .attach = worker_attach,
    .attached = attached,
    .present = worker_show_size,
    .changed = changed,
    .run = run,
    .drain = worker_drain,
    .detach = worker_detach,
    .close = close_all,
    .stats = stats,
};
