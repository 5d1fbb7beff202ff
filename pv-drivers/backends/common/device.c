/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A device's life as xenstore tells it: `state` here and in the front end's directory, as
 * xen/io/xenbus.h says. We say InitWait when we have offered, Connected when the rings are ours,
 * Closing when the front end begins to close or is broken, Closed when nothing of its memory is
 * ours any more.
 */
#include "pv-drivers/backends/common/device.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

/* The kernel's driver looks at a new device within this time, if it does at all; libxl waits
 * longer. */
#define PATIENCE   5000000000ull
#define LOOK_EVERY 1000000000ull /* how often run() is called when nothing happens */
#define RETRY      50000000ull   /* how often what was not ready is asked for again */

static volatile sig_atomic_t told_to_end;

static void end_signal(int signal)
{
    (void)signal;
    told_to_end = 1;
}

void device_say(const struct device *d, const char *what)
{
    fprintf(stderr, "%s: %s\n", d->name, what);
}

bool device_state(struct device *d, enum xenbus_state state)
{
    d->own = state;
    return store_change(d->xs, d->path, "state", state);
}

static void detach(struct device *d)
{
    if (!d->attached)
        return;
    d->kind->drain(d);
    d->kind->detach(d);
    d->attached = false;
}

/* The device cannot go on; whoever started it reads why. */
static void fail(struct device *d, const char *why)
{
    device_say(d, why);
    store_write(d->xs, d->path, "hotplug-error", "%s", why);
    detach(d);
    device_state(d, XenbusStateClosing);
}

static void attach(struct device *d, enum xenbus_state front)
{
    const char *why = NULL;
    bool connected = d->own == XenbusStateConnected;

    if (!d->kind->attach(d, connected && front == XenbusStateConnected, &why)) {
        if (why)
            fail(d, why);
        else if (!d->waits)
            device_say(d, d->kind->waiting);
        d->retry = d->waits = !why;
        return;
    }
    d->attached = true;
    d->waits = false;
    fprintf(stderr, "%s: %s, ", d->name, connected ? "recovered" : "connected");
    d->kind->attached(d, stderr);
    if (!connected && (!d->kind->present(d) || !device_state(d, XenbusStateConnected)))
        fail(d, "xenstore does not take what we say");
}

static void refuse(const struct device *d, const char *why)
{
    device_say(d, why);
    store_write(d->xs, d->path, "hotplug-error", "%s", why);
    store_write(d->xs, d->path, "hotplug-status", "error");
}

/* The first thing after our start: offer, unless a front end is connected already. */
static bool prepare(struct device *d, enum xenbus_state own)
{
    const char *why = "xenstore does not take what we say";
    char *status;

    if (!kernel_lets_go(d, own))
        return false;
    d->prepared = true;
    if (own == XenbusStateConnected || own == XenbusStateClosing)
        return true;
    if (!d->kind->offer(d, &why) || !device_state(d, XenbusStateInitWait)) {
        refuse(d, why);
        return true;
    }
    status = store_read(d->xs, d->path, "hotplug-status");
    if (!status || strcmp(status, "connected")) /* (the script may have done its part before) */
        store_write(d->xs, d->path, "hotplug-status", "%s", d->kind->ready);
    free(status);
    return true;
}

/* True: this was the device's end. */
static bool follow_front(struct device *d, enum xenbus_state front, bool online)
{
    switch (front) {
    case XenbusStateInitialising: /* perhaps again, after it was closed */
        if (d->own == XenbusStateClosed)
            device_state(d, XenbusStateInitWait);
        return false;
    case XenbusStateInitialised:
    case XenbusStateConnected:
        if (d->own == XenbusStateConnected && front == XenbusStateInitialised && !d->attached)
            d->own = XenbusStateInitWait; /* it began anew while nobody was here */
        if (!d->attached && (d->own == XenbusStateInitWait || d->own == XenbusStateConnected))
            attach(d, front);
        return false;
    case XenbusStateClosing: /* it may still have requests */
        if (d->own != XenbusStateClosing)
            device_state(d, XenbusStateClosing);
        return false;
    case XenbusStateClosed:
    case XenbusStateUnknown: /* its directory is gone */
        detach(d);
        if (d->own != XenbusStateClosed)
            device_state(d, XenbusStateClosed);
        return !online || front == XenbusStateUnknown;
    default:
        return false;
    }
}

/* Look at xenstore. True: this was the device's end. */
static bool follow(struct device *d)
{
    unsigned int own, front, online;

    d->changed = d->retry = false;
    if (!store_number(d->xs, &own, XenbusStateReconfigured, -1, d->path, "state"))
        return true; /* the toolstack has removed us */
    store_number(d->xs, &online, 1, 0, d->path, "online");
    store_number(d->xs, &front, XenbusStateReconfigured, XenbusStateUnknown, d->front, "state");
    if (!d->prepared) {
        d->own = own;
        if (!prepare(d, own)) {
            d->retry = true;
            return false;
        }
    } else if (own != d->own && own == XenbusStateClosing) {
        d->own = own; /* the toolstack wants the device away */
    } else if (own != d->own && kernel_lets_go(d, own)) {
        device_state(d, d->own); /* a driver of the kernel was loaded and spoke for us */
    }
    if (d->own == XenbusStateClosing && !d->attached && !online && front < XenbusStateInitialised)
        front = XenbusStateClosed; /* nobody has ever come */
    if (d->attached)
        d->kind->changed(d);
    return follow_front(d, front, online);
}

static void store_ready(void *arg)
{
    struct device *d = arg;
    char **event;

    while ((event = xs_check_watch(d->xs)))
        free(event);
    d->changed = true;
}

/* As much time as the next round may wait. */
static uint64_t look_after(struct device *d)
{
    const char *why = NULL;
    uint64_t wait;

    if (!d->attached)
        return d->retry ? RETRY : LOOK_EVERY;
    wait = d->kind->run(d, &why);
    if (why) {
        fail(d, why);
        return RETRY;
    }
    return wait ? wait : LOOK_EVERY;
}

/* Everything that needs no front end. */
static enum device_end start(struct device *d)
{
    const char *why = NULL;
    char token[] = "device";
    enum device_end end;
    unsigned int state;

    d->evtchn = xenevtchn_open(NULL, 0);
    d->gnttab = xengnttab_open(NULL, 0);
    d->xs = xs_open(0);
    if (!d->evtchn || !d->gnttab || !d->xs || loop_start(&d->loop) < 0) {
        device_say(d, "xenstore, event channels or grants cannot be used");
        return DEVICE_AGAIN;
    }
    end = d->kind->open(d, &why); /* may wait for the process before us */
    if (end == DEVICE_AGAIN)
        device_say(d, why);
    if (end == DEVICE_REFUSED) {
        refuse(d, why);
        unlink(d->state_path);
    }
    if (end != DEVICE_DONE)
        return end;
    d->front = store_read(d->xs, d->path, "frontend");
    if (!d->front && !store_number(d->xs, &state, XenbusStateReconfigured, -1, d->path, "state"))
        return DEVICE_DONE; /* it went while nobody served it: follow() will see that */
    if (!d->front || !xs_watch(d->xs, d->path, token) || !xs_watch(d->xs, d->front, token)) {
        device_say(d, "there is no front end");
        return DEVICE_AGAIN;
    }
    loop_watch(&d->loop, xs_fileno(d->xs), POLLIN, store_ready, d);
    loop_channels(&d->loop, xenevtchn_fd(d->evtchn));
    return DEVICE_DONE;
}

enum device_end device_run(const struct device_kind *kind, const char *path)
{
    struct device *d = kind->device;
    struct sigaction action = {.sa_handler = end_signal};
    char before[32], format[40];
    const char *last;
    enum device_end end;

    d->kind = kind;
    d->path = path;
    snprintf(before, sizeof(before), "/backend/%s/", kind->class);
    snprintf(format, sizeof(format), "%s%%u/%%u", before);
    last = strstr(path, before);
    if (!last || sscanf(last, format, &d->domid, &d->number) != 2)
        return DEVICE_REFUSED;
    snprintf(d->name, sizeof(d->name), "%s-%u-%u", kind->class, d->domid, d->number);
    snprintf(d->state_path, sizeof(d->state_path), "%s/%s.state", kind->directory, d->name);
    prctl(PR_SET_NAME, d->name);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    end = start(d);
    if (end != DEVICE_DONE)
        return end;
    d->changed = true;
    d->patience = loop_now() + PATIENCE;
    while (!told_to_end) {
        uint64_t wait;

        if ((d->changed || d->retry) && follow(d)) {
            detach(d);
            kind->close(d);
            unlink(d->state_path);
            return DEVICE_DONE;
        }
        wait = look_after(d);
        if (!told_to_end)
            loop_round(&d->loop, wait);
    }
    if (d->attached)
        kind->drain(d);
    return DEVICE_AGAIN; /* the state file says where to go on */
}
