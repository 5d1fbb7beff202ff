/* SPDX-License-Identifier: BSD-2-Clause */
/* What a network port is beyond a device of any kind (common/device.h). */
#include "pv-drivers/backends/netd/worker.h"

#include <poll.h>

static enum device_end open_state(struct device *d, const char **why)
{
    struct worker *w = (struct worker *)d;

    *why = "no state file";
    w->state = state_open(d->state_path);
    return w->state ? DEVICE_DONE : DEVICE_AGAIN;
}

static void attached(const struct device *d, FILE *log)
{
    const struct worker *w = (const struct worker *)d;
    const struct engine_wishes *o = &w->engine.wishes;

    fprintf(log, "%s, %u queues%s%s%s\n", w->tap.name, w->state->queues,
            o->sg ? ", large frames" : "", w->engine.limit.bytes ? ", limited" : "",
            o->mcast ? ", multicast filtered" : "");
}

static bool present(struct device *d)
{
    (void)d;
    return true;
}

static uint64_t run(struct device *d, const char **why)
{
    struct worker *w = (struct worker *)d;
    uint64_t wait = engine_run(&w->engine);

    for (unsigned int i = 0; i < w->engine.queues; i++)
        w->watched[i]->events = w->engine.queue[i].wants ? POLLIN : 0;
    *why = w->tap.port.gone ? "the tap was taken away" : w->engine.broken;
    return wait;
}

static void drain(struct device *d)
{
    struct worker *w = (struct worker *)d;

    w->engine.stopping = true; /* nothing is in work between two rounds */
}

static void close_tap(struct device *d)
{
    struct worker *w = (struct worker *)d;
    uint32_t index = w->state->tap;

    if (index && tap_make(&w->tap, "", &index))
        tap_end(w->tap.name);
}

static bool stats(const char *path, FILE *out)
{
    const struct state *s = state_peek(path);

    if (!s)
        return false;
    fprintf(out, " connected=%u queues=%u", s->keep.connected, s->keep.connected ? s->queues : 0);
    keep_print(out, state_fields, state_field_count, &s->counters);
    state_drop(s);
    return true;
}

static struct worker worker;

const struct device_kind worker_kind = {
    .class = "vif",
    .program = "zendo-netd",
    .script = "vif-zendo",
    .directory = RUN_DIRECTORY,
    .usage = "Serves guests' network ports with script=vif-zendo in xl.cfg",
    .device = &worker.d,
    .ready = "tap",
    .waiting = "waiting for the hotplug script",
    .open = open_state,
    .offer = worker_offer,
    .attach = worker_attach,
    .attached = attached,
    .present = present,
    .changed = worker_changed,
    .run = run,
    .drain = drain,
    .detach = worker_detach,
    .close = close_tap,
    .stats = stats,
};
