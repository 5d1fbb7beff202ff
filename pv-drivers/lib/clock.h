/* SPDX-License-Identifier: BSD-2-Clause */
/* Time, from the hypervisor's page and the time-stamp counter. */
#pragma once

#include "pv-drivers/lib/abi.h"

#define PV_SECOND_NS 1000000000ul

/* System time: nanoseconds since the host started, which deadlines are measured in. */
uint64_t pv_clock_ns(void);

/* Nanoseconds since 1970-01-01 00:00 UTC. */
uint64_t pv_clock_wall_ns(void);

/* Sleep; events wait meanwhile. */
void pv_clock_sleep(uint64_t ns);

/* This vCPU's VIRQ_TIMER (pv_event_virq()) at @deadline, which replaces the one before. */
int pv_clock_alarm(uint64_t deadline) PV_MUST_CHECK;

/* What pv_clock_ns() computes: system time at counter value @tsc. */
uint64_t pv_clock_at(const struct vcpu_time_info *time, uint64_t tsc);
