/* SPDX-License-Identifier: BSD-2-Clause */
/* A front end's rings: found in xenstore, mapped, and given back. Every number is the guest's,
 * so bounded here. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "pv-drivers/backends/netd/worker.h"

/* What the front end says of itself, before anything is believed. */
struct offer {
    uint32_t queues;
    struct engine_wishes wishes;
    bool tso4, tso6;
    struct { uint32_t tx, rx, port[2]; } queue[STATE_MAX_QUEUES]; /* port[1] 0: one for both */
};

static bool read_queue(struct worker *w, struct offer *o, unsigned int i)
{
    char dir[XENSTORE_ABS_PATH_MAX];
    uint32_t *port = o->queue[i].port;

    if (o->queues > 1)
        snprintf(dir, sizeof(dir), "%s/queue-%u", w->d.front, i);
    else
        snprintf(dir, sizeof(dir), "%s", w->d.front);
    if (!store_number(w->d.xs, &o->queue[i].tx, UINT32_MAX, -1, dir, "tx-ring-ref") ||
        !store_number(w->d.xs, &o->queue[i].rx, UINT32_MAX, -1, dir, "rx-ring-ref"))
        return false;
    if (store_number(w->d.xs, &port[0], UINT32_MAX, -1, dir, "event-channel-tx"))
        return store_number(w->d.xs, &port[1], UINT32_MAX, -1, dir, "event-channel-rx") && port[1];
    return store_number(w->d.xs, &port[0], UINT32_MAX, -1, dir, "event-channel");
}

static bool flag(struct worker *w, const char *name)
{
    unsigned int value;

    return store_number(w->d.xs, &value, UINT32_MAX, 0, w->d.front, "%s", name) && value;
}

static bool read_offer(struct worker *w, struct offer *o, const char **why)
{
    bool good;

    memset(o, 0, sizeof(*o));
    good = store_number(w->d.xs, &o->queues, STATE_MAX_QUEUES, 1, w->d.front,
                        "multi-queue-num-queues") && o->queues;
    for (unsigned int i = 0; good && i < o->queues; i++)
        good = read_queue(w, o, i);
    if (!good) {
        *why = "the front end's nodes are incomplete or out of bounds";
        return false;
    }
    if (!flag(w, "request-rx-copy")) {
        *why = "the front end wants pages instead of copies";
        return false;
    }
    o->wishes = (struct engine_wishes){
        .sg = flag(w, "feature-sg"),
        .sum_ipv4 = !flag(w, "feature-no-csum-offload"),
        .sum_ipv6 = flag(w, "feature-ipv6-csum-offload"),
        .rx_notify = flag(w, "feature-rx-notify"),
        .mcast = flag(w, "request-multicast-control"),
    };
    o->tso4 = flag(w, "feature-gso-tcpv4");
    o->tso6 = flag(w, "feature-gso-tcpv6");
    return true;
}

/* Is this the session that the state file is about? */
static bool same_session(const struct state *s, const struct offer *o)
{
    bool same = s->keep.connected && s->queues == o->queues;

    for (unsigned int i = 0; same && i < o->queues; i++)
        same = s->queue[i].tx.ref == o->queue[i].tx && s->queue[i].rx.ref == o->queue[i].rx &&
               s->queue[i].tx.port == o->queue[i].port[0] &&
               s->queue[i].rx.port == o->queue[i].port[1];
    return same;
}

static void new_session(struct worker *w, const struct offer *o)
{
    struct state *s = w->state;

    s->keep.connected = 0;
    in_order();
    s->queues = o->queues;
    s->mcast_count = 0;
    for (unsigned int i = 0; i < o->queues; i++) {
        struct state_ring *tx = &s->queue[i].tx, *rx = &s->queue[i].rx;
        struct netif_tx_sring *shared_tx = w->tx[i];
        struct netif_rx_sring *shared_rx = w->rx[i];

        tx->ref = o->queue[i].tx;
        rx->ref = o->queue[i].rx;
        tx->port = o->queue[i].port[0];
        rx->port = o->queue[i].port[1];
        /* (a front end may have answers of another back end in its rings) */
        tx->answered = tx->published = engine_load(&shared_tx->rsp_prod);
        rx->answered = rx->published = engine_load(&shared_rx->rsp_prod);
    }
    in_order();
    s->keep.connected = 1;
}

static void notify(struct engine *e, unsigned int queue, bool rx)
{
    struct worker *w = (struct worker *)((char *)e - offsetof(struct worker, engine));

    xenevtchn_notify(w->d.evtchn, w->local[queue][rx && w->local[queue][1]]);
}

static bool bind_port(struct worker *w, uint32_t remote, evtchn_port_t *local, const char **why)
{
    xenevtchn_port_or_error_t port = xenevtchn_bind_interdomain(w->d.evtchn, w->d.domid, remote);

    if (port < 0) {
        *why = "an event channel cannot be bound";
        return false;
    }
    *local = port;
    return true;
}

static bool map_rings(struct worker *w, const struct offer *o, const char **why)
{
    for (unsigned int i = 0; i < o->queues; i++) {
        w->tx[i] = xengnttab_map_grant_ref(w->d.gnttab, w->d.domid, o->queue[i].tx,
                                           PROT_READ | PROT_WRITE);
        w->rx[i] = xengnttab_map_grant_ref(w->d.gnttab, w->d.domid, o->queue[i].rx,
                                           PROT_READ | PROT_WRITE);
        if (!w->tx[i] || !w->rx[i]) {
            *why = "a ring cannot be mapped";
            return false;
        }
        if (!bind_port(w, o->queue[i].port[0], &w->local[i][0], why) ||
            (o->queue[i].port[1] && !bind_port(w, o->queue[i].port[1], &w->local[i][1], why)))
            return false;
    }
    return true;
}

static void unmap_rings(struct worker *w)
{
    for (unsigned int i = 0; i < STATE_MAX_QUEUES; i++) {
        if (w->tx[i])
            xengnttab_unmap(w->d.gnttab, w->tx[i], 1);
        if (w->rx[i])
            xengnttab_unmap(w->d.gnttab, w->rx[i], 1);
        w->tx[i] = w->rx[i] = NULL;
        for (unsigned int n = 0; n < 2; n++) {
            if (w->local[i][n])
                xenevtchn_unbind(w->d.evtchn, w->local[i][n]);
            w->local[i][n] = 0;
        }
    }
}

/* xl's rate=: so many bytes in so many microseconds. */
static void read_rate(struct worker *w, struct limit *limit)
{
    char *text = store_read(w->d.xs, w->d.path, "rate");
    unsigned long bytes, us;

    if (text && sscanf(text, "%lu,%lu", &bytes, &us) == 2 && us && us <= 1000000000 &&
        bytes <= UINT32_MAX) {
        limit->bytes = bytes * 1000000ull / us;
        limit->saved = us * 1000ull;
    }
    free(text);
}

static void tap_ready(void *arg)
{
    (void)arg; /* (what is there is fetched when the loop's round is over) */
}

static bool connect_tap(struct worker *w, const struct offer *o)
{
    if (!tap_attach(&w->tap, o->queues, tap_offloads(&o->wishes, o->tso4, o->tso6)))
        return false;
    for (unsigned int i = 0; i < o->queues; i++)
        if (!w->watched[i])
            w->watched[i] = loop_watch(&w->d.loop, w->tap.fd[i], 0, tap_ready, w);
    return true;
}

static bool join(struct worker *w, const struct offer *o, bool again, const char **why)
{
    struct engine *e = &w->engine;

    if (!map_rings(w, o, why))
        return false;
    if (!again)
        new_session(w, o);
    *why = "the tap cannot be used";
    if (!connect_tap(w, o))
        return false;
    *why = "no memory";
    if (!engine_start(e, &w->tap.port, w->state, w->tx, w->rx))
        return false;
    *why = "the rings are not as they were left";
    return !again || engine_recover(e);
}

bool worker_attach(struct device *d, bool again, const char **why)
{
    struct worker *w = (struct worker *)d;
    struct engine *e = &w->engine;
    char *status = store_read(d->xs, d->path, "hotplug-status");
    bool joined = status && !strcmp(status, "connected");
    struct offer offer;

    free(status);
    if (!joined || !read_offer(w, &offer, why))
        return false;
    if (again && (!same_session(w->state, &offer) || !tap_make(&w->tap, "", &w->state->tap))) {
        *why = "nothing is known about what the front end waits for";
        return false;
    }
    memset(e, 0, sizeof(*e));
    e->gnttab = d->gnttab;
    e->domid = d->domid;
    if (!w->share)
        w->share = xengntshr_open(NULL, 0);
    if (sscanf(d->path, "/local/domain/%u/", &e->own) == 1)
        e->share = w->share;
    e->wishes = offer.wishes;
    e->notify = notify;
    e->now = loop_now;
    read_rate(w, &e->limit);
    if (!join(w, &offer, again, why)) {
        engine_stop(e);
        tap_detach(&w->tap);
        unmap_rings(w);
        return false;
    }
    *why = NULL;
    return true;
}

void worker_detach(struct device *d)
{
    struct worker *w = (struct worker *)d;

    w->state->keep.connected = 0;
    for (unsigned int i = 0; i < w->engine.queues; i++)
        w->watched[i]->events = 0;
    engine_stop(&w->engine);
    tap_detach(&w->tap);
    unmap_rings(w);
}

void worker_changed(struct device *d)
{
    struct worker *w = (struct worker *)d;

    w->engine.wishes.mcast = flag(w, "request-multicast-control");
}
