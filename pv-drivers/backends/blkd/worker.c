/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One disk's life as xenstore tells it: `state` here and in the front end's directory, as
 * xen/io/xenbus.h and xen/io/blkif.h say. We say InitWait when we have offered, Connected when the
 * rings are ours, Closing when the front end begins to close or is broken, Closed when nothing of
 * its memory is ours any more.
 */
#include "pv-drivers/backends/blkd/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

/* The kernel's driver looks at a new device within this time, if it does at all; libxl waits
 * longer. */
#define PATIENCE 5000000000ull
#define SIZE_EVERY 1000000000ull  /* how often the disk's size is looked at */
#define HOLD_EVERY 50000000ull    /* how often a disk is asked for that is not free */

static volatile sig_atomic_t told_to_end;

static void end_signal(int signal)
{
    (void)signal;
    told_to_end = 1;
}

static void say(const struct worker *w, const char *what)
{
    fprintf(stderr, "%s: %s\n", w->name, what);
}

static bool state_set(struct worker *w, enum xenbus_state state)
{
    w->own = state;
    return store_change(w->xs, w->path, "state", state);
}

/* The device cannot go on; whoever started it reads why. */
static void fail(struct worker *w, const char *why)
{
    say(w, why);
    store_write(w->xs, w->path, "hotplug-error", "%s", why);
    worker_detach(w);
    state_set(w, XenbusStateClosing);
}

static void attach(struct worker *w, enum xenbus_state front)
{
    const char *why;
    bool again = w->own == XenbusStateConnected;

    if (!worker_attach(w, front, &why)) {
        if (why)
            fail(w, why);
        else if (!w->waits)
            say(w, "the disk is in use: waiting");
        w->retry = w->waits = !why;
        return;
    }
    w->waits = false;
    fprintf(stderr, "%s: %s, %u rings%s, %s\n", w->name, again ? "recovered" : "connected",
            w->state->queues, w->state->abi == ABI_X86_32 ? " of a 32-bit guest" : "",
            w->engine.grants.persistent ? "grants are kept" : "grants are copied");
    if (!again && (!worker_show_size(w) || !state_set(w, XenbusStateConnected)))
        fail(w, "xenstore does not take what we say");
}

/* The first thing after our start: offer, unless a front end is connected already. */
static bool prepare(struct worker *w, enum xenbus_state own)
{
    if (!worker_take_over(w, own))
        return false;
    w->prepared = true;
    if (own == XenbusStateConnected || own == XenbusStateClosing)
        return true;
    if (!worker_offer(w) || !state_set(w, XenbusStateInitWait))
        say(w, "xenstore does not take what we say");
    store_write(w->xs, w->path, "hotplug-status", "connected");
    return true;
}

/* True: this was the device's end. */
static bool follow_front(struct worker *w, enum xenbus_state front, bool online)
{
    switch (front) {
    case XenbusStateInitialising: /* perhaps again, after it was closed */
        if (w->own == XenbusStateClosed)
            state_set(w, XenbusStateInitWait);
        return false;
    case XenbusStateInitialised:
    case XenbusStateConnected:
        if (w->own == XenbusStateConnected && front == XenbusStateInitialised && !w->attached)
            w->own = XenbusStateInitWait; /* it began anew while nobody was here */
        if (!w->attached && (w->own == XenbusStateInitWait || w->own == XenbusStateConnected))
            attach(w, front);
        return false;
    case XenbusStateClosing: /* it may still have requests */
        if (w->own != XenbusStateClosing)
            state_set(w, XenbusStateClosing);
        return false;
    case XenbusStateClosed:
    case XenbusStateUnknown: /* its directory is gone */
        worker_detach(w);
        if (w->own != XenbusStateClosed)
            state_set(w, XenbusStateClosed);
        return !online || front == XenbusStateUnknown;
    default:
        return false;
    }
}

/* Look at xenstore. True: this was the device's end. */
static bool follow(struct worker *w)
{
    unsigned int own, front, online;

    w->changed = w->retry = false;
    if (!store_number(w->xs, &own, XenbusStateReconfigured, -1, w->path, "state"))
        return true; /* the toolstack has removed us */
    store_number(w->xs, &online, 1, 0, w->path, "online");
    store_number(w->xs, &front, XenbusStateReconfigured, XenbusStateUnknown, w->front, "state");
    if (!w->prepared) {
        w->own = own;
        if (!prepare(w, own)) {
            w->retry = true;
            return false;
        }
    } else if (own != w->own && own == XenbusStateClosing) {
        w->own = own; /* the toolstack wants the device away */
    } else if (own != w->own && worker_take_over(w, own)) {
        state_set(w, w->own); /* a driver of the kernel was loaded and spoke for us */
    }
    if (w->own == XenbusStateClosing && !w->attached && !online && front < XenbusStateInitialised)
        front = XenbusStateClosed; /* nobody has ever come */
    return follow_front(w, front, online);
}

static void store_ready(void *arg)
{
    struct worker *w = arg;
    char **event;

    while ((event = xs_check_watch(w->xs)))
        free(event);
    w->changed = true;
}

/* As much time as the next round may wait. */
static uint64_t look_after(struct worker *w)
{
    uint64_t wait, now;

    if (!w->attached)
        return w->retry ? HOLD_EVERY : SIZE_EVERY;
    wait = engine_run(&w->engine);
    if (w->engine.broken) {
        fail(w, w->engine.broken);
        return HOLD_EVERY;
    }
    if (wait)
        return wait;
    now = loop_now();
    if (now - w->size_checked > SIZE_EVERY) {
        w->size_checked = now;
        /* the front end reads the size again when our state is written again */
        if (w->disk->resized(w->disk) && worker_show_size(w))
            state_set(w, w->own);
    }
    return SIZE_EVERY;
}

static bool open_disk(struct worker *w, const char **why)
{
    char *params = store_read(w->xs, w->path, "params"), *mode = store_read(w->xs, w->path, "mode");
    char *type = store_read(w->xs, w->path, "device-type");
    unsigned int discard;
    bool read_only;

    *why = "xenstore does not say what the disk is";
    w->cdrom = type && !strcmp(type, "cdrom");
    read_only = w->cdrom || !mode || mode[0] != 'w';
    if (params && target_parse(&w->target, params, why)) {
        w->disk = !strcmp(w->target.format, "raw")
                      ? disk_file_open(&w->loop, &w->target, read_only, why)
                      : disk_image_open(&w->loop, &w->target, read_only, w->name, why);
        if (w->disk &&
            (!store_number(w->xs, &discard, 1, 1, w->path, "discard-enable") || !discard))
            w->disk->limits.discard = false;
    }
    free(params);
    free(mode);
    free(type);
    return w->disk;
}

/* Everything that needs no front end. */
static enum worker_end start(struct worker *w)
{
    const char *why = "xenstore, event channels or grants cannot be used";
    char token[] = "device";

    w->evtchn = xenevtchn_open(NULL, 0);
    w->gnttab = xengnttab_open(NULL, 0);
    w->xs = xs_open(0);
    if (!w->evtchn || !w->gnttab || !w->xs || loop_start(&w->loop) < 0) {
        say(w, why);
        return WORKER_AGAIN;
    }
    w->state = state_open(w->state_path); /* waits for a worker before us */
    w->front = store_read(w->xs, w->path, "frontend");
    if (!w->state || !w->front || !xs_watch(w->xs, w->path, token) ||
        !xs_watch(w->xs, w->front, token)) {
        say(w, "no state file, or no front end");
        return WORKER_AGAIN;
    }
    if (!open_disk(w, &why)) {
        say(w, why);
        store_write(w->xs, w->path, "hotplug-error", "%s", why);
        store_write(w->xs, w->path, "hotplug-status", "error");
        unlink(w->state_path);
        return WORKER_REFUSED;
    }
    loop_watch(&w->loop, xs_fileno(w->xs), POLLIN, store_ready, w);
    loop_channels(&w->loop, xenevtchn_fd(w->evtchn));
    return WORKER_DONE;
}

enum worker_end worker_run(const char *path)
{
    static struct worker w;
    const char *last = strstr(path, "/backend/vbd/");
    struct sigaction action = {.sa_handler = end_signal};
    enum worker_end end;

    w.path = path;
    if (!last || sscanf(last, "/backend/vbd/%u/%u", &w.domid, &w.device) != 2)
        return WORKER_REFUSED;
    snprintf(w.name, sizeof(w.name), "vbd-%u-%u", w.domid, w.device);
    snprintf(w.state_path, sizeof(w.state_path), RUN_DIRECTORY "/%s.state", w.name);
    prctl(PR_SET_NAME, w.name);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    end = start(&w);
    if (end != WORKER_DONE)
        return end;
    w.changed = true;
    w.patience = loop_now() + PATIENCE;
    while (!told_to_end) {
        uint64_t wait;

        if ((w.changed || w.retry) && follow(&w)) {
            worker_detach(&w);
            w.disk->close(w.disk);
            unlink(w.state_path);
            return WORKER_DONE;
        }
        wait = look_after(&w);
        if (!told_to_end)
            loop_round(&w.loop, wait);
    }
    if (w.attached)
        worker_drain(&w);
    return WORKER_AGAIN; /* the state file says where to go on */
}
