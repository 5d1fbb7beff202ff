/* SPDX-License-Identifier: BSD-2-Clause */
/* What a hypercall handler needs: preemption, continuation, sub-op tables. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "abi/errno.h"
#include "lib/types.h"

struct vcpu;

/* Internal result: not finished; call again with the arguments as they now are. Never reaches a
 * guest: dispatch.c moves its instruction pointer back over the call. */
#ifndef ERESTART
#define ERESTART 85 /* xen/errno.h, hypervisor-internal there too */
#endif

/* Should long work stop now (interrupt work pending on this CPU)? Cheap; call it every few dozen
 * microseconds of work at most. */
bool hypercall_preempt(void);

/* Arguments of the call being made, to be changed before returning -ERESTART. */
uint64_t *hypercall_args(void);

/*
 * Sub-operation tables: copy-in, permission and copy-out once instead of once per case.
 * run() gets a pointer to a private copy of the guest's structure (zero-extended to 8-byte size)
 * and returns 0, a positive result, or -errno. With SUBOP_OUT the structure is copied back when
 * run() returned >= 0; with SUBOP_OUT_ALWAYS, whatever it returned (but not on -ERESTART).
 */
enum subop_flags {
    SUBOP_IN = 0,
    SUBOP_OUT = 1,
    SUBOP_OUT_ALWAYS = 2,
    SUBOP_CONTROL = 4, /* control domain only: others get -EPERM */
    SUBOP_NOARG = 8,   /* no structure: run(NULL) */
    SUBOP_ASK_FIRST = 16, /* with SUBOP_CONTROL: -EPERM even when the structure cannot be read */
};

struct subop {
    uint32_t number;
    uint16_t bytes;
    uint16_t flags;
    long (*run)(void *arg);
};

#define SUBOP_MAX_BYTES 256

/* Find @number in @table and run it with the structure at @gva. -ENOSYS when absent, -EFAULT. */
long subop_run(const struct subop *table, unsigned int count, uint32_t number, uint64_t gva);

/* Is the calling domain the control domain? */
bool caller_is_control(void);
