/* SPDX-License-Identifier: BSD-2-Clause */
/* Private to event/: the operations of hc_event_channel_op, on behalf of the current vCPU. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "abi/xen.h"

#include <xen/event_channel.h>

struct domain;

/* EVTCHNOP_send by a vCPU of @d on its port @number. Interrupts are on. -EINVAL. */
long event_send(struct domain *d, evtchn_port_t number);

/* The others: 0 or -errno; they fill the structure's output fields. No locks. */
long event_op_alloc_unbound(void *arg); /* bind.c */
long event_op_bind_interdomain(void *arg);
long event_op_bind_ipi(void *arg);
long event_op_bind_vcpu(void *arg);
long event_op_status(void *arg);
long event_op_bind_virq(void *arg); /* virq.c */
long event_op_bind_pirq(void *arg); /* pirq.c */
/* domain.c; @resume: go on where a preempted reset stopped. */
long event_reset(domid_t domid, bool resume);
long event_op_init_control(void *arg); /* fifo.c */
long event_op_expand_array(void *arg);
long event_op_set_priority(void *arg);
