/* SPDX-License-Identifier: BSD-2-Clause */
/* Sending a PV vCPU to one of its handlers: the frame on its kernel stack. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/types.h"

struct vcpu;

/*
 * Make the current vCPU enter its handler at @rip in kernel mode, with the frame of the ABI (RCX,
 * R11, RIP, CS, RFLAGS, RSP, SS) on its kernel stack; @mask_events sets the upcall mask. Crashes
 * the domain when the stack cannot be written. Interrupts on.
 */
void pv_bounce(struct vcpu *v, uint64_t rip, bool mask_events);

/* Deliver exception @vector through the trap table, with the CPU's @error (above R11) where it has
 * one. */
void pv_bounce_trap(struct vcpu *v, unsigned int vector, uint32_t error);

/* The frame of the failsafe callback (xen/callback.h): segment registers between R11 and RIP. */
void pv_bounce_failsafe(struct vcpu *v);

/* Is @va in canonical form (bit 47 extended)? */
static inline bool is_canonical(uint64_t va)
{
    return (uint64_t)((int64_t)(va << 16) >> 16) == va;
}
