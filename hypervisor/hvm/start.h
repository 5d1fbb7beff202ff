/* SPDX-License-Identifier: BSD-2-Clause */
/* How hardware-assisted vCPUs begin. */
#pragma once

#include <stdint.h>

#include "lib/types.h"

struct domain;
struct vcpu;

/* What INIT and a start-up interrupt leave: real mode at @selector:@ip (SDM vol. 3, table 9-1). @v
 * does not run, or is current and about to. */
void hvm_start_real_mode(struct vcpu *v, uint16_t selector, uint16_t ip);

/* What INIT does to @v: it is down, and only a start-up interrupt or VCPUOP_initialise says where
 * it begins. It may not have stopped yet: the caller sees to that. Any context. */
void hvm_await_startup(struct vcpu *v);
/* @v begins anew, in whichever way: what it had asked for, and its local APIC. As above. */
void hvm_forget(struct vcpu *v);

/* HVM_PARAM_ACPI_S_STATE: the domain, not the caller's, goes to S3: paused, only memory keeps what
 * it has; then it wakes at its reset vector. Nothing happens if it is there already. */
void hvm_sleep(struct domain *d);
void hvm_wake(struct domain *d);
/* VCPUOP_initialise of @v from a struct vcpu_hvm_context of the caller's (domain/kind.h, start). */
int must_check hvm_start(struct vcpu *v, uint64_t gva);
/* A PVH kernel's first vCPU @v, which does not run: 32-bit protected mode without paging at @entry,
 * EBX = @info (Xen docs, misc/pvh). */
void hvm_start_pvh(struct vcpu *v, uint32_t entry, uint32_t info);
