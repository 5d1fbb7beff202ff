/* SPDX-License-Identifier: BSD-2-Clause */
/* Running hypercalls: for the guest kinds' entries and for multicall. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/types.h"

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

/*
 * The same for a hardware-assisted guest: registers by the calling convention of its mode (xen-doc,
 * hypercall ABI), and the calls that only PV guests have do not exist. True: done; false: the
 * instruction is to be run again.
 */
bool must_check hypercall_run_translated(struct vcpu *v, bool is_64bit);

/* Does hypercall @number exist for guests other than PV? */
bool hypercall_serves_translated(uint64_t number);

/* Fill a page with the stubs of the ABI: entry n at n * 32 (xen/arch-x86/xen.h, hypercall page). */
void hypercall_page_write(void *page);
/* The same for hardware-assisted guests. @call: the vendor's instruction, three bytes. */
void hypercall_page_write_translated(void *page, const uint8_t call[3]);
