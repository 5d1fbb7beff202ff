/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Event channels, by the FIFO ABI or the older one of two levels. Nothing interrupts (README.md): a
 * kernel waits here and is told by the handlers that it bound, or just looks at its devices.
 */
#pragma once

#include "pv-drivers/lib/abi.h"

#include <xen/event_channel.h>

#define PV_EVENT_BOUND 32u /* ports that can be bound at once */
#define PV_FOREVER     0ull /* as a deadline: none */

typedef void pv_event_handler(void *arg);

/* Once, when the shared info is mapped. FIFO if @fifo and the hypervisor has it. */
int pv_event_init(bool fifo);
bool pv_event_is_fifo(void);

/* A new port for @domain to bind; it wakes pv_event_wait(), which calls @handler (NULL: nobody). */
int pv_event_open(domid_t domain, pv_event_handler *handler, void *arg) PV_MUST_CHECK;
/* The same for a port that exists. */
int pv_event_bind(evtchn_port_t port, pv_event_handler *handler, void *arg) PV_MUST_CHECK;
void pv_event_close(evtchn_port_t port);

/* Tell the other side. An error means that it is gone, which its ring's silence shows as well. */
void pv_event_send(evtchn_port_t port);

/* Call the handlers of all pending ports; returns how many ports were pending. */
unsigned int pv_event_dispatch(void);

/* Sleep until a bound port is pending or until @deadline (pv_clock_ns()), then dispatch. */
unsigned int pv_event_wait(uint64_t deadline);

/* Sleep until @port is pending, and clear it: true, or false at @deadline. Other ports and all
 * handlers wait meanwhile, so this may be used anywhere. */
bool pv_event_take(evtchn_port_t port, uint64_t deadline);
