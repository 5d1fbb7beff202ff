/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Event channels, by the FIFO ABI or the older one of two levels. A kernel waits here and is told
 * by the handlers that it bound, or just looks at its devices. Nothing interrupts unless a kernel
 * takes upcalls (smp.h). A port belongs to the vCPU that bound it: that one is woken and runs the
 * handler.
 *
 * What is shared between vCPUs is changed in atomic steps: all of this may be called on every
 * vCPU at any time, but pv_event_dispatch() only where upcalls are off. Waiting does that itself.
 */
#pragma once

#include "pv-drivers/lib/abi.h"

#include <xen/event_channel.h>

#define PV_EVENT_BOUND 64u /* ports that can be bound at once */
#define PV_FOREVER     0ull /* as a deadline: none */

typedef void pv_event_handler(void *arg);

/* Once, when the shared info is mapped. FIFO if @fifo and the hypervisor has it. */
int pv_event_init(bool fifo);
/* The same for a further vCPU, before it starts. */
int pv_event_init_cpu(unsigned int cpu) PV_MUST_CHECK;
bool pv_event_is_fifo(void);

/*
 * A new port for @domain to bind. An event wakes pv_event_wait(), which calls @handler (NULL:
 * nobody; upcalls pass such a port over, so that it waits for who asks for it). The port, or an
 * error.
 */
int pv_event_open(domid_t domain, pv_event_handler *handler, void *arg) PV_MUST_CHECK;
/* The same for a port by which other vCPUs interrupt this one: they send to it. */
int pv_event_ipi(pv_event_handler *handler, void *arg) PV_MUST_CHECK;
/* The same for one of this vCPU's VIRQs, such as VIRQ_TIMER. */
int pv_event_virq(uint32_t virq, pv_event_handler *handler, void *arg) PV_MUST_CHECK;
/* The same for a port that exists, and is the first vCPU's as all ports are at first. */
int pv_event_bind(evtchn_port_t port, pv_event_handler *handler, void *arg) PV_MUST_CHECK;
/* By the vCPU that bound it. */
void pv_event_close(evtchn_port_t port);

/* Tell the other side. An error means that it is gone, which its ring's silence shows as well. */
void pv_event_send(evtchn_port_t port);

/* Call the handlers of this vCPU's pending ports; returns how many ports were pending. */
unsigned int pv_event_dispatch(void);

/* Sleep until one of this vCPU's ports is pending or until @deadline (pv_clock_ns()), then
 * dispatch; returns how many ports were pending. */
unsigned int pv_event_wait(uint64_t deadline);

/* Sleep until @port is pending, and clear it: true, or false at @deadline. Other ports and all
 * handlers of this vCPU wait meanwhile, so this may be used anywhere. */
bool pv_event_take(evtchn_port_t port, uint64_t deadline);
