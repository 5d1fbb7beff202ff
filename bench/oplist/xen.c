/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a program asks the hypervisor for, by the kernel's devices and the stable libraries: each
 * figure has the way through the kernel in it. Events and grants are the domain's own on both
 * sides.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <xencall.h>
#include <xenevtchn.h>
#include <xengnttab.h>
#include <xenstore.h>

#include <xen/sched.h>
#include <xen/version.h>

#include "oplist.h"

#define PAGE 4096

static xencall_handle *call;

ITEM(null_calls, xencall1(call, __HYPERVISOR_xen_version, XENVER_version))
ITEM(yield_calls, xencall1(call, __HYPERVISOR_sched_op, SCHEDOP_yield))

static bool call_ready(void)
{
    if (!call)
        call = xencall_open(NULL, 0);
    return call != NULL;
}

static uint64_t hypercalls(unsigned long rounds)
{
    return call_ready() ? null_calls(rounds) : NO_SUCH_THING;
}

static uint64_t yields(unsigned long rounds)
{
    return call_ready() ? yield_calls(rounds) : NO_SUCH_THING;
}

/* An event channel between two ports of ours, one for each side. */
static xenevtchn_handle *side[2];
static evtchn_port_t port[2];

/* Waits for side @i's event. */
static void event_take(int i)
{
    int got = xenevtchn_pending(side[i]);

    if (got >= 0)
        xenevtchn_unmask(side[i], (evtchn_port_t)got);
}

static bool channel_open(void)
{
    struct pollfd quiet = {.events = POLLIN};
    int got;

    for (int i = 0; i < 2; i++)
        if (!(side[i] = xenevtchn_open(NULL, 0)))
            return false;
    got = xenevtchn_bind_unbound_port(side[0], DOMID_SELF);
    if (got < 0)
        return false;
    port[0] = (evtchn_port_t)got;
    got = xenevtchn_bind_interdomain(side[1], DOMID_SELF, port[0]);
    port[1] = (evtchn_port_t)got;
    quiet.fd = xenevtchn_fd(side[1]);
    while (got >= 0 && poll(&quiet, 1, 10) > 0) /* binding raises one */
        event_take(1);
    return got >= 0;
}

static void channel_close(void)
{
    for (int i = 0; i < 2; i++) {
        if (side[i])
            xenevtchn_close(side[i]);
        side[i] = NULL;
    }
}

ITEM(event_rounds, {
    xenevtchn_notify(side[0], port[0]);
    event_take(1);
})

static uint64_t events(unsigned long rounds)
{
    uint64_t took = channel_open() ? event_rounds(rounds) : NO_SUCH_THING;

    channel_close();
    return took;
}

static void event_turn(bool first)
{
    if (first)
        xenevtchn_notify(side[0], port[0]);
    event_take(first ? 0 : 1);
    if (!first)
        xenevtchn_notify(side[1], port[1]);
}

/* Between two processes, there and back. */
static uint64_t event_pairs(unsigned long rounds)
{
    uint64_t took = channel_open() ? partner_run(rounds, 0, event_turn) : NO_SUCH_THING;

    channel_close();
    return took;
}

static xengnttab_handle *table;
static uint32_t reference;
static uint16_t self;
static char *shared, *buffer;

static bool grant_ready(void)
{
    struct xs_handle *xs;
    char *id;

    if (shared)
        return true;
    xs = xs_open(0);
    id = xs ? xs_read(xs, XBT_NULL, "domid", NULL) : NULL;
    if (xs)
        xs_close(xs);
    if (!id)
        return false;
    self = (uint16_t)atoi(id);
    free(id);
    table = xengnttab_open(NULL, 0);
    buffer = touched(PAGE);
    if (table && buffer)
        shared = xengntshr_share_pages(xengntshr_open(NULL, 0), self, 1, &reference, 1);
    return shared != NULL;
}

static bool starts(const char *file, const char *word)
{
    FILE *f = fopen(file, "r");
    char line[64];
    bool does = f && fgets(line, sizeof(line), f) && !strncmp(line, word, strlen(word));

    if (f)
        fclose(f);
    return does;
}

/* Xen lets no PVH or HVM guest map what it grants itself, and then its Linux dies of a stray entry
 * of its page tables. */
static bool may_map_own(void)
{
    return starts("/sys/hypervisor/guest_type", "PV\n") ||
           starts("/sys/hypervisor/compilation/compiled_by", "zendo");
}

static bool mapped;

ITEM(maps, {
    void *at = xengnttab_map_grant_ref(table, self, reference, PROT_READ | PROT_WRITE);

    mapped = at && xengnttab_unmap(table, at, 1) == 0;
})

static uint64_t grant_maps(unsigned long rounds)
{
    uint64_t took = may_map_own() && grant_ready() ? maps(rounds) : NO_SUCH_THING;

    return mapped ? took : NO_SUCH_THING;
}

static xengnttab_grant_copy_segment_t segment;

ITEM(copies, xengnttab_grant_copy(table, 1, &segment))

static uint64_t grant_copies(unsigned long rounds)
{
    uint64_t took;

    if (!grant_ready())
        return NO_SUCH_THING;
    segment.source.foreign.ref = reference;
    segment.source.foreign.domid = self;
    segment.dest.virt = buffer;
    segment.len = PAGE;
    segment.flags = GNTCOPY_source_gref;
    took = copies(rounds);
    return segment.status == GNTST_okay ? took : NO_SUCH_THING;
}

const struct item xen_items[] = {
    {"hypercall", hypercalls},
    {"yield", yields},
    {"event", events},
    {"event_pair", event_pairs},
    {"grant_map", grant_maps},
    {"grant_copy", grant_copies},
    {0},
};
