/* SPDX-License-Identifier: BSD-2-Clause */
/* Running hypercalls: for the guest kinds' entries and for multicall. */
#pragma once

#include <stdint.h>

struct vcpu;

/* Run the hypercall in @v's registers (the current vCPU) and put the result there; interrupts
 * on. */
void hypercall_run(struct vcpu *v);

/* Run the batch's entry that is in v->hc.entry and return its result, which may be -ERESTART with
 * v->hc.entry.args edited. Current vCPU. */
long hypercall_call_entry(struct vcpu *v);

/* Fill a page with the stubs of the ABI: entry n at n * 32 (xen/arch-x86/xen.h, hypercall page). */
void hypercall_page_write(void *page);
