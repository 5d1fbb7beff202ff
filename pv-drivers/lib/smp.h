/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * More vCPUs than one, and upcalls. There is one rule: everything has one user at a time. A device,
 * the console, xenstore and what is built on it (opening and closing of devices, balloon.h,
 * control.h) belong to one vCPU, or to several that take turns (struct pv_lock), and never to
 * handlers that run in upcalls. What has no other state than the hypervisor's or is changed in
 * atomic steps may be called on every vCPU at any time, also by those handlers: hypercalls,
 * pages, grants, events (but waiting for them), the clock, and what is here (but pv_lock()).
 */
#pragma once

#include "pv-drivers/lib/abi.h"

#define PV_CPUS XEN_LEGACY_MAX_VCPUS /* as many as the shared info has room for */

/* The number of the vCPU that runs this, from 0. */
unsigned int pv_cpu(void);

/* How many the guest has, at most PV_CPUS. Only the first one runs when pv_main() is called. */
unsigned int pv_smp_count(void);

/*
 * Let vCPU @cpu call @run(@arg), on a stack of its own; it goes down when that returns, and can be
 * started again. Returns when it has begun. One caller at a time. -XEN_ENOENT: there is no such
 * vCPU; -XEN_EBUSY: it runs.
 */
int pv_smp_start(unsigned int cpu, void (*run)(void *arg), void *arg) PV_MUST_CHECK;

/* Has @cpu been started, and not returned yet? What it wrote before is seen by who asks. */
bool pv_smp_runs(unsigned int cpu);

/*
 * Upcalls on this vCPU. While they are on, handlers of ports that were bound on it (event.h) are
 * called as soon as there is an event, between any two instructions; what came before, at once.
 * They are off when a vCPU starts. Returns whether they were on.
 */
bool pv_upcalls(bool on);

/* A lock for kernels, served in turn. Who waits gives the processor to other vCPUs meanwhile. */
struct pv_lock {
    uint32_t next, now;
};
void pv_lock(struct pv_lock *lock);
void pv_unlock(struct pv_lock *lock);

/* ---- for start.S and the library ---- */

#define PV_CALLBACK_VECTOR 0xf3 /* of upcalls where they are interrupts */

#define PV_CPU_STACK  0 /* offsets in struct pv_cpu */
#define PV_CPU_MAIN   8
#define PV_CPU_NUMBER 16

struct pv_cpu {
    uint64_t stack;                       /* where it ends */
    void (*main)(void *info, bool is_pv); /* the first function */
    uint32_t number, state;
    void (*run)(void *arg);
    void *arg;
};
extern struct pv_cpu *pv_starting; /* who takes an entry of start.S next */

/* Make the vCPU that runs this known to pv_cpu(), with its traps in the library's hands. */
void pv_cpu_init(struct pv_cpu *cpu);
