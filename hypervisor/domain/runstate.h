/* SPDX-License-Identifier: BSD-2-Clause */
/* The copy of a vCPU's runstate in its own memory. */
#pragma once

#include <stdint.h>

#include "lib/types.h"

struct vcpu;

/* VCPUOP_register_runstate_memory_area: @gva in the caller's address space, for @v of its domain;
 * 0 ends it. Writes the area once. -EFAULT. */
int must_check runstate_register(struct vcpu *v, uint64_t gva);

/* Write @v's area, if it has one and the guest has not unmapped it. @v is current and its address
 * space loaded. Interrupts on or off. */
void runstate_publish(struct vcpu *v);
