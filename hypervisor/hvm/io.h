/* SPDX-License-Identifier: BSD-2-Clause */
/* Accesses to ports and to memory that is none, from the instruction to the device. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "hvm/ioreq.h"

struct vcpu;

enum hvm_io_result {
    HVM_IO_DONE,   /* for a read, r->data is the value, with zeros above it */
    HVM_IO_LATER,  /* a device model was asked: leave everything as it is and return
                    * EXIT_RETRY_LATER; the exit is handled once more when it has answered, and then
                    * the same access gets its answer */
    HVM_IO_SINGLE, /* only for several at once or through memory: make simple accesses instead */
    HVM_IO_FAILED, /* the domain was crashed */
};

/*
 * Carry out @r of the current vCPU: `type` PIO or COPY, `addr`, `size` 1, 2, 4 or 8 (ports: 4 at
 * most), `dir` 1 for a read, `count`, and with `df` downwards. `data` is the value of a single
 * write; with `data_is_ptr` it is the physical address of the guest's memory on the other side, all
 * of it in one page, and that of the device's in one page too. `state` and `vp_eport` are not
 * looked at. Interrupts on, no locks.
 */
enum hvm_io_result hvm_io(struct vcpu *v, struct ioreq *r);

/* What before_entry() does for a vCPU with VCPU_WORK_CONTINUE: go on with what it waits for.
 * Interrupts on. */
void hvm_io_resume(struct vcpu *v);
