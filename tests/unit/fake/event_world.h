/* SPDX-License-Identifier: BSD-2-Clause */
/* The world around hypervisor/event/ for host tests: domains, guest memory, a scheduler that only
 * counts, and a guest that reads its events as an operating system does. */
#pragma once

#include <stdlib.h>
#include <string.h>

#include "abi/errno.h"
#include "console/log.h"
#include "cpu/percpu.h"
#include "domain/domain.h"
#include "event/event.h"
#include "event/fifo.h"
#include "event/fifo_word.h"
#include "event/port.h"
#include "hypercall/hypercall.h"
#include "hypercall/table.h"
#include "irq/irq.h"
#include "mm/hvmap.h"
#include "mm/page.h"
#include "mm/pool.h"
#include "p2m/copy.h"
#include "sched/sched.h"

#define FAKE_DOMAINS 3
#define FAKE_VCPUS   2
#define FAKE_FRAMES  96

extern struct domain fake_domains[FAKE_DOMAINS];
extern struct vcpu fake_vcpus[FAKE_DOMAINS][FAKE_VCPUS];
extern int fake_kicks[FAKE_DOMAINS][FAKE_VCPUS];
extern int fake_poll_wakes;
extern long fake_pool_blocks;     /* allocations outstanding */
extern long fake_pool_fail_after; /* allocations until one fails; -1: never */
extern uint64_t fake_args[6];     /* what hypercall_args() gives */
extern bool fake_preempt;         /* what hypercall_preempt() says */
extern int fake_frame_refs[FAKE_FRAMES]; /* writable uses */
extern void (*fake_on_put)(void); /* called before a page is given back */
extern int fake_irq_result;       /* what irq_bind_guest() answers */
extern uint32_t fake_irq_port[64], fake_irq_cpu[64];

/* Make all domains anew; domain 0 is the control domain. A third of the frames is each one's. */
void fake_world(uint32_t max_port);
/* Tear all down: false unless every page, block and reference has come back. */
bool fake_world_end(void);
/* Act as vCPU @vcpu of domain @domain. */
void fake_become(int domain, int vcpu);
/* Frame number of the @index'th frame of @domain. */
uint64_t fake_frame_of(int domain, int index);
/* hc_event_channel_op() of the current vCPU. */
long call(uint32_t op, void *arg);

/* The guest's side of FIFO: its own copy of each queue's head. */
struct fake_guest {
    uint32_t head[FAKE_VCPUS][EVTCHN_FIFO_MAX_QUEUES];
    uint32_t pages;
    bool fifo;
    uint64_t first_page; /* index of array page 0 among the domain's frames; the rest follow */
    void (*handle)(int domain, uint32_t port);
};
extern struct fake_guest fake_guests[FAKE_DOMAINS];

/* The event word of @port where the guest has it; NULL without a page. */
event_word_t *guest_word(int domain, uint32_t port);
/* Handle what the vCPU has been told of; true when there was a reason to look. */
bool guest_run(int domain, int vcpu);
/* Switch the current guest to FIFO: all vCPUs' control blocks (frame 0), then @pages array pages
 * (frame 2 and on). */
void guest_go_fifo(int domain, uint32_t pages);
