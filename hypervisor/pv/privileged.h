/* SPDX-License-Identifier: BSD-2-Clause */
/* Instructions a PV guest's kernel executes as if it ran in ring 0. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct vcpu;
struct domain;

/* #GP(0) at the current instruction: emulate it if it is a privileged one the guest may use, and
 * step over it; false: the fault is the guest's. Current vCPU, interrupts on. */
bool pv_emulate_privileged(struct vcpu *v);

/* #UD: is this the forced-emulation prefix with CPUID (xen/arch-x86/xen.h XEN_CPUID)? */
bool pv_emulate_forced(struct vcpu *v);

/* May the guest code now running use @bytes ports from @port (virtual IOPL or its bitmap)? */
bool pv_ports_allowed(struct vcpu *v, uint32_t port, unsigned int bytes);
