/* SPDX-License-Identifier: BSD-2-Clause */
/* A front end's rings: found in xenstore, mapped, and given back. Every number is the guest's,
 * so bounded here. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "pv-drivers/backends/blkd/worker.h"

/* What the front end says of itself, before anything is believed. */
struct offer {
    uint32_t abi, queues;
    unsigned int persistent;
    struct { uint32_t port, pages, refs[1u << STATE_MAX_ORDER]; } queue[STATE_MAX_QUEUES];
};

static bool read_queue(struct worker *w, struct offer *o, unsigned int i, unsigned int order)
{
    char dir[XENSTORE_ABS_PATH_MAX];
    bool good;

    if (o->queues > 1)
        snprintf(dir, sizeof(dir), "%s/queue-%u", w->d.front, i);
    else
        snprintf(dir, sizeof(dir), "%s", w->d.front);
    o->queue[i].pages = 1u << order;
    good = store_number(w->d.xs, &o->queue[i].port, UINT32_MAX, -1, dir, "event-channel");
    if (order == 0 && store_number(w->d.xs, &o->queue[i].refs[0], UINT32_MAX, -1, dir, "ring-ref"))
        return good;
    for (unsigned int n = 0; n < o->queue[i].pages; n++)
        good &= store_number(w->d.xs, &o->queue[i].refs[n], UINT32_MAX, -1, dir, "ring-ref%u", n);
    return good;
}

static bool read_offer(struct worker *w, struct offer *o, const char **why)
{
    unsigned int order;
    bool good = true;
    char *text;

    memset(o, 0, sizeof(*o));
    text = store_read(w->d.xs, w->d.front, "protocol");
    if (!text || !strcmp(text, XEN_IO_PROTO_ABI_X86_64))
        o->abi = ABI_X86_64;
    else if (!strcmp(text, XEN_IO_PROTO_ABI_X86_32))
        o->abi = ABI_X86_32;
    else
        good = false;
    free(text);
    good &= store_number(w->d.xs, &o->queues, STATE_MAX_QUEUES, 1, w->d.front,
                         "multi-queue-num-queues") &&
            o->queues &&
            store_number(w->d.xs, &order, STATE_MAX_ORDER, 0, w->d.front, "ring-page-order") &&
            store_number(w->d.xs, &o->persistent, 1, 0, w->d.front, "feature-persistent");
    for (unsigned int i = 0; good && i < o->queues; i++)
        good = read_queue(w, o, i, order);
    if (!good)
        *why = "the front end's nodes are incomplete or out of bounds";
    return good;
}

/* Is this the session that the state file is about? */
static bool same_session(const struct state *s, const struct offer *o)
{
    bool same = s->keep.connected && s->abi == o->abi && s->queues == o->queues;

    for (unsigned int i = 0; same && i < o->queues; i++)
        same = s->queue[i].port == o->queue[i].port && s->queue[i].pages == o->queue[i].pages &&
               !memcmp(s->queue[i].refs, o->queue[i].refs, sizeof(o->queue[i].refs));
    return same;
}

static void new_session(struct worker *w, const struct offer *o)
{
    struct state *s = w->state;

    s->keep.connected = 0;
    memset(s->queue, 0, o->queues * sizeof(s->queue[0]));
    s->abi = o->abi;
    s->queues = o->queues;
    for (unsigned int i = 0; i < o->queues; i++) {
        const struct blkif_sring *shared = w->shared[i];

        s->queue[i].port = o->queue[i].port;
        s->queue[i].pages = o->queue[i].pages;
        memcpy(s->queue[i].refs, o->queue[i].refs, sizeof(o->queue[i].refs));
        /* (a front end may have answers of another back end in its ring) */
        s->queue[i].req_cons = s->queue[i].rsp_prod =
            __atomic_load_n(&shared->rsp_prod, __ATOMIC_ACQUIRE);
    }
    __atomic_signal_fence(__ATOMIC_SEQ_CST);
    s->keep.connected = 1;
}

static void notify(struct engine *e, unsigned int ring)
{
    struct worker *w = (struct worker *)((char *)e - offsetof(struct worker, engine));

    xenevtchn_notify(w->d.evtchn, w->local[ring]);
}

static bool map(struct worker *w, struct offer *o, const char **why)
{
    for (unsigned int i = 0; i < o->queues; i++) {
        xenevtchn_port_or_error_t port;

        w->shared[i] = xengnttab_map_domain_grant_refs(w->d.gnttab, o->queue[i].pages, w->d.domid,
                                                       o->queue[i].refs, PROT_READ | PROT_WRITE);
        if (!w->shared[i]) {
            *why = "a ring cannot be mapped";
            return false;
        }
        port = xenevtchn_bind_interdomain(w->d.evtchn, w->d.domid, o->queue[i].port);
        if (port < 0) {
            *why = "an event channel cannot be bound";
            return false;
        }
        w->local[i] = port;
    }
    return true;
}

static void unmap(struct worker *w, const struct offer *o)
{
    for (unsigned int i = 0; i < STATE_MAX_QUEUES && w->shared[i]; i++) {
        xengnttab_unmap(w->d.gnttab, w->shared[i],
                        o ? o->queue[i].pages : w->state->queue[i].pages);
        w->shared[i] = NULL;
        if (w->local[i])
            xenevtchn_unbind(w->d.evtchn, w->local[i]);
        w->local[i] = 0;
    }
}

/* The front end goes on with the rings it had when another process served them. */
static bool go_on(struct worker *w, const char **why)
{
    if (engine_recover(&w->engine))
        return true;
    *why = "the rings are not as they were left";
    return false;
}

bool worker_attach(struct device *d, bool again, const char **why)
{
    struct worker *w = (struct worker *)d;
    struct engine *e = &w->engine;
    struct offer offer;

    if (!read_offer(w, &offer, why))
        return false;
    if (again && !same_session(w->state, &offer)) {
        *why = "nothing is known about what the front end waits for";
        return false;
    }
    if (!w->disk->hold(w->disk) || !map(w, &offer, why)) {
        unmap(w, &offer);
        return false;
    }
    if (!again)
        new_session(w, &offer);
    memset(e, 0, sizeof(*e));
    e->notify = notify;
    e->now = loop_now;
    e->limit.iops = w->target.iops;
    e->limit.bytes = w->target.bytes;
    if (!engine_start(e, w->disk, w->state, w->shared) ||
        !grants_start(&e->grants, w->d.gnttab, w->d.domid, offer.persistent && w->target.persistent,
                      &w->state->counters.mapped_grants) ||
        (again && !go_on(w, why))) {
        if (!*why)
            *why = "no memory";
        grants_stop(&e->grants);
        engine_stop(e);
        unmap(w, &offer);
        return false;
    }
    return true;
}

void worker_drain(struct device *d)
{
    struct worker *w = (struct worker *)d;

    w->engine.stopping = true;
    while (w->engine.inflight) {
        engine_run(&w->engine);
        if (w->engine.inflight)
            loop_round(&d->loop, 0);
    }
    engine_run(&w->engine); /* tells of the last answers */
}

void worker_detach(struct device *d)
{
    struct worker *w = (struct worker *)d;

    w->state->keep.connected = 0;
    grants_stop(&w->engine.grants);
    unmap(w, NULL);
    engine_stop(&w->engine);
}
