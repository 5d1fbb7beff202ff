/* SPDX-License-Identifier: BSD-2-Clause */
/* Who called whom: the chain of frame pointers on a hypervisor stack. */
#pragma once

#include "lib/types.h"

/* A walk up the chain that never reads outside its stack and always ends. */
struct backtrace {
    uint64_t frame;     /* where the next saved frame pointer stands */
    uint64_t low, high; /* the stack's first byte and the one behind its last */
    unsigned int steps; /* frames that may still be read */
};

void backtrace_start(struct backtrace *walk, uint64_t frame, uint64_t low, uint64_t high);

/* The next return address; false at the end of the chain or where it leaves the stack. */
bool backtrace_next(struct backtrace *walk, uint64_t *address);

/*
 * "ffff82d040001234 name+0x12", or the address alone; always terminated. `returns`: it is where a
 * call returns to, so the instruction before it gives the name.
 */
void backtrace_format(char *to, size_t size, uint64_t address, bool returns);

/*
 * Logs the call chain: `rip` (0: none), then the caller of each frame, starting with the frame
 * pointer that belongs to it (cpu_user_regs.rbp of a fault in the hypervisor). Reads the running
 * CPU's stacks only. Any context.
 */
void backtrace_print(uint64_t rip, uint64_t frame);

/* Logs the words on the running CPU's stack from `rsp` on; nothing when it lies elsewhere. */
void backtrace_stack(uint64_t rsp);
