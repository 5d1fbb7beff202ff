/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Hypercalls. All go through pv_hypercall(), which start.S defines by the hypercall page; a host
 * program that tests the library defines another.
 */
#pragma once

#include "pv-drivers/lib/abi.h"

#include <xen/event_channel.h>
#include <xen/grant_table.h>
#include <xen/memory.h>
#include <xen/sched.h>

/* Hypercall @number (__HYPERVISOR_name) with up to five arguments; its result. */
long pv_hypercall(unsigned int number, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e);

static inline long pv_event_op(unsigned int op, void *arg)
{
    return pv_hypercall(__HYPERVISOR_event_channel_op, op, (uintptr_t)arg, 0, 0, 0);
}

static inline long pv_grant_op(unsigned int op, void *arg, unsigned int count)
{
    return pv_hypercall(__HYPERVISOR_grant_table_op, op, (uintptr_t)arg, count, 0, 0);
}

static inline long pv_memory_op(unsigned int op, void *arg)
{
    return pv_hypercall(__HYPERVISOR_memory_op, op, (uintptr_t)arg, 0, 0, 0);
}

static inline long pv_sched_op(unsigned int op, void *arg)
{
    return pv_hypercall(__HYPERVISOR_sched_op, op, (uintptr_t)arg, 0, 0, 0);
}
