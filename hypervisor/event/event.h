/* SPDX-License-Identifier: BSD-2-Clause */
/* Event channels: what other rooms may do with them. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "abi/xen.h"
#include "lib/types.h"

#include <xen/event_channel.h>

struct domain;
struct vcpu;

/* Per-domain and per-vCPU parts. @max_port: XEN_DOMCTL_createdomain max_evtchn_port. -ENOMEM. */
int must_check event_domain_init(struct domain *d, uint32_t max_port);
/* Close all ports; -ERESTART when preempted. Domain dying, vCPUs stopped. */
int must_check event_domain_relinquish(struct domain *d);
void event_domain_free(struct domain *d);
int must_check event_vcpu_init(struct vcpu *v);
void event_vcpu_free(struct vcpu *v);

/* Raise a per-vCPU VIRQ on @v; nothing happens when it is not bound. Any context. */
void event_raise_virq(struct vcpu *v, uint32_t virq);
/* Raise a global VIRQ to the domain that has bound it (the control domain). Any context. */
void event_raise_global_virq(uint32_t virq);

/* Raise port @port of @d as if sent (used by pirqs and the hypervisor's own senders). */
void event_raise_port(struct domain *d, evtchn_port_t port);

/* Direct global VIRQ @virq to @d instead of the control domain (XEN_DOMCTL_set_virq_handler).
 * -EINVAL for a VIRQ that is not global, -EEXIST when it goes there already. */
int must_check event_set_virq_handler(struct domain *d, uint32_t virq);

/* Reserve an unbound port of @d for @remote: domain builders. Port or -errno. */
int must_check event_alloc_unbound(struct domain *d, domid_t remote, evtchn_port_t *port);

/*
 * A port of @v's domain whose end is ours, for @remote to bind: what is sent to it does not become
 * pending but ends what @v waits for (sched_wait_for()). The guest cannot use or close it.
 * -ENOSPC, -ENOMEM, -EINVAL (dying). No locks.
 */
int must_check event_open_own(struct vcpu *v, domid_t remote, evtchn_port_t *port);
void event_close_own(struct domain *d, evtchn_port_t port);
/* Send from such a port; nothing happens when nobody has bound the other end. */
void event_send_own(struct domain *d, evtchn_port_t port);

/* Is @port of @d pending, whether masked or not? (SCHEDOP_poll) false for bad ports. Full barrier
 * duty lies with the poller: mark itself as polling first, then ask. */
bool event_port_pending(struct domain *d, evtchn_port_t port);
/* Is there such a port, open or not? (-EINVAL of SCHEDOP_poll) */
bool event_port_valid(struct domain *d, evtchn_port_t port);

/* EVTCHNOP_unmask on @d's behalf (PHYSDEVOP_eoi with automatic unmasking). -EINVAL bad port. */
int event_unmask_port(struct domain *d, evtchn_port_t port);

/* @v got a new vcpu_info: its pending state must be re-announced. */
void event_vcpu_info_moved(struct vcpu *v);

/* The layout of @d's shared_info has changed (d->shared_32bit): as many ports as it has bits. */
void event_layout_changed(struct domain *d);

/* Log every open port; debug key 'e'. */
void event_dump(struct domain *d);
