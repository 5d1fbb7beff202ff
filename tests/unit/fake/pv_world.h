/* SPDX-License-Identifier: BSD-2-Clause */
/* The world around libzendo-pv for host tests: a hypervisor of a few hypercalls, pages with frame
 * numbers, a xenstore daemon at the other end of its ring; the back end is the test. */
#pragma once

#include "pv-drivers/lib/abi.h"

#include <xen/event_channel.h>
#include <xen/grant_table.h>

#define WORLD_FRONT "/local/domain/1/"

/* Everything as at a guest's start, with an empty store. */
void world_start(void);
/* The back end's turn: called whenever the guest sends an event (@port) or waits (0). */
extern void (*world_backend)(evtchn_port_t port);
/* Called when the guest has written a node, before watches fire. */
extern void (*world_written)(const char *path, const char *value);
/* How many times a nanosecond, by powers of two, the guest's clock runs: waits end soon. */
void world_time_shift(int shift);

/* Nodes of the store, by their full paths; a node that is not there is NULL. */
const char *world_node(const char *path);
void world_set(const char *path, const char *format, ...)
    __attribute__((__format__(__printf__, 2, 3)));
/* A device of the guest: "vbd", "51712", with the back end's directory of that name. */
void world_device(const char *kind, const char *name);

/* The guest's page behind a grant: NULL unless it is given. */
void *world_page(grant_ref_t ref);
void world_raise(evtchn_port_t port);
/* Ports are those of the vCPU that opened them, and this is the one that runs. */
extern unsigned int world_cpu;
unsigned int world_pages_used(void);
