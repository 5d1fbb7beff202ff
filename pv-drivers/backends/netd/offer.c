/* SPDX-License-Identifier: BSD-2-Clause */
/* What stands in our directory of xenstore. */
#include <errno.h>
#include <unistd.h>

#include "pv-drivers/backends/netd/worker.h"

/* A queue for each of our CPUs, as Linux' back end offers. */
static unsigned int queues_offered(void)
{
    long cpus = sysconf(_SC_NPROCESSORS_ONLN);

    return cpus < 1 ? 1 : cpus > (long)STATE_MAX_QUEUES ? STATE_MAX_QUEUES : cpus;
}

bool worker_offer(struct device *d, const char **why)
{
    struct worker *w = (struct worker *)d;
    const struct { const char *name; unsigned int value; } offers[] = {
        {"multi-queue-max-queues", queues_offered()},
        {"feature-rx-copy", 1},
        {"feature-rx-flip", 0},
        {"feature-sg", 1},
        {"feature-gso-tcpv4", 1},
        {"feature-gso-tcpv6", 1},
        {"feature-ipv6-csum-offload", 1},
        {"feature-multicast-control", 1},
        {"feature-dynamic-multicast-control", 1},
        {"feature-split-event-channels", 1},
        {"feature-ctrl-ring", 0},
        {"feature-xdp-headroom", 0},
    };
    char name[16];
    bool good = true;

    snprintf(name, sizeof(name), "vif%u.%u", d->domid, d->number);
    if (!tap_make(&w->tap, name, &w->state->tap)) {
        *why = errno == ENOENT ? "there is no /dev/net/tun" : "a tap cannot be made";
        return false;
    }
    for (unsigned int i = 0; i < sizeof(offers) / sizeof(offers[0]); i++)
        good &= store_write(d->xs, d->path, offers[i].name, "%u", offers[i].value);
    return good;
}
