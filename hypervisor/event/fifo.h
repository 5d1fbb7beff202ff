/* SPDX-License-Identifier: BSD-2-Clause */
/* Private to event/: the FIFO event ABI. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "event/port.h"

#define FIFO_WORDS_PER_PAGE 1024
#define FIFO_MAX_PAGES      (EVTCHN_FIFO_NR_CHANNELS / FIFO_WORDS_PER_PAGE)

/* The event array: pages of guest memory, each referenced writable while it is in here. */
struct event_fifo {
    uint32_t pages;                      /* (r) [event lock] how many are registered */
    event_word_t *words[FIFO_MAX_PAGES]; /* (a) NULL beyond `pages` */
    struct page *page[FIFO_MAX_PAGES];   /* (r) [event lock] */
};

/* As port_raise() and so on, for domains in FIFO mode. */
void fifo_raise(struct domain *d, struct port *p);
void fifo_unmask(struct domain *d, struct port *p);
void fifo_clear_pending(struct domain *d, struct port *p);
bool fifo_is_pending(struct domain *d, struct port *p);
bool fifo_is_masked(struct domain *d, struct port *p);

/*
 * Take @d back to the 2-level ABI: it has no open port and the event lock is held exclusive. The
 * pages are then released without locks by fifo_release() (its argument may be NULL) and
 * fifo_release_vcpu() of each vCPU, which takes the lock; until that a vCPU which had a control
 * block cannot register another.
 */
struct event_fifo *fifo_detach(struct domain *d);
void fifo_release(struct event_fifo *fifo);
void fifo_release_vcpu(struct vcpu *v);
