/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the hypervisor and a device model write into the pages they share (xen/hvm/ioreq.h). Pure.
 * The device model may write anything at any time: nothing is read from there twice, and nothing
 * it writes leads outside of the page.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "abi/xen.h"
#include "lib/types.h"

#include <xen/hvm/ioreq.h>

/* A vCPU's slot of the page of synchronous requests: STATE_IOREQ_NONE -> READY (ours to set) ->
 * INPROCESS -> STATE_IORESP_READY (the device model's) -> NONE (ours). */
enum ioreq_progress {
    IOREQ_WAITING,  /* not answered yet */
    IOREQ_ANSWERED, /* the slot is free again */
    IOREQ_ABORTED,  /* the device model has thrown it away: as if no device were there */
    IOREQ_BROKEN,   /* it moved as the protocol does not allow */
};

/* Put @r, whose state does not matter, into a free slot. False: the slot is not free. */
bool must_check ioreq_slot_put(struct ioreq *slot, const struct ioreq *r);
/* How far is it? *@seen is the state found last time, STATE_IOREQ_READY after ioreq_slot_put().
 * With IOREQ_ANSWERED *@data is what was read. */
enum ioreq_progress ioreq_slot_poll(struct ioreq *slot, uint8_t *seen, uint64_t *data);

/*
 * Add a request to the ring of those that need no answer. False: not of this kind (an address of
 * more than 20 bits, repeated, a read), or no room: then it goes the synchronous way. @atomic: the
 * device model moves its pointer by atomic additions (HVM_IOREQSRV_BUFIOREQ_ATOMIC), so both can be
 * brought back when they grow. The caller sees to it that one CPU does this at a time.
 */
bool must_check ioreq_ring_put(struct buffered_iopage *ring, const struct ioreq *r, bool atomic);

/* An access to a configuration register that the address register @cf8 has chosen, at port @port in
 * 0xcfc-0xcff: *@sbdf as XEN_DMOP_PCI_SBDF() has it, *@reg the register's offset. @extended: bits
 * 27:24 of @cf8 are bits 11:8 of the offset (AMD's extended access; software leaves them zero where
 * that does not exist). False: none is chosen. */
bool must_check ioreq_pci_decode(uint32_t cf8, uint16_t port, bool extended, uint32_t *sbdf,
                                 uint32_t *reg);

/* The first and last byte that a memory request touches on the device's side. */
void ioreq_memory_span(const struct ioreq *r, uint64_t *first, uint64_t *last);
