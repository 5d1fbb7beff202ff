/* SPDX-License-Identifier: BSD-2-Clause */
/* The FIFO event ABI (xen/event_channel.h), read from the guest's side: queues of event words that
 * the hypervisor links and the guest unlinks, one queue for each of sixteen priorities. */
#pragma once

#include "pv-drivers/lib/abi.h"

#include <xen/event_channel.h>

struct pv_fifo {
    evtchn_fifo_control_block_t *control;
    event_word_t *words;
    uint32_t ports; /* words there are */
    uint32_t ready; /* queues not known to be empty */
    uint32_t head[EVTCHN_FIFO_MAX_QUEUES]; /* our own: 0 means that the control block has it */
};

/* Take the next pending port, of the most urgent queue, and clear it; 0 when there is none. */
uint32_t pv_fifo_next(struct pv_fifo *fifo);

/* Was @port pending? It is not afterwards; its word leaves the queue when its turn comes. */
bool pv_fifo_take(struct pv_fifo *fifo, uint32_t port);

/* Let @port become pending, but in no queue. */
void pv_fifo_mask(struct pv_fifo *fifo, uint32_t port);
