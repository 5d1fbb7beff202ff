/* SPDX-License-Identifier: BSD-2-Clause */
/* Running hypercalls: for the guest kinds' entries and for multicall. */
#pragma once

#include <stdint.h>

struct vcpu;

/*
 * Run hypercall @number with arguments @a0.. for the current vCPU, interrupts on. Its result; with
 * -ERESTART the arguments are to be found with hypercall_args(). For the iret hypercall, which has
 * set every register but RAX, the result is the guest's RAX. entry.S passes what is in the guest's
 * registers and stores the result in RAX.
 */
long hypercall_run(uint64_t a0, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t number);

/* What is left to do when it returned -ERESTART for @v's registers: have the call made again, with
 * the arguments that the handler left, from the instruction itself. */
void hypercall_restart(struct vcpu *v);

/* Fill a page with the stubs of the ABI: entry n at n * 32 (xen/arch-x86/xen.h, hypercall page). */
void hypercall_page_write(void *page);
