/* SPDX-License-Identifier: BSD-2-Clause */
/* Task switches by a TSS, which VMX leaves to the hypervisor (SDM vol. 3, 7.3 and 25.4.2). Pure. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "abi/xen.h"

#include <xen/hvm/save.h>

/* As exit qualifications tell it (SDM vol. 3, table 27-2). */
enum task_source { TASK_CALL, TASK_IRET, TASK_JMP, TASK_GATE /* in the IDT */ };

struct task_cpu {
    struct hvm_hw_cpu s; /* in and out; RIP is where the old task goes on */
    /* Access memory for the system itself. False: fault is set, or nothing can be done any more. */
    bool (*access)(struct task_cpu *c, uint32_t linear, void *data, unsigned int bytes, bool write);
    /* s.cr3 has changed: access() is through it from now on. False: it cannot be used. */
    bool (*paging)(struct task_cpu *c);
    bool external; /* not an instruction is the cause: bit 0 of error codes (6.13) */
    struct {
        bool valid, has_error;
        uint8_t vector;
        uint32_t error;
        uint64_t cr2;
    } fault;
};

/*
 * Switch to the task of @selector. @error: code to push on the new task's stack, NULL: none. False:
 * nothing has happened and the fault, if there is one, is the old task's. True: c->s is the new
 * task's, whose first event the fault is, if there is one. The processor has checked privileges.
 */
bool task_switch(struct task_cpu *c, enum task_source source, uint16_t selector,
                 const uint32_t *error);
