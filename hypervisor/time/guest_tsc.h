/* SPDX-License-Identifier: BSD-2-Clause */
/* The TSC a domain reads: the machine's, the machine's scaled by the processor, or emulated. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "abi/xen.h"
#include "lib/types.h"
#include "time/scale.h"

#include <xen/domctl.h>

struct domain;
struct vcpu;

/* xen-tscmode(7) */
enum guest_tsc_mode { GUEST_TSC_DEFAULT, GUEST_TSC_ALWAYS_EMULATE, GUEST_TSC_NEVER_EMULATE };

/*
 * What is common to a domain's vCPUs; each may read more by its vcpu.tsc_offset. The rate's mul and
 * shift are what the guest computes time with, so an emulated TSC is the inverse of that and
 * the ratio of a scaled one is that of two rates: no reading drifts from system time.
 */
struct guest_tsc {
    uint32_t mode;        /* (r) enum guest_tsc_mode */
    uint32_t khz;         /* (r) the rate it was started with */
    uint32_t incarnation; /* (r) how often it was moved to another machine */
    bool emulated;        /* (r) RDTSC is ours to carry out */
    uint64_t ratio;       /* (r) of the processor's scaling, guest_tsc_scaling says how; 0: none */
    uint64_t start_ns;    /* (r) system time at which an emulated one is 0; wraps */
    struct time_scale rate; /* (r) mul and shift of an emulated or scaled one */
};

/* Bits of a scaling ratio for hardware-assisted guests: below and above the point; 0: there is no
 * scaling. Boot. */
struct guest_tsc_scaling {
    uint8_t fraction, whole;
};
extern struct guest_tsc_scaling guest_tsc_scaling;

/* A new domain's: the default mode. */
void guest_tsc_init(struct domain *d);
/* XEN_DOMCTL_settscinfo for a paused domain: -EINVAL: no such mode. The control domain always reads
 * the machine's. */
int must_check guest_tsc_set(struct domain *d, const struct xen_domctl_tsc_info *info);
void guest_tsc_get(const struct domain *d, struct xen_domctl_tsc_info *info);

/* What a vCPU of @d without offset reads now, at least if it is on this CPU. */
uint64_t guest_tsc_now(const struct domain *d);
/* System time when the TSC of @v, which is on this CPU, shows @tsc; any past time for the past. */
uint64_t guest_tsc_ns(const struct vcpu *v, uint64_t tsc);
/* From such readings to system time on this CPU. The vCPU's offset belongs to tsc_base. */
void guest_tsc_scale(const struct domain *d, struct time_scale *s);
