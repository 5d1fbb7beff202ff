/* SPDX-License-Identifier: BSD-2-Clause */
/* Machine checks: what the hardware reports about its own errors. SDM vol. 3, chapter 16. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* One bank's report. */
struct mc_record {
    uint32_t cpu;
    uint32_t apic_id;
    uint32_t bank;
    bool polled; /* found by looking, not by #MC */
    uint64_t mcg_status;
    uint64_t status, address, misc;
    uint64_t tsc;
};

/* Log and clear what the banks hold from before, then enable reporting on this CPU. */
void machine_check_cpu_init(void);
/* Look for corrected errors on all CPUs; true: there are new records. Interrupts on, no locks. */
bool machine_check_poll(void);
/* Is there anything to look at? */
bool machine_check_can_poll(void);

/* The oldest record nobody took yet, left in place; false: none. @id names it for the next call.
 * Any context but #MC. */
bool machine_check_peek(struct mc_record *out, uint64_t *id);
/* Take record @id away; false when it is not the oldest any more. */
bool machine_check_ack(uint64_t id);

/* Banks of this CPU model. */
unsigned int machine_check_banks(void);
